//! What was answered once is answered for ever: across repeats, restarts and kills.

use crate::support::{Played, succeeded};
use crate::support::{close, config, day, failed, fill, pay, payout, play, refund, statement};
use channels::{Answer, Differences, PayKind, PayRequest, Why, contract::CloseDay};
use simulators::{ChannelSimulator, Error, SimulatorKind};
use std::path::Path;

#[tokio::test]
async fn a_number_is_one_trade() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Card, dir.path())).await;
    let channel = &played.channel;
    let request = pay("P1", 990, "09:00:00");
    let first = channel.pay(&request).await;
    succeeded(&first);
    let restamped = PayRequest { at: crate::support::at("09:00:07"), ..request.clone() };
    assert_eq!(channel.pay(&restamped).await, first, "the first moment stays");
    for other in [
        PayRequest { amount_minor: crate::support::fen(991), ..request.clone() },
        PayRequest { payer_token: "token_2".into(), ..request.clone() },
        PayRequest { kind: PayKind::Topup, ..request.clone() },
        PayRequest { subject: "x".into(), ..request.clone() },
    ] {
        assert_eq!(channel.pay(&other).await, Answer::Unknown { why: Why::Conflict });
    }
    assert_eq!(
        channel.payout(&payout("P1", 990)).await,
        Answer::Unknown { why: Why::Conflict },
        "one name space for all"
    );
    assert_eq!(channel.query("P1").await, first);
    let refunded = channel.refund(&refund("R1", "P1", 600, "10:00:00")).await;
    assert_eq!(channel.refund(&refund("R1", "P1", 600, "10:00:00")).await, refunded);
    assert_eq!(
        channel.refund(&refund("R2", "P1", 600, "10:00:00")).await,
        failed("refund_exceeds_payment")
    );
    succeeded(&channel.refund(&refund("R3", "P1", 390, "10:00:00")).await);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("listed") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copied");
        }
    }
}

async fn check_memory(played: &Played, first: &Answer, file: &[u8], paid_out: &Answer) {
    let channel = &played.channel;
    assert_eq!(&channel.query("P0007").await, first);
    assert_eq!(&channel.query("W1").await, paid_out);
    assert_eq!(
        channel.refund(&refund("R2", "P0007", 359, "10:00:00")).await,
        failed("refund_exceeds_payment")
    );
    assert_eq!(statement(channel).await, file);
    assert_eq!(close(channel, Differences { fee: 1, ..Differences::default() }).await.fee, 1);
}

#[tokio::test]
async fn a_restart_and_a_kill_forget_nothing() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Card, &dir.path().join("a"))).await;
    let channel = &played.channel;
    fill(channel, 30).await;
    let first = channel.query("P0007").await;
    succeeded(&channel.refund(&refund("R1", "P0007", 1, "10:00:00")).await);
    let paid_out = channel.payout(&payout("W1", 5_000)).await;
    succeeded(&paid_out);
    close(channel, Differences { fee: 1, ..Differences::default() }).await;
    let file = statement(channel).await;

    // What a kill leaves: the files as they are this moment, nothing sealed, nothing closed.
    copy(&played.dir, &dir.path().join("b"));
    let killed = play(config(SimulatorKind::Card, &dir.path().join("b"))).await;
    check_memory(&killed, &first, &file, &paid_out).await;

    let second = ChannelSimulator::start(config(SimulatorKind::Card, &played.dir)).await;
    assert!(matches!(second, Err(Error::Journal(journal::Error::Locked { .. }))));
    let Played { simulator, dir: home, .. } = played;
    simulator.stop().await.expect("stopped");
    let again = play(config(SimulatorKind::Card, &home)).await;
    check_memory(&again, &first, &file, &paid_out).await;
}

#[tokio::test]
async fn a_closed_day_stays_and_late_trades_are_on_the_next() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Card, dir.path())).await;
    let channel = &played.channel;
    fill(channel, 3).await;
    close(channel, Differences::default()).await;
    let file = statement(channel).await;
    let late = channel.pay(&pay("LATE", 100, "23:00:00")).await;
    let Answer::Succeeded { finished_at, .. } = late else { panic!("{late:?}") };
    assert_eq!(finished_at, day().next().start());
    assert_eq!(statement(channel).await, file);
    let next = CloseDay { date: day().next(), differences: Differences::default() };
    channel.close_day(&next).await.expect("closed");
    let next = channel.statement(day().next()).await.expect("statement").bytes;
    assert!(String::from_utf8(next).expect("utf-8").contains("`LATE,"));
    let other = CloseDay { date: day(), differences: Differences { fee: 1, ..Default::default() } };
    let error = channel.close_day(&other).await.expect_err("closed otherwise");
    assert!(error.to_string().contains("day_closed"), "{error}");
}

#[tokio::test]
async fn a_damaged_statement_is_not_delivered() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Card, dir.path())).await;
    close(&played.channel, Differences::default()).await;
    let name = played.channel.statement(day()).await.expect("statement").name;
    let path = dir.path().join("statements").join(name);
    let mut bytes = std::fs::read(&path).expect("read");
    bytes[40] ^= 1;
    std::fs::write(&path, bytes).expect("written");
    assert!(played.channel.statement(day()).await.is_err());
}
