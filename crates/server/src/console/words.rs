//! The house's words for people, in both languages, and the tone they are shown in.

use channels::Circuit;
use dayend::{Step, StepState};
use members::Standing;
use payments::{Kind, Stage};
use recon::{BreakState, Class, Remedy};
use risk::Outcome;
use types::Locale;

/// The one of two texts that a reader wants.
pub(super) const fn pick<'a>(locale: Locale, en: &'a str, zh: &'a str) -> &'a str {
    match locale {
        Locale::En => en,
        Locale::Zh => zh,
    }
}

/// How something is shown: a class of the style sheet.
pub(super) type Tone = &'static str;

/// Final and good.
pub(super) const GOOD: Tone = "good";
/// Final and bad.
pub(super) const BAD: Tone = "bad";
/// Somebody must look.
pub(super) const WARN: Tone = "warn";
/// Under way, or of no weight.
pub(super) const CALM: Tone = "calm";

pub(super) const fn kind(kind: Kind, locale: Locale) -> &'static str {
    let (en, zh) = match kind {
        Kind::TopUp => ("Top-up", "充值"),
        Kind::Payment => ("Payment", "支付"),
        Kind::Transfer => ("Transfer", "转账"),
        Kind::Withdrawal => ("Withdrawal", "提现"),
        Kind::Refund => ("Refund", "退款"),
    };
    pick(locale, en, zh)
}

pub(super) const fn stage(stage: Stage, locale: Locale) -> &'static str {
    let (en, zh) = match stage {
        Stage::AwaitingFactor => ("Awaiting factor", "待验证"),
        Stage::Trying => ("Trying", "预处理"),
        Stage::Review => ("Review", "人工审核"),
        Stage::Sent => ("Sent", "已发渠道"),
        Stage::Confirming => ("Confirming", "确认中"),
        Stage::Cancelling => ("Cancelling", "撤销中"),
        Stage::Succeeded => ("Succeeded", "成功"),
        Stage::Failed => ("Failed", "失败"),
    };
    pick(locale, en, zh)
}

pub(super) const fn stage_tone(stage: Stage) -> Tone {
    match stage {
        Stage::Succeeded => GOOD,
        Stage::Failed => BAD,
        Stage::Review | Stage::AwaitingFactor => WARN,
        Stage::Trying | Stage::Sent | Stage::Confirming | Stage::Cancelling => CALM,
    }
}

/// A step of an order's life; a word that is not known here is shown as it stands.
pub(super) fn step(step: &str, locale: Locale) -> &str {
    let (en, zh) = match step {
        "created" => ("Created", "创建"),
        "judged" => ("Judged", "风控判定"),
        "authentication_required" => ("Waits for a factor", "待验证"),
        "authenticated" => ("Authenticated", "已验证"),
        "tried" => ("Money set aside", "资金预留"),
        "review" => ("Waits for a person", "待人工审核"),
        "approved" => ("Approved", "审核通过"),
        "denied" => ("Refused by a person", "审核拒绝"),
        "sent" => ("Sent to the channel", "已发渠道"),
        "waiting" => ("Waits for the channel", "等待渠道结果"),
        "confirmed" => ("Confirmed", "确认入账"),
        "cancelled" => ("Cancelled", "已撤销"),
        "refused" => ("Refused", "被拒绝"),
        "fell_back" => ("Turned to the balance", "改退余额"),
        "route_closed" => ("Way back closed", "原路不可退"),
        "closed" => ("Closed", "终结"),
        _ => return step,
    };
    pick(locale, en, zh)
}

/// What a step's note says, where it is one of the house's words; anything else as it stands.
pub(super) fn note(note: &str, locale: Locale) -> String {
    let (en, zh) = match note {
        "accept" => ("accepted", "通过"),
        "step_up" => ("step-up", "加强验证"),
        "reject" => ("rejected", "拒绝"),
        "review" => ("review", "人工审核"),
        "password" => ("payment password", "支付密码"),
        "password_free" => ("password-free agreement", "免密协议"),
        "by_channel" => ("by the channel", "由渠道验证"),
        "merchant" => ("by the merchant", "由商户发起"),
        _ => match note.strip_prefix("attempt ") {
            Some(number) => return format!("{} {number}", pick(locale, "attempt", "第几次尝试：")),
            None => return note.to_owned(),
        },
    };
    pick(locale, en, zh).to_owned()
}

/// A call to a channel and its answer.
pub(super) fn call(word: &str, locale: Locale) -> &str {
    let (en, zh) = match word {
        "pay" => ("pay", "支付"),
        "topup" => ("top-up", "充值"),
        "refund" => ("refund", "退款"),
        "payout" => ("payout", "付款"),
        "query" => ("query", "查询"),
        "succeeded" => ("succeeded", "成功"),
        "failed" => ("failed", "失败"),
        "unknown" => ("not known", "结果未知"),
        "not_found" => ("not found", "查无此单"),
        _ => return word,
    };
    pick(locale, en, zh)
}

/// A kind of event that risk control judges; one that the institution added is shown as it stands.
pub(super) fn judged(word: &str, locale: Locale) -> &str {
    let (en, zh) = match word {
        "topup" => return kind(Kind::TopUp, locale),
        "register" => ("Registration", "注册"),
        "login" => ("Sign-in", "登录"),
        "real_name" => ("Real name", "实名认证"),
        "bind_card" => ("Card bound", "绑卡"),
        "change_password" => ("Password changed", "修改密码"),
        _ => return Kind::from_word(word).map_or(word, |of| kind(of, locale)),
    };
    pick(locale, en, zh)
}

pub(super) const fn outcome(outcome: Outcome, locale: Locale) -> &'static str {
    let (en, zh) = match outcome {
        Outcome::Accept => ("Accepted", "通过"),
        Outcome::StepUp => ("Step-up", "加强验证"),
        Outcome::Review => ("Review", "人工审核"),
        Outcome::Reject => ("Rejected", "拒绝"),
    };
    pick(locale, en, zh)
}

pub(super) const fn outcome_tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Accept => GOOD,
        Outcome::StepUp => CALM,
        Outcome::Review => WARN,
        Outcome::Reject => BAD,
    }
}

pub(super) const fn class(class: Class, locale: Locale) -> &'static str {
    let (en, zh) = match class {
        Class::Duplicate => ("Duplicate", "重复"),
        Class::MissingAtUs => ("Missing at us", "长款（我方无）"),
        Class::MissingAtChannel => ("Missing at channel", "短款（渠道无）"),
        Class::Status => ("Status", "状态不符"),
        Class::Amount => ("Amount", "金额不符"),
        Class::Fee => ("Fee", "手续费不符"),
    };
    pick(locale, en, zh)
}

pub(super) const fn remedy(remedy: Remedy, locale: Locale) -> &'static str {
    let (en, zh) = match remedy {
        Remedy::SupplementOrRefund => ("Supplement or refund", "补单或退款"),
        Remedy::ClaimFromChannel => ("Claim from the channel", "向渠道追偿"),
        Remedy::RefundAgain => ("Refund again", "重新退款"),
        Remedy::AdjustFee => ("Adjust the fee", "手续费调整"),
        Remedy::CorrectRecord => ("Correct the record", "更正记录"),
    };
    pick(locale, en, zh)
}

pub(super) const fn break_state(state: BreakState, locale: Locale) -> (&'static str, Tone) {
    let (en, zh, tone) = match state {
        BreakState::Found => ("Found", "已发现", WARN),
        BreakState::Treated => ("Treated", "已处理", GOOD),
        BreakState::Closed => ("Closed", "已关闭", CALM),
        BreakState::Withdrawn => ("Withdrawn", "已撤回", CALM),
    };
    (pick(locale, en, zh), tone)
}

pub(super) const fn standing(standing: Standing, locale: Locale) -> (&'static str, Tone) {
    let (en, zh, tone) = match standing {
        Standing::Active => ("Active", "正常", GOOD),
        Standing::AccountFrozen => ("Account frozen", "账户冻结", BAD),
        Standing::UserFrozen => ("User frozen", "用户冻结", BAD),
        Standing::CustomerFrozen => ("Customer frozen", "客户冻结", BAD),
    };
    (pick(locale, en, zh), tone)
}

pub(super) const fn day_end_step(step: Step, l: Locale) -> &'static str {
    let (en, zh) = match step {
        Step::Advance => ("Advance (D0)", "D0 垫资"),
        Step::CutDay => ("Day cut", "日切"),
        Step::Clear => ("Clear", "清分"),
        Step::WriteDayBooks => ("Day books", "日记账簿"),
        Step::FetchStatement => ("Fetch statement", "获取对账单"),
        Step::Reconcile => ("Reconcile", "对账"),
        Step::TreatBreaks => ("Treat breaks", "差错处理"),
        Step::SettleChannel => ("Channel settlement", "渠道结算"),
        Step::SettleMerchants => ("Merchant settlement", "商户结算"),
        Step::TransferFees => ("Transfer fees", "手续费划转"),
        Step::Prove => ("Proofs", "账务核对"),
    };
    pick(l, en, zh)
}

pub(super) const fn step_state(state: StepState, l: Locale) -> (&'static str, Tone) {
    let (en, zh, tone) = match state {
        StepState::Waiting => ("Waiting", "待执行", CALM),
        StepState::Running => ("Running", "执行中", CALM),
        StepState::Failed => ("Tried again", "待重试", WARN),
        StepState::Done => ("Done", "完成", GOOD),
    };
    (pick(l, en, zh), tone)
}

/// A channel takes new orders if people let it and its circuit is not open.
pub(super) const fn channel(on_line: bool, circuit: Circuit, l: Locale) -> (&'static str, Tone) {
    let (en, zh, tone) = match (on_line, circuit) {
        (false, _) => ("Off line", "已下线", CALM),
        (true, Circuit::Closed) => ("On line", "在线", GOOD),
        (true, Circuit::Open) => ("Failing", "熔断", BAD),
        (true, Circuit::Trial) => ("Recovering", "恢复中", WARN),
    };
    (pick(l, en, zh), tone)
}
