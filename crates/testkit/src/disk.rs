//! A disk in memory that knows what a power cut would leave, and fails when told.
//!
//! Every file has two contents: what a reader sees, and what was synced. Names are the same: a
//! new or renamed file survives a power cut only once its directory was synced.

use crate::SeededRandom;
use journal::{BLOCK, Files, LogFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const SECTOR: usize = 512;

/// Something that goes wrong, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// After this many more bytes written the write stops short, and the machine is dead: every
    /// call fails until [`MemoryDisk::restart`].
    DieAfterBytes(u64),
    /// The machine dies at the start of this many-th sync from now (1 = the next).
    DieAtSync(u64),
    /// This many-th sync from now fails; what was written since the last one is lost at a crash.
    FailSync(u64),
    /// After this many more bytes written the write stops short; the machine lives.
    FailWriteAfterBytes(u64),
    /// There is room for this many more bytes of file growth.
    FullAfterBytes(u64),
}

/// What a power cut leaves of the bytes that were written and not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survival {
    /// None of them.
    Nothing,
    /// All: what the kill of a process leaves.
    Everything,
    /// Each 512-byte sector by the chance of this seed.
    Sectors(u64),
}

/// The disk; clones are the same disk.
#[derive(Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    locks: BTreeSet<PathBuf>,
    /// Handles of an earlier life are worth nothing.
    life: u64,
    dead: bool,
    faults: Vec<Fault>,
    syncs: u64,
    sync_delay: Duration,
    /// No file can be written past the cache.
    cached_only: bool,
}

#[derive(Default, Clone)]
struct Node {
    seen: Vec<u8>,
    durable: Vec<u8>,
}

struct Handle {
    disk: MemoryDisk,
    node: usize,
    life: u64,
    access: Access,
}

/// How writes through a handle reach the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Cached,
    /// Past the cache: aligned, durable after a sync.
    Direct,
    /// Past the cache: aligned, each write a sync of its own bytes.
    Durable,
}

struct Lock {
    disk: MemoryDisk,
    path: PathBuf,
    life: u64,
}

fn gone() -> io::Error {
    io::Error::other("the machine is dead")
}

fn not_found(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", path.display()))
}

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// As a log wants it.
    pub fn files(&self) -> Arc<dyn Files> {
        Arc::new(self.clone())
    }

    /// An empty disk whose file system cannot write past its cache, as tmpfs.
    pub fn cached_only() -> Self {
        let disk = Self::new();
        disk.state().cached_only = true;
        disk
    }

    /// Something is going to go wrong.
    pub fn plan(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Nothing more is going to go wrong.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Every sync takes this long from now on.
    pub fn slow_syncs(&self, delay: Duration) {
        self.state().sync_delay = delay;
    }

    /// How many syncs there were, of files and directories.
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Power off and on: unsynced bytes and names go as `survival` says, locks are free, faults
    /// are over, old handles are dead.
    pub fn restart(&self, survival: Survival) {
        let state = &mut *self.state();
        state.life += 1;
        state.dead = false;
        state.faults.clear();
        state.locks.clear();
        match survival {
            Survival::Everything => {}
            Survival::Nothing => state.forget(|_, _| false),
            Survival::Sectors(seed) => {
                let random = SeededRandom::new(seed);
                state.forget(|_, _| random.once_in(2));
            }
        }
        for node in &mut state.nodes {
            node.durable.clone_from(&node.seen);
        }
        state.durable_names.clone_from(&state.names);
    }

    /// What a reader sees of a file.
    pub fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = self.state();
        let node = state.find(path)?;
        Ok(state.nodes[node].seen.clone())
    }

    /// Puts these bytes, synced, in place of a file's.
    pub fn set_bytes(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let node = state.find(path)?;
        state.nodes[node] = Node { seen: bytes.to_vec(), durable: bytes.to_vec() };
        Ok(())
    }

    /// Turns one bit over, as decay would.
    pub fn flip_bit(&self, path: &Path, bit: usize) -> io::Result<()> {
        let mut bytes = self.bytes(path)?;
        let byte = bytes.get_mut(bit / 8).ok_or_else(|| io::Error::other("past the end"))?;
        *byte ^= 1 << (bit % 8);
        self.set_bytes(path, &bytes)
    }

    /// The files there are, in the order of their names.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    /// Another disk with the same bytes, all synced, nobody using it.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = self.state();
        let copy = State {
            nodes: state.nodes.clone(),
            names: state.names.clone(),
            cached_only: state.cached_only,
            ..State::default()
        };
        let copy = Self(Arc::new(Mutex::new(copy)));
        copy.restart(Survival::Everything);
        copy
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, path: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        state.nodes.push(Node::default());
        let node = state.nodes.len() - 1;
        state.names.insert(path.to_owned(), node);
        Ok(())
    }

    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.dead { Err(gone()) } else { Ok(state) }
    }

    fn handle(&self, path: &Path, access: Access) -> io::Result<Box<dyn LogFile>> {
        let state = self.alive()?;
        if state.cached_only && access != Access::Cached {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let node = state.find(path)?;
        Ok(Box::new(Handle { disk: self.clone(), node, life: state.life, access }))
    }
}

impl State {
    fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| not_found(path))
    }

    /// Loses what is not synced, but for the sectors that `keep` wants.
    fn forget(&mut self, mut keep: impl FnMut(usize, usize) -> bool) {
        self.names.clone_from(&self.durable_names);
        for (number, node) in self.nodes.iter_mut().enumerate() {
            let mut left = node.durable.clone();
            for (sector, seen) in node.seen.chunks(SECTOR).enumerate() {
                let start = sector * SECTOR;
                let end = start + seen.len();
                if left.get(start..end) == Some(seen) || !keep(number, sector) {
                    continue;
                }
                left.resize(left.len().max(end), 0);
                left[start..end].copy_from_slice(seen);
            }
            node.seen = left;
        }
    }

    /// How much of a write of `length` bytes that grows the file by `growth` gets through, and
    /// the error if it is not all.
    fn admit(&mut self, length: usize, growth: usize) -> (usize, Option<io::Error>) {
        let mut through = length;
        let mut error = None;
        for fault in &mut self.faults {
            let (left, passing, failure) = match fault {
                Fault::DieAfterBytes(left) => (left, length, gone()),
                Fault::FailWriteAfterBytes(left) => {
                    (left, length, io::Error::other("the write failed"))
                }
                Fault::FullAfterBytes(left) => {
                    (left, growth, io::Error::from(io::ErrorKind::StorageFull))
                }
                Fault::DieAtSync(_) | Fault::FailSync(_) => continue,
            };
            let room = usize::try_from(*left).unwrap_or(usize::MAX);
            if passing <= room {
                *left -= passing as u64;
                continue;
            }
            *left = 0;
            through = through.min(length - passing + room);
            error = Some(failure);
            self.dead |= matches!(fault, Fault::DieAfterBytes(_));
        }
        // Only a full disk stays full.
        if error.is_some() {
            self.faults.retain(|fault| !matches!(fault, Fault::FailWriteAfterBytes(0)));
        }
        (through, error)
    }

    /// Counts a sync; the error if this is the one that fails.
    fn count_sync(&mut self) -> io::Result<()> {
        self.syncs += 1;
        let mut result = Ok(());
        for fault in &mut self.faults {
            let (Fault::DieAtSync(left) | Fault::FailSync(left)) = fault else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.dead |= matches!(fault, Fault::DieAtSync(_));
                result = Err(io::Error::other("the sync failed"));
            }
        }
        self.faults.retain(|fault| !matches!(fault, Fault::FailSync(0)));
        result
    }
}

impl Handle {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.alive()?;
        if state.life == self.life { Ok(state) } else { Err(gone()) }
    }

    /// Takes the time of a sync.
    fn wait(&self) -> io::Result<()> {
        let delay = self.state()?.sync_delay;
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
        Ok(())
    }
}

impl Node {
    /// These bytes are on the disk from now on.
    fn harden(&mut self, start: usize, bytes: &[u8]) {
        let end = start + bytes.len();
        self.durable.resize(self.durable.len().max(end), 0);
        self.durable[start..end].copy_from_slice(bytes);
    }
}

/// As the operating system wants it of writes past the cache.
fn is_aligned(bytes: &[u8], start: usize) -> bool {
    let whole = |number: usize| number.is_multiple_of(BLOCK);
    whole(start) && whole(bytes.len()) && bytes.as_ptr().align_offset(BLOCK) == 0
}

impl LogFile for Handle {
    fn len(&self) -> io::Result<u64> {
        self.state().map(|state| state.nodes[self.node].seen.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.state()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let source = state.nodes[self.node]
            .seen
            .get(start..start + buffer.len())
            .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        buffer.copy_from_slice(source);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.access == Access::Durable {
            self.wait()?;
        }
        let state = &mut *self.state()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let old = state.nodes[self.node].seen.len();
        let growth = (start + bytes.len()).saturating_sub(old).min(bytes.len());
        if self.access != Access::Cached && !is_aligned(bytes, start) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let (through, error) = state.admit(bytes.len(), growth);
        let seen = &mut state.nodes[self.node].seen;
        if through > 0 {
            seen.resize(old.max(start + through), 0);
            seen[start..start + through].copy_from_slice(&bytes[..through]);
        }
        if let Some(error) = error {
            return Err(error);
        }
        if self.access == Access::Durable {
            state.count_sync()?;
            state.nodes[self.node].harden(start, bytes);
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.wait()?;
        let state = &mut *self.state()?;
        state.count_sync()?;
        let node = &mut state.nodes[self.node];
        node.durable.clone_from(&node.seen);
        Ok(())
    }
}

impl Files for MemoryDisk {
    fn create_dir(&self, _dir: &Path) -> io::Result<()> {
        self.alive().map(|_| ())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.alive()?;
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.filter_map(|path| Some(path.file_name()?.to_string_lossy().into())).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.make(path)?;
        self.handle(path, Access::Cached)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.handle(path, Access::Cached)
    }

    fn create_direct(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.make(path)?;
        self.handle(path, Access::Direct)
    }

    fn open_durable(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.handle(path, Access::Durable)
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.handle(path, Access::Cached)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        let node = state.names.remove(from).ok_or_else(|| not_found(from))?;
        state.names.insert(to.to_owned(), node);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.alive()?.names.remove(path).map(|_| ()).ok_or_else(|| not_found(path))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let state = &mut *self.alive()?;
        state.count_sync()?;
        let inside = |path: &PathBuf| path.parent() == Some(dir);
        state.durable_names.retain(|path, _| !inside(path));
        let now = state.names.iter().filter(|(path, _)| inside(path));
        state.durable_names.extend(now.map(|(path, node)| (path.clone(), *node)));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let mut state = self.alive()?;
        if !state.locks.insert(path.to_owned()) {
            return Ok(None);
        }
        let life = state.life;
        Ok(Some(Box::new(Lock { disk: self.clone(), path: path.to_owned(), life })))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.locks.remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(disk: &MemoryDisk) -> Box<dyn LogFile> {
        let file = disk.create(Path::new("/d/f")).expect("create");
        file.write_all_at(b"kept", 0).expect("write");
        file.sync().expect("sync");
        disk.sync_dir(Path::new("/d")).expect("sync");
        file.write_all_at(b"lost", 4).expect("write");
        file
    }

    #[test]
    fn a_power_cut_leaves_what_was_synced() {
        let disk = MemoryDisk::new();
        let file = written(&disk);
        disk.create(Path::new("/d/unsynced")).expect("create");
        disk.restart(Survival::Nothing);
        assert_eq!(disk.bytes(Path::new("/d/f")).expect("there"), b"kept");
        assert_eq!(disk.paths(), [Path::new("/d/f")]);
        assert!(file.sync().is_err(), "a handle of an earlier life");
    }

    #[test]
    fn faults_strike_where_they_were_planned() {
        for (fault, alive) in [
            (Fault::DieAfterBytes(2), false),
            (Fault::FailWriteAfterBytes(2), true),
            (Fault::FullAfterBytes(2), true),
        ] {
            let disk = MemoryDisk::new();
            let file = written(&disk);
            disk.plan(fault);
            assert!(file.write_all_at(b"1234", 8).is_err(), "{fault:?}");
            assert_eq!(file.len().is_ok(), alive, "{fault:?}");
            disk.restart(Survival::Everything);
            assert_eq!(disk.bytes(Path::new("/d/f")).expect("there"), b"keptlost12", "{fault:?}");
        }
        let disk = MemoryDisk::new();
        let file = written(&disk);
        disk.plan(Fault::FailSync(2));
        assert!(file.sync().is_ok());
        assert!(file.sync().is_err());
        assert!(file.sync().is_ok());
    }
}
