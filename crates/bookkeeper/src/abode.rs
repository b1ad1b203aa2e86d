//! Where a book's journal is said to be, and where it is: a book opened with the wrong configuration
//! would begin anew beside its own past.

use crate::{Error, Storage};
use std::io;
use std::path::Path;

/// Says in a book's directory that its journal is not in files of it.
const ELSEWHERE: &str = "journal-elsewhere";
/// The first file of a journal in the directory.
const FIRST: &str = "0000000001.log";

/// Refuses a book whose journal is elsewhere than `storage` says, and notes where it is.
///
/// # Errors
/// [`Error::JournalElsewhere`]; [`Error::Journal`] if the directory cannot be read or written.
pub(crate) fn settle(storage: &Storage, dir: &Path) -> Result<(), Error> {
    let files = &*storage.files;
    let names = files.list(dir).map_err(|error| failed("list", dir, error))?;
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let dir_shown = || dir.display().to_string();
    match &storage.journal {
        Some(_) if has(FIRST) => {
            Err(Error::JournalElsewhere { dir: dir_shown(), found: "in its files" })
        }
        None if has(ELSEWHERE) => {
            Err(Error::JournalElsewhere { dir: dir_shown(), found: "not in its files" })
        }
        Some(_) if !has(ELSEWHERE) => {
            let path = dir.join(ELSEWHERE);
            let made = files.create(&path).and_then(|file| file.sync());
            made.and_then(|()| files.sync_dir(dir)).map_err(|error| failed("make", &path, error))
        }
        _ => Ok(()),
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> Error {
    journal::Error::Io { action, path: path.to_owned(), source }.into()
}
