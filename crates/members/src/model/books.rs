//! Reading the files of `books/` that this room owns: each fault with its line.

pub use ledger::BooksError;
use types::Text;

/// A file being read.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Its text.
    pub(crate) text: &'a str,
    /// Its name for messages.
    pub(crate) file: &'a str,
}

impl Source<'_> {
    /// Reads the text as TOML of the wanted shape.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, BooksError> {
        toml::from_str(self.text).map_err(|error| {
            let message = error.message();
            let reason = Text::new(message, format!("格式有误：{message}"));
            let line = error.span().map(|span| self.line(span.start));
            BooksError { file: self.file.to_owned(), line, code: "books_malformed", reason }
        })
    }

    /// A fault of the entry at a byte of the text, or of the whole file.
    pub(crate) fn fault(
        &self,
        at: Option<usize>,
        code: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> BooksError {
        BooksError {
            file: self.file.to_owned(),
            line: at.map(|byte| self.line(byte)),
            code,
            reason: Text::new(en, zh),
        }
    }

    /// The line, from 1, in which a byte stands.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.text.bytes().take(byte).filter(|b| *b == b'\n').count().saturating_add(1)
    }
}
