//! `/recon/{id}`: a run: its balance sheet and its breaks.

use super::figures::{count, money, money_or_blank};
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::words::{self, Tone};
use super::{Page, page};
use crate::app::Site;
use crate::extract::{Id, StrictQuery};
use askama::Template;
use axum::extract::State;
use recon::{Break, BreakFilter, Class, Flow, RunReport, RunState, Side, Status, Totals};
use serde::Deserialize;
use types::{Locale, Problem, ProblemKind, RunId};

const LIMIT: u64 = 100;

struct SideTotals {
    name: &'static str,
    rows: String,
    pays: String,
    pay: String,
    refunds: String,
    refund: String,
    fee: String,
}

struct SheetRow {
    name: &'static str,
    word: &'static str,
    count: String,
    pay: String,
    refund: String,
    fee: String,
    net: String,
}

struct BreakRow {
    seq: u64,
    class: &'static str,
    flow: &'static str,
    key: String,
    /// The order's page, where the key is one of ours.
    path: String,
    ours: String,
    theirs: String,
    receivable: String,
    fee: String,
    remedy: &'static str,
    state: &'static str,
    tone: Tone,
}

/// The run.
#[derive(Template)]
#[template(path = "run.html")]
pub(super) struct Run {
    frame: Frame,
    channel: String,
    report: RunReport,
    current: bool,
    matched: String,
    agreed_absent: String,
    sides: Vec<SideTotals>,
    ours_net: String,
    sheet: Vec<SheetRow>,
    theirs_net: String,
    class: Option<&'static str>,
    breaks: Vec<BreakRow>,
    next: Option<u64>,
}

/// Which breaks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    class: Option<String>,
    after: Option<u64>,
}

fn class_of(word: &str) -> Result<Class, Problem> {
    Class::ALL.into_iter().find(|class| class.name() == word).ok_or_else(|| {
        let (en, zh) = ("there is no such class of break", "没有这种差错类型");
        Problem::new(ProblemKind::Invalid, "query_invalid", en, zh).at("class")
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    Id(id): Id<RunId>,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let class = query.class.as_deref().map(class_of).transpose()?;
    let report = site.recon.report(id).await?;
    let filter =
        BreakFilter { run: Some(id), class, after: query.after, limit: LIMIT, state: None };
    let breaks = site.recon.breaks(filter).await?;
    let channel = Names::new(&site, visit.locale).channel(&report.channel);
    let frame = Frame::new(&site, visit, Section::Recon);
    page(&Run::new(frame, channel, report, class, &breaks))
}

fn side_totals(name: &'static str, totals: &Totals) -> SideTotals {
    SideTotals {
        name,
        rows: count(totals.rows),
        pays: count(totals.pays),
        pay: money(totals.pay_minor),
        refunds: count(totals.refunds),
        refund: money(totals.refund_minor),
        fee: money(totals.fee_minor),
    }
}

impl Run {
    fn new(
        frame: Frame,
        channel: String,
        report: RunReport,
        class: Option<Class>,
        breaks: &[Break],
    ) -> Self {
        let l = frame.locale;
        let sheet = report.sheet.lines.iter().map(|line| SheetRow {
            name: words::class(line.class, l),
            word: line.class.name(),
            count: count(line.count),
            pay: money_or_blank(line.pay_minor),
            refund: money_or_blank(line.refund_minor),
            fee: money_or_blank(line.fee_minor),
            net: money_or_blank(line.net_minor),
        });
        let full = u64::try_from(breaks.len()).is_ok_and(|count| count == LIMIT);
        Self {
            current: report.state == RunState::Current,
            matched: count(report.matched),
            agreed_absent: count(report.agreed_absent),
            sides: vec![
                side_totals(words::pick(l, "Ours", "我方"), &report.ours),
                side_totals(words::pick(l, "Theirs", "渠道方"), &report.theirs),
            ],
            ours_net: money(report.sheet.ours_net_minor),
            sheet: sheet.collect(),
            theirs_net: money(report.sheet.theirs_net_minor),
            class: class.map(Class::name),
            breaks: breaks.iter().map(|found| break_row(l, found)).collect(),
            next: breaks.last().filter(|_| full).map(|found| found.seq),
            channel,
            report,
            frame,
        }
    }
}

fn side(l: Locale, side: Option<&Side>) -> String {
    let Some(side) = side else { return "–".to_owned() };
    let status = match side.status {
        Status::Succeeded => return money(side.amount_minor),
        Status::Failed => ("failed", "失败"),
        Status::Cancelled => ("cancelled", "已撤销"),
    };
    format!("{} · {}", money(side.amount_minor), words::pick(l, status.0, status.1))
}

fn break_row(l: Locale, found: &Break) -> BreakRow {
    let pair = &found.pair;
    let (state, tone) = words::break_state(found.state, l);
    let flow = match pair.flow {
        Flow::Pay => ("in", "收"),
        Flow::Refund => ("refund", "退"),
    };
    let ours = pair.key.starts_with("ord_").then(|| format!("/orders/{}", pair.key));
    BreakRow {
        seq: found.seq,
        class: words::class(pair.class, l),
        flow: words::pick(l, flow.0, flow.1),
        key: pair.key.clone(),
        path: ours.unwrap_or_default(),
        ours: side(l, pair.ours.as_ref()),
        theirs: side(l, pair.theirs.as_ref()),
        receivable: money_or_blank(found.receivable_minor),
        fee: money_or_blank(found.fee_minor),
        remedy: words::remedy(found.remedy, l),
        state,
        tone,
    }
}

#[cfg(test)]
pub(super) fn sample_report() -> RunReport {
    use recon::{Sheet, SheetLine};
    let totals = Totals {
        rows: 10,
        pays: 9,
        refunds: 1,
        pay_minor: 90_000,
        refund_minor: 1_000,
        fee_minor: 540,
    };
    let line = |class| SheetLine {
        class,
        count: 1,
        pay_minor: 100,
        refund_minor: 0,
        fee_minor: -1,
        net_minor: 101,
    };
    RunReport {
        run: RunId::of(&[b"r"]),
        channel: "card".to_owned(),
        date: "2026-10-12".parse().expect("a date"),
        version: 1,
        state: RunState::Current,
        format: "wechat-trade-bill".to_owned(),
        file_name: "bill.csv".to_owned(),
        statement_hash: "00".repeat(32),
        daybook_hash: "11".repeat(32),
        ours: totals,
        theirs: totals,
        matched: 1_234,
        agreed_absent: 2,
        sheet: Sheet {
            ours_net_minor: 88_460,
            lines: Class::ALL.map(line).to_vec(),
            theirs_net_minor: 89_066,
        },
    }
}

#[cfg(test)]
impl Run {
    pub(super) fn sample(locale: Locale) -> Self {
        use recon::{BreakState, Pair, Remedy};
        let theirs = Side {
            our_no: Some("ord_1".to_owned()),
            channel_no: Some("420".to_owned()),
            refund_of: None,
            amount_minor: 100,
            fee_minor: 1,
            status: Status::Succeeded,
            at_micros: 0,
            reference: "7".to_owned(),
        };
        let found = |seq: u64, class| Break {
            id: types::BreakId::of(&[&seq.to_be_bytes()]),
            run: RunId::of(&[b"r"]),
            seq,
            pair: Pair {
                class,
                flow: Flow::Pay,
                key: "ord_1".to_owned(),
                occurrence: 1,
                ours: (class == Class::Status)
                    .then(|| Side { status: Status::Failed, ..theirs.clone() }),
                theirs: Some(theirs.clone()),
            },
            receivable_minor: 100,
            fee_minor: 1,
            remedy: Remedy::SupplementOrRefund,
            state: BreakState::Treated,
            found_at: types::Timestamp::from_micros(0),
            treated_at: None,
            closed_at: None,
            note: None,
        };
        let breaks: Vec<Break> = (1..=100)
            .map(|seq| found(seq, if seq == 1 { Class::Status } else { Class::MissingAtUs }))
            .collect();
        let class = Some(Class::MissingAtUs);
        let (frame, channel) = (Frame::sample(locale, Section::Recon), "card".to_owned());
        Self::new(frame, channel, sample_report(), class, &breaks)
    }
}
