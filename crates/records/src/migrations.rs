//! The tables' history: each room's steps, applied once, in order, and never altered afterwards.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use sha2::{Digest, Sha256};

use crate::writing::Writing;
use crate::{Error, MigrationFault, rows};

/// The migrations of one room, in order. A step is a name and its SQL (several statements
/// allowed). Published steps are never edited: a correction is a further step.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// The room that owns the tables.
    pub room: &'static str,
    /// (name, SQL), in the order they are applied.
    pub steps: &'static [(&'static str, &'static str)],
}

/// The tables of this crate.
const OWN: Migrations = Migrations {
    room: "records",
    steps: &[
        ("0001_init", include_str!("../migrations/0001_init.sql")),
        ("0002_approval", include_str!("../migrations/0002_approval.sql")),
    ],
};

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS records_migration (
    room       TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    step       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL,
    applied_at TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (room, position)
)";

/// Applies what the database lacks, in one transaction: an upgrade that fails leaves nothing.
/// A room in the database that the program does not name is left alone.
pub(crate) async fn apply(writer: &mut Writing, rooms: &[Migrations]) -> Result<(), Error> {
    let rooms: Vec<Migrations> = std::iter::once(OWN).chain(rooms.iter().copied()).collect();
    refuse_doubles(&rooms)?;
    let txn = writer.begin().await?;
    writer.unhurried(&txn).await?;
    txn.execute_unprepared(&writer.words(TABLE)).await?;
    let applied = applied(&txn).await?;
    let none = Vec::new();
    for room in &rooms {
        let done = applied.get(room.room).unwrap_or(&none);
        check(room, done)?;
        for (position, (step, sql)) in room.steps.iter().enumerate().skip(done.len()) {
            run(writer, &txn, room.room, position, (step, sql)).await?;
        }
    }
    writer.seal(&txn).await?;
    writer.commit(txn).await
}

fn refuse_doubles(rooms: &[Migrations]) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    for room in rooms {
        let mut steps = BTreeSet::new();
        let room_is_new = names.insert(room.room);
        let double = room.steps.iter().find(|(step, _)| !steps.insert(step));
        let step = match (room_is_new, double) {
            (false, _) => "*",
            (true, Some((step, _))) => step,
            (true, None) => continue,
        };
        return Err(fault(room.room, step, MigrationFault::Twice));
    }
    Ok(())
}

/// What was applied: room -> (step, checksum) in order.
type Applied = BTreeMap<String, Vec<(String, String)>>;

async fn applied(txn: &DatabaseTransaction) -> Result<Applied, Error> {
    let sql = "SELECT room, step, checksum FROM records_migration ORDER BY room, position";
    let read =
        |row: &rows::Row<'_>| Ok((row.text("room")?, (row.text("step")?, row.text("checksum")?)));
    let mut applied = Applied::new();
    for (room, step) in rows::select(txn, "records_migration", sql, vec![], read).await? {
        applied.entry(room).or_default().push(step);
    }
    Ok(applied)
}

/// What is applied must be the beginning of what the program carries, to the letter.
fn check(room: &Migrations, done: &[(String, String)]) -> Result<(), Error> {
    for (position, (step, checksum)) in done.iter().enumerate() {
        let Some((name, sql)) = room.steps.get(position) else {
            return Err(fault(room.room, step, MigrationFault::Newer));
        };
        if name != step {
            let out = MigrationFault::OutOfOrder { applied: step.clone() };
            return Err(fault(room.room, name, out));
        }
        let now = digest(sql);
        if now != *checksum {
            let altered = MigrationFault::Altered { applied: checksum.clone(), now };
            return Err(fault(room.room, step, altered));
        }
    }
    Ok(())
}

async fn run(
    writer: &Writing,
    txn: &DatabaseTransaction,
    room: &str,
    position: usize,
    (step, sql): (&str, &str),
) -> Result<(), Error> {
    txn.execute_unprepared(&writer.words(sql))
        .await
        .map_err(|e| fault(room, step, MigrationFault::Failed(e.to_string())))?;
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    let insert =
        "INSERT INTO records_migration (room, position, step, checksum) VALUES ($1, $2, $3, $4)";
    let values = vec![room.into(), position.into(), step.into(), digest(sql).into()];
    rows::execute(txn, insert, values).await?;
    tracing::info!(room, step, "migration applied");
    Ok(())
}

/// Line ends do not count: a checkout on another system may change them.
fn digest(sql: &str) -> String {
    hex::encode(Sha256::digest(sql.replace("\r\n", "\n")))
}

fn fault(room: &str, step: &str, fault: MigrationFault) -> Error {
    Error::Migration { room: room.to_owned(), step: step.to_owned(), fault }
}
