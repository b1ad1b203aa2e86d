//! `GET /v1/admin/proofs`: the four proofs, made now.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::Operator;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;

/// The four proofs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "one a proof")]
pub struct ProofsBody {
    /// Debits equal credits in each fund and asset, on every date.
    debits_equal_credits: bool,
    /// The accounts of each leaf sum to the general ledger.
    subledger_equals_gl: bool,
    /// The reserve's assets cover what is owed from it.
    reserve_covers_liabilities: bool,
    /// Every order's transactions say what the order says.
    orders_equal_ledger: bool,
}

/// Prove the book and the orders now; takes time in proportion to all orders
#[utoipa::path(get, path = "/v1/admin/proofs", tag = "operators", operation_id = "prove",
    security(("operator" = [])),
    responses((status = OK, body = ProofsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(_: Operator, State(site): State<Site>) -> Answer<ProofsBody> {
    let proofs = recon::prove(&site.book, &site.payments).await?;
    for finding in &proofs.findings {
        tracing::error!(%finding, "a proof fails");
    }
    Ok(Json(ProofsBody {
        debits_equal_credits: proofs.debits_equal_credits,
        subledger_equals_gl: proofs.subledger_equals_gl,
        reserve_covers_liabilities: proofs.reserve_covers_liabilities,
        orders_equal_ledger: proofs.orders_equal_ledger,
    }))
}
