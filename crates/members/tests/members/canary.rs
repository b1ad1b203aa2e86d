//! No byte of a password reaches a log or the disk: everything is logged that can be, a password
//! is set, used, mistaken, changed and reset, and then both are searched.

use crate::support::{House, claim, noon, phone};
use members::keypad::Binding;
use members::{Class, CodePurpose, Members};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use types::{Timestamp, UserId};

/// Passwords and a path that nothing else here contains.
const CANARIES: [&str; 4] = ["730916", "916073", "609137", "72961834"];

/// Where the log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The forms in which bytes leak: plain, as a list of numbers, in hexadecimal.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    let numbers: Vec<String> = canary.bytes().map(|b| b.to_string()).collect();
    vec![
        canary.as_bytes().to_vec(),
        numbers.join(", ").into_bytes(),
        hex::encode(canary).into_bytes(),
    ]
}

/// Whether a form of a canary stands there, not as a part of a longer number: of a time that
/// something took there may be any digits.
fn leaks(bytes: &[u8]) -> Option<&'static str> {
    let found = |form: &[u8]| {
        bytes.windows(form.len()).enumerate().any(|(at, window)| {
            let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            window == form && !part(before) && !part(bytes.get(at + form.len()))
        })
    };
    CANARIES.into_iter().find(|canary| forms(canary).iter().any(|form| found(form)))
}

fn search(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            search(&path);
        } else {
            let bytes = std::fs::read(&path).expect("readable");
            assert_eq!(leaks(&bytes), None, "{}", path.display());
        }
    }
}

async fn go_through(house: &House) -> UserId {
    let [first, second, third, path] = CANARIES;
    let user = house.verified(1, Class::I).await.user;
    let seal = async |binding: &Binding, plain: &str, at: Timestamp| {
        house.seal(user, binding, plain, at).await
    };
    let set = Members::set_password_binding();
    let sealed = seal(&set, first, noon()).await;
    house.members.set_payment_password(user, &sealed, noon()).await.expect("set");
    let use_ = Binding { order: "o".into(), ..set.clone() };
    for (plain, right) in [(first, true), (second, false)] {
        let sealed = seal(&use_, plain, noon()).await;
        let checked = house.members.verify_payment_password(user, &sealed, &use_, noon()).await;
        assert_eq!(checked.is_ok(), right);
        let mut cut = seal(&use_, plain, noon()).await;
        cut.ciphertext.truncate(10);
        let cut = house.members.verify_payment_password(user, &cut, &use_, noon()).await;
        let error = cut.expect_err("cut");
        tracing::info!(%error, ?error, "what a caller may log");
    }
    let change = Members::change_password_binding();
    let (old, new) = (seal(&change, first, noon()).await, seal(&change, second, noon()).await);
    tracing::info!(?old, ?new, "envelopes may be logged");
    house.members.change_payment_password(user, &old, &new, noon()).await.expect("changed");
    let gesture = Members::set_gesture_binding();
    let (password, drawn) =
        (seal(&gesture, second, noon()).await, seal(&gesture, path, noon()).await);
    house.members.set_gesture(user, &password, &drawn, noon()).await.expect("set");
    let subject = user.to_string();
    let purpose = CodePurpose::PasswordReset;
    house.members.send_code(user, purpose, &subject, noon()).await.expect("sent");
    let code = house.sms.last(phone(1).expose()).expect("a message");
    let new = seal(&Members::reset_password_binding(), third, noon()).await;
    let claim = claim(1, Class::I);
    let reset = house.members.reset_payment_password(user, claim, &code, &new, noon()).await;
    reset.expect("reset");
    user
}

#[tokio::test]
async fn no_byte_of_a_password_is_logged_or_kept() {
    let log = Log::default();
    let writer = log.clone();
    // Everything that any crate says, at its most talkative.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only one of this process");
    let house = House::open().await;
    let user = go_through(&house).await;
    let logged = log.0.lock().expect("whole").clone();
    assert_eq!(leaks(&logged), None, "in the log");
    // The search can find: the log is full, and a canary put there is seen.
    assert!(logged.len() > 1_000, "{} bytes", logged.len());
    tracing::trace!("{user}: {}", CANARIES[0]);
    assert_eq!(leaks(&log.0.lock().expect("whole").clone()), Some(CANARIES[0]));
    search(house.folder());
}
