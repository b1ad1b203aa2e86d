//! The ledger's memory of ids, in the archive.

use crate::notes::Notes;
use crate::row::{self, Row};
use archive::{Archive, Mark};
use journal::{Place, Reader};
use ledger::{Command, Past, PastRecord, Receipt, Resolution, TransactionState, codec};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use types::{BusinessDate, Timestamp, TransactionId};

/// Why the past cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error(transparent)]
    Archive(#[from] archive::Error),
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The archive says what the journal, or it itself elsewhere, does not bear out.
    #[error("the index of the book contradicts its journal: {0}")]
    Contradiction(String),
}

impl Unread {
    /// Whether something is not what was written; otherwise it could only not be read.
    pub(crate) const fn is_damage(&self) -> bool {
        match self {
            Self::Archive(error) => !matches!(error, archive::Error::Io { .. }),
            Self::Journal(error) => error.is_damage(),
            Self::Contradiction(_) => true,
        }
    }
}

/// What is known of an id: the seq of its receipt, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub seq: u64,
    pub state: TransactionState,
}

const STATE_BITS: u32 = 8;
const STATES: [TransactionState; 6] = [
    TransactionState::Posted,
    TransactionState::Pending,
    TransactionState::Applied,
    TransactionState::HoldPosted,
    TransactionState::HoldVoided,
    TransactionState::Expired,
];

impl Known {
    fn to_bits(self) -> u64 {
        let state = STATES.iter().position(|state| *state == self.state).unwrap_or(0);
        (self.seq << STATE_BITS) | state as u64
    }

    fn from_bits(bits: u64) -> Option<Self> {
        let state = usize::try_from(bits & ((1 << STATE_BITS) - 1)).ok()?;
        Some(Self { seq: bits >> STATE_BITS, state: *STATES.get(state)? })
    }

    /// Whether it is a hold that waits no more.
    pub(crate) fn is_ended_hold(&self) -> bool {
        self.resolution().is_some()
    }

    fn resolution(self) -> Option<Resolution> {
        match self.state {
            TransactionState::HoldPosted => Some(Resolution::Posted),
            TransactionState::HoldVoided => Some(Resolution::Voided),
            TransactionState::Expired => Some(Resolution::Expired),
            _ => None,
        }
    }
}

/// A moment as the archive orders it.
pub(crate) fn moment_bits(at: Timestamp) -> u64 {
    at.as_micros().cast_unsigned() ^ (1 << 63)
}

pub(crate) fn moment_of(bits: u64) -> Timestamp {
    Timestamp::from_micros((bits ^ (1 << 63)).cast_signed())
}

/// The past of a book: ids, rows, lists and marks in its archive, commands in its journal.
#[derive(Debug)]
pub(crate) struct DiskPast {
    pub archive: Archive,
    reader: Arc<dyn Reader>,
    /// From which seq on the open date was which.
    pub days: Vec<(u64, BusinessDate)>,
    /// How many ids there are.
    pub count: u64,
    piece: Piece,
    prepared: Prepared,
    /// The piece whose command was asked for last: who sends a batch again asks for all of it.
    asked: Mutex<Option<(u64, Vec<Command>)>>,
    /// Something could not be read, and what was answered since counts for nothing.
    failure: Mutex<Option<Unread>>,
}

/// The piece that is run.
#[derive(Debug, Default)]
struct Piece {
    place: u64,
    /// Its ids, the seq and number of each, and where its command's bytes end.
    puts: Vec<(TransactionId, u64, usize, usize)>,
    bytes: Vec<u8>,
}

/// What was looked up ahead for it.
#[derive(Debug, Default)]
struct Prepared {
    ids: Vec<u128>,
    found: Vec<Option<u64>>,
    /// Which of them is asked for next: they are, in their order.
    next: AtomicUsize,
    named: HashMap<u128, Option<u64>>,
}

impl DiskPast {
    /// `count` ids in `archive`, whose commands `reader` reads.
    pub(crate) fn new(
        archive: Archive,
        reader: Arc<dyn Reader>,
        days: Vec<(u64, BusinessDate)>,
        count: u64,
    ) -> Self {
        Self {
            archive,
            reader,
            days,
            count,
            piece: Piece::default(),
            prepared: Prepared::default(),
            asked: Mutex::default(),
            failure: Mutex::default(),
        }
    }

    /// Tells where the next piece is in the journal.
    pub(crate) fn begin(&mut self, place: Place) {
        self.piece.place = place.to_bits();
        self.piece.puts.clear();
        self.piece.bytes.clear();
    }

    /// What reads the commands.
    pub(crate) const fn reader(&self) -> &Arc<dyn Reader> {
        &self.reader
    }

    /// Takes over what the piece did, or what the moment brought before the first one.
    ///
    /// # Errors
    /// When something could not be read meanwhile.
    pub(crate) fn absorb(&mut self, notes: &mut Notes) -> Result<(), Unread> {
        let mut rows = notes.rows.iter().peekable();
        for (_, seq, number, _) in self.piece.puts.drain(..) {
            match rows.next_if(|(of, _)| *of == seq) {
                Some((_, range)) => {
                    let bytes = notes.bytes.get(range.clone()).unwrap_or_default();
                    self.archive.put_row(seq, bytes);
                }
                None => self.archive.put_row(seq, &row::encode_other(narrow(number))),
            }
        }
        self.piece.bytes.clear();
        for (kind, key, item) in &notes.links {
            self.archive.put_link(*kind, *key, *item);
        }
        notes.clear();
        self.end()
    }

    /// As [`DiskPast::absorb`], of what the ledger itself asks for: ids, and where their commands
    /// are.
    pub(crate) fn absorb_ids(&mut self) -> Result<(), Unread> {
        for (_, seq, number, _) in self.piece.puts.drain(..) {
            self.archive.put_row(seq, &row::encode_other(narrow(number)));
        }
        self.piece.bytes.clear();
        self.end()
    }

    fn end(&mut self) -> Result<(), Unread> {
        // What was looked up ahead may change from here on.
        self.prepared.ids.clear();
        self.prepared.named.clear();
        let failure = self.failure.get_mut().unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), Err)
    }

    /// The accounting date of what took effect under this number.
    pub(crate) fn date_of(&self, seq: u64) -> BusinessDate {
        let after = self.days.partition_point(|(from, _)| *from <= seq);
        let day = after.checked_sub(1).and_then(|last| self.days.get(last));
        day.or(self.days.first()).map_or(BusinessDate::from_days(0), |(_, date)| *date)
    }

    /// What is known of an id, wherever it is.
    fn known(&self, id: TransactionId) -> Result<Option<Known>, Unread> {
        known(id, self.archive.view().id(id.as_u128())?)
    }

    fn row(&self, seq: u64) -> Result<Row, Unread> {
        let bytes = self.archive.view().row(seq)?;
        let row = bytes.as_deref().and_then(|bytes| Row::decode(seq, bytes));
        row.ok_or_else(|| Unread::Contradiction(format!("no row {seq}")))
    }

    /// Moment and place of what took effect under this number.
    fn mark(&self, seq: u64) -> Result<Mark, Unread> {
        let mark = self.archive.view().mark_of(seq)?;
        mark.ok_or_else(|| Unread::Contradiction(format!("no mark of {seq}")))
    }

    fn find_command(&self, id: TransactionId) -> Result<Option<Command>, Unread> {
        let here = self.piece.puts.iter().rposition(|(put, ..)| *put == id);
        if let Some(at) = here {
            let end = |at: usize| self.piece.puts.get(at).map(|(.., end)| *end);
            let start = at.checked_sub(1).and_then(end).unwrap_or(0);
            let bytes = end(at).and_then(|end| self.piece.bytes.get(start..end));
            return Ok(bytes.and_then(|bytes| codec::decode(bytes).ok()));
        }
        let Some(known) = self.known(id)? else { return Ok(None) };
        let (row, mark) = (self.row(known.seq)?, self.mark(known.seq)?);
        let command = self.command_at(mark.place, usize::from(row.number))?;
        match command.filter(|command| id_of(command) == Some(id)) {
            Some(command) => Ok(Some(command)),
            None => Err(Unread::Contradiction(format!("transaction {id} is not in its place"))),
        }
    }

    fn command_at(&self, place: u64, number: usize) -> Result<Option<Command>, Unread> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let known = asked.take().filter(|(at, _)| *at == place);
        let piece = match known {
            Some((_, piece)) => piece,
            None => piece_at(&*self.reader, place)?,
        };
        let command = piece.get(number).cloned();
        *asked = Some((place, piece));
        Ok(command)
    }

    /// Without an answer the ledger goes on with none, and everything is thrown away after it.
    fn or_fail<T>(&self, result: Result<Option<T>, Unread>) -> Option<T> {
        result.unwrap_or_else(|error| {
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert(error);
            None
        })
    }

    fn look(&self, id: TransactionId) -> Result<Option<Known>, Unread> {
        let bits = id.as_u128();
        if let Some(value) = self.archive.new_id(bits) {
            return known(id, Some(value));
        }
        // What was looked up ahead is asked for in its order.
        let next = self.prepared.next.load(Ordering::Relaxed);
        if self.prepared.ids.get(next) == Some(&bits) {
            self.prepared.next.store(next + 1, Ordering::Relaxed);
            return known(id, self.prepared.found.get(next).copied().flatten());
        }
        match self.prepared.named.get(&bits) {
            Some(value) => known(id, *value),
            None => self.known(id),
        }
    }
}

/// The number under which what is known of an id took effect.
pub(crate) fn seq_of(value: u64) -> u64 {
    value >> STATE_BITS
}

fn narrow(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// The commands of the piece at a place of the journal.
pub(crate) fn piece_at(reader: &dyn Reader, place: u64) -> Result<Vec<Command>, Unread> {
    let mut bytes = Vec::new();
    reader.record(Place::from_bits(place), &mut bytes)?;
    codec::decode_piece(&bytes).map_err(|e| Unread::Contradiction(e.to_string()))
}

/// What a value in the archive says of an id.
pub(crate) fn known(id: TransactionId, value: Option<u64>) -> Result<Option<Known>, Unread> {
    let Some(bits) = value else { return Ok(None) };
    let known = Known::from_bits(bits);
    known.map(Some).ok_or_else(|| Unread::Contradiction(format!("no such state of {id}")))
}

pub(crate) fn id_of(command: &Command) -> Option<TransactionId> {
    match command {
        Command::Transact(transaction) => Some(transaction.id),
        Command::SetControls { id, .. } | Command::Settle { id, .. } => Some(*id),
        Command::OpenAccount(_) | Command::CutDay { .. } => None,
    }
}

impl Past for DiskPast {
    fn prepare(&mut self, own: &[TransactionId], named: &[TransactionId]) {
        let Prepared { ids, found, next, named: known } = &mut self.prepared;
        ids.clear();
        ids.extend(own.iter().chain(named).map(|id| id.as_u128()));
        known.clear();
        *next.get_mut() = 0;
        if let Err(error) = self.archive.old_ids(ids, found) {
            let failure = self.failure.get_mut().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert(error.into());
        }
        known.extend(ids.drain(own.len()..).zip(found.drain(own.len()..)));
    }

    fn get(&self, id: TransactionId) -> Option<PastRecord> {
        let Known { seq, state } = self.or_fail(self.look(id))?;
        let known = Known { seq, state };
        let mark = self.or_fail(self.mark(seq).map(Some))?;
        let resolution = known.resolution();
        let state = if resolution.is_some() { TransactionState::Pending } else { state };
        let receipt = Receipt { seq, at: moment_of(mark.at), date: self.date_of(seq), state };
        Some(PastRecord { receipt, resolution })
    }

    fn command(&self, id: TransactionId) -> Option<Command> {
        self.or_fail(self.find_command(id))
    }

    fn put(&mut self, id: TransactionId, record: PastRecord, number: usize, command: &[u8]) {
        let Receipt { seq, at, date, state } = record.receipt;
        self.archive.put_id(id.as_u128(), Known { seq, state }.to_bits());
        if self.piece.puts.is_empty() {
            let place = self.piece.place;
            self.archive.put_mark(Mark { seq, at: moment_bits(at), place });
        }
        if self.days.last().is_none_or(|(_, last)| *last != date) {
            self.days.push((seq, date));
        }
        self.piece.bytes.extend_from_slice(command);
        self.piece.puts.push((id, seq, number, self.piece.bytes.len()));
        self.count += 1;
    }

    fn resolve(&mut self, id: TransactionId, resolution: Resolution) {
        let Some(Known { seq, .. }) = self.or_fail(self.look(id)) else { return };
        let state = match resolution {
            Resolution::Posted => TransactionState::HoldPosted,
            Resolution::Voided => TransactionState::HoldVoided,
            Resolution::Expired => TransactionState::Expired,
        };
        self.archive.put_id(id.as_u128(), Known { seq, state }.to_bits());
    }

    fn len(&self) -> u64 {
        self.count
    }
}
