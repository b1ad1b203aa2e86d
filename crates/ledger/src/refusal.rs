//! Why the book refuses, in the order in which it looks.
//!
//! There is no `unbalanced`: a posting carries its debit and its credit, so that a transaction that
//! does not balance cannot be written down. Templates, which can, are checked at load.

use money::Amount;
use std::borrow::Cow;
use types::{AccountId, BusinessDate, Problem, ProblemKind, Text, Timestamp, TransactionId};

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
    /// A correction that holds money or ends a hold: it may still come to nothing.
    CorrectionMustPost,
    /// What is corrected moved no fixed amounts of its own: a hold (correct what posted it), a
    /// void, controls, itself a reversal; to be reversed, one whose amounts gave way.
    NotCorrectable {
        /// The transaction named.
        of: TransactionId,
    },
    /// The transaction was reversed before.
    AlreadyReversed {
        /// The transaction named.
        of: TransactionId,
        /// What reversed it.
        by: TransactionId,
    },
    /// A reversal whose postings are not those it takes back, debit and credit changed over.
    ReversalMismatch {
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
    /// Settled money only, and there is less of it: the rest is in transit.
    NotSettled {
        /// Which posting.
        posting: usize,
        /// The account debited.
        account: AccountId,
        /// What was to be taken.
        wanted: Amount,
        /// What is settled and could be taken.
        settled: Amount,
    },
    /// The account is no source of lots: nothing is in transit from it.
    NotASource {
        /// The account named.
        account: AccountId,
    },
    /// The value date is not closed: more may enter on it.
    ValueDateOpen {
        /// The date named.
        date: BusinessDate,
        /// The open date.
        open: BusinessDate,
    },
}

impl Refusal {
    /// All codes, in the order of the enum.
    pub const CODES: [&'static str; 41] = [
        "timestamp_not_monotonic",
        "id_conflict",
        "account_exists",
        "gl_code_unknown",
        "gl_code_not_leaf",
        "flags_conflict",
        "account_not_empty",
        "no_postings",
        "too_many_postings",
        "postings_not_allowed",
        "too_many_conditions",
        "expiry_in_past",
        "date_closed",
        "date_not_open",
        "date_not_after",
        "corrected_not_found",
        "correction_must_post",
        "not_correctable",
        "already_reversed",
        "reversal_mismatch",
        "pending_not_found",
        "pending_not_a_hold",
        "pending_already_posted",
        "pending_already_voided",
        "pending_expired",
        "amount_zero",
        "accounts_equal",
        "account_not_found",
        "pending_mismatch",
        "amount_exceeds_pending",
        "asset_mismatch",
        "fund_mismatch",
        "account_closed",
        "debits_blocked",
        "credits_blocked",
        "condition_failed",
        "insufficient_available",
        "overflow",
        "not_settled",
        "not_a_source",
        "value_date_open",
    ];

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
            Self::CorrectionMustPost => "correction_must_post",
            Self::NotCorrectable { .. } => "not_correctable",
            Self::AlreadyReversed { .. } => "already_reversed",
            Self::ReversalMismatch { .. } => "reversal_mismatch",
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
            Self::NotSettled { .. } => "not_settled",
            Self::NotASource { .. } => "not_a_source",
            Self::ValueDateOpen { .. } => "value_date_open",
        }
    }
}

fn at(posting: usize, field: &str) -> String {
    format!("postings[{posting}].{field}")
}

impl Refusal {
    /// Whether the same command may succeed later, without anyone changing it: what stands in
    /// its way is a state that can pass.
    pub const fn retry_may_help(&self) -> bool {
        matches!(
            self,
            Self::AccountNotEmpty { .. }
                | Self::DateNotOpen { .. }
                | Self::CorrectedNotFound { .. }
                | Self::PendingNotFound { .. }
                | Self::AccountNotFound { .. }
                | Self::DebitsBlocked { .. }
                | Self::CreditsBlocked { .. }
                | Self::ConditionFailed { .. }
                | Self::InsufficientAvailable { .. }
                | Self::NotSettled { .. }
                | Self::ValueDateOpen { .. }
        )
    }

    /// The family of the problem.
    const fn kind(&self) -> ProblemKind {
        match self {
            Self::TimestampNotMonotonic { .. } => ProblemKind::Internal,
            Self::IdConflict { .. } | Self::AccountExists { .. } => ProblemKind::Conflict,
            Self::AccountNotFound { .. } => ProblemKind::NotFound,
            _ => ProblemKind::Refused,
        }
    }

    /// The field at fault and the sentence in English and Chinese. One match, however long: the
    /// compiler asks every new refusal for its sentence.
    fn told(&self) -> (String, Text) {
        let (field, en, zh): (Cow<str>, Cow<str>, Cow<str>) = match *self {
            Self::TimestampNotMonotonic { at, last } => (
                "at".into(),
                format!("the batch's moment {at} is not later than the last one's, {last}").into(),
                format!("批次时间 {at} 不晚于上一批次 {last}").into(),
            ),
            Self::IdConflict { id } => (
                "id".into(),
                format!("{id} was used before with another content").into(),
                format!("{id} 已用于内容不同的交易").into(),
            ),
            Self::AccountExists { account } => (
                "account".into(),
                format!("{account} was opened before with another content").into(),
                format!("账户 {account} 已存在且内容不同").into(),
            ),
            Self::GlCodeUnknown { code } => (
                "leaf".into(),
                format!("no GL account has the code {code}").into(),
                format!("科目 {code} 不存在").into(),
            ),
            Self::GlCodeNotLeaf { code } => (
                "leaf".into(),
                format!("GL account {code} is a parent; accounts hang under leaves").into(),
                format!("科目 {code} 不是末级科目，不能开户").into(),
            ),
            Self::FlagsConflict => (
                "flags".into(),
                "an account bounded on both sides could never be used".into(),
                "借贷双向均限额的账户无法使用".into(),
            ),
            Self::AccountNotEmpty { account } => (
                "account".into(),
                format!("{account} still has a balance or a hold and cannot be closed").into(),
                format!("账户 {account} 仍有余额或冻结，不能销户").into(),
            ),
            Self::NoPostings => (
                "postings".into(),
                "a transaction needs at least one posting".into(),
                "交易至少要有一条分录".into(),
            ),
            Self::TooManyPostings { count } => (
                "postings".into(),
                format!("{count} postings are more than {}", crate::MAX_POSTINGS).into(),
                format!("分录 {count} 条，超过上限 {}", crate::MAX_POSTINGS).into(),
            ),
            Self::PostingsNotAllowed => (
                "postings".into(),
                "a hold is voided whole: no postings are allowed".into(),
                "撤销冻结不得带分录".into(),
            ),
            Self::TooManyConditions { count } => (
                "conditions".into(),
                format!("{count} conditions are more than {}", crate::MAX_CONDITIONS).into(),
                format!("条件 {count} 个，超过上限 {}", crate::MAX_CONDITIONS).into(),
            ),
            Self::ExpiryInPast { expires_at } => (
                "expires_at".into(),
                format!("the hold would have ended at {expires_at}, before it began").into(),
                format!("冻结到期时间 {expires_at} 已过").into(),
            ),
            Self::DateClosed { date, open } => (
                "date".into(),
                format!("{date} is closed; the open date is {open}").into(),
                format!("会计日期 {date} 已日切，当前为 {open}").into(),
            ),
            Self::DateNotOpen { date, open } => (
                "date".into(),
                format!("{date} is not open yet; the open date is {open}").into(),
                format!("会计日期 {date} 尚未开账，当前为 {open}").into(),
            ),
            Self::DateNotAfter { closing, opening } => (
                "opening".into(),
                format!("{opening} is not after {closing}").into(),
                format!("新会计日期 {opening} 不晚于 {closing}").into(),
            ),
            Self::CorrectedNotFound { of } => (
                "corrects.of".into(),
                format!("the transaction to correct, {of}, does not exist").into(),
                format!("被更正的交易 {of} 不存在").into(),
            ),
            Self::CorrectionMustPost => (
                "action".into(),
                "a correction posts at once: it neither holds money nor ends a hold".into(),
                "红冲、蓝补须直接入账，不得冻结或解冻".into(),
            ),
            Self::NotCorrectable { of } => (
                "corrects.of".into(),
                format!("{of} moved no fixed amounts of its own and cannot be so corrected").into(),
                format!("{of} 没有可更正的确定金额（冻结、撤销、轧差或本身为红冲）").into(),
            ),
            Self::AlreadyReversed { of, by } => (
                "corrects.of".into(),
                format!("{of} was reversed before, by {by}").into(),
                format!("{of} 已被 {by} 红冲").into(),
            ),
            Self::ReversalMismatch { of } => (
                "postings".into(),
                format!("a reversal has the postings of {of}, each the other way round").into(),
                format!("红冲分录须与 {of} 的分录逐条相反、金额相同").into(),
            ),
            Self::PendingNotFound { hold } => (
                "hold".into(),
                format!("the hold {hold} does not exist").into(),
                format!("冻结单 {hold} 不存在").into(),
            ),
            Self::PendingNotAHold { hold } => (
                "hold".into(),
                format!("{hold} is no hold").into(),
                format!("{hold} 不是冻结单").into(),
            ),
            Self::PendingAlreadyPosted { hold } => (
                "hold".into(),
                format!("the hold {hold} was posted before").into(),
                format!("冻结单 {hold} 已解冻入账").into(),
            ),
            Self::PendingAlreadyVoided { hold } => (
                "hold".into(),
                format!("the hold {hold} was voided before").into(),
                format!("冻结单 {hold} 已撤销").into(),
            ),
            Self::PendingExpired { hold } => (
                "hold".into(),
                format!("the hold {hold} has run out").into(),
                format!("冻结单 {hold} 已过期").into(),
            ),
            Self::PendingMismatch { posting } => (
                format!("postings[{posting}]").into(),
                "the hold has no such posting, or it stands in another order".into(),
                "与冻结单的分录不符".into(),
            ),
            Self::AmountExceedsPending { posting, held } => (
                at(posting, "amount").into(),
                format!("more than the {held} that is held").into(),
                format!("超过冻结金额 {held}").into(),
            ),
            Self::AmountZero { posting } => (
                at(posting, "amount").into(),
                "an amount is more than zero".into(),
                "金额必须大于零".into(),
            ),
            Self::AccountsEqual { posting } => (
                at(posting, "credit").into(),
                "the two sides of a posting are different accounts".into(),
                "借贷双方不能是同一账户".into(),
            ),
            Self::AccountNotFound { account } => (
                "account".into(),
                format!("account {account} does not exist").into(),
                format!("账户 {account} 不存在").into(),
            ),
            Self::AssetMismatch { posting } => (
                format!("postings[{posting}]").into(),
                "the two accounts count different assets".into(),
                "借贷双方资产不同".into(),
            ),
            Self::FundMismatch { posting } => (
                format!("postings[{posting}]").into(),
                "customers' and own money never stand in one posting".into(),
                "备付金与自有资金不得在同一分录".into(),
            ),
            Self::AccountClosed { account } => (
                "account".into(),
                format!("account {account} is closed").into(),
                format!("账户 {account} 已销户").into(),
            ),
            Self::DebitsBlocked { account } => (
                "account".into(),
                format!("nothing may be taken from account {account}").into(),
                format!("账户 {account} 止付").into(),
            ),
            Self::CreditsBlocked { account } => (
                "account".into(),
                format!("nothing may be put into account {account}").into(),
                format!("账户 {account} 止收").into(),
            ),
            Self::ConditionFailed { account, at_least, balance } => (
                "conditions".into(),
                format!("the balance of {account} is {balance}, less than {at_least}").into(),
                format!("账户 {account} 余额 {balance}，低于条件 {at_least}").into(),
            ),
            Self::InsufficientAvailable { account, wanted, available } => (
                "amount".into(),
                format!("account {account} has {available} available, {wanted} are wanted").into(),
                format!("账户 {account} 可用 {available}，需要 {wanted}").into(),
            ),
            Self::Overflow { account } => (
                "amount".into(),
                format!("the sums of account {account} have no room for this").into(),
                format!("账户 {account} 累计额溢出").into(),
            ),
            Self::NotSettled { posting, account, wanted, settled } => (
                at(posting, "amount").into(),
                format!(
                    "{settled} of account {account} are settled, {wanted} are wanted; the rest is \
                     in transit and may not leave the house"
                )
                .into(),
                format!("账户 {account} 已清算资金 {settled}，需要 {wanted}；在途资金不得转出")
                    .into(),
            ),
            Self::NotASource { account } => (
                "source".into(),
                format!("account {account} is no source of money in transit").into(),
                format!("账户 {account} 不是在途资金来源").into(),
            ),
            Self::ValueDateOpen { date, open } => (
                "through".into(),
                format!("more may enter on {date}; the open date is {open}").into(),
                format!("起息日 {date} 尚未日切，当前为 {open}").into(),
            ),
        };
        (field.into_owned(), Text::new(en, zh))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code(), self.told().1.en)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (field, reason) = refusal.told();
        Self { kind: refusal.kind(), code: refusal.code(), field: Some(field), reason }
    }
}
