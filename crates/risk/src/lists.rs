//! Black, grey and white lists: what stands on them, and the copy that judging looks into.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use types::Timestamp;

use crate::Error;
use crate::catalog::{Catalog, Cell};

/// Longest value on a list, characters.
const LONGEST_VALUE: usize = 128;
/// Longest source and reason, characters.
const LONGEST_NOTE: usize = 200;

/// What kind of list an entry stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Known good: rules may treat it more gently.
    White,
    /// Suspicious: rules may treat it more strictly.
    Grey,
    /// Never again: the event is rejected whatever any rule says.
    Black,
}

impl Level {
    /// Its name in rules, in the table and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Grey => "grey",
            Self::Black => "black",
        }
    }

    /// The level of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::White, Self::Grey, Self::Black].into_iter().find(|level| level.code() == code)
    }
}

/// Which element an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// A customer id.
    Customer,
    /// A user id.
    User,
    /// An account id.
    Account,
    /// A phone, as its keyed hash.
    Phone,
    /// An identity document, as its keyed hash.
    Document,
    /// A device fingerprint.
    Device,
    /// A network address.
    Ip,
    /// An instrument token.
    Card,
    /// A merchant id.
    Merchant,
    /// The id of a user who is paid.
    PayeeUser,
}

impl Listed {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Customer,
        Self::User,
        Self::Account,
        Self::Phone,
        Self::Document,
        Self::Device,
        Self::Ip,
        Self::Card,
        Self::Merchant,
        Self::PayeeUser,
    ];

    /// The element's name in rules, in the table and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::User => "user",
            Self::Account => "account",
            Self::Phone => "phone",
            Self::Document => "document",
            Self::Device => "device",
            Self::Ip => "ip",
            Self::Card => "card",
            Self::Merchant => "merchant",
            Self::PayeeUser => "payee_user",
        }
    }

    /// The element of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|listed| listed.code() == code)
    }

    /// What people call it, in English and Chinese.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Customer => ("the customer", "客户"),
            Self::User => ("the user", "用户"),
            Self::Account => ("the account", "账户"),
            Self::Phone => ("the phone", "手机号"),
            Self::Document => ("the document", "证件"),
            Self::Device => ("the device", "设备"),
            Self::Ip => ("the network address", "网络地址"),
            Self::Card => ("the card", "卡"),
            Self::Merchant => ("the merchant", "商户"),
            Self::PayeeUser => ("the payee", "收款用户"),
        }
    }
}

/// One entry. An element's value stands on one list at most: the newer entry replaces the older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEntry {
    /// Which element.
    pub listed: Listed,
    /// Its value, 1 to 128 characters.
    pub value: String,
    /// Which list.
    pub level: Level,
    /// Who put it there: an operator, another system; 1 to 200 characters.
    pub source: String,
    /// Why; 1 to 200 characters.
    pub reason: String,
    /// In force before this moment; `None` = until removed.
    pub expires_at: Option<Timestamp>,
    /// Since when it is known.
    pub created_at: Timestamp,
}

impl ListEntry {
    /// Refuses values out of bounds.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let texts = [
            ("value", &self.value, LONGEST_VALUE),
            ("source", &self.source, LONGEST_NOTE),
            ("reason", &self.reason, LONGEST_NOTE),
        ];
        for (field, text, longest) in texts {
            let length = text.chars().count();
            if text.trim().is_empty() || length > longest || text.chars().any(char::is_control) {
                return Err(Error::ListEntry {
                    field,
                    reason: format!(
                        "{field} has between 1 and {longest} characters, none a control character"
                    ),
                    zh: format!("{field} 须为 1 至 {longest} 个字符，且不含控制字符"),
                });
            }
        }
        if self.expires_at.is_some_and(|end| end <= self.created_at) {
            return Err(Error::ListEntry {
                field: "expires_at",
                reason: "expires_at lies before the entry begins".to_owned(),
                zh: "expires_at 早于名单生效时间".to_owned(),
            });
        }
        Ok(())
    }
}

/// The copy in memory.
#[derive(Debug, Default)]
pub(crate) struct Lists(RwLock<HashMap<Listed, HashMap<String, Standing>>>);

#[derive(Debug, Clone, Copy)]
struct Standing {
    level: Level,
    expires_at: Option<Timestamp>,
}

impl Lists {
    pub(crate) fn put(&self, entry: &ListEntry) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let standing = Standing { level: entry.level, expires_at: entry.expires_at };
        lists.entry(entry.listed).or_default().insert(entry.value.clone(), standing);
    }

    pub(crate) fn take(&self, listed: Listed, value: &str) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(values) = lists.get_mut(&listed) {
            values.remove(value);
        }
    }

    /// Which of the event's elements stand on a list at that moment.
    pub(crate) fn of(
        &self,
        catalog: &Catalog,
        cells: &[Option<Cell<'_>>],
        at: Timestamp,
    ) -> BTreeMap<Listed, Level> {
        let lists = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let standing = |(listed, values): (&Listed, &HashMap<String, Standing>)| {
            let Some(Cell::Text(value)) = cells.get(catalog.listed(*listed)?)? else { return None };
            let standing = values.get(value.as_ref())?;
            let in_force = standing.expires_at.is_none_or(|end| at < end);
            in_force.then_some((*listed, standing.level))
        };
        lists.iter().filter_map(standing).collect()
    }
}
