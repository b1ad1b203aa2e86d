//! `PUT /v1/users/{user}/agreement`: a password-free agreement with the calling merchant.

use super::EnvelopeBody;
use super::envelope::done;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use members::{Agreement, AgreementKind};
use money::{Amount, MoneyError};
use serde::Deserialize;
use types::{MerchantId, Problem, ProblemKind, Timestamp, UserId};

/// The limits agreed upon, minor units, and the payer's word.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementBody {
    /// The most of one order.
    #[schema(example = 20_000)]
    per_order_minor: i64,
    /// The most of one day.
    #[schema(example = 100_000)]
    per_day_minor: i64,
    /// The payment password, bound to the order `agreement.password-free` (for withholding:
    /// `agreement.withholding`), a blank and the order's limit; the day's limit as amount; the
    /// merchant as payee.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

impl AgreementBody {
    /// The agreement, and the password that stands for the payer's word.
    ///
    /// # Errors
    /// `amount_not_positive`.
    pub(super) fn read(
        self,
        kind: AgreementKind,
        user: UserId,
        merchant: MerchantId,
        agreed_at: Timestamp,
    ) -> Result<(Agreement, Envelope), Problem> {
        let per_order = positive(self.per_order_minor, "per_order_minor")?;
        let per_day = positive(self.per_day_minor, "per_day_minor")?;
        let agreement = Agreement { kind, user, merchant, per_order, per_day, agreed_at };
        Ok((agreement, self.envelope))
    }
}

pub(super) fn positive(minor: i64, field: &str) -> Result<Amount, Problem> {
    let fault = |error: Option<MoneyError>| {
        let what = error.map_or_else(|| "it is zero".to_owned(), |e| e.to_string());
        Problem::new(
            ProblemKind::Invalid,
            "amount_not_positive",
            format!("a limit must be more than nothing: {what}"),
            "限额必须大于零",
        )
        .at(field)
    };
    let amount = Amount::try_from(minor).map_err(|error| fault(Some(error)))?;
    if amount.is_zero() { Err(fault(None)) } else { Ok(amount) }
}

/// Make or replace the password-free agreement with the calling merchant, on the payer's password
#[utoipa::path(put, path = "/v1/users/{user}/agreement", tag = "users",
    operation_id = "agree_password_free", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = AgreementBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<AgreementBody>,
) -> Result<StatusCode, Refusal> {
    let (kind, merchant) = (AgreementKind::PasswordFree, merchant.merchant);
    let (agreement, password) = body.read(kind, user, merchant, site.now())?;
    done(site.members.agree_by_password(agreement, &password).await)
}
