//! Where a book's journal is said to be, and where it is: a book opened with the wrong configuration
//! would begin anew beside its own past, or go on with another's.

use crate::{Error, Storage};
use std::io;
use std::path::Path;

/// Says in a book's directory that its journal is not in files of it, and which it is.
const ELSEWHERE: &str = "journal-elsewhere";
/// No identity of a log is longer, in bytes.
const MAX_IDENTITY: u64 = 256;

/// Refuses a book whose journal is elsewhere than `storage` says. Changes nothing.
///
/// # Errors
/// [`Error::JournalElsewhere`]; [`Error::Journal`] if the directory or the home cannot be read.
pub(crate) fn check(storage: &Storage, dir: &Path) -> Result<(), Error> {
    let noted = noted(storage, dir)?;
    let refuse = |found| Err(Error::JournalElsewhere { dir: dir.display().to_string(), found });
    let Some(home) = &storage.journal else {
        return if noted.is_some() { refuse("not in its files") } else { Ok(()) };
    };
    let names = storage.files.list(dir).or_else(nothing).map_err(failed("list", dir))?;
    if names.iter().any(|name| journal::is_segment(name)) {
        return refuse("in its files");
    }
    match noted {
        Some(noted) if home.identity()?.as_ref() != Some(&noted) => refuse("in another database"),
        _ => Ok(()),
    }
}

/// Notes which journal the book has, once it is claimed.
///
/// # Errors
/// [`Error::Journal`].
pub(crate) fn note(storage: &Storage, dir: &Path) -> Result<(), Error> {
    let Some(home) = &storage.journal else { return Ok(()) };
    let (Some(identity), None) = (home.identity()?, noted(storage, dir)?) else { return Ok(()) };
    let path = dir.join(ELSEWHERE);
    let (files, unfinished) = (&*storage.files, path.with_extension("new"));
    let made = files.create(&unfinished).and_then(|file| {
        file.write_all_at(identity.as_bytes(), 0)?;
        file.sync()
    });
    let named = made.and_then(|()| files.rename(&unfinished, &path));
    named.and_then(|()| files.sync_dir(dir)).map_err(failed("make", &path))
}

fn noted(storage: &Storage, dir: &Path) -> Result<Option<String>, Error> {
    let path = dir.join(ELSEWHERE);
    let read = storage.files.open_read(&path).and_then(|file| {
        let length = usize::try_from(file.len()?.min(MAX_IDENTITY)).unwrap_or(0);
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    });
    read.or_else(nothing).map_err(failed("read", &path))
}

/// What is not there is empty.
fn nothing<T: Default>(error: io::Error) -> io::Result<T> {
    if error.kind() == io::ErrorKind::NotFound { Ok(T::default()) } else { Err(error) }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| journal::Error::Io { action, path, source }.into()
}
