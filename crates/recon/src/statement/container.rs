//! From the delivered bytes to a stream of the file inside, never larger than allowed.

use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::{Fault, FaultKind, Limits, Refusal};
use crate::format::{Container, FileRules};

/// A zip of a statement holds the statement, a summary, perhaps a folder.
const MAX_ENTRIES: usize = 16;
/// Small files compress well without being bombs.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// Opens what was delivered and hands the file inside to `read`. The container is told by its
/// first bytes; whether it is allowed, by the format.
pub(super) fn with<T>(
    rules: &FileRules,
    bytes: &[u8],
    limits: Limits,
    read: impl FnOnce(&mut dyn Read) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let container = match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Container::Zip,
        [0x1F, 0x8B, ..] => Container::Gzip,
        _ => Container::Plain,
    };
    if !rules.containers.contains(&container) {
        return Err(Refusal::whole(container_fault(
            format!("a {} file was delivered; the format does not take it", name(container)),
            format!("收到 {} 文件，该格式不接受", name(container)),
        )));
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let unpacked = packed.saturating_mul(limits.ratio).max(RATIO_FREE_BYTES).min(limits.bytes);
    match container {
        Container::Plain => read(&mut Bounded::new(bytes, limits.bytes)),
        Container::Gzip => read(&mut Bounded::new(MultiGzDecoder::new(bytes), unpacked)),
        Container::Zip => {
            let mut archive = archive(bytes).map_err(Refusal::whole)?;
            let index = choose(rules, &mut archive).map_err(Refusal::whole)?;
            let entry = archive.by_index(index).map_err(|e| Refusal::whole(broken(&e)))?;
            read(&mut Bounded::new(entry, unpacked))
        }
    }
}

fn name(container: Container) -> &'static str {
    match container {
        Container::Plain => "plain",
        Container::Zip => "zip",
        Container::Gzip => "gzip",
    }
}

fn container_fault(en: impl Into<String>, zh: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Container, en, zh)
}

fn broken(reason: &impl std::fmt::Display) -> Fault {
    container_fault(
        format!("the zip cannot be read: {reason}"),
        format!("压缩包无法读取：{reason}"),
    )
}

fn archive(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, Fault> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))
}

/// The one entry to read. Entry names of Chinese senders are GBK with the UTF-8 flag clear.
fn choose(rules: &FileRules, archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<usize, Fault> {
    if archive.len() > MAX_ENTRIES {
        return Err(container_fault(
            format!("the zip holds {} entries; at most {MAX_ENTRIES} are allowed", archive.len()),
            format!("压缩包含 {} 个文件，最多允许 {MAX_ENTRIES} 个", archive.len()),
        ));
    }
    let mut chosen = None;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|e| broken(&e))?;
        let name = match std::str::from_utf8(entry.name_raw()) {
            Ok(name) => name.to_owned(),
            Err(_) => GB18030.decode_without_bom_handling(entry.name_raw()).0.into_owned(),
        };
        if entry.is_dir() || rules.beside.iter().any(|t| t.fits(&name)) {
            continue;
        }
        if !rules.entry.fits(&name) || chosen.is_some() {
            return Err(container_fault(
                format!("the zip holds '{name}', which the format does not expect"),
                format!("压缩包含有该格式未声明的文件「{name}」"),
            ));
        }
        chosen = Some(index);
    }
    chosen.ok_or_else(|| {
        let wanted = rules.entry.text();
        container_fault(
            format!("the zip holds no entry of the form '{wanted}'"),
            format!("压缩包中没有形如「{wanted}」的文件"),
        )
    })
}

/// A stream that fails once it has given more than its bound.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R> Bounded<R> {
    fn new(inner: R, bound: u64) -> Self {
        Self { inner, left: bound }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let taken = u64::try_from(count).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(taken).ok_or_else(|| {
            std::io::Error::new(std::io::ErrorKind::FileTooLarge, "the unpacked file is too large")
        })?;
        Ok(count)
    }
}

/// What a failed read means.
pub(super) fn read_fault(error: &std::io::Error) -> Fault {
    if error.kind() == std::io::ErrorKind::FileTooLarge {
        return Fault::new(
            FaultKind::TooLarge,
            "the unpacked file is larger than its bound: refused before it fills the machine",
            "解压后的文件超出上限，已停止解压",
        );
    }
    container_fault(
        format!("the file cannot be unpacked: {error}"),
        format!("文件无法解压：{error}"),
    )
}
