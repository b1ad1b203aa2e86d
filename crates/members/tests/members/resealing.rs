//! Key rotation: everything under the new key, read all the while, and the old one dropped.

use crate::support::{House, PASSWORD, claim, code, fen, noon, phone, verified};
use members::{Class, Members, NewUser, Resealing};
use records::Secrets;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use testkit::SeededRandom;
use types::Masked;

fn resealing(house: &House) -> Resealing {
    let random = Arc::new(SeededRandom::new(9));
    let secrets = Secrets::open(&house.folder().join("keys"), random.as_ref()).expect("keys");
    let (records, secrets) = (house.records.clone(), Arc::new(secrets));
    Resealing { records, others: &[], secrets, random }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_is_read_while_it_is_sealed_anew_and_after_the_old_key_is_gone() {
    let house = House::open().await;
    let first = house.with_password(1).await;
    for n in 2..40 {
        house.verified(n, Class::II).await;
    }
    let email = Some(Masked::new("li@shop.example"));
    let new = NewUser { phone: phone(50), email, login_name: None };
    house.members.register(new, noon()).await.expect("registered");
    let keys = house.folder().join("keys");
    Secrets::rotate(&keys, &SeededRandom::new(7)).expect("rotated");
    let house = Arc::new(house.reopen().await);

    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let reader = {
        let (house, stop, reads) = (Arc::clone(&house), Arc::clone(&stop), Arc::clone(&reads));
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let view = house.members.customer(first.customer, noon()).await.expect("opens");
                assert_eq!(view.users[0].phone, phone(1));
                reads.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let job = resealing(&house);
    let (rows, told) = (job.rows().await.expect("counted"), AtomicU64::new(0));
    let hear = |page| {
        told.fetch_add(page, Ordering::SeqCst);
    };
    let done = job.run(&hear).await.expect("sealed anew");
    while reads.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::SeqCst);
    reader.await.expect("every read opened");
    assert_eq!((done.resealed, done.missed), (done.seen, 0));
    assert_eq!(told.load(Ordering::SeqCst), rows, "a progress bar reaches its end");
    let again = job.run(&|_| {}).await.expect("looked");
    assert_eq!((again.seen, again.resealed), (done.seen, 0), "a second run has nothing to do");

    assert_eq!(Secrets::drop_old(&keys, &SeededRandom::new(7)).expect("dropped"), 1);
    let house = Arc::try_unwrap(house).unwrap_or_else(|_| panic!("one is left")).reopen().await;
    for n in [1, 2, 39] {
        let user = house.members.user_by_phone(&phone(n)).await.expect("read").expect("found");
        let view = house.members.profile(user, noon()).await.expect("opens");
        assert_eq!(view.phone, phone(n), "found by its index, opened by the new key");
        let customer = house.members.customer(view.customer.expect("verified"), noon()).await;
        assert_eq!(customer.expect("opens").name, Masked::new("王小强"));
    }
    let again = house.members.verify_real_name(first.user, claim(1, Class::I), noon()).await;
    assert_eq!(verified(again).customer, first.customer, "the identity is found as before");
    let binding = Members::merge_binding(first.user);
    let envelope = house.seal(first.user, &binding, PASSWORD, noon()).await;
    let checked = house.members.verify_payment_password(first.user, &envelope, &binding, noon());
    checked.await.expect("the password is what it was");
    house.deposit(first.account, fen(1)).await;
}

#[tokio::test]
async fn without_resealing_the_old_key_cannot_be_missed() {
    let house = House::open().await;
    house.verified(1, Class::I).await;
    let keys = house.folder().join("keys");
    Secrets::rotate(&keys, &SeededRandom::new(7)).expect("rotated");
    Secrets::drop_old(&keys, &SeededRandom::new(7)).expect("dropped too early");
    let job = resealing(&house);
    assert_eq!(code(job.run(&|_| {}).await), "members_fault", "it says so instead of going on");
}

/// Whatever the room seals is in the list of what is sealed anew: every place that the sources
/// name is one of those.
#[test]
fn no_sealed_column_is_forgotten() {
    let known = include_str!("../../src/store/resealing.rs");
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = 0;
    for file in std::fs::read_dir(sources).expect("sources") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        for word in ["seal(\"", "place(\""] {
            for rest in text.split(word).skip(1) {
                let place = rest.split('"').next().expect("a word");
                assert!(known.contains(&format!("\"{place}\"")), "{}: {place}", path.display());
                found += 1;
            }
        }
    }
    assert!(found >= 6, "the search finds what is there: {found}");
}
