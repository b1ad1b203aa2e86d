//! Readers while the clerk goes on: nobody waits for a reader's files, and what is told is of one
//! moment.

use crate::support::{
    balance, cash, chart, config, done, furnish, merchant, order, storage, ticking, transfer, txn,
};
use bookkeeper::{Bookkeeper, IndexOptions, Storage};
use journal::{Files, LogFile};
use ledger::{Action, TransactionState};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;
use testkit::MemoryDisk;

/// Keeps whoever reads a volume waiting while it is shut.
#[derive(Default)]
struct Gate {
    /// Whether it is shut, and how many wait.
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().expect("sound");
        state.1 += 1;
        self.changed.notify_all();
        while state.0 {
            state = self.changed.wait(state).expect("sound");
        }
        state.1 -= 1;
    }

    fn shut(&self, shut: bool) {
        self.state.lock().expect("sound").0 = shut;
        self.changed.notify_all();
    }

    fn until_somebody_waits(&self) {
        let mut state = self.state.lock().expect("sound");
        while state.1 == 0 {
            state = self.changed.wait(state).expect("sound");
        }
    }
}

struct Slow(Arc<dyn Files>, Arc<Gate>);
struct SlowFile(Box<dyn LogFile>, Arc<Gate>);

impl LogFile for SlowFile {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.1.pass();
        self.0.read_exact_at(buffer, offset)
    }
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }
    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}

impl Files for Slow {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.create_dir(dir)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.0.list(dir)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.0.create(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.0.open(path)
    }
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        let file = self.0.open_read(path)?;
        let slow = path.extension().is_some_and(|end| end == "vol");
        Ok(if slow { Box::new(SlowFile(file, Arc::clone(&self.1))) } else { file })
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.sync_dir(dir)
    }
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        self.0.lock(path)
    }
}

fn open(files: Arc<dyn Files>, background: bool) -> Bookkeeper {
    let index = IndexOptions { fresh_entries: 9, background, ..IndexOptions::new(0) };
    let disk = MemoryDisk::new();
    let storage = Storage { files, index, states_of_journal: 0, ..storage(&disk) };
    Bookkeeper::open_on(storage, config(), chart(), ticking()).expect("open")
}

#[test]
fn the_clerk_does_not_wait_for_a_reader_whose_file_is_slow() {
    let (disk, gate) = (MemoryDisk::new(), Arc::new(Gate::default()));
    let slow = || Arc::new(Slow(disk.files(), Arc::clone(&gate)));
    let book = open(slow(), false);
    furnish(&book, 1, 1_000);
    for number in 0..20 {
        done(&book, transfer(txn("pay", number), cash(0), merchant(), 1));
    }
    drop(book);
    // Everything is in files now.
    let book = open(slow(), false);
    gate.shut(true);
    let reading = {
        let book = book.clone();
        std::thread::spawn(move || book.entries(merchant(), None, 100))
    };
    gate.until_somebody_waits();
    let (posted, answer) = mpsc::channel();
    let posting = {
        let book = book.clone();
        std::thread::spawn(move || {
            done(&book, transfer(txn("pay", 99), cash(0), merchant(), 1));
            posted.send(balance(&book, merchant())).expect("somebody listens");
        })
    };
    // Long enough for any machine; without an answer the test ends all the same.
    let answered = answer.recv_timeout(Duration::from_mins(1));
    gate.shut(false);
    posting.join().expect("posted");
    assert_eq!(answered, Ok(21), "the clerk waited for the reader");
    let entries = reading.join().expect("no panic").expect("read");
    assert_eq!(entries.len(), 20, "as the book was when it was asked");
    assert_eq!(book.entries(merchant(), None, 100).expect("read").len(), 21);
}

#[test]
fn what_a_reader_is_told_is_of_one_moment() {
    const ORDERS: u64 = 150;
    let disk = MemoryDisk::cached_only();
    let book = open(disk.files(), true);
    furnish(&book, 1, 1_000_000);
    let begun = Arc::new(AtomicU64::new(0));
    let writing = {
        let (book, begun) = (book.clone(), Arc::clone(&begun));
        std::thread::spawn(move || {
            for number in 0..ORDERS {
                let mut hold = transfer(txn("hold", number), cash(0), merchant(), 5);
                (hold.action, hold.order) =
                    (Action::Hold { expires_at: None }, Some(order(number)));
                done(&book, hold);
                begun.store(number + 1, Ordering::Release);
                let mut post = transfer(txn("post", number), cash(0), merchant(), 5);
                (post.action, post.postings) =
                    (Action::PostHold { hold: txn("hold", number) }, Vec::new());
                done(&book, post);
            }
        })
    };
    let mut reads = 0u64;
    while !writing.is_finished() {
        let Some(last) = begun.load(Ordering::Acquire).checked_sub(1) else { continue };
        let states: Vec<_> = book
            .transactions_of(order(last))
            .expect("read")
            .into_iter()
            .map(|view| view.state)
            .collect();
        let (waits, posted) = (TransactionState::Pending, TransactionState::Posted);
        let whole = [&[waits][..], &[TransactionState::HoldPosted, posted]];
        assert!(whole.contains(&states.as_slice()), "order {last}: {states:?}");
        let holds = book.holds(merchant()).expect("read");
        let waiting = holds.iter().filter(|h| h.state == waits).count();
        assert!(waiting <= 1 && !holds.is_empty(), "{waiting} wait");
        assert!(holds.iter().all(|h| (h.state == waits) == h.ended_at.is_none()));
        let entries = book.latest_entries(merchant(), None, 3).expect("read");
        assert!(entries.windows(2).all(|pair| pair[0].balance_after > pair[1].balance_after));
        assert!(entries.iter().all(|entry| entry.order.is_some()));
        reads += 1;
    }
    writing.join().expect("written");
    assert!(reads > 0);
    assert_eq!(book.entries(merchant(), None, 1_000).expect("read").len() as u64, ORDERS);
}
