//! The freeze register (登记簿): entries, their ranks, and the union that is in force.

use serde::{Deserialize, Serialize};
use types::{AccountId, CustomerId, RegisterEntryId, Timestamp, UserId};

/// What an entry bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// All users and merchants of a customer.
    Customer(CustomerId),
    /// All accounts of a user.
    User(UserId),
    /// One account.
    Account(AccountId),
}

impl Target {
    /// The target of this id: `cus_`, `usr_` or `acc_`.
    pub fn from_text(text: &str) -> Option<Self> {
        (text.parse().map(Self::Customer))
            .or_else(|_| text.parse().map(Self::User))
            .or_else(|_| text.parse().map(Self::Account))
            .ok()
    }
}

impl std::fmt::Display for Target {
    /// Its id; the prefix says what it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Customer(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
            Self::Account(id) => id.fmt(f),
        }
    }
}

/// Who may freeze and lift; a later variant outranks an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezeLevel {
    /// The holder's own request.
    Own,
    /// Risk control.
    Risk,
    /// A court or another authority (司法冻结).
    Judicial,
}

/// Which direction is barred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Nothing may leave (只收不付).
    Debit,
    /// Nothing may come in (只付不收).
    Credit,
    /// Nothing moves (不收不付).
    Both,
}

/// An entry to be made.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// What is barred.
    pub target: Target,
    /// Who does it (an operator).
    pub who: String,
    /// Why.
    pub reason: String,
    /// Number of the document that orders it; judicial freezes need one.
    pub document: Option<String>,
    /// Its rank.
    pub level: FreezeLevel,
    /// Which direction.
    pub scope: Scope,
    /// In force until then; `None`: until lifted.
    pub until: Option<Timestamp>,
}

/// An entry of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterEntry {
    /// The entry.
    pub id: RegisterEntryId,
    /// What is barred.
    pub target: Target,
    /// Who did it.
    pub who: String,
    /// Why.
    pub reason: String,
    /// Document number.
    pub document: Option<String>,
    /// Its rank.
    pub level: FreezeLevel,
    /// Which direction.
    pub scope: Scope,
    /// Since when.
    pub from: Timestamp,
    /// In force until then.
    pub until: Option<Timestamp>,
    /// When, by whom and why it was lifted.
    pub lifted: Option<Lifted>,
}

/// How an entry ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why.
    pub reason: String,
}

impl FreezeLevel {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Risk => "risk",
            Self::Judicial => "judicial",
        }
    }

    /// The level of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Own, Self::Risk, Self::Judicial].into_iter().find(|l| l.code() == code)
    }
}

impl Scope {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Both => "both",
        }
    }

    /// The scope of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Debit, Self::Credit, Self::Both].into_iter().find(|s| s.code() == code)
    }
}

impl RegisterEntry {
    /// Whether it is in force at `now`.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.lifted.is_none() && self.until.is_none_or(|until| now < until)
    }
}

/// What several entries bar together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Barred {
    /// Nothing may leave.
    pub debits: bool,
    /// Nothing may come in.
    pub credits: bool,
    /// The highest rank among them.
    pub strongest: Option<FreezeLevel>,
}

/// The union of the entries in force at `now`.
pub fn union<'a>(entries: impl IntoIterator<Item = &'a RegisterEntry>, now: Timestamp) -> Barred {
    let mut barred = Barred::default();
    for entry in entries.into_iter().filter(|entry| entry.in_force(now)) {
        barred.debits |= matches!(entry.scope, Scope::Debit | Scope::Both);
        barred.credits |= matches!(entry.scope, Scope::Credit | Scope::Both);
        barred.strongest = barred.strongest.max(Some(entry.level));
    }
    barred
}

/// Whether an authority of rank `by` may lift an entry of rank `level`: never a higher one.
pub fn may_lift(by: FreezeLevel, level: FreezeLevel) -> bool {
    by >= level
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(level: FreezeLevel, scope: Scope, until: Option<i64>, lifted: bool) -> RegisterEntry {
        RegisterEntry {
            id: RegisterEntryId::from_u128(1),
            target: Target::User(UserId::from_u128(1)),
            who: "op".into(),
            reason: "r".into(),
            document: None,
            level,
            scope,
            from: Timestamp::from_millis(0),
            until: until.map(Timestamp::from_millis),
            lifted: lifted.then(|| Lifted {
                at: Timestamp::from_millis(1),
                who: "op".into(),
                reason: "r".into(),
            }),
        }
    }

    #[test]
    fn what_is_in_force_is_the_union() {
        use FreezeLevel::{Judicial, Own, Risk};
        use Scope::{Both, Credit, Debit};
        let now = Timestamp::from_millis(10);
        let table = [
            (vec![], (false, false, None)),
            (vec![entry(Own, Debit, None, false)], (true, false, Some(Own))),
            (
                vec![entry(Own, Debit, None, false), entry(Risk, Credit, None, false)],
                (true, true, Some(Risk)),
            ),
            (
                vec![entry(Judicial, Both, None, true), entry(Own, Credit, None, false)],
                (false, true, Some(Own)),
            ),
            (vec![entry(Judicial, Both, Some(10), false)], (false, false, None)),
            (vec![entry(Judicial, Both, Some(11), false)], (true, true, Some(Judicial))),
        ];
        for (entries, expected) in table {
            let barred = union(&entries, now);
            assert_eq!((barred.debits, barred.credits, barred.strongest), expected);
        }
    }

    #[test]
    fn nobody_lifts_what_outranks_him() {
        use FreezeLevel::{Judicial, Own, Risk};
        for (by, level, may) in [
            (Own, Own, true),
            (Own, Risk, false),
            (Risk, Own, true),
            (Risk, Judicial, false),
            (Judicial, Judicial, true),
        ] {
            assert_eq!(may_lift(by, level), may, "{by:?} {level:?}");
        }
    }
}
