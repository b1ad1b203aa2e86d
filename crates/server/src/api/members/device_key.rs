//! A device key as the API shows it, and bytes as it takes them.

use members::{DeviceKey, HeldKey, Integrity, Members};
use serde::Serialize;
use types::{DeviceKeyId, Problem, ProblemKind, Timestamp, UserId};

/// A device key, as its user's merchant sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeviceKeyBody {
    #[schema(value_type = String)]
    user: UserId,
    /// Its id at the authenticator, base64url.
    credential_id: String,
    /// How it signs, by COSE's number: -7 ES256, -8 EdDSA, -257 RS256.
    algorithm: i64,
    /// The authenticator's model, hexadecimal; zeros where it does not tell.
    aaguid: String,
    #[serde(flatten)]
    key: KeyBody,
}

/// A device key, as everybody sees it who may.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeyBody {
    /// Its id.
    #[schema(value_type = String, example = "dky_01h455vb4pex5vsknk084sn02q")]
    id: DeviceKeyId,
    /// What its owner calls it.
    name: String,
    /// What speaks for it: `none`, `self`, `untrusted`, `trusted`.
    attestation: &'static str,
    /// Whether it stands above the payment password: its maker is trusted, it cannot be copied,
    /// and nothing speaks against it.
    assured: bool,
    /// How often it has signed; zero if it does not count.
    counter: u32,
    /// Whether its user was verified when it was made.
    user_verified: bool,
    /// Whether it may leave its device, as it last said: `bound`, `copyable`, `copied`.
    backup: &'static str,
    /// The device's id, as the app told.
    device: Option<String>,
    /// What the app said of the device: `unknown`, `intact`, `compromised` (rooted or jailbroken).
    integrity: &'static str,
    /// When the app last said anything of it.
    #[schema(value_type = Option<String>)]
    reported_at: Option<Timestamp>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>)]
    last_used_at: Option<Timestamp>,
    /// When its counter did not move on: it may have been copied.
    #[schema(value_type = Option<String>)]
    marked_at: Option<Timestamp>,
}

impl DeviceKeyBody {
    /// A key, as the members' room judges it.
    pub(super) fn of(members: &Members, key: DeviceKey) -> Self {
        Self {
            user: key.user,
            credential_id: webauthn::to_base64(&key.credential_id),
            algorithm: key.algorithm.number(),
            aaguid: hex::encode(key.aaguid),
            key: HeldKey { assured: members.is_assured(&key), key }.into(),
        }
    }
}

impl From<HeldKey> for KeyBody {
    fn from(HeldKey { key, assured }: HeldKey) -> Self {
        Self {
            id: key.id,
            attestation: key.attestation.word(),
            assured,
            counter: key.counter,
            user_verified: key.user_verified,
            backup: match (key.backup_eligible, key.backed_up) {
                (false, _) => "bound",
                (true, false) => "copyable",
                (true, true) => "copied",
            },
            integrity: key.integrity.word(),
            reported_at: key.reported_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            marked_at: key.marked_at,
            name: key.name,
            device: key.device,
        }
    }
}

/// The bytes of a field in base64url without padding.
pub(in crate::api) fn bytes(text: &str, field: &str) -> Result<Vec<u8>, Problem> {
    webauthn::from_base64(text).ok_or_else(|| {
        let (en, zh) = ("this is no base64url without padding", "不是无填充的 base64url 编码");
        Problem::new(ProblemKind::Invalid, "invalid_field", en, zh).at(field)
    })
}

/// What the app says of its device.
pub(in crate::api) fn integrity(word: Option<&str>, field: &str) -> Result<Integrity, Problem> {
    let Some(word) = word else { return Ok(Integrity::Unknown) };
    Integrity::of_word(word).ok_or_else(|| {
        let en = "integrity is 'unknown', 'intact' or 'compromised'";
        let zh = "integrity 须为 unknown、intact 或 compromised";
        Problem::new(ProblemKind::Invalid, "invalid_field", en, zh).at(field)
    })
}
