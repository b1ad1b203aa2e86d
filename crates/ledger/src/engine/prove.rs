//! Proving the book: each proof computes its two sides on different paths.

use super::Ledger;
use crate::account::{Account, Side};
use crate::chart::{Class, Fund, GlCode, Node};
use crate::general::{General, Turnover, signed};
use crate::past::Past;
use crate::proofs::{Finding, Proofs};
use money::AssetId;
use std::collections::BTreeMap;
use types::Text;

/// More findings than this say nothing new.
const MOST_FINDINGS: usize = 100;

/// Collects disagreements.
struct Court(Vec<Finding>);

impl Court {
    /// Notes it if the two sides differ; whether they agree.
    fn agree(
        &mut self,
        proof: &'static str,
        left: i128,
        right: i128,
        text: impl FnOnce() -> Text,
    ) -> bool {
        let same = left == right;
        if !same && self.0.len() < MOST_FINDINGS {
            self.0.push(Finding { proof, text: text(), left, right });
        }
        same
    }
}

pub(super) fn prove<P: Past>(ledger: &Ledger<P>) -> Proofs {
    let mut court = Court(Vec::new());
    let sides = debits_equal_credits(ledger, &mut court);
    let openings = openings(ledger, &mut court);
    let subledger = subledger(ledger, &mut court);
    let reserve = reserve(ledger, &mut court);
    let holds = holds(ledger, &mut court);
    let lots = lots(ledger, &mut court);
    let mirrors = mirrors(ledger, &mut court);
    Proofs {
        debits_equal_credits: sides,
        subledger_equals_gl: subledger,
        reserve_covers_liabilities: reserve,
        openings_follow_closings: openings,
        holds_agree: holds,
        lots_agree: lots,
        mirrors_agree: mirrors,
        findings: court.0,
    }
}

fn leaf<P: Past>(ledger: &Ledger<P>, code: GlCode) -> Option<&Node> {
    ledger.chart.leaf(code)
}

/// In each fund and asset: on every date in the general ledger, and in all accounts together.
fn debits_equal_credits<P: Past>(ledger: &Ledger<P>, court: &mut Court) -> bool {
    const PROOF: &str = "debits_equal_credits";
    let mut all = true;
    for (date, lines) in ledger.general.days() {
        let mut sums: BTreeMap<(Option<Fund>, AssetId), i128> = BTreeMap::new();
        for ((code, asset), cell) in ledger.general.keys() {
            let fund = leaf(ledger, code).and_then(|n| n.fund);
            let net = General::line(lines, cell).turnover.net();
            let sum = sums.entry((fund, asset)).or_default();
            *sum = sum.saturating_add(net);
        }
        for ((fund, asset), net) in sums {
            all &= court.agree(PROOF, net, 0, || {
                Text::new(
                    format!("{date}, fund {fund:?}, asset {}: debits less credits", asset.0),
                    format!("{date}，资金 {fund:?}，资产 {}：借贷差额", asset.0),
                )
            });
        }
    }
    let mut sums: BTreeMap<(Fund, AssetId), [u128; 4]> = BTreeMap::new();
    for account in ledger.accounts.list() {
        let sum = sums.entry((account.fund, account.asset)).or_default();
        let parts = [
            account.debits_posted,
            account.credits_posted,
            account.debits_pending,
            account.credits_pending,
        ];
        for (sum, part) in sum.iter_mut().zip(parts) {
            *sum = sum.saturating_add(u128::from(part));
        }
    }
    for ((fund, asset), [debits, credits, debits_pending, credits_pending]) in sums {
        for (left, right, what, zh) in [
            (debits, credits, "posted", "已入账"),
            (debits_pending, credits_pending, "pending", "待入账"),
        ] {
            all &= court.agree(PROOF, signed(left), signed(right), || {
                Text::new(
                    format!("all accounts, fund {fund:?}, asset {}, {what}", asset.0),
                    format!("全部账户，资金 {fund:?}，资产 {}，{zh}", asset.0),
                )
            });
        }
    }
    all
}

/// Each date's opening against all movements before it, added up anew.
fn openings<P: Past>(ledger: &Ledger<P>, court: &mut Court) -> bool {
    let mut all = true;
    for ((code, asset), cell) in ledger.general.keys() {
        let mut carried = 0i128;
        for (date, lines) in ledger.general.days() {
            let line = General::line(lines, cell);
            all &= court.agree("openings_follow_closings", line.opening, carried, || {
                Text::new(
                    format!("{date}, leaf {code}, asset {}: opening against movements", asset.0),
                    format!("{date}，科目 {code}，资产 {}：期初与此前发生额", asset.0),
                )
            });
            carried = carried.saturating_add(line.turnover.net());
        }
    }
    all
}

/// What accounts on each leaf add up to.
fn by_leaf(accounts: &[Account]) -> BTreeMap<(GlCode, AssetId), Turnover> {
    let mut sums: BTreeMap<(GlCode, AssetId), Turnover> = BTreeMap::new();
    for account in accounts {
        let sum = sums.entry((account.leaf, account.asset)).or_default();
        sum.debit = sum.debit.saturating_add(u128::from(account.debits_posted));
        sum.credit = sum.credit.saturating_add(u128::from(account.credits_posted));
    }
    sums
}

/// 总分核对: both sides of every leaf, not only its balance.
fn subledger<P: Past>(ledger: &Ledger<P>, court: &mut Court) -> bool {
    let mut all = true;
    let mut accounts = by_leaf(ledger.accounts.list());
    for (key, cell) in ledger.general.keys() {
        let (code, asset) = key;
        let general = ledger.general.all_time(cell);
        let sub = accounts.remove(&key).unwrap_or_default();
        for (left, right, side) in
            [(sub.debit, general.debit, Side::Debit), (sub.credit, general.credit, Side::Credit)]
        {
            all &= court.agree("subledger_equals_gl", signed(left), signed(right), || {
                Text::new(
                    format!("leaf {code}, asset {}, {side:?}: accounts against GL", asset.0),
                    format!("科目 {code}，资产 {}，{side:?}：分户与总账", asset.0),
                )
            });
        }
    }
    all && accounts.is_empty()
}

/// From the general ledger alone.
fn reserve<P: Past>(ledger: &Ledger<P>, court: &mut Court) -> bool {
    const PROOF: &str = "reserve_covers_liabilities";
    let bank = ledger.chart.role("reserve_bank");
    let mut sides: BTreeMap<AssetId, [i128; 2]> = BTreeMap::new();
    let mut all = true;
    for ((code, asset), cell) in ledger.general.keys() {
        let Some(node) = leaf(ledger, code).filter(|n| n.fund == Some(Fund::Reserve)) else {
            continue;
        };
        let net = ledger.general.all_time(cell).net();
        let [assets, liabilities] = sides.entry(asset).or_default();
        match node.class {
            Class::Asset => *assets = assets.saturating_add(net),
            _ => *liabilities = liabilities.saturating_sub(net),
        }
        if bank == Some(code) {
            all &= court.agree(PROOF, net.min(0), 0, || {
                Text::new(
                    format!("the reserve bank account is overdrawn in asset {}", asset.0),
                    format!("备付金存款透支，资产 {}", asset.0),
                )
            });
        }
    }
    for (asset, [assets, liabilities]) in sides {
        all &= court.agree(PROOF, assets, liabilities, || {
            Text::new(
                format!("asset {}: reserve assets against liabilities to customers", asset.0),
                format!("资产 {}：备付金资产与对客负债", asset.0),
            )
        });
    }
    all
}

/// What is pending on accounts against what the waiting holds say.
fn holds<P: Past>(ledger: &Ledger<P>, court: &mut Court) -> bool {
    let mut waiting: BTreeMap<types::AccountId, [u128; 2]> = BTreeMap::new();
    for posting in ledger.holds.values().flat_map(|hold| &hold.postings) {
        let amount = u128::from(posting.amount.minor());
        let [debits, _] = waiting.entry(posting.debit).or_default();
        *debits = debits.saturating_add(amount);
        let [_, credits] = waiting.entry(posting.credit).or_default();
        *credits = credits.saturating_add(amount);
    }
    let mut all = true;
    for account in ledger.accounts.list() {
        let [debits, credits] = waiting.remove(&account.id).unwrap_or_default();
        let pending = [(account.debits_pending, debits), (account.credits_pending, credits)];
        for (left, right) in pending {
            all &= court.agree("holds_agree", i128::from(left), signed(right), || {
                Text::new(
                    format!("account {}: pending against holds", account.id),
                    format!("账户 {}：待入账与冻结单", account.id),
                )
            });
        }
    }
    all && waiting.is_empty()
}

/// What is in transit against what there is, and against what the holds took.
fn lots<P: Past>(ledger: &Ledger<P>, court: &mut Court) -> bool {
    const PROOF: &str = "lots_agree";
    let sum = |lots: &[super::lots::Lot]| {
        ledger.lots.live(lots).iter().map(|lot| i128::from(lot.amount)).sum::<i128>()
    };
    let mut held: BTreeMap<types::AccountId, i128> = BTreeMap::new();
    for one in ledger.lots.holds().flat_map(|(_, held)| held) {
        let account = ledger.accounts.at(one.debit).id;
        let total = held.entry(account).or_default();
        *total = total.saturating_add(sum(&[one.lot]));
    }
    let mut all = true;
    for (place, book) in ledger.lots.books() {
        let account = ledger.accounts.at(place);
        let (free, set_aside) = (sum(&book.free), sum(&book.held));
        let overdrawn = !account.flags.debits_must_not_exceed_credits;
        let most = if overdrawn { free } else { free.min(account.available()) };
        let by_holds = held.remove(&account.id).unwrap_or_default();
        let pairs = [(free, most), (set_aside, by_holds)];
        let within = set_aside <= i128::from(account.held());
        for (left, right) in pairs.into_iter().chain((!within).then_some((set_aside, 0))) {
            all &= court.agree(PROOF, left, right, || {
                Text::new(
                    format!("account {}: money in transit", account.id),
                    format!("账户 {}：在途资金", account.id),
                )
            });
        }
    }
    all && held.values().all(|left| *left == 0)
}

/// The balance of a leaf on its normal side, in each asset.
fn balances<P: Past>(ledger: &Ledger<P>, node: &Node) -> BTreeMap<AssetId, i128> {
    let cells = ledger.general.keys().filter(|((code, _), _)| *code == node.code);
    let net = |cell| {
        let net = ledger.general.all_time(cell).net();
        if node.normal == Side::Debit { net } else { net.saturating_neg() }
    };
    cells.map(|((_, asset), cell)| (asset, net(cell))).filter(|(_, net)| *net != 0).collect()
}

/// Leaves that the chart says stand alike in two funds.
fn mirrors<P: Past>(ledger: &Ledger<P>, court: &mut Court) -> bool {
    let mut all = true;
    for node in ledger.chart.nodes() {
        let Some(other) = node.mirror.as_deref().and_then(|role| ledger.chart.role(role)) else {
            continue;
        };
        let Some(other) = leaf(ledger, other) else { continue };
        let mut mirrored = balances(ledger, other);
        let mut compare = |asset: AssetId, left: i128, right: i128| {
            all &= court.agree("mirrors_agree", left, right, || {
                Text::new(
                    format!("asset {}: {} against its mirror {}", asset.0, node.code, other.code),
                    format!("资产 {}：{} 与镜像 {}", asset.0, node.code, other.code),
                )
            });
        };
        for (asset, left) in balances(ledger, node) {
            compare(asset, left, mirrored.remove(&asset).unwrap_or_default());
        }
        for (asset, right) in mirrored {
            compare(asset, 0, right);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Action, Chart, Command, NewAccount, Outcome, Owner, Posting, Transaction, house_account,
    };
    use money::{Amount, CNY};
    use std::sync::Arc;
    use types::{AccountId, BusinessDate, Timestamp, TransactionId};

    fn user() -> AccountId {
        AccountId::of(&[b"user"])
    }

    fn bank() -> AccountId {
        house_account("reserve_bank", CNY)
    }

    /// A book in which a user has 100, 30 of them held, and the house 5 of fees.
    fn book() -> Ledger {
        let text = include_str!("../../../../books/chart.toml");
        let chart = Arc::new(Chart::parse(text, "chart.toml").expect("valid"));
        let leaf = chart.role("customer_balance_1").expect("a role");
        let flags = chart.flags(leaf);
        let owner = Owner::House;
        let mut batch: Vec<_> =
            chart.house_accounts().into_iter().map(Command::OpenAccount).collect();
        batch.push(Command::OpenAccount(NewAccount { id: user(), asset: CNY, leaf, owner, flags }));
        let house = |role| house_account(role, CNY);
        let table = [
            (1, Action::Post, vec![(bank(), user(), 100)]),
            (
                2,
                Action::Post,
                vec![
                    (user(), house("house_in_reserve"), 5),
                    (house("due_from_reserve"), house("merchant_fee_income"), 5),
                ],
            ),
            (
                3,
                Action::Hold { expires_at: None },
                vec![(user(), house("withdrawal_in_transit"), 30)],
            ),
        ];
        for (id, action, postings) in table {
            let posting = |(debit, credit, minor): (AccountId, AccountId, u64)| {
                Posting::exact(debit, credit, Amount::new(minor).expect("small"))
            };
            batch.push(Command::Transact(Transaction {
                id: TransactionId::from_u128(id),
                event: 1,
                order: None,
                reference: 0,
                date: None,
                action,
                postings: postings.into_iter().map(posting).collect(),
                conditions: Vec::new(),
                corrects: None,
            }));
        }
        let date = BusinessDate::from_days(20_000);
        let mut ledger = Ledger::new(chart, date);
        let outcomes = ledger.apply(Timestamp::from_micros(1), &batch);
        assert!(outcomes.iter().all(|o| matches!(o, Outcome::Done(_))), "{outcomes:?}");
        ledger.apply(
            Timestamp::from_micros(2),
            &[Command::CutDay { closing: date, opening: date.next() }],
        );
        assert!(ledger.prove().hold());
        ledger
    }

    fn cell(ledger: &Ledger, role: &str) -> crate::general::Cell {
        ledger.account(house_account(role, CNY)).expect("open").cell
    }

    /// Spoils a book and names the proofs that fail; each has a finding that is told.
    fn failing(spoil: impl FnOnce(&mut Ledger)) -> Vec<&'static str> {
        let mut ledger = book();
        spoil(&mut ledger);
        let proofs = ledger.prove();
        let failing: Vec<_> = [
            ("debits_equal_credits", proofs.debits_equal_credits),
            ("subledger_equals_gl", proofs.subledger_equals_gl),
            ("reserve_covers_liabilities", proofs.reserve_covers_liabilities),
            ("openings_follow_closings", proofs.openings_follow_closings),
            ("holds_agree", proofs.holds_agree),
            ("lots_agree", proofs.lots_agree),
            ("mirrors_agree", proofs.mirrors_agree),
        ]
        .into_iter()
        .filter_map(|(name, holds)| (!holds).then_some(name))
        .collect();
        for name in &failing {
            let finding = proofs.findings.iter().find(|f| f.proof == *name).expect("told");
            assert_ne!(finding.left, finding.right);
            assert!(!finding.text.zh.is_ascii());
        }
        assert_eq!(proofs.hold(), failing.is_empty());
        failing
    }

    #[test]
    fn money_out_of_nothing_is_found() {
        let failing = failing(|l| l.accounts.get_mut(user()).expect("open").credits_posted += 1);
        assert_eq!(failing, ["debits_equal_credits", "subledger_equals_gl"]);
    }

    #[test]
    fn money_moved_past_the_general_ledger_is_found() {
        let failing = failing(|l| {
            l.accounts.get_mut(user()).expect("open").debits_posted += 1;
            l.accounts.get_mut(bank()).expect("open").credits_posted += 1;
        });
        assert_eq!(failing, ["subledger_equals_gl"]);
    }

    #[test]
    fn a_general_ledger_of_its_own_is_found() {
        let failing = failing(|l| {
            let (debit, credit) = (cell(l, "own_bank"), cell(l, "capital"));
            l.general.post(debit, credit, 9);
        });
        assert_eq!(failing, ["subledger_equals_gl"]);
    }

    #[test]
    fn customers_money_taken_by_the_house_is_found() {
        let failing = failing(|l| {
            let (debit, credit) = (cell(l, "own_bank"), cell(l, "reserve_bank"));
            l.general.post(debit, credit, 9);
        });
        let expected =
            ["debits_equal_credits", "subledger_equals_gl", "reserve_covers_liabilities"];
        assert_eq!(failing, expected);
    }

    #[test]
    fn an_overdrawn_reserve_is_found_though_the_sums_agree() {
        let failing = failing(|l| {
            let (debit, credit) = (cell(l, "withdrawal_in_transit"), cell(l, "reserve_bank"));
            l.general.post(debit, credit, 101);
        });
        assert_eq!(failing, ["subledger_equals_gl", "reserve_covers_liabilities"]);
    }

    #[test]
    fn a_hold_that_no_account_knows_is_found() {
        let failing = failing(|l| {
            l.holds.clear();
        });
        assert_eq!(failing, ["holds_agree"]);
    }

    #[test]
    fn a_mirror_that_shows_something_else_is_found() {
        let failing = failing(|l| {
            let (debit, credit) = (cell(l, "own_bank"), cell(l, "due_from_reserve"));
            l.general.post(debit, credit, 2);
        });
        assert_eq!(failing, ["subledger_equals_gl", "mirrors_agree"]);
    }

    #[test]
    fn an_opening_that_was_changed_is_found() {
        let failing = failing(|l| {
            let cell = cell(l, "capital");
            l.general.spoil_opening(cell, 4);
        });
        assert_eq!(failing, ["openings_follow_closings"]);
    }
}
