//! The one place where this room asks the book: an order's plan becomes ledger transactions by the
//! institution's posting templates, each step under an id of its own.

use std::sync::Arc;

use bookkeeper::Bookkeeper;
use ledger::{Action, Command, Condition, Outcome, Posting, Refusal, Templates, Transaction};
use ledger::{TransactionHead, house_account};
use money::CNY;
use types::{AccountId, BusinessDate, Problem};

use crate::model::order::{Kind, Order};
use crate::model::plan::{BookStep, Plan};
use crate::problems;
use crate::store::Entry;

/// What the book answered to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It took effect.
    Done {
        /// By this very asking, not an earlier one.
        fresh: bool,
        /// The accounting date.
        date: BusinessDate,
    },
    /// It did not, and nothing changed.
    Refused(Refusal),
}

/// The book, as this room uses it.
#[derive(Debug, Clone)]
pub struct Book {
    keeper: Bookkeeper,
    templates: Arc<Templates>,
}

/// A template's event with the accounts of its slots.
struct Event {
    name: &'static str,
    slots: Vec<(&'static str, AccountId)>,
}

fn needed(account: Option<AccountId>, what: &str) -> Result<AccountId, Problem> {
    account.ok_or_else(|| problems::fault("an order's plan lacks an account", &what))
}

/// The event that sets an order's money aside, or moves it at once.
fn tried(order: &Order, plan: &Plan) -> Result<Event, Problem> {
    let payer = || needed(plan.payer, "payer");
    let payee = || needed(plan.payee, "payee");
    let channel = || needed(plan.receivable, "receivable");
    let event = |name, slots: Vec<(&'static str, AccountId)>| Ok(Event { name, slots });
    match (order.kind, order.channel.is_some()) {
        (Kind::TopUp, _) => event("topup", vec![("channel", channel()?), ("payee", payee()?)]),
        (Kind::Payment, false) => {
            event("pay_balance", vec![("payer", payer()?), ("merchant", payee()?)])
        }
        (Kind::Payment, true) => {
            event("pay_channel", vec![("channel", channel()?), ("merchant", payee()?)])
        }
        (Kind::Transfer, _) => event("transfer", vec![("payer", payer()?), ("payee", payee()?)]),
        (Kind::Withdrawal, _) => event("withdraw_try", vec![("payer", payer()?)]),
        (Kind::Refund, false) => fallen_back(order, plan),
        (Kind::Refund, true) if order.gives_back_late() => {
            event("late_success", vec![("channel", channel()?)])
        }
        (Kind::Refund, true) => event("refund_channel_try", vec![("merchant", payee()?)]),
    }
}

/// The event that moves on what a posted hold brought into transit, for the kinds that have one.
fn settled(order: &Order, plan: &Plan) -> Result<Option<Event>, Problem> {
    Ok(match (order.kind, order.channel.is_some()) {
        (Kind::Withdrawal, _) => Some(Event { name: "withdraw_paid", slots: Vec::new() }),
        (Kind::Refund, true) => {
            let channel = needed(plan.receivable, "receivable")?;
            Some(Event { name: "refund_channel_paid", slots: vec![("channel", channel)] })
        }
        _ => None,
    })
}

/// The event that pays a refund into the balance.
fn fallen_back(order: &Order, plan: &Plan) -> Result<Event, Problem> {
    let payer = needed(plan.payer, "payer")?;
    if order.gives_back_late() {
        // The channel keeps what it took and owes it to us: as if the payer had topped up.
        let channel = needed(plan.receivable, "receivable")?;
        return Ok(Event { name: "topup", slots: vec![("channel", channel), ("payee", payer)] });
    }
    let slots = vec![("merchant", needed(plan.payee, "payee")?), ("payer", payer)];
    Ok(Event { name: "refund_balance", slots })
}

impl Book {
    /// The book behind these templates.
    pub const fn new(keeper: Bookkeeper, templates: Arc<Templates>) -> Self {
        Self { keeper, templates }
    }

    /// The book itself, for reading.
    pub const fn keeper(&self) -> &Bookkeeper {
        &self.keeper
    }

    /// The posting templates.
    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// Sets the order's money aside, or moves it at once; uses up its limits with it.
    pub async fn attempt(&self, entry: &Entry, hold: bool) -> Result<Answer, Problem> {
        let (order, plan) = (&entry.order, &entry.plan);
        let action = if hold { Action::Hold { expires_at: None } } else { Action::Post };
        let event = tried(order, plan)?;
        let mut transaction = self.transaction(order, BookStep::Try, action, &event)?;
        for quota in &plan.quotas {
            transaction.postings.push(Posting::exact(quota.left, quota.used, order.amount));
        }
        if order.kind == Kind::Withdrawal {
            // The reserve bank account must be able to pay; it is debited once the bank has paid.
            let account = house_account("reserve_bank", CNY);
            transaction.conditions.push(Condition { account, at_least: order.amount });
        }
        self.ask(vec![transaction]).await
    }

    /// Posts the hold, and moves on what it brought into transit.
    pub async fn confirm(&self, entry: &Entry) -> Result<Answer, Problem> {
        let (order, plan) = (&entry.order, &entry.plan);
        let hold = BookStep::Try.transaction(order.id, order.created_at);
        let action = Action::PostHold { hold };
        let mut steps = vec![self.of_hold(order, plan, BookStep::Confirm, action)?];
        if let Some(event) = settled(order, plan)? {
            steps.push(self.transaction(order, BookStep::Settle, Action::Post, &event)?);
        }
        self.ask(steps).await
    }

    /// Voids the hold.
    pub async fn cancel(&self, entry: &Entry) -> Result<Answer, Problem> {
        let order = &entry.order;
        let hold = BookStep::Try.transaction(order.id, order.created_at);
        let action = Action::VoidHold { hold };
        self.ask(vec![self.of_hold(order, &entry.plan, BookStep::Cancel, action)?]).await
    }

    /// Pays a refund into the balance, its route having failed.
    pub async fn fall_back(&self, entry: &Entry) -> Result<Answer, Problem> {
        let event = fallen_back(&entry.order, &entry.plan)?;
        let step = self.transaction(&entry.order, BookStep::FallBack, Action::Post, &event)?;
        self.ask(vec![step]).await
    }

    /// A transaction that ends the hold; it has no postings of its own.
    fn of_hold(
        &self,
        order: &Order,
        plan: &Plan,
        step: BookStep,
        action: Action,
    ) -> Result<Transaction, Problem> {
        let head = Self::head(order, step, action);
        let name = tried(order, plan)?.name;
        self.templates.transaction(name, head, &[], &[]).map_err(template_fault)
    }

    fn transaction(
        &self,
        order: &Order,
        step: BookStep,
        action: Action,
        event: &Event,
    ) -> Result<Transaction, Problem> {
        let head = Self::head(order, step, action);
        let amounts = [("amount", order.amount)];
        self.templates.transaction(event.name, head, &event.slots, &amounts).map_err(template_fault)
    }

    fn head(order: &Order, step: BookStep, action: Action) -> TransactionHead {
        let id = step.transaction(order.id, order.created_at);
        TransactionHead::new(id).order(order.id).asset(order.asset).action(action)
    }

    /// Submits the transactions of one step together; the first refusal is the answer.
    async fn ask(&self, transactions: Vec<Transaction>) -> Result<Answer, Problem> {
        let commands = transactions.into_iter().map(Command::Transact).collect();
        let outcomes = self.keeper.submit(commands).await.map_err(Problem::from)?;
        let mut answer = None;
        for outcome in outcomes {
            let (fresh, receipt) = match outcome {
                Outcome::Done(receipt) => (true, receipt),
                Outcome::Exists(receipt) => (false, receipt),
                Outcome::Refused(refusal) => return Ok(Answer::Refused(refusal)),
            };
            answer = Some(Answer::Done { fresh, date: receipt.date });
        }
        answer.ok_or_else(|| problems::fault("the book gave no outcome", &"empty answer"))
    }
}

fn template_fault(error: impl std::fmt::Display) -> Problem {
    problems::fault("a posting template does not fit", &error)
}
