//! The one writer: takes what waits, commits it as one transaction, then answers.
//!
//! While a commit waits for the disk, further units gather; so the batch grows with the load and
//! a lone unit never waits for company.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction};
use tokio::sync::{mpsc, oneshot};

use crate::Error;
use crate::sqlite::immediate;
use crate::unit::{Queued, Ran};

/// Units in one transaction at most.
const BATCH: usize = 256;
/// Units that may wait.
pub(crate) const QUEUE: usize = 4096;

/// What the writer is told.
pub(crate) enum Message {
    /// Write this.
    Unit(Box<dyn Queued>),
    /// Finish what was queued before and stop.
    Close(oneshot::Sender<()>),
}

/// Starts the writer; it ends when told to, or when nobody holds the sender any more.
pub(crate) fn start(writer: DatabaseConnection) -> mpsc::Sender<Message> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(serve(writer, receiver));
    sender
}

async fn serve(writer: DatabaseConnection, mut queue: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(BATCH);
    let mut closing = Vec::new();
    while queue.recv_many(&mut messages, BATCH).await > 0 {
        gather(&mut queue, &mut messages).await;
        let mut batch = Vec::with_capacity(messages.len());
        for message in messages.drain(..) {
            match message {
                Message::Unit(unit) if unit.is_abandoned() => {}
                Message::Unit(unit) => batch.push(unit),
                Message::Close(done) => {
                    queue.close();
                    closing.push(done);
                }
            }
        }
        if !batch.is_empty() {
            commit(&writer, batch).await;
        }
    }
    if let Err(error) = writer.close_by_ref().await {
        tracing::warn!(%error, "the writing connection did not close cleanly");
    }
    for done in closing {
        let _ = done.send(());
    }
}

/// Lets the callers that were just answered come back before the batch is closed: else every
/// second commit would carry only the first few of them. It ends as soon as nobody comes.
async fn gather(queue: &mut mpsc::Receiver<Message>, messages: &mut Vec<Message>) {
    while messages.len() < BATCH {
        let before = messages.len();
        tokio::task::yield_now().await;
        while messages.len() < BATCH
            && let Ok(message) = queue.try_recv()
        {
            messages.push(message);
        }
        if messages.len() == before {
            return;
        }
    }
}

async fn commit(writer: &DatabaseConnection, batch: Vec<Box<dyn Queued>>) {
    let txn = match immediate(writer).await {
        Ok(txn) => txn,
        Err(error) => {
            tracing::error!(%error, units = batch.len(), "no transaction could be begun");
            for unit in batch {
                unit.refuse(Error::Commit(error.clone()));
            }
            return;
        }
    };
    let mut ran = Vec::with_capacity(batch.len());
    let outcome = run(&txn, batch, &mut ran).await;
    let keep = ran.iter().any(|unit| unit.keep);
    let outcome = finish(txn, outcome, keep).await;
    if let Err(error) = &outcome {
        tracing::error!(%error, units = ran.len(), "a batch was not committed");
    }
    for unit in ran {
        (unit.settle)(outcome.clone());
    }
}

/// Runs the units one after the other, each under a savepoint: what fails is undone, what stands
/// before and after it stays. A lone unit needs none: the transaction itself is undone.
///
/// An error here means that the transaction is lost (SQLite ends it by itself when the disk is
/// full); the units not yet run are refused with it.
async fn run(
    txn: &DatabaseTransaction,
    batch: Vec<Box<dyn Queued>>,
    ran: &mut Vec<Ran>,
) -> Result<(), Error> {
    let alone = batch.len() == 1;
    let mut mark = "SAVEPOINT unit";
    let mut lost = None;
    for unit in batch {
        if !alone && lost.is_none() {
            lost = txn.execute_unprepared(mark).await.err();
        }
        if let Some(error) = &lost {
            unit.refuse(Error::Commit(error.clone()));
            continue;
        }
        let result = unit.run(txn).await;
        // One statement ends this unit and opens the next: the savepoint outlives a roll-back.
        mark = if result.keep { "RELEASE unit; SAVEPOINT unit" } else { "ROLLBACK TO unit" };
        ran.push(result);
    }
    let last_failed = ran.last().is_some_and(|unit| !unit.keep);
    if !alone && last_failed && lost.is_none() {
        lost = txn.execute_unprepared(mark).await.err();
    }
    lost.map_or(Ok(()), |error| Err(Error::Commit(error)))
}

/// Commits if there is something to keep and nothing was lost.
async fn finish(
    txn: DatabaseTransaction,
    outcome: Result<(), Error>,
    keep: bool,
) -> Result<(), Error> {
    if keep && outcome.is_ok() {
        return txn.commit().await.map_err(Error::Commit);
    }
    if let Err(error) = txn.rollback().await {
        // The engine has already ended it, or will when the connection is used again.
        tracing::warn!(%error, "a roll-back was refused");
    }
    outcome
}
