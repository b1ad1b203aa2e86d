//! An authorisation request on its way: pushed by its client or brought by a browser, shown to the
//! user, answered with a code or a refusal.
//!
//! A request that holds is kept under a handle that only the browser which brought it can use; the
//! user is always asked, also if he has allowed the same before.

use crate::authenticate::Asked;
use crate::error::{Error, OAuthError, Refusal};
use crate::model::authorize::{self, Prompt, Request, Wrong};
use crate::model::client::Client;
use crate::model::form::{self, Form};
use crate::model::scope::Scope;
use crate::sso::Sso;
use crate::store::grants::{self, GrantRow};
use crate::store::passing::{self, RequestRow, Session};
use members::Standing;
use records::audit;
use serde::{Deserialize, Serialize};
use serde_json::json;
use types::{GrantId, Timestamp};

/// What a pushed request is called by (RFC 9126).
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a pushed request waits for its browser, seconds.
const PUSHED_SECONDS: i64 = 60;
/// How long a request waits for its user, seconds.
const OPEN_SECONDS: i64 = 600;

/// What to do with a browser that brought a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The user is asked: the request's handle.
    Ask(String),
    /// The client is told at once why not: the address.
    Back(String),
}

/// What the user answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The client may.
    Allow,
    /// The client may not.
    Deny,
}

/// The answer to a pushed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pushed {
    /// By what the browser brings it.
    pub request_uri: String,
    /// How long it waits, seconds.
    pub expires_in: i64,
}

/// What the user is asked.
#[derive(Debug, Clone)]
pub struct Consent {
    /// By whom.
    pub client: Client,
    /// For what.
    pub request: Request,
    /// Who answers; `None` if somebody has to sign in first, or more surely.
    pub session: Option<Session>,
}

/// An open request as it is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct Open {
    request: Request,
    /// Microseconds; a sign-in before it does not do where the client wants a new one.
    opened_at: i64,
}

fn unknown() -> Error {
    Refusal::coded(
        OAuthError::InvalidRequest,
        "authorization_request_unknown",
        "this request has ended, was answered, or was begun in another browser",
        "该授权请求已结束、已处理或由其他浏览器发起",
    )
    .into()
}

impl Sso {
    /// Takes a request that its client pushes.
    ///
    /// # Errors
    /// Those of client authentication, of possession and of [`authorize::check`].
    pub async fn push(&self, asked: &Asked<'_>, now: Timestamp) -> Result<Pushed, Error> {
        let client = self.authenticate(asked, now).await?;
        let jkt = self.key_of(asked, &client, now).await?;
        if asked.form.get("request_uri").is_some() {
            return Err(Refusal::parameter("request_uri", "it is not for pushing").into());
        }
        let mut request = authorize::check(asked.form, &client).map_err(|wrong| match wrong {
            Wrong::Here(refusal) | Wrong::There { refusal, .. } => refusal,
        })?;
        if request.jkt.is_some() && jkt.is_some() && request.jkt != jkt {
            return Err(Refusal::parameter("dpop_jkt", "it is not the key of the proof").into());
        }
        request.jkt = request.jkt.or(jkt);
        let reference = self.secret();
        self.keep_request("pushed", &reference, &request, None, now, PUSHED_SECONDS).await?;
        Ok(Pushed { request_uri: format!("{PUSHED}{reference}"), expires_in: PUSHED_SECONDS })
    }

    /// Takes a request that a browser brings, as the query of its address. `browser` is the secret
    /// of that browser, which alone can go on with it.
    ///
    /// # Errors
    /// What may not be told at the client's address: `oauth_form_malformed`, `client_unknown`,
    /// `redirect_uri_mismatch`, `par_needed`, `authorization_request_unknown`.
    pub async fn begin(
        &self,
        query: &[u8],
        browser: &str,
        session: Option<Session>,
        now: Timestamp,
    ) -> Result<Begun, Error> {
        let form = Form::parse(query)?;
        let client =
            self.client_row(form.need("client_id")?).await.map_err(|error| match error {
                Error::Refused(_) => client_unknown(),
                other => other,
            })?;
        let client = client.client;
        let request = match form.get("request_uri") {
            Some(reference) => self.take_pushed(reference, &client, now).await?,
            None if client.terms.require_par => return Err(par_needed()),
            None => match authorize::check(&form, &client) {
                Ok(request) => request,
                Err(Wrong::Here(refusal)) => return Err(refusal.into()),
                Err(Wrong::There { refusal, redirect_uri, state }) => {
                    let told = self.told(&redirect_uri, state.as_deref(), &refusal);
                    return Ok(Begun::Back(told));
                }
            },
        };
        if request.prompt == Prompt::None {
            let refusal = silent(usable(&request, now, session, now).is_some());
            return Ok(Begun::Back(self.told(
                &request.redirect_uri,
                request.state.as_deref(),
                &refusal,
            )));
        }
        let handle = self.secret();
        let browser = Some(self.hashed("browser", browser));
        self.keep_request("open", &handle, &request, browser, now, OPEN_SECONDS).await?;
        Ok(Begun::Ask(handle))
    }

    async fn take_pushed(
        &self,
        reference: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Request, Error> {
        let reference = reference.strip_prefix(PUSHED).ok_or_else(unknown)?;
        let handle = self.hashed("request.pushed", reference);
        let row = passing::request(self.db(), &handle, now).await?.ok_or_else(unknown)?;
        if row.client != client.id || !self.take_request(handle).await? {
            return Err(unknown());
        }
        Ok(opened(&row)?.request)
    }

    async fn keep_request(
        &self,
        kind: &str,
        name: &str,
        request: &Request,
        browser: Option<Vec<u8>>,
        now: Timestamp,
        lives: i64,
    ) -> Result<(), Error> {
        let open = Open { request: request.clone(), opened_at: now.as_micros() };
        let document = serde_json::to_string(&open).map_err(|e| Error::fault("a request", &e))?;
        let row = RequestRow { client: request.client, browser, document };
        let handle = self.hashed(&format!("request.{kind}"), name);
        let until = now.plus_seconds(lives);
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(
                async move { Ok::<_, Error>(passing::add_request(txn, handle, row, until).await?) },
            )
        });
        unit.await
    }

    async fn take_request(&self, handle: Vec<u8>) -> Result<bool, Error> {
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(passing::take_request(txn, &handle).await?) })
        });
        unit.await
    }

    pub(crate) async fn open_request(
        &self,
        handle: &str,
        browser: &str,
        now: Timestamp,
    ) -> Result<Open, Error> {
        let row = passing::request(self.db(), &self.hashed("request.open", handle), now).await?;
        let row = row.filter(|row| row.browser == Some(self.hashed("browser", browser)));
        opened(&row.ok_or_else(unknown)?)
    }

    /// What the user is asked.
    ///
    /// # Errors
    /// `authorization_request_unknown`.
    pub async fn consent(
        &self,
        handle: &str,
        browser: &str,
        session: Option<Session>,
        now: Timestamp,
    ) -> Result<Consent, Error> {
        let open = self.open_request(handle, browser, now).await?;
        let client = self.client_row(&open.request.client.to_string()).await?.client;
        let opened_at = Timestamp::from_micros(open.opened_at);
        let session = usable(&open.request, opened_at, session, now);
        Ok(Consent { client, request: open.request, session })
    }

    /// Answers a request; where the browser goes with that.
    ///
    /// # Errors
    /// `authorization_request_unknown`, `sign_in_needed`.
    pub async fn answer(
        &self,
        handle: &str,
        browser: &str,
        session: Option<Session>,
        answer: Answer,
        now: Timestamp,
    ) -> Result<String, Error> {
        let Consent { client, request, session } =
            self.consent(handle, browser, session, now).await?;
        if answer == Answer::Deny {
            if !self.take_request(self.hashed("request.open", handle)).await? {
                return Err(unknown());
            }
            return Ok(self.told(&request.redirect_uri, request.state.as_deref(), &denied()));
        }
        let session = session.ok_or_else(sign_in_needed)?;
        match self.allow(handle, &client, &request, session, now).await {
            Ok(code) => {
                let mut parameters = vec![("code", code.as_str()), ("iss", self.issuer())];
                parameters.extend(request.state.as_deref().map(|state| ("state", state)));
                Ok(form::extend(&request.redirect_uri, &parameters))
            }
            Err(Error::Refused(refusal)) if refusal.error == OAuthError::AccessDenied => {
                Ok(self.told(&request.redirect_uri, request.state.as_deref(), &refusal))
            }
            Err(other) => Err(other),
        }
    }

    /// Writes the grant and gives its code. What the grant needs is made first: an agreement whose
    /// grant was lost in a crash is one the user did make, and the same answer makes it again.
    async fn allow(
        &self,
        handle: &str,
        client: &Client,
        request: &Request,
        session: Session,
        now: Timestamp,
    ) -> Result<String, Error> {
        let members = &self.inner.members;
        if members.profile(session.user, now).await?.standing != Standing::Active {
            return Err(barred(OAuthError::AccessDenied));
        }
        if request.scopes.has(Scope::PayPasswordFree)
            && let Some(terms) = client.terms.password_free
        {
            let limits = terms.limits().ok_or_else(|| Error::fault("a client", &"its limits"))?;
            let agreed =
                members.agree_password_free(session.user, terms.merchant, limits.0, limits.1, now);
            agreed.await.map_err(no_agreement)?;
        }
        let code = self.secret();
        let grant = GrantRow {
            id: GrantId::random(now, self.inner.desk.random.as_ref()),
            client: client.id,
            user: session.user,
            scopes: request.scopes.clone(),
            level: session.level,
            signed_in_at: session.signed_in_at,
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            jkt: request.jkt.clone(),
            code: Some(self.hashed("code", &code)),
            code_ends_at: now.plus_seconds(self.inner.config.code_seconds.into()),
            code_used_at: None,
            parent: None,
            made_at: now,
            expires_at: now.plus_seconds(self.inner.config.code_seconds.into()),
            revoked_at: None,
        };
        let handle = self.hashed("request.open", handle);
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                if !passing::take_request(txn, &handle).await? {
                    return Err(unknown());
                }
                let after = json!({ "client": grant.client, "scope": grant.scopes });
                let (who, subject) = (grant.user.to_string(), grant.id.to_string());
                grants::insert(txn, grant).await?;
                audit::append(txn, &who, "grant.make", &subject, None, Some(&after), now).await?;
                Ok(())
            })
        });
        unit.await?;
        Ok(code)
    }

    /// The client's address with a refusal.
    fn told(&self, redirect_uri: &str, state: Option<&str>, refusal: &Refusal) -> String {
        let description = description(refusal.code, &refusal.reason.en);
        let mut parameters = vec![
            ("error", refusal.error.name()),
            ("error_description", description.as_str()),
            ("iss", self.issuer()),
        ];
        parameters.extend(state.map(|state| ("state", state)));
        form::extend(redirect_uri, &parameters)
    }
}

/// A description as RFC 6749 lets it be: visible ASCII without quotes and backslashes.
pub fn description(code: &str, reason: &str) -> String {
    let plain = |c: char| if matches!(c, ' '..='~') && c != '"' && c != '\\' { c } else { '\'' };
    format!("{code}: {reason}").chars().map(plain).take(300).collect()
}

/// The session, if it does for this request.
fn usable(
    request: &Request,
    opened_at: Timestamp,
    session: Option<Session>,
    now: Timestamp,
) -> Option<Session> {
    session.filter(|session| {
        let at = session.signed_in_at;
        session.level >= request.scopes.needs()
            // Who signed in for this very request is recent enough, else nobody ever were for 0.
            && (at > opened_at || request.max_age.is_none_or(|age| now <= at.plus_seconds(age)))
            && (request.prompt != Prompt::Login || at > opened_at)
    })
}

fn opened(row: &RequestRow) -> Result<Open, Error> {
    serde_json::from_str(&row.document).map_err(|e| Error::fault("a kept request", &e))
}

fn client_unknown() -> Error {
    let (en, zh) = ("there is no such client", "接入系统不存在");
    Refusal::coded(OAuthError::UnauthorizedClient, "client_unknown", en, zh).into()
}

fn par_needed() -> Error {
    let (en, zh) = ("this client must push its requests", "该系统须先推送授权请求");
    Refusal::coded(OAuthError::InvalidRequest, "par_needed", en, zh).into()
}

fn silent(signed_in: bool) -> Refusal {
    if signed_in {
        let (en, zh) = ("the user has to be asked", "须由用户确认");
        return Refusal::coded(OAuthError::ConsentRequired, "consent_needed", en, zh);
    }
    Refusal::coded(OAuthError::LoginRequired, "sign_in_needed", "nobody has signed in", "尚未登录")
}

fn sign_in_needed() -> Error {
    let (en, zh) = ("sign in first, or more surely", "请先登录，或以更高等级的方式登录");
    Refusal::coded(OAuthError::LoginRequired, "sign_in_needed", en, zh).into()
}

fn denied() -> Refusal {
    Refusal::coded(OAuthError::AccessDenied, "consent_denied", "the user said no", "用户已拒绝")
}

/// A user whom the freeze register bars: nothing of who did it and why.
pub(crate) fn barred(error: OAuthError) -> Error {
    Refusal::coded(error, "user_barred", "this user may not act now", "该用户当前不可操作").into()
}

/// The members' reason stays with the user: the client only learns that there is no agreement.
fn no_agreement(error: members::Error) -> Error {
    match error {
        members::Error::Records(_) | members::Error::Book(_) | members::Error::Fault(_) => {
            error.into()
        }
        _ => {
            let en = "the user cannot make a password-free agreement";
            let zh = "该用户无法签订免密支付协议";
            Refusal::coded(OAuthError::AccessDenied, "agreement_refused", en, zh).into()
        }
    }
}
