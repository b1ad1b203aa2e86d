//! What a user holds to prove itself, as operators see it: never a secret, nor anything that one
//! could be told from.

use super::device_key::KeyBody;
use members::{AgreementKind, Held, HeldAgreement, HeldApp, HeldSecret};
use money::Amount;
use serde::Serialize;
use types::{MerchantId, Text, Timestamp};

/// A user's credentials and agreements.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CredentialsBody {
    /// Absent if none is set.
    payment_password: Option<HeldSecretBody>,
    /// Absent if none is set.
    gesture: Option<HeldSecretBody>,
    /// Absent if there is none.
    totp: Option<HeldAppBody>,
    /// Oldest first, without those that were removed.
    device_keys: Vec<KeyBody>,
    /// Password-free before withholding; those that ended too.
    agreements: Vec<HeldAgreementBody>,
}

/// A payment password or gesture that is set.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HeldSecretBody {
    /// When it was set or last changed.
    #[schema(value_type = String)]
    set_at: Timestamp,
    /// Wrong tries that count.
    wrong_tries: u64,
    /// Until when it is locked, if it is.
    #[schema(value_type = Option<String>)]
    locked_until: Option<Timestamp>,
}

/// An authenticator app.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HeldAppBody {
    #[schema(value_type = String)]
    enrolled_at: Timestamp,
    /// Absent until a first code confirmed it.
    #[schema(value_type = Option<String>)]
    confirmed_at: Option<Timestamp>,
    /// Wrong tries that count.
    wrong_tries: u64,
    /// Until when it is locked, if it is.
    #[schema(value_type = Option<String>)]
    locked_until: Option<Timestamp>,
}

/// An agreement that lets a merchant take money without the password.
#[derive(Serialize, utoipa::ToSchema)]
pub struct HeldAgreementBody {
    /// `password_free`, `withholding`.
    kind: &'static str,
    #[schema(value_type = String)]
    merchant: MerchantId,
    #[schema(value_type = Object)]
    merchant_name: Option<Text>,
    #[schema(value_type = i64)]
    per_order_minor: Amount,
    #[schema(value_type = i64)]
    per_day_minor: Amount,
    /// Used or held of the day's limit.
    #[schema(value_type = i64)]
    used_today_minor: Amount,
    #[schema(value_type = String)]
    agreed_at: Timestamp,
    /// When it was ended; absent while it is in force.
    #[schema(value_type = Option<String>)]
    revoked_at: Option<Timestamp>,
}

impl From<HeldSecret> for HeldSecretBody {
    fn from(held: HeldSecret) -> Self {
        let HeldSecret { set_at, tries } = held;
        Self { set_at, wrong_tries: tries.wrong, locked_until: tries.locked_until }
    }
}

impl From<HeldApp> for HeldAppBody {
    fn from(held: HeldApp) -> Self {
        let HeldApp { enrolled_at, confirmed_at, tries } = held;
        let (wrong_tries, locked_until) = (tries.wrong, tries.locked_until);
        Self { enrolled_at, confirmed_at, wrong_tries, locked_until }
    }
}

impl From<HeldAgreement> for HeldAgreementBody {
    fn from(held: HeldAgreement) -> Self {
        Self {
            kind: match held.agreement.kind {
                AgreementKind::PasswordFree => "password_free",
                AgreementKind::Withholding => "withholding",
            },
            merchant: held.agreement.merchant,
            merchant_name: held.merchant_name,
            per_order_minor: held.agreement.per_order,
            per_day_minor: held.agreement.per_day,
            used_today_minor: held.used_today,
            agreed_at: held.agreement.agreed_at,
            revoked_at: held.revoked_at,
        }
    }
}

impl From<Held> for CredentialsBody {
    fn from(held: Held) -> Self {
        Self {
            payment_password: held.password.map(Into::into),
            gesture: held.gesture.map(Into::into),
            totp: held.app.map(Into::into),
            device_keys: held.device_keys.into_iter().map(Into::into).collect(),
            agreements: held.agreements.into_iter().map(Into::into).collect(),
        }
    }
}
