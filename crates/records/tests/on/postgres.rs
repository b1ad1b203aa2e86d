//! The cases on PostgreSQL, and what only a server can do: go away, and be asked by two.

#[path = "../cases/approvals.rs"]
mod approvals;
#[path = "../cases/audit.rs"]
mod audit;
#[path = "postgres/broken.rs"]
mod broken;
#[path = "../cases/group_commit.rs"]
mod group_commit;
#[path = "../cases/migrations.rs"]
mod migrations;
#[path = "../cases/outbox.rs"]
mod outbox;
#[path = "postgres/proxy.rs"]
mod proxy;
#[path = "postgres/server.rs"]
mod server;
#[path = "postgres/tls.rs"]
mod tls;
#[path = "../cases/types.rs"]
mod types;

use records::Records;
use tempfile::TempDir;

use crate::LINES;

/// How a write through a reader is refused.
const READ_ONLY: &str = "read-only transaction";
/// Takes the guards of the audit log away.
const UNGUARD: &str = "DROP TRIGGER records_audit_no_change ON records_audit";
/// A statement whose fault is found at the commit.
const FAILS_AT_COMMIT: &str = "ALTER TABLE note ALTER CONSTRAINT note_line_fkey DEFERRABLE INITIALLY DEFERRED; \
    INSERT INTO note (id, line) VALUES (1, 99)";

/// The URL of the one database of `dir`.
fn url(dir: &TempDir) -> String {
    testkit::postgres::database_of(dir.path())
}

/// Fresh records, which live as long as the first part.
async fn fresh() -> (TempDir, Records) {
    let dir = tempfile::tempdir().expect("a directory");
    let records = Records::open(&url(&dir), &[LINES]).await.expect("opens");
    (dir, records)
}
