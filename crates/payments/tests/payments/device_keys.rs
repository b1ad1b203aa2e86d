//! Orders signed with a device key: what it is enough for, and what it is not.

use crate::house::{House, PASSWORD, REJECT, REVIEW, STEP_UP, World, pay, pay_by};
use members::{Credentials, DeviceAnswer, Integrity, Members, NewDeviceKey};
use payments::{Auth, NewOrder, Order, Status};
use simulators::Faults;
use types::{OrderId, UserId};
use webauthn::from_base64;
use webauthn::soft::{Attest, Authenticator};

fn bytes(options: &serde_json::Value) -> Vec<u8> {
    from_base64(options["challenge"].as_str().expect("a challenge")).expect("base64url")
}

/// A phone with a registered key that nobody speaks for.
async fn phone(world: &World, house: &House, user: UserId) -> Authenticator {
    let device = Authenticator::new("localhost", "http://localhost:8787");
    let binding = Members::device_key_binding();
    let envelope = house.seal(world, user, &binding, PASSWORD).await;
    let options = house.members.begin_device_key(user, &envelope, world.tick()).await;
    let made = device.register(&bytes(&options.expect("begun").0), &Attest::None);
    let new = NewDeviceKey {
        name: "phone".to_owned(),
        credential_id: made.credential_id,
        client_data: made.client_data,
        attestation_object: made.attestation_object,
        device: None,
        integrity: Integrity::Unknown,
    };
    house.members.finish_device_key(user, new, "test", world.tick()).await.expect("registered");
    device
}

async fn sign(
    world: &World,
    house: &House,
    device: &mut Authenticator,
    id: OrderId,
) -> DeviceAnswer {
    let asked = house.payments.device_challenge(id, None, world.tick()).await.expect("asked");
    let made = device.assert(&bytes(&asked.sign.0));
    DeviceAnswer {
        credential_id: made.credential_id,
        client_data: made.client_data,
        authenticator_data: made.authenticator_data,
        signature: made.signature,
        user_handle: None,
        integrity: Integrity::Unknown,
    }
}

async fn bring(
    world: &World,
    house: &House,
    id: OrderId,
    answer: &DeviceAnswer,
) -> Result<Order, &'static str> {
    let brought =
        house.payments.authenticate(id, Credentials::device_key(answer.clone()), world.tick());
    brought.await.map_err(|problem| problem.code)
}

fn for_key(new: NewOrder) -> NewOrder {
    NewOrder { auth: Auth::DeviceKey, ..new }
}

async fn placed(world: &World, house: &House, new: NewOrder) -> Order {
    let order = house.payments.place(for_key(new), world.tick()).await.expect("placed");
    assert_eq!(order.status(), Status::AuthenticationRequired);
    assert_eq!(order.failure.as_ref().map(|f| f.code.as_str()), Some("device_key_required"));
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_pays_its_order_and_no_other() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    let mut device = phone(&world, &house, user).await;
    let before = house.snapshot();
    let first = placed(&world, &house, pay(user, merchant, "m1", 1_299)).await;
    let second = placed(&world, &house, pay(user, merchant, "m2", 1_299)).await;
    assert_eq!(house.snapshot(), before);

    let signed = sign(&world, &house, &mut device, first.id).await;
    let moved = bring(&world, &house, second.id, &signed).await;
    assert_eq!(moved.expect_err("another order's"), "device_key_challenge_wrong");
    let mut bent = signed.clone();
    bent.signature[10] ^= 1;
    let refused = bring(&world, &house, first.id, &bent).await;
    assert_eq!(refused.expect_err("bent"), "device_key_signature_wrong");
    assert_eq!(house.snapshot(), before);

    let done = bring(&world, &house, first.id, &signed).await.expect("paid");
    assert_eq!((done.status(), done.failure), (Status::Succeeded, None));
    assert_eq!(house.balance(user).await, (98_701, 0));
    let again = bring(&world, &house, first.id, &signed).await;
    assert_eq!(again.expect_err("paid"), "order_state_conflict");
    let again = bring(&world, &house, second.id, &signed).await;
    assert_eq!(again.expect_err("used"), "device_key_challenge_unknown");
    let asked = house.payments.device_challenge(first.id, None, world.tick()).await;
    assert_eq!(asked.expect_err("paid").code, "order_state_conflict");

    let steps = house.steps(first.id).await;
    assert!(steps.iter().any(|step| step == "authenticated"), "{steps:?}");
    let signed = sign(&world, &house, &mut device, second.id).await;
    assert!(bring(&world, &house, second.id, &signed).await.is_ok());
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_speaks_for_stands_below_the_password() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    house.agree(&world, user, merchant).await;
    let mut device = phone(&world, &house, user).await;
    // Risk control asks for the password: placed for a device key, and placed without anything.
    let stepped = placed(&world, &house, pay(user, merchant, "m1", STEP_UP)).await;
    let free = pay(user, merchant, "m2", STEP_UP);
    let free = house.payments.place(free, world.tick()).await.expect("placed");
    let before = house.snapshot();
    for order in [&stepped, &free] {
        let signed = sign(&world, &house, &mut device, order.id).await;
        let refused = bring(&world, &house, order.id, &signed).await;
        assert_eq!(refused.expect_err("too low"), "device_key_assurance_low");
        let again = bring(&world, &house, order.id, &signed).await;
        assert_eq!(again.expect_err("used up"), "device_key_challenge_unknown");
        let waits = house.order(order.id).await;
        assert_eq!(waits.status(), Status::AuthenticationRequired);
        let why = waits.failure.map(|failure| failure.code);
        assert_eq!(why.as_deref(), Some("device_key_assurance_low"));
    }
    assert_eq!(house.snapshot(), before);
    // The password passes both.
    let envelope = house.password(&world, &pay(user, merchant, "m1", STEP_UP), PASSWORD).await;
    let done = house
        .payments
        .authenticate(stepped.id, Credentials::password(envelope), world.tick())
        .await;
    assert_eq!(done.expect("paid").status(), Status::Succeeded);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn risk_control_has_its_say_before_a_signature_is_asked_for() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    let mut device = phone(&world, &house, user).await;
    let rejected = for_key(pay(user, merchant, "m1", REJECT));
    let rejected = house.payments.place(rejected, world.tick()).await.expect("placed");
    assert_eq!(rejected.status(), Status::Failed);
    let asked = house.payments.device_challenge(rejected.id, None, world.tick()).await;
    assert_eq!(asked.expect_err("failed").code, "order_state_conflict");
    let reviewed = placed(&world, &house, pay(user, merchant, "m2", REVIEW)).await;
    let signed = sign(&world, &house, &mut device, reviewed.id).await;
    let waits = bring(&world, &house, reviewed.id, &signed).await.expect("signed");
    assert_eq!(waits.status(), Status::Review);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_through_a_channel_is_signed_and_outlives_the_house() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user(&world).await;
    let mut device = phone(&world, &house, user).await;
    let order = placed(&world, &house, pay_by(user, merchant, "m1", 500, "card")).await;
    let signed = sign(&world, &house, &mut device, order.id).await;
    house.close().await;
    let house = world.open().await;
    let done = bring(&world, &house, order.id, &signed).await.expect("paid");
    assert_eq!(done.status(), Status::Succeeded);
    house.prove().await;
}
