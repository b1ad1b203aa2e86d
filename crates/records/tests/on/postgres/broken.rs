//! Broken connections and servers that go: what was acknowledged is there, what was refused is
//! not, and where neither is known it is said.

use std::time::Duration;

use records::{Error, Records};
use testkit::postgres::Server;
use types::{Problem, ProblemKind};

use super::proxy::{Proxy, Weather};
use super::url;
use crate::{LINES, ids, write};

#[tokio::test(flavor = "multi_thread")]
async fn the_fate_of_a_commit_whose_answer_was_lost_is_found_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let proxy = Proxy::before(&url(&dir)).await;
    let records = Records::open(&proxy.url(), &[LINES]).await.expect("opens");
    write(&records, 1).await.expect("written");

    proxy.set(Weather::CutAfter);
    write(&records, 2).await.expect("it was committed, and that is found out");
    proxy.set(Weather::CutBefore);
    let refused = write(&records, 3).await;
    assert!(matches!(refused, Err(Error::Commit(_))), "{refused:?}");
    write(&records, 4).await.expect("the writer came back");
    assert_eq!(ids(&records).await, [1, 2, 4]);

    // Many at once share a batch, and its fate.
    for (round, weather) in [(1, Weather::CutAfter), (2, Weather::CutBefore)] {
        proxy.set(weather);
        let many = (0..50).map(|n| {
            let records = records.clone();
            tokio::spawn(async move { (n, write(&records, round * 100 + n).await) })
        });
        for task in many.collect::<Vec<_>>() {
            let (n, result) = task.await.expect("no panic");
            let kept = ids(&records).await.contains(&(round * 100 + n));
            match result {
                Ok(()) => assert!(kept, "{n}"),
                Err(Error::Commit(_)) => assert!(!kept && weather == Weather::CutBefore, "{n}"),
                Err(error) => panic!("{n}: {error}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_fate_cannot_be_learnt_that_is_said_and_nothing_follows_what_was_kept_slow() {
    let case = async |weather: Weather| {
        let dir = tempfile::tempdir().expect("a directory");
        let proxy = Proxy::before(&url(&dir)).await;
        let records = Records::open(&proxy.url(), &[LINES]).await.expect("opens");
        proxy.set(weather);
        let error = write(&records, 1).await.expect_err("not known");
        assert!(matches!(error, Error::FateUnknown { .. }), "{error}");
        let problem = Problem::from(error);
        let told = (problem.code, problem.kind);
        assert_eq!(told, ("records_fate_unknown", ProblemKind::Unavailable));
        // While the server is away, nothing is promised and nobody waits for long.
        let error = write(&records, 2).await.expect_err("away");
        assert_eq!(Problem::from(error).code, "records_unavailable");
        proxy.set(Weather::Fair);
        let after = write(&records, 3).await;
        let kept = ids(&records).await;
        records.close().await;
        let again = Records::open(&proxy.url(), &[LINES]).await.expect("opens");
        write(&again, 4).await.expect("a new start goes on");
        (after, kept)
    };
    let (kept, lost) =
        tokio::join!(case(Weather::CutAfterForGood), case(Weather::CutBeforeForGood));
    assert!(matches!(kept, (Err(Error::Closed), ref ids) if *ids == [1]), "{kept:?}");
    assert!(matches!(lost, (Ok(()), ref ids) if *ids == [3]), "{lost:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_restarted_is_found_again_unnoticed() {
    let mut server = Server::start();
    let database = server.database();
    let records = Records::open(database.url(), &[LINES]).await.expect("opens");
    write(&records, 1).await.expect("written");
    assert_eq!(ids(&records).await, [1]);
    server.shut_down();
    server.resume();
    write(&records, 2).await.expect("written");
    // A reader that was in use a moment ago may learn of it by an error, once.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(ids(&records).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_under_load_loses_nothing_and_doubles_nothing() {
    let mut server = Server::start();
    let database = server.database();
    let records = Records::open(database.url(), &[LINES]).await.expect("opens");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut running = Vec::new();
    for task in 0..32i64 {
        let (records, stopped) = (records.clone(), stopped.clone());
        running.push(tokio::spawn(async move {
            let mut results = Vec::new();
            let mut id = task << 32;
            while !*stopped.borrow() {
                let result = write(&records, id).await;
                let failed = result.is_err();
                results.push((id, result));
                if failed {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                id += 1;
            }
            results
        }));
    }
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let restarted = tokio::task::spawn_blocking(move || {
            server.crash();
            server.resume();
            server
        });
        server = restarted.await.expect("restarts");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.send(true).expect("they listen");
    let mut results = Vec::new();
    for task in running {
        results.extend(task.await.expect("no panic"));
    }
    records.close().await;
    let records = Records::open(database.url(), &[LINES]).await.expect("opens");
    let kept: std::collections::BTreeSet<i64> = ids(&records).await.into_iter().collect();
    let (mut acknowledged, mut refused) = (0, 0);
    for (id, result) in results {
        match result {
            Ok(()) => {
                assert!(kept.contains(&id), "{id} was acknowledged and is gone");
                acknowledged += 1;
            }
            Err(Error::FateUnknown { .. }) => {}
            Err(error) => {
                assert!(!kept.contains(&id), "{id} was refused and is there: {error}");
                refused += 1;
            }
        }
    }
    assert!(acknowledged > 100, "{acknowledged} acknowledged, {refused} refused");
}
