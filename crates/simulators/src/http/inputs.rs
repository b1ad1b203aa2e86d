//! The contract's rules about what comes in. Pure.

use super::refusal::Refusal;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use channels::contract::{Differences, PayRequest, PayoutRequest, RefundRequest};
use money::Amount;
use serde::de::DeserializeOwned;
use types::BusinessDate;

/// The most of one trade: 100 million yuan, so that no sum of a day can overflow.
const MOST_MINOR: u64 = 10_000_000_000;
/// The most differences of one class that one day may have.
const MOST_DIFFERENCES: u32 = 10_000;

/// Reads a JSON body strictly.
pub(super) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
        return Err(Refusal::not_json());
    }
    serde_json::from_slice(body).map_err(|error| Refusal::malformed(error.to_string()))
}

/// A date in a path.
pub(super) fn date(text: &str) -> Result<BusinessDate, Refusal> {
    text.parse().map_err(|error: types::DateError| Refusal::field("date", error.to_string()))
}

pub(super) fn check_pay(request: &PayRequest) -> Result<(), Refusal> {
    number("order_no", &request.order_no)?;
    amount(request.amount_minor)?;
    if request.currency != "CNY" {
        return Err(Refusal::field("currency", "only CNY is taken"));
    }
    token("merchant_no", &request.merchant_no)?;
    token("payer_token", &request.payer_token)?;
    let length = request.subject.chars().count();
    if !(1..=127).contains(&length) || request.subject.chars().any(char::is_control) {
        return Err(Refusal::field("subject", "it must have 1 to 127 characters and no controls"));
    }
    Ok(())
}

pub(super) fn check_refund(request: &RefundRequest) -> Result<(), Refusal> {
    number("refund_no", &request.refund_no)?;
    number("order_no", &request.order_no)?;
    amount(request.amount_minor)
}

pub(super) fn check_payout(request: &PayoutRequest) -> Result<(), Refusal> {
    number("order_no", &request.order_no)?;
    amount(request.amount_minor)?;
    token("bank_account_token", &request.bank_account_token)
}

pub(super) fn check_differences(asked: &Differences) -> Result<(), Refusal> {
    let Differences { missing_at_us, missing_at_channel, amount, fee, status, duplicate } = *asked;
    let most = [missing_at_us, missing_at_channel, amount, fee, status, duplicate];
    if most.iter().any(|count| *count > MOST_DIFFERENCES) {
        return Err(Refusal::field("differences", "at most 10000 of a class"));
    }
    Ok(())
}

fn number(field: &'static str, text: &str) -> Result<(), Refusal> {
    let good = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    good.then_some(()).ok_or_else(|| Refusal::field(field, "it must be 1 to 64 of A-Z a-z 0-9 _ -"))
}

fn token(field: &'static str, text: &str) -> Result<(), Refusal> {
    let good = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    good.then_some(())
        .ok_or_else(|| Refusal::field(field, "it must be 1 to 128 visible ASCII characters"))
}

fn amount(amount: Amount) -> Result<(), Refusal> {
    if amount.is_zero() || amount.minor() > MOST_MINOR {
        let message = format!("it must be 1 to {MOST_MINOR} minor units");
        return Err(Refusal::field("amount_minor", message));
    }
    Ok(())
}
