//! Classes of personal accounts and the strength of an authentication (regulation.md, PBOC 2015 No. 43).

use serde::{Deserialize, Serialize};

/// How firmly a customer's identity stands, and with it what the account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// 一类: at least one independent external channel.
    I,
    /// 二类: at least three.
    II,
    /// 三类: at least five.
    III,
}

impl Class {
    /// Every class, lowest first.
    pub const ALL: [Self; 3] = [Self::I, Self::II, Self::III];

    /// `I`, `II`, `III`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
        }
    }

    /// The number of the class, 1 to 3.
    pub const fn number(self) -> u8 {
        match self {
            Self::I => 1,
            Self::II => 2,
            Self::III => 3,
        }
    }

    /// The class of this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::I),
            2 => Some(Self::II),
            3 => Some(Self::III),
            _ => None,
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// What a balance is used for (regulation.md: 消费, 转账, 购买投资理财等产品).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Paying a merchant.
    Consumption,
    /// Paying another user, or the holder's own bank account.
    Transfer,
    /// Investment and wealth products.
    Investment,
}

impl Purpose {
    /// Its word, also in the figures `class_<n>_uses`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Consumption => "consumption",
            Self::Transfer => "transfer",
            Self::Investment => "investment",
        }
    }
}

/// How strongly one order was authenticated; it chooses the day's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorStrength {
    /// No factor at all: a password-free payment. Counts as fewer than two.
    None,
    /// One factor, such as the payment password alone.
    Single,
    /// Two or more, none of them a certificate or an electronic signature.
    Two,
    /// Two or more, with a certificate or an electronic signature: the day's limit is by agreement.
    TwoWithSignature,
}
