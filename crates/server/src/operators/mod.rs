//! Operators: the persons who work at the console and the operators' endpoints, each with a token
//! and roles of their own, so that what one asks another can decide.
//!
//! A token is 32 bytes of chance; only its keyed hash is stored, so that whoever reads the records
//! cannot use it. Adding and removing one is a line in the audit log. A process that serves sees
//! both within a second. Beside them stands the first operator, who has the token that is printed
//! at start and every role: whoever can start the program could do anything anyway.

mod store;

pub use store::OPERATOR_MIGRATIONS;

use records::{Records, Secrets, audit};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::time::{Duration, Instant};
use types::{Clock, Problem, ProblemKind, Random, Timestamp};

/// The name of the first operator, who has the token printed at start.
pub const FIRST_OPERATOR: &str = "operator";
/// Names that stand for something else in the audit log.
const RESERVED: [&str; 3] = [FIRST_OPERATOR, "system", "demo"];
/// How long what was read of the operators is believed.
const FRESH: Duration = Duration::from_secs(1);
/// How long a name may be, characters.
const NAME_LENGTH: usize = 64;
/// What a token begins with.
const PREFIX: &str = "op_";
/// How long a token is: its prefix and 32 bytes as hexadecimal.
const TOKEN_LENGTH: usize = PREFIX.len() + 64;

/// What an operator may do beside looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, and nothing else.
    Reader,
    /// Does the day's work, and asks for what needs a second person (经办).
    Maker,
    /// Decides what others have asked for (复核).
    Checker,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reader, Self::Maker, Self::Checker];

    /// Its name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Maker => "maker",
            Self::Checker => "checker",
        }
    }

    /// The role of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// An operator as stored: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorRecord {
    /// The name, as it stands in the audit log.
    pub name: String,
    /// What the operator may do.
    pub roles: BTreeSet<Role>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Since when the token opens nothing.
    pub removed_at: Option<Timestamp>,
}

/// Why an operator was not added or removed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The records.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// The name has another form, or stands for something else.
    #[error("'{name}' is no free name of 1 to 64 letters, digits, '-', '_', '.'")]
    Name {
        /// The name.
        name: String,
    },
    /// It could do nothing.
    #[error("an operator has one role at least")]
    Empty,
    /// The name was used before.
    #[error("there was an operator of the name '{name}' before")]
    Taken {
        /// The name.
        name: String,
    },
    /// There is no such operator, or it was removed before.
    #[error("there is no operator of the name '{name}' to be removed")]
    NotFound {
        /// The name.
        name: String,
    },
}

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        let en = error.to_string();
        let (kind, code, field, zh) = match error {
            OperatorError::Records(error) => return error.into(),
            OperatorError::Name { name } => (
                ProblemKind::Invalid,
                "operator_name_invalid",
                "name",
                format!("“{name}”须为 1 至 64 个字母、数字或 - _ .，且不得为保留名称"),
            ),
            OperatorError::Empty => (
                ProblemKind::Invalid,
                "operator_role_empty",
                "role",
                "操作员至少要有一个角色".to_owned(),
            ),
            OperatorError::Taken { name } => (
                ProblemKind::Conflict,
                "operator_exists",
                "name",
                format!("名为“{name}”的操作员曾经存在"),
            ),
            OperatorError::NotFound { name } => (
                ProblemKind::NotFound,
                "operator_not_found",
                "name",
                format!("没有名为“{name}”的操作员"),
            ),
        };
        Self::new(kind, code, en, zh).at(field)
    }
}

/// Operators by the keyed hash of their token, and when they were read.
struct Seen {
    at: Instant,
    by_hash: Arc<HashMap<[u8; 32], Arc<OperatorRecord>>>,
}

/// The operators of an institution. Cheap to clone.
#[derive(Clone)]
pub struct Operators {
    records: Records,
    secrets: Arc<Secrets>,
    clock: Arc<dyn Clock>,
    seen: Arc<RwLock<Option<Seen>>>,
}

impl Operators {
    /// The operators in these records, which were opened with [`OPERATOR_MIGRATIONS`].
    pub fn new(records: Records, secrets: Arc<Secrets>, clock: Arc<dyn Clock>) -> Self {
        Self { records, secrets, clock, seen: Arc::default() }
    }

    /// Adds an operator and gives the token away: it cannot be shown again.
    ///
    /// # Errors
    /// [`OperatorError`].
    pub async fn add(
        &self,
        name: String,
        roles: BTreeSet<Role>,
        actor: &str,
        random: &dyn Random,
    ) -> Result<String, OperatorError> {
        let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let formed = (1..=NAME_LENGTH).contains(&name.len()) && name.chars().all(known);
        if !formed || RESERVED.contains(&name.as_str()) {
            return Err(OperatorError::Name { name: name.chars().take(NAME_LENGTH).collect() });
        }
        if roles.is_empty() {
            return Err(OperatorError::Empty);
        }
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        let token = format!("{PREFIX}{}", hex::encode(bytes));
        let hash = self.hash(&token);
        let created_at = self.clock.now();
        let row = OperatorRecord { name, roles, created_at, removed_at: None };
        let actor = actor.to_owned();
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                if store::all(txn).await?.iter().any(|(_, known)| known.name == row.name) {
                    return Err(OperatorError::Taken { name: row.name });
                }
                store::insert(txn, &row, hash).await?;
                let after = serde_json::json!({ "roles": row.roles });
                let (action, after) = ("operator.add", Some(&after));
                audit::append(txn, &actor, action, &row.name, None, after, created_at).await?;
                Ok(())
            })
        });
        unit.await?;
        Ok(token)
    }

    /// Removes an operator, for ever: the name is not given to anybody else.
    ///
    /// # Errors
    /// [`OperatorError::NotFound`], [`OperatorError::Records`].
    pub async fn remove(&self, name: &str, actor: &str) -> Result<(), OperatorError> {
        let (name, actor, now) = (name.to_owned(), actor.to_owned(), self.clock.now());
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                if !store::remove(txn, &name, now).await? {
                    return Err(OperatorError::NotFound { name });
                }
                audit::append(txn, &actor, "operator.remove", &name, None, None, now).await?;
                Ok(())
            })
        });
        unit.await
    }

    /// All operators, the oldest first, those that were removed too.
    ///
    /// # Errors
    /// The records.
    pub async fn list(&self) -> Result<Vec<OperatorRecord>, records::Error> {
        Ok(store::all(self.records.db()).await?.into_iter().map(|(_, record)| record).collect())
    }

    /// The operator whose token was sent, if it opens anything.
    pub(crate) async fn by_token(
        &self,
        token: &str,
    ) -> Result<Option<Arc<OperatorRecord>>, records::Error> {
        if token.len() != TOKEN_LENGTH {
            return Ok(None);
        }
        // Looked up by its keyed hash: how long that takes tells nothing of the token.
        Ok(self.known().await?.get(&self.hash(token)).cloned())
    }

    /// The operator of this name with the keyed hash of its token.
    pub(crate) async fn by_name(
        &self,
        name: &str,
    ) -> Result<Option<([u8; 32], Arc<OperatorRecord>)>, records::Error> {
        let known = self.known().await?;
        let found = known.iter().find(|(_, operator)| operator.name == name);
        Ok(found.map(|(hash, operator)| (*hash, Arc::clone(operator))))
    }

    async fn known(&self) -> Result<Arc<HashMap<[u8; 32], Arc<OperatorRecord>>>, records::Error> {
        if let Some(seen) = self.seen.read().unwrap_or_else(PoisonError::into_inner).as_ref()
            && seen.at.elapsed() < FRESH
        {
            return Ok(Arc::clone(&seen.by_hash));
        }
        let rows = store::all(self.records.db()).await?;
        let valid = rows.into_iter().filter(|(_, operator)| operator.removed_at.is_none());
        let by_hash: Arc<HashMap<_, _>> =
            Arc::new(valid.map(|(hash, operator)| (hash, Arc::new(operator))).collect());
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(Seen { at: Instant::now(), by_hash: Arc::clone(&by_hash) });
        Ok(by_hash)
    }

    fn hash(&self, token: &str) -> [u8; 32] {
        self.secrets.blind_index("operator_token", token.as_bytes())
    }
}
