//! The room's own tables: runs and breaks. Nothing in them is ever deleted.

use std::fmt::Write;

use records::Error as RecordsError;
use records::rows::{Row, execute, places, select};
use sea_orm::{ConnectionTrait, Value};
use types::{BusinessDate, RunId, Timestamp};

use super::{Break, BreakFilter, BreakState};
use crate::{Class, RunReport, RunState};

/// Rows an INSERT carries: 11 columns each, far below the engine's limit on values.
const ROWS_A_STATEMENT: usize = 500;
const DEFAULT_PAGE: u64 = 100;
const LARGEST_PAGE: u64 = 10_000;

const RUN_COLUMNS: &str = "report, state";
const BREAK_COLUMNS: &str = "id, run_id, seq, pair, receivable_minor, fee_minor, remedy, state, \
    found_at, treated_at, closed_at, note";

impl RunState {
    const fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Current, Self::Superseded].into_iter().find(|s| s.word() == word)
    }
}

impl BreakState {
    const fn word(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Treated => "treated",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Found, Self::Treated, Self::Closed, Self::Withdrawn]
            .into_iter()
            .find(|s| s.word() == word)
    }
}

fn read_run(row: &Row<'_>) -> Result<RunReport, RecordsError> {
    let mut report: RunReport = row.json("report")?;
    report.state = row.word("state", RunState::from_word)?;
    Ok(report)
}

fn read_break(row: &Row<'_>) -> Result<Break, RecordsError> {
    let moment =
        |column| Ok::<_, RecordsError>(row.optional::<i64>(column)?.map(Timestamp::from_micros));
    Ok(Break {
        id: row.parsed("id")?,
        run: row.parsed("run_id")?,
        seq: u64::try_from(row.number("seq")?).map_err(|e| row.corrupt("seq", &e))?,
        pair: row.json("pair")?,
        receivable_minor: row.number("receivable_minor")?,
        fee_minor: row.number("fee_minor")?,
        remedy: row.json("remedy")?,
        state: row.word("state", BreakState::from_word)?,
        found_at: row.moment("found_at")?,
        treated_at: moment("treated_at")?,
        closed_at: moment("closed_at")?,
        note: row.optional("note")?,
    })
}

fn encode(what: &impl serde::Serialize) -> Result<String, RecordsError> {
    serde_json::to_string(what)
        .map_err(|e| RecordsError::Corrupt { table: "recon_breaks", reason: e.to_string() })
}

/// One run.
pub(crate) async fn find_run(
    db: &impl ConnectionTrait,
    run: RunId,
) -> Result<Option<RunReport>, RecordsError> {
    let sql = format!("SELECT {RUN_COLUMNS} FROM recon_run WHERE id = $1");
    let rows = select(db, "recon_run", &sql, vec![run.to_string().into()], read_run).await?;
    Ok(rows.into_iter().next())
}

/// The run that counts for a channel and date.
pub(crate) async fn current_run(
    db: &impl ConnectionTrait,
    channel: &str,
    date: BusinessDate,
) -> Result<Option<RunReport>, RecordsError> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM recon_run \
         WHERE channel = $1 AND date = $2 AND state = 'current'"
    );
    let values = vec![channel.into(), i64::from(date.days()).into()];
    Ok(select(db, "recon_run", &sql, values, read_run).await?.into_iter().next())
}

/// Runs of a date, or of all, newest first.
pub(crate) async fn list_runs(
    db: &impl ConnectionTrait,
    date: Option<BusinessDate>,
    limit: u64,
) -> Result<Vec<RunReport>, RecordsError> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM recon_run WHERE $1 IS NULL OR date = $1 \
         ORDER BY date DESC, channel, version DESC LIMIT $2"
    );
    let values = vec![date.map(|d| i64::from(d.days())).into(), page(limit).into()];
    select(db, "recon_run", &sql, values, read_run).await
}

fn page(limit: u64) -> i64 {
    let rows = if limit == 0 { DEFAULT_PAGE } else { limit.min(LARGEST_PAGE) };
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Writes a run with its breaks in place of the channel's and date's last one.
pub(crate) async fn put_run(
    db: &impl ConnectionTrait,
    report: &RunReport,
    breaks: &[Break],
    now: Timestamp,
) -> Result<(), RecordsError> {
    let scope: [Value; 2] = [report.channel.clone().into(), i64::from(report.date.days()).into()];
    execute(
        db,
        "UPDATE recon_break SET state = 'withdrawn', closed_at = $3 WHERE run_id IN \
         (SELECT id FROM recon_run WHERE channel = $1 AND date = $2 AND state = 'current')",
        scope.iter().cloned().chain([now.as_micros().into()]).collect(),
    )
    .await?;
    execute(
        db,
        "UPDATE recon_run SET state = 'superseded' \
         WHERE channel = $1 AND date = $2 AND state = 'current'",
        scope.to_vec(),
    )
    .await?;
    execute(
        db,
        "INSERT INTO recon_run (id, channel, date, version, state, statement_hash, daybook_hash, \
         report, created_at) VALUES ($1, $2, $3, $4, 'current', $5, $6, $7, $8)",
        vec![
            report.run.to_string().into(),
            report.channel.clone().into(),
            i64::from(report.date.days()).into(),
            i64::from(report.version).into(),
            report.statement_hash.clone().into(),
            report.daybook_hash.clone().into(),
            encode(report)?.into(),
            now.as_micros().into(),
        ],
    )
    .await?;
    put_breaks(db, breaks).await
}

async fn put_breaks(db: &impl ConnectionTrait, breaks: &[Break]) -> Result<(), RecordsError> {
    for chunk in breaks.chunks(ROWS_A_STATEMENT) {
        let sql = format!(
            "INSERT INTO recon_break (id, run_id, seq, class, pair, receivable_minor, fee_minor, \
             remedy, state, found_at) VALUES {}",
            places(chunk.len(), 10)
        );
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len().saturating_mul(10));
        for found in chunk {
            values.extend([
                found.id.to_string().into(),
                found.run.to_string().into(),
                i64::try_from(found.seq).unwrap_or(i64::MAX).into(),
                found.pair.class.name().into(),
                encode(&found.pair)?.into(),
                found.receivable_minor.into(),
                found.fee_minor.into(),
                encode(&found.remedy)?.into(),
                found.state.word().into(),
                Value::from(found.found_at.as_micros()),
            ]);
        }
        execute(db, &sql, values).await?;
    }
    Ok(())
}

/// Breaks in the order of their runs.
pub(crate) async fn list_breaks(
    db: &impl ConnectionTrait,
    filter: &BreakFilter,
) -> Result<Vec<Break>, RecordsError> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let wanted: [(&str, Option<Value>); 4] = [
        ("run_id =", filter.run.map(|run| run.to_string().into())),
        ("class =", filter.class.map(|class| class.name().into())),
        ("state =", filter.state.map(|state| state.word().into())),
        ("seq >", filter.after.map(|seq| number(seq).into())),
    ];
    let mut values: Vec<Value> = vec![page(filter.limit).into()];
    let mut wheres = String::from("TRUE");
    for (condition, value) in wanted {
        if let Some(value) = value {
            values.push(value);
            // Writing into a String cannot fail.
            let _ = write!(wheres, " AND {condition} ${}", values.len());
        }
    }
    let sql = format!(
        "SELECT {BREAK_COLUMNS} FROM recon_break WHERE {wheres} ORDER BY run_id, seq LIMIT $1"
    );
    select(db, "recon_break", &sql, values, read_break).await
}

/// Breaks of superseded statements of a channel and date that may still stand in the book.
pub(crate) async fn to_undo(
    db: &impl ConnectionTrait,
    channel: &str,
    date: BusinessDate,
    limit: u64,
) -> Result<Vec<Break>, RecordsError> {
    let sql = format!(
        "SELECT {BREAK_COLUMNS} FROM recon_break WHERE state = 'withdrawn' AND undone_at IS NULL \
         AND run_id IN (SELECT id FROM recon_run WHERE channel = $1 AND date = $2) \
         ORDER BY run_id, seq LIMIT $3"
    );
    let values = vec![channel.into(), i64::from(date.days()).into(), page(limit).into()];
    select(db, "recon_break", &sql, values, read_break).await
}

/// Which moment of breaks is written down.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mark {
    Treated,
    Undone,
}

/// Writes down that these breaks of one run were treated, or undone.
pub(crate) async fn mark(
    db: &impl ConnectionTrait,
    breaks: &[Break],
    mark: Mark,
    now: Timestamp,
) -> Result<(), RecordsError> {
    let set = match mark {
        Mark::Treated => "state = 'treated', treated_at = $1 WHERE state = 'found'",
        Mark::Undone => "undone_at = $1 WHERE state = 'withdrawn'",
    };
    for chunk in breaks.chunks(ROWS_A_STATEMENT) {
        let ids = (2..chunk.len().saturating_add(2)).map(|n| format!("${n}")).collect::<Vec<_>>();
        let sql = format!("UPDATE recon_break SET {set} AND id IN ({})", ids.join(", "));
        let values = std::iter::once(now.as_micros().into())
            .chain(chunk.iter().map(|b| Value::from(b.id.to_string())))
            .collect();
        execute(db, &sql, values).await?;
    }
    Ok(())
}

/// Closes the treated breaks of a run; how many.
pub(crate) async fn close(
    db: &impl ConnectionTrait,
    run: RunId,
    note: &str,
    now: Timestamp,
) -> Result<u64, RecordsError> {
    execute(
        db,
        "UPDATE recon_break SET state = 'closed', closed_at = $2, note = $3 \
         WHERE run_id = $1 AND state = 'treated'",
        vec![run.to_string().into(), now.as_micros().into(), note.into()],
    )
    .await
}

/// How many breaks of a run, and their sums (channel's account, cost), by state.
pub(crate) async fn sums(
    db: &impl ConnectionTrait,
    run: RunId,
) -> Result<Vec<(BreakState, u64, i64, i64)>, RecordsError> {
    let read = |row: &Row<'_>| {
        let count = row.number("breaks")?;
        Ok((
            row.word("state", BreakState::from_word)?,
            u64::try_from(count).map_err(|e| row.corrupt("breaks", &e))?,
            row.number("receivable_minor")?,
            row.number("fee_minor")?,
        ))
    };
    select(
        db,
        "recon_break",
        "SELECT state, COUNT(*) AS breaks, CAST(SUM(receivable_minor) AS BIGINT) AS \
         receivable_minor, CAST(SUM(fee_minor) AS BIGINT) AS fee_minor FROM recon_break \
         WHERE run_id = $1 GROUP BY state",
        vec![run.to_string().into()],
        read,
    )
    .await
}

impl Class {
    /// The class of this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}
