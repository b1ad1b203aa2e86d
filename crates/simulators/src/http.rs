//! The channel contract, served.

mod gate;
mod inputs;
mod refusal;

use crate::fate::Manner;
use crate::line::Scissors;
use crate::till::{Closing, Done, Till};
use crate::trade::{Trade, Wish};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use channels::contract::{CloseDay, OrderAnswer, PayRequest, PayoutRequest, RefundRequest, Status};
use refusal::Refusal;
use std::sync::Arc;

/// The service of one simulator.
pub(crate) fn router(till: Arc<Till>) -> Router {
    Router::new()
        .route("/v1/pay", post(pay))
        .route("/v1/refund", post(refund))
        .route("/v1/payout", post(payout))
        .route("/v1/orders/{no}", get(order))
        .route("/v1/statements/{date}", get(statement))
        .route("/v1/settlements/{date}", get(settlement))
        .route("/v1/control/close-day", post(close_day))
        .fallback(|| async { Refusal::no_page() })
        .method_not_allowed_fallback(|| async { Refusal::no_method() })
        .layer(middleware::from_fn_with_state(Arc::clone(&till), gate::signed))
        .route("/health", get(|| async { Json(serde_json::json!({"status": "up"})) }))
        .with_state(till)
}

type Shared = State<Arc<Till>>;
type Caller = ConnectInfo<Scissors>;

async fn pay(
    State(till): Shared,
    ConnectInfo(line): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let request: PayRequest = inputs::read(&headers, &body)?;
    inputs::check_pay(&request)?;
    grant(&till, &line, &request.into()).await
}

async fn refund(
    State(till): Shared,
    ConnectInfo(line): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let request: RefundRequest = inputs::read(&headers, &body)?;
    inputs::check_refund(&request)?;
    grant(&till, &line, &request.into()).await
}

async fn payout(
    State(till): Shared,
    ConnectInfo(line): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let request: PayoutRequest = inputs::read(&headers, &body)?;
    inputs::check_payout(&request)?;
    grant(&till, &line, &request.into()).await
}

/// Does what is wished and lets the answer go out as the order's fate has it.
async fn grant(till: &Till, line: &Scissors, wish: &Wish) -> Result<Response, Refusal> {
    let (trade, manner) = match till.wish(wish)? {
        Done::Decided(trade, manner) => (trade, manner),
        Done::Conflict => return Err(Refusal::conflict(&wish.no)),
        Done::Unsupported => return Err(Refusal::unsupported()),
        Done::Stumbled => return Err(Refusal::stumbled()),
    };
    let faults = &till.config().faults;
    match manner {
        Manner::Prompt | Manner::ErrorFirst => {}
        Manner::Delayed => tokio::time::sleep(faults.delay).await,
        Manner::Held => {
            tokio::time::sleep(faults.hold).await;
            line.cut();
        }
        Manner::Cut => line.cut(),
        Manner::Processing => return Ok(Json(answer(&trade, true)).into_response()),
    }
    Ok(Json(answer(&trade, false)).into_response())
}

fn answer(trade: &Trade, still_processing: bool) -> OrderAnswer {
    let status = match (still_processing, trade.succeeded()) {
        (true, _) => Status::Processing,
        (false, true) => Status::Succeeded,
        (false, false) => Status::Failed,
    };
    OrderAnswer {
        order_no: trade.no.clone(),
        channel_order_no: trade.channel_no.clone(),
        status,
        failure_code: trade.failure.clone().filter(|_| !still_processing),
        finished_at: Some(trade.finished_at).filter(|_| !still_processing),
    }
}

async fn order(State(till): Shared, Path(no): Path<String>) -> Result<Response, Refusal> {
    let trade = till.find(&no).ok_or_else(Refusal::no_order)?;
    Ok(Json(answer(&trade, false)).into_response())
}

async fn statement(State(till): Shared, Path(date): Path<String>) -> Result<Response, Refusal> {
    let closed = till.closed(inputs::date(&date)?).ok_or_else(Refusal::not_ready)?;
    let name = closed.name.clone();
    let bytes = apart(move || till.statement(&closed)).await?;
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}

async fn settlement(State(till): Shared, Path(date): Path<String>) -> Result<Response, Refusal> {
    let closed = till.closed(inputs::date(&date)?).ok_or_else(Refusal::not_ready)?;
    Ok(Json(closed.settlement).into_response())
}

async fn close_day(
    State(till): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let CloseDay { date, differences } = inputs::read(&headers, &body)?;
    inputs::check_differences(&differences)?;
    match apart(move || till.close(date, differences)).await? {
        Closing::Closed(planted) => Ok((StatusCode::OK, Json(planted)).into_response()),
        Closing::Conflict => Err(Refusal::closed_otherwise(date)),
    }
}

/// Runs what reads or writes a whole file on a thread that may block.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, crate::Error> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => {
            tracing::error!(%error, "a simulator's work was broken off");
            Err(Refusal::stumbled())
        }
    }
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Self {
        tracing::error!(%error, "a simulator could not do its work");
        Self::stumbled()
    }
}
