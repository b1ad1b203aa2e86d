//! `POST /v1/orders`: places an order.

use super::OrderBody;
use super::factors::FactorsBody;
use crate::api::Answer;
use crate::api::members::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, IdempotencyKey, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use members::keypad::Envelope;
use payments::{Auth, Kind, Method, NewOrder, Origin};
use serde::Deserialize;
use types::{Problem, ProblemKind, UserId};

/// By what way the money comes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MethodBody {
    /// From the payer's balance.
    Balance {},
    /// Through a channel.
    Channel {
        /// The channel's code.
        channel: String,
        /// The payer's card, wallet or bank account as the channel's own token.
        instrument: String,
    },
}

/// How the payer shows that it is the payer.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthenticationBody {
    /// The payment password, bound to `order_no`, amount and payee; of a withdrawal to `order_no`, a
    /// blank and the instrument.
    Password {
        /// Sealed in the client.
        #[schema(value_type = EnvelopeBody)]
        envelope: Envelope,
    },
    /// By a device key: the order waits for its signature over
    /// `/v1/orders/{id}/device-key-challenge`.
    DeviceKey {},
    /// Several credentials; a device key's signature comes when the order waits for it.
    Factors(Box<FactorsBody>),
    /// Under an agreement with the merchant: payments from the balance.
    PasswordFree {},
    /// Under a withholding agreement with the merchant, which orders by itself: payments from the
    /// balance.
    Withholding {},
    /// By the channel: top-ups and payments through one.
    ByChannel {},
}

/// A new order.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrderBody {
    /// The caller's own number, unique for ever; the header Idempotency-Key may give it instead.
    #[serde(default)]
    order_no: Option<String>,
    /// `top_up`, `payment`, `transfer`, `withdrawal`. A payment pays the calling merchant.
    #[schema(value_type = String, example = "payment")]
    kind: Kind,
    /// Whose money it is.
    #[schema(value_type = String)]
    user: UserId,
    /// The user that is paid: transfers only.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    payee: Option<UserId>,
    /// Minor units (fen).
    #[schema(example = 1_299)]
    amount_minor: i64,
    #[schema(example = "CNY")]
    currency: String,
    method: MethodBody,
    authentication: AuthenticationBody,
    /// What is paid for, at most 128 characters.
    #[schema(example = "two pots of tea")]
    subject: String,
    /// The client's device id, for risk.
    #[serde(default)]
    device: Option<String>,
    /// The client's address, for risk.
    #[serde(default)]
    ip: Option<String>,
    /// Where the result is told; the merchant's own URL if absent.
    #[serde(default)]
    notify_url: Option<String>,
}

/// What the payments' room calls otherwise than this request does.
const NAMES: [(&str, &str); 8] = [
    ("payer", "user"),
    ("key", "order_no"),
    ("auth", "authentication"),
    ("password", "authentication.envelope"),
    ("channel", "method.channel"),
    ("instrument_token", "method.instrument"),
    ("order", "order_no"),
    ("client_data", "authentication.device_key.client_data"),
];

/// Refunds have an endpoint of their own.
fn not_placed(kind: Kind) -> Result<(), Problem> {
    if kind != Kind::Refund {
        return Ok(());
    }
    let (en, zh) =
        ("a refund is made at /v1/orders/{id}/refunds", "退款请使用 /v1/orders/{id}/refunds");
    Err(Problem::new(ProblemKind::Invalid, "not_for_kind", en, zh).at("kind"))
}

/// Place an order; the same number with the same body gives the first order as it stands by now
#[utoipa::path(post, path = "/v1/orders", tag = "orders", operation_id = "place_order",
    security(("merchant" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Instead of `order_no`")),
    request_body = NewOrderBody,
    responses((status = OK, body = OrderBody, description = "The order; `status` says how it stands"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    key: IdempotencyKey,
    StrictJson(body): StrictJson<NewOrderBody>,
) -> Answer<OrderBody> {
    not_placed(body.kind)?;
    let new = NewOrder {
        kind: body.kind,
        merchant: (body.kind == Kind::Payment).then_some(merchant.merchant),
        placed_by: Some(merchant.merchant),
        key: key.order_no(body.order_no)?,
        payer: body.user,
        payee: body.payee,
        amount: body.amount_minor,
        currency: body.currency,
        method: match body.method {
            MethodBody::Balance {} => Method::Balance,
            MethodBody::Channel { channel, instrument } => {
                Method::Channel { code: channel, instrument }
            }
        },
        auth: match body.authentication {
            AuthenticationBody::Password { envelope } => Auth::Password(envelope),
            AuthenticationBody::DeviceKey {} => Auth::DeviceKey,
            AuthenticationBody::Factors(shown) => Auth::Factors(Box::new(shown.read()?)),
            AuthenticationBody::PasswordFree {} => Auth::PasswordFree,
            AuthenticationBody::Withholding {} => Auth::Withholding,
            AuthenticationBody::ByChannel {} => Auth::ByChannel,
        },
        origin: Origin { device: body.device, ip: body.ip },
        subject: body.subject,
        notify_url: body.notify_url,
    };
    let placed = site.payments.place(new, site.now()).await;
    Ok(Json(placed.map_err(|problem| renamed(problem, &NAMES))?.into()))
}
