//! Sets of credentials for one order: which are enough, and how much they allow a day.

use crate::house::{House, PASSWORD, STEP_UP, World, pay};
use members::model::totp;
use members::{Credentials, Members};
use payments::{Auth, NewOrder, Order, Status};
use simulators::Faults;
use types::{Timestamp, UserId};

const GESTURE: &str = "2581";
/// CNY 1,200: over the day's limit of one factor, within that of two.
const LARGE: i64 = 120_000;

/// Has the user take an authenticator app; gives its secret.
async fn app(world: &World, house: &House, user: UserId) -> Vec<u8> {
    let envelope = house.seal(world, user, &Members::enrol_totp_binding(), PASSWORD).await;
    let new = house.members.enrol_totp(user, &envelope, world.tick()).await.expect("enrolled");
    let secret = unbase32(new.secret.expose());
    let at = world.tick();
    house.members.confirm_totp(user, &shown(&secret, at), at).await.expect("confirmed");
    secret
}

fn unbase32(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = text.bytes().flat_map(|b| {
        let value = digits.iter().position(|d| *d == b).expect("base32");
        (0..5).rev().map(move |bit| (value >> bit) & 1)
    });
    let bits: Vec<usize> = bits.collect();
    let byte = |eight: &[usize]| eight.iter().fold(0, |n, bit| n * 2 + bit);
    bits.chunks_exact(8).map(|eight| u8::try_from(byte(eight)).expect("a byte")).collect()
}

/// What the app shows at this moment.
fn shown(secret: &[u8], at: Timestamp) -> String {
    format!("{:06}", totp::code(secret, at.as_millis() / 30_000))
}

async fn draw(world: &World, house: &House, user: UserId) {
    let binding = Members::set_gesture_binding();
    let password = house.seal(world, user, &binding, PASSWORD).await;
    let gesture = house.seal(world, user, &binding, GESTURE).await;
    let set = house.members.set_gesture(user, &password, &gesture, world.tick());
    set.await.expect("set");
}

/// An order that waits for a device key, and with it for whatever else is enough.
async fn waiting(world: &World, house: &House, new: &NewOrder) -> Order {
    let new = NewOrder { auth: Auth::DeviceKey, ..new.clone() };
    let order = house.payments.place(new, world.tick()).await.expect("placed");
    assert_eq!(order.status(), Status::AuthenticationRequired);
    order
}

fn failed(order: &Order) -> Option<&str> {
    order.failure.as_ref().map(|failure| failure.code.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_limit_follows_from_the_set_that_is_brought() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 400_000).await;
    let secret = app(&world, &house, user).await;
    let before = house.snapshot();
    // One factor: what was promised at first, a device key with a finger, counts no longer.
    let new = pay(user, merchant, "m1", LARGE);
    let order = waiting(&world, &house, &new).await;
    let password = house.password(&world, &new, PASSWORD).await;
    let done = house.payments.authenticate(order.id, Credentials::password(password), world.tick());
    let done = done.await.expect("brought");
    assert_eq!((done.status(), failed(&done)), (Status::Failed, Some("limit_exceeded")));
    assert_eq!(house.snapshot(), before);
    // Two sorts of factors.
    let new = pay(user, merchant, "m2", LARGE);
    let order = waiting(&world, &house, &new).await;
    let password = Some(house.password(&world, &new, PASSWORD).await);
    let at = world.after(60);
    let app_code = Some(shown(&secret, at));
    let both = Credentials { password, app_code, ..Credentials::default() };
    let done = house.payments.authenticate(order.id, both, at).await.expect("brought");
    assert_eq!((done.status(), failed(&done)), (Status::Succeeded, None));
    let trace = house.payments.trace(order.id).await.expect("read").expect("there");
    let by = trace.steps.iter().find(|step| step.step == "authenticated").map(|s| s.note.as_str());
    assert_eq!(by, Some("payment_password+app_code"));
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_one_of_several_is_named_and_the_order_waits_on() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 100_000).await;
    let secret = app(&world, &house, user).await;
    let new = pay(user, merchant, "m1", 1_000);
    let order = waiting(&world, &house, &new).await;
    let bring = async |password: Option<&str>, app_code: Option<String>, at: Timestamp| {
        let password = match password {
            Some(password) => Some(house.password(&world, &new, password).await),
            None => None,
        };
        let set = Credentials { password, app_code, ..Credentials::default() };
        house.payments.authenticate(order.id, set, at).await
    };
    let code = async |password, app_code: Option<String>| {
        let refused = bring(password, app_code, world.after(60)).await.expect_err("refused");
        assert_eq!(house.order(order.id).await.status(), Status::AuthenticationRequired);
        (refused.code, refused.field)
    };
    let wrong = |at: Timestamp| {
        let right: u32 = shown(&secret, at).parse().expect("digits");
        Some(format!("{:06}", (right + 1) % 1_000_000))
    };
    let missing = ("knowledge_factor_missing", Some("auth".to_owned()));
    assert_eq!(code(None, None).await, missing);
    assert_eq!(code(None, wrong(world.tick())).await, missing, "no try is counted");
    assert_eq!(code(Some("830593"), wrong(world.tick())).await.0, "password_wrong");
    let found = code(Some(PASSWORD), wrong(world.tick())).await;
    assert_eq!(found, ("code_wrong", Some("app_code".to_owned())));
    let at = world.after(60);
    let done = bring(Some(PASSWORD), Some(shown(&secret, at)), at).await;
    assert_eq!(done.expect("paid").status(), Status::Succeeded);
    house.prove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gesture_pays_little_and_not_where_the_password_is_asked_for() {
    let world = World::new(Faults::default()).await;
    let house = world.open().await;
    let merchant = house.merchant(&world, None).await;
    let user = house.user_with(&world, 200_000).await;
    draw(&world, &house, user).await;
    let gesture = async |new: &NewOrder| {
        let binding = new.binding().expect("positive");
        let gesture = Some(house.seal(&world, user, &binding, GESTURE).await);
        Credentials { gesture, ..Credentials::default() }
    };
    let small = pay(user, merchant, "m1", 1_000);
    let order = waiting(&world, &house, &small).await;
    let shown = gesture(&small).await;
    let done = house.payments.authenticate(order.id, shown, world.tick()).await.expect("paid");
    assert_eq!(done.status(), Status::Succeeded);
    // More than a gesture may pay.
    let more = pay(user, merchant, "m2", 20_001);
    let order = waiting(&world, &house, &more).await;
    let shown = gesture(&more).await;
    let refused = house.payments.authenticate(order.id, shown, world.tick()).await;
    assert_eq!(refused.expect_err("too much").code, "gesture_amount");
    // Risk control asks for the password: later, and at once.
    let asked = pay(user, merchant, "m3", STEP_UP);
    let order = waiting(&world, &house, &asked).await;
    let shown = gesture(&asked).await;
    let refused = house.payments.authenticate(order.id, shown, world.tick()).await;
    assert_eq!(refused.expect_err("asked for").code, "authentication_required");
    let at_once = pay(user, merchant, "m4", STEP_UP);
    let auth = Auth::Factors(Box::new(gesture(&at_once).await));
    let order = house.payments.place(NewOrder { auth, ..at_once }, world.tick()).await;
    let order = order.expect("placed");
    let found = (order.status(), failed(&order));
    assert_eq!(found, (Status::AuthenticationRequired, Some("authentication_required")));
    house.prove().await;
}
