//! The writing end: appends by expected position.

use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{Error, Journal, Position, form};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::{sleep, timeout};

use crate::engine::Engine;
use crate::home::LOCK;
use crate::tables;
use crate::walk::{Told, number};

/// How long an append waits for a server that is away before the log stands still.
pub const AWAY: Duration = Duration::from_secs(30);
/// How long the server may be silent about one statement before the connection is given up.
const ANSWER: Duration = Duration::from_secs(10);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// An open log in a database.
pub(crate) struct PostgresJournal {
    engine: Arc<Engine>,
    epoch: i64,
    /// `None` after it broke.
    connection: Option<PgConnection>,
    last: Position,
    /// The length of the last frame.
    last_bytes: usize,
    failure: Option<String>,
    /// Room for a frame, used again.
    room: Vec<u8>,
}

/// One append, as the database is asked for it.
struct Append {
    epoch: i64,
    expected: Position,
    next: Position,
    frame: Vec<u8>,
}

/// What became of it.
enum Fate {
    Committed,
    /// The head is another's.
    Deposed,
    /// The server refused, or stayed away for too long.
    Failed(String),
}

impl PostgresJournal {
    pub(crate) fn new(
        engine: Arc<Engine>,
        epoch: i64,
        connection: Option<PgConnection>,
        (last, last_bytes): (Position, usize),
    ) -> Self {
        Self { engine, epoch, connection, last, last_bytes, failure: None, room: Vec::new() }
    }

    fn check_standing(&self) -> Result<(), Error> {
        match &self.failure {
            Some(reason) => Err(Error::Stopped { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Asks for an append and waits until its fate is known.
    fn settle(&mut self, append: Append) -> Result<Vec<u8>, Error> {
        let (options, connection) = (self.engine.writing.clone(), self.connection.take());
        let asked = self.engine.ask(async move { insist(&options, connection, append).await });
        let home = || self.engine.name.clone();
        let Ok((connection, append, fate)) = asked.recv() else {
            return Err(self.engine.failed("append to", "its work was given up"));
        };
        self.connection = connection;
        match fate {
            Fate::Committed => Ok(append.frame),
            Fate::Deposed => Err(Error::Deposed { home: home() }),
            Fate::Failed(reason) => Err(self.engine.failed("append to", &reason)),
        }
    }
}

impl Journal for PostgresJournal {
    fn append(&mut self, records: &[&[u8]]) -> Result<Position, Error> {
        self.check_standing()?;
        let mut frame = std::mem::take(&mut self.room);
        frame.clear();
        let behind = (self.last.sequence, &self.last.chain);
        let chain = form::encode(behind, records, &mut frame)?;
        let bytes = frame.len();
        let place = form::next_place(self.last.place, self.last_bytes, bytes);
        let next = Position { sequence: self.last.sequence + 1, chain, place };
        let append = Append { epoch: self.epoch, expected: self.last, next, frame };
        match self.settle(append) {
            Ok(frame) => self.room = frame,
            Err(error) => {
                self.failure = Some(error.to_string());
                return Err(error);
            }
        }
        (self.last, self.last_bytes) = (next, bytes);
        Ok(next)
    }

    /// Every append is durable when it is answered.
    fn sync(&mut self) -> Result<(), Error> {
        self.check_standing()
    }

    /// The database leaves no torn batch that damage would have to be told from.
    fn seal(&mut self) -> Result<(), Error> {
        self.check_standing()
    }

    fn last(&self) -> Position {
        self.last
    }
}

/// Appends, on new connections where one breaks, until the fate of it is known or the server was
/// away for too long. Asking twice is safe: whichever of two statements comes second finds the
/// head moved, and the batch in its place, whose epoch and chain say whether it is the one asked for.
async fn insist(
    options: &PgConnectOptions,
    mut connection: Option<PgConnection>,
    append: Append,
) -> (Option<PgConnection>, Append, Fate) {
    let until = Instant::now() + AWAY;
    loop {
        let live = match connection.take() {
            Some(live) => Ok(live),
            None => come_back(options).await,
        };
        let error = match live {
            Ok(mut live) => match timeout(ANSWER, attempt(&mut live, &append)).await {
                Ok(Ok(fate)) => return (Some(live), append, fate),
                Ok(Err(error)) if pg::is_refusal(&error) => {
                    return (Some(live), append, Fate::Failed(error.to_string()));
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the server did not answer in time".to_owned(),
            },
            Err(error) => error.to_string(),
        };
        if Instant::now() >= until {
            return (None, append, Fate::Failed(error));
        }
        tracing::warn!(%error, "the connection of the journal broke and is made anew");
        sleep(PAUSE).await;
    }
}

/// Asks for the append once.
async fn attempt(live: &mut PgConnection, append: &Append) -> Result<Fate, sqlx::Error> {
    let Append { epoch, expected, next, frame } = append;
    let done = sqlx::query(tables::APPEND)
        .bind(epoch)
        .bind(number(expected.sequence))
        .bind(&expected.chain[..])
        .bind(number(next.sequence))
        .bind(&next.chain[..])
        .bind(number(next.place.to_bits()))
        .bind(&frame[..])
        .execute(&mut *live)
        .await?;
    if done.rows_affected() == 1 {
        return Ok(Fate::Committed);
    }
    // The head is not where it was: our own batch of an earlier attempt stands there, or another's.
    let found: Option<Told> =
        sqlx::query_as(tables::BATCH).bind(number(next.sequence)).fetch_optional(live).await?;
    let ours = |(writer, _, _, head): &Told| {
        writer == epoch && form::told(head) == Some((next.sequence, next.chain))
    };
    Ok(if found.is_some_and(|row| ours(&row)) { Fate::Committed } else { Fate::Deposed })
}

/// A new session. The lock is asked for again, so that nobody claims a log whose writer lives; but
/// what protects the log is the epoch, so who does not get it at once goes on without it.
async fn come_back(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let connect = timeout(ANSWER, options.connect()).await;
    let mut live = connect.map_err(|_| sqlx::Error::PoolTimedOut)??;
    pg::take_right(&mut live, LOCK).await?;
    Ok(live)
}
