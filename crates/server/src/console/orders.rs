//! `/orders`: the newest orders, filtered.

use super::figures::{moment, money};
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::party::Party;
use super::words::{self, Tone};
use super::{Page, page};
use crate::app::Site;
use crate::extract::StrictQuery;
use askama::Template;
use axum::extract::State;
use payments::{Filter, Kind, Order, Page as OrderPage, Stage};
use serde::Deserialize;
use std::fmt::Write as _;
use types::{Locale, MerchantId, OrderId, Problem, ProblemKind, UserId};

const LIMIT: u64 = 50;

/// One order of a list.
pub(super) struct OrderRow {
    pub(super) id: OrderId,
    pub(super) key: String,
    pub(super) at: String,
    pub(super) kind: &'static str,
    pub(super) stage: &'static str,
    pub(super) tone: Tone,
    pub(super) amount: String,
    pub(super) way: String,
    pub(super) payer: Option<Party>,
    pub(super) payee: Option<Party>,
    pub(super) reason: String,
}

impl OrderRow {
    pub(super) fn new(locale: Locale, order: Order, names: &Names) -> Self {
        let balance = words::pick(locale, "balance", "余额");
        let merchant = order.merchant.map(|id| Party::merchant(id, names));
        Self {
            id: order.id,
            key: order.key,
            at: moment(order.created_at),
            kind: words::kind(order.kind, locale),
            stage: words::stage(order.stage, locale),
            tone: words::stage_tone(order.stage),
            amount: money(order.amount.signed()),
            way: order.channel.map_or_else(|| balance.to_owned(), |code| names.channel(&code)),
            payer: order.payer.map(Party::user),
            payee: merchant.or_else(|| order.payee.map(Party::user)),
            reason: order.failure.map(|f| f.reason.get(locale).to_owned()).unwrap_or_default(),
        }
    }
}

/// A choice of a filter.
struct Choice {
    word: String,
    name: String,
    chosen: bool,
}

/// Which orders; an empty field of the form is one not given.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Query {
    kind: String,
    stage: String,
    merchant: String,
    user: String,
    channel: String,
    key: String,
    before: Option<OrderId>,
}

/// The list.
#[derive(Template)]
#[template(path = "orders.html")]
pub(super) struct OrderList {
    frame: Frame,
    kinds: Vec<Choice>,
    stages: Vec<Choice>,
    channels: Vec<Choice>,
    query: Query,
    orders: Vec<OrderRow>,
    /// The query of the next page.
    next: Option<String>,
}

fn unknown(field: &str) -> Problem {
    let zh = format!("筛选条件 {field} 无效");
    Problem::new(ProblemKind::Invalid, "query_invalid", format!("{field} is no such thing"), zh)
        .at(field)
}

fn read<T>(
    text: &str,
    field: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some).ok_or_else(|| unknown(field)),
    }
}

impl Query {
    fn filter(&self) -> Result<Filter, Problem> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Filter {
            kind: read(&self.kind, "kind", Kind::from_word)?,
            stage: read(&self.stage, "stage", Stage::from_word)?,
            merchant: read(&self.merchant, "merchant", |t| t.parse::<MerchantId>().ok())?,
            user: read(&self.user, "user", |t| t.parse::<UserId>().ok())?,
            channel: text(&self.channel),
            key: text(&self.key),
            ..Filter::default()
        })
    }

    /// The query of the page that begins behind this order. Fields that were read hold only
    /// letters, digits and underscores, but for the key and the channel, which a page never needs:
    /// both are encoded.
    fn behind(&self, last: OrderId) -> String {
        let pairs = [
            ("kind", &self.kind),
            ("stage", &self.stage),
            ("merchant", &self.merchant),
            ("user", &self.user),
            ("channel", &self.channel),
            ("key", &self.key),
        ];
        let mut query = format!("before={last}");
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.push('&');
            query.push_str(name);
            query.push('=');
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') {
                    query.push(char::from(byte));
                } else {
                    // Writing into a String does not fail.
                    let _ = write!(query, "%{byte:02X}");
                }
            }
        }
        query
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let at = OrderPage { before: query.before, limit: LIMIT };
    let orders = site.payments.list(&query.filter()?, at).await?;
    let names = Names::new(&site, visit.locale);
    page(&OrderList::new(Frame::new(&site, visit, Section::Orders), query, orders, &names))
}

impl OrderList {
    fn new(frame: Frame, query: Query, orders: Vec<Order>, names: &Names) -> Self {
        let l = frame.locale;
        let full = u64::try_from(orders.len()).is_ok_and(|count| count == LIMIT);
        let next = orders.last().filter(|_| full).map(|order| query.behind(order.id));
        let kind = |kind: &Kind| Choice {
            word: kind.word().to_owned(),
            name: words::kind(*kind, l).to_owned(),
            chosen: kind.word() == query.kind,
        };
        let stage = |stage: &Stage| Choice {
            word: stage.word().to_owned(),
            name: words::stage(*stage, l).to_owned(),
            chosen: stage.word() == query.stage,
        };
        let channel = |(code, name): (&str, &str)| Choice {
            word: code.to_owned(),
            name: name.to_owned(),
            chosen: code == query.channel,
        };
        Self {
            channels: names.channels().map(channel).collect(),
            kinds: Kind::ALL.iter().map(kind).collect(),
            stages: Stage::ALL.iter().map(stage).collect(),
            orders: orders.into_iter().map(|order| OrderRow::new(l, order, names)).collect(),
            query,
            next,
            frame,
        }
    }
}

/// An order for samples.
#[cfg(test)]
pub(super) fn sample_order(kind: Kind, stage: Stage) -> Order {
    use types::{Text, Timestamp};
    let at = Timestamp::parse("2026-10-12T09:30:00+08:00").expect("a moment");
    let merchant = MerchantId::of(&[b"m"]);
    Order {
        id: OrderId::of(&[kind.word().as_bytes(), stage.word().as_bytes()]),
        scope: payments::Scope::Merchant(merchant),
        key: "<b>order & 1</b>".to_owned(),
        kind,
        stage,
        payer: Some(UserId::of(&[b"u"])),
        customer: None,
        merchant: Some(merchant),
        payee: None,
        amount: money::Amount::new(123_456).expect("small"),
        asset: money::CNY,
        channel: (kind == Kind::TopUp).then(|| "card".to_owned()),
        channel_order_no: None,
        refund_of: None,
        refunded: money::Amount::ZERO,
        subject: "two pots of tea".to_owned(),
        created_at: at,
        finished_at: stage.is_final().then_some(at),
        date: stage.is_final().then(|| at.date()),
        failure: (stage == Stage::Failed).then(|| payments::Failure {
            code: "insufficient_available".to_owned(),
            reason: Text::new("not enough is available", "可用余额不足"),
        }),
        decision: None,
        attempts: 0,
        next_at: None,
    }
}

#[cfg(test)]
impl OrderList {
    pub(super) fn sample(locale: Locale) -> Self {
        let query =
            Query { kind: "payment".to_owned(), key: "a b&c".to_owned(), ..Query::default() };
        let orders = Stage::ALL.iter().map(|stage| sample_order(Kind::Payment, *stage));
        let orders = orders.chain((0..LIMIT).map(|_| sample_order(Kind::TopUp, Stage::Succeeded)));
        let orders = orders.take(50).collect();
        Self::new(Frame::sample(locale, Section::Orders), query, orders, &Names::none(locale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_strictly_and_kept_over_pages() {
        let query = Query { kind: "payment".into(), key: "a b&c".into(), ..Query::default() };
        let filter = query.filter().expect("valid");
        assert_eq!((filter.kind, filter.stage), (Some(Kind::Payment), None));
        assert_eq!(filter.key.as_deref(), Some("a b&c"));
        let last = OrderId::of(&[b"x"]);
        assert_eq!(query.behind(last), format!("before={last}&kind=payment&key=a%20b%26c"));
        for (field, query) in [
            ("kind", Query { kind: "gift".into(), ..Query::default() }),
            ("stage", Query { stage: "done".into(), ..Query::default() }),
            ("merchant", Query { merchant: "mch_1".into(), ..Query::default() }),
        ] {
            assert_eq!(query.filter().expect_err(field).field.as_deref(), Some(field));
        }
    }
}
