//! Refunds: orders of their own that give back a payment, in part or in full, by the way it came.

use channels::Error as ChannelError;
use money::Amount;
use risk::Outcome;
use types::{AccountId, Problem, Timestamp};

use crate::begin;
use crate::engine::Engine;
use crate::judge;
use crate::model::form::{self, Formed};
use crate::model::order::{Kind, Order, Stage};
use crate::model::request::NewRefund;
use crate::moment::Moment;
use crate::problems;
use crate::store::{self, Entry};

/// The way a refund goes.
pub(crate) struct Route {
    channel: Option<String>,
    balance: Option<AccountId>,
}

impl Engine {
    pub(crate) async fn refund(&self, new: NewRefund, now: Timestamp) -> Result<Order, Problem> {
        let moment = Moment::new(now);
        let formed = form::refund(&new, self.config.max_order)?;
        let merchant =
            self.members.merchant(new.merchant).ok_or_else(problems::merchant_not_found)?;
        let _alone = self.keys.lock(format!("{}/{}", formed.scope, formed.key)).await;
        if let Some(first) = self.first(&formed).await? {
            return Ok(first);
        }
        let payment = self.refundable(&new, formed.amount).await?;
        let route = self.route_back(&payment, formed.amount).await?;
        let mut entry = draft(&formed, &payment, &route, now);
        entry.order.merchant = Some(new.merchant);
        entry.plan.payee = Some(merchant.pending);
        let Some(_driving) = self.busy.take(entry.order.id) else {
            return Err(problems::order_busy());
        };
        let event = judge::refund(&entry.order);
        let decision = self.judge(&mut entry, &event, moment);
        if decision.outcome == Outcome::Reject {
            let failure = problems::risk_rejected();
            return self.fail_new(&formed, entry, failure, decision, moment).await;
        }
        // A merchant has no payment password to step up with: a person looks instead.
        entry.plan.review = decision.outcome != Outcome::Accept;
        entry.trail.step(moment.now(), "authenticated", "merchant");
        self.go(&formed, entry, decision, moment).await
    }

    /// The payment, if this much of it can be refunded by this merchant as things stand.
    async fn refundable(&self, new: &NewRefund, amount: Amount) -> Result<Entry, Problem> {
        let payment = store::find(self.db(), new.of)
            .await?
            .filter(|entry| entry.order.placed_by() == Some(new.merchant))
            .ok_or_else(|| problems::order_not_found().at("of"))?;
        let order = &payment.order;
        if order.kind != Kind::Payment {
            return Err(problems::order_not_refundable("it is no payment", "不是支付订单"));
        }
        if order.stage != Stage::Succeeded {
            return Err(problems::order_not_refundable("it has not succeeded", "订单未成功"));
        }
        let left = order.amount.minus(order.refunded).unwrap_or_default();
        if amount > left {
            return Err(problems::refund_exceeds_payment(amount, left));
        }
        Ok(payment)
    }

    /// The way the payment came, or the payer's balance where that way is closed.
    pub(crate) async fn route_back(
        &self,
        payment: &Entry,
        amount: Amount,
    ) -> Result<Route, Problem> {
        let balance = match (payment.plan.payer, payment.order.payer) {
            (Some(account), _) => Some(account),
            // The payer may have opened an account since.
            (None, Some(user)) => self.members.payer(user).await?.account,
            (None, None) => None,
        };
        let Some(code) = payment.order.channel.clone() else {
            return Ok(Route { channel: None, balance });
        };
        match self.channels.choose(&code, channels::Kind::Refund, amount, None) {
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

/// A refund as far as its request, its payment and its way say.
pub(crate) fn draft(formed: &Formed, payment: &Entry, route: &Route, at: Timestamp) -> Entry {
    let mut entry = begin::entry(formed, at);
    if let Some(closed) = payment.order.channel.as_ref().filter(|_| route.channel.is_none()) {
        entry.trail.step(at, "route_closed", closed.clone());
    }
    entry.order.payer = payment.order.payer;
    entry.order.customer = payment.order.customer;
    entry.order.channel.clone_from(&route.channel);
    entry.order.refund_of = Some(payment.order.id);
    entry.plan.payer = route.balance;
    entry.plan.receivable =
        route.channel.as_deref().map(|code| channels::receivable(code, money::CNY));
    entry
}
