//! Statement formats: declared in `books/formats/*.toml`, compiled and validated at load.
//!
//! A format says how to come from a channel's file to canonical rows: container and encoding,
//! what stands before and after the rows, which column is which field, how a refund shows, and
//! which counts and sums the file gives of itself. docs/reference/statement-formats.md explains
//! every key.

mod compile;
mod layout;
mod spec;
mod template;

use types::Text;

pub(crate) use layout::TimeLayout;
pub(crate) use template::Template;

use crate::{Flow, Status};

/// Why a format file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}", line = line.map_or_else(|| "?".to_owned(), |l| l.to_string()))]
pub struct FormatError {
    /// The file.
    pub file: String,
    /// The line, from 1, where one is to blame.
    pub line: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// A statement format, ready to read files.
#[derive(Debug, Clone)]
pub struct Format {
    /// Its id, by which channels name it.
    pub id: String,
    /// Its name.
    pub name: Text,
    pub(crate) file: FileRules,
    pub(crate) cells: CellRules,
    pub(crate) scale: u8,
    pub(crate) time: TimeLayout,
    pub(crate) preamble: Vec<Template>,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<RowRule>,
    pub(crate) trailer: Vec<TrailerLine>,
    pub(crate) checks: Vec<TrailerCheck>,
}

/// The characters a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8, with or without a byte-order mark.
    Utf8,
    /// GB18030, of which GBK and GB2312 are parts.
    Gb18030,
}

/// What a file comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Plain,
    Zip,
    Gzip,
}

/// How to come from the delivered bytes to text.
#[derive(Debug, Clone)]
pub(crate) struct FileRules {
    pub charset: Charset,
    pub containers: Vec<Container>,
    /// The zip entry to read.
    pub entry: Template,
    /// Entries that may stand beside it.
    pub beside: Vec<Template>,
}

/// How to come from a line to cells.
#[derive(Debug, Clone)]
pub(crate) struct CellRules {
    pub delimiter: char,
    pub quote: Option<char>,
    /// Stripped once from the front of a cell, where present.
    pub lead: Option<char>,
    /// Stripped once from the end of a cell, where present.
    pub trail: Option<char>,
    /// Texts that stand for "none" in a number column (`0`).
    pub none: Vec<String>,
}

/// How a money column is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MoneyColumn {
    pub column: usize,
    /// Whether the file's sign is the opposite of the canonical one.
    pub negated: bool,
}

/// Where a row's status comes from.
#[derive(Debug, Clone)]
pub(crate) enum StatusRule {
    Always(Status),
    Words { column: usize, words: Vec<(String, Status)> },
}

/// How one kind of row is read.
#[derive(Debug, Clone)]
pub(crate) struct RowRule {
    pub name: String,
    pub flow: Flow,
    /// The column and the words that tell this kind.
    pub when: (usize, Vec<String>),
    pub our_no: Option<usize>,
    pub channel_no: Option<usize>,
    pub refund_of: Option<usize>,
    pub amount: MoneyColumn,
    pub fee: Option<MoneyColumn>,
    pub time: usize,
    pub status: StatusRule,
    /// Money columns that must say zero in such a row.
    pub zero: Vec<usize>,
}

/// One line after the rows.
#[derive(Debug, Clone)]
pub(crate) enum TrailerLine {
    /// A text with named holes.
    Text(Template),
    /// Cells, each with a name (or none).
    Cells(Vec<Option<String>>),
}

/// What a named value of the trailer must equal.
#[derive(Debug, Clone)]
pub(crate) struct TrailerCheck {
    pub value: String,
    /// The column that is summed; `None` counts rows.
    pub sum: Option<usize>,
    /// Which row rules take part, by place; empty means all.
    pub rows: Vec<usize>,
}

/// The formats of an institution.
#[derive(Debug, Clone, Default)]
pub struct Formats(Vec<Format>);

impl Formats {
    /// Parses every (file name, text) and refuses two with one id.
    pub fn parse<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FormatError> {
        let mut formats: Vec<Format> = Vec::new();
        for (file, text) in files {
            let format = Format::parse(text, file)?;
            if formats.iter().any(|f| f.id == format.id) {
                return Err(FormatError {
                    file: file.to_owned(),
                    line: None,
                    reason: format!("another file has the id '{}' too", format.id),
                });
            }
            formats.push(format);
        }
        formats.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self(formats))
    }

    /// The format of this id.
    pub fn get(&self, id: &str) -> Option<&Format> {
        self.0.iter().find(|f| f.id == id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Format> {
        self.0.iter()
    }
}

impl Format {
    /// Parses and validates one file of `books/formats`.
    ///
    /// # Errors
    /// [`FormatError`] with file, line and reason: no TOML, an unknown key, a column that the
    /// header does not have, a check that no trailer line feeds, and so on.
    pub fn parse(text: &str, file: &str) -> Result<Self, FormatError> {
        compile::compile(text, file)
    }
}
