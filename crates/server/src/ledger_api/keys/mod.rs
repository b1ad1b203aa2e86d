//! Ledger keys: who may use the ledger over the network, for what, and how far.
//!
//! A key is 32 bytes of chance; only its keyed hash is stored, so that whoever reads the records
//! cannot use them. Making and revoking one is a line in the audit log. A process that serves
//! sees both within a second.

mod bearer;
mod store;

pub(super) use bearer::{Poster, Reads};
pub use store::LEDGER_MIGRATIONS;

use ledger::GlCode;
use records::{Records, Secrets, audit};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, RwLock};
use tokio::time::{Duration, Instant};
use types::{Clock, Problem, ProblemKind, Random, Timestamp};

/// How long what was read of the keys is believed.
const FRESH: Duration = Duration::from_secs(1);
/// How long a name may be, characters.
const NAME_LENGTH: usize = 64;
/// What a key begins with.
const PREFIX: &str = "lk_";
/// How long a key is: its prefix and 32 bytes as hexadecimal.
const KEY_LENGTH: usize = PREFIX.len() + 64;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Lookups, history, chart, trial balance.
    Read,
    /// Opening accounts, setting controls, transactions.
    Post,
}

impl Scope {
    /// Its name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Post => "post",
        }
    }

    /// The scope of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Read, Self::Post].into_iter().find(|scope| scope.code() == code)
    }
}

/// Which accounts a key is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// All of them, customers', merchants' and channels' among them.
    WholeBook,
    /// Those on these leaves of the chart, as long as the house owns them; others do not exist for
    /// it.
    Leaves(BTreeSet<GlCode>),
}

/// A key as it is known: everything but the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerKey {
    /// The program that has it.
    pub name: String,
    /// What it is for.
    pub scopes: BTreeSet<Scope>,
    /// Which accounts it is for.
    pub reach: Reach,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The program that gets it: 1 to 64 letters, digits, `-`, `_`, `.`; never used before.
    pub name: String,
    /// What it is for; one at least.
    pub scopes: BTreeSet<Scope>,
    /// Which accounts it is for.
    pub reach: Reach,
}

/// Why a key was not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The records.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// The name has another form.
    #[error("'{name}' is no name of 1 to 64 letters, digits, '-', '_', '.'")]
    Name {
        /// The name.
        name: String,
    },
    /// It would be for nothing.
    #[error("a key is for one scope and one leaf at least")]
    Empty,
    /// The name was used before.
    #[error("there was a key of the name '{name}' before")]
    Taken {
        /// The name.
        name: String,
    },
    /// There is no such key, or it was revoked before.
    #[error("there is no key of the name '{name}' to be revoked")]
    NotFound {
        /// The name.
        name: String,
    },
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        let en = error.to_string();
        let (kind, code, field, zh) = match error {
            KeyError::Records(error) => return error.into(),
            KeyError::Name { name } => (
                ProblemKind::Invalid,
                "ledger_key_name_invalid",
                "name",
                format!("“{name}”须为 1 至 64 个字母、数字或 - _ ."),
            ),
            KeyError::Empty => (
                ProblemKind::Invalid,
                "ledger_key_empty",
                "scope",
                "密钥至少要有一项权限和一个末级科目".to_owned(),
            ),
            KeyError::Taken { name } => (
                ProblemKind::Conflict,
                "ledger_key_exists",
                "name",
                format!("名为“{name}”的密钥曾经存在"),
            ),
            KeyError::NotFound { name } => (
                ProblemKind::NotFound,
                "ledger_key_not_found",
                "name",
                format!("没有名为“{name}”的有效密钥"),
            ),
        };
        Self::new(kind, code, en, zh).at(field)
    }
}

/// Keys by their keyed hash, and when they were read.
struct Seen {
    at: Instant,
    keys: HashMap<[u8; 32], Arc<LedgerKey>>,
}

/// The keys of a book. Cheap to clone.
#[derive(Clone)]
pub struct LedgerKeys {
    records: Records,
    secrets: Arc<Secrets>,
    clock: Arc<dyn Clock>,
    seen: Arc<RwLock<Option<Seen>>>,
}

impl LedgerKeys {
    /// The keys in these records, which were opened with [`LEDGER_MIGRATIONS`].
    pub fn new(records: Records, secrets: Arc<Secrets>, clock: Arc<dyn Clock>) -> Self {
        Self { records, secrets, clock, seen: Arc::default() }
    }

    /// Makes a key and gives it away: it cannot be shown again.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn make(
        &self,
        new: NewKey,
        actor: &str,
        random: &dyn Random,
    ) -> Result<String, KeyError> {
        let NewKey { name, scopes, reach } = new;
        let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > NAME_LENGTH || !name.chars().all(known) {
            return Err(KeyError::Name { name: name.chars().take(NAME_LENGTH).collect() });
        }
        if scopes.is_empty() || matches!(&reach, Reach::Leaves(leaves) if leaves.is_empty()) {
            return Err(KeyError::Empty);
        }
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        let key = format!("{PREFIX}{}", hex::encode(bytes));
        let hash = self.hash(&key);
        let created_at = self.clock.now();
        let row = LedgerKey { name, scopes, reach, created_at, revoked_at: None };
        let actor = actor.to_owned();
        self.records
            .write(move |txn| {
                Box::pin(async move {
                    if store::all(txn).await?.iter().any(|(_, known)| known.name == row.name) {
                        return Err(KeyError::Taken { name: row.name });
                    }
                    store::insert(txn, &row, hash).await?;
                    let after = serde_json::json!({ "scopes": row.scopes, "reach": row.reach });
                    let action = "ledger_key.make";
                    let after = Some(&after);
                    audit::append(txn, &actor, action, &row.name, None, after, created_at).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(key)
    }

    /// Takes a key out of use, for ever.
    ///
    /// # Errors
    /// [`KeyError::NotFound`], [`KeyError::Records`].
    pub async fn revoke(&self, name: &str, actor: &str) -> Result<(), KeyError> {
        let (name, actor, now) = (name.to_owned(), actor.to_owned(), self.clock.now());
        self.records
            .write(move |txn| {
                Box::pin(async move {
                    if !store::revoke(txn, &name, now).await? {
                        return Err(KeyError::NotFound { name });
                    }
                    let action = "ledger_key.revoke";
                    audit::append(txn, &actor, action, &name, None, None, now).await?;
                    Ok(())
                })
            })
            .await
    }

    /// All keys, the oldest first, those that were revoked too.
    ///
    /// # Errors
    /// The records.
    pub async fn list(&self) -> Result<Vec<LedgerKey>, records::Error> {
        Ok(store::all(self.records.db()).await?.into_iter().map(|(_, key)| key).collect())
    }

    /// The key that was sent, if it opens anything.
    async fn known(&self, key: &str) -> Result<Option<Arc<LedgerKey>>, records::Error> {
        if key.len() != KEY_LENGTH {
            return Ok(None);
        }
        // Looked up by its keyed hash: how long that takes tells nothing of the key.
        let hash = self.hash(key);
        if let Some(seen) =
            self.seen.read().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref()
            && seen.at.elapsed() < FRESH
        {
            return Ok(seen.keys.get(&hash).cloned());
        }
        let rows = store::all(self.records.db()).await?;
        let valid = rows.into_iter().filter(|(_, key)| key.revoked_at.is_none());
        let keys: HashMap<_, _> = valid.map(|(hash, key)| (hash, Arc::new(key))).collect();
        let found = keys.get(&hash).cloned();
        let mut seen = self.seen.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *seen = Some(Seen { at: Instant::now(), keys });
        Ok(found)
    }

    fn hash(&self, key: &str) -> [u8; 32] {
        self.secrets.blind_index("ledger_key", key.as_bytes())
    }
}

impl LedgerKey {
    /// Whether it is for this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}
