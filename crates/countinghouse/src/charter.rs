//! The charter of an institution: written into its data folder when it is founded, read whenever
//! it is opened, never edited.

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use types::BusinessDate;

const FILE: &str = "institution.toml";

/// What was decided at the founding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// The first accounting date of its book.
    pub first_date: BusinessDate,
    /// A simulated institution: its channels and verifiers are simulators and its clock runs in
    /// the simulated calendar.
    pub simulated: Option<Simulated>,
}

/// What a simulated institution's outside world follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulated {
    /// The seed of every fault and every made-up thing.
    pub seed: u64,
}

/// The places inside a data folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The journal of the book.
    pub fn book(&self) -> PathBuf {
        self.0.join("book")
    }

    /// The URL of the records that are configured so.
    pub fn records_url(&self, configured: &records::Address) -> String {
        configured.within(&self.0)
    }

    /// The keys.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// Our side of reconciliation.
    pub fn day_books(&self) -> PathBuf {
        self.0.join("daybooks")
    }

    /// The statements as the channels delivered them.
    pub fn statements(&self) -> PathBuf {
        self.0.join("statements")
    }

    /// The memory of a simulator.
    pub fn simulator(&self, code: &str) -> PathBuf {
        self.0.join("simulators").join(code)
    }

    /// Founds an institution here.
    ///
    /// # Errors
    /// If the folder holds one already, or anything else.
    pub fn found(&self, charter: &Charter) -> Result<()> {
        let shown = self.0.display();
        std::fs::create_dir_all(&self.0).with_context(|| format!("{shown} cannot be made"))?;
        if std::fs::read_dir(&self.0)?.next().is_some() {
            bail!("{shown} is not empty: open it with 'countinghouse serve --data-dir {shown}'");
        }
        let path = self.0.join(FILE);
        let mut file = std::fs::File::create(&path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        file.write_all(toml::to_string(charter)?.as_bytes())?;
        file.sync_all()?;
        Ok(())
    }

    /// The charter of the institution that is here; `None` if none was founded.
    ///
    /// # Errors
    /// If the charter cannot be read.
    pub fn charter(&self) -> Result<Option<Charter>> {
        let path = self.0.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text)
                .map(Some)
                .with_context(|| format!("{} is damaged", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_institution_is_founded_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(&dir.path().join("new"));
        assert_eq!(folder.charter().expect("readable"), None);
        let charter = Charter {
            first_date: "2026-10-12".parse().expect("valid"),
            simulated: Some(Simulated { seed: 7 }),
        };
        folder.found(&charter).expect("founded");
        assert_eq!(folder.charter().expect("readable"), Some(charter.clone()));
        let error = folder.found(&charter).expect_err("refused").to_string();
        assert!(error.contains("is not empty"), "{error}");
    }
}
