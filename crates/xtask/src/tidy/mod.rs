//! The rules of the house that a program can check.
//!
//! | module | rules |
//! |---|---|
//! | [`manifests`] | who may know whom; where heavy parts are named; where versions stand |
//! | [`sources`] | what a file must and must not contain |
//! | [`codes`] | every stable error code is explained in docs/reference/errors.md, and no other |

mod codes;
mod files;
mod lexer;
mod manifests;
mod sources;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// The file, from the root of the workspace.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong, and what to do.
    pub(crate) what: String,
}

impl Fault {
    fn new(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Every broken rule of the workspace at `root`, by file and line.
pub(crate) fn check(root: &Path) -> Result<Vec<Fault>> {
    let files = files::read(root)?;
    let mut faults = manifests::check(&files)?;
    faults.extend(sources::check(&files));
    faults.extend(codes::check(&files));
    faults.sort();
    faults.dedup();
    Ok(faults)
}

/// Every stable error code of the workspace at `root`, with the first place it is made.
pub(crate) fn codes(root: &Path) -> Result<BTreeMap<String, String>> {
    let codes = codes::all(&files::read(root)?);
    Ok(codes
        .into_iter()
        .map(|code| (code.text, format!("{}:{}", code.file, code.line)))
        .rev()
        .collect())
}
