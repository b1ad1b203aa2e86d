//! Drives an order: asks the pure model what to do, does it, and tells it what became known.
//!
//! Live calls and recovery run the same loop; they only begin with another fact. Between two calls
//! nothing is kept but the row and the book.

use std::sync::Arc;

use bookkeeper::Bookkeeper;
use channels::{Answer as ChannelAnswer, Channels};
use ledger::Refusal;
use members::Members;
use records::Records;
use records::audit;
use records::outbox::{self, OutboxMessage};
use risk::{Decision, Risk};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;
use types::{OrderId, Problem, Timestamp, UserId};

use crate::book::{Answer, Book};
use crate::boundary::{Boundary, Watch};
use crate::config::Config;
use crate::error::Error;
use crate::guard::{Busy, KeyLocks};
use crate::late::may_come_late;
use crate::model::machine::{self, Act, Cause, Fact, Move, State};
use crate::model::order::{Failure, Kind, Order, Stage};
use crate::moment::Moment;
use crate::store::{self, Entry, Finish};
use crate::{outside, problems, webhooks};

/// Everything the room works with.
pub struct Engine {
    pub(crate) records: Records,
    pub(crate) members: Members,
    pub(crate) risk: Risk,
    pub(crate) channels: Channels,
    pub(crate) book: Book,
    pub(crate) config: Config,
    pub(crate) busy: Busy,
    pub(crate) keys: KeyLocks,
    pub(crate) watch: Option<Arc<dyn Watch>>,
}

impl Engine {
    pub(crate) fn db(&self) -> &DatabaseConnection {
        self.records.db()
    }

    pub(crate) const fn keeper(&self) -> &Bookkeeper {
        self.book.keeper()
    }

    pub(crate) async fn reached(&self, order: OrderId, boundary: Boundary) {
        if let Some(watch) = &self.watch {
            watch.reached(order, boundary).await;
        }
    }

    /// Writes a new order with its decision, its reservation of a refund, and, if it is final
    /// already, its message.
    pub(crate) async fn write_new(&self, entry: &Entry, decision: Decision) -> Result<(), Error> {
        self.reached(entry.order.id, Boundary::BeforeWrite).await;
        let risk = self.risk.clone();
        let message = self.message(entry);
        let (entry, id) = (entry.clone(), entry.order.id);
        self.records
            .write(move |txn| {
                Box::pin(async move {
                    if !entry.order.stage.is_final() {
                        reserve(txn, &entry.order).await?;
                    }
                    store::insert(txn, &entry).await?;
                    risk.record(txn, &decision).await.map_err(Problem::from)?;
                    send(txn, message).await
                })
            })
            .await?;
        self.reached(id, Boundary::Written).await;
        Ok(())
    }

    /// Drives an order until it is final or must wait.
    pub(crate) async fn drive(
        &self,
        entry: &mut Entry,
        state: State,
        fact: Fact,
        moment: Moment,
    ) -> Result<(), Problem> {
        self.drive_for(None, entry, state, fact, moment).await
    }

    /// As [`Engine::drive`], for an operator whose decision the first fact is: it is written into
    /// the audit log with the stage that it leads to.
    pub(crate) async fn drive_for(
        &self,
        mut operator: Option<Decided>,
        entry: &mut Entry,
        mut state: State,
        mut fact: Fact,
        moment: Moment,
    ) -> Result<(), Problem> {
        loop {
            let shape = entry.plan.shape(entry.order.kind, entry.order.channel.as_deref());
            let step = machine::next(&state, shape, fact)
                .map_err(|misplaced| problems::fault("an order went astray", &misplaced))?;
            self.enter(entry, &step, operator.take(), moment).await?;
            state = step.state;
            let next = match step.act {
                Act::Later | Act::Rest => return Ok(()),
                Act::Finish => return self.finish(entry, state.cause.as_ref(), moment).await,
                act => self.act(entry, act, moment).await?,
            };
            fact = next;
        }
    }

    /// Makes the new stage the order's, durable if it must be.
    async fn enter(
        &self,
        entry: &mut Entry,
        step: &Move,
        operator: Option<Decided>,
        moment: Moment,
    ) -> Result<(), Problem> {
        let now = moment.now();
        let order = &mut entry.order;
        order.stage = step.state.stage;
        order.next_at = match step.act {
            Act::Rest if order.stage == Stage::AwaitingFactor => order.next_at,
            Act::Rest => None,
            Act::Later => Some(now.plus_seconds(self.config.wait(order.attempts))),
            _ => Some(now),
        };
        if order.stage == Stage::Cancelling
            && let Some(cause) = &step.state.cause
        {
            order.failure = Some(problems::failure_of_cause(cause));
        }
        match step.act {
            Act::Ask => {
                entry.sent = true;
                entry.plan.tried_at = moment.given();
                let channel = entry.order.channel.clone().unwrap_or_default();
                entry.trail.step(now, "sent", channel);
            }
            Act::Query => entry.sent = true,
            Act::Later => entry.trail.step(now, "waiting", order_note(&entry.order)),
            Act::Rest if entry.order.stage == Stage::Review => entry.trail.step(now, "review", ""),
            _ => {}
        }
        if step.save { self.save(entry, operator).await } else { Ok(()) }
    }

    /// Writes where the order stands, and the operator's decision that led there.
    pub(crate) async fn save(
        &self,
        entry: &Entry,
        operator: Option<Decided>,
    ) -> Result<(), Problem> {
        let id = entry.order.id;
        self.reached(id, Boundary::BeforeSave).await;
        let row = entry.clone();
        let open = self
            .records
            .write(move |txn| {
                Box::pin(async move {
                    let open = store::save(txn, &row).await?;
                    if let Some(decided) = operator.filter(|_| open) {
                        decided.write(txn, &row).await?;
                    }
                    Ok(open)
                })
            })
            .await
            .map_err(|e: records::Error| Problem::from(e))?;
        self.reached(id, Boundary::Saved).await;
        if open { Ok(()) } else { Err(problems::fault("a final order was driven", &id)) }
    }

    /// Does one thing and says what became known.
    async fn act(&self, entry: &mut Entry, act: Act, moment: Moment) -> Result<Fact, Problem> {
        let (answer, done, word, boundary) = match act {
            Act::Hold => {
                let answer = self.book.attempt(entry, true).await?;
                let fresh = matches!(answer, Answer::Done { fresh: true, .. });
                (answer, Fact::Held { fresh }, "tried", Boundary::Tried)
            }
            Act::Post => {
                let answer = self.book.attempt(entry, false).await?;
                (answer, Fact::Posted, "confirmed", Boundary::Tried)
            }
            Act::PostHold => {
                let answer = self.book.confirm(entry).await?;
                (answer, Fact::HoldPosted, "confirmed", Boundary::HoldPosted)
            }
            Act::VoidHold => {
                let answer = self.book.cancel(entry).await?;
                (answer, Fact::HoldVoided, "cancelled", Boundary::HoldVoided)
            }
            Act::FallBack => {
                let answer = self.book.fall_back(entry).await?;
                (answer, Fact::FellBack, "fell_back", Boundary::FellBack)
            }
            Act::Ask | Act::Query => return Ok(self.ask(entry, act == Act::Ask, moment).await),
            Act::Later | Act::Rest | Act::Finish => {
                return Err(problems::fault(
                    "an order was asked to act on nothing",
                    &entry.order.id,
                ));
            }
        };
        self.reached(entry.order.id, boundary).await;
        match answer {
            Answer::Done { date, .. } => {
                entry.trail.step(moment.now(), word, "");
                entry.order.date = Some(date);
                if act == Act::FallBack {
                    // No outside money moved: the channel's day has nothing of this order.
                    entry.order.channel = None;
                    entry.order.failure = None;
                }
                Ok(done)
            }
            Answer::Refused(refusal) => self.refused(entry, act, refusal, moment).await,
        }
    }

    /// Sends the order to its channel, or asks what became of it.
    async fn ask(&self, entry: &mut Entry, first: bool, moment: Moment) -> Fact {
        let order = &mut entry.order;
        let code = order.channel.clone().unwrap_or_default();
        let Ok(channel) = self.channels.get(&code) else {
            // Nothing can have been sent to a channel that is not there; but what was sent before
            // it was removed must wait for it.
            return if first { Fact::RouteClosed } else { Fact::ChannelUnknown };
        };
        order.attempts = order.attempts.saturating_add(1);
        let (answer, call) = if first {
            outside::send(&channel, order, &entry.plan, moment.given()).await
        } else {
            (channel.query(&order.id.to_string()).await, "query")
        };
        if let ChannelAnswer::Succeeded { channel_order_no, .. } = &answer {
            order.channel_order_no = Some(channel_order_no.clone());
        }
        let arrives_until = entry.plan.tried_at.plus_seconds(self.config.arrival_seconds);
        entry.trail.call(outside::noted(moment.now(), call, &answer));
        self.reached(entry.order.id, Boundary::Asked).await;
        outside::fact(&answer, moment.given() < arrives_until)
    }

    /// What a refusal of the book means at this step.
    async fn refused(
        &self,
        entry: &mut Entry,
        act: Act,
        refusal: Refusal,
        moment: Moment,
    ) -> Result<Fact, Problem> {
        if matches!(refusal, Refusal::IdConflict { .. }) || act == Act::VoidHold {
            return Err(problems::fault("the book refused a step it must accept", &refusal));
        }
        let failure = self.explain(entry, refusal).await;
        entry.trail.step(moment.now(), "refused", failure.code.clone());
        match act {
            // The channel's own answer stays the reason.
            Act::FallBack => {}
            Act::PostHold => {
                entry.order.attempts = entry.order.attempts.saturating_add(1);
                tracing::warn!(order = %entry.order.id, code = refusal.code(),
                    "the book does not post a hold whose money has moved");
            }
            _ => entry.order.failure = Some(failure),
        }
        Ok(Fact::BookRefused)
    }

    /// The refusal as its payer may read it.
    async fn explain(&self, entry: &Entry, refusal: Refusal) -> Failure {
        let (plan, order) = (&entry.plan, &entry.order);
        match refusal {
            Refusal::InsufficientAvailable { account, available, .. } => {
                if let Some(quota) = plan.quotas.iter().find(|q| q.left == account) {
                    return problems::limit_exceeded(quota, available);
                }
                if order.kind == Kind::Refund {
                    problems::merchant_insufficient()
                } else {
                    problems::insufficient_available()
                }
            }
            Refusal::NotSettled { settled, .. } => problems::not_settled(settled),
            Refusal::ConditionFailed { .. } => problems::reserve_insufficient(),
            Refusal::DebitsBlocked { account }
            | Refusal::CreditsBlocked { account }
            | Refusal::AccountClosed { account } => {
                if plan.payer == Some(account) {
                    self.payer_frozen(order.payer, moment_of(order)).await
                } else if order.merchant.is_some() {
                    problems::frozen("merchant_frozen")
                } else {
                    problems::frozen("payee_frozen")
                }
            }
            other => problems::refused_by_book(other.code()),
        }
    }

    /// Which freeze bars the payer.
    pub(crate) async fn payer_frozen(&self, payer: Option<UserId>, at: Timestamp) -> Failure {
        let standing = match payer {
            Some(user) => self.members.standing(user, at).await.ok(),
            None => None,
        };
        problems::frozen(match standing {
            Some(members::Standing::CustomerFrozen) => "customer_frozen",
            Some(members::Standing::UserFrozen) => "user_frozen",
            _ => "account_frozen",
        })
    }

    /// Writes the final state and the message, once.
    async fn finish(
        &self,
        entry: &mut Entry,
        cause: Option<&Cause>,
        moment: Moment,
    ) -> Result<(), Problem> {
        self.close(entry, cause, moment);
        let id = entry.order.id;
        self.reached(id, Boundary::BeforeFinish).await;
        let (row, message) = (entry.clone(), self.message(entry));
        self.records
            .write(move |txn| {
                Box::pin(async move {
                    match store::finish(txn, &row).await? {
                        Finish::Now => send(txn, message).await,
                        Finish::Before => Ok(()),
                    }
                })
            })
            .await
            .map_err(|e: Error| Problem::from(e))?;
        self.reached(id, Boundary::Finished).await;
        Ok(())
    }

    /// Makes the order final in memory.
    pub(crate) fn close(&self, entry: &mut Entry, cause: Option<&Cause>, moment: Moment) {
        let now = moment.now();
        let order = &mut entry.order;
        order.finished_at = Some(now);
        order.next_at = if may_come_late(order, cause) { self.next_look(now, now) } else { None };
        order.date = order.date.or_else(|| Some(self.keeper().open_date()));
        match (order.stage, cause) {
            (Stage::Failed, Some(Cause::Book)) => {
                order.failure.get_or_insert_with(|| problems::failure_of_cause(&Cause::Book));
            }
            (Stage::Failed, Some(cause)) => {
                order.failure = Some(problems::failure_of_cause(cause));
            }
            (Stage::Succeeded, _) => order.failure = None,
            _ => {}
        }
        let note = order.failure.as_ref().map(|f| f.code.clone()).unwrap_or_default();
        entry.trail.step(now, "closed", note);
    }

    /// The message that tells the merchant that placed the order its final state, if it wants one.
    fn message(&self, entry: &Entry) -> Option<OutboxMessage> {
        let order = &entry.order;
        let merchant = order.placed_by()?;
        let own = || self.members.merchant(merchant).and_then(|m| m.webhook_url.clone());
        let url = entry.plan.notify_url.clone().or_else(own)?;
        let at = order.finished_at.filter(|_| order.stage.is_final())?;
        Some(webhooks::message(order, url, at))
    }
}

/// An operator's decision on an order under review.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Who.
    pub operator: String,
    /// `review.approve` or `review.deny`.
    pub action: &'static str,
    /// When.
    pub at: Timestamp,
}

impl Decided {
    async fn write(&self, txn: &impl ConnectionTrait, entry: &Entry) -> Result<(), records::Error> {
        let stage = |stage: Stage| json!({ "stage": stage.word() });
        let (before, after) = (stage(Stage::Review), stage(entry.order.stage));
        let subject = entry.order.id.to_string();
        let (before, after) = (Some(&before), Some(&after));
        audit::append(txn, &self.operator, self.action, &subject, before, after, self.at).await?;
        Ok(())
    }
}

/// Sets what a refund gives back aside on its payment.
async fn reserve(txn: &impl ConnectionTrait, order: &Order) -> Result<(), Error> {
    let Some(payment) = order.refund_of.filter(|_| !order.gives_back_late()) else {
        return Ok(());
    };
    if store::reserve_refund(txn, payment, order.amount.signed()).await? {
        return Ok(());
    }
    let payment = store::find(txn, payment).await?.ok_or_else(problems::order_not_found)?;
    let left = payment.order.amount.minus(payment.order.refunded).unwrap_or_default();
    Err(problems::refund_exceeds_payment(order.amount, left).into())
}

async fn send(txn: &impl ConnectionTrait, message: Option<OutboxMessage>) -> Result<(), Error> {
    if let Some(message) = message {
        outbox::enqueue(txn, message).await?;
    }
    Ok(())
}

fn order_note(order: &Order) -> String {
    format!("attempt {}", order.attempts)
}

fn moment_of(order: &Order) -> Timestamp {
    order.next_at.unwrap_or(order.created_at)
}
