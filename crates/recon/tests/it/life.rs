//! Runs and breaks over time: once, again, corrected, closed; and what is refused.

use crate::day::{date, pay};
use crate::house::{CHANNEL, House, now};
use clearing::daybook;
use recon::{BreakFilter, BreakState, Class, Error, RunState};
use types::Problem;

#[tokio::test]
async fn the_same_files_again_are_the_same_run() {
    let house = House::new().await;
    let ours = [pay("P1", 1_000, 6)];
    let first = house.run(&ours, &[pay("P1", 999, 6)]).await.expect("run");
    let again = house.run(&ours, &[pay("P1", 999, 6)]).await.expect("run");
    assert_eq!(first, again);
    assert_eq!(house.recon.runs(Some(date()), 0).await.expect("read").len(), 1);
    assert_eq!(house.recon.current(CHANNEL, date()).await.expect("read"), Some(first));
}

#[tokio::test]
async fn a_corrected_statement_takes_the_place_of_the_last_and_keeps_it() {
    let house = House::new().await;
    let ours = [pay("P1", 1_000, 6)];
    let wrong = house.run(&ours, &[pay("P1", 999, 6)]).await.expect("run");
    let right = house.run(&ours, &ours).await.expect("run");
    assert_eq!((wrong.version, right.version), (1, 2));
    let kept = house.recon.report(wrong.run).await.expect("kept");
    assert_eq!(kept.state, RunState::Superseded);
    let states: Vec<_> = house.breaks(&wrong).await.into_iter().map(|b| b.state).collect();
    assert_eq!(states, [BreakState::Withdrawn]);
    let refused = house.recon.treat(wrong.run, now()).await;
    assert!(matches!(refused, Err(Error::Superseded { .. })), "{refused:?}");
    // The first file once more is a third version, not the first revived.
    let third = house.run(&ours, &[pay("P1", 999, 6)]).await.expect("run");
    assert_eq!((third.version, third.run == wrong.run), (3, false));
}

#[tokio::test]
async fn breaks_are_closed_once_they_are_treated() {
    let house = House::new().await;
    let report = house.run(&[], &[pay("X1", 1_000, 6)]).await.expect("run");
    let early = house.recon.close(report.run, "", now()).await;
    assert!(matches!(early, Err(Error::Untreated { open: 1, .. })), "{early:?}");
    house.recon.treat(report.run, now()).await.expect("treated");
    assert_eq!(house.recon.close(report.run, "refunded to its payer", now()).await.expect("ok"), 1);
    assert_eq!(house.recon.close(report.run, "again", now()).await.expect("ok"), 0);
    let closed = house.breaks(&report).await.pop().expect("kept");
    assert_eq!(closed.state, BreakState::Closed);
    assert_eq!(closed.note.as_deref(), Some("refunded to its payer"));
    assert!(closed.treated_at.is_some() && closed.closed_at.is_some());
}

#[tokio::test]
async fn breaks_are_listed_by_class_state_and_page() {
    let house = House::new().await;
    let theirs: Vec<_> = (0..5).map(|n| pay(&format!("X{n}"), 100, 0)).collect();
    let report = house.run(&[pay("P1", 1, 0)], &theirs).await.expect("run");
    let count = async |filter: BreakFilter| {
        let filter = BreakFilter { run: Some(report.run), ..filter };
        house.recon.breaks(filter).await.expect("read").len()
    };
    let class = |class| BreakFilter { class: Some(class), ..BreakFilter::default() };
    assert_eq!(count(BreakFilter::default()).await, 6);
    assert_eq!(count(class(Class::MissingAtUs)).await, 5);
    assert_eq!(count(class(Class::Fee)).await, 0);
    assert_eq!(count(BreakFilter { limit: 2, ..BreakFilter::default() }).await, 2);
    assert_eq!(count(BreakFilter { after: Some(4), ..BreakFilter::default() }).await, 2);
    let treated = BreakFilter { state: Some(BreakState::Treated), ..BreakFilter::default() };
    assert_eq!(count(treated.clone()).await, 0);
    house.recon.treat(report.run, now()).await.expect("treated");
    assert_eq!(count(treated).await, 6);
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_changes_nothing() {
    let house = House::new().await;
    let good = house.request(&[pay("P1", 1, 0)], &[pay("P1", 1, 0)]);
    let code = async |request| match house.recon.run(request, now()).await {
        Ok(_) => "accepted",
        Err(error) => Problem::from(error).code,
    };
    let mut unknown = good.clone();
    unknown.format = "mystery".to_owned();
    assert_eq!(code(unknown).await, "format_unknown");
    let mut trailer = good.clone();
    trailer.statement = b"kind,our_no,channel_no,refund_of,amount,fee,status,time\n\
        pay,P1,C1,,0.01,0.00,succeeded,2026-10-12T09:30:00+08:00\ntotal,2,,,0.01,0.00,,\n"
        .to_vec();
    assert_eq!(code(trailer).await, "statement_trailer_mismatch");
    let mut other_day = good.clone();
    let text = String::from_utf8(other_day.statement).expect("text");
    other_day.statement = text.replace("2026-10-12T", "2026-10-11T").into_bytes();
    assert_eq!(code(other_day).await, "statement_other_date");
    let mut missing = good.clone();
    missing.daybook = missing.daybook.with_file_name("none.parquet");
    assert_eq!(code(missing).await, "daybook_invalid");
    let mut other_channel = good.clone();
    other_channel.channel = "wallet".to_owned();
    assert_eq!(code(other_channel).await, "daybook_invalid");
    let mut no_parquet = good.clone();
    no_parquet.daybook = no_parquet.daybook.with_file_name("text.parquet");
    std::fs::write(&no_parquet.daybook, "order_id,channel").expect("written");
    assert_eq!(code(no_parquet).await, "daybook_invalid");
    assert_eq!(house.recon.runs(None, 0).await.expect("read"), []);
    assert_eq!(code(good).await, "accepted");
    let nobody = types::RunId::of(&[b"nobody"]);
    let error = house.recon.treat(nobody, now()).await.expect_err("unknown");
    assert_eq!(Problem::from(error).code, "run_unknown");
}

#[test]
fn the_day_book_is_the_one_that_clearing_writes() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = crate::day::daybook(dir.path(), CHANNEL, &[pay("P1", 1_000, 6)]);
    assert_eq!(path, daybook::path(dir.path(), date(), CHANNEL));
    let book = recon::daybook::read(&path, CHANNEL).expect("valid");
    assert_eq!((book.totals.rows, book.totals.pay_minor), (1, 1_000));
}
