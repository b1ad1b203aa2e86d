//! A crash at every boundary between two steps, of every kind of order, under every kind of
//! answer: the house is dropped there, opened again from its files, and recovers. Every order ends,
//! every proof holds, and the money has moved once or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures::future::BoxFuture;
use payments::{Boundary, Filter, NewOrder, NewRefund, Order, Page, Stage, Status, Watch};
use simulators::Faults;
use testkit::SeededRandom;
use tokio::sync::Notify;
use types::{MerchantId, OrderId, UserId};

use crate::house::{
    ALWAYS, House, REVIEW, World, pay, pay_by, refund, role, top_up, transfer, withdraw,
};

/// Stops everything at the n-th boundary that is reached once it is armed.
#[derive(Default)]
struct Trap {
    armed: AtomicBool,
    left: AtomicU64,
    sprung: Notify,
}

impl Trap {
    fn arm(&self, after: u64) {
        self.left.store(after, Ordering::SeqCst);
        self.armed.store(true, Ordering::SeqCst);
    }

    fn disarm(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }
}

impl Watch for Trap {
    fn reached(&self, _: OrderId, _: Boundary) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if !self.armed.load(Ordering::SeqCst) {
                return;
            }
            let left =
                self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            if left.is_err() {
                self.sprung.notify_one();
                std::future::pending::<()>().await;
            }
        })
    }
}

/// What is asked when the house falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    PayBalance,
    PayCard,
    TopUp,
    Transfer,
    Withdraw,
    RefundBalance,
    RefundCard,
    Review,
}

const SCENES: [Scene; 8] = [
    Scene::PayBalance,
    Scene::PayCard,
    Scene::TopUp,
    Scene::Transfer,
    Scene::Withdraw,
    Scene::RefundBalance,
    Scene::RefundCard,
    Scene::Review,
];

enum Asked {
    Order(Box<NewOrder>),
    Refund(NewRefund),
}

/// Who is there, and two payments that can be refunded.
struct Cast {
    user: UserId,
    friend: UserId,
    merchant: MerchantId,
    by_balance: OrderId,
    by_card: OrderId,
}

impl Cast {
    async fn new(house: &House, world: &World) -> Self {
        house.fill_reserve(500_000).await;
        let merchant = house.merchant(world, None).await;
        let user = house.settled_user_with(world, 500_000).await;
        house.agree(world, user, merchant).await;
        let place = |new| house.payments.place(new, world.tick());
        let by_balance = place(pay(user, merchant, "paid-1", 20_000)).await.expect("placed").id;
        let by_card = pay_by(user, merchant, "paid-2", 20_000, "wallet");
        let by_card = place(by_card).await.expect("placed").id;
        Self { user, friend: house.user(world).await, merchant, by_balance, by_card }
    }

    async fn asked(&self, scene: Scene, key: &str, house: &House, world: &World) -> Asked {
        let Self { user, friend, merchant, .. } = *self;
        let with_password = |new| house.with_password(world, new);
        Asked::Order(Box::new(match scene {
            Scene::PayBalance => pay(user, merchant, key, 700),
            Scene::PayCard => pay_by(user, merchant, key, 700, "card"),
            Scene::TopUp => top_up(user, key, 700, "card"),
            Scene::Transfer => with_password(transfer(user, friend, key, 700)).await,
            Scene::Withdraw => with_password(withdraw(user, key, 700)).await,
            Scene::Review => pay_by(user, merchant, key, REVIEW, "card"),
            Scene::RefundBalance => {
                return Asked::Refund(refund(merchant, key, self.by_balance, 100));
            }
            Scene::RefundCard => return Asked::Refund(refund(merchant, key, self.by_card, 100)),
        }))
    }
}

/// Every proof holds and nothing is left held or in transit.
async fn is_clean(house: &House) {
    house.prove().await;
    let held: Vec<_> = house.snapshot().into_iter().filter(|(_, s)| s.1 != 0 || s.2 != 0).collect();
    assert!(held.is_empty(), "holds are left: {held:?}");
    for transit in ["withdrawal_in_transit", "refund_in_transit"] {
        assert_eq!(house.stands(role(transit)).0, 0, "{transit}");
    }
}

/// Asks, and drops everything at the n-th boundary. False: it was over before.
async fn fall(world: &World, cast: &Cast, scene: Scene, key: &str, n: u64) -> bool {
    let trap = Arc::new(Trap::default());
    let house = world.open_watched(Arc::clone(&trap) as _).await;
    let asked = cast.asked(scene, key, &house, world).await;
    let now = world.tick();
    trap.arm(n);
    let call = async {
        match asked {
            Asked::Order(new) => house.payments.place(*new, now).await,
            Asked::Refund(new) => house.payments.refund(new, now).await,
        }
    };
    let fell = tokio::select! {
        result = call => { result.expect("placed"); false }
        () = trap.sprung.notified() => true,
    };
    trap.disarm();
    // With an order under way, the proofs hold as well.
    house.prove().await;
    house.close().await;
    fell
}

/// Recovers, and drops everything at the n-th boundary of that, if it has so many.
async fn fall_again(world: &World, n: u64) {
    fall_again_after(world, n, 90).await;
}

/// The same, this many seconds on.
async fn fall_again_after(world: &World, n: u64, seconds: i64) {
    let trap = Arc::new(Trap::default());
    let house = world.open_watched(Arc::clone(&trap) as _).await;
    trap.arm(n);
    tokio::select! {
        result = house.payments.recover(world.after(seconds)) => { result.expect("recovered"); }
        () = trap.sprung.notified() => {}
    };
    trap.disarm();
    house.prove().await;
    house.close().await;
}

/// Opens the house again and lets it end every order; gives the one with this key.
async fn rise(world: &World, key: &str) -> Option<Order> {
    let house = world.open().await;
    let filter = Filter { key: Some(key.to_owned()), ..Filter::default() };
    let list = || house.payments.list(&filter, Page::default());
    // A review is decided by a person, whatever happened to the house.
    for _ in 0..40 {
        house.payments.recover(world.after(30)).await.expect("recovered");
        if let Some(order) = list().await.expect("listed").pop()
            && order.status() == Status::Review
        {
            house
                .payments
                .review_decide(order.id, true, "op", world.tick())
                .await
                .expect("decided");
        }
        if house.payments.unfinished().await.expect("counted") == 0 {
            break;
        }
    }
    is_clean(&house).await;
    let order = list().await.expect("listed").pop();
    house.close().await;
    order
}

async fn stage_world(faults: Faults) -> (World, Cast) {
    let world = World::new(faults).await;
    let house = world.open().await;
    let cast = Cast::new(&house, &world).await;
    house.close().await;
    (world, cast)
}

/// Falls at every boundary of a kind of order; says how each one ended (`-`: it never was).
async fn everywhere(faults: Faults, scene: Scene) -> Vec<String> {
    let (world, cast) = stage_world(faults).await;
    let mut ends = Vec::new();
    for n in 0..20 {
        let key = format!("crash-{n}");
        let fell = fall(&world, &cast, scene, &key, n).await;
        let order = rise(&world, &key).await;
        if !fell {
            return ends;
        }
        ends.push(order.map_or("-".to_owned(), |order| match &order.failure {
            None => order.stage.word().to_owned(),
            Some(failure) => failure.code.clone(),
        }));
    }
    panic!("more boundaries than an order can have: {ends:?}")
}

/// The ends of an order that reached `n` boundaries and would have succeeded: interrupted before
/// the channel was asked, it fails; afterwards it succeeds.
fn outside_ends(n: usize) -> Vec<&'static str> {
    let mut ends = vec!["-", "interrupted", "channel_never_received"];
    ends.resize(n, "succeeded");
    ends
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_within_the_book_always_go_through() {
    for scene in [Scene::PayBalance, Scene::Transfer, Scene::RefundBalance] {
        let ends = everywhere(Faults::default(), scene).await;
        let through = ["-", "succeeded", "succeeded", "succeeded", "succeeded"];
        assert_eq!(ends, through, "{scene:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_through_a_channel_end_by_what_it_knows() {
    for scene in [Scene::PayCard, Scene::TopUp, Scene::Withdraw] {
        assert_eq!(everywhere(Faults::default(), scene).await, outside_ends(7), "{scene:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_through_a_channel_end_by_what_it_knows() {
    assert_eq!(everywhere(Faults::default(), Scene::RefundCard).await, outside_ends(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_and_a_crash_at_once() {
    for scene in [Scene::PayCard, Scene::Withdraw] {
        let lost = Faults { cut_ppm: ALWAYS, ..Faults::default() };
        assert_eq!(everywhere(lost, scene).await, outside_ends(6), "{scene:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn declines_and_a_crash_at_once() {
    let ends =
        everywhere(Faults { decline_ppm: ALWAYS, ..Faults::default() }, Scene::PayCard).await;
    let mut expected = vec!["-", "interrupted", "channel_never_received"];
    expected.resize(7, "channel_declined");
    assert_eq!(ends, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_survives_every_crash() {
    let ends = everywhere(Faults::default(), Scene::Review).await;
    assert_eq!(ends, ["-", "succeeded", "succeeded", "succeeded", "succeeded"]);
}

/// The money that a channel took late goes back once, wherever the house falls while it does that.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_success_survives_every_crash() {
    for n in 0..8 {
        let (world, of) = crate::late::given_up(Faults::default()).await;
        fall_again_after(&world, n, 3_600).await;
        let house = world.open().await;
        for _ in 0..3 {
            house.settle(&world).await;
            house.payments.recover(world.after(3_600)).await.expect("recovered");
        }
        let trace = house.payments.trace(of).await.expect("read").expect("there");
        let back: Vec<_> = trace.refunds.iter().filter(|r| r.stage == Stage::Succeeded).collect();
        assert_eq!(back.len(), 1, "at {n}: {:?}", trace.refunds);
        assert_eq!(house.stands(channels::receivable("card", money::CNY)).0, 0, "at {n}");
        is_clean(&house).await;
        house.close().await;
    }
}

/// Many orders of all kinds, one house after another, each falling somewhere and most falling again
/// while they recover.
#[tokio::test(flavor = "multi_thread")]
async fn a_seeded_life_of_crashes() {
    let seed = 20_261_012;
    let faults = Faults {
        decline_ppm: 150_000,
        cut_ppm: 150_000,
        processing_ppm: 150_000,
        server_error_ppm: 150_000,
        ..Faults::default()
    };
    let (world, cast) = stage_world(faults).await;
    let chance = SeededRandom::new(seed);
    let mut ended = 0;
    for n in 0..40 {
        let scene = *chance.pick(&SCENES).expect("some");
        let key = format!("life-{n}");
        let (first, second) = (chance.below(8), chance.below(6));
        fall(&world, &cast, scene, &key, first).await;
        if !chance.once_in(3) {
            fall_again(&world, second).await;
        }
        let order = rise(&world, &key).await;
        let end = order.as_ref().map(|o| o.stage);
        assert!(
            end.is_none_or(Stage::is_final),
            "seed {seed}, run {n}: {scene:?} at {first} and {second} ended {order:?}"
        );
        ended += u32::from(end.is_some());
    }
    assert!(ended > 20, "only {ended} orders were written");
}
