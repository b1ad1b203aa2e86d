//! From the evening to the next working day: advance, day cut, statements, reconciliation,
//! settlement, proofs.

use super::outcome::{Breaks, DayOutcome, Decisions, Orders, Reconciled, Settled};
use super::play::Day;
use super::progress::Progress;
use super::{Options, Stage};
use anyhow::{Result, bail};
use channels::Differences;
use channels::contract::CloseDay;
use clearing::SettlementState;
use dayend::{Step, StepState, StepView};
use payments::{Kind, Stage as OrderStage};
use recon::{Class, RunReport};
use std::time::Instant;
use types::BusinessDate;

/// One planted difference of each class for so many orders.
const ORDERS_A_DIFFERENCE: u64 = 4_000;

/// Ends the day and settles it on the next working day: the institution's own day end, whose clock
/// is moved from step to step.
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
    day.decide_reviews(date.next().start().plus_seconds(-300)).await?;
    let mut planted = Breaks::default();
    for step in Step::ALL {
        let at = rooms.day_end.due(step, date);
        stage.clock.advance_to(at);
        rooms.day_end.run_due(at).await?;
        if step == Step::CutDay {
            planted = close_channels(stage, date, differences(options.orders)).await?;
        }
    }
    ended(stage, date).await?;
    let proofs = recon::prove(&rooms.book, &rooms.payments).await?;
    bar.finish_and_clear();
    Ok(DayOutcome {
        orders: orders(stage, date).await?,
        risk: decisions(stage, date).await?,
        recon: reconciled(stage, date).await?,
        planted,
        settlement: settled(stage, date).await?,
        proofs,
        seconds: (started.elapsed().as_secs_f64() * 100.0).round() / 100.0,
    })
}

/// The simulated channels end their day; returns what they say they planted.
async fn close_channels(
    stage: &Stage,
    date: BusinessDate,
    differences: Differences,
) -> Result<Breaks> {
    let channels = &stage.institution.channels;
    let mut planted = Breaks::default();
    for view in channels.list() {
        let close = CloseDay { date, differences };
        let channel = channels.get(&view.terms.code)?;
        planted = planted.plus(Breaks::planted(&channel.close_day(&close).await?));
    }
    Ok(planted)
}

/// Every step was done; proofs that fail are part of the outcome.
async fn ended(stage: &Stage, date: BusinessDate) -> Result<()> {
    for StepView { progress, .. } in stage.institution.day_end.steps(date).await? {
        if progress.state != StepState::Done && progress.step != Step::Prove {
            let why = progress.failure.map_or_else(String::new, |failure| failure.reason.en);
            bail!("{} of {date} was not done: {} {why}", progress.step.word(), progress.channel);
        }
    }
    Ok(())
}

/// What reconciliation found, all channels.
async fn reconciled(stage: &Stage, date: BusinessDate) -> Result<Reconciled> {
    let mut found = Reconciled::default();
    for report in stage.institution.recon.runs(Some(date), 0).await? {
        found.matched = found.matched.saturating_add(report.matched);
        found.breaks = found.breaks.plus(breaks(&report));
    }
    Ok(found)
}

/// What the merchants got, T+1 and before.
async fn settled(stage: &Stage, date: BusinessDate) -> Result<Settled> {
    let clearing = &stage.institution.clearing;
    let advances = clearing.advances(date).await?;
    let advanced = |of: fn(&clearing::Advance) -> money::Amount| {
        advances.iter().map(|one| of(one).signed()).fold(0i64, i64::saturating_add)
    };
    let mut sum = Settled {
        merchants: 0,
        net_minor: 0,
        fees_minor: advanced(|one| one.fee),
        advanced_minor: advanced(|one| one.amount),
    };
    let all = clearing.merchant_settlements(date).await?;
    for one in all.iter().filter(|one| one.state == SettlementState::Settled) {
        sum.merchants = sum.merchants.saturating_add(1);
        let net = one.settled.plus(one.repaid)?.signed();
        sum.net_minor = sum.net_minor.saturating_add(net);
        sum.fees_minor = sum.fees_minor.saturating_add(one.fees_taken_minor);
    }
    Ok(sum)
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
