//! Orders and their life: try, confirm, cancel.
//!
//! An order is written before the book is asked and finished after the book answered, so that every
//! crash point has one reading; [`Payments::recover`] is the proof.

mod model;
mod problems;

pub use model::order::{Failure, Kind, Order, Scope, Stage, Status};
pub use model::request::{Auth, Filter, Method, NewOrder, NewRefund, Origin, Page};
pub use model::view::{
    ChannelCall, DayOrder, DayStats, HourCount, OrderDifference, OrderProof, Recovered, Step, Trace,
};

use futures::Stream;
use types::{BusinessDate, OrderId, Problem, Timestamp};

/// The room's door. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Payments {}

impl Payments {
    /// Places an order; returns it final, waiting (`authentication_required`, `review`) or
    /// `processing`. A refusal after the order was written is an order with status `failed`.
    pub async fn place(&self, _new: NewOrder, _now: Timestamp) -> Result<Order, Problem> {
        unimplemented!()
    }

    /// Refunds a payment, in part or in full, by the way it came.
    pub async fn refund(&self, _new: NewRefund, _now: Timestamp) -> Result<Order, Problem> {
        unimplemented!()
    }

    /// Decides an order under review. `operator` is written into its steps.
    pub async fn review_decide(
        &self,
        _order: OrderId,
        _approve: bool,
        _operator: &str,
        _now: Timestamp,
    ) -> Result<Order, Problem> {
        unimplemented!()
    }

    /// Moves on every order that is due at `now`: after a crash, after an unknown answer, past its
    /// time.
    pub async fn recover(&self, _now: Timestamp) -> Result<Recovered, Problem> {
        unimplemented!()
    }

    /// One order.
    pub async fn get(&self, _id: OrderId) -> Result<Option<Order>, Problem> {
        unimplemented!()
    }

    /// A page of orders, newest first.
    pub async fn list(&self, _filter: &Filter, _page: Page) -> Result<Vec<Order>, Problem> {
        unimplemented!()
    }

    /// Everything about one order.
    pub async fn trace(&self, _id: OrderId) -> Result<Option<Trace>, Problem> {
        unimplemented!()
    }

    /// Orders that came in on a natural day, by hour, kind and stage.
    pub async fn stats(&self, _date: BusinessDate) -> Result<DayStats, Problem> {
        unimplemented!()
    }

    /// How many orders are not final.
    pub async fn unfinished(&self) -> Result<u64, Problem> {
        unimplemented!()
    }

    /// Orders not final that came in before `before`, oldest first.
    pub async fn stuck(&self, _before: Timestamp, _limit: u64) -> Result<Vec<Order>, Problem> {
        unimplemented!()
    }

    /// The final orders of an accounting date, by id.
    pub fn day_orders(
        &self,
        _date: BusinessDate,
    ) -> impl Stream<Item = Result<DayOrder, Problem>> + Send + '_ {
        futures::stream::empty()
    }

    /// Compares every order with its ledger transactions.
    pub async fn prove_orders(&self) -> Result<OrderProof, Problem> {
        unimplemented!()
    }
}
