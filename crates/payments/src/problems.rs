//! Every refusal of this room: its stable code, the field at fault and a sentence in two languages.
//!
//! A refusal before an order is written is a [`Problem`]; one afterwards is the order's
//! [`Failure`]. The codes are the same.

use money::{Amount, AssetId, CNY, format_minor};
use types::{OrderId, Problem, ProblemKind, Text};

use crate::model::machine::Cause;
use crate::model::order::{Failure, Kind, Status};
use crate::model::plan::Quota;

/// The codes that an order's failure may bear, other than those of members.
const FAILURE_CODES: &[&str] = &[
    "account_frozen",
    "agreement_missing",
    "authentication_expired",
    "authentication_required",
    "channel_declined",
    "channel_never_received",
    "channel_unavailable",
    "code_expired",
    "code_locked",
    "code_malformed",
    "code_other_subject",
    "code_unknown",
    "code_used",
    "code_void",
    "code_wrong",
    "customer_frozen",
    "device_key_assurance_low",
    "device_key_required",
    "device_state_refused",
    "gesture_amount",
    "gesture_locked",
    "gesture_not_set",
    "gesture_wrong",
    "insufficient_available",
    "interrupted",
    "knowledge_factor_missing",
    "limit_exceeded",
    "merchant_frozen",
    "not_settled",
    "password_locked",
    "password_not_set",
    "password_wrong",
    "payee_frozen",
    "refused_by_book",
    "reserve_insufficient",
    "review_denied",
    "risk_rejected",
    "totp_not_set",
    "user_frozen",
];

/// The static form of a failure's code; `order_failed` for one that is not this room's own.
pub fn known_code(code: &str) -> &'static str {
    FAILURE_CODES.iter().find(|known| **known == code).copied().unwrap_or("order_failed")
}

/// An amount as people read it: `12.34`.
fn shown(amount: Amount) -> String {
    format_minor(amount.signed(), 2)
}

fn invalid(code: &'static str, field: &str, en: String, zh: String) -> Problem {
    Problem::new(ProblemKind::Invalid, code, en, zh).at(field)
}

/// The amount is zero or negative.
pub fn amount_not_positive(minor: i64) -> Problem {
    invalid(
        "amount_not_positive",
        "amount_minor",
        format!("the amount must be more than nothing, not {minor} minor units"),
        format!("金额必须大于零，而不是 {minor} 分"),
    )
}

/// The amount is above the institution's own limit on one order.
pub fn amount_too_large(amount: Amount, most: Amount, asset: AssetId) -> Problem {
    debug_assert_eq!(asset, CNY, "orders are in CNY");
    invalid(
        "amount_too_large",
        "amount_minor",
        format!("one order is at most {} CNY, not {}", shown(most), shown(amount)),
        format!("单笔金额不得超过 {} 元，本笔为 {} 元", shown(most), shown(amount)),
    )
}

/// Another currency than CNY.
pub fn currency_unsupported(currency: &str) -> Problem {
    let currency: String = currency.chars().take(8).collect();
    invalid(
        "currency_unsupported",
        "currency",
        format!("orders are in CNY, not '{currency}'"),
        format!("仅支持人民币（CNY），不支持“{currency}”"),
    )
}

/// A text that is too long or has forbidden characters.
pub fn text_invalid(field: &'static str, rule: &str, most: usize) -> Problem {
    invalid(
        "text_invalid",
        field,
        format!("{field} must be {rule}"),
        format!("{field} 的格式不符或超过 {most} 个字符"),
    )
}

/// A field that this kind of order needs, must not have, or has otherwise.
pub fn not_for_kind(field: &'static str, kind: Kind) -> Problem {
    let word = kind.word();
    invalid(
        "not_for_kind",
        field,
        format!("an order of kind {word} cannot be made with this '{field}', or without it"),
        format!("{word} 类订单的“{field}”缺失或不适用"),
    )
}

/// Codes alone are whoever holds the phone.
pub fn knowledge_factor_missing() -> Problem {
    invalid(
        "knowledge_factor_missing",
        "auth",
        "one of the credentials must be a password or a gesture".to_owned(),
        "认证要素中须包含支付密码或手势密码".to_owned(),
    )
}

/// A transfer to oneself.
pub fn payee_is_payer() -> Problem {
    invalid(
        "payee_is_payer",
        "payee",
        "a transfer needs two users".to_owned(),
        "不能转账给自己".to_owned(),
    )
}

fn not_found(code: &'static str, field: &str, en: &str, zh: &str) -> Problem {
    Problem::new(ProblemKind::NotFound, code, en, zh).at(field)
}

/// No such merchant.
pub fn merchant_not_found() -> Problem {
    not_found("merchant_not_found", "merchant", "there is no such merchant", "商户不存在")
}

/// No such payer.
pub fn user_not_found() -> Problem {
    not_found("user_not_found", "payer", "there is no such user", "用户不存在")
}

/// No such payee, or one that cannot be paid yet.
pub fn payee_not_found() -> Problem {
    not_found(
        "payee_not_found",
        "payee",
        "there is no such user, or the user has no account yet",
        "收款用户不存在或尚未开户",
    )
}

/// No such order, or not the asker's.
pub fn order_not_found() -> Problem {
    not_found("order_not_found", "order", "there is no such order", "订单不存在")
}

/// What was asked needs a verified user.
pub fn real_name_required() -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "real_name_required",
        "the payer must be real-name verified first",
        "付款用户需先完成实名认证",
    )
    .at("payer")
}

/// The key is taken by another body.
pub fn idempotency_conflict(key: &str, order: OrderId) -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        "idempotency_conflict",
        format!("the key '{key}' was used for another request ({order})"),
        format!("订单号“{key}”已用于另一笔请求（{order}）"),
    )
    .at("key")
}

/// The order is being worked on by another call.
pub fn order_busy() -> Problem {
    Problem::new(
        ProblemKind::Overloaded,
        "order_busy",
        "the order is being worked on; ask again",
        "订单正在处理中，请稍后再试",
    )
    .at("order")
}

/// The order is not in the state that the call needs.
pub fn order_state(wanted: Status, found: Status) -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        "order_state_conflict",
        format!("the order is {}, not {}", found.word(), wanted.word()),
        format!("订单状态为 {}，而不是 {}", found.word(), wanted.word()),
    )
    .at("order")
}

/// Only payments that succeeded can be refunded, and only by their merchant.
pub fn order_not_refundable(why_en: &str, why_zh: &str) -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "order_not_refundable",
        format!("the order cannot be refunded: {why_en}"),
        format!("订单不可退款：{why_zh}"),
    )
    .at("of")
}

/// More than is left of the payment.
pub fn refund_exceeds_payment(amount: Amount, left: Amount) -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "refund_exceeds_payment",
        format!("{} is more than the {} CNY left of the payment", shown(amount), shown(left)),
        format!("退款金额 {} 元超过可退金额 {} 元", shown(amount), shown(left)),
    )
    .at("amount_minor")
}

/// A fault of ours; the log has the detail.
pub fn fault(what: &str, detail: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%detail, "{what}");
    Problem::new(
        ProblemKind::Internal,
        "payments_fault",
        format!("a fault of ours: {what}; nothing is lost, the order will be finished"),
        "系统内部错误；资金不受影响，订单将由系统继续处理",
    )
}

fn failure(code: &str, en: impl Into<String>, zh: impl Into<String>) -> Failure {
    Failure { code: code.to_owned(), reason: Text::new(en, zh) }
}

/// The failure that a problem of another room amounts to.
pub fn failure_of(problem: Problem) -> Failure {
    Failure { code: problem.code.to_owned(), reason: problem.reason }
}

/// Risk control refuses; the payer is not told by which rule.
pub fn risk_rejected() -> Failure {
    failure("risk_rejected", "the order was refused for safety", "出于安全原因，订单被拒绝")
}

/// The order waits for a stronger factor.
pub fn authentication_required() -> Failure {
    failure_of(password_needed())
}

/// What was shown is less than the payment password, which risk control asked for.
pub fn password_needed() -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "authentication_required",
        "the payment password is needed for this order",
        "本笔订单需要验证支付密码",
    )
}

/// The order waits for a device key's signature.
pub fn device_key_required() -> Failure {
    failure(
        "device_key_required",
        "the order waits to be signed with a device key",
        "本笔订单等待设备密钥签名",
    )
}

/// A device key that nobody speaks for is not enough for this order.
pub fn device_key_assurance_low() -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "device_key_assurance_low",
        "this device key stands below the payment password, which this order needs",
        "该设备密钥的保证级别低于支付密码，本笔订单需要支付密码",
    )
}

/// Not enough money on the payer's account.
pub fn insufficient_available() -> Failure {
    failure("insufficient_available", "not enough money is available", "可用余额不足")
}

/// Part of the payer's balance is still in transit from a channel and may not leave the house.
pub fn not_settled(settled: Amount) -> Failure {
    let settled = shown(settled);
    failure(
        "not_settled",
        format!(
            "only {settled} CNY of the balance have settled; the rest may be used, not withdrawn"
        ),
        format!("余额中仅 {settled} 元已清算到账，其余资金在途，可消费不可提现"),
    )
}

/// Not enough money on the merchant's account for a refund.
pub fn merchant_insufficient() -> Failure {
    failure(
        "insufficient_available",
        "the merchant's money pending settlement does not cover the refund",
        "商户待结算余额不足以退款",
    )
}

/// The reserve bank account does not cover a withdrawal at the moment.
pub fn reserve_insufficient() -> Failure {
    failure(
        "reserve_insufficient",
        "withdrawals are not possible at the moment; the money stays in the account",
        "暂时无法提现，资金仍在账户中",
    )
}

/// A limit does not allow the amount.
pub fn limit_exceeded(quota: &Quota, left: i128) -> Failure {
    let left = u64::try_from(left.max(0)).ok().and_then(|left| Amount::new(left).ok());
    let left = left.unwrap_or(quota.limit);
    let used = quota.limit.minus(left).unwrap_or_default();
    let resets = |never: &str| match quota.resets_at {
        Some(at) => at.to_string(),
        None => never.to_owned(),
    };
    failure(
        "limit_exceeded",
        format!(
            "the limit '{}' of {} CNY is used up to {}; {} left; it resets: {}",
            quota.code,
            shown(quota.limit),
            shown(used),
            shown(left),
            resets("never"),
        ),
        format!(
            "超过限额“{}”：限额 {} 元，已用 {} 元，剩余 {} 元，重置时间：{}",
            quota.code,
            shown(quota.limit),
            shown(used),
            shown(left),
            resets("不重置"),
        ),
    )
}

/// A freeze bars the order; the holder is told the level and no more.
pub fn frozen(code: &str) -> Failure {
    match code {
        "customer_frozen" => failure(code, "the customer is frozen", "客户已被冻结"),
        "user_frozen" => failure(code, "the user is frozen", "用户已被冻结"),
        "merchant_frozen" => failure(code, "the merchant cannot be paid now", "商户暂不能收款"),
        "payee_frozen" => failure(code, "the payee cannot be paid now", "收款方暂不能收款"),
        _ => failure("account_frozen", "the account is frozen", "账户已被冻结"),
    }
}

/// The book refused for a reason that no caller can mend.
pub fn refused_by_book(code: &str) -> Failure {
    failure(
        "refused_by_book",
        format!("the book refused the order ({code})"),
        format!("账务拒绝了本笔订单（{code}）"),
    )
}

/// The failure of an order that is given up for this cause.
pub fn failure_of_cause(cause: &Cause) -> Failure {
    let code = cause.code();
    match cause {
        Cause::Book => refused_by_book("unknown"),
        Cause::Declined(why) => failure(
            code,
            format!("the channel declined ({why})"),
            format!("渠道拒绝了本笔交易（{why}）"),
        ),
        Cause::RouteClosed => {
            failure(code, "the channel takes no orders at the moment", "渠道暂不可用")
        }
        Cause::Interrupted => failure(
            code,
            "the order was interrupted before the channel was asked; no money moved",
            "订单在提交渠道之前中断，资金未发生变动",
        ),
        Cause::NeverReceived => failure(
            code,
            "the channel never received the order; no money moved",
            "渠道未收到本笔订单，资金未发生变动",
        ),
        Cause::ReviewDenied => {
            failure(code, "the order was refused after a review", "订单经人工审核被拒绝")
        }
        Cause::FactorExpired => failure(
            code,
            "the payment password was not given in time",
            "未在规定时间内完成支付密码验证",
        ),
        Cause::FactorLocked => failure(
            code,
            "the payment password is locked after too many wrong tries",
            "支付密码错误次数过多，已锁定",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_known_code_and_two_sentences() {
        for cause in [
            Cause::Book,
            Cause::Declined("no_funds".to_owned()),
            Cause::RouteClosed,
            Cause::Interrupted,
            Cause::NeverReceived,
            Cause::ReviewDenied,
            Cause::FactorExpired,
            Cause::FactorLocked,
        ] {
            let failure = failure_of_cause(&cause);
            assert_eq!(failure.code, cause.code());
            assert_eq!(known_code(&failure.code), cause.code(), "{cause:?}");
            assert!(!failure.reason.en.is_empty() && !failure.reason.zh.is_empty());
        }
        assert_eq!(known_code("something_else"), "order_failed");
    }

    #[test]
    fn a_limit_names_its_numbers() {
        let quota = Quota {
            code: "day_one_factor".to_owned(),
            left: types::AccountId::of(&[b"l"]),
            used: types::AccountId::of(&[b"u"]),
            asset: AssetId(2),
            limit: Amount::new(100_000).expect("small"),
            resets_at: None,
        };
        let failure = limit_exceeded(&quota, 1_050);
        assert!(failure.reason.en.contains("1000.00 CNY is used up to 989.50; 10.50 left"));
        assert!(failure.reason.zh.contains("剩余 10.50 元"));
    }
}
