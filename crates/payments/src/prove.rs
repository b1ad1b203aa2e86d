//! The proof that orders equal the ledger: for each order, what its ledger transactions moved is
//! what its state says, amounts included.
//!
//! It is written beside the code that posts, not on it: what each kind must move stands here as a
//! table of its own, accounts come from the rooms that own them and not from the order's plan, and
//! the moves are read from the book.

use std::collections::BTreeMap;

use bookkeeper::TransactionView;
use ledger::{TransactionState, house_account};
use money::CNY;
use types::{AccountId, OrderId, Problem};

use crate::engine::Engine;
use crate::model::order::{Kind, Order, Stage};
use crate::model::view::{OrderDifference, OrderProof};
use crate::store;

/// The events by which this room moves money; corrections by other rooms bear others.
const EVENTS: [&str; 10] = [
    "topup",
    "pay_balance",
    "pay_channel",
    "transfer",
    "withdraw_try",
    "withdraw_paid",
    "late_success",
    "refund_balance",
    "refund_channel_try",
    "refund_channel_paid",
];
/// How many differences are told.
const MOST_DIFFERENCES: usize = 100;
/// How many transactions of the book are read at a time.
const PAGE: usize = 4_096;

/// Net debit of each account; accounts that come out even are left out.
type Sums = BTreeMap<AccountId, i128>;

fn add(sums: &mut Sums, debit: AccountId, credit: AccountId, amount: i128) {
    for (account, signed) in [(debit, amount), (credit, amount.saturating_neg())] {
        let sum = sums.entry(account).or_default();
        *sum = sum.saturating_add(signed);
        if *sum == 0 {
            sums.remove(&account);
        }
    }
}

/// What the book has of one order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    posted: Sums,
    pending: Sums,
    /// Amounts by which limits were used, posted or pending.
    limits: Vec<u64>,
    transactions: u64,
}

/// What must have moved once the order succeeded, and what a hold sets aside before.
struct Expected {
    posted: Sums,
    held: Sums,
}

impl Engine {
    pub(crate) async fn prove_orders(&self) -> Result<OrderProof, Problem> {
        let mut proof = OrderProof::default();
        let mut transactions = 0u64;
        let mut after = None;
        loop {
            let page = store::page_by_id(self.db(), after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.order.id);
            for entry in page {
                let found = self.found(entry.order.id)?;
                transactions = transactions.saturating_add(found.transactions);
                let expected = self.expected(&entry.order).await?;
                proof.orders = proof.orders.saturating_add(1);
                if let Err(what) = compare(&entry.order, &found, expected.as_ref()) {
                    note(&mut proof, entry.order.id, what);
                }
            }
        }
        self.find_strays(&mut proof, transactions).await?;
        Ok(proof)
    }

    fn is_ours(&self, event: u16) -> bool {
        let template = self.book.templates().by_code(event);
        template.is_some_and(|template| EVENTS.contains(&template.event.as_str()))
    }

    fn found(&self, order: OrderId) -> Result<Found, Problem> {
        let mut found = Found::default();
        for view in self.keeper().transactions_of(order)? {
            if !self.is_ours(view.transaction.event) {
                continue;
            }
            found.transactions = found.transactions.saturating_add(1);
            self.count(&mut found, &view);
        }
        Ok(found)
    }

    fn count(&self, found: &mut Found, view: &TransactionView) {
        let sums = match view.state {
            TransactionState::Posted => &mut found.posted,
            TransactionState::Pending => &mut found.pending,
            TransactionState::HoldPosted
            | TransactionState::HoldVoided
            | TransactionState::Expired
            | TransactionState::Applied => return,
        };
        for moved in &view.moves {
            let money = self.keeper().account(moved.debit).is_some_and(|a| a.asset == CNY);
            if money {
                add(sums, moved.debit, moved.credit, i128::from(moved.amount.minor()));
            } else {
                found.limits.push(moved.amount.minor());
            }
        }
    }

    /// What an order of this kind must move; `None` if it names somebody without an account, which
    /// only an order that failed before the book was asked may.
    async fn expected(&self, order: &Order) -> Result<Option<Expected>, Problem> {
        if order.gives_back_late() {
            return self.expected_back(order).await;
        }
        let payer = match order.payer {
            Some(user) => self.members.payer(user).await?.account,
            None => None,
        };
        let payee = match (order.merchant, order.payee) {
            (Some(merchant), _) => self.members.merchant(merchant).map(|m| m.pending),
            (None, Some(user)) => self.members.payer(user).await?.account,
            (None, None) => payer,
        };
        let channel = order.channel.as_deref().map(|code| channels::receivable(code, CNY));
        let bank = house_account("reserve_bank", CNY);
        let legs = match (order.kind, channel) {
            (Kind::TopUp, _) | (Kind::Payment, Some(_)) => (channel, payee, None),
            (Kind::Payment, None) | (Kind::Transfer, _) => (payer, payee, None),
            (Kind::Withdrawal, _) => (payer, Some(bank), Some("withdrawal_in_transit")),
            (Kind::Refund, Some(_)) => (payee, channel, Some("refund_in_transit")),
            (Kind::Refund, None) => (payee, payer, None),
        };
        let (Some(debit), Some(credit), transit) = legs else { return Ok(None) };
        let amount = i128::from(order.amount.minor());
        let (mut posted, mut held) = (Sums::new(), Sums::new());
        add(&mut posted, debit, credit, amount);
        let waits = transit.map_or(credit, |role| house_account(role, CNY));
        add(&mut held, debit, waits, amount);
        Ok(Some(Expected { posted, held }))
    }

    /// What sending back a late success must move: in and out again by the channel, or, where the
    /// channel does not take it back, into the payer's balance.
    async fn expected_back(&self, order: &Order) -> Result<Option<Expected>, Problem> {
        let Some(of) = order.refund_of else { return Ok(None) };
        let of = store::find(self.db(), of).await?.map(|entry| entry.order);
        let Some(code) = of.and_then(|of| of.channel) else { return Ok(None) };
        let channel = channels::receivable(&code, CNY);
        let amount = i128::from(order.amount.minor());
        let (mut posted, mut held) = (Sums::new(), Sums::new());
        if order.channel.is_some() {
            add(&mut held, channel, house_account("refund_in_transit", CNY), amount);
        } else {
            let Some(user) = order.payer else { return Ok(None) };
            let Some(payer) = self.members.payer(user).await?.account else { return Ok(None) };
            for sums in [&mut posted, &mut held] {
                add(sums, channel, payer, amount);
            }
        }
        Ok(Some(Expected { posted, held }))
    }

    /// Looks for transactions of orders that the records do not know: only if there are more in
    /// the book than the orders account for.
    async fn find_strays(&self, proof: &mut OrderProof, known: u64) -> Result<(), Problem> {
        let mut after = None;
        let mut total = 0u64;
        let mut last_order = None;
        loop {
            let page = self.keeper().transactions(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.seq);
            for view in &page {
                if view.transaction.order.is_some() && self.is_ours(view.transaction.event) {
                    total = total.saturating_add(1);
                    last_order = view.transaction.order;
                }
            }
        }
        let Some(order) = last_order.filter(|_| total != known) else { return Ok(()) };
        if store::unfinished(self.db()).await? > 0 {
            // Orders come in while the proof runs; it holds for those that it saw.
            return Ok(());
        }
        note(
            proof,
            order,
            format!("the book has {total} transactions of orders, the orders account for {known}"),
        );
        Ok(())
    }
}

fn note(proof: &mut OrderProof, order: OrderId, what: String) {
    tracing::error!(%order, what, "an order does not equal the ledger");
    if proof.differences.len() < MOST_DIFFERENCES {
        proof.differences.push(OrderDifference { order, what });
    }
}

/// Compares one order with what the book has of it.
fn compare(order: &Order, found: &Found, expected: Option<&Expected>) -> Result<(), String> {
    let nothing = Sums::new();
    let (posted, held) = expected.map_or((&nothing, &nothing), |e| (&e.posted, &e.held));
    let (has, waits) = (&found.posted, &found.pending);
    let fits = match order.stage {
        Stage::Succeeded => {
            let moved = expected.is_some() && found.transactions > 0;
            moved && has == posted && waits.is_empty()
        }
        Stage::Failed | Stage::AwaitingFactor => has.is_empty() && waits.is_empty(),
        Stage::Review => has.is_empty() && waits == held,
        // Under way, the book may be a step ahead of the records, but never more than the order.
        Stage::Trying | Stage::Sent | Stage::Confirming | Stage::Cancelling => {
            (has.is_empty() && (waits.is_empty() || waits == held))
                || (waits.is_empty() && (has == posted || has == held))
        }
    };
    if !fits {
        return Err(format!(
            "{} {} of {}: posted {has:?} and pending {waits:?}; expected {posted:?}",
            order.stage.word(),
            order.kind.word(),
            order.amount
        ));
    }
    let moved = !has.is_empty() || !waits.is_empty();
    let limits_fit = if moved {
        found.limits.iter().all(|amount| *amount == order.amount.minor())
    } else {
        found.limits.is_empty()
    };
    if limits_fit {
        Ok(())
    } else {
        Err(format!("limits were used by {:?}, the amount is {}", found.limits, order.amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::order::Scope;
    use types::{Timestamp, UserId};

    fn order(stage: Stage) -> Order {
        Order {
            id: OrderId::of(&[b"o"]),
            scope: Scope::User(UserId::of(&[b"u"])),
            key: "k".to_owned(),
            kind: Kind::Transfer,
            stage,
            payer: None,
            customer: None,
            merchant: None,
            payee: None,
            amount: money::Amount::new(5).expect("small"),
            asset: CNY,
            channel: None,
            channel_order_no: None,
            refund_of: None,
            refunded: money::Amount::ZERO,
            subject: String::new(),
            created_at: Timestamp::default(),
            finished_at: None,
            date: None,
            failure: None,
            decision: None,
            attempts: 0,
            next_at: None,
        }
    }

    fn sums(amount: i128) -> Sums {
        let mut sums = Sums::new();
        add(&mut sums, AccountId::of(&[b"a"]), AccountId::of(&[b"b"]), amount);
        sums
    }

    #[test]
    fn each_stage_allows_what_it_says_and_no_more() {
        let right = Expected { posted: sums(5), held: sums(5) };
        let found = |posted: i128, pending: i128| Found {
            posted: sums(posted),
            pending: sums(pending),
            transactions: 1,
            ..Found::default()
        };
        let table = [
            (Stage::Succeeded, [(5, 0)].as_slice()),
            (Stage::Failed, &[(0, 0)]),
            (Stage::AwaitingFactor, &[(0, 0)]),
            (Stage::Review, &[(0, 5)]),
            (Stage::Trying, &[(0, 0), (0, 5), (5, 0)]),
            (Stage::Sent, &[(0, 0), (0, 5), (5, 0)]),
            (Stage::Confirming, &[(0, 0), (0, 5), (5, 0)]),
            (Stage::Cancelling, &[(0, 0), (0, 5), (5, 0)]),
        ];
        for (stage, allowed) in table {
            for posted in [0, 4, 5, 10] {
                for pending in [0, 4, 5] {
                    let fits = compare(&order(stage), &found(posted, pending), Some(&right));
                    let expected = allowed.contains(&(posted, pending));
                    assert_eq!(fits.is_ok(), expected, "{stage:?} {posted} {pending}");
                }
            }
        }
    }

    #[test]
    fn limits_follow_the_money() {
        let right = Expected { posted: sums(5), held: sums(5) };
        for (posted, limits, fits) in
            [(5, vec![5, 5], true), (5, vec![5, 4], false), (5, vec![], true)]
        {
            let found = Found { posted: sums(posted), limits, transactions: 1, ..Found::default() };
            assert_eq!(compare(&order(Stage::Succeeded), &found, Some(&right)).is_ok(), fits);
        }
        let found = Found { limits: vec![5], ..Found::default() };
        assert!(compare(&order(Stage::Failed), &found, Some(&right)).is_err());
        assert!(compare(&order(Stage::Succeeded), &Found::default(), None).is_err());
    }

    #[test]
    fn what_comes_out_even_is_left_out() {
        let (a, b) = (AccountId::of(&[b"a"]), AccountId::of(&[b"b"]));
        let mut sums = sums(5);
        add(&mut sums, b, a, 5);
        assert!(sums.is_empty());
    }
}
