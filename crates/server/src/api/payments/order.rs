//! An order as the API shows it.

use payments::{Failure, Kind, Order, Status};
use serde::Serialize;
use types::{BusinessDate, MerchantId, OrderId, Text, Timestamp, UserId};

/// Why an order failed, or why it waits for a factor.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FailureBody {
    /// The stable code.
    #[schema(example = "insufficient_available")]
    code: String,
    /// The sentence in both languages.
    #[schema(value_type = Object)]
    reason: Text,
}

/// An order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrderBody {
    /// Its id.
    #[schema(value_type = String, example = "ord_01h455vb4pex5vsknk084sn02q")]
    id: OrderId,
    /// The caller's own number.
    order_no: String,
    /// `top_up`, `payment`, `transfer`, `withdrawal`, `refund`.
    #[schema(value_type = String)]
    kind: Kind,
    /// `authentication_required`, `review`, `processing`, `succeeded`, `failed`.
    #[schema(value_type = String)]
    status: Status,
    /// Minor units (fen).
    amount_minor: i64,
    #[schema(example = "CNY")]
    currency: &'static str,
    /// Whose money goes (the receiver of a refund).
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// The user that is paid.
    #[schema(value_type = Option<String>)]
    payee: Option<UserId>,
    #[schema(value_type = Option<String>)]
    merchant: Option<MerchantId>,
    channel: Option<String>,
    channel_order_no: Option<String>,
    /// Of a refund: the payment.
    #[schema(value_type = Option<String>)]
    refund_of: Option<OrderId>,
    /// Of a payment: how much of it went back or is on its way back, minor units.
    refunded_minor: i64,
    subject: String,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>)]
    finished_at: Option<Timestamp>,
    /// The accounting date it became final on.
    #[schema(value_type = Option<String>)]
    date: Option<BusinessDate>,
    failure: Option<FailureBody>,
}

impl From<Order> for OrderBody {
    fn from(order: Order) -> Self {
        let status = order.status();
        let failure = |Failure { code, reason }| FailureBody { code, reason };
        Self {
            id: order.id,
            order_no: order.key,
            kind: order.kind,
            status,
            amount_minor: order.amount.signed(),
            currency: "CNY",
            user: order.payer,
            payee: order.payee,
            merchant: order.merchant,
            channel: order.channel,
            channel_order_no: order.channel_order_no,
            refund_of: order.refund_of,
            refunded_minor: order.refunded.signed(),
            subject: order.subject,
            created_at: order.created_at,
            finished_at: order.finished_at,
            date: order.date,
            failure: order.failure.map(failure),
        }
    }
}
