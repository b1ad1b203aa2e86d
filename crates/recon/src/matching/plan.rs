//! The plan: a full outer join with windows for repetitions, run by `DataFusion` as a stream.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;

use super::fold::Fold;
use super::sheet::Outcome;
use crate::statement::{Statement, Totals};
use crate::{Error, daybook::DayBook};

/// What a sort keeps back for its merge where memory is plenty: the engine's own default.
const SORT_KEPT_BACK: usize = 10 << 20;

const MATCH: &str = include_str!("match.sql");

/// Every row of theirs has our number.
const NUMBERED: &str = "SELECT *, our_no AS key FROM theirs";

/// Some lack it: they are looked up by the channel's number among our orders (the smallest of
/// ours, should two claim it); what is not found there is told apart by the channel's number, or
/// by its line. The blank in front keeps these keys apart from any number.
const UNNUMBERED: &str = "
    SELECT th.*,
        coalesce(th.our_no, own.our_no,
            ' ' || coalesce(th.channel_no, 'line ' || arrow_cast(th.line, 'Utf8'))) AS key
    FROM theirs th LEFT JOIN (
        SELECT flow, channel_no, min(our_no) AS our_no
        FROM ours WHERE channel_no IS NOT NULL GROUP BY flow, channel_no
    ) own ON th.our_no IS NULL AND th.flow = own.flow AND th.channel_no = own.channel_no";

/// How much of the machine a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resources {
    /// Partitions worked on at a time.
    pub partitions: usize,
    /// Bytes the join and the windows may hold before they spill to disk.
    pub memory_bytes: usize,
    /// Breaks after which a run is given up: the files do not belong together.
    pub breaks: usize,
}

impl Default for Resources {
    /// Two partitions, 1 GiB, 200 000 breaks.
    fn default() -> Self {
        Self { partitions: 2, memory_bytes: 1 << 30, breaks: 200_000 }
    }
}

/// Matches a statement against a day book.
///
/// # Errors
/// [`Error::TooManyBreaks`]; [`Error::Unbalanced`] if the sheet does not add up, which is a fault
/// of ours; [`Error::Matching`] from the engine.
pub(crate) async fn run(
    ours: &DayBook,
    theirs: &Statement,
    resources: Resources,
) -> Result<Outcome, Error> {
    let keyed = if theirs.unnumbered == 0 { NUMBERED } else { UNNUMBERED };
    let fold = execute(ours, theirs, keyed, resources).await?;
    balanced(fold, ours.totals, theirs.totals)
}

async fn execute(
    ours: &DayBook,
    theirs: &Statement,
    keyed: &str,
    resources: Resources,
) -> Result<Fold, Error> {
    let context = context(ours.batches.clone(), theirs.batches.clone(), resources)?;
    let plan = context.sql(&MATCH.replace("$KEYED", keyed)).await.map_err(engine)?;
    let mut stream = plan.execute_stream().await.map_err(engine)?;
    let mut fold = Fold::new(resources.breaks);
    while let Some(batch) = stream.next().await {
        fold.take(&batch.map_err(engine)?)?;
    }
    Ok(fold)
}

fn context(
    ours: Vec<RecordBatch>,
    theirs: Vec<RecordBatch>,
    resources: Resources,
) -> Result<SessionContext, Error> {
    let partitions = resources.partitions.max(1);
    // Each partition sorts both sides at once; what a merge keeps back must leave room to sort.
    let kept_back = resources.memory_bytes.checked_div(partitions.saturating_mul(16));
    let config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_sort_spill_reservation_bytes(kept_back.unwrap_or_default().min(SORT_KEPT_BACK));
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(resources.memory_bytes)))
        .build_arc()
        .map_err(engine)?;
    let context = SessionContext::new_with_config_rt(config, runtime);
    for (name, batches) in [("ours", ours), ("theirs", theirs)] {
        let table = MemTable::try_new(Statement::schema(), vec![batches]).map_err(engine)?;
        context.register_table(name, Arc::new(table)).map_err(engine)?;
    }
    Ok(context)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn engine(error: DataFusionError) -> Error {
    Error::Matching { reason: error.strip_backtrace() }
}

/// Holds the folded pairs against the two sides as they were read, which is another path to the
/// same sums.
fn balanced(fold: Fold, ours: Totals, theirs: Totals) -> Result<Outcome, Error> {
    let outcome = fold.finish()?;
    for (side, joined, read) in [("ours", outcome.ours, ours), ("theirs", outcome.theirs, theirs)] {
        if joined != read {
            return Err(Error::Unbalanced {
                what: format!("{side}: read {read:?}, joined {joined:?}"),
            });
        }
    }
    outcome.sheet.verify()?;
    Ok(outcome)
}
