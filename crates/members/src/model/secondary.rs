//! Primary and secondary users (主副用户): whose payment password may open whose orders.
//!
//! Both hang under one customer, and the relation is one step deep: a secondary has no
//! secondaries, so there is neither a chain nor a circle.

use types::{CustomerId, Problem, ProblemKind, Timestamp, UserId};

/// A secondary and its primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secondary {
    /// The secondary: whose orders may be opened.
    pub user: UserId,
    /// Its primary: whose payment password may open them.
    pub primary: UserId,
    /// Since when.
    pub since: Timestamp,
}

/// A user as the rules look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// The user.
    pub user: UserId,
    /// Its customer.
    pub customer: Option<CustomerId>,
    /// Its primary.
    pub primary: Option<UserId>,
    /// How many secondaries it has.
    pub secondaries: usize,
}

/// Whether `secondary` may become one of `primary`; false if it is one already.
///
/// # Errors
/// The first of these that holds: [`SecondaryRefusal::OtherCustomer`],
/// [`SecondaryRefusal::HasPrimary`], [`SecondaryRefusal::Chain`], [`SecondaryRefusal::TooMany`].
pub fn may_link(primary: Side, secondary: Side, most: u32) -> Result<bool, SecondaryRefusal> {
    if secondary.customer.is_none() || secondary.customer != primary.customer {
        return Err(SecondaryRefusal::OtherCustomer);
    }
    if secondary.primary == Some(primary.user) {
        return Ok(false);
    }
    if secondary.primary.is_some() {
        return Err(SecondaryRefusal::HasPrimary);
    }
    if secondary.user == primary.user || primary.primary.is_some() || secondary.secondaries > 0 {
        return Err(SecondaryRefusal::Chain);
    }
    if primary.secondaries >= usize::try_from(most).unwrap_or(usize::MAX) {
        return Err(SecondaryRefusal::TooMany { most });
    }
    Ok(true)
}

/// Why something about primary and secondary users is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecondaryRefusal {
    /// They do not hang under the same customer. Says nothing of whether the other exists.
    #[error("the two users are not of one customer")]
    OtherCustomer,
    /// The secondary has another primary.
    #[error("the user has a primary user already")]
    HasPrimary,
    /// It would be a chain or a circle.
    #[error("a secondary user has no secondaries, and nobody is its own")]
    Chain,
    /// The primary has as many as it may.
    #[error("the primary user has {most} secondaries already")]
    TooMany {
        /// The most.
        most: u32,
    },
    /// The primary is frozen.
    #[error("the primary user may not act now")]
    Barred,
    /// There is no such relation.
    #[error("the user has no such primary user")]
    NotSet,
}

impl SecondaryRefusal {
    /// The stable code, one line of docs/reference/errors.md.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherCustomer => "secondary_other_customer",
            Self::HasPrimary => "secondary_has_primary",
            Self::Chain => "secondary_chain",
            Self::TooMany { .. } => "secondaries_exceeded",
            Self::Barred => "primary_barred",
            Self::NotSet => "primary_not_set",
        }
    }
}

impl From<SecondaryRefusal> for Problem {
    fn from(refusal: SecondaryRefusal) -> Self {
        let zh = match refusal {
            SecondaryRefusal::OtherCustomer => "两个用户不属于同一客户".to_owned(),
            SecondaryRefusal::HasPrimary => "该用户已有主用户".to_owned(),
            SecondaryRefusal::Chain => "副用户不得再有副用户，用户不得为自己的副用户".to_owned(),
            SecondaryRefusal::TooMany { most } => {
                format!("该主用户已有 {most} 个副用户，达到上限")
            }
            SecondaryRefusal::Barred => "主用户当前不可用".to_owned(),
            SecondaryRefusal::NotSet => "该用户没有此主用户".to_owned(),
        };
        let kind = match refusal {
            SecondaryRefusal::HasPrimary => ProblemKind::Conflict,
            _ => ProblemKind::Refused,
        };
        Self::new(kind, refusal.code(), refusal.to_string(), zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(user: u128, primary: Option<u128>, secondaries: usize) -> Side {
        Side {
            user: UserId::from_u128(user),
            customer: Some(CustomerId::from_u128(1)),
            primary: primary.map(UserId::from_u128),
            secondaries,
        }
    }

    #[test]
    fn one_step_deep_and_under_one_customer() {
        use SecondaryRefusal::{Chain, HasPrimary, OtherCustomer, TooMany};
        let other = Side { customer: Some(CustomerId::from_u128(2)), ..side(2, None, 0) };
        let nobodys = Side { customer: None, ..side(2, None, 0) };
        let table = [
            (side(1, None, 0), side(2, None, 0), Ok(true)),
            (side(1, None, 2), side(2, Some(1), 0), Ok(false)),
            (side(1, None, 1), side(2, None, 0), Ok(true)),
            (side(1, None, 2), side(2, None, 0), Err(TooMany { most: 2 })),
            (side(1, None, 0), other, Err(OtherCustomer)),
            (side(1, None, 0), nobodys, Err(OtherCustomer)),
            (Side { customer: None, ..side(1, None, 0) }, nobodys, Err(OtherCustomer)),
            (side(1, None, 0), side(2, Some(3), 0), Err(HasPrimary)),
            (side(1, None, 0), side(1, None, 0), Err(Chain)),
            (side(1, Some(3), 0), side(2, None, 0), Err(Chain)),
            (side(1, Some(2), 0), side(2, None, 1), Err(Chain)),
            (side(1, None, 0), side(2, None, 1), Err(Chain)),
        ];
        for (primary, secondary, expected) in table {
            assert_eq!(may_link(primary, secondary, 2), expected, "{primary:?} {secondary:?}");
        }
    }
}
