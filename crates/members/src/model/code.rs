//! One-time codes: what they are for, how many and how long, and why one is refused.

use crate::keypad::Binding;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use types::{Masked, Problem, ProblemKind, Text, Timestamp};

/// How one-time codes are given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodePolicy {
    /// Seconds a code is good for.
    pub expires_seconds: u32,
    /// Wrong tries until a code is void.
    pub tries: u32,
    /// Seconds between two messages to one phone.
    pub resend_seconds: u32,
    /// Most messages to one phone on one day (Asia/Shanghai).
    pub per_phone_day: u32,
}

impl Default for CodePolicy {
    /// Five minutes, five tries, a minute between two, ten a day: fifty guesses at a million.
    fn default() -> Self {
        Self { expires_seconds: 300, tries: 5, resend_seconds: 60, per_phone_day: 10 }
    }
}

/// What a code is for; a code for one thing is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodePurpose {
    /// A second user is to be hung under this user's customer; the subject is the second user.
    Merge,
    /// The payment password is to be set anew; the subject is the user itself.
    PasswordReset,
    /// An order is to be authenticated; the subject is a digest of number, amount and payee.
    Order,
    /// A user signs in with a browser; the subject is what that browser does. Only the house itself
    /// sends it: no request may ask for one.
    SignIn,
}

impl CodePurpose {
    /// Its word, in the API and to the message channel.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::PasswordReset => "password_reset",
            Self::Order => "order",
            Self::SignIn => "sign_in",
        }
    }
}

/// The subject of a code for one order: a digest of what its password would be bound to, so that a
/// code serves no order of another number, amount or payee. Each part is led by its length.
pub(crate) fn order_subject(binding: &Binding) -> String {
    let mut digest = Sha256::new();
    let amount = binding.amount.to_string();
    for part in [binding.order.as_str(), &amount, &binding.payee] {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize())
}

/// A code on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCode {
    /// To which phone; shown masked.
    pub phone: Masked,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// From when another may be asked for.
    pub resend_at: Timestamp,
}

/// A new code of six digits from chance. A number of 64 bits is even enough over a million.
pub(crate) fn digits(chance: [u8; 8]) -> Masked {
    Masked::new(format!("{:06}", u64::from_le_bytes(chance) % 1_000_000))
}

/// Whether this has the form of a code.
pub(crate) fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The number that a code is.
pub(crate) fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| is_code(text))
}

/// Why a one-time code, sent or from an app, was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// Not six digits. Counts no try.
    #[error("a one-time code has six digits")]
    Malformed,
    /// A subject that no code can be bound to.
    #[error("a code's subject is 1 to 64 visible ASCII characters")]
    SubjectInvalid,
    /// Wrong.
    #[error("wrong one-time code; {left} tries left")]
    Wrong {
        /// Tries left until it is void.
        left: u32,
    },
    /// None was sent for this, or it was used.
    #[error("there is no one-time code for this, or it was used")]
    Unknown,
    /// One was sent for this purpose, but for another subject. Counts no try.
    #[error("the one-time code was sent for another order or subject; ask for one for this")]
    OtherSubject,
    /// Too old.
    #[error("the one-time code has expired")]
    Expired,
    /// Too many wrong tries.
    #[error("the one-time code is void after too many wrong tries")]
    Void,
    /// A code of an app whose step was used, or lies before one that was.
    #[error("this one-time code was used; wait for the app's next")]
    Used,
    /// Too many wrong tries of an app's codes.
    #[error("codes of the app are locked until {until}")]
    Locked {
        /// Until then.
        until: Timestamp,
    },
    /// The user has an app already.
    #[error("an authenticator app is set already")]
    AppSet,
    /// The user has no app, or has not confirmed it.
    #[error("no authenticator app is set")]
    AppNotSet,
    /// Asked for again too early.
    #[error("another one-time code may be asked for at {until}")]
    TooSoon {
        /// From then.
        until: Timestamp,
    },
    /// As many as one phone is sent on one day.
    #[error("a phone is sent at most {most} one-time codes a day; again at {until}")]
    DayLimit {
        /// The most.
        most: u32,
        /// From then.
        until: Timestamp,
    },
    /// The message channel does not carry it now.
    #[error("the message channel does not answer now")]
    ChannelDown,
    /// The message channel will not carry it.
    #[error("the message channel does not serve this phone")]
    ChannelRefused,
}

impl CodeRefusal {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "code_malformed",
            Self::SubjectInvalid => "code_subject_invalid",
            Self::Wrong { .. } => "code_wrong",
            Self::Unknown => "code_unknown",
            Self::OtherSubject => "code_other_subject",
            Self::Expired => "code_expired",
            Self::Void => "code_void",
            Self::Used => "code_used",
            Self::Locked { .. } => "code_locked",
            Self::AppSet => "totp_already_set",
            Self::AppNotSet => "totp_not_set",
            Self::TooSoon { .. } => "code_too_soon",
            Self::DayLimit { .. } => "code_day_limit",
            Self::ChannelDown => "code_channel_down",
            Self::ChannelRefused => "code_channel_refused",
        }
    }
}

impl From<CodeRefusal> for Problem {
    fn from(refusal: CodeRefusal) -> Self {
        let (kind, zh) = match refusal {
            CodeRefusal::Malformed => (ProblemKind::Invalid, "验证码应为六位数字".to_owned()),
            CodeRefusal::SubjectInvalid => {
                (ProblemKind::Invalid, "验证码对象应为 1 至 64 个可见 ASCII 字符".to_owned())
            }
            CodeRefusal::Wrong { left } => {
                (ProblemKind::Refused, format!("验证码错误，还可尝试 {left} 次"))
            }
            CodeRefusal::Unknown => {
                (ProblemKind::Refused, "没有用于该操作的验证码，或验证码已使用".to_owned())
            }
            CodeRefusal::OtherSubject => {
                (ProblemKind::Refused, "验证码用于其他订单或对象，请重新获取".to_owned())
            }
            CodeRefusal::Expired => (ProblemKind::Refused, "验证码已过期".to_owned()),
            CodeRefusal::Void => {
                (ProblemKind::Refused, "错误次数过多，验证码已作废，请重新获取".to_owned())
            }
            CodeRefusal::Used => {
                (ProblemKind::Refused, "该动态口令已使用，请等待下一个".to_owned())
            }
            CodeRefusal::Locked { until } => {
                (ProblemKind::Refused, format!("动态口令已锁定至 {until}"))
            }
            CodeRefusal::AppSet => (ProblemKind::Conflict, "已绑定动态口令应用".to_owned()),
            CodeRefusal::AppNotSet => (ProblemKind::Refused, "尚未绑定动态口令应用".to_owned()),
            CodeRefusal::TooSoon { until } => {
                (ProblemKind::Overloaded, format!("请于 {until} 后再获取验证码"))
            }
            CodeRefusal::DayLimit { most, until } => (
                ProblemKind::Overloaded,
                format!("每个手机号每日最多获取 {most} 次验证码，请于 {until} 后重试"),
            ),
            CodeRefusal::ChannelDown => {
                (ProblemKind::Unavailable, "短信通道暂不可用，请稍后重试".to_owned())
            }
            CodeRefusal::ChannelRefused => {
                (ProblemKind::Refused, "短信通道无法向该手机号发送".to_owned())
            }
        };
        let field = match refusal {
            CodeRefusal::Malformed
            | CodeRefusal::Wrong { .. }
            | CodeRefusal::Unknown
            | CodeRefusal::OtherSubject
            | CodeRefusal::Expired
            | CodeRefusal::Used
            | CodeRefusal::Void => Some("code".to_owned()),
            CodeRefusal::SubjectInvalid => Some("subject".to_owned()),
            _ => None,
        };
        Self { kind, code: refusal.code(), field, reason: Text::new(refusal.to_string(), zh) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::Amount;

    #[test]
    fn every_part_of_an_order_changes_its_codes_subject() {
        let of = |order: &str, fen: u64, payee: &str| {
            let amount = Amount::new(fen).expect("small");
            order_subject(&Binding { order: order.to_owned(), amount, payee: payee.to_owned() })
        };
        let good = of("o-1", 100, "mch_1");
        assert_eq!((good.len(), &good), (64, &of("o-1", 100, "mch_1")));
        for other in [
            of("o-2", 100, "mch_1"),
            of("o-1", 101, "mch_1"),
            of("o-1", 100, "mch_2"),
            of("o-1", 100, ""),
            of("o-11", 0, "0mch_1"),
        ] {
            assert_ne!(other, good);
        }
    }

    #[test]
    fn codes_are_six_digits_however_small_the_number() {
        for (chance, digits_) in [([0; 8], "000000"), ([7, 0, 0, 0, 0, 0, 0, 0], "000007")] {
            assert_eq!(digits(chance).expose(), digits_);
        }
        assert!(is_code(digits([255; 8]).expose()));
        for no_code in ["", "12345", "1234567", "12a456", "１２３４５６"] {
            assert!(!is_code(no_code), "{no_code}");
        }
    }
}
