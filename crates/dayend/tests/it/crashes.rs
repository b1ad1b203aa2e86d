//! A crash after every step's work and before its end was written down: the step is taken again and
//! changes nothing.

use super::{all_done, friday, trade, world};
use dayend::{Progress, StepState};
use records::rows::execute;
use testhouse::House;
use types::Clock as _;

/// Leaves the step as a crash at its very end would: begun, not ended.
async fn forget(house: &House, of: &Progress) {
    let (days, step, channel) = (i64::from(of.date.days()), of.step.word(), of.channel.clone());
    let sql = "UPDATE day_end_step SET state = 'running', finished_at = NULL, result = NULL \
               WHERE date = $1 AND step = $2 AND channel = $3";
    let unit = house.records.write::<(), records::Error, _>(move |txn| {
        Box::pin(async move {
            execute(txn, sql, vec![days.into(), step.into(), channel.into()]).await.map(drop)
        })
    });
    unit.await.expect("written");
}

#[tokio::test]
async fn a_crash_between_every_two_steps_costs_nothing() {
    let world = world().await;
    let mut house = world.open().await;
    house.endow(1_000_000).await;
    let merchant = house.merchant(&world, true).await;
    trade(&world, &house, merchant).await;
    let date = friday();
    let mut taken = 0;
    let monday_noon = date.plus_days(3).start().plus_seconds(12 * 3_600);
    while world.clock.now() < monday_noon {
        world.clock.advance_to(world.clock.now().plus_seconds(1_800));
        let now = world.clock.now();
        if now.date() > date {
            house.end_channels_day(now.date().plus_days(-1)).await;
        }
        while let Some(first) = house.day_end.run_next(now).await.expect("progress is written") {
            assert_eq!(first.state, StepState::Done, "{first:?}");
            taken += 1;
            let hash = house.book.state_hash();
            forget(&house, &first).await;
            house.close().await;
            house = world.open().await;
            let again = house.day_end.run_next(now).await.expect("written").expect("taken again");
            assert_eq!((again.step, &again.channel), (first.step, &first.channel));
            assert_eq!((again.state, again.attempts), (StepState::Done, 2), "{again:?}");
            assert_eq!(house.book.state_hash(), hash, "{:?} changed the book twice", again.step);
        }
    }
    assert!(taken >= 45, "three whole dates: {taken}");
    all_done(&house, date).await;
    let advance = house.clearing.advances(date).await.expect("read");
    assert_eq!(advance.len(), 1, "advanced once");
    assert_eq!(advance[0].repaid, advance[0].amount, "and repaid first");
    house.prove().await;
}
