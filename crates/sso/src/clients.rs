//! The operators' desk: clients and signing keys. It stands on the records alone, so that a command
//! can use it beside a running server.

use crate::error::Error;
use crate::model::client::{self, Client, NewClient, Proving};
use crate::store::{clients, grants};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use records::audit;
use records::{Records, Secrets};
use serde_json::json;
use std::sync::Arc;
use types::{ClientId, Masked, Problem, ProblemKind, Random, Timestamp};

/// A client's name and secret; the secret is shown once.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The client.
    pub client: ClientId,
    /// Its secret, where it proves who it is by one.
    pub secret: Option<Masked>,
}

/// Registers clients and changes keys. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// Where the tables are.
    pub records: Records,
    /// The keys that seal.
    pub secrets: Arc<Secrets>,
    /// The source of chance; must be unpredictable.
    pub random: Arc<dyn Random>,
    /// How long an access token is good for, seconds.
    pub access_seconds: u32,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

fn not_found() -> Error {
    let (en, zh) = ("there is no such client", "接入系统不存在");
    Problem::new(ProblemKind::NotFound, "client_not_found", en, zh).into()
}

impl Desk {
    /// 256 bits of chance, as text.
    pub(crate) fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Under what a token is kept: looked up by its keyed hash, how long that takes tells nothing of
    /// the token, and a stolen database opens nothing.
    pub(crate) fn hashed(&self, what: &str, token: &str) -> Vec<u8> {
        self.secrets.blind_index(&format!("sso.{what}"), token.as_bytes()).to_vec()
    }

    /// Registers a client.
    ///
    /// # Errors
    /// `client_invalid`, `redirect_uri_invalid`.
    pub async fn add_client(
        &self,
        new: NewClient,
        who: &str,
        now: Timestamp,
    ) -> Result<Credentials, Error> {
        client::check(&new)?;
        let id = ClientId::random(now, self.random.as_ref());
        let secret = (new.proving == Proving::ClientSecretBasic).then(|| self.secret());
        let hash = secret.as_deref().map(|secret| self.hashed("client_secret", secret));
        let who = who.to_owned();
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                clients::insert(txn, id, &new, hash, now).await?;
                let after = json!(new);
                let subject = id.to_string();
                audit::append(txn, &who, "client.add", &subject, None, Some(&after), now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await?;
        Ok(Credentials { client: id, secret: secret.map(Masked::new) })
    }

    /// Every client, oldest first.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn clients(&self) -> Result<Vec<Client>, Error> {
        Ok(clients::all(self.records.db()).await?.into_iter().map(|row| row.client).collect())
    }

    /// Gives a client another secret; the old one is refused from now on.
    ///
    /// # Errors
    /// `client_not_found`, also for one that has no secret.
    pub async fn rotate_secret(
        &self,
        client: ClientId,
        who: &str,
        now: Timestamp,
    ) -> Result<Masked, Error> {
        let secret = self.secret();
        let (hash, who) = (self.hashed("client_secret", &secret), who.to_owned());
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                if !clients::resecret(txn, client, hash).await? {
                    return Err(not_found());
                }
                let subject = client.to_string();
                audit::append(txn, &who, "client.secret", &subject, None, None, now).await?;
                Ok(())
            })
        });
        unit.await?;
        Ok(Masked::new(secret))
    }

    /// Puts a client out of use: it is refused from now on, and what it was granted ends.
    ///
    /// # Errors
    /// `client_not_found`, also for one that is out of use already.
    pub async fn disable_client(
        &self,
        client: ClientId,
        who: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let who = who.to_owned();
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                if !clients::disable(txn, client, now).await? {
                    return Err(not_found());
                }
                grants::revoke_of_client(txn, client, now).await?;
                let subject = client.to_string();
                audit::append(txn, &who, "client.disable", &subject, None, None, now).await?;
                Ok(())
            })
        });
        unit.await
    }
}
