//! The chart of accounts (科目表, `books/chart.toml`).

use crate::account::{Flags, NewAccount, Side};
use crate::books::BooksError;
use money::AssetId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{AccountId, Text};

/// The code of a GL account (科目代码), e.g. 201101.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GlCode(pub u32);

impl std::fmt::Display for GlCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The class of a GL account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// 资产.
    Asset,
    /// 负债.
    Liability,
    /// 共同.
    Common,
    /// 所有者权益.
    Equity,
    /// 收入.
    Income,
    /// 费用.
    Expense,
    /// 表外: counts something that is no money (quotas).
    Memo,
}

/// Whose money a leaf counts. Both sides of a posting lie in the same fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fund {
    /// The customers' (客户备付金).
    Reserve,
    /// The institution's own (自有资金).
    Own,
    /// Nobody's: off the balance sheet (表外).
    Memo,
}

/// One GL account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its code.
    pub code: GlCode,
    /// Its name.
    pub name: Text,
    /// Its class.
    pub class: Class,
    /// The side it normally stands on.
    pub normal: Side,
    /// The node it rolls up into.
    pub parent: Option<GlCode>,
    /// How far it is from the top, from 0.
    pub depth: u8,
    /// Whose money; leaves only.
    pub fund: Option<Fund>,
    /// The name by which code and templates know it; leaves only.
    pub role: Option<String>,
    /// Whether accounts on it may be overdrawn; leaves only.
    pub overdraft: bool,
    /// The assets in which the house itself owns one account on it; leaves only.
    pub house: Vec<AssetId>,
    /// The role of another leaf whose balance always equals this one's; leaves only.
    pub mirror: Option<String>,
    /// Whether it has no children: accounts may only hang under leaves.
    pub leaf: bool,
}

/// All GL accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    nodes: BTreeMap<GlCode, Node>,
    roles: BTreeMap<String, GlCode>,
}

/// The id of the house's own account on a leaf: the same in every book.
pub fn house_account(role: &str, asset: AssetId) -> AccountId {
    AccountId::of(&[b"house", role.as_bytes(), &asset.0.to_be_bytes()])
}

impl Chart {
    /// Reads and checks `books/chart.toml`.
    pub fn parse(toml: &str, file: &str) -> Result<Self, BooksError> {
        let _ = (toml, file);
        unimplemented!()
    }

    /// All nodes by code, a parent before its children.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The node of this code.
    pub fn node(&self, code: GlCode) -> Option<&Node> {
        self.nodes.get(&code)
    }

    /// The leaf of this code; `None` for parents and unknown codes.
    pub fn leaf(&self, code: GlCode) -> Option<&Node> {
        self.nodes.get(&code).filter(|n| n.leaf)
    }

    /// The code of the leaf with this role.
    pub fn role(&self, role: &str) -> Option<GlCode> {
        self.roles.get(role).copied()
    }

    /// The direct children of a node.
    pub fn children(&self, code: GlCode) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(move |n| n.parent == Some(code))
    }

    /// The flags an account on this leaf should be opened with: no overdraft where the leaf
    /// allows none, and its history kept.
    pub fn flags(&self, leaf: GlCode) -> Flags {
        let _ = leaf;
        unimplemented!()
    }

    /// The accounts the house itself needs: one for every leaf and asset that says so.
    pub fn house_accounts(&self) -> Vec<NewAccount> {
        unimplemented!()
    }
}
