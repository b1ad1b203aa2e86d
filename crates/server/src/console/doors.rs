//! A customer's page: where its users are known elsewhere, and the devices that sign for them.

use super::figures::moment;
use super::words::{self, BAD, CALM, GOOD, Tone, WARN};
use crate::app::Site;
use members::{DeviceKey, Integrity, UserView};
use sso::{Binding, GrantView, Identity};
use types::{Locale, Problem};

/// Somewhere else a user is known.
pub(super) struct DoorRow {
    /// The user's phone, masked.
    pub(super) user: String,
    pub(super) kind: &'static str,
    /// The business system, app or provider.
    pub(super) at: String,
    /// The user's id there, or what may be done.
    pub(super) what: String,
    pub(super) since: String,
    pub(super) until: String,
}

/// A device that signs.
pub(super) struct KeyRow {
    pub(super) user: String,
    pub(super) name: String,
    pub(super) device: String,
    /// Whether it stands above the payment password.
    pub(super) assured: &'static str,
    pub(super) state: &'static str,
    pub(super) tone: Tone,
    pub(super) since: String,
    pub(super) used: String,
}

/// All of a customer's.
#[derive(Default)]
pub(super) struct Doors {
    pub(super) known: Vec<DoorRow>,
    pub(super) keys: Vec<KeyRow>,
}

impl Doors {
    /// Those of these users.
    pub(super) async fn of(site: &Site, users: &[UserView], l: Locale) -> Result<Self, Problem> {
        let mut doors = Self::default();
        for user in users {
            let id = user.user;
            let phone = user.phone.to_string();
            let bindings = site.sso.bindings(id, None).await?;
            doors.known.extend(bindings.into_iter().map(|it| binding(l, &phone, it)));
            let grants = site.sso.grants(id, site.now()).await?;
            doors.known.extend(grants.into_iter().map(|it| grant(l, &phone, &it)));
            let identities = site.sso.identities(id).await?;
            doors.known.extend(identities.into_iter().map(|it| identity(l, &phone, it)));
            let keys = site.members.device_keys(id).await?;
            let row = |it| {
                let assured = site.members.is_assured(&it);
                key(l, &phone, it, assured)
            };
            doors.keys.extend(keys.into_iter().map(row));
        }
        Ok(doors)
    }
}

fn binding(l: Locale, user: &str, binding: Binding) -> DoorRow {
    DoorRow {
        user: user.to_owned(),
        kind: words::pick(l, "bound business user", "绑定的业务用户"),
        at: binding.client.to_string(),
        what: binding.business_user,
        since: moment(binding.bound_at),
        until: String::new(),
    }
}

fn grant(l: Locale, user: &str, grant: &GrantView) -> DoorRow {
    DoorRow {
        user: user.to_owned(),
        kind: words::pick(l, "authorised", "授权"),
        at: grant.client.to_string(),
        what: grant.scope.to_string(),
        since: moment(grant.made_at),
        until: moment(grant.expires_at),
    }
}

fn identity(l: Locale, user: &str, identity: Identity) -> DoorRow {
    DoorRow {
        user: user.to_owned(),
        kind: words::pick(l, "signs in through", "外部登录"),
        at: identity.issuer,
        what: String::new(),
        since: moment(identity.linked_at),
        until: String::new(),
    }
}

fn key(l: Locale, user: &str, key: DeviceKey, assured: bool) -> KeyRow {
    let (en, zh, tone) = match (key.marked_at, key.integrity) {
        (Some(_), _) => ("may be copied", "疑似被复制", BAD),
        (None, Integrity::Compromised) => ("device compromised", "设备已破解", BAD),
        (None, Integrity::Unknown) => ("device not told of", "设备状态未知", CALM),
        (None, Integrity::Intact) => ("device intact", "设备正常", GOOD),
    };
    KeyRow {
        user: user.to_owned(),
        name: key.name,
        device: key.device.unwrap_or_default(),
        assured: strength(l, assured),
        state: words::pick(l, en, zh),
        tone: if assured || tone != CALM { tone } else { WARN },
        since: moment(key.created_at),
        used: key.last_used_at.map(moment).unwrap_or_default(),
    }
}

fn strength(l: Locale, assured: bool) -> &'static str {
    if assured {
        words::pick(l, "above the password", "高于支付密码")
    } else {
        words::pick(l, "below the password", "低于支付密码")
    }
}

#[cfg(test)]
impl Doors {
    pub(super) fn sample(l: Locale, now: types::Timestamp) -> Self {
        let phone = "138****8000";
        let client = types::ClientId::of(&[b"shop"]);
        let known = vec![
            binding(
                l,
                phone,
                Binding {
                    id: types::BusinessUserId::of(&[b"b"]),
                    client,
                    business_user: "<b>u-1".to_owned(),
                    bound_at: now,
                },
            ),
            identity(
                l,
                phone,
                Identity { issuer: "https://id.example".to_owned(), linked_at: now },
            ),
        ];
        let keys = vec![KeyRow {
            user: phone.to_owned(),
            name: "<b>phone".to_owned(),
            device: String::new(),
            assured: strength(l, true),
            state: words::pick(l, "device intact", "设备正常"),
            tone: GOOD,
            since: moment(now),
            used: String::new(),
        }];
        Self { known, keys }
    }
}
