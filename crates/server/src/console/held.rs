//! A customer's page: what its users hold to prove themselves, and what they agreed to.

use super::figures::{moment, money};
use super::words::{self, BAD, CALM, GOOD, Tone, WARN};
use members::{AgreementKind, Held, HeldAgreement, HeldApp, HeldKey, Integrity, TriesStanding};
use types::{Locale, Timestamp};

/// A credential that is in the mind or in an app.
pub(super) struct HeldRow {
    /// The user's phone, masked.
    pub(super) user: String,
    pub(super) what: &'static str,
    pub(super) state: &'static str,
    pub(super) tone: Tone,
    pub(super) since: String,
    /// Wrong tries that count.
    pub(super) wrong: u64,
    pub(super) locked_until: String,
}

/// A device that signs.
pub(super) struct KeyRow {
    pub(super) user: String,
    pub(super) name: String,
    pub(super) device: String,
    /// What speaks for it, and whether it stands above the payment password.
    pub(super) attestation: &'static str,
    pub(super) assured: &'static str,
    pub(super) counter: u32,
    pub(super) state: &'static str,
    pub(super) tone: Tone,
    /// When the app last told of the device.
    pub(super) reported: String,
    pub(super) since: String,
    pub(super) used: String,
}

/// An agreement with a merchant.
pub(super) struct AgreementRow {
    pub(super) user: String,
    pub(super) kind: &'static str,
    pub(super) merchant: String,
    pub(super) per_order: String,
    pub(super) per_day: String,
    pub(super) used_today: String,
    pub(super) since: String,
    /// When it ended; empty while it is in force.
    pub(super) ended: String,
}

/// All of a customer's.
#[derive(Default)]
pub(super) struct HeldRows {
    pub(super) secrets: Vec<HeldRow>,
    pub(super) keys: Vec<KeyRow>,
    pub(super) agreements: Vec<AgreementRow>,
}

impl HeldRows {
    /// Adds those of a user, who is shown by its masked phone.
    pub(super) fn add(&mut self, l: Locale, phone: &str, held: &Held) {
        let secret = |what, set: Option<(Timestamp, TriesStanding)>| secret(l, phone, what, set);
        let (en, zh) = ("payment password", "支付密码");
        let password = held.password.map(|it| (it.set_at, it.tries));
        self.secrets.push(secret(words::pick(l, en, zh), password));
        let gesture = held.gesture.map(|it| (it.set_at, it.tries));
        self.secrets.push(secret(words::pick(l, "gesture", "手势密码"), gesture));
        self.secrets.push(app(l, phone, held.app));
        self.keys.extend(held.device_keys.iter().map(|it| key(l, phone, it)));
        self.agreements.extend(held.agreements.iter().map(|it| agreement(l, phone, it)));
    }
}

fn secret(
    l: Locale,
    user: &str,
    what: &'static str,
    set: Option<(Timestamp, TriesStanding)>,
) -> HeldRow {
    let (since, tries) = set.unzip();
    let tries = tries.unwrap_or_default();
    let (en, zh, tone) = match (since, tries.locked_until) {
        (None, _) => ("not set", "未设置", CALM),
        (Some(_), Some(_)) => ("locked", "已锁定", BAD),
        (Some(_), None) => ("set", "已设置", GOOD),
    };
    HeldRow {
        user: user.to_owned(),
        what,
        state: words::pick(l, en, zh),
        tone,
        since: since.map(moment).unwrap_or_default(),
        wrong: tries.wrong,
        locked_until: tries.locked_until.map(moment).unwrap_or_default(),
    }
}

fn app(l: Locale, user: &str, app: Option<HeldApp>) -> HeldRow {
    let set = app.map(|app| (app.confirmed_at.unwrap_or(app.enrolled_at), app.tries));
    let row = secret(l, user, words::pick(l, "authenticator app", "动态口令应用"), set);
    match app {
        Some(HeldApp { confirmed_at: None, .. }) => {
            HeldRow { state: words::pick(l, "not confirmed", "待确认"), tone: WARN, ..row }
        }
        _ => row,
    }
}

fn key(l: Locale, user: &str, HeldKey { key, assured }: &HeldKey) -> KeyRow {
    let (en, zh, tone) = match (key.marked_at, key.integrity) {
        (Some(_), _) => ("may be copied", "疑似被复制", BAD),
        (None, Integrity::Compromised) => ("rooted or jailbroken", "已 root 或越狱", BAD),
        (None, Integrity::Unknown) => ("device not told of", "设备状态未知", CALM),
        (None, Integrity::Intact) => ("device intact", "设备正常", GOOD),
    };
    KeyRow {
        user: user.to_owned(),
        name: key.name.clone(),
        device: key.device.clone().unwrap_or_default(),
        attestation: attestation(l, key.attestation.word()),
        assured: strength(l, *assured),
        counter: key.counter,
        state: words::pick(l, en, zh),
        tone: if *assured || tone != CALM { tone } else { WARN },
        reported: key.reported_at.map(moment).unwrap_or_default(),
        since: moment(key.created_at),
        used: key.last_used_at.map(moment).unwrap_or_default(),
    }
}

fn attestation(l: Locale, word: &str) -> &'static str {
    let (en, zh) = match word {
        "trusted" => ("trusted maker", "可信厂商"),
        "untrusted" => ("unknown maker", "未知厂商"),
        "self" => ("itself", "自签名"),
        _ => ("nothing", "无证明"),
    };
    words::pick(l, en, zh)
}

fn strength(l: Locale, assured: bool) -> &'static str {
    if assured {
        words::pick(l, "above the password", "高于支付密码")
    } else {
        words::pick(l, "below the password", "低于支付密码")
    }
}

fn agreement(l: Locale, user: &str, held: &HeldAgreement) -> AgreementRow {
    let (en, zh) = match held.agreement.kind {
        AgreementKind::PasswordFree => ("password-free", "免密支付"),
        AgreementKind::Withholding => ("withholding", "代扣"),
    };
    let name = held.merchant_name.as_ref().map(|name| name.get(l).to_owned());
    AgreementRow {
        user: user.to_owned(),
        kind: words::pick(l, en, zh),
        merchant: name.unwrap_or_else(|| held.agreement.merchant.to_string()),
        per_order: money(held.agreement.per_order.signed()),
        per_day: money(held.agreement.per_day.signed()),
        used_today: money(held.used_today.signed()),
        since: moment(held.agreement.agreed_at),
        ended: held.revoked_at.map(moment).unwrap_or_default(),
    }
}

/// One of each, in each state.
#[cfg(test)]
pub(super) fn sample_held(now: Timestamp) -> Held {
    use members::{Agreement, DeviceKey, HeldSecret};
    let fen = |minor| money::Amount::new(minor).expect("small");
    let locked = TriesStanding { wrong: 5, locked_until: Some(now.plus_seconds(600)) };
    let key = DeviceKey {
        id: types::DeviceKeyId::of(&[b"k"]),
        user: types::UserId::of(&[b"u"]),
        name: "<b>phone".to_owned(),
        credential_id: vec![1; 32],
        algorithm: webauthn::Algorithm::Es256,
        counter: 7,
        attestation: webauthn::Attestation::Trusted,
        aaguid: [0; 16],
        user_verified: true,
        backup_eligible: false,
        backed_up: false,
        device: Some("A1B2".to_owned()),
        integrity: Integrity::Intact,
        reported_at: Some(now),
        created_at: now,
        last_used_at: Some(now),
        marked_at: None,
    };
    let doubtful = DeviceKey { integrity: Integrity::Compromised, ..key.clone() };
    let agreed = Agreement {
        kind: AgreementKind::PasswordFree,
        user: key.user,
        merchant: types::MerchantId::of(&[b"m"]),
        per_order: fen(20_000),
        per_day: fen(100_000),
        agreed_at: now,
    };
    let agreement = HeldAgreement {
        agreement: agreed,
        merchant_name: Some(types::Text::new("<b>Tea", "<b>茶")),
        used_today: fen(1_299),
        revoked_at: None,
    };
    let withheld = members::Agreement { kind: AgreementKind::Withholding, ..agreed };
    let ended = HeldAgreement {
        agreement: withheld,
        merchant_name: None,
        revoked_at: Some(now),
        ..agreement.clone()
    };
    Held {
        password: Some(HeldSecret { set_at: now, tries: locked }),
        gesture: None,
        app: Some(HeldApp {
            enrolled_at: now,
            confirmed_at: None,
            tries: TriesStanding::default(),
        }),
        device_keys: vec![
            HeldKey { key, assured: true },
            HeldKey { key: doubtful, assured: false },
        ],
        agreements: vec![agreement, ended],
    }
}
