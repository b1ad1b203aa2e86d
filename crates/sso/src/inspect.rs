//! What clients may learn and end: introspection (RFC 7662), revocation (RFC 7009), userinfo, and the
//! discovery document.

use crate::access::Access;
use crate::authenticate::{Asked, failed};
use crate::error::Error;
use crate::model::client::Proving;
use crate::model::jws;
use crate::model::scope::{Scope, Scopes};
use crate::sso::{Sso, acr, seconds};
use crate::store::clients;
use crate::store::grants;
use crate::token::GRANT_TYPES;
use serde::Serialize;
use serde_json::{Value, json};
use types::Timestamp;

/// What there is to say of a token; only `active` where it is none of the asker's business.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Introspection {
    /// Whether it is good now.
    pub active: bool,
    /// What it is good for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// For whom, as that client knows him.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// `Bearer`, `DPoP`; none for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Until when, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// How surely the user signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The key it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Value>,
}

/// What a client may know of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserInfo {
    /// How this client knows him.
    pub sub: String,
    /// Sign-in name (`profile`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Whether the real name is known; never the name (`profile`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_name_verified: Option<bool>,
    /// Phone as E.164 (`phone`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

impl Sso {
    /// What there is to say of a token, to a client that has a credential: of its own, and of the
    /// tokens of lower-grade systems.
    ///
    /// # Errors
    /// Those of client authentication.
    pub async fn introspect(
        &self,
        asked: &Asked<'_>,
        now: Timestamp,
    ) -> Result<Introspection, Error> {
        let client = self.authenticate(asked, now).await?;
        if client.terms.proving == Proving::None {
            return Err(failed());
        }
        let token = asked.form.need("token")?;
        let told = match self.standing_token(token, now).await {
            Ok((claims, grant)) => {
                let scopes = self.scopes_now(&claims, &grant).await?;
                let bound = claims.cnf.is_some();
                Introspection {
                    token_type: Some(if bound { "DPoP" } else { "Bearer" }),
                    exp: Some(claims.exp),
                    iat: Some(claims.iat),
                    cnf: claims.cnf.map(|cnf| json!(cnf)),
                    ..self.of_grant(&grant, &scopes)
                }
            }
            Err(Error::Refused(_)) => self.introspect_refresh(token, now).await?,
            Err(other) => return Err(other),
        };
        let owner = told.client_id.as_deref().and_then(|id| id.parse().ok());
        let Some(owner) = owner else { return Ok(Introspection::default()) };
        let lower = match clients::get(self.db(), owner).await? {
            Some(row) => client.terms.grade.may_authorise(row.client.terms.grade),
            None => false,
        };
        if owner == client.id || lower { Ok(told) } else { Ok(Introspection::default()) }
    }

    async fn introspect_refresh(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Introspection, Error> {
        let row = grants::refresh(self.db(), &self.hashed("refresh", token)).await?;
        let Some(row) = row.filter(|row| !row.used && row.expires_at > now) else {
            return Ok(Introspection::default());
        };
        let grant = grants::get(self.db(), row.grant).await?.filter(|grant| grant.stands(now));
        let Some(grant) = grant else { return Ok(Introspection::default()) };
        let scopes = self.in_force(&grant).await?;
        let exp = Some(seconds(row.expires_at));
        Ok(Introspection { exp, ..self.of_grant(&grant, &scopes) })
    }

    fn of_grant(&self, grant: &grants::GrantRow, scopes: &Scopes) -> Introspection {
        Introspection {
            active: true,
            scope: Some(scopes.to_string()),
            client_id: Some(grant.client.to_string()),
            sub: Some(self.subject(grant.client, grant.user)),
            iss: Some(self.issuer().to_owned()),
            acr: Some(acr(grant.level)),
            ..Introspection::default()
        }
    }

    /// Ends the grant that a token of the client is of, with all of its tokens. A token that is
    /// unknown or another client's changes nothing and is no error (RFC 7009 section 2.2).
    ///
    /// # Errors
    /// Those of client authentication.
    pub async fn revoke(&self, asked: &Asked<'_>, now: Timestamp) -> Result<(), Error> {
        let client = self.authenticate(asked, now).await?;
        let token = asked.form.need("token")?;
        let refresh = grants::refresh(self.db(), &self.hashed("refresh", token)).await?;
        let grant = match refresh {
            Some(row) => grants::get(self.db(), row.grant).await?,
            None => match self.standing_token(token, now).await {
                Ok((_, grant)) => Some(grant),
                Err(Error::Refused(_)) => None,
                Err(other) => return Err(other),
            },
        };
        match grant.filter(|grant| grant.client == client.id) {
            Some(grant) => self.end(grant.id, now).await,
            None => Ok(()),
        }
    }

    /// What the client may know of the user.
    ///
    /// # Errors
    /// Those of the members.
    pub async fn user_info(&self, access: &Access, now: Timestamp) -> Result<UserInfo, Error> {
        let user = self.inner.members.profile(access.user, now).await?;
        let profile = access.scopes.has(Scope::Profile);
        // Exposed because the user allowed this client to see it.
        let phone = access.scopes.has(Scope::Phone).then(|| format!("+86{}", user.phone.expose()));
        Ok(UserInfo {
            sub: access.subject.clone(),
            preferred_username: user.login_name.filter(|_| profile),
            real_name_verified: profile.then_some(user.customer.is_some()),
            phone_number: phone,
        })
    }

    /// The discovery document (`OpenID` Connect Discovery, RFC 8414).
    pub fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer());
        let methods = ["client_secret_basic", "private_key_jwt", "none"];
        let scopes: Vec<&str> = Scopes::all().iter().map(Scope::name).collect();
        json!({
            "issuer": self.issuer(),
            "authorization_endpoint": at("/oauth/authorize"),
            "token_endpoint": at("/oauth/token"),
            "userinfo_endpoint": at("/oauth/userinfo"),
            "jwks_uri": at("/oauth/jwks"),
            "revocation_endpoint": at("/oauth/revoke"),
            "introspection_endpoint": at("/oauth/introspect"),
            "pushed_authorization_request_endpoint": at("/oauth/par"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": GRANT_TYPES,
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": scopes,
            "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr",
                "at_hash", "preferred_username", "real_name_verified", "phone_number"],
            "acr_values_supported": ["1", "2", "3"],
            "prompt_values_supported": ["none", "login", "consent"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": jws::NAMES_OF_OTHERS,
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": &methods[..2],
            "introspection_endpoint_auth_signing_alg_values_supported": jws::NAMES_OF_OTHERS,
            "revocation_endpoint_auth_signing_alg_values_supported": jws::NAMES_OF_OTHERS,
            "dpop_signing_alg_values_supported": jws::NAMES_OF_OTHERS,
            "authorization_response_iss_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "claims_parameter_supported": false,
            "service_documentation": at("/docs/"),
            "ui_locales_supported": ["en", "zh-CN"],
        })
    }
}
