//! Migrations: applied once, and refused when the database and the program do not fit.

use records::{Error, MigrationFault, Migrations, Records};

use super::url;

const ONE: (&str, &str) = ("0001_one", "CREATE TABLE one (id BIGINT PRIMARY KEY);");
const TWO: (&str, &str) = ("0002_two", "CREATE TABLE two (id BIGINT PRIMARY KEY);");

fn room(steps: &'static [(&'static str, &'static str)]) -> Migrations {
    Migrations { room: "room", steps }
}

/// Opens with `first`, closes, and opens again with `then`.
async fn reopen(first: &[Migrations], then: &[Migrations]) -> Result<Records, Error> {
    let dir = tempfile::tempdir().expect("a directory");
    Records::open(&url(&dir), first).await.expect("opens").close().await;
    Records::open(&url(&dir), then).await
}

#[tokio::test]
async fn what_fits_is_applied_once() {
    for (first, then) in [
        (vec![room(&[ONE])], vec![room(&[ONE])]),
        (vec![room(&[ONE])], vec![room(&[ONE, TWO])]),
        (vec![], vec![room(&[ONE, TWO])]),
        (vec![room(&[ONE])], vec![]),
        (vec![room(&[("0001", "-- a\r\nSELECT 1;")])], vec![room(&[("0001", "-- a\nSELECT 1;")])]),
    ] {
        reopen(&first, &then).await.unwrap_or_else(|e| panic!("{first:?} {then:?}: {e}"));
    }
}

type Expected = fn(&MigrationFault) -> bool;

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name() {
    let altered = ("0001_one", "CREATE TABLE one (id BIGINT PRIMARY KEY, more TEXT);");
    let steps: &'static [(&str, &str)] = Box::leak(Box::new([altered]));
    let cases: [(&[Migrations], &[Migrations], &str, Expected); 5] = [
        (
            &[room(&[ONE])],
            &[room(steps)],
            "0001_one",
            |f| matches!(f, MigrationFault::Altered { applied, now } if applied != now),
        ),
        (&[room(&[ONE, TWO])], &[room(&[ONE])], "0002_two", |f| *f == MigrationFault::Newer),
        (&[room(&[ONE])], &[room(&[TWO, ONE])], "0002_two", |f| {
            *f == MigrationFault::OutOfOrder { applied: "0001_one".into() }
        }),
        (&[], &[room(&[ONE, ONE])], "0001_one", |f| *f == MigrationFault::Twice),
        (&[], &[room(&[ONE]), room(&[TWO])], "*", |f| *f == MigrationFault::Twice),
    ];
    for (first, then, named, expected) in cases {
        match reopen(first, then).await {
            Err(Error::Migration { room, step, fault }) => {
                assert!(room == "room" && step == named && expected(&fault), "{step}: {fault}");
            }
            other => panic!("{named}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_upgrade_that_fails_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let bad = room(&[ONE, ("0002_bad", "CREATE TABLE x (id BIGINT); CREATE NONSENSE;")]);
    let error = Records::open(&url(&dir), &[bad]).await.expect_err("refused");
    assert!(
        matches!(&error, Error::Migration { step, fault: MigrationFault::Failed(_), .. } if step == "0002_bad"),
        "{error}"
    );
    // Had the first step stayed, it could not be applied again under another name.
    let good = room(&[("0001_other", ONE.1)]);
    Records::open(&url(&dir), &[good]).await.expect("opens");
}
