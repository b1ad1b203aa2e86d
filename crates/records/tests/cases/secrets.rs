//! The key ring: what it seals opens in its place only, and every wrong key or file has a name.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use records::{Secrets, SecretsError};
use types::{Masked, Problem, ProblemKind, Random};

/// Chance that is different at every call and the same in every run.
#[derive(Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for (place, byte) in bytes.iter_mut().enumerate() {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            *byte = u8::try_from(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56).expect("one byte")
                ^ u8::try_from(place % 251).expect("one byte");
        }
    }
}

/// Chance that repeats itself, as after restoring a machine.
struct Stuck;

impl Random for Stuck {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .expect("lists")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    names
}

#[test]
fn keys_are_made_once_and_only_their_owner_reads_them() {
    let dir = tempfile::tempdir().expect("a directory");
    let keys = dir.path().join("keys");
    let chance = Counting::default();
    let first = Secrets::open(&keys, &chance).expect("makes");
    assert_eq!(names(&keys), ["derive.key", "index.key", "pepper.key", "seal-1.key"]);
    #[cfg(unix)]
    for (path, wanted) in [(keys.clone(), 0o700), (keys.join("pepper.key"), 0o600)] {
        let mode = std::fs::metadata(path).expect("is there").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, wanted);
    }
    let again = Secrets::open(&keys, &chance).expect("opens");
    assert_eq!(first.pepper(), again.pepper());
    let sealed = first.seal(b"plain", b"place", &chance);
    assert_eq!(again.unseal(&sealed, b"place").expect("opens").as_slice(), b"plain");
    let other = Secrets::open(&dir.path().join("other"), &chance).expect("makes");
    assert_ne!(first.pepper(), other.pepper());
    let shown = format!("{first:?}");
    assert!(!shown.contains(&hex::encode(first.pepper())) && shown.contains("sealing_keys"));
}

#[test]
fn a_sealed_value_opens_whole_in_its_place_under_its_key_only() {
    let dir = tempfile::tempdir().expect("a directory");
    let chance = Counting::default();
    let ring = Secrets::open(&dir.path().join("a"), &chance).expect("makes");
    let stranger = Secrets::open(&dir.path().join("b"), &chance).expect("makes");
    let sealed = ring.seal("王小强".as_bytes(), b"user.name|1", &chance);
    assert!(!sealed.windows(3).any(|w| w == "王".as_bytes()));
    assert_eq!(ring.unseal(&sealed, b"user.name|2"), Err(SecretsError::Altered));
    assert!(matches!(
        stranger.unseal(&sealed, b"user.name|1"),
        Err(SecretsError::UnknownKey { .. })
    ));
    for length in 0..sealed.len() {
        let error = ring.unseal(&sealed[..length], b"user.name|1").expect_err("refused");
        let cut = length < 37;
        assert_eq!(matches!(error, SecretsError::Cut { .. }), cut, "{length}: {error}");
    }
    for place in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        let error = ring.unseal(&altered, b"user.name|1").expect_err("refused");
        let expected = match place {
            0 => matches!(error, SecretsError::UnknownForm { form: 0 }),
            1..=8 => matches!(error, SecretsError::UnknownKey { .. }),
            _ => error == SecretsError::Altered,
        };
        assert!(expected, "{place}: {error}");
        assert_eq!(Problem::from(error).kind, ProblemKind::Internal);
    }
}

#[test]
fn text_stays_masked() {
    let dir = tempfile::tempdir().expect("a directory");
    let chance = Counting::default();
    let ring = Secrets::open(dir.path(), &chance).expect("makes");
    let phone = Masked::new("13212345695");
    let sealed = ring.seal_text(&phone, b"p", &chance);
    let opened = ring.unseal_text(&sealed, b"p").expect("opens");
    assert_eq!((opened.to_string().as_str(), opened == phone), ("132******95", true));
    let bytes = ring.seal(&[0xff, 0xfe], b"p", &chance);
    assert_eq!(ring.unseal_text(&bytes, b"p"), Err(SecretsError::NotText));
    let empty = ring.seal(b"", b"", &chance);
    assert_eq!(ring.unseal(&empty, b"").expect("opens").len(), 0);
}

#[test]
fn even_stuck_chance_gives_no_nonce_twice_to_different_values() {
    let dir = tempfile::tempdir().expect("a directory");
    let ring = Secrets::open(dir.path(), &Stuck).expect("makes");
    let mut nonces = BTreeSet::new();
    for (plain, place) in [("a", "p"), ("b", "p"), ("a", "q"), ("", "ap"), ("ap", "")] {
        let sealed = ring.seal(plain.as_bytes(), place.as_bytes(), &Stuck);
        assert!(nonces.insert(sealed[9..21].to_vec()), "{plain} {place}");
    }
    let chance = Counting::default();
    let twice = [ring.seal(b"a", b"p", &chance), ring.seal(b"a", b"p", &chance)];
    assert_ne!(twice[0], twice[1]);
}

#[test]
fn indexes_and_derived_keys_are_steady_and_apart() {
    let dir = tempfile::tempdir().expect("a directory");
    let chance = Counting::default();
    let ring = Secrets::open(dir.path(), &chance).expect("makes");
    assert_eq!(ring.blind_index("phone", b"132"), ring.blind_index("phone", b"132"));
    assert_eq!(*ring.derive_key("webhook", b"mch_1"), *ring.derive_key("webhook", b"mch_1"));
    let mut seen = BTreeSet::from([*ring.pepper()]);
    for (domain, value) in [("phone", "132"), ("phone", "133"), ("card", "132"), ("phone1", "32")] {
        assert!(seen.insert(ring.blind_index(domain, value.as_bytes())), "{domain} {value}");
        assert!(seen.insert(*ring.derive_key(domain, value.as_bytes())), "{domain} {value}");
    }
}

#[test]
fn after_rotation_the_new_key_seals_and_the_old_ones_open() {
    let dir = tempfile::tempdir().expect("a directory");
    let chance = Counting::default();
    let before = Secrets::open(dir.path(), &chance).expect("makes");
    let old = before.seal(b"old", b"p", &chance);
    assert!(!before.is_stale(&old));
    let after = Secrets::rotate(dir.path(), &chance).expect("rotates");
    let new = after.seal(b"new", b"p", &chance);
    assert_eq!(
        (after.is_stale(&old), after.is_stale(&new), after.is_stale(b"")),
        (true, false, true)
    );
    assert_eq!(after.unseal(&old, b"p").expect("opens").as_slice(), b"old");
    assert!(matches!(before.unseal(&new, b"p"), Err(SecretsError::UnknownKey { .. })));
    assert_eq!(before.blind_index("d", b"v"), after.blind_index("d", b"v"));
    Secrets::rotate(dir.path(), &chance).expect("rotates again");
    let third = Secrets::open(dir.path(), &chance).expect("opens");
    assert!(third.is_stale(&new) && third.unseal(&new, b"p").is_ok());
}

#[test]
fn a_ring_that_is_not_whole_is_refused_by_the_name_of_the_file() {
    type Spoil = fn(&Path);
    type Expected = fn(&SecretsError) -> bool;
    let cases: [(&str, Spoil, Expected); 5] = [
        (
            "a lost key",
            |dir| std::fs::remove_file(dir.join("index.key")).expect("removes"),
            |e| matches!(e, SecretsError::Missing { file } if file.ends_with("index.key")),
        ),
        (
            "a cut key",
            |dir| cut(&dir.join("seal-1.key")),
            |e| matches!(e, SecretsError::Damaged { file, .. } if file.ends_with("seal-1.key")),
        ),
        (
            "an exchanged key",
            |dir| {
                std::fs::copy(dir.join("index.key"), dir.join("pepper.key")).expect("copies");
            },
            |e| matches!(e, SecretsError::Damaged { file, .. } if file.ends_with("pepper.key")),
        ),
        (
            "bytes",
            |dir| std::fs::write(dir.join("derive.key"), [0xff, 0xfe]).expect("writes"),
            |e| matches!(e, SecretsError::Damaged { file, .. } if file.ends_with("derive.key")),
        ),
        (
            "an open key",
            |dir| expose(&dir.join("pepper.key")),
            |e| matches!(e, SecretsError::Exposed { file, mode: 0o644 } if file.ends_with("pepper.key")),
        ),
    ];
    for (name, spoil, expected) in cases {
        let dir = tempfile::tempdir().expect("a directory");
        let chance = Counting::default();
        Secrets::open(dir.path(), &chance).expect("makes");
        spoil(dir.path());
        let error = Secrets::open(dir.path(), &chance).expect_err(name);
        assert!(expected(&error), "{name}: {error}");
        assert_eq!(Secrets::rotate(dir.path(), &chance).expect_err(name), error);
        assert_eq!(Problem::from(error).code, "key_file_unusable");
    }
}

#[test]
fn a_first_use_that_was_cut_short_is_finished() {
    let dir = tempfile::tempdir().expect("a directory");
    let chance = Counting::default();
    Secrets::open(dir.path(), &chance).expect("makes");
    let pepper = std::fs::read(dir.path().join("pepper.key")).expect("reads");
    // As a crash leaves it: the marker, some keys, one unfinished.
    std::fs::write(dir.path().join("first-use.unfinished"), "").expect("writes");
    std::fs::remove_file(dir.path().join("seal-1.key")).expect("removes");
    std::fs::write(dir.path().join("seal-1.key.unfinished"), "countingho").expect("writes");
    Secrets::open(dir.path(), &chance).expect("finishes");
    assert_eq!(names(dir.path()), ["derive.key", "index.key", "pepper.key", "seal-1.key"]);
    assert_eq!(std::fs::read(dir.path().join("pepper.key")).expect("reads"), pepper);
}

fn cut(file: &Path) {
    let text = std::fs::read_to_string(file).expect("reads");
    std::fs::write(file, &text[..text.len() - 10]).expect("writes");
}

fn expose(file: &Path) {
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(file, open).expect("opens to all");
}
