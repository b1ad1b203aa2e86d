//! Day ends on real rooms and simulated channels, with a clock that is moved by hand.

mod crashes;
mod late;
mod week;

use dayend::{Progress, Step, StepState};
use testhouse::{House, World};
use types::{BusinessDate, Clock as _, MerchantId};

fn friday() -> BusinessDate {
    "2026-10-16".parse().expect("a date")
}

/// A house on a Friday noon.
async fn world() -> World {
    World::new("2026-10-16T12:00:00+08:00").await
}

/// Trade of a day by both channels: takings of 50,000 fen less a refund of 1,000.
async fn trade(world: &World, house: &House, merchant: MerchantId) {
    let user = house.user(world).await;
    let first = house.pay(world, user, merchant, 30_000, "card").await;
    house.pay(world, user, merchant, 20_000, "wallet").await;
    house.refund(world, merchant, first.id, 1_000).await;
}

/// Moves the clock hour by hour and takes what is due.
async fn pass(world: &World, house: &House, hours: u32) {
    for _ in 0..hours {
        world.clock.advance_to(world.clock.now().plus_seconds(3_600));
        house.day_end.run_due(world.clock.now()).await.expect("progress is written");
    }
}

async fn step(house: &House, date: BusinessDate, step: Step, channel: &str) -> Progress {
    let steps = house.day_end.steps(date).await.expect("read");
    let found = steps.into_iter().map(|view| view.progress);
    let mut found = found.filter(|one| one.step == step && one.channel == channel);
    found.next().unwrap_or_else(|| panic!("{step:?} of {date}"))
}

async fn all_done(house: &House, date: BusinessDate) {
    let steps = house.day_end.steps(date).await.expect("read");
    assert_eq!(steps.len(), 15, "eleven, four of them for two channels");
    for view in steps {
        assert_eq!(view.progress.state, StepState::Done, "{view:?}");
    }
}

/// What a merchant may withdraw, in fen.
fn withdrawable(house: &House, merchant: MerchantId) -> i128 {
    let merchant = house.members.merchant(merchant).expect("a merchant");
    house.book.account(merchant.settled).map_or(0, |account| account.balance())
}
