//! The keys that seal personal data at rest, and find it again without opening it.
//!
//! | file | key |
//! |---|---|
//! | `seal-<n>.key` | seals personal data; the highest number seals, all of them open |
//! | `index.key` | blind indexes: an equal value is found without opening any |
//! | `pepper.key` | mixed into every password hash |
//! | `derive.key` | parent of the keys made for one purpose and one holder |
//!
//! A sealed value is: form (1 byte, now 1) | key id (8) | nonce (12) | ciphertext | tag (16). The
//! key id is a fingerprint of the key, so that a ring with the wrong keys says so by name.

mod error;
mod key_file;

use std::path::Path;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use types::{Masked, Random};
use zeroize::Zeroizing;

pub use error::SecretsError;
use key_file::Key;

const FORM: u8 = 1;
const KEY_ID: usize = 8;
const NONCE: usize = 12;
const TAG: usize = 16;
const HEAD: usize = 1 + KEY_ID + NONCE;

/// The key ring. It holds the keys in memory, wipes them when dropped, and never prints them.
pub struct Secrets {
    /// Oldest first.
    seals: Vec<Seal>,
    index: Key,
    pepper: Key,
    derive: Key,
}

/// One sealing key.
struct Seal {
    id: [u8; KEY_ID],
    cipher: Aes256Gcm,
    nonces: Key,
}

impl Seal {
    fn new(key: &Key) -> Self {
        let mut id = [0; KEY_ID];
        let fingerprint = Sha256::new().chain_update("key id").chain_update(key.as_slice());
        id.copy_from_slice(&fingerprint.finalize()[..KEY_ID]);
        let nonces = Zeroizing::new(hmac(key, &[b"nonces"]));
        Self { id, cipher: Aes256Gcm::new((&**key).into()), nonces }
    }

    /// A nonce from chance and from what is sealed: even if chance repeats itself (a restored
    /// machine, a seeded generator), only an equal value for an equal place gets an equal nonce.
    fn nonce(&self, plain: &[u8], aad: &[u8], random: &dyn Random) -> [u8; NONCE] {
        let mut chance = [0; 32];
        random.fill(&mut chance);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&hmac(&self.nonces, &[&chance, aad, plain])[..NONCE]);
        nonce
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<String> = self.seals.iter().map(|seal| hex::encode(seal.id)).collect();
        f.debug_struct("Secrets").field("sealing_keys", &ids).finish_non_exhaustive()
    }
}

impl Secrets {
    /// Opens the ring in `dir`, making the directory and its keys (mode 0600) at first use.
    ///
    /// # Errors
    /// [`SecretsError::Missing`] when a part of the keys is there: a new key in place of a lost
    /// one would make what it sealed unreadable for ever. [`SecretsError::Damaged`],
    /// [`SecretsError::Exposed`] and [`SecretsError::File`] name the file.
    pub fn open(dir: &Path, random: &dyn Random) -> Result<Self, SecretsError> {
        let first = ["index", "pepper", "derive", "seal-1"];
        // Once others seal, the first sealing key may be dropped.
        let sealing = dir.is_dir() && !key_file::numbers(dir, "seal")?.is_empty();
        let needed = if sealing { &first[..3] } else { &first[..] };
        key_file::establish(dir, needed, random)?;
        let seals = key_file::numbers(dir, "seal")?
            .into_iter()
            .map(|number| Ok(Seal::new(&key_file::read(dir, &format!("seal-{number}"))?)))
            .collect::<Result<_, SecretsError>>()?;
        Ok(Self {
            seals,
            index: key_file::read(dir, "index")?,
            pepper: key_file::read(dir, "pepper")?,
            derive: key_file::read(dir, "derive")?,
        })
    }

    /// Adds a sealing key to the ring in `dir` and opens it: new values are sealed under the new
    /// key, older ones stay readable. A program that runs already takes it up at its next start;
    /// restart it before anything is sealed under the new key.
    pub fn rotate(dir: &Path, random: &dyn Random) -> Result<Self, SecretsError> {
        // Opened first: a ring that is not whole is not added to.
        drop(Self::open(dir, random)?);
        let newest = key_file::numbers(dir, "seal")?.last().copied().unwrap_or_default();
        key_file::make(dir, &format!("seal-{}", newest.saturating_add(1)), random)?;
        Self::open(dir, random)
    }

    /// Drops every sealing key but the newest from the ring in `dir`, for ever: first make sure that
    /// nothing is sealed under them any more. How many.
    ///
    /// # Errors
    /// Those of [`Secrets::open`]; nothing is dropped from a ring that is not whole.
    pub fn drop_old(dir: &Path, random: &dyn Random) -> Result<usize, SecretsError> {
        drop(Self::open(dir, random)?);
        let mut numbers = key_file::numbers(dir, "seal")?;
        numbers.pop();
        for number in &numbers {
            key_file::remove(dir, &format!("seal-{number}"))?;
        }
        Ok(numbers.len())
    }

    /// Seals `plain` (AES-256-GCM) for the place `aad` names (`members.user.phone|usr_..`): moved
    /// to another place it does not open.
    pub fn seal(&self, plain: &[u8], aad: &[u8], random: &dyn Random) -> Vec<u8> {
        let seal = self.seals.last().expect("an open ring has a sealing key");
        let nonce = seal.nonce(plain, aad, random);
        let sealed = seal
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &bound(seal.id, aad) })
            .expect("AES-GCM takes anything below 64 GiB");
        let mut out = Vec::with_capacity(HEAD.saturating_add(sealed.len()));
        out.push(FORM);
        out.extend_from_slice(&seal.id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`Secrets::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SecretsError::Cut`], [`SecretsError::UnknownForm`], [`SecretsError::UnknownKey`], and
    /// [`SecretsError::Altered`] also when the place is another one.
    pub fn unseal(&self, sealed: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
        let cut = || SecretsError::Cut { length: sealed.len() };
        let (form, rest) = sealed.split_first().ok_or_else(cut)?;
        if *form != FORM {
            return Err(SecretsError::UnknownForm { form: *form });
        }
        let (id, rest) = rest.split_first_chunk::<KEY_ID>().ok_or_else(cut)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or_else(cut)?;
        if ciphertext.len() < TAG {
            return Err(cut());
        }
        let seal = self
            .seals
            .iter()
            .find(|seal| seal.id == *id)
            .ok_or_else(|| SecretsError::UnknownKey { key: hex::encode(id) })?;
        seal.cipher
            .decrypt(&Nonce::from(*nonce), Payload { msg: ciphertext, aad: &bound(*id, aad) })
            .map(Zeroizing::new)
            .map_err(|_| SecretsError::Altered)
    }

    /// Seals a person's text.
    pub fn seal_text(&self, plain: &Masked, aad: &[u8], random: &dyn Random) -> Vec<u8> {
        self.seal(plain.expose().as_bytes(), aad, random)
    }

    /// Opens a person's text; it stays masked.
    ///
    /// # Errors
    /// Those of [`Secrets::unseal`], and [`SecretsError::NotText`].
    pub fn unseal_text(&self, sealed: &[u8], aad: &[u8]) -> Result<Masked, SecretsError> {
        let plain = self.unseal(sealed, aad)?;
        std::str::from_utf8(&plain).map(Masked::new).map_err(|_| SecretsError::NotText)
    }

    /// A keyed hash (HMAC-SHA256) under which an equal value of the same domain (`phone`) is
    /// found again. Bring the value into one form first: it is compared to the byte.
    pub fn blind_index(&self, domain: &str, value: &[u8]) -> [u8; 32] {
        hmac(&self.index, &[domain.as_bytes(), value])
    }

    /// The secret that is mixed into every password hash.
    pub fn pepper(&self) -> &[u8; 32] {
        &self.pepper
    }

    /// A key for one purpose and one holder (`webhook`, a merchant's id), always the same.
    pub fn derive_key(&self, purpose: &str, holder: &[u8]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hmac(&self.derive, &[purpose.as_bytes(), holder]))
    }

    /// Whether `sealed` is under an older key than the newest: seal it anew when it is next
    /// written.
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        let id = sealed.get(1..=KEY_ID);
        self.seals.last().is_none_or(|seal| id != Some(seal.id.as_slice()))
    }
}

/// Form and key id are authenticated with the place: none of them can be exchanged.
fn bound(id: [u8; KEY_ID], aad: &[u8]) -> Vec<u8> {
    let mut bound = vec![FORM];
    bound.extend_from_slice(&id);
    bound.extend_from_slice(aad);
    bound
}

/// HMAC-SHA256 over `parts`, each led by its length so that they do not run into one another.
fn hmac(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_slice())
        .expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
