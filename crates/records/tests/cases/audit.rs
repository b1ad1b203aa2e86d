//! The audit log: appended with the change, refused any change of its own, proved by its hashes.

use records::{Error, Records, audit};
use serde_json::json;
use types::Timestamp;

use super::{UNGUARD, fresh, url};
use crate::{LINES, insert, run};

const NOW: Timestamp = Timestamp::from_millis(1_760_000_000_000);

async fn append(records: &Records, subject: &'static str, n: i64) -> i64 {
    records
        .write(move |txn| {
            Box::pin(async move {
                let (before, after) = (json!({"rate": n}), json!({"rate": n + 1}));
                let before = (n > 0).then_some(&before);
                let action = "fee.change";
                audit::append(txn, "op_1", action, subject, before, Some(&after), NOW).await
            })
        })
        .await
        .unwrap_or_else(|e: Error| panic!("{e}"))
}

#[tokio::test]
async fn lines_are_listed_newest_first_by_subject_and_page() {
    let (_dir, records) = fresh().await;
    for n in 0..5 {
        assert_eq!(append(&records, if n % 2 == 0 { "even" } else { "odd" }, n).await, n + 1);
    }
    let seqs = |entries: Vec<audit::AuditEntry>| entries.iter().map(|e| e.seq).collect::<Vec<_>>();
    let all = audit::list(&records, None, None, 2).await.expect("reads");
    assert_eq!(
        (&all[0].before, &all[0].after),
        (&Some(json!({"rate": 4})), &Some(json!({"rate": 5})))
    );
    assert_eq!(
        (all[0].at, all[0].actor.as_str(), all[0].action.as_str()),
        (NOW, "op_1", "fee.change")
    );
    assert_eq!(seqs(all), [5, 4]);
    assert_eq!(seqs(audit::list(&records, None, Some(4), 10).await.expect("reads")), [3, 2, 1]);
    assert_eq!(seqs(audit::list(&records, Some("odd"), None, 10).await.expect("reads")), [4, 2]);
    let proof = audit::verify(&records).await.expect("holds");
    assert_eq!((proof.lines, proof.hash.len()), (5, 64));
}

#[tokio::test]
async fn a_line_goes_with_its_unit() {
    let (_dir, records) = fresh().await;
    let failed = records.write(|txn| {
        Box::pin(async move {
            audit::append(txn, "op_1", "x", "y", None, None, NOW).await?;
            insert(txn, 1).await?;
            insert(txn, 1).await
        })
    });
    failed.await.expect_err("the unit fails");
    assert_eq!(audit::verify(&records).await.expect("holds").lines, 0);
    assert_eq!(append(&records, "s", 0).await, 1);
}

#[tokio::test]
async fn no_line_is_changed_and_what_is_changed_all_the_same_is_found() {
    for (tamper, found) in [
        ("UPDATE records_audit SET actor = 'op_2' WHERE seq = 2", Some("line 2")),
        ("UPDATE records_audit SET before_json = NULL WHERE seq = 3", Some("line 3")),
        ("UPDATE records_audit SET hash = 'x' WHERE seq = 1", Some("line 1")),
        ("DELETE FROM records_audit WHERE seq = 2", Some("line 3")),
        ("DELETE FROM records_audit WHERE seq = 1", Some("line 2")),
        // Cut off at the end: the chain holds, and its last hash is another one.
        ("DELETE FROM records_audit WHERE seq = 4", None),
    ] {
        let (dir, records) = fresh().await;
        for n in 0..4 {
            append(&records, "s", n).await;
        }
        let whole = audit::verify(&records).await.expect("holds");
        let refused = run(&records, tamper).await.expect_err("refused").to_string();
        assert!(refused.contains("append-only"), "{refused}");
        run(&records, UNGUARD).await.expect("drops");
        run(&records, tamper).await.expect("tampers");
        match (audit::verify(&records).await, found) {
            (Err(Error::Corrupt { reason, .. }), Some(line)) => {
                assert!(reason.starts_with(line), "{tamper}: {reason}");
            }
            (Ok(proof), None) => assert_ne!(proof, whole, "{tamper}"),
            (other, _) => panic!("{tamper}: {other:?}"),
        }
        // The guards are back when the records are opened again.
        records.close().await;
        let again = Records::open(&url(&dir), &[LINES]).await.expect("opens");
        run(&again, "DELETE FROM records_audit").await.expect_err("refused");
    }
}
