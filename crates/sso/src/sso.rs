//! The door of the room: what it is made of, and how it opens.

use crate::clients::{Credentials, Desk};
use crate::config::Config;
use crate::error::Error;
use crate::keys::Ring;
use crate::model::client::NewClient;
use crate::model::level::Level;
use crate::relying::Relying;
use crate::store::passing;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use members::Members;
use records::{Records, Secrets};
use sea_orm::DatabaseConnection;
use std::sync::{Arc, RwLock};
use types::{ClientId, Problem, ProblemKind, Random, Timestamp, UserId};

/// Rows removed of each table in one go: other writers wait meanwhile.
const SWEPT: u32 = 1_000;

/// What the room is made of.
pub struct Parts {
    /// Where its tables are.
    pub records: Records,
    /// Users, their credentials and agreements.
    pub members: Members,
    /// The keys that seal.
    pub secrets: Arc<Secrets>,
    /// What the installation decides.
    pub config: Config,
    /// The issuer, where the configuration names none.
    pub default_issuer: String,
    /// The source of chance; must be unpredictable.
    pub random: Arc<dyn Random>,
}

/// The room; clones share it.
#[derive(Clone)]
pub struct Sso {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) desk: Desk,
    pub(crate) members: Members,
    pub(crate) config: Config,
    pub(crate) issuer: String,
    pub(crate) ring: RwLock<Ring>,
    pub(crate) relying: Relying,
}

/// https; http only on this very machine, for trials.
fn check_issuer(issuer: &str) -> Result<(), Problem> {
    let sound = reqwest::Url::parse(issuer).is_ok_and(|url| {
        let local = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let plain = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        plain && (url.scheme() == "https" || url.scheme() == "http" && local)
    });
    if sound && !issuer.ends_with('/') {
        return Ok(());
    }
    Err(Problem::new(
        ProblemKind::Invalid,
        "issuer_invalid",
        format!("'{issuer}' can be no issuer: an https address without slash at its end, query or fragment"),
        format!("“{issuer}”不能作为签发者：须为 https 地址，末尾不带斜杠，且不含查询或片段"),
    )
    .at("sso.issuer"))
}

impl Sso {
    /// Opens the room on records that have had [`crate::MIGRATIONS`]; makes the first signing key.
    ///
    /// # Errors
    /// `issuer_invalid`, `provider_invalid`; those of the records.
    pub async fn open(parts: Parts, now: Timestamp) -> Result<Self, Error> {
        let issuer = parts.config.issuer.clone().unwrap_or(parts.default_issuer);
        check_issuer(&issuer)?;
        let relying = Relying::new(&parts.config, &issuer)?;
        let sso = Self {
            inner: Arc::new(Inner {
                desk: Desk {
                    records: parts.records,
                    secrets: parts.secrets,
                    random: parts.random,
                    access_seconds: parts.config.access_seconds,
                },
                members: parts.members,
                config: parts.config,
                issuer,
                ring: RwLock::default(),
                relying,
            }),
        };
        sso.load_keys(now).await?;
        if sso.signs_since().is_none() {
            sso.rotate_keys("system", now).await?;
        }
        Ok(sso)
    }

    /// The operators' desk.
    pub fn desk(&self) -> &Desk {
        &self.inner.desk
    }

    /// Registers a client, at the desk; the merchant that it is paid for must be there.
    ///
    /// # Errors
    /// Those of [`Desk::add_client`], `merchant_not_found`.
    pub async fn add_client(
        &self,
        new: NewClient,
        who: &str,
        now: Timestamp,
    ) -> Result<Credentials, Error> {
        if let Some(terms) = new.password_free
            && self.inner.members.merchant(terms.merchant).is_none()
        {
            return Err(members::Error::NotFound { what: "merchant" }.into());
        }
        self.desk().add_client(new, who, now).await
    }

    /// Lets another key sign at once.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn rotate_keys(&self, who: &str, now: Timestamp) -> Result<String, Error> {
        let kid = self.desk().rotate_keys(who, now).await?;
        self.load_keys(now).await?;
        Ok(kid)
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// What has to be done from time to time: takes up keys that another process made, lets another
    /// key sign when the time has come, removes what has ended.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn keep(&self, now: Timestamp) -> Result<(), Error> {
        self.load_keys(now).await?;
        let days = i64::from(self.inner.config.key_days).saturating_mul(86_400);
        if self.signs_since().is_none_or(|since| since.plus_seconds(days) <= now) {
            self.rotate_keys("system", now).await?;
        }
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(passing::sweep(txn, now, SWEPT).await?) })
        });
        unit.await.map(drop)
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        self.inner.desk.records.db()
    }

    pub(crate) fn secret(&self) -> String {
        self.inner.desk.secret()
    }

    pub(crate) fn hashed(&self, what: &str, token: &str) -> Vec<u8> {
        self.inner.desk.hashed(what, token)
    }

    /// How a client knows a user: another name for each client, so that two of them cannot find out
    /// that they have a user in common.
    pub(crate) fn subject(&self, client: ClientId, user: UserId) -> String {
        let of = format!("{client}|{user}");
        URL_SAFE_NO_PAD.encode(self.inner.desk.secrets.blind_index("sso.subject", of.as_bytes()))
    }
}

/// `acr`: how surely somebody signed in.
pub(crate) fn acr(level: Level) -> String {
    level.number().to_string()
}

/// Whole seconds since 1970, as tokens count.
pub(crate) fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1_000)
}

impl std::fmt::Debug for Sso {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sso").field("issuer", &self.inner.issuer).finish_non_exhaustive()
    }
}
