//! The operator, by a token of its own or by the one that was printed when the house was opened;
//! in the console, by the session that was begun with it.

use crate::app::Site;
use crate::extract::caller::bearer;
use crate::operators::{FIRST_OPERATOR, OperatorRecord, Role};
use crate::problem::Refusal;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::collections::BTreeSet;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use types::{Problem, ProblemKind};

/// An operator whose token was right: may look.
#[derive(Debug, Clone)]
pub struct Operator(Arc<OperatorRecord>);

/// An operator who may do the day's work.
#[derive(Debug, Clone)]
pub struct Maker(pub Operator);

/// An operator who may decide what others have asked for.
#[derive(Debug, Clone)]
pub struct Checker(pub Operator);

impl Operator {
    /// The first operator, who has every role.
    pub(crate) fn first() -> Self {
        Self(Arc::new(OperatorRecord {
            name: FIRST_OPERATOR.to_owned(),
            roles: BTreeSet::from(Role::ALL),
            created_at: types::Timestamp::from_micros(0),
            removed_at: None,
        }))
    }

    /// As the audit log names it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// As the audit log names it when it acts on the word of somebody else.
    pub(crate) fn on_the_word_of(&self, other: Option<&str>) -> String {
        match other.map(str::trim).filter(|other| !other.is_empty()) {
            Some(other) => format!("{} ({other})", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Whether it has this role.
    pub fn is(&self, role: Role) -> bool {
        self.0.roles.contains(&role)
    }

    fn must_be(self, role: Role) -> Result<Self, Refusal> {
        if self.is(role) { Ok(self) } else { Err(role_missing(role).into()) }
    }
}

impl From<Arc<OperatorRecord>> for Operator {
    fn from(record: Arc<OperatorRecord>) -> Self {
        Self(record)
    }
}

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
        "this is no operator's token",
        "操作员令牌无效",
    )
    .at("authorization")
}

fn role_missing(role: Role) -> Problem {
    let code = role.code();
    Problem::new(
        ProblemKind::Forbidden,
        "operator_role_missing",
        format!("this operator does not have the role '{code}'"),
        format!("该操作员没有“{code}”角色"),
    )
    .at("authorization")
}

impl Site {
    /// The operator with this token, the first or one of those that were added.
    pub(crate) async fn operator(&self, token: &str) -> Result<Option<Operator>, Problem> {
        if same(token, &self.operator_token) {
            return Ok(Some(Operator::first()));
        }
        Ok(self.operators.by_token(token).await?.map(Operator::from))
    }
}

impl FromRequestParts<Site> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        // The console's session has found it already.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let token = bearer(&parts.headers).ok_or_else(missing)?;
        Ok(site.operator(token).await?.ok_or_else(invalid)?)
    }
}

impl FromRequestParts<Site> for Maker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        Operator::from_request_parts(parts, site).await?.must_be(Role::Maker).map(Self)
    }
}

impl FromRequestParts<Site> for Checker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        Operator::from_request_parts(parts, site).await?.must_be(Role::Checker).map(Self)
    }
}
