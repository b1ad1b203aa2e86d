//! From the evening to the next working day: advance, day cut, statements, reconciliation,
//! settlement, proofs.

use super::outcome::{Breaks, DayOutcome, Decisions, Orders, Reconciled, Settled};
use super::play::Day;
use super::progress::Progress;
use super::{Options, Stage};
use anyhow::{Context as _, Result};
use channels::Differences;
use channels::contract::CloseDay;
use payments::{Kind, Stage as OrderStage};
use recon::{Class, RunReport, RunRequest};
use std::time::Instant;
use types::{BusinessDate, Timestamp};

/// One planted difference of each class for so many orders.
const ORDERS_A_DIFFERENCE: u64 = 4_000;

/// Ends the day and settles it on the next working day.
pub async fn close(
    stage: &Stage,
    day: &Day,
    options: &Options,
    progress: &Progress,
    started: Instant,
) -> Result<DayOutcome> {
    let bar = progress.stage(0, "Closing, reconciling, settling", "日切、对账、结算");
    let rooms = &stage.institution;
    let date = options.date;
    let evening = date.next().start().plus_seconds(-300);
    day.decide_reviews(evening).await?;
    let advances = rooms.clearing.advance(date).await?;
    let midnight = date.next().start();
    stage.clock.advance_to(midnight);
    rooms.clearing.cut_day(date, midnight).await?;
    rooms.clearing.clear(date, midnight.plus_seconds(60)).await?;

    let morning = rooms.clearing.calendar().t_plus(date, 1).start().plus_seconds(9 * 3_600);
    stage.clock.advance_to(morning);
    let (recon, planted) = reconcile(stage, options, morning).await?;
    let today = morning.date();
    rooms.clearing.settle_channels(today, morning).await?;
    let settled = rooms.clearing.settle_merchants(today, morning).await?;
    rooms.clearing.transfer_fees(today).await?;
    let proofs = recon::proofs::prove(&rooms.book, &rooms.payments).await?;
    bar.finish_and_clear();

    let advanced = |of: fn(&clearing::Advance) -> money::Amount| {
        advances.iter().map(|one| of(one).signed()).fold(0i64, i64::saturating_add)
    };
    Ok(DayOutcome {
        orders: orders(stage, date).await?,
        risk: decisions(stage, date).await?,
        recon,
        planted,
        settlement: Settled {
            merchants: settled.merchants,
            net_minor: settled.net_minor,
            fees_minor: settled.fees_minor.saturating_add(advanced(|one| one.fee)),
            advanced_minor: advanced(|one| one.amount),
        },
        proofs,
        seconds: (started.elapsed().as_secs_f64() * 100.0).round() / 100.0,
    })
}

/// Fetches every channel's statement, keeps it, reconciles it with our day book and treats what was
/// found. Returns what was found and what the simulators say they planted.
async fn reconcile(
    stage: &Stage,
    options: &Options,
    now: Timestamp,
) -> Result<(Reconciled, Breaks)> {
    let rooms = &stage.institution;
    let (mut found, mut planted) = (Reconciled::default(), Breaks::default());
    for book in rooms.clearing.write_day_books(options.date).await? {
        let channel = rooms.channels.get(&book.channel)?;
        let close = CloseDay { date: options.date, differences: differences(options.orders) };
        planted = planted.plus(Breaks::planted(&channel.close_day(&close).await?));
        let file = channel.statement(options.date).await?;
        let folder = stage.folder.statements().join(options.date.to_string());
        std::fs::create_dir_all(&folder)?;
        let kept = folder.join(format!("{}-{}", book.channel, safe(&file.name)));
        std::fs::write(&kept, &file.bytes)
            .with_context(|| format!("{} cannot be written", kept.display()))?;
        let request = RunRequest {
            channel: book.channel.clone(),
            date: options.date,
            format: channel.terms().statement_format.clone(),
            file_name: file.name,
            statement: file.bytes,
            daybook: book.path,
        };
        let report = rooms.recon.run(request, now).await?;
        rooms.recon.treat(report.run, now).await?;
        found.matched = found.matched.saturating_add(report.matched);
        found.breaks = found.breaks.plus(breaks(&report));
    }
    Ok((found, planted))
}

/// A file name as an outside party gave it, without anything that could leave the folder.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "._-()".contains(c) { c } else { '_' }).collect()
}

fn differences(orders: u64) -> Differences {
    let each = orders.checked_div(ORDERS_A_DIFFERENCE).unwrap_or(0).clamp(1, 50);
    let each = u32::try_from(each).unwrap_or(1);
    Differences {
        missing_at_us: each,
        missing_at_channel: each,
        amount: each,
        fee: each,
        status: each,
        duplicate: each,
    }
}

fn breaks(report: &RunReport) -> Breaks {
    let count = |class: Class| {
        let lines = report.sheet.lines.iter().filter(|line| line.class == class);
        lines.map(|line| line.count).fold(0, u64::saturating_add)
    };
    Breaks {
        missing_at_us: count(Class::MissingAtUs),
        missing_at_channel: count(Class::MissingAtChannel),
        amount: count(Class::Amount),
        fee: count(Class::Fee),
        status: count(Class::Status),
        duplicate: count(Class::Duplicate),
    }
}

async fn orders(stage: &Stage, date: BusinessDate) -> Result<Orders> {
    let stats = stage.institution.payments.stats(date).await?;
    Ok(Orders {
        total: stats.count(|_| true),
        succeeded: stats.count(|cell| cell.stage == OrderStage::Succeeded),
        failed: stats.count(|cell| cell.stage == OrderStage::Failed),
        refunded: stats
            .count(|cell| cell.kind == Kind::Refund && cell.stage == OrderStage::Succeeded),
    })
}

async fn decisions(stage: &Stage, date: BusinessDate) -> Result<Decisions> {
    let stats = stage.institution.risk.stats(date).await?;
    let risk::Stats { accepted, step_up, review, rejected, .. } = stats;
    Ok(Decisions { accepted, step_up, review, rejected })
}
