//! What the threads of the book and its callers share.

use crate::look::still;
use crate::model::Model;
use crate::past::Unread;
use crate::record::Mark;
use crate::{Error, MAX_WAITING_BYTES};
use ledger::Outcome;
use ledger::codec::Encoded;
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::oneshot;

/// What the threads of the book and its callers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub model: RwLock<Model>,
    pub gate: Gate,
    mark: Mutex<Mark>,
    failure: Mutex<Option<String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(model: Model, mark: Mark) -> Self {
        Self {
            model: RwLock::new(model),
            gate: Gate::default(),
            mark: Mutex::new(mark),
            failure: Mutex::default(),
        }
    }

    /// The failure the book stands still for.
    pub(crate) fn failure(&self) -> Option<Error> {
        locked(&self.failure).as_ref().map(|reason| Error::Stopped { reason: reason.clone() })
    }

    /// From now on nothing more is taken; the first reason stays.
    pub(crate) fn fail(&self, reason: String) -> Error {
        let mut failure = locked(&self.failure);
        Error::Stopped { reason: failure.get_or_insert(reason).clone() }
    }

    /// As [`Shared::fail`], when the past could not be read or kept: if it is damaged, the next
    /// opening builds its index anew.
    pub(crate) fn damaged(&self, model: &Model, error: &Error) -> Error {
        tracing::error!(%error, "the book stands still");
        let reason = error.to_string();
        if error.is_passing() {
            return self.fail(reason);
        }
        if let Err(error) = model.ledger.memory().archive.condemn(&reason) {
            tracing::error!(%error, "the index of the book cannot be condemned");
        }
        self.fail(reason)
    }

    /// What a reader is told when the past gives no answer. Where the disk was only not to be
    /// read, the next reader may be luckier; damage is not for anybody to build on.
    pub(crate) fn unread(&self, unread: Unread) -> Error {
        let (damage, journal) = (unread.is_damage(), matches!(unread, Unread::Journal(_)));
        let error = Error::from(unread);
        match (damage, journal) {
            (false, _) => tracing::warn!(%error, "the past of the book could not be read"),
            (true, false) => _ = self.damaged(&still(&self.model), &error),
            // The index is no better if it is built from a damaged journal.
            (true, true) => {
                tracing::error!(%error, "the book stands still");
                self.fail(error.to_string());
            }
        }
        error
    }

    /// What was applied last.
    pub(crate) fn mark(&self) -> Mark {
        *locked(&self.mark)
    }

    pub(crate) fn set_mark(&self, mark: Mark) {
        *locked(&self.mark) = mark;
    }
}

/// Lets no more bytes wait for the scribe than [`MAX_WAITING_BYTES`].
#[derive(Debug, Default)]
pub(crate) struct Gate {
    waiting: Mutex<usize>,
    room: Condvar,
}

impl Gate {
    /// Takes room for this many bytes, if there is any.
    pub(crate) fn try_enter(&self, bytes: usize) -> Result<(), Error> {
        let mut waiting = locked(&self.waiting);
        if *waiting >= MAX_WAITING_BYTES {
            return Err(Error::Overloaded { limit: MAX_WAITING_BYTES, what: "bytes" });
        }
        *waiting += bytes;
        Ok(())
    }

    /// Takes room for this many bytes, waiting for it.
    pub(crate) fn enter(&self, bytes: usize) {
        let mut waiting = locked(&self.waiting);
        while *waiting >= MAX_WAITING_BYTES {
            waiting = self.room.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        *waiting += bytes;
    }

    /// Gives room back.
    pub(crate) fn leave(&self, bytes: usize) {
        let mut waiting = locked(&self.waiting);
        let was_full = *waiting >= MAX_WAITING_BYTES;
        *waiting = waiting.saturating_sub(bytes);
        if was_full && *waiting < MAX_WAITING_BYTES {
            self.room.notify_all();
        }
    }
}

/// One caller's commands.
pub(crate) struct Submission {
    pub commands: Encoded,
    pub reply: Reply,
}

impl Submission {
    /// What it counts at the gate.
    pub(crate) fn weight(&self) -> usize {
        self.commands.bytes().len()
    }
}

/// How one caller waits.
pub(crate) enum Reply {
    Future(oneshot::Sender<Result<Vec<Outcome>, Error>>),
    Blocking(SyncSender<Result<Vec<Outcome>, Error>>),
}

impl Reply {
    /// A caller who has gone away is no fault: what was asked is done all the same.
    pub(crate) fn send(self, result: Result<Vec<Outcome>, Error>) {
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

/// The submissions of one batch.
#[derive(Default)]
pub(crate) struct Group {
    pub commands: Encoded,
    replies: Vec<(usize, Reply)>,
}

impl Group {
    pub(crate) fn take(&mut self, submission: Submission) {
        self.replies.push((submission.commands.len(), submission.reply));
        self.commands.append(submission.commands);
    }

    /// How many submissions there are.
    pub(crate) fn len(&self) -> usize {
        self.replies.len()
    }

    /// Answers everybody with their own outcomes.
    pub(crate) fn answer(self, outcomes: Result<Vec<Outcome>, Error>) {
        let mut outcomes = match outcomes {
            Ok(outcomes) => outcomes,
            Err(error) => {
                return self.replies.into_iter().for_each(|(_, r)| r.send(Err(error.clone())));
            }
        };
        let mut replies = self.replies;
        if replies.len() == 1
            && let Some((_, reply)) = replies.pop()
        {
            return reply.send(Ok(outcomes));
        }
        let mut outcomes = outcomes.drain(..);
        for (count, reply) in replies {
            reply.send(Ok(outcomes.by_ref().take(count).collect()));
        }
    }
}
