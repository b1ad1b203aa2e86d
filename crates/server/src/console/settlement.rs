//! `/settlement`: a day's settlement with channels and with merchants, and its advances.

use super::board::day_or_newest;
use super::figures::{money, money_or_blank};
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::words::{self, CALM, GOOD, Tone, WARN};
use super::{Page, page};
use crate::app::Site;
use crate::extract::StrictQuery;
use askama::Template;
use axum::extract::State;
use clearing::{Advance, AdvanceState, ChannelSettlement, MerchantSettlement, SettlementState};
use serde::Deserialize;
use types::{BusinessDate, Locale, MerchantId};

struct ChannelRow {
    channel: String,
    due: BusinessDate,
    gross: String,
    refunds: String,
    expected: String,
    cost: String,
    net: String,
    state: &'static str,
    tone: Tone,
}

struct MerchantRow {
    merchant: MerchantId,
    name: String,
    due: BusinessDate,
    payments: String,
    refunds: String,
    fees: String,
    repaid: String,
    settled: String,
    carried: String,
    state: &'static str,
    tone: Tone,
}

struct AdvanceRow {
    merchant: MerchantId,
    name: String,
    amount: String,
    fee: String,
    repaid: String,
    state: &'static str,
    tone: Tone,
}

/// The settlement of a day.
#[derive(Template)]
#[template(path = "settlement.html")]
pub(super) struct Settlement {
    frame: Frame,
    date: BusinessDate,
    channels: Vec<ChannelRow>,
    merchants: Vec<MerchantRow>,
    advances: Vec<AdvanceRow>,
}

/// Which day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    date: Option<BusinessDate>,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(Query { date }): StrictQuery<Query>,
) -> Page {
    let date = day_or_newest(&site, date).await?;
    let channels = site.clearing.channel_settlements(date).await?;
    let merchants = site.clearing.merchant_settlements(date).await?;
    let advances = site.clearing.advances(date).await?;
    let l = visit.locale;
    let name = |id: MerchantId| site.members.merchant(id).map(|m| m.name.get(l).to_owned());
    let names = Names::new(&site, l);
    let channels = channels
        .into_iter()
        .map(|s| ChannelSettlement { channel: names.channel(&s.channel), ..s })
        .collect();
    let frame = Frame::new(&site, visit, Section::Settlement);
    page(&Settlement::new(frame, date, channels, merchants, advances, name))
}

const fn state(state: SettlementState, l: Locale) -> (&'static str, Tone) {
    match state {
        SettlementState::Due => (words::pick(l, "Due", "待结算"), WARN),
        SettlementState::Settling => (words::pick(l, "Settling", "结算中"), CALM),
        SettlementState::Settled => (words::pick(l, "Settled", "已结算"), GOOD),
    }
}

const fn advance_state(state: AdvanceState, l: Locale) -> (&'static str, Tone) {
    match state {
        AdvanceState::Advancing => (words::pick(l, "Advancing", "垫付中"), CALM),
        AdvanceState::Advanced => (words::pick(l, "Outstanding", "未归还"), WARN),
        AdvanceState::Repaid => (words::pick(l, "Repaid", "已归还"), GOOD),
    }
}

impl Settlement {
    fn new(
        frame: Frame,
        date: BusinessDate,
        channels: Vec<ChannelSettlement>,
        merchants: Vec<MerchantSettlement>,
        advances: Vec<Advance>,
        name: impl Fn(MerchantId) -> Option<String>,
    ) -> Self {
        let l = frame.locale;
        let name = |id| name(id).unwrap_or_default();
        let channel = |s: ChannelSettlement| {
            let (state, tone) = state(s.state, l);
            ChannelRow {
                channel: s.channel,
                due: s.due_date,
                gross: money(s.gross.signed()),
                refunds: money_or_blank(s.refunds.signed()),
                expected: money_or_blank(s.expected_cost_minor),
                cost: money_or_blank(s.cost_minor),
                net: money(s.net_minor),
                state,
                tone,
            }
        };
        let merchant = |s: MerchantSettlement| {
            let (state, tone) = state(s.state, l);
            MerchantRow {
                merchant: s.merchant,
                name: name(s.merchant),
                due: s.due_date,
                payments: money(s.payments.signed()),
                refunds: money_or_blank(s.refunds.signed()),
                fees: money_or_blank(s.fees_taken_minor),
                repaid: money_or_blank(s.repaid.signed()),
                settled: money(s.settled.signed()),
                carried: money_or_blank(s.carried_minor),
                state,
                tone,
            }
        };
        let advance = |a: Advance| {
            let (state, tone) = advance_state(a.state, l);
            AdvanceRow {
                merchant: a.merchant,
                name: name(a.merchant),
                amount: money(a.amount.signed()),
                fee: money(a.fee.signed()),
                repaid: money_or_blank(a.repaid.signed()),
                state,
                tone,
            }
        };
        Self {
            date,
            channels: channels.into_iter().map(channel).collect(),
            merchants: merchants.into_iter().map(merchant).collect(),
            advances: advances.into_iter().map(advance).collect(),
            frame,
        }
    }
}

#[cfg(test)]
fn fen(minor: u64) -> money::Amount {
    money::Amount::new(minor).expect("small")
}

#[cfg(test)]
pub(super) fn sample_channel(date: BusinessDate) -> ChannelSettlement {
    ChannelSettlement {
        channel: "card".to_owned(),
        date,
        due_date: date.next(),
        expected_cost_minor: 300,
        gross: fen(100_000),
        refunds: fen(1_000),
        cost_minor: 301,
        net_minor: 98_699,
        state: SettlementState::Settled,
    }
}

#[cfg(test)]
pub(super) fn sample_merchant(date: BusinessDate) -> MerchantSettlement {
    MerchantSettlement {
        batch: types::BatchId::of(&[b"b"]),
        merchant: MerchantId::of(&[b"m"]),
        date,
        due_date: date.next(),
        payments: fen(100_000),
        refunds: fen(1_000),
        fees: fen(600),
        fees_returned: fen(6),
        fees_taken_minor: 594,
        repaid: fen(90_000),
        settled: fen(8_406),
        carried_minor: 0,
        fees_owed_minor: 0,
        state: SettlementState::Settled,
    }
}

#[cfg(test)]
pub(super) fn sample_advance(date: BusinessDate) -> Advance {
    let (amount, fee, repaid) = (fen(90_000), fen(18), fen(0));
    let (merchant, state) = (MerchantId::of(&[b"m"]), AdvanceState::Advanced);
    Advance { merchant, date, amount, fee, repaid, state }
}

#[cfg(test)]
impl Settlement {
    pub(super) fn sample(locale: Locale) -> Self {
        let date: BusinessDate = "2026-10-12".parse().expect("a date");
        let due = SettlementState::Due;
        Self::new(
            Frame::sample(locale, Section::Settlement),
            date,
            vec![sample_channel(date)],
            vec![sample_merchant(date), MerchantSettlement { state: due, ..sample_merchant(date) }],
            vec![sample_advance(date)],
            |_| Some("Lotus Tea".to_owned()),
        )
    }
}
