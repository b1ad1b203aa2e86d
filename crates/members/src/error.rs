//! Why members refuse, each with a stable code.

use crate::model::class::Class;
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
        /// `user`, `customer`, `merchant`, `register_entry`, `account`.
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
    /// The user is verified as somebody else, or asks for what it is already.
    #[error("the user is verified already")]
    AlreadyVerified,
    /// The user is not verified yet.
    #[error("the user is not verified")]
    NotVerified,
    /// The merge was not authorised: wrong password, wrong user, or nothing to merge.
    #[error("the merge was not authorised")]
    MergePasswordWrong,
    /// The customer has as many users as it may.
    #[error("the customer has {most} users already")]
    TooManyUsers {
        /// The most.
        most: u32,
    },
    /// A limit does not allow the amount.
    #[error("limit {code}: {limit} allowed, {used} used, {left} left")]
    LimitExceeded {
        /// Which limit: `life`, `year`, `day_two_factors`, `day_one_factor`, `agreement_day`, `agreement_order`.
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
    /// The register bars it. To the holder: no more than that.
    #[error("frozen ({code})")]
    Frozen {
        /// The stable code: `customer_frozen`, `user_frozen`, `account_frozen`.
        code: &'static str,
    },
    /// A higher level is needed to lift this.
    #[error("an entry of this level cannot be lifted so")]
    LiftRefused,
    /// The records refused or failed.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// A fault of ours or of what we depend on; the log has the detail.
    #[error("fault: {0}")]
    Fault(String),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::new(ProblemKind::Internal, "members_fault", error.to_string(), "会员系统内部错误")
    }
}
