//! Where records are kept: the URL that chooses the engine.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Error, sqlite};
use pg::without_password;

/// The URL of an institution's records, checked when it is read. It may carry a password, so it is
/// never shown whole.
///
/// - `sqlite:path/to/records.db`: a file. A relative path lies in the institution's folder.
/// - `postgres://user@host/database`: a database of PostgreSQL 14 or newer.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Address(String);

/// The engine that a URL names.
pub(crate) enum Engine {
    Sqlite(PathBuf),
    Postgres(Box<sqlx::postgres::PgConnectOptions>),
}

impl Address {
    /// The URL for [`crate::Records::open`], relative paths taken from `folder`.
    pub fn within(&self, folder: &Path) -> String {
        match sqlite::file_of(&self.0) {
            Ok(file) => format!("sqlite://{}", folder.join(file).display()),
            Err(_) => self.0.clone(),
        }
    }
}

impl Default for Address {
    /// A SQLite file `records.db` in the institution's folder.
    fn default() -> Self {
        Self("sqlite:records.db".to_owned())
    }
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(url: String) -> Result<Self, Error> {
        engine(&url).map(|_| Self(url))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", without_password(&self.0))
    }
}

/// # Errors
/// [`Error::Url`] for what neither engine takes.
pub(crate) fn engine(url: &str) -> Result<Engine, Error> {
    if pg::is_postgres(url) {
        return Ok(Engine::Postgres(Box::new(pg::parse(url)?)));
    }
    sqlite::file_of(url).map(Engine::Sqlite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_file_lies_in_the_folder_and_all_else_where_it_says() {
        let folder = Path::new("/srv/house");
        let within = |url: &str| Address::try_from(url.to_owned()).map(|a| a.within(folder));
        for (url, place) in [
            ("sqlite:records.db", "sqlite:///srv/house/records.db"),
            ("sqlite://sub/r.db", "sqlite:///srv/house/sub/r.db"),
            ("sqlite:///var/r.db", "sqlite:///var/r.db"),
            ("postgres://u:p@h/d", "postgres://u:p@h/d"),
            ("postgresql://u@h/d?sslmode=disable", "postgresql://u@h/d?sslmode=disable"),
        ] {
            assert_eq!(within(url).expect(url), place);
        }
        assert_eq!(Address::default().within(folder), "sqlite:///srv/house/records.db");
        for url in ["mysql://h/d", "", "records.db", "sqlite::memory:", "postgres://h"] {
            within(url).expect_err(url);
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let address = Address::try_from("postgres://u:secret@host/db".to_owned()).expect("valid");
        assert_eq!(format!("{address:?}"), "Address(postgres://***@host/db)");
        let error = engine("postgres://u:secret@host/").err().expect("refused").to_string();
        assert!(error.contains("postgres://***@host/") && !error.contains("secret"), "{error}");
    }
}
