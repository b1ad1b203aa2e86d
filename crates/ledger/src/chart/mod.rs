//! The chart of accounts (科目表, `books/chart.toml`).

mod parse;

use crate::account::{Flags, NewAccount, Owner, Side};
use crate::books::BooksError;
use crate::lots::LotRole;
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

impl Class {
    /// The side a GL account of this class stands on unless the chart says otherwise.
    pub const fn normal(self) -> Side {
        match self {
            Self::Asset | Self::Expense => Side::Debit,
            Self::Liability | Self::Common | Self::Equity | Self::Income | Self::Memo => {
                Side::Credit
            }
        }
    }
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
    /// What it has to do with money in transit; leaves only.
    pub lots: Option<LotRole>,
    /// Whether it has no children: accounts may only hang under leaves.
    pub leaf: bool,
}

/// All GL accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// In the order of the codes as text, so that a parent stands right before its children.
    nodes: Vec<Node>,
    index: BTreeMap<GlCode, usize>,
    roles: BTreeMap<String, GlCode>,
}

/// The id of the house's own account on a leaf: the same in every book.
pub fn house_account(role: &str, asset: AssetId) -> AccountId {
    AccountId::of(&[b"house", role.as_bytes(), &asset.0.to_be_bytes()])
}

impl Chart {
    /// A hash of what past decisions hung on: which leaves there are, whose money lies on them,
    /// and on which side they stand. Names, roles and what is not a leaf may change.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for node in self.nodes.iter().filter(|node| node.leaf) {
            hasher.update(&node.code.0.to_be_bytes());
            let fund = match node.fund {
                None => 0,
                Some(Fund::Reserve) => 1,
                Some(Fund::Own) => 2,
                Some(Fund::Memo) => 3,
            };
            hasher.update(&[fund, u8::from(node.normal == Side::Debit)]);
        }
        *hasher.finalize().as_bytes()
    }

    /// Reads and checks `books/chart.toml`; the rules stand at the head of that file.
    pub fn parse(toml: &str, file: &str) -> Result<Self, BooksError> {
        parse::parse(toml, file)
    }

    fn new(mut nodes: Vec<Node>) -> Self {
        nodes.sort_by_cached_key(|node| node.code.to_string());
        let index = nodes.iter().enumerate().map(|(i, node)| (node.code, i)).collect();
        let roles = nodes.iter().filter_map(|n| Some((n.role.clone()?, n.code))).collect();
        Self { nodes, index, roles }
    }

    /// All nodes, a parent right before its children.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// The node of this code.
    pub fn node(&self, code: GlCode) -> Option<&Node> {
        self.index.get(&code).and_then(|i| self.nodes.get(*i))
    }

    /// The leaf of this code; `None` for parents and unknown codes.
    pub fn leaf(&self, code: GlCode) -> Option<&Node> {
        self.node(code).filter(|n| n.leaf)
    }

    /// The code of the leaf with this role.
    pub fn role(&self, role: &str) -> Option<GlCode> {
        self.roles.get(role).copied()
    }

    /// All roles with their leaves, by name.
    pub fn roles(&self) -> impl Iterator<Item = (&str, GlCode)> {
        self.roles.iter().map(|(role, code)| (role.as_str(), *code))
    }

    /// The direct children of a node.
    pub fn children(&self, code: GlCode) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |n| n.parent == Some(code))
    }

    /// The flags an account on this leaf should be opened with: no overdraft unless the leaf
    /// allows it, and its history kept.
    pub fn flags(&self, leaf: GlCode) -> Flags {
        let Some(node) = self.leaf(leaf) else { return Flags::default() };
        Flags {
            debits_must_not_exceed_credits: !node.overdraft && node.normal == Side::Credit,
            credits_must_not_exceed_debits: !node.overdraft && node.normal == Side::Debit,
            history: true,
        }
    }

    /// The accounts the house itself needs: one for every leaf and asset that says so.
    pub fn house_accounts(&self) -> Vec<NewAccount> {
        let mut accounts = Vec::new();
        for node in &self.nodes {
            let Some(role) = &node.role else { continue };
            accounts.extend(node.house.iter().map(|asset| NewAccount {
                id: house_account(role, *asset),
                asset: *asset,
                leaf: node.code,
                owner: Owner::House,
                flags: self.flags(node.code),
            }));
        }
        accounts
    }
}
