//! Who a client is: by its secret in the Authorization header, by an assertion signed with its key,
//! or, for an app that keeps no secret, by its name alone.

use crate::error::{Error, OAuthError, Refusal};
use crate::model::client::{Client, Proving};
use crate::model::dpop::For;
use crate::model::form::Form;
use crate::model::jws;
use crate::sso::{Sso, seconds};
use crate::store::clients::{self, ClientRow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use types::{ClientId, Timestamp};

/// The assertion type of RFC 7523.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest life of an assertion, seconds.
const MOST_ASSERTION_SECONDS: i64 = 600;

/// A request of a client, as it came.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Its form.
    pub form: &'a Form,
    /// Its Authorization header.
    pub authorization: Option<&'a str>,
    /// Its proof of possession.
    pub dpop: Option<&'a str>,
    /// The path that was asked, for proofs.
    pub path: &'static str,
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    jti: String,
}

/// One audience or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    pub(crate) fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Several(all) => all.iter().any(|one| one == wanted),
        }
    }

    pub(crate) fn is_one(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Several(all) => all.len() == 1,
        }
    }
}

/// One answer to every failure, so that nobody can ask which clients there are.
pub(crate) fn failed() -> Error {
    Refusal::coded(
        OAuthError::InvalidClient,
        "client_authentication_failed",
        "the client is not known, or has not proved who it is in the way it is registered for",
        "系统身份未知，或未按登记的方式证明身份",
    )
    .into()
}

impl Sso {
    /// The client that asks.
    ///
    /// # Errors
    /// `client_authentication_failed`, `client_assertion_replayed`.
    pub(crate) async fn authenticate(
        &self,
        asked: &Asked<'_>,
        now: Timestamp,
    ) -> Result<Client, Error> {
        let form = asked.form;
        let assertion = form.get("client_assertion");
        // A secret in the body ends up in logs; two proofs at once are somebody's mistake or trick.
        if form.get("client_secret").is_some()
            || assertion.is_some() && asked.authorization.is_some()
        {
            return Err(failed());
        }
        let client = match (asked.authorization, assertion) {
            (Some(header), _) => self.by_secret(header).await?,
            (None, Some(assertion)) => self.by_assertion(form, assertion, now).await?,
            (None, None) => {
                let row = self.client_row(form.get("client_id").unwrap_or_default()).await?;
                if row.client.terms.proving != Proving::None {
                    return Err(failed());
                }
                row.client
            }
        };
        let named = form.get("client_id").is_none_or(|id| id == client.id.to_string());
        if named { Ok(client) } else { Err(failed()) }
    }

    /// A client in use.
    pub(crate) async fn client_row(&self, id: &str) -> Result<ClientRow, Error> {
        let id: ClientId = id.parse().map_err(|_| failed())?;
        let found = clients::get(self.db(), id).await?;
        found.filter(|row| row.client.disabled_at.is_none()).ok_or_else(failed)
    }

    /// `Basic`, both halves written as in a form (RFC 6749 section 2.3.1).
    async fn by_secret(&self, header: &str) -> Result<Client, Error> {
        let (scheme, credential) = header.split_once(' ').ok_or_else(failed)?;
        let bytes = STANDARD.decode(credential.trim()).map_err(|_| failed())?;
        let text = String::from_utf8(bytes).map_err(|_| failed())?;
        let (id, secret) = text.split_once(':').ok_or_else(failed)?;
        let part = |text: &str| {
            let form = Form::parse(format!("v={text}").as_bytes()).map_err(|_| failed())?;
            form.get("v").map(str::to_owned).ok_or_else(failed)
        };
        let row = self.client_row(&part(id)?).await?;
        let hash = self.hashed("client_secret", &part(secret)?);
        let right = row.secret.is_some_and(|known| known.ct_eq(&hash).into());
        let method = row.client.terms.proving == Proving::ClientSecretBasic;
        if scheme.eq_ignore_ascii_case("basic") && right && method {
            Ok(row.client)
        } else {
            Err(failed())
        }
    }

    async fn by_assertion(
        &self,
        form: &Form,
        assertion: &str,
        now: Timestamp,
    ) -> Result<Client, Error> {
        if form.get("client_assertion_type") != Some(ASSERTION) {
            return Err(failed());
        }
        let head = jws::head(assertion).map_err(|_| failed())?;
        // Believed only once the signature is checked; until then it only says whose keys to try.
        let claimed: Assertion =
            jsonwebtoken::dangerous::insecure_decode_claims(assertion).map_err(|_| failed())?;
        let client = self.client_row(&claimed.sub).await?.client;
        let keys = client.keys();
        let key = keys
            .iter()
            .find(|key| head.kid.is_none() && keys.len() == 1 || key.common.key_id == head.kid);
        let key = key.ok_or_else(failed)?;
        let read = jws::verify(assertion, key, &jws::OF_OTHERS);
        let Assertion { iss, sub, aud, exp, iat, jti } = read.map_err(|_| failed())?;
        let now_seconds = seconds(now);
        let timely = exp > now_seconds
            && exp <= now_seconds.saturating_add(MOST_ASSERTION_SECONDS)
            && iat.is_none_or(|iat| iat <= now_seconds.saturating_add(60));
        if iss != sub || !aud.has(self.issuer()) || !aud.is_one() || !timely || jti.is_empty() {
            return Err(failed());
        }
        let value = self.hashed("assertion_jti", &format!("{sub}|{jti}"));
        if !self.first_seen(value, Timestamp::from_millis(exp.saturating_mul(1_000))).await? {
            return Err(Refusal::coded(
                OAuthError::InvalidClient,
                "client_assertion_replayed",
                "this assertion was used before",
                "该客户端断言已被使用",
            )
            .into());
        }
        Ok(client)
    }

    /// The key that the request proves to hold, as the client must or may.
    ///
    /// # Errors
    /// Those of possession, and `dpop_missing`.
    pub(crate) async fn key_of(
        &self,
        asked: &Asked<'_>,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let url = format!("{}{}", self.issuer(), asked.path);
        let wanted = For { method: "POST", url: &url, access_token: None };
        let jkt = self.possession(asked.dpop, wanted, now).await?;
        if jkt.is_none() && client.terms.require_dpop {
            return Err(dpop_missing());
        }
        Ok(jkt)
    }
}

/// A proof is needed and there is none.
pub(crate) fn dpop_missing() -> Error {
    Refusal::coded(
        OAuthError::InvalidDpopProof,
        "dpop_missing",
        "a DPoP proof is needed",
        "缺少 DPoP 证明",
    )
    .into()
}
