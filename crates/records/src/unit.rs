//! A unit: what one caller wants written, all of it or nothing.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use sea_orm::DatabaseTransaction;
use tokio::sync::oneshot;

use crate::Error;

/// The future a unit returns; it borrows the transaction it runs in.
pub type UnitFuture<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// How long a unit may run: every other writer waits for it.
pub(crate) const UNIT_TIME: Duration = Duration::from_secs(10);

/// A unit in the queue, its types forgotten so that units of all rooms stand in one line.
pub(crate) trait Queued: Send {
    /// Whether its caller has gone away.
    fn is_abandoned(&self) -> bool;
    /// Runs it, and keeps its result until the batch's fate is known.
    fn run(self: Box<Self>, txn: &DatabaseTransaction) -> RunFuture<'_>;
    /// Answers its caller with an error, unrun.
    fn refuse(self: Box<Self>, error: Error);
}

/// The future of [`Queued::run`].
pub(crate) type RunFuture<'t> = Pin<Box<dyn Future<Output = Ran> + Send + 't>>;

/// A unit that has run.
pub(crate) struct Ran {
    /// Whether what it wrote is to be kept.
    pub(crate) keep: bool,
    /// Tells the caller, given whether the batch was committed.
    pub(crate) settle: Box<dyn FnOnce(Result<(), Error>) + Send>,
}

impl Ran {
    /// What it wrote cannot be kept, whatever it said itself.
    pub(crate) fn spoil(&mut self, error: Error) {
        self.keep = false;
        let settle = std::mem::replace(&mut self.settle, Box::new(|_| ()));
        self.settle = Box::new(move |_| settle(Err(error)));
    }
}

/// A unit with its types and the way back to its caller.
pub(crate) struct Typed<T, E, F> {
    pub(crate) unit: F,
    pub(crate) reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Queued for Typed<T, E, F>
where
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> UnitFuture<'t, T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(self: Box<Self>, txn: &DatabaseTransaction) -> RunFuture<'_> {
        let Self { unit, reply } = *self;
        Box::pin(async move {
            let result = match guarded(unit, txn).await {
                Ok(result) => result,
                Err(error) => Err(E::from(error)),
            };
            let keep = result.is_ok();
            // A unit that failed by itself says so whatever became of the batch.
            let settle = move |committed: Result<(), Error>| {
                let answer = result.and_then(|value| match committed {
                    Ok(()) => Ok(value),
                    Err(error) => Err(E::from(error)),
                });
                // The caller may have gone; the unit stands all the same.
                let _ = reply.send(answer);
            };
            Ran { keep, settle: Box::new(settle) }
        })
    }

    fn refuse(self: Box<Self>, error: Error) {
        let _ = self.reply.send(Err(E::from(error)));
    }
}

/// Runs a unit under its time limit; a panic in it ends the unit, not the writer.
async fn guarded<T, E, F>(unit: F, txn: &DatabaseTransaction) -> Result<Result<T, E>, Error>
where
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> UnitFuture<'t, T, E>,
{
    let mut future =
        catch_unwind(AssertUnwindSafe(|| unit(txn))).map_err(|_| Error::UnitPanicked)?;
    // Unwind safety: after a panic the future is dropped and its writes are rolled back.
    let caught = std::future::poll_fn(move |context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
            Err(_) => Poll::Ready(Err(Error::UnitPanicked)),
        }
    });
    let slow = Error::UnitTooSlow { seconds: UNIT_TIME.as_secs() };
    tokio::time::timeout(UNIT_TIME, caught).await.unwrap_or(Err(slow))
}
