//! A new file, written from its beginning to its end.

use crate::Error;
use crate::error::io_error;
use journal::{Files, LogFile};
use std::path::{Path, PathBuf};

const BUFFER: usize = 1 << 20;

/// A file that is being written.
pub(crate) struct Sink {
    file: Box<dyn LogFile>,
    path: PathBuf,
    buffer: Vec<u8>,
    flushed: u64,
}

impl Sink {
    pub(crate) fn create(files: &dyn Files, path: PathBuf) -> Result<Self, Error> {
        let file = files.create(&path).map_err(io_error("create", &path))?;
        Ok(Self { file, path, buffer: Vec::with_capacity(BUFFER), flushed: 0 })
    }

    /// Where the next byte goes.
    pub(crate) fn offset(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < BUFFER { Ok(()) } else { self.flush() }
    }

    /// Writes bytes and behind them the CRC-32 of their place and themselves.
    pub(crate) fn write_checked(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let crc = checksum(self.offset(), bytes);
        self.buffer.extend_from_slice(bytes);
        self.write(&crc)
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = self.file.write_all_at(&self.buffer, self.flushed);
        written.map_err(io_error("write", &self.path))?;
        self.flushed += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Returns once all of it is on the disk; its name is once the directory is synced.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        self.file.sync().map_err(io_error("sync", &self.path))
    }
}

/// Bytes of a checksum.
pub(crate) const CHECKSUM: usize = 4;

/// The CRC-32 of a place and the bytes there: a block at another's place is damage too.
pub(crate) fn checksum(offset: u64, bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&offset.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize().to_le_bytes()
}

/// A file that is there and never changes again.
#[derive(Clone)]
pub(crate) struct Source {
    file: std::sync::Arc<dyn LogFile>,
    path: std::sync::Arc<Path>,
    length: u64,
}

impl Source {
    pub(crate) fn open(files: &dyn Files, path: &Path) -> Result<Self, Error> {
        let file = files.open_read(path).map_err(io_error("open", path))?;
        let length = file.len().map_err(io_error("measure", path))?;
        Ok(Self { file: file.into(), path: path.into(), length })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn corrupt(&self, offset: u64, reason: &'static str) -> Error {
        crate::error::corrupt(&self.path, offset, reason)
    }

    /// Reads bytes that must lie within the file.
    pub(crate) fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let end = offset.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(self.corrupt(offset, "the file ends before"));
        }
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, offset);
        read.map_err(io_error("read", &self.path))?;
        Ok(bytes)
    }

    /// Reads what [`Sink::write_checked`] wrote.
    pub(crate) fn read_checked(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = self.read(offset, length.saturating_add(CHECKSUM))?;
        let crc = bytes.split_off(length);
        if checksum(offset, &bytes) != *crc {
            return Err(self.corrupt(offset, "a checksum fails"));
        }
        Ok(bytes)
    }
}
