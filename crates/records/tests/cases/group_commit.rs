//! Units: what fails is undone alone, what was acknowledged stays.

use std::time::Duration;

use records::{Error, Records};
use sea_orm::ConnectionTrait;
use types::{Problem, ProblemKind};

use super::{FAILS_AT_COMMIT, READ_ONLY, fresh, url};
use crate::{LINES, ids, insert};

/// A room's own error, as the rooms have one.
#[derive(Debug)]
enum RoomError {
    Refused(i64),
    Records(Error),
}

impl From<Error> for RoomError {
    fn from(error: Error) -> Self {
        Self::Records(error)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_error_of_a_unit_undoes_that_unit_alone() {
    let (_dir, records) = fresh().await;
    let mut running = Vec::new();
    for id in 0..500 {
        let records = records.clone();
        running.push(tokio::spawn(async move {
            let result = records
                .write(move |txn| {
                    Box::pin(async move {
                        insert(txn, id).await?;
                        if id % 3 == 0 { Err(RoomError::Refused(id)) } else { Ok(id) }
                    })
                })
                .await;
            (id, result)
        }));
    }
    for task in running {
        match task.await.expect("no panic") {
            (id, Err(RoomError::Refused(refused))) => assert!(id % 3 == 0 && refused == id),
            (id, Ok(kept)) => assert!(id % 3 != 0 && kept == id),
            (id, Err(RoomError::Records(error))) => panic!("{id}: {error}"),
        }
    }
    assert_eq!(ids(&records).await, (0..500).filter(|id| id % 3 != 0).collect::<Vec<_>>());
}

/// Fills the queue behind a unit that holds the writer, so that all of `ids` share one batch.
async fn in_one_batch(records: &Records, units: Vec<Unit>) -> Vec<Result<i64, Error>> {
    let (release, held) = tokio::sync::oneshot::channel::<()>();
    let holder = records.clone();
    let first = tokio::spawn(async move {
        holder
            .write(move |_| {
                Box::pin(async move {
                    let _ = held.await;
                    Ok::<_, Error>(())
                })
            })
            .await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut running = Vec::new();
    for unit in units {
        let records = records.clone();
        running.push(tokio::spawn(async move { unit.write(&records).await }));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    release.send(()).expect("the writer waits");
    first.await.expect("no panic").expect("written");
    let mut results = Vec::new();
    for task in running {
        results.push(task.await.expect("no panic"));
    }
    results
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Insert(i64),
    Panic(i64),
    /// Breaks a rule of the database after a good statement.
    Double(i64),
    /// Leaves a nested transaction open.
    Leak(i64),
}

impl Unit {
    async fn write(self, records: &Records) -> Result<i64, Error> {
        records
            .write(move |txn| {
                Box::pin(async move {
                    match self {
                        Self::Insert(id) => insert(txn, id).await.map(|()| id),
                        Self::Panic(id) => {
                            insert(txn, id).await?;
                            panic!("a fault in a unit");
                        }
                        Self::Double(id) => {
                            insert(txn, id).await?;
                            insert(txn, id).await.map(|()| id)
                        }
                        Self::Leak(id) => {
                            let inner = sea_orm::TransactionTrait::begin(txn).await?;
                            insert(&inner, id).await?;
                            drop(inner);
                            Ok(id)
                        }
                    }
                })
            })
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_every_kind_in_one_batch_leave_their_neighbours_whole() {
    let (_dir, records) = fresh().await;
    let units = vec![
        Unit::Insert(1),
        Unit::Panic(2),
        Unit::Insert(3),
        Unit::Double(4),
        Unit::Double(5),
        Unit::Leak(6),
        Unit::Insert(7),
        Unit::Panic(8),
    ];
    let results = in_one_batch(&records, units).await;
    assert!(
        matches!(
            results.as_slice(),
            [
                Ok(1),
                Err(Error::UnitPanicked),
                Ok(3),
                Err(double),
                Err(_),
                Ok(6),
                Ok(7),
                Err(Error::UnitPanicked),
            ] if double.is_unique_violation()
        ),
        "{results:?}"
    );
    assert_eq!(ids(&records).await, [1, 3, 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_unit_that_fails_leaves_nothing() {
    let (_dir, records) = fresh().await;
    let error = Unit::Double(1).write(&records).await.expect_err("refused");
    assert!(error.is_unique_violation(), "{error}");
    assert!(matches!(Unit::Panic(1).write(&records).await, Err(Error::UnitPanicked)));
    assert_eq!(ids(&records).await, [0; 0]);
    assert_eq!(Unit::Insert(1).write(&records).await.expect("the writer lives"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_is_told_to_every_unit_of_the_batch() {
    let (_dir, records) = fresh().await;
    // A deferred foreign key is judged at the commit: one bad unit then fails all of them.
    let bad = records.clone();
    let error = bad
        .write(move |txn| {
            Box::pin(async move {
                txn.execute_unprepared(FAILS_AT_COMMIT).await?;
                insert(txn, 5).await
            })
        })
        .await
        .expect_err("the commit fails");
    assert!(matches!(error, Error::Commit(_)), "{error}");
    assert_eq!(Problem::from(error).kind, ProblemKind::Unavailable);
    assert_eq!(ids(&records).await, [0; 0]);
    assert_eq!(Unit::Insert(1).write(&records).await.expect("the writer lives"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_reopening() {
    let (dir, records) = fresh().await;
    for id in 0..20 {
        Unit::Insert(id).write(&records).await.expect("written");
    }
    records.close().await;
    assert!(matches!(Unit::Insert(20).write(&records).await, Err(Error::Closed)));
    let again = Records::open(&url(&dir), &[LINES]).await.expect("opens");
    assert_eq!(ids(&again).await, (0..20).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_writes_what_was_queued() {
    let (dir, records) = fresh().await;
    let mut running = Vec::new();
    for id in 0..300 {
        let records = records.clone();
        running.push(tokio::spawn(async move { Unit::Insert(id).write(&records).await }));
    }
    tokio::task::yield_now().await;
    records.close().await;
    let mut kept = Vec::new();
    for task in running {
        match task.await.expect("no panic") {
            Ok(id) => kept.push(id),
            Err(Error::Closed) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let again = Records::open(&url(&dir), &[LINES]).await.expect("opens");
    assert_eq!(ids(&again).await, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_whose_caller_is_gone_is_skipped_or_whole() {
    let (_dir, records) = fresh().await;
    let gone = records.clone();
    let task = tokio::spawn(async move { Unit::Insert(1).write(&gone).await });
    task.abort();
    let _ = task.await;
    Unit::Insert(2).write(&records).await.expect("written");
    assert!(ids(&records).await.ends_with(&[2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readers_cannot_write_and_see_only_what_is_committed() {
    let (_dir, records) = fresh().await;
    let refused = records.db().execute_unprepared("INSERT INTO line VALUES (1, 'x')").await;
    assert!(refused.expect_err("refused").to_string().contains(READ_ONLY));
    let reader = records.clone();
    let seen = records
        .write(move |txn| {
            Box::pin(async move {
                insert(txn, 1).await?;
                Ok::<_, Error>(ids(&reader).await)
            })
        })
        .await
        .expect("written");
    assert_eq!(seen, [0; 0]);
    assert_eq!(ids(&records).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_hangs_is_undone_and_the_others_go_on_slow() {
    let (_dir, records) = fresh().await;
    let hanging = records.clone();
    let task = tokio::spawn(async move {
        hanging
            .write(|txn| {
                Box::pin(async move {
                    insert(txn, 1).await?;
                    std::future::pending::<Result<(), Error>>().await
                })
            })
            .await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(Unit::Insert(2).write(&records).await.expect("written after it"), 2);
    assert!(matches!(task.await.expect("no panic"), Err(Error::UnitTooSlow { seconds: 10 })));
    assert_eq!(ids(&records).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_turns_callers_away_and_writes_what_it_took_slow() {
    let (_dir, records) = fresh().await;
    let holder = records.clone();
    let first = tokio::spawn(async move {
        holder
            .write(|_| {
                Box::pin(async move {
                    tokio::time::sleep(Duration::from_secs(8)).await;
                    Ok::<_, Error>(())
                })
            })
            .await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut running = Vec::new();
    for id in 0..6000 {
        let records = records.clone();
        running.push(tokio::spawn(async move { Unit::Insert(id).write(&records).await }));
    }
    let (mut taken, mut away) = (Vec::new(), 0);
    for task in running {
        match task.await.expect("no panic") {
            Ok(id) => taken.push(id),
            Err(Error::Overloaded) => away += 1,
            Err(error) => panic!("{error}"),
        }
    }
    first.await.expect("no panic").expect("written");
    assert_eq!(Problem::from(Error::Overloaded).kind, ProblemKind::Overloaded);
    assert_eq!((taken.len(), away), (4096, 6000 - 4096));
    assert_eq!(ids(&records).await, taken);
}
