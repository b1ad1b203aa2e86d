//! What every call that makes an order shares: the key it bears, its judgement, and how it is
//! written, whether it then goes on or fails at once.

use risk::{Decision, Event};
use types::{OrderId, Problem, Timestamp};

use crate::engine::Engine;
use crate::model::form::Formed;
use crate::model::machine::{Cause, Fact, State};
use crate::model::order::{Failure, Order, Stage};
use crate::model::plan::Plan;
use crate::moment::Moment;
use crate::problems;
use crate::store::{self, Entry, Trail};

/// A new order as far as its request alone says.
pub(crate) fn entry(formed: &Formed, at: Timestamp) -> Entry {
    let mut trail = Trail::default();
    trail.step(at, "created", "");
    Entry {
        order: Order {
            id: order_id(formed, at),
            scope: formed.scope,
            key: formed.key.clone(),
            kind: formed.kind,
            stage: Stage::Trying,
            payer: None,
            customer: None,
            merchant: None,
            payee: None,
            amount: formed.amount,
            asset: money::CNY,
            channel: None,
            channel_order_no: None,
            refund_of: None,
            refunded: money::Amount::ZERO,
            subject: formed.subject.clone(),
            created_at: at,
            finished_at: None,
            date: None,
            failure: None,
            decision: None,
            attempts: 0,
            next_at: Some(at),
        },
        fingerprint: formed.fingerprint.clone(),
        sent: false,
        plan: Plan { notify_url: formed.notify_url.clone(), tried_at: at, ..Plan::default() },
        trail,
    }
}

/// The id of the order with this key: the same whenever the same call comes at the same moment.
fn order_id(formed: &Formed, at: Timestamp) -> OrderId {
    OrderId::derive(at, &[formed.scope.to_string().as_bytes(), formed.key.as_bytes()])
}

impl Engine {
    /// The order that bears the request's key already.
    ///
    /// # Errors
    /// `idempotency_conflict` if it was another request.
    pub(crate) async fn first(&self, formed: &Formed) -> Result<Option<Order>, Problem> {
        let Some(first) = store::find_by_key(self.db(), formed.scope, &formed.key).await? else {
            return Ok(None);
        };
        if first.fingerprint == formed.fingerprint {
            return Ok(Some(first.order));
        }
        Err(problems::idempotency_conflict(&first.order.key, first.order.id))
    }

    /// Has a new order judged: every order that is written was.
    pub(crate) fn judge(&self, entry: &mut Entry, event: &Event, moment: Moment) -> Decision {
        let decision = self.risk.judge(event);
        entry.order.decision = Some(decision.id);
        entry.trail.step(moment.now(), "judged", decision.outcome.code());
        decision
    }

    /// Writes a new order and drives it.
    pub(crate) async fn go(
        &self,
        formed: &Formed,
        mut entry: Entry,
        decision: Decision,
        moment: Moment,
    ) -> Result<Order, Problem> {
        if let Some(first) = self.write_or_find(formed, &entry, decision).await? {
            return Ok(first);
        }
        self.drive(&mut entry, State::new(Stage::Trying), Fact::Ready, moment).await?;
        Ok(entry.order)
    }

    /// Writes a new order that fails at once.
    pub(crate) async fn fail_new(
        &self,
        formed: &Formed,
        mut entry: Entry,
        failure: Failure,
        decision: Decision,
        moment: Moment,
    ) -> Result<Order, Problem> {
        entry.order.stage = Stage::Failed;
        entry.order.failure = Some(failure);
        self.close(&mut entry, Some(&Cause::Book), moment);
        let first = self.write_or_find(formed, &entry, decision).await?;
        Ok(first.unwrap_or(entry.order))
    }

    /// Writes a new order; if its key was taken meanwhile, gives the order that has it.
    pub(crate) async fn write_or_find(
        &self,
        formed: &Formed,
        entry: &Entry,
        decision: Decision,
    ) -> Result<Option<Order>, Problem> {
        let Err(error) = self.write_new(entry, decision).await else { return Ok(None) };
        if !error.is_taken() {
            return Err(error.into());
        }
        match self.first(formed).await? {
            Some(first) => Ok(Some(first)),
            None => Err(error.into()),
        }
    }
}
