//! `/orders/{id}`: everything that happened to one order, on one time line.

use super::figures::{clock_time, count, moment, money};
use super::frame::{Frame, Section, Visit};
use super::names::{self, Names};
use super::orders::OrderRow;
use super::party::Party;
use super::words::{self, BAD, CALM, GOOD, Tone, WARN};
use super::{Page, page};
use crate::api::order_not_found;
use crate::app::Site;
use crate::extract::Id;
use askama::Template;
use axum::extract::State;
use bookkeeper::TransactionView;
use ledger::{Account, Action, TransactionState};
use payments::{ChannelCall, Order, Stage, Step, Trace};
use records::outbox::{MessageState, StoredMessage};
use risk::Decision;
use types::{AccountId, BusinessDate, Locale, OrderId, Timestamp};

/// One side of an entry.
struct EntryLine {
    account: AccountId,
    leaf: String,
    debit: String,
    credit: String,
}

/// One thing that happened.
struct Happening {
    at: Timestamp,
    time: String,
    /// Which part of the house: its class and its name.
    lane: &'static str,
    part: &'static str,
    title: String,
    note: String,
    tone: Tone,
    /// The ledger's transaction; empty: none.
    path: String,
    /// Reasons, features.
    points: Vec<String>,
    entries: Vec<EntryLine>,
}

/// A fact of the order with its name.
struct Fact {
    name: &'static str,
    value: String,
    /// Where it leads; empty: nowhere.
    path: String,
    /// Whether the value is an id.
    is_id: bool,
}

/// The trace.
#[derive(Template)]
#[template(path = "order.html")]
pub(super) struct OrderTrace {
    frame: Frame,
    id: OrderId,
    kind: &'static str,
    stage: &'static str,
    tone: Tone,
    amount: String,
    reviewing: bool,
    failure: Option<(String, String)>,
    /// The day on which it came in.
    date: BusinessDate,
    facts: Vec<Fact>,
    happenings: Vec<Happening>,
    refunds: Vec<OrderRow>,
}

/// The names of what the book says of an order: of the event of each of its transactions, and of
/// the leaves of the accounts they touch.
struct Booked {
    events: Vec<String>,
    leaves: Vec<(AccountId, String)>,
}

pub(super) async fn show(State(site): State<Site>, visit: Visit, Id(id): Id<OrderId>) -> Page {
    let trace = site.payments.trace(id).await?.ok_or_else(order_not_found)?;
    let booked = booked(&site, &trace.transactions, visit.locale);
    let names = Names::new(&site, visit.locale);
    page(&OrderTrace::new(Frame::new(&site, visit, Section::Orders), trace, &booked, &names))
}

fn booked(site: &Site, views: &[TransactionView], l: Locale) -> Booked {
    let mut ids: Vec<AccountId> =
        views.iter().flat_map(|view| &view.moves).flat_map(|m| [m.debit, m.credit]).collect();
    ids.sort_unstable();
    ids.dedup();
    let leaf = |account: Account| (account.id, names::leaf(&site.chart, account.leaf, l));
    let leaves = site.book.accounts(&ids).into_iter().flatten().map(leaf).collect();
    let name = |view: &TransactionView| names::event(&site.templates, view.transaction.event, l);
    Booked { events: views.iter().map(name).collect(), leaves }
}

impl OrderTrace {
    fn new(frame: Frame, trace: Trace, booked: &Booked, names: &Names) -> Self {
        let l = frame.locale;
        let mut happenings: Vec<Happening> =
            trace.steps.iter().map(|step| of_step(l, step, names)).collect();
        happenings.extend(trace.decision.iter().map(|decision| of_decision(l, decision, names)));
        let events = booked.events.iter();
        happenings.extend(
            trace
                .transactions
                .iter()
                .zip(events)
                .map(|(v, name)| of_book(l, v, name, &booked.leaves)),
        );
        happenings.extend(trace.calls.iter().map(|call| of_call(l, call)));
        happenings.extend(trace.messages.iter().map(|message| of_message(l, message)));
        let order = trace.order;
        // Nothing happens to an order before it is there, though the book's clock may be behind
        // the order's. Stable: what happened in one moment stays in the order of the rooms.
        happenings.sort_by_key(|happening| happening.at.max(order.created_at));
        Self {
            id: order.id,
            kind: words::kind(order.kind, l),
            stage: words::stage(order.stage, l),
            tone: words::stage_tone(order.stage),
            amount: money(order.amount.signed()),
            reviewing: order.stage == Stage::Review,
            failure: order.failure.as_ref().map(|f| (f.code.clone(), f.reason.get(l).to_owned())),
            date: order.created_at.date(),
            facts: facts(l, &order, names),
            happenings,
            refunds: trace
                .refunds
                .into_iter()
                .map(|order| OrderRow::new(l, order, names))
                .collect(),
            frame,
        }
    }
}

fn facts(l: Locale, order: &Order, names: &Names) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |en, zh, value: Option<String>, path: &dyn Fn(&str) -> String| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let path = path(&value);
            let is_id = !path.is_empty();
            facts.push(Fact { name: words::pick(l, en, zh), value, path, is_id });
        }
    };
    let nowhere = |_: &str| String::new();
    let user = |id: &str| format!("/users/{id}");
    add("Order number", "商户订单号", Some(order.key.clone()), &nowhere);
    add("Subject", "标题", Some(order.subject.clone()), &nowhere);
    add("Payer", "付款方", order.payer.map(|id| id.to_string()), &user);
    add("Payee", "收款方", order.payee.map(|id| id.to_string()), &user);
    let channel = order.channel.as_deref().map(|code| names.channel(code));
    add("Channel", "渠道", channel, &nowhere);
    add("Channel's number", "渠道订单号", order.channel_order_no.clone(), &nowhere);
    add("Refund of", "原订单", order.refund_of.map(|id| id.to_string()), &|id| {
        format!("/orders/{id}")
    });
    let refunded = (!order.refunded.is_zero()).then(|| money(order.refunded.signed()));
    add("Refunded, CNY", "已退金额（元）", refunded, &nowhere);
    add("Came in", "创建时间", Some(moment(order.created_at)), &nowhere);
    add("Final", "完成时间", order.finished_at.map(moment), &nowhere);
    add("Accounting date", "会计日期", order.date.map(|date| date.to_string()), &nowhere);
    if let Some(merchant) = order.merchant {
        let Party { name: value, path, is_id } = Party::merchant(merchant, names);
        let fact = Fact { name: words::pick(l, "Merchant", "商户"), value, path, is_id };
        facts.insert(facts.len().min(3), fact);
    }
    facts
}

fn of_step(l: Locale, step: &Step, names: &Names) -> Happening {
    let tone = match step.step.as_str() {
        "confirmed" | "authenticated" => GOOD,
        "cancelled" | "refused" => BAD,
        _ => CALM,
    };
    Happening {
        at: step.at,
        time: clock_time(step.at),
        lane: "lane-order",
        part: words::pick(l, "Order", "订单"),
        title: words::step(&step.step, l).to_owned(),
        note: match step.step.as_str() {
            "sent" => names.channel(&step.note),
            _ => words::note(&step.note, l),
        },
        tone,
        path: String::new(),
        points: Vec::new(),
        entries: Vec::new(),
    }
}

fn of_decision(l: Locale, decision: &Decision, names: &Names) -> Happening {
    let reasons = decision.reasons.iter().map(|reason| {
        let (rule, text) = (names.rule(&reason.rule), reason.text.get(l));
        format!("{rule} ({:+}): {text}", reason.score)
    });
    let features = decision.features.iter();
    let features = features.map(|(name, value)| format!("{}: {value}", names.feature(name)));
    let score = words::pick(l, "score", "评分");
    Happening {
        at: decision.at(),
        time: clock_time(decision.at()),
        lane: "lane-risk",
        part: words::pick(l, "Risk", "风控"),
        title: words::outcome(decision.outcome, l).to_owned(),
        note: format!("{score} {} · {} µs", decision.score, count(decision.micros)),
        tone: words::outcome_tone(decision.outcome),
        path: String::new(),
        points: reasons.chain(features).collect(),
        entries: Vec::new(),
    }
}

fn of_book(
    l: Locale,
    view: &TransactionView,
    name: &str,
    leaves: &[(AccountId, String)],
) -> Happening {
    let action = match view.transaction.action {
        Action::Post => ("posted", "入账"),
        Action::Hold { .. } => ("held", "冻结"),
        Action::PostHold { .. } => ("hold posted", "冻结转入账"),
        Action::VoidHold { .. } => ("hold released", "冻结释放"),
    };
    let (state, tone) = match view.state {
        TransactionState::Posted => (("in the balances", "已入账"), GOOD),
        TransactionState::Pending => (("waiting", "待处理"), WARN),
        TransactionState::HoldPosted => (("was posted", "已转入账"), CALM),
        TransactionState::HoldVoided => (("was released", "已释放"), CALM),
        TransactionState::Expired => (("ran out", "已过期"), CALM),
        TransactionState::Applied => (("applied", "已生效"), CALM),
    };
    let leaf = |id: AccountId| {
        let found = leaves.iter().find(|(account, _)| *account == id);
        found.map(|(_, leaf)| leaf.clone()).unwrap_or_default()
    };
    let entries = view.moves.iter().flat_map(|m| {
        let amount = money(m.amount.signed());
        let debit = EntryLine {
            account: m.debit,
            leaf: leaf(m.debit),
            debit: amount.clone(),
            credit: String::new(),
        };
        let credit = EntryLine {
            account: m.credit,
            leaf: leaf(m.credit),
            debit: String::new(),
            credit: amount,
        };
        [debit, credit]
    });
    let (state, action) = (words::pick(l, state.0, state.1), words::pick(l, action.0, action.1));
    Happening {
        at: view.at,
        time: clock_time(view.at),
        lane: "lane-book",
        part: words::pick(l, "Ledger", "账务"),
        title: format!("{name} · {action}"),
        note: format!("{state} · {} · #{}", view.date, count(view.seq)),
        tone,
        path: format!("/transactions/{}", view.transaction.id),
        points: Vec::new(),
        entries: entries.collect(),
    }
}

fn of_call(l: Locale, call: &ChannelCall) -> Happening {
    let tone = match call.answer.as_str() {
        "succeeded" => GOOD,
        "failed" => BAD,
        _ => WARN,
    };
    Happening {
        at: call.at,
        time: clock_time(call.at),
        lane: "lane-channel",
        part: words::pick(l, "Channel", "渠道"),
        title: format!("{} → {}", words::call(&call.call, l), words::call(&call.answer, l)),
        note: call.note.clone(),
        tone,
        path: String::new(),
        points: Vec::new(),
        entries: Vec::new(),
    }
}

fn of_message(l: Locale, message: &StoredMessage) -> Happening {
    let (state, tone) = match message.state {
        MessageState::Waiting => (("waiting to be sent", "待发送"), CALM),
        MessageState::Delivered => (("delivered", "已送达"), GOOD),
        MessageState::Exhausted => (("given up", "已放弃"), BAD),
    };
    let attempts = words::pick(l, "attempts", "次尝试");
    Happening {
        at: message.created_at,
        time: clock_time(message.created_at),
        lane: "lane-message",
        part: words::pick(l, "Webhook", "通知"),
        title: format!("{} · {}", message.topic, words::pick(l, state.0, state.1)),
        note: format!("{} · {} {attempts}", message.id(), message.attempts),
        tone,
        path: String::new(),
        points: message.last_error.iter().cloned().collect(),
        entries: Vec::new(),
    }
}

#[cfg(test)]
impl OrderTrace {
    pub(super) fn sample(locale: Locale) -> Self {
        use super::orders::sample_order;
        use ledger::{Move, Posting, Transaction};
        use payments::Kind;
        let order = sample_order(Kind::Payment, Stage::Review);
        let at = order.created_at;
        let (debit, credit) = (AccountId::of(&[b"a"]), AccountId::of(&[b"b"]));
        let amount = order.amount;
        let view = TransactionView {
            transaction: Transaction {
                id: types::TransactionId::of(&[b"t"]),
                event: 201,
                order: Some(order.id),
                reference: 0,
                date: None,
                action: Action::Hold { expires_at: None },
                postings: vec![Posting::exact(debit, credit, amount)],
                conditions: Vec::new(),
                corrects: None,
            },
            moves: vec![Move {
                debit,
                credit,
                amount,
                debit_balance: 0,
                credit_balance: 0,
                places: [0, 1],
            }],
            seq: 42,
            at: at.plus_micros(5),
            date: at.date(),
            state: TransactionState::Pending,
            corrected_by: Vec::new(),
        };
        let step = |name: &str, micros| Step {
            at: at.plus_micros(micros),
            step: name.to_owned(),
            note: String::new(),
        };
        let call = ChannelCall {
            at: at.plus_micros(9),
            call: "pay".to_owned(),
            answer: "unknown".to_owned(),
            note: "timeout".to_owned(),
        };
        let message = StoredMessage {
            seq: 1,
            topic: "order.succeeded".to_owned(),
            key: order.id.to_string(),
            destination: "https://merchant.example".to_owned(),
            payload: "{}".to_owned(),
            created_at: at.plus_micros(20),
            state: MessageState::Waiting,
            attempts: 1,
            next_at: at,
            delivered_at: None,
            last_error: Some("503".to_owned()),
        };
        let id = order.id;
        let refunds = vec![sample_order(Kind::Refund, Stage::Failed)];
        let trace = Trace {
            order,
            steps: vec![step("created", 0), step("confirmed", 15)],
            calls: vec![call],
            refunds,
            decision: Some(super::risk::sample_decision(at.plus_micros(1), id)),
            transactions: vec![view],
            messages: vec![message],
        };
        let booked = Booked {
            events: vec!["201".to_owned()],
            leaves: vec![(debit, "201101".to_owned()), (credit, "201201".to_owned())],
        };
        Self::new(Frame::sample(locale, Section::Orders), trace, &booked, &Names::none(locale))
    }
}
