//! The token endpoint: a code, a refresh token, or a token of a higher-grade system is exchanged.

use crate::access::{AccessClaims, Act, Confirmation, TOKEN_TYPE};
use crate::authenticate::Asked;
use crate::authorize::barred;
use crate::error::{Error, OAuthError, Refusal};
use crate::model::authorize::allowed;
use crate::model::client::{Client, Proving};
use crate::model::scope::{Scope, Scopes};
use crate::model::{jws, pkce};
use crate::sso::{Sso, acr, seconds};
use crate::store::grants::{self, GrantRow};
use members::Standing;
use serde::Serialize;
use types::{GrantId, Timestamp};

const CODE: &str = "authorization_code";
const REFRESH: &str = "refresh_token";
/// RFC 8693.
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// What may be exchanged, for the discovery document.
pub(crate) const GRANT_TYPES: [&str; 3] = [CODE, REFRESH, EXCHANGE];

/// Tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenAnswer {
    /// The access token: a JWT of type `at+jwt` (RFC 9068).
    pub access_token: String,
    /// `Bearer` or `DPoP`.
    pub token_type: &'static str,
    /// How long it is good for, seconds.
    pub expires_in: i64,
    /// What it is good for.
    pub scope: String,
    /// The token to refresh with; the one before is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Who signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// RFC 8693.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
}

#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: String,
    aud: String,
    exp: i64,
    iat: i64,
    auth_time: i64,
    acr: String,
    amr: [&'static str; 1],
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

fn invalid_grant(code: &'static str, en: &str, zh: &str) -> Error {
    Refusal::coded(OAuthError::InvalidGrant, code, en, zh).into()
}

fn code_unknown() -> Error {
    invalid_grant("auth_code_unknown", "there is no such code", "授权码不存在")
}

fn refresh_unknown() -> Error {
    let (en, zh) = ("the refresh token is unknown or has ended", "刷新令牌不存在或已失效");
    invalid_grant("refresh_unknown", en, zh)
}

fn key_differs() -> Error {
    let (en, zh) =
        ("the proof is of another key than the grant is bound to", "DPoP 密钥与授权绑定的密钥不符");
    Refusal::coded(OAuthError::InvalidDpopProof, "dpop_key_mismatch", en, zh).into()
}

impl Sso {
    /// Exchanges what the client has for tokens.
    ///
    /// # Errors
    /// Those of client authentication and possession; `grant_type_refused`; of a code
    /// `auth_code_unknown`, `auth_code_of_other_client`, `auth_code_reused`, `auth_code_expired`,
    /// `redirect_uri_mismatch`, those of [`pkce::check`], `dpop_key_mismatch`; of a refresh token
    /// `refresh_unknown`, `refresh_of_other_client`, `refresh_reused`, `scope_widened`,
    /// `user_barred`; of a token that is passed on `grade_not_lower`, `token_invalid`.
    pub async fn token(&self, asked: &Asked<'_>, now: Timestamp) -> Result<TokenAnswer, Error> {
        let client = self.authenticate(asked, now).await?;
        match asked.form.need("grant_type")? {
            CODE => self.by_code(asked, &client, now).await,
            REFRESH => self.by_refresh(asked, &client, now).await,
            EXCHANGE => self.pass_on(asked, &client, now).await,
            _ => {
                let (en, zh) = ("this grant type is not taken", "不支持该授权类型");
                let error = OAuthError::UnsupportedGrantType;
                Err(Refusal::coded(error, "grant_type_refused", en, zh).into())
            }
        }
    }

    async fn by_code(
        &self,
        asked: &Asked<'_>,
        client: &Client,
        now: Timestamp,
    ) -> Result<TokenAnswer, Error> {
        let form = asked.form;
        let code = self.hashed("code", form.need("code")?);
        let jkt = self.key_of(asked, client, now).await?;
        let grant = grants::by_code(self.db(), &code).await?.ok_or_else(code_unknown)?;
        if grant.client != client.id {
            let (en, zh) = ("the code was given to another client", "授权码属于其他系统");
            return Err(invalid_grant("auth_code_of_other_client", en, zh));
        }
        if grant.code_used_at.is_some() {
            return Err(self.code_reused(grant.id, now).await);
        }
        if grant.code_ends_at <= now || grant.revoked_at.is_some() {
            return Err(invalid_grant("auth_code_expired", "the code has ended", "授权码已过期"));
        }
        if form.get("redirect_uri").is_some_and(|uri| uri != grant.redirect_uri) {
            let (en, zh) =
                ("redirect_uri is not the one of the request", "redirect_uri 与授权请求不符");
            return Err(invalid_grant("redirect_uri_mismatch", en, zh));
        }
        pkce::check(form.get("code_verifier"), &grant.challenge)?;
        if grant.jkt.is_some() && grant.jkt != jkt {
            return Err(key_differs());
        }
        self.redeem(client, GrantRow { jkt, ..grant }, now).await
    }

    /// Uses the code up and gives the first tokens.
    async fn redeem(
        &self,
        client: &Client,
        grant: GrantRow,
        now: Timestamp,
    ) -> Result<TokenAnswer, Error> {
        let days = i64::from(self.inner.config.refresh_days).saturating_mul(86_400);
        let offline = grant.scopes.has(Scope::OfflineAccess);
        let lives = if offline { days } else { self.inner.config.access_seconds.into() };
        let expires_at = now.plus_seconds(lives);
        let refresh = offline.then(|| self.secret());
        let stored = refresh.as_deref().map(|token| self.hashed("refresh", token));
        let (id, jkt) = (grant.id, grant.jkt.clone());
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                if !grants::redeem(txn, id, jkt, expires_at, now).await? {
                    return Ok(false);
                }
                if let Some(token) = stored {
                    grants::add_refresh(txn, token, id, expires_at).await?;
                }
                Ok::<_, Error>(true)
            })
        });
        if !unit.await? {
            // Two came with it at once: neither can be told from the thief.
            return Err(self.code_reused(id, now).await);
        }
        let grant = GrantRow { expires_at, ..grant };
        let scopes = self.in_force(&grant).await?;
        self.tokens(client, &grant, &scopes, refresh, now)
    }

    /// A code that comes twice was stolen on one of its ways: what it gave ends.
    async fn code_reused(&self, grant: GrantId, now: Timestamp) -> Error {
        if let Err(error) = self.end(grant, now).await {
            return error;
        }
        let en = "the code was used before; every token it gave has ended";
        invalid_grant("auth_code_reused", en, "授权码已被使用，其签发的令牌均已作废")
    }

    /// Ends a grant with all of its tokens.
    pub(crate) async fn end(&self, grant: GrantId, now: Timestamp) -> Result<(), Error> {
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(grants::revoke(txn, grant, now).await?) })
        });
        unit.await
    }

    async fn by_refresh(
        &self,
        asked: &Asked<'_>,
        client: &Client,
        now: Timestamp,
    ) -> Result<TokenAnswer, Error> {
        let token = self.hashed("refresh", asked.form.need("refresh_token")?);
        let jkt = self.key_of(asked, client, now).await?;
        let row = grants::refresh(self.db(), &token).await?.ok_or_else(refresh_unknown)?;
        let grant = grants::get(self.db(), row.grant).await?.ok_or_else(refresh_unknown)?;
        if grant.client != client.id {
            let (en, zh) =
                ("the refresh token was given to another client", "刷新令牌属于其他系统");
            return Err(invalid_grant("refresh_of_other_client", en, zh));
        }
        if row.used {
            return Err(self.refresh_reused(grant.id, now).await);
        }
        if row.expires_at <= now || !grant.stands(now) {
            return Err(refresh_unknown());
        }
        if grant.jkt != jkt {
            return Err(key_differs());
        }
        if self.inner.members.profile(grant.user, now).await?.standing != Standing::Active {
            return Err(barred(OAuthError::InvalidGrant));
        }
        let scopes = narrowed(asked.form.get("scope"), &self.in_force(&grant).await?)?;
        let (next, id, until) = (self.secret(), grant.id, grant.expires_at);
        let stored = self.hashed("refresh", &next);
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                let first = grants::use_refresh(txn, &token, now).await?;
                if first {
                    grants::add_refresh(txn, stored, id, until).await?;
                }
                Ok::<_, Error>(first)
            })
        });
        if !unit.await? {
            return Err(self.refresh_reused(id, now).await);
        }
        self.tokens(client, &grant, &scopes, Some(next), now)
    }

    /// A refresh token that comes twice was stolen: the whole family ends (RFC 9700 section 4.14).
    async fn refresh_reused(&self, grant: GrantId, now: Timestamp) -> Error {
        if let Err(error) = self.end(grant, now).await {
            return error;
        }
        let en = "the refresh token was used before; every token of the grant has ended";
        invalid_grant("refresh_reused", en, "刷新令牌已被使用，该授权的全部令牌均已作废")
    }

    /// A higher-grade system lets a lower-grade one act for its user, for less than it may itself.
    async fn pass_on(
        &self,
        asked: &Asked<'_>,
        client: &Client,
        now: Timestamp,
    ) -> Result<TokenAnswer, Error> {
        let form = asked.form;
        // An app that keeps no secret cannot prove its own grade.
        if client.terms.proving == Proving::None {
            let (en, zh) =
                ("a client without a credential passes nothing on", "无凭证的客户端不得转授权");
            let error = OAuthError::UnauthorizedClient;
            return Err(Refusal::coded(error, "exchange_refused", en, zh).into());
        }
        if form.need("subject_token_type")? != ACCESS_TOKEN {
            return Err(Refusal::parameter("subject_token_type", "it must be access_token").into());
        }
        let jkt = self.key_of(asked, client, now).await?;
        let (claims, grant) = self.standing_token(form.need("subject_token")?, now).await?;
        if claims.client_id != client.id || claims.act.is_some() || grant.jkt != jkt {
            return Err(token_invalid());
        }
        let target = self.client_row(form.need("audience")?).await.map_err(|_| target_refused())?;
        let target = target.client;
        if !client.terms.grade.may_authorise(target.terms.grade) {
            return Err(target_refused());
        }
        let held = Scopes::parse(&claims.scope)?;
        let scopes = Scopes::parse(form.need("scope")?)?;
        allowed(&scopes, &target.terms.scopes)?;
        if !scopes.within(&held) || !scopes.iter().all(Scope::passes_on) {
            return Err(widened().into());
        }
        let passed = GrantRow {
            id: GrantId::random(now, self.inner.desk.random.as_ref()),
            client: target.id,
            scopes: scopes.clone(),
            code: None,
            // Whose key the target will prove is not known here.
            jkt: None,
            parent: Some(grant.id),
            made_at: now,
            expires_at: now.plus_seconds(self.inner.config.access_seconds.into()),
            ..grant
        };
        let stored = passed.clone();
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(grants::insert(txn, stored).await?) })
        });
        unit.await?;
        let access_token = self.access_token(&passed, &scopes, Some(client), now)?;
        let expires_in = self.inner.config.access_seconds.into();
        Ok(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in,
            scope: scopes.to_string(),
            refresh_token: None,
            id_token: None,
            issued_token_type: Some(ACCESS_TOKEN),
        })
    }

    fn tokens(
        &self,
        client: &Client,
        grant: &GrantRow,
        scopes: &Scopes,
        refresh_token: Option<String>,
        now: Timestamp,
    ) -> Result<TokenAnswer, Error> {
        let access_token = self.access_token(grant, scopes, None, now)?;
        let id_token = scopes.has(Scope::OpenId).then(|| {
            let iat = seconds(now);
            let claims = IdClaims {
                iss: self.issuer(),
                sub: self.subject(client.id, grant.user),
                aud: client.id.to_string(),
                exp: iat.saturating_add(self.inner.config.access_seconds.into()),
                iat,
                auth_time: seconds(grant.signed_in_at),
                acr: acr(grant.level),
                amr: [grant.level.amr()],
                at_hash: jws::half_digest(&access_token),
                nonce: grant.nonce.as_deref(),
            };
            self.sign("JWT", &claims)
        });
        Ok(TokenAnswer {
            token_type: if grant.jkt.is_some() { "DPoP" } else { "Bearer" },
            expires_in: self.inner.config.access_seconds.into(),
            scope: scopes.to_string(),
            refresh_token,
            id_token: id_token.transpose()?,
            issued_token_type: None,
            access_token,
        })
    }

    fn access_token(
        &self,
        grant: &GrantRow,
        scopes: &Scopes,
        actor: Option<&Client>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let iat = seconds(now);
        let claims = AccessClaims {
            iss: self.issuer().to_owned(),
            sub: self.subject(grant.client, grant.user),
            aud: self.issuer().to_owned(),
            exp: iat.saturating_add(self.inner.config.access_seconds.into()),
            iat,
            jti: self.secret(),
            client_id: grant.client,
            scope: scopes.to_string(),
            grant: grant.id,
            auth_time: seconds(grant.signed_in_at),
            acr: acr(grant.level),
            cnf: grant.jkt.clone().map(|jkt| Confirmation { jkt }),
            act: actor.map(|client| Act { client_id: client.id }),
        };
        self.sign(TOKEN_TYPE, &claims)
    }
}

/// A refresh may ask for less, never for more.
fn narrowed(asked: Option<&str>, most: &Scopes) -> Result<Scopes, Error> {
    let Some(asked) = asked else { return Ok(most.clone()) };
    let scopes = Scopes::parse(asked)?;
    if scopes.within(most) && !scopes.is_empty() { Ok(scopes) } else { Err(widened().into()) }
}

fn widened() -> Refusal {
    let (en, zh) = ("more is asked for than was granted", "申请的授权范围超出已授权的范围");
    Refusal::coded(OAuthError::InvalidScope, "scope_widened", en, zh)
}

pub(crate) fn token_invalid() -> Error {
    let (en, zh) = ("the token is not valid here", "令牌无效");
    Refusal::coded(OAuthError::InvalidToken, "token_invalid", en, zh).into()
}

fn target_refused() -> Error {
    let en = "a system authorises only systems of a lower grade";
    let zh = "系统只能向等级更低的系统授权";
    Refusal::coded(OAuthError::InvalidTarget, "grade_not_lower", en, zh).into()
}
