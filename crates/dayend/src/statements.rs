//! Statements as the channels delivered them: kept for good, never written over.

use channels::StatementFile;
use std::io::{self, Write as _};
use std::path::Path;

/// So many different files of one name are kept for one channel and date.
const VERSIONS: u32 = 99;

/// Keeps a file in this folder; returns the name under which it stands there. The same bytes under
/// the same name are kept once; other bytes stand beside them as the next version.
///
/// # Errors
/// The disk's.
pub(crate) fn keep(folder: &Path, channel: &str, file: &StatementFile) -> io::Result<String> {
    std::fs::create_dir_all(folder)?;
    for version in 1..=VERSIONS {
        let mark = if version == 1 { String::new() } else { format!("v{version}-") };
        let name = format!("{channel}-{mark}{}", safe(&file.name));
        match std::fs::read(folder.join(&name)) {
            Ok(there) if there == file.bytes => return Ok(name),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                write_whole(folder, &name, &file.bytes)?;
                return Ok(name);
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!("{VERSIONS} different files of one name were delivered")))
}

/// A reader sees the whole file or none.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let partial = folder.join(format!("{name}.partial"));
    let mut file = std::fs::File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&partial, folder.join(name))?;
    std::fs::File::open(folder)?.sync_all()
}

/// A file name as an outside party gave it, without anything that could leave the folder.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "._-()".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_statement_stands_beside_the_first() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = |bytes: &[u8]| StatementFile { name: "../a.csv".into(), bytes: bytes.into() };
        let keep = |bytes| keep(dir.path(), "card", &file(bytes)).expect("kept");
        assert_eq!(keep(b"one"), "card-.._a.csv");
        assert_eq!(keep(b"one"), "card-.._a.csv");
        assert_eq!(keep(b"two"), "card-v2-.._a.csv");
        assert_eq!(keep(b"one"), "card-.._a.csv");
        assert_eq!(std::fs::read_dir(dir.path()).expect("read").count(), 2);
    }
}
