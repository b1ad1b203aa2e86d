//! Refunds: orders of their own that give back a payment, in part or in full, by the way it came.

use channels::Error as ChannelError;
use risk::Outcome;
use types::{AccountId, Problem, Timestamp};

use crate::engine::Engine;
use crate::judge;
use crate::model::fingerprint;
use crate::model::form::{self, Formed};
use crate::model::order::{Kind, Order, Stage};
use crate::model::plan::Plan;
use crate::model::request::NewRefund;
use crate::moment::Moment;
use crate::place::{order_id, same_or_conflict};
use crate::problems;
use crate::store::{self, Entry, Trail};

/// The way a refund goes.
struct Route {
    channel: Option<String>,
    balance: Option<AccountId>,
}

impl Engine {
    pub(crate) async fn refund(&self, new: NewRefund, now: Timestamp) -> Result<Order, Problem> {
        let moment = Moment::new(now);
        let formed = form::refund(&new, self.config.max_order)?;
        let merchant =
            self.members.merchant(new.merchant).ok_or_else(problems::merchant_not_found)?;
        let fingerprint = hex::encode(fingerprint::of_refund(&new));
        let _alone = self.keys.lock(format!("{}/{}", formed.scope, new.key)).await;
        if let Some(first) = store::find_by_key(self.db(), formed.scope, &new.key).await? {
            return same_or_conflict(first, &fingerprint);
        }
        let payment = self.refundable(&new, formed).await?;
        let route = self.route_back(&payment, formed).await?;
        let mut entry = draft(&new, formed, &payment, &route, fingerprint, moment);
        entry.plan.payee = Some(merchant.pending);
        let Some(_driving) = self.busy.take(entry.order.id) else {
            return Err(problems::order_busy());
        };

        let decision = self.risk.judge(&judge::refund(&entry.order));
        entry.order.decision = Some(decision.id);
        entry.trail.step(moment.now(), "judged", decision.outcome.code());
        match decision.outcome {
            Outcome::Reject => {
                return self
                    .fail_new(entry, problems::risk_rejected(), Some(decision), moment)
                    .await;
            }
            // A merchant has no payment password to step up with: a person looks instead.
            Outcome::StepUp | Outcome::Review => entry.plan.review = true,
            Outcome::Accept => {}
        }
        entry.trail.step(moment.now(), "authenticated", "merchant");
        self.go(entry, Some(decision), moment).await
    }

    /// The payment, if this much of it can be refunded by this merchant as things stand.
    async fn refundable(&self, new: &NewRefund, formed: Formed) -> Result<Entry, Problem> {
        let payment = store::find(self.db(), new.of)
            .await?
            .filter(|entry| entry.order.merchant == Some(new.merchant))
            .ok_or_else(|| problems::order_not_found().at("of"))?;
        let order = &payment.order;
        if order.kind != Kind::Payment {
            return Err(problems::order_not_refundable("it is no payment", "不是支付订单"));
        }
        if order.stage != Stage::Succeeded {
            return Err(problems::order_not_refundable("it has not succeeded", "订单未成功"));
        }
        let left = order.amount.minus(order.refunded).unwrap_or_default();
        if formed.amount > left {
            return Err(problems::refund_exceeds_payment(formed.amount, left));
        }
        Ok(payment)
    }

    /// The way the payment came, or the payer's balance where that way is closed.
    async fn route_back(&self, payment: &Entry, formed: Formed) -> Result<Route, Problem> {
        let balance = match (payment.plan.payer, payment.order.payer) {
            (Some(account), _) => Some(account),
            // The payer may have opened an account since.
            (None, Some(user)) => self.members.payer(user).await?.account,
            (None, None) => None,
        };
        let Some(code) = payment.order.channel.clone() else {
            return Ok(Route { channel: None, balance });
        };
        match self.channels.choose(&code, channels::Kind::Refund, formed.amount, None) {
            Ok(_) => Ok(Route { channel: Some(code), balance }),
            // Closed for good, or for as long as people say.
            Err(
                ChannelError::UnknownChannel(_)
                | ChannelError::OffLine(_)
                | ChannelError::KindUnsupported { .. }
                | ChannelError::AmountOutside { .. },
            ) if balance.is_some() => Ok(Route { channel: None, balance }),
            // A pause passes: the merchant asks again.
            Err(error) => Err(error.into()),
        }
    }
}

fn draft(
    new: &NewRefund,
    formed: Formed,
    payment: &Entry,
    route: &Route,
    fingerprint: String,
    moment: Moment,
) -> Entry {
    let at = moment.given();
    let mut trail = Trail::default();
    trail.step(at, "created", "");
    let closed = payment.order.channel.is_some() && route.channel.is_none();
    if closed {
        trail.step(at, "route_closed", payment.order.channel.clone().unwrap_or_default());
    }
    let receivable = route.channel.as_deref().map(|code| channels::receivable(code, money::CNY));
    Entry {
        order: Order {
            id: order_id(&formed.scope, &new.key, at),
            scope: formed.scope,
            key: new.key.clone(),
            kind: Kind::Refund,
            stage: Stage::Trying,
            payer: payment.order.payer,
            customer: payment.order.customer,
            merchant: Some(new.merchant),
            payee: None,
            amount: formed.amount,
            asset: money::CNY,
            channel: route.channel.clone(),
            channel_order_no: None,
            refund_of: Some(new.of),
            refunded: money::Amount::ZERO,
            subject: new.subject.clone(),
            created_at: at,
            finished_at: None,
            date: None,
            failure: None,
            decision: None,
            attempts: 0,
            next_at: Some(at),
        },
        fingerprint,
        sent: false,
        plan: Plan {
            payer: route.balance,
            payee: None,
            receivable,
            instrument: None,
            quotas: Vec::new(),
            review: false,
            notify_url: new.notify_url.clone(),
            tried_at: at,
        },
        trail,
    }
}
