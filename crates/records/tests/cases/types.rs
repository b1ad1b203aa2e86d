//! What is written is what is read, and in the same order, whichever engine keeps it.

use records::rows::{execute, select};
use records::{Error, Migrations, Records};
use sea_orm::Value;

use super::url;

const KINDS: Migrations = Migrations {
    room: "kinds",
    steps: &[(
        "0001_init",
        "CREATE TABLE kind (
            name  TEXT    NOT NULL PRIMARY KEY, -- BLOB, INTEGER and TEXT are SQLite's words
            bytes BLOB,
            count INTEGER,
            large BIGINT,
            so    BOOLEAN
        );
        CREATE INDEX kind_count ON kind (count, name) WHERE count IS NOT NULL;",
    )],
};

type Kind = (String, Option<Vec<u8>>, Option<i64>, Option<i64>, Option<bool>);

async fn put(records: &Records, kind: Kind) -> Result<u64, Error> {
    records
        .write(move |txn| {
            Box::pin(async move {
                let sql = "INSERT INTO kind (name, bytes, count, large, so) \
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING";
                let (name, bytes, count, large, so) = kind;
                let values: Vec<Value> =
                    vec![name.into(), bytes.into(), count.into(), large.into(), so.into()];
                execute(txn, sql, values).await
            })
        })
        .await
}

#[tokio::test]
async fn every_type_comes_back_as_it_went() {
    let dir = tempfile::tempdir().expect("a directory");
    let records = Records::open(&url(&dir), &[KINDS]).await.expect("opens");
    let kinds: Vec<Kind> = vec![
        (String::new(), None, None, None, None),
        ("中文 '$1' \\ \" ?".into(), Some(vec![]), Some(0), Some(0), Some(false)),
        ("z".into(), Some((0..=255).collect()), Some(i64::MAX), Some(i64::MIN), Some(true)),
    ];
    for kind in &kinds {
        assert_eq!(put(&records, kind.clone()).await.expect("written"), 1);
        assert_eq!(put(&records, kind.clone()).await.expect("there already"), 0);
    }
    let sql = "SELECT * FROM kind ORDER BY LENGTH(name), name LIMIT $1";
    let mut read = select(records.db(), "kind", sql, vec![10u64.into()], |row| {
        let (bytes, so) = (row.optional("bytes")?, row.truth("so")?);
        Ok((row.text("name")?, bytes, row.optional("count")?, row.optional("large")?, so))
    })
    .await
    .expect("reads");
    read.sort();
    assert_eq!(
        read,
        kinds
            .iter()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );

    let sql = "SELECT EXISTS (SELECT 1 FROM kind WHERE so = $1) AS any, count > 0 AS positive, \
        CAST(SUM(count) OVER () AS BIGINT) AS total, COUNT(*) OVER () AS n \
        FROM kind WHERE name = 'z'";
    let found = select(records.db(), "kind", sql, vec![true.into()], |row| {
        Ok((row.truth("any")?, row.truth("positive")?, row.number("total")?, row.number("n")?))
    });
    assert_eq!(found.await.expect("reads"), [(Some(true), Some(true), i64::MAX, 1)]);
}

#[tokio::test]
async fn text_is_ordered_and_compared_by_its_bytes() {
    let dir = tempfile::tempdir().expect("a directory");
    let records = Records::open(&url(&dir), &[KINDS]).await.expect("opens");
    let mut names =
        ["b", "B", "a-b", "ab", "a_b", "ä", "zz", "Z", "一", "usr_1", "usr_~", "10", "9"];
    for name in names {
        put(&records, (name.into(), None, Some(1), None, None)).await.expect("written");
    }
    names.sort_unstable();
    let name = |row: &records::rows::Row<'_>| row.text("name");
    let sql = "SELECT name FROM kind ORDER BY name";
    assert_eq!(select(records.db(), "kind", sql, vec![], name).await.expect("reads"), names);
    let sql = "SELECT name FROM kind WHERE (count, name) > ($1, $2) ORDER BY count, name";
    let after = select(records.db(), "kind", sql, vec![1i64.into(), "Z".into()], name);
    let place = names.iter().position(|name| *name == "Z").expect("there") + 1;
    assert_eq!(after.await.expect("reads"), names[place..]);
}
