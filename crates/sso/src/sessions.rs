//! Signing in: how a browser comes to stand for a user for a while.

use crate::error::Error;
use crate::model::level::Level;
use crate::sso::Sso;
use crate::store::passing::{self, Session};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use members::keypad::{Binding, Envelope};
use members::{CodePurpose, CodeRefusal, NewUser, SentCode};
use money::Amount;
use types::{ClientId, Masked, Timestamp, UserId};

impl Sso {
    /// What the envelope of a payment password is bound to when its user signs in for this client:
    /// it opens neither an order nor a sign-in elsewhere.
    pub fn sign_in_binding(client: ClientId) -> Binding {
        Binding { order: "sso.sign-in".into(), amount: Amount::ZERO, payee: client.to_string() }
    }

    /// Signs a user in by the payment password; the session's secret.
    ///
    /// # Errors
    /// Those of [`members::Members::verify_payment_password`].
    pub async fn sign_in_by_password(
        &self,
        client: ClientId,
        user: UserId,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<String, Error> {
        let binding = Self::sign_in_binding(client);
        self.inner.members.verify_payment_password(user, envelope, &binding, now).await?;
        self.sign_in(user, Level::Password, now).await
    }

    /// Sends a one-time code to a phone, for signing in to answer this request. A phone that nobody
    /// has registered yet is registered: so the answer tells nobody who is a user here.
    ///
    /// # Errors
    /// `authorization_request_unknown`; those of [`members::Members::register`] and
    /// [`members::Members::send_code`].
    pub async fn send_code(
        &self,
        handle: &str,
        browser: &str,
        phone: &Masked,
        now: Timestamp,
    ) -> Result<SentCode, Error> {
        self.open_request(handle, browser, now).await?;
        self.send_code_for("request", handle, phone, now).await
    }

    /// Signs in by the code that was sent to a phone for this request; the session's secret.
    ///
    /// # Errors
    /// `authorization_request_unknown`; those of [`members::Members::check_code`].
    pub async fn sign_in_by_code(
        &self,
        handle: &str,
        browser: &str,
        phone: &Masked,
        code: &str,
        now: Timestamp,
    ) -> Result<String, Error> {
        self.open_request(handle, browser, now).await?;
        let user = self.check_code_for("request", handle, phone, code, now).await?;
        self.sign_in(user, Level::Code, now).await
    }

    pub(crate) async fn send_code_for(
        &self,
        kind: &str,
        name: &str,
        phone: &Masked,
        now: Timestamp,
    ) -> Result<SentCode, Error> {
        let members = &self.inner.members;
        let user = if let Some(user) = members.user_by_phone(phone).await? {
            user
        } else {
            let new = NewUser { phone: phone.clone(), email: None, login_name: None };
            members.register(new, now).await?
        };
        let subject = self.errand(kind, name);
        Ok(members.send_code(user, CodePurpose::SignIn, &subject, now).await?)
    }

    pub(crate) async fn check_code_for(
        &self,
        kind: &str,
        name: &str,
        phone: &Masked,
        code: &str,
        now: Timestamp,
    ) -> Result<UserId, Error> {
        let members = &self.inner.members;
        let user = members.user_by_phone(phone).await?;
        let user = user.ok_or_else(|| members::Error::from(CodeRefusal::Unknown))?;
        let subject = self.errand(kind, name);
        members.check_code(user, CodePurpose::SignIn, &subject, code, now).await?;
        Ok(user)
    }

    /// What a code is bound to: one browser's one errand.
    fn errand(&self, kind: &str, name: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.hashed(&format!("errand.{kind}"), name))
    }

    /// Takes somebody for this user; the session's secret, another one each time.
    pub(crate) async fn sign_in(
        &self,
        user: UserId,
        level: Level,
        now: Timestamp,
    ) -> Result<String, Error> {
        let secret = self.secret();
        let handle = self.hashed("session", &secret);
        let until = now.plus_seconds(self.inner.config.session_seconds.into());
        let session = Session { user, level, signed_in_at: now };
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                Ok::<_, Error>(passing::add_session(txn, handle, session, until).await?)
            })
        });
        unit.await?;
        Ok(secret)
    }

    /// Who signed in with this secret; `None` once that has ended.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn session(&self, secret: &str, now: Timestamp) -> Result<Option<Session>, Error> {
        Ok(passing::session(self.db(), &self.hashed("session", secret), now).await?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn sign_out(&self, secret: &str) -> Result<(), Error> {
        let handle = self.hashed("session", secret);
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(passing::end_session(txn, &handle).await?) })
        });
        unit.await
    }
}
