//! The institution's data (`books/`): built into the binary, or read from a folder the institution
//! edits. Everything is checked before anything else starts.

use anyhow::{Context as _, Result};
use channels::ChannelTerms;
use clearing::model::{calendar::Calendar, fees::FeeSchedule};
use include_dir::{Dir, include_dir};
use ledger::{Assets, Chart, Templates};
use members::verification::Verifiers;
use members::{Issuers, Regulation};
use recon::Formats;
use std::path::Path;
use std::sync::Arc;

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../books");

/// Every file of `books/`, read and checked.
pub struct Books {
    /// What is counted.
    pub assets: Arc<Assets>,
    /// Chart of accounts.
    pub chart: Arc<Chart>,
    /// Posting templates.
    pub templates: Arc<Templates>,
    /// The regulators' figures.
    pub regulation: Regulation,
    /// Card issuers.
    pub issuers: Issuers,
    /// Verification providers.
    pub verifiers: Verifiers,
    /// Channels.
    pub channels: Vec<ChannelTerms>,
    /// Fee schedule.
    pub fees: FeeSchedule,
    /// Working calendar.
    pub calendar: Calendar,
    /// Statement formats.
    pub formats: Formats,
    /// Risk features, as file name and text: the room keeps every version it judged by.
    pub risk_features: (String, String),
    /// Risk rules, likewise.
    pub risk_rules: (String, String),
}

/// The files of one folder.
enum Source<'a> {
    Shipped,
    Folder(&'a Path),
}

impl Source<'_> {
    fn read(&self, name: &str) -> Result<String> {
        match self {
            Self::Shipped => SHIPPED
                .get_file(name)
                .and_then(|file| file.contents_utf8())
                .map(str::to_owned)
                .with_context(|| format!("{name} is not built in")),
            Self::Folder(folder) => std::fs::read_to_string(folder.join(name))
                .with_context(|| format!("{} cannot be read", folder.join(name).display())),
        }
    }

    fn names(&self, folder: &str, ending: &str) -> Result<Vec<String>> {
        let mut names: Vec<String> = match self {
            Self::Shipped => {
                let files = SHIPPED.get_dir(folder).into_iter().flat_map(Dir::files);
                files.map(|file| file.path().display().to_string()).collect()
            }
            Self::Folder(root) => std::fs::read_dir(root.join(folder))
                .with_context(|| format!("{} cannot be read", root.join(folder).display()))?
                .map(|entry| Ok(format!("{folder}/{}", entry?.file_name().display())))
                .collect::<Result<_>>()?,
        };
        names.retain(|name| name.ends_with(ending));
        names.sort_unstable();
        Ok(names)
    }
}

impl Books {
    /// Reads the folder, or what is built in.
    ///
    /// # Errors
    /// The first file at fault, with its line and reason.
    pub fn load(folder: Option<&Path>) -> Result<Self> {
        let source = folder.map_or(Source::Shipped, Source::Folder);
        let name = |file: &str| format!("books/{file}");
        let read = |file: &str| source.read(file).map(|text| (text, name(file)));
        let (text, file) = read("assets.toml")?;
        let assets = Arc::new(Assets::parse(&text, &file)?);
        let (text, file) = read("chart.toml")?;
        let chart = Arc::new(Chart::parse(&text, &file)?);
        let (text, file) = read("templates.toml")?;
        let templates = Arc::new(Templates::parse(&text, &file, &chart, &assets)?);
        let (text, file) = read("regulation.toml")?;
        let regulation = Regulation::parse(&text, &file)?;
        let (text, file) = read("bins.toml")?;
        let issuers = Issuers::parse(&text, &file)?;
        let (text, file) = read("verifiers.toml")?;
        let verifiers = Verifiers::parse(&text, &file)?;
        let (text, file) = read("channels.toml")?;
        let channels = channels::parse(&text, &file)?;
        let (text, file) = read("fees.toml")?;
        let fees = FeeSchedule::parse(&text, &file)?;
        let (text, file) = read("calendar.toml")?;
        let calendar = Calendar::parse(&text, &file)?;
        let texts = source
            .names("formats", ".toml")?
            .into_iter()
            .map(|file| Ok((name(&file), source.read(&file)?)))
            .collect::<Result<Vec<_>>>()?;
        let formats =
            Formats::parse(texts.iter().map(|(file, text)| (file.as_str(), text.as_str())))?;
        Ok(Self {
            assets,
            chart,
            templates,
            regulation,
            issuers,
            verifiers,
            channels,
            fees,
            calendar,
            formats,
            risk_features: (name("risk/features.toml"), source.read("risk/features.toml")?),
            risk_rules: (name("risk/rules.toml"), source.read("risk/rules.toml")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_sound() {
        let books = Books::load(None).expect("the shipped books are sound");
        assert!(books.chart.nodes().count() >= 40);
        assert_eq!(books.channels.len(), 2);
    }

    #[test]
    fn a_folder_at_fault_is_refused_with_file_and_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        SHIPPED.extract(folder.path()).expect("written");
        Books::load(Some(folder.path())).expect("a copy of the shipped books is sound");
        let chart = folder.path().join("chart.toml");
        std::fs::write(&chart, "node = 3").expect("written");
        let error = Books::load(Some(folder.path())).err().expect("refused").to_string();
        assert!(error.contains("books/chart.toml"), "{error}");
    }
}
