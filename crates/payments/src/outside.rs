//! Asking a channel on behalf of an order, and reading its answer as a fact.

use channels::{Answer, Channel, PayKind, PayRequest, PayoutRequest, RefundRequest};
use types::Timestamp;

use crate::model::machine::Fact;
use crate::model::order::{Kind, Order};
use crate::model::plan::Plan;
use crate::model::view::ChannelCall;

/// What the channel is told about whom a top-up is for: the institution itself.
const HOUSE: &str = "house";

/// Sends the order to its channel; returns the answer and the call as the trail keeps it.
pub async fn send(
    channel: &Channel,
    order: &Order,
    plan: &Plan,
    now: Timestamp,
) -> (Answer, &'static str) {
    let order_no = order.id.to_string();
    let instrument = || plan.instrument.clone().unwrap_or_default();
    match order.kind {
        Kind::Withdrawal => {
            let request = PayoutRequest {
                order_no,
                amount_minor: order.amount,
                bank_account_token: instrument(),
                at: now,
            };
            (channel.payout(&request).await, "payout")
        }
        Kind::Refund => {
            let request = RefundRequest {
                refund_no: order_no,
                order_no: order.refund_of.map(|of| of.to_string()).unwrap_or_default(),
                amount_minor: order.amount,
                at: now,
            };
            (channel.refund(&request).await, "refund")
        }
        Kind::TopUp | Kind::Payment | Kind::Transfer => {
            let top_up = order.kind == Kind::TopUp;
            let request = PayRequest {
                order_no,
                amount_minor: order.amount,
                currency: "CNY".to_owned(),
                kind: if top_up { PayKind::Topup } else { PayKind::Pay },
                merchant_no: order.merchant.map_or_else(|| HOUSE.to_owned(), |m| m.to_string()),
                payer_token: instrument(),
                subject: order.subject.clone(),
                at: now,
            };
            (channel.pay(&request).await, "pay")
        }
    }
}

/// The call as the trail keeps it.
pub fn noted(at: Timestamp, call: &str, answer: &Answer) -> ChannelCall {
    let note = match answer {
        Answer::Succeeded { .. } | Answer::NotFound => String::new(),
        Answer::Failed { code } => code.clone(),
        Answer::Unknown { why } => why.code().to_owned(),
    };
    ChannelCall { at, call: call.to_owned(), answer: answer.code().to_owned(), note }
}

/// What the answer means. `may_arrive`: whether what was sent may still arrive at the channel.
pub fn fact(answer: &Answer, may_arrive: bool) -> Fact {
    match answer {
        Answer::Succeeded { .. } => Fact::ChannelSucceeded,
        Answer::Failed { code } => Fact::ChannelFailed(code.clone()),
        Answer::Unknown { .. } => Fact::ChannelUnknown,
        Answer::NotFound => Fact::ChannelNotFound { may_arrive },
    }
}
