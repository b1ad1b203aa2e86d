//! Organisations (机构客户): the one spelling of a legal name, and who may act for one.

use types::{Problem, ProblemKind, Timestamp, UserId};

/// The longest legal name, in characters.
pub const MOST_NAME: usize = 100;
/// The longest number of a document, or reason, in characters.
const MOST_TEXT: usize = 100;

/// The one spelling of an organisation's legal name: brackets and blanks as ASCII has them, single
/// blanks, upper case. `None` if it is empty, over 100 characters, or has control characters.
pub fn canonical_legal_name(text: &str) -> Option<String> {
    let plain = text.chars().map(|c| match c {
        '（' => '(',
        '）' => ')',
        '\u{3000}' => ' ',
        other => other,
    });
    let mut name = String::new();
    for c in plain.flat_map(char::to_uppercase) {
        if c.is_control() {
            return None;
        }
        if c != ' ' || !(name.is_empty() || name.ends_with(' ')) {
            name.push(c);
        }
    }
    let name = name.trim_end().to_owned();
    (1..=MOST_NAME).contains(&name.chars().count()).then_some(name)
}

/// Whether this may be the number of an authorisation, or the reason of its end: 1 to 100
/// characters of one line.
pub fn is_authority_text(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= MOST_TEXT
        && !text.chars().any(char::is_control)
}

/// On what a user may act for its organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The user.
    pub user: UserId,
    /// Number of the document that authorises it (授权书编号).
    pub document: String,
    /// The operator who looked at the document.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Why something about an organisation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationRefusal {
    /// The customer is a person.
    #[error("the customer is no organisation")]
    NotOne,
    /// The user acts for an organisation.
    #[error("the user acts for an organisation")]
    ActsForOne,
    /// The user acts for none.
    #[error("the user acts for no organisation")]
    ActsForNone,
    /// The organisation has as many merchants as it may.
    #[error("the organisation has {most} merchants already")]
    TooManyMerchants {
        /// The most.
        most: u32,
    },
}

impl OrganisationRefusal {
    /// The stable code, one line of docs/reference/errors.md.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOne => "not_an_organisation",
            Self::ActsForOne => "user_of_organisation",
            Self::ActsForNone => "user_not_of_organisation",
            Self::TooManyMerchants { .. } => "customer_merchants_exceeded",
        }
    }
}

impl From<OrganisationRefusal> for Problem {
    fn from(refusal: OrganisationRefusal) -> Self {
        let zh = match refusal {
            OrganisationRefusal::NotOne => "该客户不是机构客户".to_owned(),
            OrganisationRefusal::ActsForOne => "该用户是机构客户的操作用户".to_owned(),
            OrganisationRefusal::ActsForNone => "该用户不是机构客户的操作用户".to_owned(),
            OrganisationRefusal::TooManyMerchants { most } => {
                format!("该机构客户已有 {most} 个商户，达到上限")
            }
        };
        let kind = match refusal {
            OrganisationRefusal::ActsForOne => ProblemKind::Conflict,
            _ => ProblemKind::Refused,
        };
        Self::new(kind, refusal.code(), refusal.to_string(), zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legal_name_has_one_spelling() {
        for (text, spelling) in [
            ("杭州茶业（集团）有限公司", Some("杭州茶业(集团)有限公司")),
            ("  Lotus \u{3000} Tea Ltd ", Some("LOTUS TEA LTD")),
            ("茶", Some("茶")),
            ("", None),
            (" \u{3000}", None),
            ("a\nb", None),
        ] {
            assert_eq!(canonical_legal_name(text).as_deref(), spelling, "{text}");
        }
        let name = |length| canonical_legal_name(&"茶".repeat(length));
        assert!(name(MOST_NAME).is_some() && name(MOST_NAME + 1).is_none());
    }

    #[test]
    fn what_authorises_is_one_short_line() {
        for (text, is) in [("授权〔2026〕1号", true), ("", false), (" ", false), ("a\tb", false)]
        {
            assert_eq!(is_authority_text(text), is, "{text}");
        }
        assert!(is_authority_text(&"x".repeat(100)) && !is_authority_text(&"x".repeat(101)));
    }
}
