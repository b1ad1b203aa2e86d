//! The one writer: takes what waits, commits it as one transaction, then answers.
//!
//! While a commit waits for the disk, further units gather; so the batch grows with the load and
//! a lone unit never waits for company.

use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::{mpsc, oneshot};

use crate::Error;
use crate::unit::{Queued, Ran};
use crate::writing::Writing;

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
pub(crate) fn start(writer: Writing) -> mpsc::Sender<Message> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(serve(writer, receiver));
    sender
}

async fn serve(mut writer: Writing, mut queue: mpsc::Receiver<Message>) {
    let most = writer.batch();
    let mut messages = Vec::with_capacity(most);
    let mut closing = Vec::new();
    while queue.recv_many(&mut messages, most).await > 0 {
        gather(&mut queue, &mut messages, most).await;
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
            commit(&mut writer, batch).await;
        }
    }
    if let Err(error) = writer.close().await {
        tracing::warn!(%error, "the writing connection did not close cleanly");
    }
    for done in closing {
        let _ = done.send(());
    }
}

/// Lets the callers that were just answered come back before the batch is closed: else every
/// second commit would carry only the first few of them. It ends as soon as nobody comes.
async fn gather(queue: &mut mpsc::Receiver<Message>, messages: &mut Vec<Message>, most: usize) {
    while messages.len() < most {
        let before = messages.len();
        tokio::task::yield_now().await;
        while messages.len() < most
            && let Ok(message) = queue.try_recv()
        {
            messages.push(message);
        }
        if messages.len() == before {
            return;
        }
    }
}

async fn commit(writer: &mut Writing, batch: Vec<Box<dyn Queued>>) {
    let txn = match writer.begin().await {
        Ok(txn) => txn,
        Err(error) => {
            tracing::error!(%error, units = batch.len(), "no transaction could be begun");
            for unit in batch {
                unit.refuse(error.clone());
            }
            return;
        }
    };
    let mut ran = Vec::with_capacity(batch.len());
    let outcome = run(writer, &txn, batch, &mut ran).await;
    let keep = ran.iter().any(|unit| unit.keep);
    let outcome = finish(writer, txn, outcome, keep).await;
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
/// full, a connection to PostgreSQL may break); the units not yet run are refused with it.
async fn run(
    writer: &Writing,
    txn: &DatabaseTransaction,
    batch: Vec<Box<dyn Queued>>,
    ran: &mut Vec<Ran>,
) -> Result<(), Error> {
    let alone = batch.len() == 1;
    let mut lost = None;
    for unit in batch {
        if !alone && lost.is_none() {
            lost = part(writer, txn, ran.last_mut()).await.err();
        }
        if let Some(error) = &lost {
            unit.refuse(Error::Commit(error.clone()));
            continue;
        }
        ran.push(unit.run(txn).await);
    }
    match lost {
        Some(error) => Err(Error::Commit(error)),
        None => end(writer, txn, alone, ran).await,
    }
}

/// Ends the unit before and opens the next: the savepoint outlives a roll-back.
async fn part(
    writer: &Writing,
    txn: &DatabaseTransaction,
    before: Option<&mut Ran>,
) -> Result<(), DbErr> {
    let Some(before) = before else { return writer.mark(txn, "SAVEPOINT unit").await };
    if before.keep {
        match writer.mark(txn, "RELEASE unit; SAVEPOINT unit").await {
            Ok(()) => return Ok(()),
            // The unit went on after an error, which PostgreSQL does not forgive.
            Err(error) => before.spoil(Error::Database(error)),
        }
    }
    writer.mark(txn, "ROLLBACK TO unit").await
}

/// Ends the last unit and seals what is to be kept.
async fn end(
    writer: &Writing,
    txn: &DatabaseTransaction,
    alone: bool,
    ran: &mut [Ran],
) -> Result<(), Error> {
    if let Some(last) = ran.last_mut().filter(|last| last.keep) {
        match writer.seal(txn).await {
            Err(error @ Error::Database(_)) => last.spoil(error),
            sealed => return sealed,
        }
    }
    if !alone {
        writer.mark(txn, "ROLLBACK TO unit").await.map_err(Error::Commit)?;
    }
    if ran.iter().any(|unit| unit.keep) { writer.seal(txn).await } else { Ok(()) }
}

/// Commits if there is something to keep and nothing was lost.
async fn finish(
    writer: &mut Writing,
    txn: DatabaseTransaction,
    outcome: Result<(), Error>,
    keep: bool,
) -> Result<(), Error> {
    if keep && outcome.is_ok() {
        return writer.commit(txn).await;
    }
    if let Err(error) = writer.roll_back(txn).await {
        // The engine has already ended it, or will when the connection is used again.
        tracing::warn!(%error, "a roll-back was refused");
    }
    outcome
}
