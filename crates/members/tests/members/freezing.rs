//! The register in force: after a freeze returns not one transfer passes; lifting leaves the rest.

use crate::support::{House, code, fen, noon};
use bookkeeper::PostError;
use ledger::Refusal;
use members::{Class, FreezeLevel, NewEntry, Scope, Standing, Target, Verified};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use testkit::moment;
use types::{AccountId, RegisterEntryId};

fn entry(target: Target, level: FreezeLevel, scope: Scope) -> NewEntry {
    NewEntry {
        target,
        who: "op-1".to_owned(),
        reason: "a test".to_owned(),
        document: (level == FreezeLevel::Judicial).then(|| "(2026)京01执1号".to_owned()),
        level,
        scope,
        until: None,
    }
}

async fn freeze(
    house: &House,
    target: Target,
    level: FreezeLevel,
    scope: Scope,
) -> RegisterEntryId {
    house.members.freeze(entry(target, level, scope), noon()).await.expect("frozen")
}

/// (debits, credits) blocked.
fn blocked(house: &House, account: AccountId) -> (bool, bool) {
    let controls = house.book.account(account).expect("opened").controls;
    (controls.debits_blocked, controls.credits_blocked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_freeze_returns_not_one_of_many_threads_transfers() {
    let house = Arc::new(House::open().await);
    let payer = house.verified(1, Class::III).await;
    let payee = house.verified(2, Class::III).await;
    house.deposit(payer.account, fen(100_000_000)).await;
    let (frozen, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (before, leaked) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let threads: Vec<_> = (0..32u64)
        .map(|thread| {
            let (house, frozen, stop) = (house.clone(), frozen.clone(), stop.clone());
            let (before, leaked) = (before.clone(), leaked.clone());
            std::thread::spawn(move || {
                let mut n = thread << 32;
                while !stop.load(Ordering::SeqCst) {
                    n += 1;
                    // Begun after the freeze returned: must not pass.
                    let after = frozen.load(Ordering::SeqCst);
                    let posted =
                        house.book.post_blocking(house.transfer(n, payer.account, payee.account));
                    match posted {
                        Ok(_) if after => leaked.fetch_add(1, Ordering::SeqCst),
                        Ok(_) => before.fetch_add(1, Ordering::SeqCst),
                        Err(PostError::Refused(Refusal::DebitsBlocked { .. })) => 0,
                        Err(other) => panic!("{other}"),
                    };
                }
            })
        })
        .collect();
    while before.load(Ordering::SeqCst) < 200 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    freeze(&house, Target::Customer(payer.customer), FreezeLevel::Judicial, Scope::Debit).await;
    // The book's own place at the moment of the acknowledgement: nothing of the payer's may lie
    // behind it, whoever began when.
    let acknowledged = house.book.seq();
    let balance = house.book.account(payer.account).expect("opened").balance();
    frozen.store(true, Ordering::SeqCst);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    stop.store(true, Ordering::SeqCst);
    for thread in threads {
        thread.join().expect("no panic");
    }
    assert_eq!(leaked.load(Ordering::SeqCst), 0);
    assert_eq!(house.book.account(payer.account).expect("opened").balance(), balance);
    let after = house.book.entries(payer.account, None, 1_000_000).expect("read");
    let posted = after.iter().filter(|entry| entry.side == ledger::Side::Debit);
    let last = posted.clone().map(|entry| entry.transaction).next_back().expect("some passed");
    let last = house.book.transaction(last).expect("read").expect("posted");
    assert!(last.seq <= acknowledged, "{} behind {acknowledged}", last.seq);
    assert_eq!(u64::try_from(posted.count()).expect("few"), before.load(Ordering::SeqCst));
    let controls = house.book.account(payer.account).expect("opened").controls;
    assert!(controls.debits_blocked && !controls.credits_blocked);
}

#[tokio::test]
async fn three_levels_are_one_union_and_lifting_one_leaves_the_others() {
    let house = House::open().await;
    let one = house.verified(1, Class::I).await;
    let targets =
        [Target::Customer(one.customer), Target::User(one.user), Target::Account(one.account)];
    let [customer, user, account] = targets;
    let own = freeze(&house, account, FreezeLevel::Own, Scope::Debit).await;
    assert_eq!(blocked(&house, one.account), (true, false));
    assert_eq!(standing(&house, &one).await, Standing::AccountFrozen);
    let risk = freeze(&house, user, FreezeLevel::Risk, Scope::Credit).await;
    assert_eq!(blocked(&house, one.account), (true, true));
    assert_eq!(standing(&house, &one).await, Standing::UserFrozen);
    let judicial = freeze(&house, customer, FreezeLevel::Judicial, Scope::Both).await;
    assert_eq!(standing(&house, &one).await, Standing::CustomerFrozen);

    let lift = async |id, by| house.members.lift(id, by, "op-2", "settled", noon()).await;
    assert_eq!(code(lift(judicial, FreezeLevel::Risk).await), "lift_refused");
    assert_eq!(code(lift(risk, FreezeLevel::Own).await), "lift_refused");
    lift(own, FreezeLevel::Own).await.expect("lifted");
    assert_eq!(blocked(&house, one.account), (true, true));
    lift(judicial, FreezeLevel::Judicial).await.expect("lifted");
    assert_eq!(blocked(&house, one.account), (false, true), "the risk freeze stays");
    lift(judicial, FreezeLevel::Judicial).await.expect("lifting again changes nothing");
    lift(risk, FreezeLevel::Risk).await.expect("lifted");
    assert_eq!(blocked(&house, one.account), (false, false));
    assert_eq!(standing(&house, &one).await, Standing::Active);
    let entries = house.members.register_entries(customer).await.expect("read");
    assert_eq!(entries[0].lifted.as_ref().map(|l| l.who.as_str()), Some("op-2"));
    let audit = records::audit::list(&house.records, Some(&customer.to_string()), None, 10).await;
    let actions: Vec<String> = audit.expect("read").into_iter().map(|a| a.action).collect();
    assert_eq!(actions, ["member.lift", "member.freeze"], "each change once");
}

async fn standing(house: &House, of: &Verified) -> Standing {
    house.members.standing(of.user, noon()).await.expect("known")
}

#[tokio::test]
async fn a_user_who_joins_a_frozen_customer_is_barred_from_the_start() {
    let house = House::open().await;
    let first = house.with_password(1).await;
    freeze(&house, Target::Customer(first.customer), FreezeLevel::Judicial, Scope::Both).await;
    let second = house.register(101).await;
    let joined = house.joined(second, first.user, noon()).await;
    assert_eq!(blocked(&house, joined.account), (true, true));
}

#[tokio::test]
async fn a_freeze_whose_caller_goes_away_is_made_all_the_same() {
    let house = House::open().await;
    let one = house.verified(1, Class::I).await;
    let new = entry(Target::User(one.user), FreezeLevel::Risk, Scope::Both);
    let gone = tokio::time::timeout(std::time::Duration::ZERO, house.members.freeze(new, noon()));
    assert!(gone.await.is_err(), "dropped before it was done");
    for _ in 0..500 {
        if blocked(&house, one.account) == (true, true) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never enforced");
}

#[tokio::test]
async fn a_freeze_outlives_a_restart_and_ends_with_its_time() {
    let house = House::open().await;
    let one = house.verified(1, Class::I).await;
    let until = moment("2026-10-13T00:00:00+08:00");
    let mut new = entry(Target::User(one.user), FreezeLevel::Risk, Scope::Both);
    new.until = Some(until);
    house.members.freeze(new, noon()).await.expect("frozen");
    let house = house.reopen().await;
    assert_eq!(blocked(&house, one.account), (true, true));
    assert_eq!(standing(&house, &one).await, Standing::UserFrozen);
    assert_eq!(house.members.end_run_out(until.plus_micros(-1)).await.expect("looked"), 0);
    assert_eq!(house.members.end_run_out(until).await.expect("looked"), 1);
    assert_eq!(blocked(&house, one.account), (false, false));
    assert_eq!(house.members.end_run_out(until).await.expect("looked"), 0);
}

#[tokio::test]
async fn entries_that_cannot_be_are_refused_with_their_field() {
    let house = House::open().await;
    let one = house.verified(1, Class::I).await;
    let good = || entry(Target::User(one.user), FreezeLevel::Judicial, Scope::Both);
    let unknown = |target| entry(target, FreezeLevel::Own, Scope::Both);
    for (new, expected) in [
        (NewEntry { document: None, ..good() }, "register_entry_invalid"),
        (NewEntry { who: " ".into(), ..good() }, "register_entry_invalid"),
        (NewEntry { reason: String::new(), ..good() }, "register_entry_invalid"),
        (NewEntry { until: Some(noon()), ..good() }, "register_entry_invalid"),
        (unknown(Target::User(types::UserId::from_u128(1))), "user_not_found"),
        (unknown(Target::Customer(types::CustomerId::from_u128(1))), "customer_not_found"),
        (unknown(Target::Account(AccountId::from_u128(1))), "account_not_found"),
    ] {
        assert_eq!(code(house.members.freeze(new, noon()).await), expected);
    }
    assert_eq!(blocked(&house, one.account), (false, false));
    let id = RegisterEntryId::from_u128(1);
    let lifted = house.members.lift(id, FreezeLevel::Judicial, "op", "r", noon()).await;
    assert_eq!(code(lifted), "register_entry_not_found");
}

/// Merges and freezes that run at once: whatever order they come in, who joined is barred.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_merge_while_its_customer_is_being_frozen_gives_no_open_account() {
    let house = Arc::new(House::open().await);
    let first = house.with_password(1).await;
    for round in 0..4u64 {
        let at = noon().plus_seconds(i64::try_from(round * 60).expect("small"));
        let second = house.register(101 + round).await;
        let target = Target::Customer(first.customer);
        let entering = entry(target, FreezeLevel::Risk, Scope::Both);
        let (merging, freezing) = (Arc::clone(&house), Arc::clone(&house));
        let (joined, id) = tokio::join!(
            tokio::spawn(async move { merging.joined(second, first.user, at).await }),
            tokio::spawn(async move { freezing.members.freeze(entering, at).await }),
        );
        let (joined, id) = (joined.expect("no panic"), id.expect("no panic").expect("frozen"));
        assert_eq!(blocked(&house, joined.account), (true, true), "round {round}");
        let lifted = house.members.lift(id, FreezeLevel::Risk, "op-1", "done", at).await;
        lifted.expect("lifted");
        assert_eq!(blocked(&house, joined.account), (false, false), "round {round}");
    }
}
