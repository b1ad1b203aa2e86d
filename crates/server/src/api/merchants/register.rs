//! `POST /v1/admin/merchants`: registers a merchant.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Maker, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::{Cycle, NewMerchant};
use serde::{Deserialize, Serialize};
use types::{AccountId, Masked, MerchantId, Problem, ProblemKind, Text};

/// A merchant to be registered.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMerchantBody {
    /// The name it trades under, in both languages: `{"en": .., "zh": ..}`.
    #[schema(value_type = Object, example = json!({"en": "Lotus Tea", "zh": "莲花茶铺"}))]
    name: Text,
    /// Unified social credit code (统一社会信用代码), 18 characters.
    #[schema(example = "91350211M000100Y46")]
    uscc: String,
    /// Its organisation's name as on the licence; left out: its Chinese name. An organisation may
    /// have several merchants, each with a name of its own.
    #[serde(default)]
    legal_name: Option<String>,
    /// A fee plan of books/fees.toml.
    #[schema(example = "standard")]
    fee_plan: String,
    /// `T+1`, `T+0` or `D+1`.
    #[schema(value_type = String, example = "T+1")]
    cycle: Cycle,
    /// Whether its takings are advanced on the day itself.
    #[serde(default)]
    advance_d0: bool,
    /// Where results of its orders are told.
    #[serde(default)]
    webhook_url: Option<String>,
}

/// A registered merchant. Key and secret are shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MerchantCredentialsBody {
    /// Its id.
    #[schema(value_type = String)]
    merchant: MerchantId,
    /// Its API key.
    api_key: String,
    /// What signs messages to it.
    webhook_secret: String,
    /// Its account of takings not settled yet.
    #[schema(value_type = String)]
    pending: AccountId,
    /// Its account of settled takings.
    #[schema(value_type = String)]
    settled: AccountId,
}

/// Register a merchant; its key and secret are shown this once
#[utoipa::path(post, path = "/v1/admin/merchants", tag = "operators",
    operation_id = "register_merchant", security(("operator" = [])),
    request_body = NewMerchantBody,
    responses((status = OK, body = MerchantCredentialsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Maker,
    State(site): State<Site>,
    StrictJson(body): StrictJson<NewMerchantBody>,
) -> Answer<MerchantCredentialsBody> {
    if !site.clearing.schedule().has_plan(&body.fee_plan) {
        let problem = Problem::new(
            ProblemKind::Invalid,
            "fee_plan_unknown",
            "books/fees.toml has no plan of this code",
            "费率文件中没有该方案",
        );
        return Err(problem.at("fee_plan").into());
    }
    let new = NewMerchant {
        name: body.name,
        uscc: Masked::new(body.uscc),
        legal_name: body.legal_name.map(Masked::new),
        fee_plan: body.fee_plan,
        cycle: body.cycle,
        advance_d0: body.advance_d0,
        webhook_url: body.webhook_url,
    };
    let made = site.members.register_merchant(new, site.now()).await?;
    Ok(Json(MerchantCredentialsBody {
        merchant: made.merchant,
        api_key: made.api_key.expose().to_owned(),
        webhook_secret: made.webhook_secret.expose().to_owned(),
        pending: made.pending,
        settled: made.settled,
    }))
}
