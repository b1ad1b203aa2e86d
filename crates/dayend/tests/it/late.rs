//! A statement that is late, and operators who act.

use super::{all_done, friday, pass, step, trade, world};
use dayend::{Step, StepState};
use types::Clock as _;

#[tokio::test]
async fn a_late_statement_is_asked_for_again_alarms_and_holds_up_only_what_waits_for_it() {
    let world = world().await;
    let house = world.open().await;
    let merchant = house.merchant(&world, false).await;
    trade(&world, &house, merchant).await;
    let date = friday();
    pass(&world, &house, 21).await;
    let fetch = step(&house, date, Step::FetchStatement, "card").await;
    assert_eq!(fetch.state, StepState::Failed);
    assert_eq!(fetch.failure.as_ref().map(|f| f.code.as_str()), Some("statement_not_ready"));
    assert_eq!(fetch.next_at, Some(world.clock.now().plus_seconds(30)));
    assert_eq!(fetch.alarmed_at, None);
    let waiting = step(&house, date, Step::Reconcile, "card").await;
    assert_eq!((waiting.state, waiting.attempts), (StepState::Waiting, 0));
    pass(&world, &house, 1).await;
    let fetch = step(&house, date, Step::FetchStatement, "card").await;
    assert_eq!((fetch.attempts, fetch.alarmed_at), (2, Some(world.clock.now())));
    // On Monday merchants are settled although no channel has said a word.
    pass(&world, &house, 48).await;
    let settled = step(&house, date, Step::SettleMerchants, "").await;
    assert_eq!(settled.state, StepState::Done);
    let unpaid = step(&house, date, Step::SettleChannel, "wallet").await;
    assert_eq!(unpaid.state, StepState::Failed);
    house.end_channels_day(date).await;
    pass(&world, &house, 2).await;
    all_done(&house, date).await;
    assert_eq!(step(&house, date, Step::FetchStatement, "card").await.alarmed_at, None);
    house.prove().await;
}

#[tokio::test]
async fn an_operator_takes_a_step_now_but_not_out_of_turn() {
    let world = world().await;
    let house = world.open().await;
    let merchant = house.merchant(&world, false).await;
    trade(&world, &house, merchant).await;
    let date = friday();
    let refused = async |name: &str, channel: Option<&str>| {
        let now = world.clock.now();
        let problem = house.day_end.run_now(date, name, channel, now).await;
        problem.expect_err(name).code
    };
    assert_eq!(refused("cut_day", None).await, "day_end_step_early");
    assert_eq!(refused("clear", None).await, "day_end_step_blocked");
    assert_eq!(refused("tidy_up", None).await, "day_end_step_unknown");
    assert_eq!(refused("clear", Some("card")).await, "day_end_step_unknown");
    assert_eq!(refused("fetch_statement", None).await, "day_end_step_unknown");
    pass(&world, &house, 14).await;
    house.end_channels_day(date).await;
    // Seven hours before its time of day.
    let now = world.clock.now();
    let take = async |name: &str| {
        let taken = house.day_end.run_now(date, name, Some("card"), now).await;
        taken.expect(name).progress
    };
    for name in ["fetch_statement", "reconcile", "treat_breaks"] {
        assert_eq!(take(name).await.state, StepState::Done, "{name}");
    }
    let hash = house.book.state_hash();
    take("fetch_statement").await;
    let again = step(&house, date, Step::Reconcile, "card").await;
    assert_eq!(again.state, StepState::Waiting, "what was fetched again is reconciled again");
    take("reconcile").await;
    take("treat_breaks").await;
    assert_eq!(house.book.state_hash(), hash);
    assert_eq!(house.recon.runs(Some(date), 0).await.expect("read").len(), 1);
    assert_eq!(refused("settle_channel", Some("card")).await, "day_end_step_early");
}
