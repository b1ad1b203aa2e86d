//! A run: what is asked for, what is read, what is reported.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use types::{BreakId, BusinessDate, RunId, Timestamp};

use crate::breaks::treat;
use crate::matching::Outcome;
use crate::statement::{self, Fault, FaultKind, Limits, Refusal, Statement};
use crate::{Break, BreakState, Error, Format, Pair, Sheet, Totals, daybook};

/// One channel's statement of one date, and our day book to hold it against.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The channel's code.
    pub channel: String,
    /// The accounting date.
    pub date: BusinessDate,
    /// The statement format's id (`wechat-trade-bill`).
    pub format: String,
    /// The file's name as the channel gave it.
    pub file_name: String,
    /// The file as the channel delivered it.
    pub statement: Vec<u8>,
    /// Our Parquet file of the same channel and date.
    pub daybook: PathBuf,
}

/// Whether a run is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It is the channel's last word on the date.
    Current,
    /// A corrected statement took its place; it stays as history.
    Superseded,
}

/// What a run found. The same statement and day book give the same report, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    /// The run.
    pub run: RunId,
    /// The channel's code.
    pub channel: String,
    /// The accounting date.
    pub date: BusinessDate,
    /// 1 for the first statement of the date, one more for each corrected one.
    pub version: u32,
    /// Whether it is the one that counts.
    pub state: RunState,
    /// The statement format's id.
    pub format: String,
    /// The file's name as the channel gave it.
    pub file_name: String,
    /// BLAKE3 of the statement file, in hexadecimal.
    pub statement_hash: String,
    /// BLAKE3 of the day book file, in hexadecimal.
    pub daybook_hash: String,
    /// Our side.
    pub ours: Totals,
    /// The channel's side.
    pub theirs: Totals,
    /// Pairs that agree.
    pub matched: u64,
    /// Trades that moved no money and that only one side lists: agreement too.
    pub agreed_absent: u64,
    /// Ours, plus every class of difference, is theirs.
    pub sheet: Sheet,
}

/// Both sides, read, and what they were read from.
pub(crate) struct Sides {
    pub ours: daybook::DayBook,
    pub theirs: Statement,
    pub statement_hash: String,
    pub daybook_hash: String,
}

impl Sides {
    pub fn read(format: &Format, request: &RunRequest, limits: Limits) -> Result<Self, Error> {
        let theirs = statement::read(format, &request.statement, limits)?;
        of_date(&theirs, request.date)?;
        Ok(Self {
            ours: daybook::read(&request.daybook, &request.channel)?,
            theirs,
            statement_hash: blake3::hash(&request.statement).to_hex().to_string(),
            daybook_hash: hash_file(&request.daybook)?,
        })
    }
}

/// A statement of another day would make every trade a break.
fn of_date(statement: &Statement, date: BusinessDate) -> Result<(), Refusal> {
    let Some((first, last)) = statement.span else { return Ok(()) };
    if last < date.start() || first >= date.next().start() {
        return Err(Refusal::whole(Fault::new(
            FaultKind::OtherDate,
            format!("no row is of {date}: the rows are of {} to {}", first.date(), last.date()),
            format!("没有 {date} 的明细，文件为 {} 至 {}", first.date(), last.date()),
        )));
    }
    Ok(())
}

fn hash_file(path: &Path) -> Result<String, Error> {
    let wrong = |e: std::io::Error| Error::DayBook {
        file: path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        row: None,
        reason: e.to_string(),
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path).map_err(wrong)?).map_err(wrong)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// The report of a run, and its differences.
pub(crate) fn report(
    request: &RunRequest,
    sides: &Sides,
    outcome: Outcome,
    version: u32,
) -> (RunReport, Vec<Pair>) {
    let run = RunId::of(&[
        request.channel.as_bytes(),
        &request.date.days().to_be_bytes(),
        &version.to_be_bytes(),
        request.format.as_bytes(),
        sides.statement_hash.as_bytes(),
        sides.daybook_hash.as_bytes(),
    ]);
    let report = RunReport {
        run,
        channel: request.channel.clone(),
        date: request.date,
        version,
        state: RunState::Current,
        format: request.format.clone(),
        file_name: request.file_name.clone(),
        statement_hash: sides.statement_hash.clone(),
        daybook_hash: sides.daybook_hash.clone(),
        ours: outcome.ours,
        theirs: outcome.theirs,
        matched: outcome.matched,
        agreed_absent: outcome.agreed_absent,
        sheet: outcome.sheet,
    };
    (report, outcome.pairs)
}

/// The differences as breaks, found now.
pub(crate) fn breaks(
    report: &RunReport,
    pairs: Vec<Pair>,
    now: Timestamp,
) -> Result<Vec<Break>, Error> {
    (1u64..)
        .zip(pairs)
        .map(|(seq, pair)| {
            let difference = pair.difference()?;
            Ok(Break {
                id: BreakId::of(&[&report.run.as_u128().to_be_bytes(), &seq.to_be_bytes()]),
                run: report.run,
                seq,
                receivable_minor: difference.receivable()?,
                fee_minor: difference.fee,
                remedy: treat::remedy(&pair)?,
                pair,
                state: BreakState::Found,
                found_at: now,
                treated_at: None,
                closed_at: None,
                note: None,
            })
        })
        .collect()
}
