//! The zip a wallet's statement is delivered in: entry names are GBK with the UTF-8 flag clear,
//! as the real one's are.

use crate::Error;
use encoding_rs::GBK;
use std::io::{Cursor, Write};
use types::BusinessDate;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// One file to pack.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Packs the files; the same files give the same bytes.
pub(super) fn pack(date: BusinessDate, entries: &[Entry]) -> Result<Vec<u8>, Error> {
    let written = date.next().civil();
    let stamp = DateTime::from_date_and_time(
        written.year().unsigned_abs(),
        written.month().unsigned_abs(),
        written.day().unsigned_abs(),
        6,
        0,
        0,
    )
    // A zip knows the years 1980 to 2107; outside of them the stamp is left at its first day.
    .unwrap_or_default();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let (name, _, _) = GBK.encode(&entry.name);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(stamp)
            .unix_permissions(0o600)
            .name(&name);
        writer.start_file_with_options(options)?;
        let path = std::path::Path::new("the statement's zip");
        writer.write_all(&entry.bytes).map_err(crate::error::file_error("write", path))?;
    }
    Ok(writer.finish()?.into_inner())
}
