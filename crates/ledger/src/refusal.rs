//! Why the book refuses, in the order in which it looks.

use money::Amount;
use types::{AccountId, BusinessDate, Problem, ProblemKind, Timestamp, TransactionId};

/// Why a command was refused. One a command: the first that applies, in the order of this enum
/// save where [`crate::Ledger::apply`] says otherwise. `posting` counts from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The batch's moment is not later than the last one's.
    TimestampNotMonotonic {
        /// The moment given.
        at: Timestamp,
        /// The last batch's.
        last: Timestamp,
    },
    /// The id is taken by another content.
    IdConflict {
        /// The id.
        id: TransactionId,
    },
    /// The account's id is taken by another content.
    AccountExists {
        /// The account.
        account: AccountId,
    },
    /// No GL account has this code.
    GlCodeUnknown {
        /// The code.
        code: u32,
    },
    /// The GL account is a parent; accounts hang under leaves.
    GlCodeNotLeaf {
        /// The code.
        code: u32,
    },
    /// Both overdraft flags at once: the account could never be used.
    FlagsConflict,
    /// A closing account still has a balance or a hold.
    AccountNotEmpty {
        /// The account.
        account: AccountId,
    },
    /// A transaction without postings that needs some.
    NoPostings,
    /// More postings than [`crate::MAX_POSTINGS`].
    TooManyPostings {
        /// How many.
        count: usize,
    },
    /// A void with postings.
    PostingsNotAllowed,
    /// More conditions than [`crate::MAX_CONDITIONS`].
    TooManyConditions {
        /// How many.
        count: usize,
    },
    /// A hold that would have ended before it began.
    ExpiryInPast {
        /// When it would end.
        expires_at: Timestamp,
    },
    /// The accounting date is closed.
    DateClosed {
        /// The date asked for.
        date: BusinessDate,
        /// The open date.
        open: BusinessDate,
    },
    /// The accounting date is not open yet.
    DateNotOpen {
        /// The date asked for.
        date: BusinessDate,
        /// The open date.
        open: BusinessDate,
    },
    /// The date to open is not after the date to close.
    DateNotAfter {
        /// The date to close.
        closing: BusinessDate,
        /// The date to open.
        opening: BusinessDate,
    },
    /// The corrected transaction does not exist.
    CorrectedNotFound {
        /// The transaction named.
        of: TransactionId,
    },
    /// No such transaction to post or void.
    PendingNotFound {
        /// The hold named.
        hold: TransactionId,
    },
    /// The transaction exists and was never a hold.
    PendingNotAHold {
        /// The hold named.
        hold: TransactionId,
    },
    /// The hold was posted before.
    PendingAlreadyPosted {
        /// The hold named.
        hold: TransactionId,
    },
    /// The hold was voided before.
    PendingAlreadyVoided {
        /// The hold named.
        hold: TransactionId,
    },
    /// The hold has run out.
    PendingExpired {
        /// The hold named.
        hold: TransactionId,
    },
    /// A posting's amount is zero.
    AmountZero {
        /// Which posting.
        posting: usize,
    },
    /// A posting debits and credits the same account.
    AccountsEqual {
        /// Which posting.
        posting: usize,
    },
    /// No such account.
    AccountNotFound {
        /// The account named.
        account: AccountId,
    },
    /// The posting names accounts the hold does not, or in another order.
    PendingMismatch {
        /// Which posting.
        posting: usize,
    },
    /// More than the hold set aside.
    AmountExceedsPending {
        /// Which posting.
        posting: usize,
        /// What is held.
        held: Amount,
    },
    /// The two accounts count different assets.
    AssetMismatch {
        /// Which posting.
        posting: usize,
    },
    /// The two accounts lie in different funds.
    FundMismatch {
        /// Which posting.
        posting: usize,
    },
    /// The account is closed.
    AccountClosed {
        /// The account.
        account: AccountId,
    },
    /// Nothing may be taken from the account.
    DebitsBlocked {
        /// The account.
        account: AccountId,
    },
    /// Nothing may be put into the account.
    CreditsBlocked {
        /// The account.
        account: AccountId,
    },
    /// A condition does not hold.
    ConditionFailed {
        /// The account.
        account: AccountId,
        /// The least balance asked for.
        at_least: Amount,
        /// The balance there is.
        balance: i128,
    },
    /// The account does not have as much.
    InsufficientAvailable {
        /// The account.
        account: AccountId,
        /// What was to be taken.
        wanted: Amount,
        /// What there is to take; negative when overdrawn.
        available: i128,
    },
    /// A sum of the account would pass 2^64 - 1.
    Overflow {
        /// The account.
        account: AccountId,
    },
}

impl Refusal {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimestampNotMonotonic { .. } => "timestamp_not_monotonic",
            Self::IdConflict { .. } => "id_conflict",
            Self::AccountExists { .. } => "account_exists",
            Self::GlCodeUnknown { .. } => "gl_code_unknown",
            Self::GlCodeNotLeaf { .. } => "gl_code_not_leaf",
            Self::FlagsConflict => "flags_conflict",
            Self::AccountNotEmpty { .. } => "account_not_empty",
            Self::NoPostings => "no_postings",
            Self::TooManyPostings { .. } => "too_many_postings",
            Self::PostingsNotAllowed => "postings_not_allowed",
            Self::TooManyConditions { .. } => "too_many_conditions",
            Self::ExpiryInPast { .. } => "expiry_in_past",
            Self::DateClosed { .. } => "date_closed",
            Self::DateNotOpen { .. } => "date_not_open",
            Self::DateNotAfter { .. } => "date_not_after",
            Self::CorrectedNotFound { .. } => "corrected_not_found",
            Self::PendingNotFound { .. } => "pending_not_found",
            Self::PendingNotAHold { .. } => "pending_not_a_hold",
            Self::PendingAlreadyPosted { .. } => "pending_already_posted",
            Self::PendingAlreadyVoided { .. } => "pending_already_voided",
            Self::PendingExpired { .. } => "pending_expired",
            Self::AmountZero { .. } => "amount_zero",
            Self::AccountsEqual { .. } => "accounts_equal",
            Self::AccountNotFound { .. } => "account_not_found",
            Self::PendingMismatch { .. } => "pending_mismatch",
            Self::AmountExceedsPending { .. } => "amount_exceeds_pending",
            Self::AssetMismatch { .. } => "asset_mismatch",
            Self::FundMismatch { .. } => "fund_mismatch",
            Self::AccountClosed { .. } => "account_closed",
            Self::DebitsBlocked { .. } => "debits_blocked",
            Self::CreditsBlocked { .. } => "credits_blocked",
            Self::ConditionFailed { .. } => "condition_failed",
            Self::InsufficientAvailable { .. } => "insufficient_available",
            Self::Overflow { .. } => "overflow",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::new(ProblemKind::Refused, refusal.code(), refusal.code(), refusal.code())
    }
}
