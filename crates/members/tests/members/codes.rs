//! One-time codes by message: for one purpose, once, a few tries, so many a day.

use crate::support::{House, code, noon, phone};
use members::{CodePurpose, Error};
use types::{Timestamp, UserId};

const RESET: CodePurpose = CodePurpose::PasswordReset;

impl House {
    /// Has a code sent and reads it off the phone.
    async fn code(&self, user: UserId, n: u64, subject: &str, at: Timestamp) -> String {
        let sent = self.members.send_code(user, RESET, subject, at).await.expect("sent");
        assert_eq!(sent.expires_at, at.plus_seconds(300));
        assert_eq!(sent.resend_at, at.plus_seconds(60));
        // Read in the clear only to look into the simulator's book.
        self.sms.last(phone(n).expose()).expect("a message")
    }

    async fn check(
        &self,
        user: UserId,
        subject: &str,
        code: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.members.check_code(user, RESET, subject, code, at).await
    }
}

/// A code that is not `code`.
fn other(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_is_good_for_its_purpose_subject_and_user_once() {
    let house = House::open().await;
    let (user, stranger) = (house.register(1).await, house.register(2).await);
    assert_eq!(code(house.check(user, "s", "123456", noon()).await), "code_unknown", "none sent");
    let sent = house.code(user, 1, "s", noon()).await;
    assert_eq!(code(house.check(user, "t", &sent, noon()).await), "code_other_subject");
    assert_eq!(code(house.check(stranger, "s", &sent, noon()).await), "code_unknown", "user");
    let merge = house.members.check_code(user, CodePurpose::Merge, "s", &sent, noon()).await;
    assert_eq!(code(merge), "code_unknown", "purpose");
    for malformed in ["", "12345", "1234567", "abcdef"] {
        assert_eq!(code(house.check(user, "s", malformed, noon()).await), "code_malformed");
    }
    let late = noon().plus_seconds(300);
    assert_eq!(code(house.check(user, "t", &sent, late).await), "code_unknown", "none stands");
    let sign_in = house.members.check_code(user, CodePurpose::SignIn, "t", &sent, noon()).await;
    assert_eq!(code(sign_in), "code_unknown");
    let expired = house.check(user, "s", &sent, noon().plus_seconds(300)).await;
    assert_eq!(code(expired), "code_expired");
    house.check(user, "s", &sent, noon().plus_seconds(299)).await.expect("right");
    assert_eq!(code(house.check(user, "s", &sent, noon()).await), "code_unknown", "used");
    for subject in ["", "a b", &"x".repeat(65)] {
        let sent = house.members.send_code(user, RESET, subject, noon()).await;
        assert_eq!(code(sent), "code_subject_invalid", "{subject}");
    }
}

#[tokio::test]
async fn five_wrong_tries_void_it_however_many_run_at_once() {
    let house = House::open().await;
    let user = house.register(1).await;
    let sent = house.code(user, 1, "s", noon()).await;
    let wrong = other(&sent);
    let tries = (0..50).map(|_| house.check(user, "s", &wrong, noon()));
    let mut codes: Vec<String> = futures::future::join_all(tries)
        .await
        .into_iter()
        .map(|r| r.expect_err("wrong").to_string())
        .collect();
    codes.sort();
    assert_eq!(codes.iter().filter(|c| c.contains("tries left")).count(), 4);
    assert_eq!(codes.iter().filter(|c| c.contains("void")).count(), 46);
    assert_eq!(code(house.check(user, "s", &sent, noon()).await), "code_void", "the right one");
    // The next one is another code with tries of its own.
    let later = noon().plus_seconds(60);
    let next = house.code(user, 1, "s", later).await;
    assert_eq!(code(house.check(user, "s", &other(&next), later).await), "code_wrong");
    house.check(user, "s", &next, later).await.expect("right");
}

#[tokio::test]
async fn a_code_used_fifty_times_at_once_is_used_once() {
    let house = House::open().await;
    let user = house.register(1).await;
    let sent = house.code(user, 1, "s", noon()).await;
    let tries = (0..50).map(|_| house.check(user, "s", &sent, noon()));
    let passed = futures::future::join_all(tries).await.into_iter().flatten().count();
    assert_eq!(passed, 1);
}

#[tokio::test]
async fn a_phone_is_sent_one_a_minute_and_ten_a_day() {
    let house = House::open().await;
    let user = house.register(1).await;
    let first = house.code(user, 1, "s", noon()).await;
    let early = house.members.send_code(user, RESET, "t", noon().plus_seconds(59)).await;
    assert_eq!(code(early), "code_too_soon", "whatever it is for");
    let second = house.code(user, 1, "s", noon().plus_seconds(60)).await;
    if first != second {
        let at = noon().plus_seconds(61);
        assert_eq!(code(house.check(user, "s", &first, at).await), "code_wrong", "replaced");
    }
    for n in 2..10 {
        house.code(user, 1, "s", noon().plus_seconds(n * 60)).await;
    }
    let eleventh = house.members.send_code(user, RESET, "s", noon().plus_seconds(3_600)).await;
    assert_eq!(code(eleventh), "code_day_limit");
    assert_eq!(house.sms.count(phone(1).expose()), 10);
    let midnight = noon().date().next().start();
    house.code(user, 1, "s", midnight).await;
    let again = house.members.send_code(user, RESET, "s", midnight.plus_seconds(59)).await;
    assert_eq!(code(again), "code_too_soon");
}

#[tokio::test]
async fn a_channel_that_is_away_or_refuses_leaves_no_code_behind() {
    let house = House::open().await;
    let user = house.register(1).await;
    house.sms.set_away(true);
    let away = house.members.send_code(user, RESET, "s", noon()).await;
    assert_eq!(code(away), "code_channel_down");
    assert_eq!(code(house.check(user, "s", "123456", noon()).await), "code_unknown");
    house.sms.set_away(false);
    house.code(user, 1, "s", noon()).await;
    house.sms.refuse(phone(1).expose());
    let refused = house.members.send_code(user, RESET, "s", noon().plus_seconds(60)).await;
    assert_eq!(code(refused), "code_channel_refused");
}
