//! Orders and their life: try, confirm, cancel.
//!
//! An order is written before the book is asked and finished after the book answered, so that every
//! crash point has one reading; [`Payments::recover`] is the proof. What may happen to an order is
//! a pure function ([`machine`]); everything around it only asks, answers and writes.

mod authenticate;
mod begin;
mod book;
pub mod boundary;
mod config;
mod engine;
mod error;
mod guard;
mod judge;
mod late;
mod later;
mod model;
mod moment;
mod outside;
mod place;
mod problems;
mod prove;
mod read;
mod refund;
mod store;
pub mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use bookkeeper::Bookkeeper;
use channels::Channels;
use futures::Stream;
use ledger::{Command, NewAccount, Owner, Templates};
use members::{Credentials, DeviceChallenge, Members};
use records::Records;
use risk::Risk;
use types::{BusinessDate, Clock, OrderId, Problem, Timestamp};

pub use boundary::{Boundary, Watch};
pub use config::Config;
pub use model::machine;
pub use model::order::{Failure, Kind, Order, Scope, Stage, Status};
pub use model::request::{Auth, Filter, Method, NewOrder, NewRefund, Origin, Page};
pub use model::view::{
    ChannelCall, DayOrder, DayStats, HourCount, OrderDifference, OrderProof, Recovered, Step, Trace,
};
pub use store::MIGRATIONS;

use book::Book;
use engine::Engine;

/// What the room stands on.
pub struct Parts {
    /// Where orders are written; opened with [`MIGRATIONS`] among its migrations.
    pub records: Records,
    /// Who pays and is paid.
    pub members: Members,
    /// Who judges.
    pub risk: Risk,
    /// Who moves outside money.
    pub channels: Channels,
    /// The book.
    pub bookkeeper: Bookkeeper,
    /// What an order does to the book.
    pub templates: Arc<Templates>,
    /// What the institution decides about orders.
    pub config: Config,
}

/// The room's door. Cheap to clone.
#[derive(Clone)]
pub struct Payments {
    engine: Arc<Engine>,
}

impl Payments {
    /// Opens the room, and in the book one receivable account a channel where it lacks one.
    pub async fn open(parts: Parts) -> Result<Self, Problem> {
        Self::open_watched(parts, None).await
    }

    /// As [`Payments::open`], with somebody who is told of every boundary between two steps.
    pub async fn open_watched(
        parts: Parts,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<Self, Problem> {
        open_receivables(&parts.bookkeeper, &parts.channels).await?;
        let engine = Engine {
            records: parts.records,
            members: parts.members,
            risk: parts.risk,
            channels: parts.channels,
            book: Book::new(parts.bookkeeper, parts.templates),
            config: parts.config,
            busy: guard::Busy::default(),
            keys: guard::KeyLocks::default(),
            watch,
        };
        Ok(Self { engine: Arc::new(engine) })
    }

    /// Runs a call to its end even if its caller goes away: a lost connection must not leave an
    /// order half done until recovery looks at it.
    async fn detached<F>(&self, call: impl FnOnce(Arc<Engine>) -> F) -> Result<Order, Problem>
    where
        F: Future<Output = Result<Order, Problem>> + Send + 'static,
    {
        let running = tokio::spawn(call(Arc::clone(&self.engine)));
        running.await.unwrap_or_else(|error| Err(problems::fault("a call did not end", &error)))
    }

    /// Places an order; returns it final, waiting (`authentication_required`, `review`) or
    /// `processing`. The same key with the same body gives the first order as it stands by now.
    ///
    /// A refusal before the order is written is a [`Problem`]; one afterwards is an order with
    /// status `failed` and its [`Failure`], and moved no money.
    ///
    /// # Errors
    /// `amount_not_positive`, `amount_too_large`, `currency_unsupported`, `text_invalid`,
    /// `webhook_url_invalid`,
    /// `not_for_kind`, `payee_is_payer`, `merchant_not_found`, `user_not_found`,
    /// `payee_not_found`, `real_name_required`, `idempotency_conflict`, channels' refusals of a
    /// new order, members' `envelope_invalid` and its kin, `records_unavailable` and its kin. After
    /// the last ones the order may exist: the same call again tells.
    pub async fn place(&self, new: NewOrder, now: Timestamp) -> Result<Order, Problem> {
        self.detached(|engine| async move { engine.place(new, now).await }).await
    }

    /// Brings what the payer shows for an order that is `authentication_required`: the credentials
    /// of [`Auth::Factors`], and what a device key signed. Envelopes and codes are bound to the
    /// order's key, amount and payee, as at first. The day's limit follows from all of them anew.
    ///
    /// # Errors
    /// `order_not_found`, `order_busy`, `order_state_conflict`; `knowledge_factor_missing`,
    /// `authentication_required` (a gesture, where risk control asked for the password),
    /// `device_key_assurance_low`, which uses the challenge up; members' `password_wrong`,
    /// `gesture_*`, `code_*`, `device_key_*` and `device_state_refused`: the order waits on.
    pub async fn authenticate(
        &self,
        order: OrderId,
        shown: Credentials,
        now: Timestamp,
    ) -> Result<Order, Problem> {
        self.detached(|engine| async move { engine.authenticate(order, &shown, now).await }).await
    }

    /// Gives a challenge that carries an order which is `authentication_required`: for browsers to
    /// sign with one of the payer's device keys. `page` is the payee's, where the browser itself
    /// is to show the payment there.
    ///
    /// # Errors
    /// `order_not_found`, `order_state_conflict`; members' `device_key_not_set`,
    /// `device_key_page_invalid`.
    pub async fn device_challenge(
        &self,
        order: OrderId,
        page: Option<&str>,
        now: Timestamp,
    ) -> Result<DeviceChallenge, Problem> {
        self.engine.device_challenge(order, page, now).await
    }

    /// Refunds a payment, in part or in full, by the way it came; to the payer's balance where that
    /// way is closed or fails. Keys are of the merchant's order numbers.
    ///
    /// # Errors
    /// As [`Payments::place`]; and `order_not_found`, `order_not_refundable`,
    /// `refund_exceeds_payment`.
    pub async fn refund(&self, new: NewRefund, now: Timestamp) -> Result<Order, Problem> {
        self.detached(|engine| async move { engine.refund(new, now).await }).await
    }

    /// Decides an order under review. `operator` is written into its steps.
    ///
    /// # Errors
    /// `order_not_found`, `order_busy`, `order_state_conflict`.
    pub async fn review_decide(
        &self,
        order: OrderId,
        approve: bool,
        operator: &str,
        now: Timestamp,
    ) -> Result<Order, Problem> {
        let operator = operator.to_owned();
        self.detached(
            |engine| async move { engine.review_decide(order, approve, &operator, now).await },
        )
        .await
    }

    /// Moves on every order that is due at `now`: after a crash, after an unknown answer, past its
    /// time. Orders that a call is driving right now are left to it.
    pub async fn recover(&self, now: Timestamp) -> Result<Recovered, Problem> {
        self.engine.recover(now).await
    }

    /// Recovers every so often until `stop` is ready.
    pub async fn run_recovery_loop(
        &self,
        clock: Arc<dyn Clock>,
        every: Duration,
        stop: impl Future<Output = ()>,
    ) {
        self.engine.recovery_loop(clock, every, stop).await;
    }

    /// One order.
    pub async fn get(&self, id: OrderId) -> Result<Option<Order>, Problem> {
        self.engine.get(id).await
    }

    /// A page of orders, newest first.
    pub async fn list(&self, filter: &Filter, page: Page) -> Result<Vec<Order>, Problem> {
        self.engine.list(filter, page).await
    }

    /// Everything about one order.
    pub async fn trace(&self, id: OrderId) -> Result<Option<Trace>, Problem> {
        self.engine.trace(id).await
    }

    /// Orders that came in on a natural day, by hour, kind and stage.
    pub async fn stats(&self, date: BusinessDate) -> Result<DayStats, Problem> {
        self.engine.stats(date).await
    }

    /// How many orders are not final.
    pub async fn unfinished(&self) -> Result<u64, Problem> {
        self.engine.unfinished().await
    }

    /// How many orders are under way and wait for no person: recovery finishes them by itself.
    pub async fn processing(&self) -> Result<u64, Problem> {
        self.engine.processing().await
    }

    /// Orders not final that came in before `before`, oldest first.
    pub async fn stuck(&self, before: Timestamp, limit: u64) -> Result<Vec<Order>, Problem> {
        self.engine.stuck(before, limit).await
    }

    /// The final orders of an accounting date, by id.
    pub fn day_orders(
        &self,
        date: BusinessDate,
    ) -> impl Stream<Item = Result<DayOrder, Problem>> + Send + '_ {
        self.engine.day_orders(date)
    }

    /// Compares every order with its ledger transactions. Takes time in proportion to all orders.
    pub async fn prove_orders(&self) -> Result<OrderProof, Problem> {
        self.engine.prove_orders().await
    }
}

impl std::fmt::Debug for Payments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payments").finish_non_exhaustive()
    }
}

/// Opens in the book one receivable account a channel where it lacks one.
async fn open_receivables(book: &Bookkeeper, channels: &Channels) -> Result<(), Problem> {
    let chart = book.chart();
    let leaf = chart
        .role("channel_receivable")
        .ok_or_else(|| problems::fault("the chart lacks a role", &"channel_receivable"))?;
    let missing = channels.list().into_iter().filter_map(|view| {
        let id = channels::receivable(&view.terms.code, money::CNY);
        let owner = Owner::Channel(view.terms.id);
        let new = NewAccount { id, asset: money::CNY, leaf, owner, flags: chart.flags(leaf) };
        book.account(id).is_none().then_some(Command::OpenAccount(new))
    });
    let commands: Vec<Command> = missing.collect();
    if commands.is_empty() {
        return Ok(());
    }
    for outcome in book.submit(commands).await? {
        outcome.receipt().map_err(|refusal| {
            problems::fault("the book does not open a channel's account", &refusal)
        })?;
    }
    Ok(())
}
