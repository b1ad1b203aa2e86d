//! The cases on SQLite, and what only a file can show.

#[path = "../cases/approvals.rs"]
mod approvals;
#[path = "../cases/audit.rs"]
mod audit;
#[path = "../cases/group_commit.rs"]
mod group_commit;
#[path = "../cases/migrations.rs"]
mod migrations;
#[path = "../cases/outbox.rs"]
mod outbox;
#[path = "../cases/types.rs"]
mod types;

use records::{Error, Records};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use crate::{LINES, ids, numbers, write};

/// How a write through a reader is refused.
const READ_ONLY: &str = "readonly";
/// Takes the guards of the audit log away.
const UNGUARD: &str = "DROP TRIGGER records_audit_no_update; DROP TRIGGER records_audit_no_delete";
/// A statement whose fault is found at the commit.
const FAILS_AT_COMMIT: &str =
    "PRAGMA defer_foreign_keys = ON; INSERT INTO note (id, line) VALUES (1, 99)";

/// The URL of the one database in `dir`.
fn url(dir: &TempDir) -> String {
    format!("sqlite://{}", dir.path().join("records.db").display())
}

/// Fresh records in a directory of their own, which lives as long as the first part.
async fn fresh() -> (TempDir, Records) {
    let dir = tempfile::tempdir().expect("a directory");
    let records = Records::open(&url(&dir), &[LINES]).await.expect("opens");
    (dir, records)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_open_files_has_what_was_acknowledged() {
    let (dir, records) = fresh().await;
    for id in 0..20 {
        write(&records, id).await.expect("written");
    }
    // A copy of the files while they are open is what a crash would leave.
    let copy = tempfile::tempdir().expect("a directory");
    for file in std::fs::read_dir(dir.path()).expect("lists").flatten() {
        std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("copies");
    }
    let crashed = Records::open(&url(&copy), &[LINES]).await.expect("opens");
    assert_eq!(ids(&crashed).await.len(), 20);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_untouched() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("records.db");
    std::fs::write(&file, "this is a letter, not a database, and it must stay as it is")
        .expect("writes");
    Records::open(&url(&dir), &[]).await.expect_err("refused");
    assert!(std::fs::read_to_string(&file).expect("reads").starts_with("this is a letter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_is_set_for_safety() {
    let (dir, records) = fresh().await;
    let settings = records
        .write(|txn| {
            Box::pin(async move {
                let mut found = Vec::new();
                for pragma in ["synchronous", "foreign_keys", "busy_timeout"] {
                    let sql = format!("SELECT * FROM pragma_{pragma}");
                    let query = sea_orm::Statement::from_string(txn.get_database_backend(), sql);
                    let row = txn.query_one_raw(query).await?;
                    found.push(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?);
                }
                Ok::<_, Error>(found)
            })
        })
        .await
        .expect("reads");
    // 2 is FULL.
    assert_eq!(settings, [Some(2), Some(1), Some(5000)]);
    let wal = "SELECT journal_mode = 'wal' AS n FROM pragma_journal_mode";
    assert_eq!(numbers(&records, wal).await, [1]);
    #[cfg(unix)]
    for name in ["records.db", "records.db-wal"] {
        let file = std::fs::metadata(dir.path().join(name)).expect("is there");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777, 0o600);
    }
}
