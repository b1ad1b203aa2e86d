//! Access tokens where they are shown: to our own endpoints, or to a client that asks about one.

use crate::authenticate::dpop_missing;
use crate::error::{Error, OAuthError, Refusal};
use crate::model::dpop::For;
use crate::model::scope::{Scope, Scopes};
use crate::sso::{Sso, seconds};
use crate::store::grants::{self, GrantRow};
use crate::token::token_invalid;
use serde::{Deserialize, Serialize};
use types::{ClientId, GrantId, Timestamp, UserId};

/// The type of RFC 9068: nothing else that we sign is taken for an access token.
pub(crate) const TOKEN_TYPE: &str = "at+jwt";

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) jti: String,
    pub(crate) client_id: ClientId,
    pub(crate) scope: String,
    pub(crate) grant: GrantId,
    pub(crate) auth_time: i64,
    pub(crate) acr: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cnf: Option<Confirmation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<Act>,
}

/// The key that a token is bound to (RFC 9449).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confirmation {
    pub(crate) jkt: String,
}

/// The higher-grade system that passed it on (RFC 8693).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Act {
    pub(crate) client_id: ClientId,
}

/// Who may do what by a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The client.
    pub client: ClientId,
    /// For whom it acts.
    pub user: UserId,
    /// How the client knows him.
    pub subject: String,
    /// What it may do now.
    pub scopes: Scopes,
}

impl Sso {
    /// What a request to one of our endpoints may do: `authorization` with its `dpop` proof, for
    /// `scope`.
    ///
    /// # Errors
    /// `token_missing`, `token_invalid`, `dpop_missing` and those of possession, `scope_missing`.
    pub async fn access(
        &self,
        authorization: Option<&str>,
        dpop: Option<&str>,
        (method, path): (&str, &str),
        scope: Scope,
        now: Timestamp,
    ) -> Result<Access, Error> {
        let (scheme, token) =
            authorization.and_then(|value| value.split_once(' ')).ok_or_else(|| {
                let (en, zh) = ("send an access token in the Authorization header", "缺少访问令牌");
                Error::from(Refusal::coded(OAuthError::InvalidToken, "token_missing", en, zh))
            })?;
        let (claims, grant) = self.standing_token(token.trim(), now).await?;
        match &claims.cnf {
            // A bound token that comes as if it were not: somebody else's hands.
            Some(_) if !scheme.eq_ignore_ascii_case("dpop") => return Err(dpop_missing()),
            Some(Confirmation { jkt }) => {
                let url = format!("{}{path}", self.issuer());
                let wanted = For { method, url: &url, access_token: Some(token.trim()) };
                match self.possession(dpop, wanted, now).await? {
                    None => return Err(dpop_missing()),
                    Some(proved) if proved != *jkt => return Err(token_invalid()),
                    Some(_) => {}
                }
            }
            None if scheme.eq_ignore_ascii_case("bearer") => {}
            None => return Err(token_invalid()),
        }
        let scopes = self.scopes_now(&claims, &grant).await?;
        if !scopes.has(scope) {
            let (en, zh) =
                (format!("the scope '{}' is needed", scope.name()), "令牌缺少所需的授权范围");
            let error = OAuthError::InsufficientScope;
            return Err(Refusal::coded(error, "scope_missing", en, zh).into());
        }
        Ok(Access { client: claims.client_id, user: grant.user, subject: claims.sub, scopes })
    }

    /// The claims of an access token that is good now, and its grant.
    pub(crate) async fn standing_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(AccessClaims, GrantRow), Error> {
        let claims: AccessClaims =
            self.read(TOKEN_TYPE, token, now).map_err(|_| token_invalid())?;
        let at = seconds(now);
        if claims.iss != self.issuer() || claims.aud != self.issuer() || claims.exp <= at {
            return Err(token_invalid());
        }
        let grant = grants::get(self.db(), claims.grant).await?;
        let grant = grant.filter(|grant| grant.stands(now)).ok_or_else(token_invalid)?;
        Ok((claims, grant))
    }

    /// What a token may do: what it says, and what of that is still in force.
    pub(crate) async fn scopes_now(
        &self,
        claims: &AccessClaims,
        grant: &GrantRow,
    ) -> Result<Scopes, Error> {
        let said = Scopes::parse(&claims.scope)?;
        let in_force = self.in_force(grant).await?;
        Ok(said.iter().filter(|scope| !in_force.has(*scope)).fold(said.clone(), Scopes::without))
    }
}
