//! `/trial-balance`: a date's opening, turnover and closing, and the proof that they agree.

use super::accounts::class;
use super::figures::count;
use super::frame::{Frame, Section, Visit};
use super::unit::Unit;
use super::words;
use super::{Page, csv, given, page};
use crate::app::Site;
use crate::extract::{Reader, StrictQuery};
use crate::problem::Refusal;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use ledger::{Assets, GlCode, TrialBalance, TrialRow, TrialTotal};
use money::AssetId;
use serde::Deserialize;
use std::collections::BTreeMap;
use types::{BusinessDate, Locale};

/// The six columns, in their order.
type Columns = [String; 6];

struct Row {
    code: GlCode,
    depth: u8,
    leaf: bool,
    name: String,
    class: &'static str,
    columns: Columns,
}

/// The rows of one asset and their foot.
struct Part {
    name: String,
    code: String,
    rows: Vec<Row>,
    total: Columns,
    balanced: bool,
}

/// One thing that is proved, with the figures that show it.
struct Proof {
    name: &'static str,
    /// What was compared: two sides, or a count.
    figures: String,
    holds: bool,
}

/// The trial balance.
#[derive(Template)]
#[template(path = "trial.html")]
pub(super) struct Trial {
    frame: Frame,
    date: BusinessDate,
    open: bool,
    proofs: Vec<Proof>,
    parts: Vec<Part>,
}

/// Which date; the open one if absent.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Query {
    date: String,
}

/// What is compared.
struct Facts<'a> {
    balance: &'a TrialBalance,
    /// The trial balance of the date before, if the book knows one.
    before: Option<TrialBalance>,
    /// Whether accounts and holds sum to the general ledger as the book stands.
    subledger: bool,
    open: bool,
    assets: &'a Assets,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let open = site.book.open_date();
    let date = given::date(&query.date, "date")?.unwrap_or(open);
    let subledger = site.proofs().await?.subledger_equals_gl;
    let dates = site.book.dates();
    let before = dates.into_iter().rev().find(|known| *known < date);
    let facts = Facts {
        before: before.map(|before| site.book.trial_balance(before)),
        balance: &site.book.trial_balance(date),
        subledger,
        open: date == open,
        assets: &site.assets,
    };
    page(&Trial::new(Frame::new(&site, visit, Section::Ledger), &facts))
}

/// The same as a file for spreadsheets.
pub(super) async fn download(
    State(site): State<Site>,
    Reader(l): Reader,
    StrictQuery(query): StrictQuery<Query>,
) -> Result<Response, Refusal> {
    let date = given::date(&query.date, "date")?.unwrap_or_else(|| site.book.open_date());
    let balance = site.book.trial_balance(date);
    let file = format!("trial-balance-{date}.csv");
    Ok(csv::download(&file, &table(l, &balance, &site.assets)))
}

/// Heading and rows, amounts plain.
fn table(l: Locale, balance: &TrialBalance, assets: &Assets) -> Vec<Vec<String>> {
    let heading = [
        ("date", "会计日期"),
        ("asset", "资产"),
        ("code", "科目代码"),
        ("name", "科目名称"),
        ("class", "类别"),
        ("leaf", "末级"),
        ("opening debit", "期初借方"),
        ("opening credit", "期初贷方"),
        ("debits", "本期借方"),
        ("credits", "本期贷方"),
        ("closing debit", "期末借方"),
        ("closing credit", "期末贷方"),
    ];
    let mut lines = vec![heading.map(|(en, zh)| words::pick(l, en, zh).to_owned()).to_vec()];
    for row in &balance.rows {
        let unit = Unit::of(assets, row.asset, l);
        let mut line = vec![
            balance.date.to_string(),
            unit.code.clone(),
            row.code.to_string(),
            row.name.get(l).to_owned(),
            class(row.class, l).to_owned(),
            u8::from(row.leaf).to_string(),
        ];
        line.extend(columns(row).map(|sum| unit.plain(sum)));
        lines.push(line);
    }
    lines
}

const fn columns(row: &TrialRow) -> [u128; 6] {
    [
        row.opening_debit,
        row.opening_credit,
        row.debit_turnover,
        row.credit_turnover,
        row.closing_debit,
        row.closing_credit,
    ]
}

impl Trial {
    fn new(frame: Frame, facts: &Facts<'_>) -> Self {
        let (l, balance) = (frame.locale, facts.balance);
        Self {
            date: balance.date,
            open: facts.open,
            proofs: proofs(l, facts),
            parts: balance.totals.iter().map(|total| part(l, facts, total)).collect(),
            frame,
        }
    }
}

fn net(debit: u128, credit: u128) -> i128 {
    let signed = |sum| i128::try_from(sum).unwrap_or(i128::MAX);
    signed(debit).saturating_sub(signed(credit))
}

/// Debits less credits of each leaf at the opening or the closing of a date; zeros left out.
fn nets(
    balance: &TrialBalance,
    of: impl Fn(&TrialRow) -> i128,
) -> BTreeMap<(AssetId, GlCode), i128> {
    let leaves = balance.rows.iter().filter(|row| row.leaf);
    leaves.map(|row| ((row.asset, row.code), of(row))).filter(|(_, net)| *net != 0).collect()
}

fn proofs(l: Locale, facts: &Facts<'_>) -> Vec<Proof> {
    let balance = facts.balance;
    let t = |en: &'static str, zh: &'static str| words::pick(l, en, zh);
    let (yuan, others): (Vec<_>, Vec<_>) =
        balance.totals.iter().partition(|total| total.asset == money::CNY);
    let further = u64::try_from(others.len()).unwrap_or(u64::MAX);
    let mut sides: Vec<String> = Vec::new();
    for total in yuan {
        let unit = Unit::of(facts.assets, total.asset, l);
        let sum = |debit, credit| {
            let sign = if debit == credit { "=" } else { "≠" };
            format!("{} {sign} {}", unit.sum(debit), unit.sum(credit))
        };
        let (moved, closed) = (
            sum(total.debit_turnover, total.credit_turnover),
            sum(total.closing_debit, total.closing_credit),
        );
        sides.push(format!("{} {moved}", t("turnover", "发生额")));
        sides.push(format!("{} {closed}", t("closing", "期末")));
    }
    if further > 0 {
        sides.push(format!(
            "{} {}",
            count(further),
            t("further assets, each by itself", "种其他资产逐一核对")
        ));
    }
    let leaves = balance.rows.iter().filter(|row| row.leaf);
    let number = u64::try_from(leaves.clone().count()).unwrap_or(u64::MAX);
    let adds_up = |row: &&TrialRow| {
        let opening = net(row.opening_debit, row.opening_credit);
        let movement = net(row.debit_turnover, row.credit_turnover);
        opening.saturating_add(movement) == net(row.closing_debit, row.closing_credit)
    };
    let wrong = leaves.filter(|row| !adds_up(row)).count();
    let mut proofs = vec![
        Proof {
            name: t("Debits = credits", "借方 = 贷方"),
            figures: sides.join("\n"),
            holds: balance.totals.iter().all(TrialTotal::balanced),
        },
        Proof {
            name: t("Opening + movement = closing", "期初 + 发生 = 期末"),
            figures: format!(
                "{} {}",
                count(number),
                t("leaves, each by itself", "个末级科目逐一核对")
            ),
            holds: wrong == 0,
        },
    ];
    if let Some(before) = &facts.before {
        let closed = nets(before, |row| net(row.closing_debit, row.closing_credit));
        let opened = nets(balance, |row| net(row.opening_debit, row.opening_credit));
        proofs.push(Proof {
            name: t("Opens as the date before closed", "期初 = 上一会计日期末"),
            figures: format!("{} → {}", before.date, balance.date),
            holds: closed == opened,
        });
    }
    proofs.push(Proof {
        name: t("Sub-ledger = general ledger", "分户合计 = 总账"),
        figures: t(
            "every account and every hold, added up anew over all dates",
            "全部账户与冻结单跨会计日重新汇总",
        )
        .to_owned(),
        holds: facts.subledger,
    });
    proofs
}

fn part(l: Locale, facts: &Facts<'_>, total: &TrialTotal) -> Part {
    let unit = Unit::of(facts.assets, total.asset, l);
    let rows = facts.balance.rows.iter().filter(|row| row.asset == total.asset).map(|row| Row {
        code: row.code,
        depth: row.depth,
        leaf: row.leaf,
        name: row.name.get(l).to_owned(),
        class: class(row.class, l),
        columns: columns(row).map(|sum| unit.sum_or_blank(sum)),
    });
    Part {
        rows: rows.collect(),
        total: [
            total.opening_debit,
            total.opening_credit,
            total.debit_turnover,
            total.credit_turnover,
            total.closing_debit,
            total.closing_credit,
        ]
        .map(|sum| unit.sum(sum)),
        balanced: total.balanced(),
        name: unit.name,
        code: unit.code,
    }
}

#[cfg(test)]
pub(super) fn sample_balance() -> TrialBalance {
    let chart = super::accounts::sample_chart();
    let node = chart.nodes().find(|node| node.leaf).expect("a leaf");
    let row = ledger::TrialRow {
        asset: money::CNY,
        code: node.code,
        name: node.name.clone(),
        class: node.class,
        fund: node.fund,
        normal: node.normal,
        depth: node.depth,
        leaf: node.leaf,
        opening_debit: 0,
        opening_credit: 0,
        debit_turnover: 1_234_567,
        credit_turnover: 0,
        closing_debit: 1_234_567,
        closing_credit: 0,
    };
    let total = TrialTotal {
        asset: money::CNY,
        opening_debit: 0,
        opening_credit: 0,
        debit_turnover: 1_234_567,
        credit_turnover: 0,
        closing_debit: 1_234_567,
        closing_credit: 0,
    };
    let date = "2026-10-12".parse().expect("a date");
    TrialBalance { date, rows: vec![row], totals: vec![total] }
}

#[cfg(test)]
impl Trial {
    pub(super) fn sample(locale: Locale) -> Self {
        let balance = sample_balance();
        let facts = Facts {
            before: Some(TrialBalance { date: balance.date.plus_days(-1), ..balance.clone() }),
            balance: &balance,
            subledger: true,
            open: true,
            assets: &super::unit::sample_assets(),
        };
        Self::new(Frame::sample(locale, Section::Ledger), &facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each proof holds, in their order.
    fn verdicts(balance: &TrialBalance, before: TrialBalance, subledger: bool) -> Vec<bool> {
        let assets = super::super::unit::sample_assets();
        let facts = Facts { balance, before: Some(before), subledger, open: true, assets: &assets };
        proofs(Locale::En, &facts).into_iter().map(|proof| proof.holds).collect()
    }

    #[test]
    fn each_proof_can_fail() {
        let mut good = sample_balance();
        let total = good.totals.first_mut().expect("a total");
        (total.credit_turnover, total.closing_credit) = (1_234_567, 1_234_567);
        let empty = TrialBalance { date: good.date.plus_days(-1), rows: vec![], totals: vec![] };
        assert_eq!(verdicts(&good, empty.clone(), true), [true; 4]);
        let one_sided = sample_balance();
        assert_eq!(verdicts(&one_sided, empty.clone(), true), [false, true, true, true]);
        let mut wrong = good.clone();
        wrong.rows.first_mut().expect("a row").closing_debit = 1;
        assert_eq!(verdicts(&wrong, empty.clone(), true), [true, false, true, true]);
        assert_eq!(verdicts(&good, good.clone(), true), [true, true, false, true]);
        assert_eq!(verdicts(&good, empty, false), [true, true, true, false]);
    }

    #[test]
    fn the_file_has_a_line_a_node_and_plain_amounts() {
        let table = table(Locale::En, &sample_balance(), &super::super::unit::sample_assets());
        let [heading, row] = table.as_slice() else { panic!("{table:?}") };
        assert_eq!(heading.len(), row.len());
        assert_eq!(row.first().map(String::as_str), Some("2026-10-12"));
        assert_eq!(row.get(8).map(String::as_str), Some("12345.67"));
    }
}
