//! Many orders at once: none is lost, none is doubled, and the proofs hold over all of them.

use std::time::Instant;

use futures::StreamExt;
use payments::Status;
use simulators::Faults;

use crate::house::{World, pay, pay_by};

/// `SPEED_ORDERS=20000` measures; the default only shows that nothing breaks.
fn wanted() -> usize {
    std::env::var("SPEED_ORDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(600)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_at_once() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let mut pairs = Vec::new();
    for _ in 0..8 {
        let merchant = house.merchant(&world, None).await;
        let user = house.user_with(&world, 1_000_000).await;
        house.agree(&world, user, merchant).await;
        pairs.push((user, merchant));
    }
    let count = wanted();
    let began = Instant::now();
    let orders = (0..count).map(|n| {
        let (user, merchant) = pairs[n % pairs.len()];
        let key = format!("s-{n}");
        // One in five goes through a channel.
        let new = match n % 5 {
            0 => pay_by(user, merchant, &key, 1, "card"),
            _ => pay(user, merchant, &key, 1),
        };
        let (payments, now) = (house.payments.clone(), world.after(0));
        tokio::spawn(async move { payments.place(new, now).await })
    });
    let results: Vec<_> = futures::stream::iter(orders).buffer_unordered(64).collect().await;
    let took = began.elapsed();
    for order in results {
        let order = order.expect("no panic").expect("placed");
        assert_eq!(order.status(), Status::Succeeded, "{order:?}");
    }
    tracing::info!(count, ?took, "orders placed");
    if std::env::var_os("SPEED_ORDERS").is_some() {
        eprintln!("{count} orders in {took:?}");
    }
    house.prove().await;
}
