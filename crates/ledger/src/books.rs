//! What is wrong with a file of `books/`.

use types::{Problem, ProblemKind, Text};

/// One fault of a file of `books/`: where, and what, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BooksError {
    /// The file as the caller named it.
    pub file: String,
    /// The line, from 1, where the fault has a place.
    pub line: Option<usize>,
    /// The stable code of the fault.
    pub code: &'static str,
    /// The fault.
    pub reason: Text,
}

impl std::fmt::Display for BooksError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.place())?;
        write!(f, ": {}", self.reason.en)
    }
}

impl std::error::Error for BooksError {}

impl BooksError {
    /// `file:line`, or the file alone.
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}

impl From<BooksError> for Problem {
    fn from(error: BooksError) -> Self {
        let place = error.place();
        Self {
            kind: ProblemKind::Invalid,
            code: error.code,
            field: Some(place),
            reason: error.reason,
        }
    }
}

/// A file being read: turns a place in the text into a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The name for messages.
    pub file: &'a str,
    /// The whole text.
    pub text: &'a str,
}

impl Source<'_> {
    /// A fault at a byte of the text.
    pub(crate) fn fault(
        &self,
        at: Option<usize>,
        code: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> BooksError {
        let line = at.map(|byte| {
            let head = self.text.as_bytes().get(..byte).unwrap_or(self.text.as_bytes());
            head.split(|b| *b == b'\n').count()
        });
        BooksError { file: self.file.to_owned(), line, code, reason: Text::new(en, zh) }
    }

    /// Reads the text as TOML of the wanted shape.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, BooksError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map(|span| span.start);
            let message = error.message();
            self.fault(at, "books_malformed", message, format!("格式有误：{message}"))
        })
    }
}
