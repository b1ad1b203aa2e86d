//! One process writes, on a server that can keep the promise; what PostgreSQL does otherwise than
//! SQLite is not noticed outside.

use records::rows::select;
use records::{Error, Records};
use sea_orm::{ConnectionTrait, Database};

use super::{fresh, url};
use crate::{LINES, ids, insert, run, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_and_one_that_comes_after_is_not() {
    let (dir, records) = fresh().await;
    write(&records, 1).await.expect("written");
    let second = Records::open(&url(&dir), &[LINES]).await;
    assert!(matches!(second, Err(Error::InUse)), "{second:?}");
    write(&records, 2).await.expect("the first goes on");
    records.close().await;
    let after = Records::open(&url(&dir), &[LINES]).await.expect("opens");
    write(&after, 3).await.expect("written");
    assert_eq!(ids(&after).await, [1, 2, 3]);
    // One that was dropped, or killed, lets go at once.
    drop(after);
    Records::open(&url(&dir), &[LINES]).await.expect("opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_lost_the_right_without_knowing_writes_nothing_more() {
    let (dir, records) = fresh().await;
    write(&records, 1).await.expect("written");
    // As another process would, that got the lock because this one's session was ended.
    let other = Database::connect(url(&dir)).await.expect("connects");
    let taken = other.execute_unprepared("UPDATE records_writer SET epoch = epoch + 1").await;
    assert_eq!(taken.expect("taken").rows_affected(), 1);
    for _ in 0..2 {
        let refused = write(&records, 2).await;
        assert!(matches!(refused, Err(Error::InUse)), "{refused:?}");
    }
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    other.execute_unprepared(ended).await.expect("ended");
    let refused = write(&records, 2).await;
    assert!(matches!(refused, Err(Error::InUse)), "{refused:?}");
    assert_eq!(ids(&records).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_waits_for_the_disk_whatever_the_server_is_set_to() {
    let dir = tempfile::tempdir().expect("a directory");
    let admin = Database::connect(url(&dir)).await.expect("connects");
    let name = url(&dir).rsplit('/').next().expect("a name").to_owned();
    let lax = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    admin.execute_unprepared(&lax).await.expect("set");
    let records = Records::open(&url(&dir), &[LINES]).await.expect("opens");
    let found = records.write(|txn| {
        Box::pin(async move {
            let sql = "SELECT current_setting('synchronous_commit') AS it";
            select(txn, "settings", sql, vec![], |row| row.text("it")).await
        })
    });
    assert_eq!(found.await.unwrap_or_else(|e: Error| panic!("{e}")), ["on"]);
}

/// Goes on after an error of the database, as no unit should.
async fn forgiving(records: &Records, id: i64) -> Result<(), Error> {
    records
        .write(move |txn| {
            Box::pin(async move {
                insert(txn, id).await?;
                insert(txn, id).await.expect_err("the id is taken");
                Ok(())
            })
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_went_on_after_an_error_is_not_kept_and_its_caller_is_told() {
    let (_dir, records) = fresh().await;
    let alone = forgiving(&records, 1).await;
    assert!(matches!(alone, Err(Error::Database(_))), "{alone:?}");
    assert_eq!(ids(&records).await, [0; 0]);
    // In one batch, between others and at the end of it.
    let (release, held) = tokio::sync::oneshot::channel::<()>();
    let first = records.write(|_| {
        Box::pin(async move {
            let _ = held.await;
            Ok::<_, Error>(())
        })
    });
    let later = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let all = async {
            tokio::join!(
                write(&records, 2),
                forgiving(&records, 3),
                write(&records, 4),
                forgiving(&records, 5)
            )
        };
        let released = async {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            release.send(()).expect("the writer waits");
        };
        tokio::join!(all, released).0
    };
    let (held, (two, three, four, five)) = tokio::join!(first, later);
    held.expect("written");
    two.expect("kept");
    four.expect("kept");
    for lost in [three, five] {
        assert!(matches!(lost, Err(Error::Database(_))), "{lost:?}");
    }
    assert_eq!(ids(&records).await, [2, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_server_does_not_take_fails_its_own_unit_only() {
    let (_dir, records) = fresh().await;
    let refused = records.write(|txn| {
        Box::pin(async move {
            let sql = "INSERT INTO line (id, body) VALUES (1, $1)";
            records::rows::execute(txn, sql, vec!["a\0b".into()]).await
        })
    });
    assert!(matches!(refused.await, Err(Error::Database(_))));
    write(&records, 1).await.expect("written");
    assert_eq!(ids(&records).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_cannot_be_emptied_either() {
    let (_dir, records) = fresh().await;
    let refused = run(&records, "TRUNCATE records_audit").await.expect_err("refused").to_string();
    assert!(refused.contains("append-only"), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_at_once_and_without_the_password() {
    let dir = tempfile::tempdir().expect("a directory");
    let good = url(&dir);
    let nowhere = "postgres://house:secret@127.0.0.1:1/house?sslmode=disable".to_owned();
    let no_database = format!("{}_gone", good.replace("house@", "house:secret@"));
    for (url, said) in [(nowhere, "refused"), (no_database, "does not exist")] {
        let error = Records::open(&url, &[]).await.expect_err(&url).to_string();
        assert!(error.contains(said) && !error.contains("secret"), "{error}");
    }
    let admin = Database::connect(&good).await.expect("connects");
    let no_home = format!("{good}?options[search_path]=nowhere");
    let error = Records::open(&no_home, &[]).await.expect_err("refused").to_string();
    assert!(error.contains("search path"), "{error}");
    // A schema of its own is an institution of its own, beside the others of the database.
    let first = Records::open(&good, &[LINES]).await.expect("opens");
    admin.execute_unprepared("CREATE SCHEMA second").await.expect("made");
    let second = format!("{good}?options[search_path]=second");
    let second = Records::open(&second, &[LINES]).await.expect("opens");
    write(&second, 1).await.expect("written");
    assert_eq!((ids(&first).await.len(), ids(&second).await.len()), (0, 1));
}
