//! The configuration: one TOML file, every key with one default, checked strictly.
//!
//! Order of precedence: command line, environment (`COUNTINGHOUSE_*`), file, default.

use anyhow::{Context as _, Result};
use journal_postgres::PostgresHome;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything an installation decides. What an institution decides is in `books/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the API and the console listen. Default: 127.0.0.1:8787.
    pub listen: SocketAddr,
    /// The folder of `books/`. Default: what is built into the binary.
    pub books: Option<PathBuf>,
    /// Where people and intentions are kept.
    pub records: RecordsConfig,
    /// How much one client may ask of the API, and how often it may try to sign in.
    pub limits: server::Limits,
    /// About the book of account.
    pub book: Book,
    /// About orders.
    pub payments: payments::Config,
    /// Where results of orders may be told.
    pub webhooks: payments::webhooks::Config,
    /// About customers, users and their credentials.
    pub members: members::MembersConfig,
    /// About signing in: the issuer, how long tokens live, outside identity providers.
    pub sso: sso::Config,
    /// About the end of a day: when its steps are taken.
    pub day_end: dayend::Config,
    /// Real channels and verifiers. A simulated institution has simulators instead.
    pub channel: Vec<Outside>,
    /// Real verification providers.
    pub verifier: Vec<Outside>,
    /// The message channel that carries one-time codes (docs/reference/message-contract.md).
    /// Default: none, and no code is sent.
    pub messages: Option<Messages>,
}

/// How the book of account is kept (docs/operating/journal.md).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Book {
    /// Where its journal is: `files` of the institution's folder, or
    /// `postgres://USER@HOST/DATABASE`. Default: `files`.
    pub journal: JournalAddress,
    /// After how many new transactions they are moved from memory to the index on disk, with a
    /// checkpoint where it is worth one; 16 to 4,194,304. Fewer take less memory and more writing.
    /// Default: 524,288.
    pub transactions_in_memory: InMemory,
}

/// The variable of the environment that says where the journal is.
pub const JOURNAL: &str = "COUNTINGHOUSE_JOURNAL";

/// Where a journal is, checked when it is read. It may carry a password, so it is never shown whole.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum JournalAddress {
    /// In the book's folder.
    #[default]
    Files,
    /// In the database of this URL.
    Postgres(String),
}

impl JournalAddress {
    /// As it is configured, password and all.
    pub fn place(&self) -> &str {
        match self {
            Self::Files => "files",
            Self::Postgres(url) => url,
        }
    }
}

impl TryFrom<String> for JournalAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "files" {
            return Ok(Self::Files);
        }
        journal_postgres::check(&text)
            .map(|()| Self::Postgres(text))
            .map_err(|error| format!("the journal's place is 'files' or a URL; {error}"))
    }
}

impl std::fmt::Debug for JournalAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Files => f.write_str("Files"),
            Self::Postgres(url) => write!(f, "Postgres({})", records::without_password(url)),
        }
    }
}

/// A number of transactions within the bounds of [`Book::transactions_in_memory`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct InMemory(u32);

impl TryFrom<u32> for InMemory {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if (16..=1 << 22).contains(&number) {
            return Ok(Self(number));
        }
        Err(format!("transactions_in_memory is from 16 to {}, not {number}", 1 << 22))
    }
}

impl Default for Book {
    fn default() -> Self {
        Self { journal: JournalAddress::Files, transactions_in_memory: InMemory(1 << 19) }
    }
}

impl Book {
    /// What the bookkeeper is opened on. Connects to nothing yet.
    ///
    /// # Errors
    /// If what a connection needs cannot be had of the system.
    pub fn storage(&self) -> Result<bookkeeper::Storage> {
        let mut storage = bookkeeper::Storage::default();
        if let JournalAddress::Postgres(url) = &self.journal {
            storage.journal = Some(Arc::new(PostgresHome::new(url, bookkeeper::JOURNAL_KIND)?));
        }
        let InMemory(entries) = self.transactions_in_memory;
        storage.index.fresh_entries = usize::try_from(entries).unwrap_or(usize::MAX);
        Ok(storage)
    }
}

/// Where people and intentions are kept (docs/operating/records.md).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordsConfig {
    /// `sqlite:FILE`, a relative one in the institution's folder, or
    /// `postgres://USER@HOST/DATABASE`. Default: `sqlite:records.db`.
    pub url: records::Address,
}

/// The address and key of the message channel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// Its base URL.
    pub url: String,
    /// The file that holds the key we share, 64 hexadecimal digits.
    pub key_file: PathBuf,
}

/// The address and key of an outside party whose terms are in `books/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// Its code in `books/`.
    pub code: String,
    /// Its base URL.
    pub url: String,
    /// The file that holds the key we share, 64 hexadecimal digits.
    pub key_file: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8787)),
            books: None,
            records: RecordsConfig::default(),
            limits: server::Limits::default(),
            book: Book::default(),
            payments: payments::Config::default(),
            webhooks: payments::webhooks::Config::default(),
            members: members::MembersConfig::default(),
            sso: sso::Config::default(),
            day_end: dayend::Config::default(),
            channel: Vec::new(),
            verifier: Vec::new(),
            messages: None,
        }
    }
}

impl Config {
    /// Reads a file, the defaults if none is named; then what was said outside it.
    ///
    /// # Errors
    /// The line and key at fault.
    pub fn load(
        file: Option<&Path>,
        records_url: Option<String>,
        journal: Option<String>,
    ) -> Result<Self> {
        let mut config = file.map_or_else(|| Ok(Self::default()), Self::read)?;
        if let Some(url) = records_url {
            config.records.url = url.try_into()?;
        }
        if let Some(place) = journal {
            config.book.journal = place.try_into().map_err(anyhow::Error::msg)?;
        }
        Ok(config)
    }

    fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        toml::from_str(&text)
            .map_err(|error| shown(&error))
            .with_context(|| file.display().to_string())
    }
}

/// The error as it may be shown: it quotes the line at fault, which may hold a password.
fn shown(error: &toml::de::Error) -> anyhow::Error {
    let text = error.to_string();
    let lines: Vec<String> = text.lines().map(records::without_password).collect();
    anyhow::Error::msg(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_faulty_url_shows_no_password() {
        let text = "[records]\nurl = \"postgres://house:secret@host/\"";
        let error = toml::from_str::<Config>(text).expect_err("no database");
        let said = shown(&error).to_string();
        assert!(said.contains("names no database") && said.contains("***@host"), "{said}");
        assert!(!said.contains("secret"), "{said}");
        let said = Config::load(None, Some("postgres://house:secret@host/".into()), None);
        let said = format!("{:#}", said.expect_err("no database"));
        assert!(said.contains("names no database") && !said.contains("secret"), "{said}");
        let said = Config::load(None, None, Some("postgres://house:secret@host/".into()));
        let said = format!("{:#}", said.expect_err("no database"));
        assert!(said.contains("names no database") && !said.contains("secret"), "{said}");
        let text = "[records]\nurl = \"postgres://house:secret@host/house\"\n\
            [book]\njournal = \"postgres://house:secret@host/house\"";
        let config: Config = toml::from_str(text).expect("valid");
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn an_empty_file_is_the_default_and_unknown_keys_are_refused() {
        assert_eq!(toml::from_str::<Config>("").expect("valid"), Config::default());
        assert!(!Config::default().webhooks.internal_targets);
        let default = Book::default().storage().expect("files").index;
        assert_eq!(default, bookkeeper::Storage::default().index, "one default");
        for (text, named) in [
            ("listn = \"127.0.0.1:1\"", "listn"),
            ("listen = \"nowhere\"", "socket address"),
            ("[payments]\nmax = 3", "max"),
            ("[webhooks]\ninternal = true", "internal"),
            ("[records]\nurl = \"mysql://h/d\"", "neither sqlite"),
            ("[records]\nurl = \"postgres://h/d?sslmod=disable\"", "parameter"),
            ("[records]\nfile = \"r.db\"", "file"),
            ("[limits]\napi = { per_minute = 0, burst = 1 }", "nonzero"),
            ("[limits]\nsign_in = { per_minute = 1 }", "burst"),
            ("[sso]\nissuers = \"x\"", "issuers"),
            ("[day_end]\ncut = \"24:00\"", "24:00"),
            ("[book]\njournal = \"records.db\"", "'files' or a URL"),
            ("[book]\ntransactions_in_memory = 15", "16 to 4194304, not 15"),
            ("[book]\ntransactions_in_memory = 4194305", "not 4194305"),
        ] {
            let error = toml::from_str::<Config>(text).expect_err(text).to_string();
            assert!(error.contains(named), "{error} does not name {named}");
        }
    }
}
