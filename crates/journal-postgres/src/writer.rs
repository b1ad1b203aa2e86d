//! The writing end: appends by expected position.

use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{Error, Journal, Position, form};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::sleep;

use crate::engine::{Engine, within};
use crate::home::LOCK;
use crate::tables;
use crate::walk::{Told, number};

/// How long an append waits for a server that is away before the log stands still.
pub const AWAY: Duration = Duration::from_secs(30);
/// How long the server may be silent about one statement before the connection is given up.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);
/// The pause between two attempts.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// An open log in a database.
pub(crate) struct PostgresJournal {
    engine: Arc<Engine>,
    epoch: i64,
    /// `None` after it broke.
    live: Option<Live>,
    last: Position,
    /// The length of the last frame.
    last_bytes: usize,
    failure: Option<String>,
    /// Room for a frame, used again.
    room: Vec<u8>,
}

/// A session that appends.
struct Live {
    connection: PgConnection,
    /// Whether it holds the lock that keeps others from claiming the log. What protects the log is
    /// the epoch, so a session that could not have the lock yet appends without it, and asks for it
    /// again.
    has_lock: bool,
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
        let live = connection.map(|connection| Live { connection, has_lock: true });
        Self { engine, epoch, live, last, last_bytes, failure: None, room: Vec::new() }
    }

    fn check_standing(&self) -> Result<(), Error> {
        match &self.failure {
            Some(reason) => Err(Error::Stopped { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Asks for an append and waits until its fate is known.
    fn settle(&mut self, append: Append) -> Result<Vec<u8>, Error> {
        let (options, live) = (self.engine.writing.clone(), self.live.take());
        let asked = self.engine.ask(async move { insist(&options, live, append).await });
        let Ok((live, append, fate)) = asked.recv() else {
            return Err(self.engine.failed("append to", "its work was given up"));
        };
        self.live = live;
        match fate {
            Fate::Committed => Ok(append.frame),
            Fate::Deposed => Err(Error::Deposed { home: self.engine.name.clone() }),
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
    mut kept: Option<Live>,
    append: Append,
) -> (Option<Live>, Append, Fate) {
    let until = Instant::now() + AWAY;
    loop {
        let live = match kept.take() {
            Some(live) => Ok(live),
            None => within(ANSWER, come_back(options)).await,
        };
        let error = match live {
            Ok(mut live) => match within(ANSWER, attempt(&mut live, &append)).await {
                Ok(fate) => return (Some(live), append, fate),
                Err(error) if pg::is_refusal(&error) && !is_passing(&error) => {
                    return (Some(live), append, Fate::Failed(error.to_string()));
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        if Instant::now() >= until {
            return (None, append, Fate::Failed(error.to_string()));
        }
        tracing::warn!(%error, "the append is asked for again, on a new connection");
        sleep(PAUSE).await;
    }
}

/// Whether the same statement may be answered otherwise in a moment: the server is a standby that
/// is being promoted, somebody ended the statement, or it lost a conflict.
fn is_passing(error: &sqlx::Error) -> bool {
    const CODES: [&str; 4] = ["25006", "57014", "40001", "40P01"];
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| CODES.contains(&&*code))
}

/// Asks for the append once.
async fn attempt(live: &mut Live, append: &Append) -> Result<Fate, sqlx::Error> {
    let Live { connection, has_lock } = live;
    if !*has_lock {
        *has_lock = pg::take_right(connection, LOCK).await?;
    }
    let Append { epoch, expected, next, frame } = append;
    let done = sqlx::query(tables::APPEND)
        .bind(epoch)
        .bind(number(expected.sequence))
        .bind(&expected.chain[..])
        .bind(number(next.sequence))
        .bind(&next.chain[..])
        .bind(number(next.place.to_bits()))
        .bind(&frame[..])
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() == 1 {
        return Ok(Fate::Committed);
    }
    // The head is not where it was: our own batch of an earlier attempt stands there, or another's.
    let found: Option<Told> = sqlx::query_as(tables::BATCH)
        .bind(number(next.sequence))
        .fetch_optional(&mut *connection)
        .await?;
    let ours = |(writer, _, _, head): &Told| {
        writer == epoch && form::told(head) == Some((next.sequence, next.chain))
    };
    if !found.is_some_and(|row| ours(&row)) {
        return Ok(Fate::Deposed);
    }
    // That it can be read does not say that a standby has it: its own commit may have been waiting.
    sqlx::query(tables::SETTLE).bind(epoch).execute(connection).await?;
    Ok(Fate::Committed)
}

/// A new session.
async fn come_back(options: &PgConnectOptions) -> Result<Live, sqlx::Error> {
    let mut connection = options.connect().await?;
    let has_lock = pg::take_right(&mut connection, LOCK).await?;
    Ok(Live { connection, has_lock })
}
