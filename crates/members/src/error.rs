//! Why members refuse, each with a stable code.

use crate::model::class::{Class, Purpose};
use crate::model::code::CodeRefusal;
use crate::model::device_state::Integrity;
use crate::model::gesture::GestureRefusal;
use crate::model::level::Level;
use crate::model::organisation::OrganisationRefusal;
use crate::model::secondary::SecondaryRefusal;
use money::Amount;
use types::{Problem, ProblemKind, Text, Timestamp};

/// Why the room refused or failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// An input is not of its form.
    #[error("{code} ({field}): {}", reason.en)]
    Invalid {
        /// The input.
        field: &'static str,
        /// The stable code.
        code: &'static str,
        /// Which rule, and what is wrong.
        reason: Text,
    },
    /// A key that must be unique is taken.
    #[error("{code} ({field})")]
    Taken {
        /// The input.
        field: &'static str,
        /// The stable code: `phone_taken`, `login_name_taken`, `email_taken`, `merchant_exists`.
        code: &'static str,
    },
    /// There is none of this id.
    #[error("{what} not found")]
    NotFound {
        /// `user`, `customer`, `merchant`, `payee`, `register_entry`, `device_key`, `account`.
        what: &'static str,
    },
    /// A provider says the claim is not that person's.
    #[error("the real name does not match")]
    RealNameMismatch,
    /// No provider that could prove it answers now.
    #[error("no provider answers now")]
    ProviderDown,
    /// The evidence offered does not reach the class wanted.
    #[error("class {wanted} needs {needed} channels; the claim can prove {possible}")]
    ClassInsufficient {
        /// The class wanted.
        wanted: Class,
        /// Channels it needs.
        needed: u32,
        /// Channels known plus those the claim could add.
        possible: u32,
    },
    /// No check that the evidence allows makes as sure as the class wanted needs.
    #[error("class {wanted} needs a check of level {}; the claim allows none", needed.code())]
    LevelInsufficient {
        /// The class wanted.
        wanted: Class,
        /// The level it needs.
        needed: Level,
    },
    /// The user is verified as somebody else, or asks for what it is already.
    #[error("the user is verified already")]
    AlreadyVerified,
    /// The user is not verified yet.
    #[error("the user is not verified")]
    NotVerified,
    /// The user is its customer's only one: there is nothing to split.
    #[error("no other user hangs under its customer")]
    NotMerged,
    /// An approval was refused.
    #[error(transparent)]
    Approval(#[from] records::approvals::Refused),
    /// The merge was not authorised: wrong password, wrong user, or nothing to merge.
    #[error("the merge was not authorised")]
    MergePasswordWrong,
    /// The customer has as many users as it may.
    #[error("the customer has {most} users already")]
    TooManyUsers {
        /// The most.
        most: u32,
    },
    /// A balance of this class may not be used so.
    #[error("an account of class {class} may not be used for {}", purpose.code())]
    UseNotAllowed {
        /// The account's class.
        class: Class,
        /// What for.
        purpose: Purpose,
    },
    /// A limit does not allow the amount.
    #[error("limit {code}: {limit} allowed, {used} used, {left} left")]
    LimitExceeded {
        /// Which limit: `life`, `year`, `day_two_factors`, `day_one_factor`, `agreement_day`,
        /// `agreement_order`.
        code: &'static str,
        /// The limit.
        limit: Amount,
        /// Used in this period.
        used: Amount,
        /// Left in this period.
        left: Amount,
        /// When it starts anew; `None`: never.
        resets_at: Option<Timestamp>,
    },
    /// No password-free agreement covers this.
    #[error("there is no password-free agreement with this merchant")]
    NoAgreement,
    /// The user has no payment password.
    #[error("no payment password is set")]
    PasswordNotSet,
    /// The user has a payment password already: change it instead.
    #[error("a payment password is set already")]
    PasswordSet,
    /// The password is too easily guessed.
    #[error("the password is weak: {}", reason.en)]
    PasswordWeak {
        /// Which rule.
        reason: Text,
    },
    /// The password is wrong.
    #[error("wrong password; {left} tries left")]
    PasswordWrong {
        /// Tries left before the lock.
        left: u32,
    },
    /// Too many wrong tries.
    #[error("locked until {until}")]
    PasswordLocked {
        /// Until then.
        until: Timestamp,
    },
    /// The envelope does not open for this use.
    #[error("envelope: {}", reason.en)]
    Envelope {
        /// The stable code: `envelope_invalid`, `envelope_expired`, `nonce_unknown`.
        code: &'static str,
        /// What is wrong.
        reason: Text,
    },
    /// A one-time code is refused.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
    /// A code of an authenticator app is refused among other credentials.
    #[error(transparent)]
    AppCode(CodeRefusal),
    /// What an authenticator or its browser answered is refused.
    #[error(transparent)]
    DeviceKey(#[from] webauthn::Fault),
    /// The user has no device key.
    #[error("no device key is registered")]
    DeviceKeyNotSet,
    /// The user has as many device keys as it may.
    #[error("the user has {most} device keys already")]
    TooManyDeviceKeys {
        /// The most.
        most: u32,
    },
    /// A device in this state registers and signs nothing, by the institution's rule.
    #[error("a device whose state is '{}' is not accepted", state.word())]
    DeviceState {
        /// As its app reports it, or as it stands.
        state: Integrity,
    },
    /// A gesture password is refused.
    #[error(transparent)]
    Gesture(#[from] GestureRefusal),
    /// Something about an organisation is refused.
    #[error(transparent)]
    Organisation(#[from] OrganisationRefusal),
    /// Something about primary and secondary users is refused.
    #[error(transparent)]
    Secondary(#[from] SecondaryRefusal),
    /// A higher level is needed to lift this.
    #[error("an entry of this level cannot be lifted so")]
    LiftRefused,
    /// The records refused or failed.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// The book failed or takes nothing now.
    #[error(transparent)]
    Book(#[from] bookkeeper::Error),
    /// A fault of ours or of what we depend on; the log has the detail.
    #[error("fault: {0}")]
    Fault(String),
}

impl Error {
    /// An input that is not of its form.
    pub(crate) fn invalid(
        field: &'static str,
        code: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        Self::Invalid { field, code, reason: Text::new(en, zh) }
    }

    /// A fault of ours.
    pub(crate) fn fault(what: &str, cause: &dyn std::fmt::Display) -> Self {
        Self::Fault(format!("{what}: {cause}"))
    }

    /// The stable code, one line of docs/reference/errors.md.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { code, .. } | Self::Taken { code, .. } | Self::Envelope { code, .. } => {
                code
            }
            Self::NotFound { what } => not_found_code(what),
            Self::RealNameMismatch => "realname_mismatch",
            Self::ProviderDown => "realname_provider_down",
            Self::ClassInsufficient { .. } => "class_insufficient",
            Self::LevelInsufficient { .. } => "verification_level_insufficient",
            Self::AlreadyVerified => "already_verified",
            Self::NotVerified => "not_verified",
            Self::NotMerged => "not_merged",
            Self::Approval(refused) => refused.code(),
            Self::MergePasswordWrong => "merge_password_wrong",
            Self::TooManyUsers { .. } => "customer_users_exceeded",
            Self::UseNotAllowed { .. } => "use_not_allowed",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::NoAgreement => "agreement_missing",
            Self::PasswordNotSet => "password_not_set",
            Self::PasswordSet => "password_already_set",
            Self::PasswordWeak { .. } => "password_weak",
            Self::PasswordWrong { .. } => "password_wrong",
            Self::PasswordLocked { .. } => "password_locked",
            Self::Code(refusal) | Self::AppCode(refusal) => refusal.code(),
            Self::DeviceKey(fault) => fault.code(),
            Self::DeviceKeyNotSet => "device_key_not_set",
            Self::TooManyDeviceKeys { .. } => "device_keys_exceeded",
            Self::DeviceState { .. } => "device_state_refused",
            Self::Gesture(refusal) => refusal.code(),
            Self::Organisation(refusal) => refusal.code(),
            Self::Secondary(refusal) => refusal.code(),
            Self::LiftRefused => "lift_refused",
            Self::Records(_) | Self::Book(_) | Self::Fault(_) => "members_fault",
        }
    }
}

fn not_found_code(what: &str) -> &'static str {
    match what {
        "user" => "user_not_found",
        "customer" => "customer_not_found",
        "merchant" => "merchant_not_found",
        "payee" => "payee_not_found",
        "register_entry" => "register_entry_not_found",
        "device_key" => "device_key_not_found",
        _ => "account_not_found",
    }
}

/// Fen as yuan, for people.
fn yuan(amount: Amount) -> String {
    money::format_minor(amount.signed(), 2)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (code, en) = (error.code(), error.to_string());
        match error {
            Error::Invalid { field, reason, .. } => {
                Self { kind: ProblemKind::Invalid, code, field: Some(field.to_owned()), reason }
            }
            Error::Taken { field, .. } => taken(field, code),
            Error::NotFound { what } => not_found(what, code),
            Error::PasswordWeak { reason } => {
                let (en, zh) = (
                    format!("the payment password is weak: {}", reason.en),
                    format!("支付密码过于简单：{}", reason.zh),
                );
                Self::new(ProblemKind::Refused, code, en, zh).at("password")
            }
            Error::Envelope { reason, .. } => {
                Self { kind: ProblemKind::Invalid, code, field: Some("password".into()), reason }
            }
            Error::LimitExceeded { code: which, limit, used, left, resets_at } => {
                let (limit, used, left) = (yuan(limit), yuan(used), yuan(left));
                let anew = resets_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
                let anew_zh = resets_at.map_or_else(|| "不重置".to_owned(), |at| at.to_string());
                Self::new(
                    ProblemKind::Refused,
                    code,
                    format!("limit {which}: {limit} allowed, {used} used, {left} left, resets {anew}"),
                    format!("超出限额 {which}：限额 {limit}，已用 {used}，剩余 {left}，重置时间 {anew_zh}"),
                )
                .at("amount_minor")
            }
            Error::Code(refusal) => refusal.into(),
            Error::AppCode(refusal) => Self::from(refusal).at("app_code"),
            Error::DeviceKey(fault) => fault.into(),
            Error::Approval(cause) => cause.into(),
            Error::Gesture(refusal) => refusal.into(),
            Error::Organisation(refusal) => refusal.into(),
            Error::Secondary(refusal) => refusal.into(),
            Error::Records(cause) => cause.into(),
            Error::Book(cause) => cause.into(),
            Error::Fault(cause) => {
                tracing::error!(%cause, "fault in members");
                Self::new(
                    ProblemKind::Internal,
                    code,
                    "a fault of ours; nothing was changed",
                    "系统内部错误，未做任何更改",
                )
            }
            other => refused(&other, code, en),
        }
    }
}

fn taken(field: &str, code: &'static str) -> Problem {
    let zh = match field {
        "phone" => "该手机号已注册",
        "email" => "该邮箱已注册",
        "login_name" => "该登录名已被使用",
        "credential_id" => "该设备密钥已注册过",
        _ => "该机构已有同名商户",
    };
    Problem::new(ProblemKind::Conflict, code, format!("{field} is registered already"), zh)
        .at(field)
}

fn not_found(what: &str, code: &'static str) -> Problem {
    let zh = match what {
        "user" => "用户不存在",
        "customer" => "客户不存在",
        "merchant" => "商户不存在",
        "payee" => "收款方不存在",
        "register_entry" => "登记簿记录不存在",
        "device_key" => "设备密钥不存在",
        _ => "账户不存在",
    };
    let problem = Problem::new(ProblemKind::NotFound, code, format!("there is no such {what}"), zh);
    // The others are named by the path, or by a field of another name.
    if what == "payee" { problem.at("payee") } else { problem }
}

fn refused(error: &Error, code: &'static str, en: String) -> Problem {
    let (kind, zh) = match error {
        Error::RealNameMismatch => (ProblemKind::Refused, "实名信息不匹配".to_owned()),
        Error::ProviderDown => {
            (ProblemKind::Unavailable, "实名验证服务暂不可用，请稍后重试".to_owned())
        }
        Error::ClassInsufficient { wanted, needed, possible } => (
            ProblemKind::Refused,
            format!("{wanted} 类账户需要 {needed} 个外部渠道验证，当前信息可达到 {possible} 个"),
        ),
        Error::LevelInsufficient { wanted, needed } => {
            let level = match needed {
                Level::Low => "低",
                Level::Substantial => "中",
                Level::High => "高",
            };
            (
                ProblemKind::Refused,
                format!("{wanted} 类账户需要至少一项“{level}”强度的核验，所提供的信息无法完成"),
            )
        }
        Error::AlreadyVerified => (ProblemKind::Conflict, "用户已完成实名".to_owned()),
        Error::NotVerified => (ProblemKind::Refused, "用户尚未实名".to_owned()),
        Error::NotMerged => (ProblemKind::Refused, "该用户是其客户的唯一用户，无须拆分".to_owned()),
        Error::MergePasswordWrong => (ProblemKind::Refused, "归并授权失败".to_owned()),
        Error::TooManyUsers { most } => {
            (ProblemKind::Refused, format!("该客户已有 {most} 个用户，达到上限"))
        }
        Error::DeviceKeyNotSet => (ProblemKind::Refused, "尚未注册设备密钥".to_owned()),
        Error::TooManyDeviceKeys { most } => {
            (ProblemKind::Refused, format!("该用户已有 {most} 个设备密钥，达到上限"))
        }
        Error::DeviceState { state } => {
            let zh = match state {
                Integrity::Compromised => "设备已 root 或越狱，不予受理",
                Integrity::Unknown | Integrity::Intact => "应用未报告设备状态，不予受理",
            };
            (ProblemKind::Refused, zh.to_owned())
        }
        Error::UseNotAllowed { class, purpose } => {
            let zh = match purpose {
                Purpose::Consumption => "消费",
                Purpose::Transfer => "转账",
                Purpose::Investment => "购买投资理财等产品",
            };
            (ProblemKind::Refused, format!("{class} 类账户余额不得用于{zh}"))
        }
        Error::NoAgreement => (ProblemKind::Refused, "未与该商户签约免密支付".to_owned()),
        Error::PasswordNotSet => (ProblemKind::Refused, "尚未设置支付密码".to_owned()),
        Error::PasswordSet => (ProblemKind::Conflict, "支付密码已设置，请使用修改".to_owned()),
        Error::PasswordWrong { left } => {
            (ProblemKind::Refused, format!("支付密码错误，还可尝试 {left} 次"))
        }
        Error::PasswordLocked { until } => {
            (ProblemKind::Refused, format!("支付密码已锁定至 {until}"))
        }
        Error::LiftRefused => (ProblemKind::Forbidden, "权限不足，不能解除该级别的冻结".to_owned()),
        // Handled by the caller; kept total so that a new variant cannot be forgotten silently.
        _ => (ProblemKind::Internal, "系统内部错误".to_owned()),
    };
    Problem::new(kind, code, en, zh)
}
