//! The owner's state at a checkpoint: a file of opaque bytes, whose length and hash stand in the
//! manifest.

use crate::Error;
use crate::sink::{Sink, Source};
use journal::Files;
use std::path::Path;

/// Longer states than this are none of ours: some thirty million accounts.
const MAX_BYTES: u64 = 4 << 30;
const PIECE: usize = 1 << 20;

/// Which state a manifest means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SnapshotRef {
    pub number: u64,
    pub length: u64,
    pub hash: [u8; 32],
}

/// `0000000009.state`.
pub(crate) fn name(number: u64) -> String {
    format!("{number:010}.state")
}

pub(crate) fn write(
    files: &dyn Files,
    dir: &Path,
    number: u64,
    bytes: &[u8],
) -> Result<SnapshotRef, Error> {
    let mut sink = Sink::create(files, dir.join(name(number)))?;
    for piece in bytes.chunks(PIECE) {
        sink.write(piece)?;
    }
    sink.finish()?;
    let hash = *blake3::hash(bytes).as_bytes();
    Ok(SnapshotRef { number, length: bytes.len() as u64, hash })
}

pub(crate) fn read(files: &dyn Files, dir: &Path, wanted: SnapshotRef) -> Result<Vec<u8>, Error> {
    let source = Source::open(files, &dir.join(name(wanted.number)))?;
    if source.length() != wanted.length || wanted.length > MAX_BYTES {
        return Err(source.corrupt(0, "the state has another length than the manifest says"));
    }
    let bytes = source.read(0, usize::try_from(wanted.length).unwrap_or(usize::MAX))?;
    if *blake3::hash(&bytes).as_bytes() != wanted.hash {
        return Err(source.corrupt(0, "the state has another hash than the manifest says"));
    }
    Ok(bytes)
}
