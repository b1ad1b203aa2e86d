//! The thread that writes: takes what waits, gives it its moment, and journals it as one batch.
//!
//! While it writes a batch, the clerk applies the one before. Each batch is written, durable,
//! applied and answered in this order; only different batches overlap.

use crate::clerk::Written;
use crate::record::Head;
use crate::shared::{Group, Message, Shared};
use crate::{Error, MAX_COMMANDS, MAX_SUBMISSION_BYTES};
use journal::{Claim, Journal, Position};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;
use types::{Clock, Timestamp};

/// After this long without work the journal is sealed.
const IDLE: Duration = Duration::from_millis(500);

/// The writer.
pub(crate) struct Scribe {
    pub shared: Arc<Shared>,
    pub journal: Box<dyn Journal>,
    /// Nobody else works in the book's directory.
    #[expect(dead_code, reason = "held, not used")]
    pub folder: Option<Claim>,
    pub clock: Arc<dyn Clock>,
    pub queue: Receiver<Message>,
    /// The moment of the last batch.
    pub last_at: Option<Timestamp>,
    /// Where written batches go, and who takes them.
    pub clerk: (SyncSender<Written>, JoinHandle<()>),
}

impl Scribe {
    /// Runs until the book is closed or every handle is gone.
    pub(crate) fn run(mut self) {
        let mut closing = false;
        while !closing && let Some(message) = self.wait() {
            let mut group = Group::default();
            closing = self.take(message, &mut group);
            while !closing && !is_full(&group) {
                let Ok(message) = self.queue.try_recv() else { break };
                closing = self.take(message, &mut group);
            }
            if group.len() > 0 {
                self.commit(group);
            }
        }
        let (work, clerk) = self.clerk;
        drop(work);
        if clerk.join().is_err() {
            tracing::error!("the clerk of the book ended by a panic");
        }
        self.shared.fail("it was closed".to_owned());
        // Whoever still waits for room finds nobody there.
        self.shared.gate.leave(usize::MAX);
        seal(&mut *self.journal, &self.shared);
    }

    /// Whether the message is the last.
    fn take(&self, message: Message, group: &mut Group) -> bool {
        match message {
            Message::Submit(submission) => {
                self.shared.gate.leave(submission.weight());
                group.take(submission);
                false
            }
            Message::Close => true,
        }
    }

    /// The next message; seals the journal when none comes for a while.
    fn wait(&mut self) -> Option<Message> {
        match self.queue.recv_timeout(IDLE) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                seal(&mut *self.journal, &self.shared);
                self.queue.recv().ok()
            }
        }
    }

    /// Journals a group and hands it on. After a failure nobody knows what is on the disk: the
    /// group and all after it are refused, while what was written before is applied and answered.
    fn commit(&mut self, group: Group) {
        if let Some(error) = self.shared.failure() {
            return group.answer(Err(error));
        }
        match self.write(&group) {
            Ok((at, position)) => {
                let written = Written { at, position, group };
                if let Err(unsent) = self.clerk.0.send(written) {
                    let error = self.shared.fail("its clerk has ended".to_owned());
                    unsent.0.group.answer(Err(error));
                }
            }
            Err(error) => group.answer(Err(error)),
        }
    }

    fn write(&mut self, group: &Group) -> Result<(Timestamp, Position), Error> {
        let now = self.clock.now();
        let at = self.last_at.map_or(now, |last| now.max(last.plus_micros(1)));
        let head = Head::Batch { at, mark: self.shared.mark() }.encode();
        let mut records = vec![head.as_slice()];
        records.extend(group.commands.pieces());
        let position = self.journal.append(&records).map_err(|error| {
            tracing::error!(%error, "the book stands still");
            self.shared.fail(error.to_string())
        })?;
        self.last_at = Some(at);
        Ok((at, position))
    }
}

fn is_full(group: &Group) -> bool {
    group.commands.len() >= MAX_COMMANDS
        || group.len() >= MAX_COMMANDS
        || group.commands.bytes().len() >= MAX_SUBMISSION_BYTES / 2
}

fn seal(journal: &mut dyn Journal, shared: &Shared) {
    match journal.seal() {
        Ok(()) | Err(journal::Error::Stopped { .. }) => {}
        Err(error) => {
            tracing::error!(%error, "the journal of the book cannot be sealed");
            shared.fail(error.to_string());
        }
    }
}
