//! The thread that writes: takes what waits, journals it as one batch, applies it, answers.

use crate::model::Model;
use crate::{Error, MAX_COMMANDS, MAX_SUBMISSION_BYTES, record};
use journal::Journal;
use ledger::{Command, Outcome};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::oneshot;
use types::Clock;

/// After this long without work the journal is sealed.
const IDLE: Duration = Duration::from_millis(500);

/// What the writer and everybody else share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub model: RwLock<Model>,
    failure: Mutex<Option<String>>,
}

impl Shared {
    pub(crate) fn new(model: Model) -> Self {
        Self { model: RwLock::new(model), failure: Mutex::new(None) }
    }

    /// The failure the writer stands still for.
    pub(crate) fn failure(&self) -> Option<Error> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.as_ref().map(|reason| Error::Stopped { reason: reason.clone() })
    }

    fn fail(&self, reason: String) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(reason);
    }
}

/// One caller's commands.
pub(crate) struct Submission {
    pub commands: Vec<Command>,
    /// As [`record::weight`] has it.
    pub weight: usize,
    pub reply: Reply,
}

/// How one caller waits.
pub(crate) enum Reply {
    Future(oneshot::Sender<Result<Vec<Outcome>, Error>>),
    Blocking(SyncSender<Result<Vec<Outcome>, Error>>),
}

impl Reply {
    /// A caller who has gone away is no fault: what was asked is done all the same.
    fn send(self, result: Result<Vec<Outcome>, Error>) {
        match self {
            Self::Future(sender) => drop(sender.send(result)),
            Self::Blocking(sender) => drop(sender.send(result)),
        }
    }
}

/// What the queue carries.
pub(crate) enum Message {
    Submit(Submission),
    Close,
}

/// The writer.
pub(crate) struct Writer {
    pub shared: Arc<Shared>,
    pub journal: Journal,
    pub clock: Arc<dyn Clock>,
    pub queue: Receiver<Message>,
    pub buffer: Vec<u8>,
}

/// The submissions of one batch.
#[derive(Default)]
struct Group {
    commands: Vec<Command>,
    weight: usize,
    replies: Vec<(usize, Reply)>,
    /// Whether the book is to be closed after it.
    closing: bool,
}

impl Group {
    fn take(&mut self, message: Message) {
        match message {
            Message::Submit(submission) => {
                self.replies.push((submission.commands.len(), submission.reply));
                self.commands.extend(submission.commands);
                self.weight = self.weight.saturating_add(submission.weight);
            }
            Message::Close => self.closing = true,
        }
    }

    fn is_full(&self) -> bool {
        self.closing
            || self.commands.len() >= MAX_COMMANDS
            || self.replies.len() >= MAX_COMMANDS
            || self.weight >= MAX_SUBMISSION_BYTES / 2
    }

    /// Answers everybody with their own outcomes.
    fn answer(self, outcomes: Result<Vec<Outcome>, Error>) {
        let mut outcomes = outcomes.map(Vec::into_iter);
        for (count, reply) in self.replies {
            reply.send(match &mut outcomes {
                Ok(outcomes) => Ok(outcomes.by_ref().take(count).collect()),
                Err(error) => Err(error.clone()),
            });
        }
    }
}

impl Writer {
    /// Runs until the book is closed or every handle is gone.
    pub(crate) fn run(mut self) {
        while let Some(message) = self.wait() {
            let mut group = Group::default();
            group.take(message);
            while !group.is_full() {
                let Ok(message) = self.queue.try_recv() else { break };
                group.take(message);
            }
            let closing = group.closing;
            if !group.replies.is_empty() {
                let outcomes = self.commit(&group.commands);
                group.answer(outcomes);
            }
            if closing {
                break;
            }
        }
        self.shared.fail("it was closed".to_owned());
        self.seal();
    }

    /// The next message; seals the journal when none comes for a while.
    fn wait(&mut self) -> Option<Message> {
        match self.queue.recv_timeout(IDLE) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.seal();
                self.queue.recv().ok()
            }
        }
    }

    /// Journal first, state after: whatever becomes of the write, the state in memory never is
    /// ahead of the disk.
    fn commit(&mut self, commands: &[Command]) -> Result<Vec<Outcome>, Error> {
        if let Some(error) = self.shared.failure() {
            return Err(error);
        }
        let (at, effects_before) = {
            let model = self.shared.model.read().unwrap_or_else(PoisonError::into_inner);
            (model.ledger.next_at(self.clock.now()), model.ledger.seq())
        };
        record::encode_batch(effects_before, at, commands, &mut self.buffer);
        if let Err(error) = self.journal.append(&[&self.buffer]) {
            tracing::error!(%error, "the book stands still");
            self.shared.fail(error.to_string());
            return Err(Error::Stopped { reason: error.to_string() });
        }
        let mut model = self.shared.model.write().unwrap_or_else(PoisonError::into_inner);
        Ok(model.apply(at, commands))
    }

    fn seal(&mut self) {
        match self.journal.seal() {
            Ok(()) | Err(journal::Error::Stopped { .. }) => {}
            Err(error) => {
                tracing::error!(%error, "the journal of the book cannot be sealed");
                self.shared.fail(error.to_string());
            }
        }
    }
}
