//! `/`: a day at a glance.

use super::figures::{count, money, percent};
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::words::{self, BAD, CALM, GOOD, Tone, WARN};
use super::{Page, page};
use crate::app::Site;
use crate::extract::StrictQuery;
use crate::plot::{self, Series};
use askama::Template;
use axum::extract::State;
use channels::ChannelView;
use clearing::{Advance, ChannelSettlement, MerchantSettlement};
use money::Amount;
use payments::{DayStats, HourCount, Kind, Page as OrderPage, Stage};
use recon::Proofs;
use risk::Outcome;
use serde::Deserialize;
use types::{BusinessDate, Locale, Problem};

/// One large figure.
struct Tile {
    label: &'static str,
    value: String,
    note: String,
    tone: Tone,
}

/// One colour of a plot.
struct Legend {
    class: &'static str,
    name: &'static str,
    value: String,
}

/// One kind of order.
struct KindRow {
    name: &'static str,
    word: &'static str,
    count: String,
    succeeded: String,
    failed: String,
    waiting: String,
    volume: String,
}

/// A sum with its name.
struct Sum {
    label: &'static str,
    value: String,
}

struct ChannelRow {
    code: String,
    name: String,
    on_line: bool,
    state: &'static str,
    tone: Tone,
    /// Its last five minutes in words.
    health: String,
}

struct ProofRow {
    name: &'static str,
    rule: &'static str,
    holds: bool,
}

/// The board.
#[derive(Template)]
#[template(path = "board.html")]
pub(super) struct Board {
    frame: Frame,
    date: BusinessDate,
    tiles: Vec<Tile>,
    by_kind: String,
    kind_legend: Vec<Legend>,
    by_outcome: String,
    outcome_legend: Vec<Legend>,
    kinds: Vec<KindRow>,
    risk_bar: String,
    risk_legend: Vec<Legend>,
    hits: Vec<(String, String)>,
    channel_sums: Vec<Sum>,
    merchant_sums: Vec<Sum>,
    exposure: Vec<Sum>,
    channels: Vec<ChannelRow>,
    proofs: Vec<ProofRow>,
    findings: Vec<String>,
}

/// What the rooms say of a day.
struct Facts {
    date: BusinessDate,
    stats: DayStats,
    unfinished: u64,
    risk: risk::Stats,
    channels: Vec<ChannelView>,
    channel_settlements: Vec<ChannelSettlement>,
    merchant_settlements: Vec<MerchantSettlement>,
    advances: Vec<Advance>,
    /// Outstanding in all, minor units.
    exposure: i128,
    proofs: Proofs,
}

/// Which day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Day {
    date: Option<BusinessDate>,
}

/// The day asked for; else that of the newest order; else today.
pub(super) async fn day_or_newest(
    site: &Site,
    date: Option<BusinessDate>,
) -> Result<BusinessDate, Problem> {
    if let Some(date) = date {
        return Ok(date);
    }
    let page = OrderPage { before: None, limit: 1 };
    let newest = site.payments.list(&payments::Filter::default(), page).await?;
    Ok(newest.first().map_or_else(|| site.now().date(), |order| order.created_at.date()))
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(Day { date }): StrictQuery<Day>,
) -> Page {
    let date = day_or_newest(&site, date).await?;
    let facts = Facts {
        date,
        stats: site.payments.stats(date).await?,
        unfinished: site.payments.unfinished().await?,
        risk: site.risk.stats(date).await?,
        channels: site.channels.list(),
        channel_settlements: site.clearing.channel_settlements(date).await?,
        merchant_settlements: site.clearing.merchant_settlements(date).await?,
        advances: site.clearing.advances(date).await?,
        exposure: outstanding(&site)?,
        proofs: site.proofs().await?,
    };
    let names = Names::new(&site, visit.locale);
    page(&Board::new(Frame::new(&site, visit, Section::Board), &facts, &names))
}

/// What merchants were advanced and have not repaid.
fn outstanding(site: &Site) -> Result<i128, Problem> {
    let leaf = site.chart.role("advance_receivable");
    let accounts = leaf.map_or(Ok(Vec::new()), |leaf| site.book.accounts_of_leaf(leaf))?;
    Ok(accounts.iter().map(ledger::Account::balance).fold(0, i128::saturating_add))
}

impl Board {
    fn new(frame: Frame, facts: &Facts, names: &Names) -> Self {
        let l = frame.locale;
        let (by_kind, kind_legend) = by_kind(l, &facts.stats);
        let (by_outcome, outcome_legend) = by_outcome(l, &facts.stats);
        let (risk_bar, risk_legend) = by_risk(l, &facts.risk);
        Self {
            date: facts.date,
            tiles: tiles(l, facts),
            by_kind,
            kind_legend,
            by_outcome,
            outcome_legend,
            kinds: Kind::ALL.iter().map(|kind| kind_row(l, *kind, &facts.stats)).collect(),
            risk_bar,
            risk_legend,
            hits: facts.risk.hits.iter().take(6).map(|(r, n)| (names.rule(r), count(*n))).collect(),
            channel_sums: channel_sums(l, &facts.channel_settlements),
            merchant_sums: merchant_sums(l, &facts.merchant_settlements),
            exposure: exposure(l, facts),
            channels: facts.channels.iter().map(|channel| channel_row(l, channel)).collect(),
            proofs: proofs(l, &facts.proofs),
            findings: facts.proofs.findings.iter().take(20).cloned().collect(),
            frame,
        }
    }
}

fn volume(stats: &DayStats, matches: impl Fn(&HourCount) -> bool) -> i128 {
    let amounts = stats.cells.iter().filter(|cell| matches(cell)).map(|cell| cell.amount.signed());
    amounts.map(i128::from).fold(0, i128::saturating_add)
}

fn tiles(l: Locale, facts: &Facts) -> Vec<Tile> {
    let stats = &facts.stats;
    let all = stats.count(|_| true);
    let good = stats.count(|c| c.stage == Stage::Succeeded);
    let bad = stats.count(|c| c.stage == Stage::Failed);
    let paid = volume(stats, |c| c.stage == Stage::Succeeded && c.kind == Kind::Payment);
    let back = volume(stats, |c| c.stage == Stage::Succeeded && c.kind == Kind::Refund);
    let refunds = stats.count(|c| c.stage == Stage::Succeeded && c.kind == Kind::Refund);
    let ended = good.saturating_add(bad);
    let t = |en: &'static str, zh: &'static str| words::pick(l, en, zh);
    let tile = |label, value, note, tone| Tile { label, value, note, tone };
    let failed = format!("{} {}", count(bad), t("failed", "失败"));
    let given_back = format!("{} {}", count(refunds), t("refunds", "笔退款"));
    let waiting = if facts.unfinished == 0 { GOOD } else { WARN };
    vec![
        tile(
            t("Orders", "订单"),
            count(all),
            format!("{} {}", count(good), t("succeeded", "成功")),
            CALM,
        ),
        tile(t("Success rate", "成功率"), percent(good, ended), failed, CALM),
        tile(
            t("Paid, CNY", "支付金额（元）"),
            money(paid),
            t("succeeded payments", "成功支付").to_owned(),
            CALM,
        ),
        tile(t("Refunded, CNY", "退款金额（元）"), money(back), given_back, CALM),
        tile(
            t("Unfinished now", "当前未完成"),
            count(facts.unfinished),
            t("orders that are not final", "未到终态的订单").to_owned(),
            waiting,
        ),
    ]
}

fn hours() -> Vec<String> {
    (0..24).map(|hour| format!("{hour:02}")).collect()
}

fn by_hour(stats: &DayStats, matches: impl Fn(&HourCount) -> bool) -> Vec<u64> {
    (0..24u8).map(|hour| stats.count(|cell| cell.hour == hour && matches(cell))).collect()
}

fn plotted(
    title: &str,
    series: Vec<(&'static str, &'static str, Vec<u64>)>,
) -> (String, Vec<Legend>) {
    let total = |values: &[u64]| count(values.iter().copied().fold(0, u64::saturating_add));
    let legend = series
        .iter()
        .map(|(class, name, values)| Legend { class, name, value: total(values) })
        .collect();
    let series: Vec<Series> = series
        .into_iter()
        .map(|(class, name, values)| Series { name: name.to_owned(), class, values })
        .collect();
    (plot::stacked_bars(title, &hours(), &series), legend)
}

fn by_kind(l: Locale, stats: &DayStats) -> (String, Vec<Legend>) {
    let classes = ["s1", "s2", "s3", "s4", "s5"];
    let kinds = Kind::ALL.iter().zip(classes).map(|(kind, class)| {
        (class, words::kind(*kind, l), by_hour(stats, |cell| cell.kind == *kind))
    });
    plotted(words::pick(l, "Orders by hour and kind", "按小时与类型统计的订单"), kinds.collect())
}

fn by_outcome(l: Locale, stats: &DayStats) -> (String, Vec<Legend>) {
    let t = |en: &'static str, zh: &'static str| words::pick(l, en, zh);
    let series = vec![
        (GOOD, t("Succeeded", "成功"), by_hour(stats, |c| c.stage == Stage::Succeeded)),
        (BAD, t("Failed", "失败"), by_hour(stats, |c| c.stage == Stage::Failed)),
        (WARN, t("Not final", "未到终态"), by_hour(stats, |c| !c.stage.is_final())),
    ];
    plotted(t("Orders by hour and outcome", "按小时与结果统计的订单"), series)
}

fn by_risk(l: Locale, stats: &risk::Stats) -> (String, Vec<Legend>) {
    let number = |outcome| match outcome {
        Outcome::Accept => stats.accepted,
        Outcome::StepUp => stats.step_up,
        Outcome::Review => stats.review,
        Outcome::Reject => stats.rejected,
    };
    let parts = Outcome::ALL.map(|o| (words::outcome(o, l), words::outcome_tone(o), number(o)));
    let all = parts.iter().map(|(.., n)| *n).fold(0, u64::saturating_add);
    let legend = parts.iter().map(|(name, class, n)| Legend {
        class,
        name,
        value: format!("{} · {}", count(*n), percent(*n, all)),
    });
    let title = words::pick(l, "Decisions by outcome", "按结果统计的风控决策");
    (plot::share_bar(title, &parts), legend.collect())
}

fn kind_row(l: Locale, kind: Kind, stats: &DayStats) -> KindRow {
    let of = |matches: fn(Stage) -> bool| {
        count(stats.count(|cell| cell.kind == kind && matches(cell.stage)))
    };
    KindRow {
        name: words::kind(kind, l),
        word: kind.word(),
        count: of(|_| true),
        succeeded: of(|stage| stage == Stage::Succeeded),
        failed: of(|stage| stage == Stage::Failed),
        waiting: of(|stage| !stage.is_final()),
        volume: money(volume(stats, |c| c.kind == kind && c.stage == Stage::Succeeded)),
    }
}

fn total<T>(all: &[T], minor: impl Fn(&T) -> i64) -> String {
    money(all.iter().map(|one| i128::from(minor(one))).fold(0, i128::saturating_add))
}

fn channel_sums(l: Locale, all: &[ChannelSettlement]) -> Vec<Sum> {
    let t = |en: &'static str, zh: &'static str| words::pick(l, en, zh);
    vec![
        Sum { label: t("Gross", "交易总额"), value: total(all, |s| s.gross.signed()) },
        Sum { label: t("Refunds", "退款"), value: total(all, |s| s.refunds.signed()) },
        Sum { label: t("Channel cost", "渠道成本"), value: total(all, |s| s.cost_minor) },
        Sum { label: t("Net received", "净收款"), value: total(all, |s| s.net_minor) },
    ]
}

fn merchant_sums(l: Locale, all: &[MerchantSettlement]) -> Vec<Sum> {
    let t = |en: &'static str, zh: &'static str| words::pick(l, en, zh);
    let number = u64::try_from(all.len()).unwrap_or(u64::MAX);
    vec![
        Sum { label: t("Merchants", "商户数"), value: count(number) },
        Sum { label: t("Payments", "支付"), value: total(all, |s| s.payments.signed()) },
        Sum { label: t("Refunds", "退款"), value: total(all, |s| s.refunds.signed()) },
        Sum { label: t("Fees", "手续费"), value: total(all, |s| s.fees_taken_minor) },
        Sum { label: t("Settled", "已结算"), value: total(all, |s| s.settled.signed()) },
    ]
}

fn exposure(l: Locale, facts: &Facts) -> Vec<Sum> {
    let t = |en: &'static str, zh: &'static str| words::pick(l, en, zh);
    let sum = |of: fn(&Advance) -> Amount| total(&facts.advances, |a| of(a).signed());
    vec![
        Sum { label: t("Advanced this day", "当日垫资"), value: sum(|a| a.amount) },
        Sum { label: t("Advance fees", "垫资费"), value: sum(|a| a.fee) },
        Sum { label: t("Repaid", "已归还"), value: sum(|a| a.repaid) },
        Sum { label: t("Outstanding in all", "垫资敞口合计"), value: money(facts.exposure) },
    ]
}

fn channel_row(l: Locale, channel: &ChannelView) -> ChannelRow {
    let (state, tone) = words::channel(channel.on_line, channel.circuit, l);
    let health = &channel.health;
    let milliseconds = |micros: u64| format!("{} ms", count(micros.div_ceil(1_000)));
    let t = |en: &'static str, zh: &'static str| words::pick(l, en, zh);
    let told = if health.calls == 0 {
        t("not called in the last five minutes", "近五分钟无调用").to_owned()
    } else {
        let answered = percent(health.calls.saturating_sub(health.unanswered), health.calls);
        let (mean, max) = (milliseconds(health.mean_micros), milliseconds(health.max_micros));
        format!(
            "{} {} · {} {answered} · {} {mean} · {} {max}",
            t("calls", "调用"),
            count(health.calls),
            t("answered", "应答率"),
            t("mean", "平均"),
            t("longest", "最长"),
        )
    };
    ChannelRow {
        code: channel.terms.code.clone(),
        name: channel.terms.name.get(l).to_owned(),
        on_line: channel.on_line,
        state,
        tone,
        health: told,
    }
}

fn proofs(l: Locale, proofs: &Proofs) -> Vec<ProofRow> {
    let row =
        |holds, (en, zh): (&'static str, &'static str), rule: (&'static str, &'static str)| {
            let rule = words::pick(l, rule.0, rule.1);
            ProofRow { name: words::pick(l, en, zh), rule, holds }
        };
    vec![
        row(
            proofs.debits_equal_credits,
            ("Debits equal credits", "借贷相等"),
            ("in each fund and asset, on every date", "每类资金、每种资产、每个会计日"),
        ),
        row(
            proofs.subledger_equals_gl,
            ("Subledger equals GL", "总分相符"),
            ("the accounts of each leaf sum to the general ledger", "各科目分户之和等于总账"),
        ),
        row(
            proofs.reserve_covers_liabilities,
            ("Reserve covers liabilities", "备付金足额"),
            ("the reserve's assets equal what is owed from it", "备付金资产等于对应负债"),
        ),
        row(
            proofs.orders_equal_ledger,
            ("Orders equal ledger", "订单账务一致"),
            ("every order's transactions say what it says", "每笔订单与其凭证一致"),
        ),
    ]
}

#[cfg(test)]
impl Board {
    pub(super) fn sample(locale: Locale) -> Self {
        let date: BusinessDate = "2026-10-12".parse().expect("a date");
        let fen = |minor| Amount::new(minor).expect("small");
        let cell = |hour, kind, stage, count| HourCount {
            hour,
            kind,
            stage,
            by_channel: false,
            count,
            amount: fen(count * 1_999),
        };
        let cells = vec![
            cell(9, Kind::Payment, Stage::Succeeded, 1_200),
            cell(9, Kind::TopUp, Stage::Failed, 3),
            cell(17, Kind::Refund, Stage::Succeeded, 12),
            cell(17, Kind::Withdrawal, Stage::Sent, 2),
        ];
        let terms =
            channels::parse(include_str!("../../../../books/channels.toml"), "channels.toml");
        let channels = terms.expect("valid").into_iter().map(|terms| ChannelView {
            on_line: terms.id == 1,
            terms,
            url: "http://127.0.0.1:9001".to_owned(),
            circuit: channels::Circuit::Closed,
            health: channels::Health {
                calls: 100,
                unanswered: 1,
                mean_micros: 900,
                max_micros: 90_000,
            },
        });
        let facts = Facts {
            date,
            stats: DayStats { date, cells },
            unfinished: 2,
            risk: risk::Stats {
                accepted: 1_190,
                step_up: 20,
                review: 5,
                rejected: 2,
                fallback: 0,
                hits: vec![("large_amount".to_owned(), 20)],
            },
            channels: channels.collect(),
            channel_settlements: vec![super::settlement::sample_channel(date)],
            merchant_settlements: vec![super::settlement::sample_merchant(date)],
            advances: vec![super::settlement::sample_advance(date)],
            exposure: 90_000,
            proofs: Proofs {
                debits_equal_credits: true,
                subledger_equals_gl: true,
                reserve_covers_liabilities: true,
                orders_equal_ledger: false,
                findings: vec!["orders_equal_ledger: ord_1: no transaction".to_owned()],
            },
        };
        Self::new(Frame::sample(locale, Section::Board), &facts, &Names::none(locale))
    }
}
