//! Key files: one key a file, one line, mode 0600, never overwritten.
//!
//! The line is `countinghouse key <purpose> <64 hexadecimal digits>`. At first use all keys are
//! made between the making and the removing of a marker file; so a crash in between is told from
//! the loss of a key.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use types::Random;
use zeroize::Zeroizing;

use super::SecretsError;

/// A key's bytes, wiped when dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

const MARKER: &str = "first-use.unfinished";

/// Makes the directory and whatever `names` lack, if this is the first use.
///
/// # Errors
/// [`SecretsError::Missing`] if it is not the first use and a file is not there.
pub(super) fn establish(
    dir: &Path,
    names: &[&str],
    random: &dyn Random,
) -> Result<(), SecretsError> {
    make_dir(dir)?;
    let marker = dir.join(MARKER);
    let missing: Vec<&str> =
        names.iter().copied().filter(|name| !path(dir, name).exists()).collect();
    if !marker.exists() {
        match missing.first() {
            None => return Ok(()),
            Some(name) if missing.len() < names.len() => {
                return Err(SecretsError::Missing { file: show(&path(dir, name)) });
            }
            Some(_) => {}
        }
    }
    File::create(&marker).and_then(|file| file.sync_all()).map_err(|e| fault(&marker, &e))?;
    for name in missing {
        make(dir, name, random)?;
    }
    fs::remove_file(&marker).map_err(|e| fault(&marker, &e))?;
    sync_dir(dir)
}

/// Makes one key under a name that is free. It appears whole or not at all.
pub(super) fn make(dir: &Path, name: &str, random: &dyn Random) -> Result<(), SecretsError> {
    let file = path(dir, name);
    if file.exists() {
        let reason = "it exists already".to_owned();
        return Err(SecretsError::File { file: show(&file), reason });
    }
    let mut key: Key = Zeroizing::new([0; 32]);
    random.fill(key.as_mut_slice());
    let digits = Zeroizing::new(hex::encode(key.as_slice()));
    let line = Zeroizing::new(format!("countinghouse key {} {}\n", purpose(name), digits.as_str()));
    let unfinished = dir.join(format!("{name}.key.unfinished"));
    write_private(&unfinished, line.as_bytes()).map_err(|e| fault(&unfinished, &e))?;
    fs::rename(&unfinished, &file).map_err(|e| fault(&file, &e))?;
    sync_dir(dir)
}

/// Removes one key.
pub(super) fn remove(dir: &Path, name: &str) -> Result<(), SecretsError> {
    let file = path(dir, name);
    fs::remove_file(&file).map_err(|e| fault(&file, &e))?;
    sync_dir(dir)
}

/// Reads one key.
pub(super) fn read(dir: &Path, name: &str) -> Result<Key, SecretsError> {
    let file = path(dir, name);
    refuse_exposed(&file)?;
    let text = match fs::read_to_string(&file) {
        Ok(text) => Zeroizing::new(text),
        Err(e) if e.kind() == ErrorKind::InvalidData => {
            return Err(SecretsError::Damaged { file: show(&file), reason: "it is not text" });
        }
        Err(e) => return Err(fault(&file, &e)),
    };
    parse(&text, purpose(name))
        .map_err(|reason| SecretsError::Damaged { file: show(&file), reason })
}

/// The numbers of the files `<prefix>-<number>.key`, ascending.
pub(super) fn numbers(dir: &Path, prefix: &str) -> Result<Vec<u32>, SecretsError> {
    let entries = fs::read_dir(dir).map_err(|e| fault(dir, &e))?;
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(|e| fault(dir, &e))?.file_name();
        let number = name
            .to_str()
            .and_then(|n| n.strip_prefix(prefix)?.strip_prefix('-')?.strip_suffix(".key"))
            .and_then(|n| n.parse::<u32>().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn parse(text: &str, purpose: &str) -> Result<Key, &'static str> {
    let mut words = text.split_whitespace();
    if (words.next(), words.next()) != (Some("countinghouse"), Some("key")) {
        return Err("it does not begin with 'countinghouse key'");
    }
    if words.next() != Some(purpose) {
        return Err("it is a key for another purpose");
    }
    let digits = words.next().ok_or("it has no key")?;
    let mut key: Key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits, key.as_mut_slice())
        .map_err(|_| "the key is not 64 hexadecimal digits")?;
    match words.next() {
        None => Ok(key),
        Some(_) => Err("something follows the key"),
    }
}

/// `seal` of `seal-2`.
fn purpose(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

fn path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.key"))
}

fn show(file: &Path) -> String {
    file.display().to_string()
}

fn fault(file: &Path, error: &std::io::Error) -> SecretsError {
    SecretsError::File { file: show(file), reason: error.to_string() }
}

fn make_dir(dir: &Path) -> Result<(), SecretsError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|e| fault(dir, &e))
}

fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    // What a crash left unfinished was never a key; nor may its owner or mode be kept.
    match fs::remove_file(file) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_dir(dir: &Path) -> Result<(), SecretsError> {
    // Elsewhere a directory cannot be opened to be synced; the rename is all there is.
    #[cfg(unix)]
    File::open(dir).and_then(|d| d.sync_all()).map_err(|e| fault(dir, &e))?;
    Ok(())
}

fn refuse_exposed(file: &Path) -> Result<(), SecretsError> {
    #[cfg(unix)]
    {
        let metadata = fs::metadata(file).map_err(|e| fault(file, &e))?;
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretsError::Exposed { file: show(file), mode });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_key_of_the_purpose_is_taken() {
        let good = format!("countinghouse key seal {}\n", "0f".repeat(32));
        assert_eq!(parse(&good, "seal").as_deref(), Ok(&[0x0f; 32]));
        for (text, purpose) in [
            ("", "seal"),
            ("countinghouse key seal", "seal"),
            (&good[..good.len() - 2], "seal"),
            (good.as_str(), "pepper"),
            (&good.replace("0f0f", "0g0g"), "seal"),
            (&format!("{good} more"), "seal"),
            (&good.replace("countinghouse", "other"), "seal"),
        ] {
            assert!(parse(text, purpose).is_err(), "{text}");
        }
    }
}
