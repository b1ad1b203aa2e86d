//! The few file operations a log needs, as traits, so that tests can put faults between.

#[cfg(target_os = "linux")]
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
#[cfg(target_os = "linux")]
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// One open file of a log.
pub trait LogFile: Send + Sync {
    /// Its length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Whether it has no byte.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Fills `buffer` from `offset`; an error if the file ends before.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`, or fails with any part of them written.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Returns once everything written, and the length, is on the disk (fdatasync).
    fn sync(&self) -> io::Result<()>;
}

/// What writes past the system's cache are multiples of, in bytes; no disk has longer sectors.
pub const BLOCK: usize = 4_096;

/// The directory operations of a log.
pub trait Files: Send + Sync {
    /// Makes the directory and its parents, if they are not there.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// The names in a directory, in any order.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes an empty file for reading and writing, in place of what was there.
    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>>;
    /// Opens a file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn LogFile>>;
    /// As [`Files::create`], for writes that bypass the system's cache and are on the disk after
    /// [`LogFile::sync`]. Offset, length and memory of every write are multiples of [`BLOCK`].
    /// [`io::ErrorKind::Unsupported`] or [`io::ErrorKind::InvalidInput`], here or at the first
    /// write, where a file system cannot do that.
    fn create_direct(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Opens a file for writes that bypass the cache and are on the disk when they return, each
    /// of whole blocks and with errors as for [`Files::create_direct`].
    fn open_durable(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Opens a file for reading.
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn LogFile>>;
    /// Renames a file over another.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Returns once the names in a directory are on the disk.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Takes the exclusive lock that this file stands for, until the returned guard is dropped;
    /// `None` if somebody else holds it.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>>;
}

/// The operating system's files.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFiles;

impl LogFile for File {
    fn len(&self) -> io::Result<u64> {
        self.metadata().map(|m| m.len())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, buffer, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

#[cfg(target_os = "linux")]
fn flags(flags: OFlags) -> io::Result<i32> {
    i32::try_from(flags.bits()).map_err(io::Error::other)
}

fn boxed(file: io::Result<File>) -> io::Result<Box<dyn LogFile>> {
    file.map(|file| Box::new(file) as Box<dyn LogFile>)
}

impl Files for RealFiles {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        std::fs::create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        std::fs::read_dir(dir)?
            .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        boxed(OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        boxed(OpenOptions::new().read(true).write(true).open(path))
    }

    #[cfg(target_os = "linux")]
    fn create_direct(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        let flags = flags(OFlags::DIRECT)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).custom_flags(flags);
        boxed(options.open(path))
    }

    #[cfg(target_os = "linux")]
    fn open_durable(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        let flags = flags(OFlags::DIRECT | OFlags::DSYNC)?;
        boxed(OpenOptions::new().read(true).write(true).custom_flags(flags).open(path))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        boxed(File::open(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
