//! The operator, by the token that was printed when the house was opened.

use crate::app::Site;
use crate::extract::caller::bearer;
use crate::problem::Refusal;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use subtle::ConstantTimeEq;
use types::{Problem, ProblemKind};

/// How an operator is named in the audit log until operators have accounts of their own.
pub const OPERATOR: &str = "operator";

/// An operator whose token was right.
#[derive(Debug, Clone, Copy)]
pub struct Operator;

/// Compares two secrets in a time that does not tell where they differ.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn missing() -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
        "operator_token_missing",
        "send the operator token as 'Authorization: Bearer <token>'",
        "请以“Authorization: Bearer <令牌>”发送操作员令牌",
    )
    .at("authorization")
}

fn invalid() -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
        "operator_token_invalid",
        "this is not the operator token",
        "操作员令牌无效",
    )
    .at("authorization")
}

impl FromRequestParts<Site> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers).ok_or_else(missing)?;
        if same(token, &site.operator_token) { Ok(Self) } else { Err(invalid().into()) }
    }
}
