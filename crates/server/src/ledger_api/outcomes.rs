//! What became of each item of a call.

use super::desk::{LedgerDesk, fault};
use super::guard::{Guard, OUT_OF_REACH};
use super::intake::Form;
use super::keys::LedgerKey;
use crate::problem::Refusal;
use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::{Command, Outcome, TransactionState, wire};
use serde::Serialize;
use types::{BusinessDate, Locale, Problem, ProblemKind, Timestamp};

/// What became of an item.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum OutcomeItem {
    /// It took effect now.
    Done(ReceiptItem),
    /// It took effect before, with the same content; this is its first receipt.
    Exists(ReceiptItem),
    /// It was refused, and changed nothing.
    Refused(RefusedItem),
}

/// Proof that an item took effect.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReceiptItem {
    /// Its place among everything that ever took effect.
    seq: u64,
    /// The ledger's time.
    #[schema(value_type = String)]
    at: Timestamp,
    /// The accounting date it fell on.
    #[schema(value_type = String)]
    date: BusinessDate,
    /// `posted`, `pending` or `applied`.
    #[schema(value_type = String)]
    state: TransactionState,
}

/// Why an item was refused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RefusedItem {
    /// The stable code; branch on this.
    #[schema(example = "insufficient_available")]
    code: &'static str,
    /// The field of the item at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The rule and what is wrong with the value, in the language of `Accept-Language`.
    detail: String,
    /// Whether the same item may succeed later, when the state in its way has passed.
    retry_may_help: bool,
}

/// One outcome an item, in order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OutcomesBody {
    outcomes: Vec<OutcomeItem>,
}

/// Hands in what a key allows as one submission, and puts the outcomes in the items' order.
pub(super) async fn submit(
    desk: &LedgerDesk,
    key: &LedgerKey,
    mut commands: Vec<Command>,
) -> Result<Vec<Result<Outcome, &'static str>>, Refusal> {
    let guard = Guard::new(&desk.book, key);
    if guard.is_open() {
        let outcomes = desk.book.submit(commands).await?;
        return Ok(outcomes.into_iter().map(Ok).collect());
    }
    let allowed = commands.iter().map(|command| guard.allows(command));
    let allowed = allowed.collect::<Result<Vec<bool>, _>>()?;
    let mut place = allowed.iter();
    commands.retain(|_| place.next().is_some_and(|allowed| *allowed));
    let outcomes =
        if commands.is_empty() { Vec::new() } else { desk.book.submit(commands).await? };
    let mut outcomes = outcomes.into_iter();
    let outcome = |allowed| {
        if allowed { outcomes.next().map(Ok).ok_or_else(fault) } else { Ok(Err(OUT_OF_REACH)) }
    };
    Ok(allowed.into_iter().map(outcome).collect::<Result<_, _>>()?)
}

fn out_of_reach() -> Problem {
    Problem::new(
        ProblemKind::Forbidden,
        OUT_OF_REACH,
        "names what the key does not reach, or what is not in the book yet",
        "涉及该密钥权限之外、或尚不在账上的账户或交易",
    )
}

/// The ledger's names of fields, as the items have them.
fn field(name: String) -> String {
    match name.as_str() {
        "hold" | "expires_at" => format!("action.{name}"),
        _ if name.ends_with(".amount") => format!("{name}_minor"),
        _ => name,
    }
}

fn item(outcome: Result<Outcome, &'static str>, locale: Locale) -> OutcomeItem {
    let receipt =
        |r: ledger::Receipt| ReceiptItem { seq: r.seq, at: r.at, date: r.date, state: r.state };
    let (problem, retry_may_help) = match outcome {
        Ok(Outcome::Done(done)) => return OutcomeItem::Done(receipt(done)),
        Ok(Outcome::Exists(first)) => return OutcomeItem::Exists(receipt(first)),
        Ok(Outcome::Refused(refusal)) => (Problem::from(refusal), refusal.retry_may_help()),
        Err(_) => (out_of_reach(), false),
    };
    OutcomeItem::Refused(RefusedItem {
        code: problem.code,
        detail: problem.reason.get(locale).to_owned(),
        field: problem.field.map(field),
        retry_may_help,
    })
}

/// The outcomes in the form wanted.
pub(super) fn answer(
    outcomes: Vec<Result<Outcome, &'static str>>,
    form: Form,
    locale: Locale,
) -> Result<Response, Refusal> {
    match form {
        Form::Json => {
            let outcomes = outcomes.into_iter().map(|outcome| item(outcome, locale)).collect();
            Ok(Json(OutcomesBody { outcomes }).into_response())
        }
        Form::Frame => {
            let mut frame = Vec::with_capacity(outcomes.len().saturating_add(64));
            wire::encode_outcomes(&outcomes, &mut frame).ok_or_else(fault)?;
            Ok(framed(frame))
        }
    }
}

/// A frame as a response.
pub(super) fn framed(frame: Vec<u8>) -> Response {
    let media = HeaderValue::from_static(wire::MEDIA_TYPE);
    ([(header::CONTENT_TYPE, media)], frame).into_response()
}
