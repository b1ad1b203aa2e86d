//! Connections cut and servers killed while batches are appended: none lost, none twice.

use crate::support::{append, batches, open, walk};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use testkit::postgres::{Database, Server, execute};

#[test]
fn cut_connections_lose_nothing_and_double_nothing() {
    const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    let stop = AtomicBool::new(false);
    let cuts = std::thread::scope(|scope| {
        let cutter = scope.spawn(|| {
            let mut cuts = 0;
            while !stop.load(Ordering::Relaxed) || cuts < 3 {
                cuts += execute(database.url(), CUT).lines().count();
            }
            cuts
        });
        for number in 1..=400 {
            let position = append(&mut *journal, number).expect("the server lives");
            assert_eq!(position.sequence, number);
        }
        stop.store(true, Ordering::Relaxed);
        cutter.join().expect("ends")
    });
    assert!(cuts >= 3, "{cuts} connections were cut");
    drop(journal);
    assert_eq!(walk(database.url()).expect("sound"), batches(400));
}

#[test]
fn a_server_that_dies_and_comes_back_is_waited_for() {
    let mut server = Server::start();
    let database = server.database();
    let (mut journal, ..) = open(database.url()).expect("new");
    let mut number = 0;
    for _ in 0..3 {
        for _ in 0..20 {
            number += 1;
            append(&mut *journal, number).expect("appended");
        }
        std::thread::scope(|scope| {
            server.crash();
            let waiting = scope.spawn(|| append(&mut *journal, number + 1));
            std::thread::sleep(Duration::from_millis(300));
            server.resume();
            waiting.join().expect("ends").expect("appended after all");
        });
        number += 1;
    }
    drop(journal);
    assert_eq!(open(database.url()).expect("sound").2, batches(number));
}

#[test]
fn a_server_that_refuses_stops_the_log_and_it_opens_again() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    append(&mut *journal, 1).expect("appended");
    execute(
        database.url(),
        "ALTER TABLE journal_batches ADD CONSTRAINT full_disk CHECK (sequence < 2)",
    );
    let refused = append(&mut *journal, 2).expect_err("refused");
    assert_eq!(refused.code(), "journal_database");
    assert!(refused.to_string().contains("full_disk"), "{refused}");
    execute(database.url(), "ALTER TABLE journal_batches DROP CONSTRAINT full_disk");
    assert_eq!(append(&mut *journal, 2).expect_err("it stands still").code(), "journal_stopped");
    assert_eq!(journal.seal().expect_err("it stands still").code(), "journal_stopped");
    drop(journal);
    let (mut journal, _, seen) = open(database.url()).expect("sound");
    assert_eq!(seen, batches(1));
    append(&mut *journal, 2).expect("appended");
}

/// Sends a signal to every session of the log.
fn signal(database: &Database, signal: &str) {
    let pids = execute(
        database.url(),
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid()",
    );
    let sent = Command::new("kill").arg(signal).args(pids.lines()).status();
    assert!(sent.expect("kill runs").success(), "{pids}");
}

#[test]
fn a_session_that_falls_silent_is_given_up_slow() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    append(&mut *journal, 1).expect("appended");
    signal(&database, "-STOP");
    let begun = Instant::now();
    let appended = append(&mut *journal, 2);
    signal(&database, "-CONT");
    assert_eq!(appended.expect("on a new session").sequence, 2);
    assert!(begun.elapsed() >= Duration::from_secs(10), "it was silent");
    append(&mut *journal, 3).expect("appended");
    drop(journal);
    assert_eq!(walk(database.url()).expect("sound"), batches(3));
}
