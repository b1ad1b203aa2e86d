//! A day's steps on the real book, real records and simulated channels: each taken twice, and again
//! after a crash, changes nothing; out of turn it is refused.

use clearing::{Error, SettlementState};
use records::rows::execute;
use testhouse::{House, World};
use types::{BusinessDate, Clock as _, MerchantId, Timestamp};

const CHANNELS: [&str; 2] = ["card", "wallet"];

fn monday() -> BusinessDate {
    "2026-10-12".parse().expect("a date")
}

/// A house with a day's trade: takings of 50,000 fen less a refund of 1,000, advanced at D0.
async fn traded() -> (World, House, MerchantId) {
    let world = World::new("2026-10-12T12:00:00+08:00").await;
    let house = world.open().await;
    house.endow(1_000_000).await;
    let merchant = house.merchant(&world, true).await;
    let user = house.user(&world).await;
    let first = house.pay(&world, user, merchant, 30_000, "card").await;
    house.pay(&world, user, merchant, 20_000, "wallet").await;
    house.refund(&world, merchant, first.id, 1_000).await;
    (world, house, merchant)
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Advance,
    Cut,
    Clear,
    DayBooks,
    Channel(&'static str),
    Merchants,
    Fees,
}

const DAY: [Step; 8] = [
    Step::Advance,
    Step::Cut,
    Step::Clear,
    Step::DayBooks,
    Step::Channel(CHANNELS[0]),
    Step::Channel(CHANNELS[1]),
    Step::Merchants,
    Step::Fees,
];

async fn take(house: &House, step: Step, now: Timestamp) {
    let (clearing, date) = (&house.clearing, monday());
    match step {
        Step::Advance => clearing.advance(date).await.map(drop),
        Step::Cut => clearing.cut_day(date, now).await,
        Step::Clear => clearing.clear(date, now).await.map(drop),
        Step::DayBooks => clearing.write_day_books(date).await.map(drop),
        Step::Channel(code) => clearing.settle_channel(code, date, now).await.map(drop),
        Step::Merchants => clearing.settle_merchants(date.next(), now).await.map(drop),
        Step::Fees => clearing.transfer_fees(date).await.map(drop),
    }
    .unwrap_or_else(|error| panic!("{step:?}: {error}"));
}

/// The book and everything clearing shows of the day.
async fn all(house: &House) -> String {
    let (clearing, date) = (&house.clearing, monday());
    format!(
        "{:?} {:?} {:?} {:?}",
        house.book.state_hash(),
        clearing.advances(date).await.expect("read"),
        clearing.merchant_settlements(date).await.expect("read"),
        clearing.channel_settlements(date).await.expect("read"),
    )
}

#[tokio::test]
async fn every_step_twice_and_after_a_crash_changes_nothing() {
    let (world, mut house, merchant) = traded().await;
    for step in DAY {
        if matches!(step, Step::Channel(_)) && world.clock.now().date() == monday() {
            world.clock.advance_to(monday().next().start().plus_seconds(36_000));
            house.end_channels_day(monday()).await;
        }
        let now = world.clock.now();
        take(&house, step, now).await;
        let after = all(&house).await;
        take(&house, step, now).await;
        assert_eq!(all(&house).await, after, "{step:?} twice");
        house.close().await;
        house = world.open().await;
        take(&house, step, now).await;
        assert_eq!(all(&house).await, after, "{step:?} after a crash");
    }
    // Every step of the day once more, in any order.
    let after = all(&house).await;
    for step in DAY.into_iter().rev() {
        take(&house, step, world.clock.now()).await;
    }
    assert_eq!(all(&house).await, after);
    house.prove().await;
    the_day_adds_up(&house, merchant).await;
}

async fn the_day_adds_up(house: &House, merchant: MerchantId) {
    let settled = house.clearing.merchant_settlements(monday()).await.expect("read");
    let [settled] = settled.as_slice() else { panic!("one merchant: {settled:?}") };
    assert_eq!((settled.payments.minor(), settled.refunds.minor()), (50_000, 1_000));
    let paid = settled.fees_taken_minor + settled.repaid.signed() + settled.settled.signed();
    assert_eq!(paid, 49_000, "fees, the advance's repayment and the rest: {settled:?}");
    let advance = house.clearing.advances(monday()).await.expect("read");
    assert_eq!(advance.len(), 1);
    assert_eq!(advance[0].repaid, advance[0].amount);
    let withdrawable = house.members.merchant(merchant).expect("a merchant").settled;
    let withdrawable = house.book.account(withdrawable).expect("open").balance();
    let expected = settled.settled.signed() + advance[0].amount.signed() - advance[0].fee.signed();
    assert_eq!(withdrawable, i128::from(expected));
    for channel in house.clearing.channel_settlements(monday()).await.expect("read") {
        assert_eq!(channel.state, SettlementState::Settled);
        assert_eq!(channel.cost_minor, channel.expected_cost_minor);
        let in_transit = channels::receivable(&channel.channel, money::CNY);
        assert_eq!(house.book.account(in_transit).expect("open").balance(), 0, "{channel:?}");
        assert_eq!(house.book.settled_through(in_transit), Some(monday()), "{channel:?}");
    }
    // What the channels paid has arrived wherever it went: the merchant may take all of it out.
    let merchant = house.members.merchant(merchant).expect("a merchant");
    let states = house.book.fund_states(merchant.settled).expect("open");
    assert_eq!((states.settled_free, states.transit_free), (withdrawable, 0));
}

/// The book knows one date up to which a channel has settled: a date that is settled out of turn
/// counts when those before it have.
#[tokio::test]
async fn money_settles_by_the_dates_without_a_gap() {
    let (world, house, merchant) = traded().await;
    let (clearing, tuesday) = (&house.clearing, monday().next());
    let user = house.user(&world).await;
    for date in [monday(), tuesday] {
        if date == tuesday {
            world.clock.advance_to(tuesday.start().plus_seconds(36_000));
            house.pay(&world, user, merchant, 10_000, "card").await;
        }
        let now = world.clock.now();
        clearing.cut_day(date, now).await.expect("cut");
        clearing.clear(date, now).await.expect("cleared");
        clearing.write_day_books(date).await.expect("written");
    }
    world.clock.advance_to(tuesday.next().start().plus_seconds(36_000));
    for date in [monday(), tuesday] {
        house.end_channels_day(date).await;
    }
    let pending = house.members.merchant(merchant).expect("a merchant").pending;
    let in_transit = || house.book.fund_states(pending).expect("open").transit_free;
    let card = channels::receivable("card", money::CNY);
    let before = in_transit();
    for (date, through) in [(tuesday, None), (monday(), Some(tuesday))] {
        clearing.settle_channel("card", date, world.clock.now()).await.expect("settled");
        assert_eq!(house.book.settled_through(card), through, "after {date}");
        assert_eq!(in_transit() < before, through.is_some());
    }
    assert!(in_transit() > 0, "what came through the wallet is still on its way");
    house.prove().await;
}

#[tokio::test]
async fn a_step_out_of_turn_is_refused_and_changes_nothing() {
    let (world, house, _) = traded().await;
    let (clearing, date, now) = (&house.clearing, monday(), world.clock.now());
    let before = all(&house).await;
    assert!(matches!(clearing.clear(date, now).await, Err(Error::NotCut(_))));
    assert!(matches!(clearing.write_day_books(date).await, Err(Error::NotCut(_))));
    assert!(matches!(clearing.cut_day(date.next(), now).await, Err(Error::NotOpen { .. })));
    let early = clearing.settle_channel("card", date, now).await;
    assert!(matches!(early, Err(Error::NoDayBook { .. })), "{early:?}");
    assert_eq!(all(&house).await, before);
    // After the cut nobody is advanced anything of the day any more.
    clearing.cut_day(date, now).await.expect("cut");
    assert!(clearing.advance(date).await.expect("nothing to do").is_empty());
}

#[tokio::test]
async fn a_day_is_not_cleared_while_an_order_of_it_is_half_done() {
    let (world, house, _) = traded().await;
    // As a crash leaves an order between the book's answer and its last writing.
    let sql = "UPDATE payments_orders SET stage = 'confirming', finished_at = NULL, \
               accounting_day = NULL, next_at = $1 WHERE kind = 'payment' AND channel = 'card'";
    let at = world.clock.now().as_micros();
    let unit = house.records.write::<u64, records::Error, _>(move |txn| {
        Box::pin(async move { execute(txn, sql, vec![at.into()]).await })
    });
    assert_eq!(unit.await.expect("written"), 1);
    let now = world.clock.now();
    house.clearing.cut_day(monday(), now).await.expect("cut");
    let refused = house.clearing.clear(monday(), now).await;
    assert!(matches!(refused, Err(Error::Unfinished { open: 1, .. })), "{refused:?}");
    let refused = house.clearing.write_day_books(monday()).await;
    assert!(matches!(refused, Err(Error::Unfinished { open: 1, .. })), "{refused:?}");
    house.payments.recover(now.plus_seconds(60)).await.expect("recovered");
    let lines = house.clearing.clear(monday(), now).await.expect("cleared");
    assert_eq!(lines, 3, "two payments and a refund");
}
