//! `GET /v1/ledger/chart`: the chart of accounts, and the date that is open.

use super::desk::LedgerDesk;
use super::keys::Reads;
use crate::api::Answer;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use ledger::{Class, Fund, GlCode, Node, Side};
use serde::Serialize;
use types::{BusinessDate, Text};

/// The chart.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChartFound {
    /// The open accounting date.
    #[schema(value_type = String)]
    open_date: BusinessDate,
    /// How many things ever took effect in the book.
    seq: u64,
    /// A parent before its children.
    accounts: Vec<GlAccountFound>,
}

/// A GL account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GlAccountFound {
    #[schema(value_type = u32)]
    code: GlCode,
    /// In English and Chinese.
    #[schema(value_type = Object)]
    name: Text,
    /// `asset`, `liability`, `common`, `equity`, `income`, `expense`, `memo`.
    #[schema(value_type = String)]
    class: Class,
    /// `debit` or `credit`.
    #[schema(value_type = String)]
    normal: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>)]
    parent: Option<GlCode>,
    /// Accounts hang under leaves only.
    leaf: bool,
    /// Of a leaf: `reserve`, `own`, `memo`. Both sides of a posting lie in the same fund.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    fund: Option<Fund>,
}

/// The chart of accounts
#[utoipa::path(get, path = "/v1/ledger/chart", tag = "ledger",
    operation_id = "ledger_chart", security(("ledger" = [])),
    responses((status = OK, body = ChartFound),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(_: Reads, State(desk): State<LedgerDesk>) -> Answer<ChartFound> {
    let account = |node: &Node| GlAccountFound {
        code: node.code,
        name: node.name.clone(),
        class: node.class,
        normal: node.normal,
        parent: node.parent,
        leaf: node.leaf,
        fund: node.fund,
    };
    let accounts = desk.book.chart().nodes().map(account).collect();
    Ok(Json(ChartFound { open_date: desk.book.open_date(), seq: desk.book.seq(), accounts }))
}
