//! The door of the room: what it is made of, and how it opens.

use crate::cache::Cache;
use crate::device_keys::DeviceKeysConfig;
use crate::directory::Directory;
use crate::error::Error;
use crate::freezing::Frozen;
use crate::hasher::{HashCost, Hasher};
use crate::keypad_keys::KeypadKeys;
use crate::messages::Messenger;
use crate::model::agreement::{Agreement, AgreementKind};
use crate::model::class::Class;
use crate::model::code::CodePolicy;
use crate::model::issuers::Issuers;
use crate::model::level::LeastLevel;
use crate::model::lockout::LockPolicy;
use crate::model::people::Payer;
use crate::model::regulation::Regulation;
use crate::quotas::Quotas;
use crate::store;
use crate::verification::Provider;
use bookkeeper::Bookkeeper;
use ledger::{Assets, Command, Flags, GlCode, NewAccount, Owner, Templates};
use money::{Amount, AssetId};
use records::{Records, Secrets};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{AccountId, CustomerId, MerchantId, Random, Timestamp, UserId};

/// What an institution decides about its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MembersConfig {
    /// Youngest age for a real name, in full years.
    pub min_age: u32,
    /// Most users of one customer that is a person.
    pub most_users: u32,
    /// Most users of one organisation; never more than 1,000.
    pub most_organisation_users: u32,
    /// Most merchants of one organisation.
    pub most_merchants: u32,
    /// Most secondaries of one primary user.
    pub most_secondaries: u32,
    /// Cost of a password hash.
    pub password_hash: HashCost,
    /// Tries of a payment password, and its locks.
    pub password_lock: LockPolicy,
    /// The most that a gesture alone may pay, fen.
    pub gesture_most: Amount,
    /// One-time codes by message.
    pub codes: CodePolicy,
    /// Device keys.
    pub device_keys: DeviceKeysConfig,
    /// Seconds an envelope's one-time value, and the envelope itself, are good for.
    pub envelope_seconds: u32,
    /// Seconds that a key of the key pad is in use; then another takes its place.
    pub keypad_rotate_seconds: u32,
    /// Seconds that a key of the key pad still opens after it was rotated away.
    pub keypad_grace_seconds: u32,
    /// Seconds within which checks of an unverified user add up.
    pub evidence_seconds: u32,
    /// The least level of at least one check, by class.
    pub least_level: LeastLevel,
}

impl Default for MembersConfig {
    fn default() -> Self {
        Self {
            min_age: 16,
            most_users: 5,
            most_organisation_users: 50,
            most_merchants: 100,
            most_secondaries: 4,
            password_hash: HashCost::default(),
            password_lock: LockPolicy::default(),
            // CNY 200, far below the most of an amount.
            gesture_most: Amount::new(20_000).unwrap_or(Amount::ZERO),
            codes: CodePolicy::default(),
            device_keys: DeviceKeysConfig::default(),
            envelope_seconds: 300,
            // 30 days.
            keypad_rotate_seconds: 2_592_000,
            keypad_grace_seconds: 86_400,
            evidence_seconds: 86_400,
            least_level: LeastLevel::default(),
        }
    }
}

/// What the room is made of.
pub struct Parts {
    /// Where its tables are.
    pub records: Records,
    /// The book in which its accounts stand.
    pub bookkeeper: Bookkeeper,
    /// The keys that seal personal data.
    pub secrets: Arc<Secrets>,
    /// Posting templates: quotas are granted and reset by them.
    pub templates: Arc<Templates>,
    /// The assets that quotas count in.
    pub assets: Arc<Assets>,
    /// What the institution decides.
    pub config: MembersConfig,
    /// What the regulators decide.
    pub regulation: Regulation,
    /// Card issuers.
    pub issuers: Issuers,
    /// Verification providers.
    pub providers: Vec<Arc<dyn Provider>>,
    /// What carries one-time codes; without it none is sent.
    pub messenger: Option<Arc<dyn Messenger>>,
    /// The source of chance; must be unpredictable, keys are made of it.
    pub random: Arc<dyn Random>,
}

/// The members room; clones share it.
#[derive(Clone)]
pub struct Members {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) records: Records,
    pub(crate) bookkeeper: Bookkeeper,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) config: MembersConfig,
    pub(crate) regulation: Regulation,
    pub(crate) issuers: Issuers,
    pub(crate) providers: Vec<Arc<dyn Provider>>,
    pub(crate) messenger: Option<Arc<dyn Messenger>>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) hasher: Hasher,
    pub(crate) keypad: KeypadKeys,
    /// Who device keys are registered with.
    pub(crate) party: webauthn::RelyingParty,
    pub(crate) leaves: Leaves,
    pub(crate) quotas: Quotas,
    pub(crate) merchants: Directory,
    pub(crate) frozen: Frozen,
    /// Accounts are opened under its read half and freezes made under its write half, so that no
    /// account slips in while its customer is being frozen.
    pub(crate) gate: tokio::sync::RwLock<()>,
    pub(crate) payers: Cache<UserId, Payer>,
    pub(crate) classes: Cache<CustomerId, Option<Class>>,
    pub(crate) agreements: Cache<(UserId, MerchantId, AgreementKind), Option<Agreement>>,
}

/// The leaves under which this room opens accounts.
pub(crate) struct Leaves {
    balances: [GlCode; 3],
    pub(crate) pending: GlCode,
    pub(crate) settled: GlCode,
}

impl Leaves {
    fn find(bookkeeper: &Bookkeeper) -> Result<Self, Error> {
        let chart = bookkeeper.chart();
        let role = |role: &str| {
            chart.role(role).ok_or_else(|| Error::fault("chart of accounts lacks the role", &role))
        };
        Ok(Self {
            balances: [
                role("customer_balance_1")?,
                role("customer_balance_2")?,
                role("customer_balance_3")?,
            ],
            pending: role("merchant_pending")?,
            settled: role("merchant_settled")?,
        })
    }

    /// The leaf of a cash account opened under this class.
    pub(crate) const fn balance(&self, class: Class) -> GlCode {
        let [one, two, three] = self.balances;
        match class {
            Class::I => one,
            Class::II => two,
            Class::III => three,
        }
    }
}

impl Members {
    /// Opens the room on records that have had [`crate::MIGRATIONS`]. What a crash left half told
    /// to the book is told again before this returns.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a hash cost that does not exist; [`Error::Fault`] for a chart,
    /// templates or assets that lack what the room needs; those of the records and the book.
    pub async fn open(parts: Parts, now: Timestamp) -> Result<Self, Error> {
        let hasher = Hasher::new(parts.secrets.pepper(), parts.config.password_hash)?;
        let grace = i64::from(parts.config.keypad_grace_seconds);
        let (secrets, random) = (&parts.secrets, parts.random.as_ref());
        let keypad = KeypadKeys::load(&parts.records, secrets, random, grace, now).await?;
        let members = Self {
            inner: Arc::new(Inner {
                leaves: Leaves::find(&parts.bookkeeper)?,
                quotas: Quotas::new(parts.templates, &parts.assets)?,
                merchants: Directory::load(parts.records.db()).await?,
                frozen: Frozen::load(parts.records.db()).await?,
                records: parts.records,
                bookkeeper: parts.bookkeeper,
                secrets: parts.secrets,
                party: parts.config.device_keys.relying_party()?,
                config: parts.config,
                regulation: parts.regulation,
                issuers: parts.issuers,
                providers: parts.providers,
                messenger: parts.messenger,
                random: parts.random,
                hasher,
                keypad,
                gate: tokio::sync::RwLock::new(()),
                payers: Cache::new(),
                classes: Cache::new(),
                agreements: Cache::new(),
            }),
        };
        members.inner.quotas.carry(&store::carried::all(members.db()).await?);
        members.reopen_merchants(now).await?;
        members.tell_register(now).await?;
        Ok(members)
    }

    /// The regulators' figures.
    pub fn regulation(&self) -> &Regulation {
        &self.inner.regulation
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        self.inner.records.db()
    }

    /// Hands commands to the book; a refusal is a fault, as these never depend on a balance.
    pub(crate) async fn book(&self, commands: Vec<Command>) -> Result<(), Error> {
        for outcome in self.inner.bookkeeper.submit(commands).await? {
            outcome.receipt().map_err(|refusal| Error::fault("the book", &refusal.code()))?;
        }
        Ok(())
    }

    /// A customer's or merchant's account under this leaf, as the chart wants it flagged.
    pub(crate) fn new_account(
        &self,
        id: AccountId,
        leaf: GlCode,
        asset: AssetId,
        owner: Owner,
    ) -> NewAccount {
        let flags = self.inner.bookkeeper.chart().flags(leaf);
        NewAccount { id, asset, leaf, owner, flags: Flags { history: true, ..flags } }
    }

    pub(crate) fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.inner.random.fill(&mut bytes);
        bytes
    }
}

/// Runs work that has a half-way - records written, the book or a cache not yet told - to its end,
/// even if the caller goes away: a closed connection drops its handler's future.
pub(crate) async fn to_the_end<T, F>(work: F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Send + 'static,
{
    tokio::spawn(work).await.map_err(|e| Error::fault("a task of members", &e))?
}

impl std::fmt::Debug for Members {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Members").finish_non_exhaustive()
    }
}
