//! To a provider and back.

use super::discovery::Provider;
use super::fetch::wrong;
use super::id_token::{self, Expected};
use crate::error::Error;
use crate::model::form::{self, Form};
use crate::model::jws;
use crate::model::level::Level;
use crate::model::pkce;
use crate::sso::Sso;
use crate::store::identities::{self, IdentityRow};
use crate::store::passing::{self, LoginRow};
use members::SentCode;
use records::audit;
use serde::{Deserialize, Serialize};
use types::{Masked, Problem, ProblemKind, Timestamp, UserId};

/// How long a user may be away at a provider, or take to prove his phone, seconds.
const AWAY_SECONDS: i64 = 600;

/// What is remembered of a sign-in while the user is away.
#[derive(Serialize, Deserialize)]
struct Away {
    nonce: String,
    verifier: String,
    /// The authorisation request to go on with.
    request: Option<String>,
}

/// An identity that is not known yet.
#[derive(Serialize, Deserialize)]
struct Stranger {
    issuer: String,
    subject: String,
    request: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Who came back from a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// A user of ours: the session's secret.
    Known {
        /// The session's secret.
        session: String,
        /// The authorisation request to go on with.
        request: Option<String>,
    },
    /// Nobody that is known: he proves a phone, and [`Sso::link`] takes it from there.
    Unknown {
        /// By what it is gone on with, in this browser.
        ticket: String,
    },
}

/// An outside identity of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose word it is.
    pub issuer: String,
    /// Since when.
    pub linked_at: Timestamp,
}

fn state_unknown() -> Error {
    let en = "this sign-in has ended, or was begun in another browser";
    let zh = "该登录已结束或由其他浏览器发起";
    Problem::new(ProblemKind::Refused, "federation_state_unknown", en, zh).into()
}

impl Sso {
    /// The outside providers.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.inner.relying.all()
    }

    /// Begins a sign-in by a provider: where the browser goes. `request` is the authorisation
    /// request that waits for it.
    ///
    /// # Errors
    /// `provider_unknown`, `provider_unreachable`, `provider_answer_invalid`.
    pub async fn go(
        &self,
        provider: &str,
        browser: &str,
        request: Option<String>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let relying = &self.inner.relying;
        let provider = relying.provider(provider)?;
        let known = relying.known(provider, now).await?;
        let (state, away) =
            (self.secret(), Away { nonce: self.secret(), verifier: self.secret(), request });
        let challenge = pkce::of_verifier(&away.verifier);
        let address = form::extend(
            &known.document.authorization_endpoint,
            &[
                ("response_type", "code"),
                ("client_id", &provider.client_id),
                ("redirect_uri", &relying.callback),
                ("scope", "openid"),
                ("state", &state),
                ("nonce", &away.nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        );
        self.keep_login("state", &state, &provider.code, browser, &away, now).await?;
        Ok(address)
    }

    /// Takes a browser back from a provider: the query of its address.
    ///
    /// # Errors
    /// `federation_state_unknown`, `provider_refused`, `provider_answer_invalid`,
    /// `provider_unreachable`.
    pub async fn come_back(
        &self,
        query: &[u8],
        browser: &str,
        now: Timestamp,
    ) -> Result<Returned, Error> {
        let form = Form::parse(query)?;
        let state = form.get("state").ok_or_else(state_unknown)?;
        let (code, away): (String, Away) = self.take_login("state", state, browser, now).await?;
        let relying = &self.inner.relying;
        let provider = relying.provider(&code)?;
        let known = relying.known(provider, now).await?;
        // Another provider that sends its own users' codes here (RFC 9207).
        let named = match form.get("iss") {
            Some(issuer) => issuer == provider.issuer,
            None => !known.document.authorization_response_iss_parameter_supported,
        };
        if !named {
            return Err(wrong("iss in its answer"));
        }
        if form.get("error").is_some() {
            let (en, zh) = ("the identity provider did not sign you in", "身份提供方未完成登录");
            return Err(Problem::new(ProblemKind::Refused, "provider_refused", en, zh).into());
        }
        let code = form.get("code").ok_or_else(|| wrong("it has no code"))?;
        let subject = self.redeem_there(provider, code, &away, now).await?;
        self.recognise(provider, subject, browser, away.request, now).await
    }

    async fn redeem_there(
        &self,
        provider: &Provider,
        code: &str,
        away: &Away,
        now: Timestamp,
    ) -> Result<String, Error> {
        let relying = &self.inner.relying;
        let document = relying.known(provider, now).await?.document;
        let mut body = form::extend(
            "",
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &relying.callback),
                ("code_verifier", &away.verifier),
            ],
        );
        let methods = document.token_endpoint_auth_methods_supported.as_deref();
        let basic = methods.is_none_or(|all| all.iter().any(|one| one == "client_secret_basic"));
        // Exposed to the provider that gave it to us.
        let credential = match (&provider.secret, basic) {
            (Some(secret), true) => {
                Some((form::encode(&provider.client_id), form::encode(secret.expose())))
            }
            (secret, _) => {
                body = form::extend(&body, &[("client_id", &provider.client_id)]);
                if let Some(secret) = secret {
                    body = form::extend(&body, &[("client_secret", secret.expose())]);
                }
                None
            }
        };
        let body = body.trim_start_matches('?').to_owned();
        let tokens: Tokens =
            relying.fetcher.post(&document.token_endpoint, credential, body).await?;
        let token = tokens.id_token;
        let kid = jws::head(&token).map_err(|_| wrong("the algorithm or form of its token"))?.kid;
        let key = relying.signing_key(provider, kid.as_deref(), now).await?;
        let expected = Expected {
            issuer: &provider.issuer,
            client_id: &provider.client_id,
            nonce: &away.nonce,
        };
        id_token::subject(&token, &key, expected, now)
            .map_err(|what| wrong(&format!("ID token, {what}")))
    }

    async fn recognise(
        &self,
        provider: &Provider,
        subject: String,
        browser: &str,
        request: Option<String>,
        now: Timestamp,
    ) -> Result<Returned, Error> {
        let identity = self.identity(&provider.issuer, &subject);
        if let Some(row) = identities::get(self.db(), &identity).await? {
            let session = self.sign_in(row.user, Level::Federated, now).await?;
            return Ok(Returned::Known { session, request });
        }
        let ticket = self.secret();
        let stranger = Stranger { issuer: provider.issuer.clone(), subject, request };
        self.keep_login("ticket", &ticket, &provider.code, browser, &stranger, now).await?;
        Ok(Returned::Unknown { ticket })
    }

    /// Sends a one-time code to the phone that the holder of a ticket says is his.
    ///
    /// # Errors
    /// `federation_state_unknown`; as [`Sso::send_code`].
    pub async fn send_link_code(
        &self,
        ticket: &str,
        browser: &str,
        phone: &Masked,
        now: Timestamp,
    ) -> Result<SentCode, Error> {
        self.check_ticket(ticket, browser, now).await?;
        self.send_code_for("ticket", ticket, phone, now).await
    }

    /// Whether a ticket can be gone on with in this browser.
    ///
    /// # Errors
    /// `federation_state_unknown`.
    pub async fn check_ticket(
        &self,
        ticket: &str,
        browser: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let found = passing::login(self.db(), &self.hashed("ticket", ticket), now).await?;
        let found = found.filter(|row| row.browser == self.hashed("browser", browser));
        found.map(drop).ok_or_else(state_unknown)
    }

    /// Links the identity of a ticket to the user of a phone, by the code that was sent there. The
    /// session's secret, and the authorisation request to go on with.
    ///
    /// # Errors
    /// `federation_state_unknown`; those of [`members::Members::check_code`]; `identity_exists` if
    /// somebody was quicker.
    pub async fn link(
        &self,
        ticket: &str,
        browser: &str,
        phone: &Masked,
        code: &str,
        now: Timestamp,
    ) -> Result<(String, Option<String>), Error> {
        self.check_ticket(ticket, browser, now).await?;
        let user = self.check_code_for("ticket", ticket, phone, code, now).await?;
        let (_, stranger): (String, Stranger) =
            self.take_login("ticket", ticket, browser, now).await?;
        let identity = self.identity(&stranger.issuer, &stranger.subject);
        let row = IdentityRow { issuer: stranger.issuer, user, linked_at: now };
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                if identities::get(txn, &identity).await?.is_some() {
                    return Err(taken());
                }
                let (who, issuer) = (user.to_string(), row.issuer.clone());
                identities::insert(txn, identity, row).await?;
                audit::append(txn, &who, "identity.link", &issuer, None, None, now).await?;
                Ok(())
            })
        });
        unit.await?;
        Ok((self.sign_in(user, Level::Code, now).await?, stranger.request))
    }

    /// The outside identities of a user, oldest first.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn identities(&self, user: UserId) -> Result<Vec<Identity>, Error> {
        let rows = identities::of_user(self.db(), user).await?;
        let view = |row: IdentityRow| Identity { issuer: row.issuer, linked_at: row.linked_at };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Unlinks a user's identities of one issuer.
    ///
    /// # Errors
    /// `identity_not_found`.
    pub async fn unlink(
        &self,
        user: UserId,
        issuer: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (issuer, who) = (issuer.to_owned(), who.to_owned());
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                if identities::remove(txn, user, &issuer).await? == 0 {
                    let (en, zh) = ("there is no such identity", "外部身份不存在");
                    return Err(
                        Problem::new(ProblemKind::NotFound, "identity_not_found", en, zh).into()
                    );
                }
                let subject = user.to_string();
                audit::append(txn, &who, "identity.unlink", &subject, None, None, now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await
    }

    fn identity(&self, issuer: &str, subject: &str) -> Vec<u8> {
        // A space is in no issuer.
        let of = format!("{issuer} {subject}");
        self.inner.desk.secrets.blind_index("sso.identity", of.as_bytes()).to_vec()
    }

    async fn keep_login(
        &self,
        kind: &str,
        name: &str,
        provider: &str,
        browser: &str,
        what: &impl Serialize,
        now: Timestamp,
    ) -> Result<(), Error> {
        let plain = serde_json::to_vec(what).map_err(|e| Error::fault("a sign-in", &e))?;
        let state = self.hashed(kind, name);
        let sealed = self.inner.desk.secrets.seal(&plain, &state, self.inner.desk.random.as_ref());
        let browser = self.hashed("browser", browser);
        let row = LoginRow { browser, provider: provider.to_owned(), sealed };
        let until = now.plus_seconds(AWAY_SECONDS);
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(
                async move { Ok::<_, Error>(passing::add_login(txn, state, row, until).await?) },
            )
        });
        unit.await
    }

    /// Uses up what was kept, in the browser it belongs to.
    async fn take_login<T: serde::de::DeserializeOwned>(
        &self,
        kind: &str,
        name: &str,
        browser: &str,
        now: Timestamp,
    ) -> Result<(String, T), Error> {
        let state = self.hashed(kind, name);
        let (key, browser) = (state.clone(), self.hashed("browser", browser));
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                let found = passing::take_login(txn, &key, now).await?;
                // Left in place for the browser that it belongs to: an error undoes the unit.
                found.filter(|row| row.browser == browser).ok_or_else(state_unknown)
            })
        });
        let row = unit.await?;
        let plain = self.inner.desk.secrets.unseal(&row.sealed, &state);
        let plain = plain.map_err(|e| Error::fault("a kept sign-in", &e))?;
        let what =
            serde_json::from_slice(&plain).map_err(|e| Error::fault("a kept sign-in", &e))?;
        Ok((row.provider, what))
    }
}

fn taken() -> Error {
    let (en, zh) = ("this identity belongs to a user already", "该外部身份已关联用户");
    Problem::new(ProblemKind::Conflict, "identity_exists", en, zh).into()
}
