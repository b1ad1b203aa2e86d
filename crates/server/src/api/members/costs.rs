//! `GET /v1/admin/verification-costs`: what the verification providers cost, by day and provider.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Operator, StrictQuery};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::DayCost;
use serde::{Deserialize, Serialize};
use types::{BusinessDate, Problem, ProblemKind};

/// The most days of one report.
const MOST_DAYS: i32 = 366;

/// Which days (Asia/Shanghai).
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CostQuery {
    /// The first day.
    #[param(value_type = String, example = "2026-10-01")]
    from: BusinessDate,
    /// The last day; at most a year after the first.
    #[param(value_type = String, example = "2026-10-31")]
    to: BusinessDate,
}

/// What a provider cost on one day.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DayCostBody {
    #[schema(value_type = String)]
    date: BusinessDate,
    provider: String,
    /// Calls that were answered.
    calls: u64,
    /// Fen.
    cost_minor: u64,
}

/// The report.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CostBody {
    /// Days without a call are left out.
    days: Vec<DayCostBody>,
    calls: u64,
    cost_minor: u64,
}

/// What verification providers cost, by day and provider
#[utoipa::path(get, path = "/v1/admin/verification-costs", tag = "operators",
    operation_id = "verification_costs", security(("operator" = [])), params(CostQuery),
    responses((status = OK, body = CostBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    StrictQuery(CostQuery { from, to }): StrictQuery<CostQuery>,
) -> Answer<CostBody> {
    if to < from || to.days().saturating_sub(from.days()) > MOST_DAYS {
        let (en, zh) = (
            "'to' is from the same day to a year after 'from'",
            "结束日期须在起始日期当日至一年内",
        );
        return Err(Problem::new(ProblemKind::Invalid, "query_invalid", en, zh).at("to").into());
    }
    let days = site.members.cost_by_day(from, to).await?;
    let body = |day: DayCost| DayCostBody {
        date: day.date,
        provider: day.provider,
        calls: day.calls,
        cost_minor: day.cost_minor,
    };
    let days: Vec<DayCostBody> = days.into_iter().map(body).collect();
    let calls = days.iter().map(|day| day.calls).sum();
    let cost_minor = days.iter().map(|day| day.cost_minor).sum();
    Ok(Json(CostBody { days, calls, cost_minor }))
}
