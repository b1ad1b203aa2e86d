//! The two files of books/risk: read strictly, refused with file, item and reason.

mod features;
mod rules;
mod template;

pub(crate) use features::{Declarations, Feature, Measure};
pub(crate) use rules::{Action, HIGHEST_SCORE, Rule, RuleBook};
pub(crate) use template::Template;

use crate::FileError;

/// Longest file, bytes.
const LONGEST: usize = 256 * 1024;
/// Longest name.
const LONGEST_NAME: usize = 48;

/// One file as text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name, for errors.
    pub file: &'a str,
    /// Its content.
    pub text: &'a str,
}

/// The two files of books/risk.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// features.toml: event kinds, elements, features, limits, deadline and fallbacks.
    pub features: Source<'a>,
    /// rules.toml.
    pub rules: Source<'a>,
}

impl Files<'_> {
    /// Reads both.
    pub(crate) fn compile(&self) -> Result<RuleBook, FileError> {
        let declarations = Declarations::parse(self.features)?;
        RuleBook::parse(declarations, self.rules, self.version())
    }

    /// What identifies the two texts: 32 hexadecimal digits of a digest over both.
    pub(crate) fn version(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for text in [self.features.text, self.rules.text] {
            hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.finalize().to_hex().chars().take(32).collect()
    }
}

impl Source<'_> {
    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, FileError> {
        if self.text.len() > LONGEST {
            return Err(self.refuse("the file", format!("is longer than {LONGEST} bytes")));
        }
        toml::from_str(self.text).map_err(|e| {
            let line = e.span().map_or(1, |span| self.line(span.start));
            self.refuse(format!("line {line}"), e.message().to_owned())
        })
    }

    fn line(&self, offset: usize) -> usize {
        self.text.get(..offset).unwrap_or_default().split('\n').count()
    }

    /// An item of the file as messages name it.
    fn item(&self, what: &str, name: &toml::Spanned<String>) -> String {
        format!("{what} '{}' (line {})", name.get_ref(), self.line(name.span().start))
    }

    fn refuse(&self, item: impl Into<String>, reason: impl Into<String>) -> FileError {
        FileError { file: self.file.to_owned(), item: item.into(), reason: reason.into() }
    }
}

/// Refuses what is no name of the form `large_amount_24h`.
fn check_name(name: &str) -> Result<(), String> {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let holds = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if starts && holds && name.len() <= LONGEST_NAME {
        return Ok(());
    }
    Err(format!("a name is 1 to {LONGEST_NAME} characters of a-z 0-9 _ and starts with a letter"))
}

/// The kinds named, as bits; all of them if none is named.
fn kind_bits(named: Option<&[String]>, kinds: &[String]) -> Result<u64, String> {
    let Some(named) = named else { return Ok(u64::MAX) };
    if named.is_empty() {
        return Err("it names no event kind, so it would never apply".to_owned());
    }
    named.iter().try_fold(0u64, |bits, name| {
        let place = kinds.iter().position(|k| k == name);
        let place = place.ok_or_else(|| format!("'{name}' is no declared event kind"))?;
        Ok(bits | 1u64.checked_shl(u32::try_from(place).unwrap_or(u32::MAX)).unwrap_or(0))
    })
}
