//! A customer's page: where its users are known elsewhere.

use super::figures::moment;
use super::words;
use sso::{Binding, Elsewhere, GrantView, Identity};
use types::{ClientId, Locale};

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

/// Those of a user, who is shown by its masked phone.
pub(super) fn doors(l: Locale, phone: &str, known: &Elsewhere) -> Vec<DoorRow> {
    let name = |client: ClientId| {
        known.name(client).map_or_else(|| client.to_string(), |name| name.get(l).to_owned())
    };
    let bindings = known.bindings.iter().map(|it| binding(l, phone, name(it.client), it));
    let grants = known.grants.iter().map(|it| grant(l, phone, name(it.client), it));
    let identities = known.identities.iter().map(|it| identity(l, phone, it));
    bindings.chain(grants).chain(identities).collect()
}

fn binding(l: Locale, user: &str, at: String, binding: &Binding) -> DoorRow {
    DoorRow {
        user: user.to_owned(),
        kind: words::pick(l, "bound business user", "绑定的业务用户"),
        at,
        what: binding.business_user.clone(),
        since: moment(binding.bound_at),
        until: String::new(),
    }
}

fn grant(l: Locale, user: &str, at: String, grant: &GrantView) -> DoorRow {
    DoorRow {
        user: user.to_owned(),
        kind: words::pick(l, "authorised", "授权"),
        at,
        what: grant.scope.to_string(),
        since: moment(grant.made_at),
        until: moment(grant.expires_at),
    }
}

fn identity(l: Locale, user: &str, identity: &Identity) -> DoorRow {
    DoorRow {
        user: user.to_owned(),
        kind: words::pick(l, "signs in through", "外部登录"),
        at: identity.issuer.clone(),
        what: String::new(),
        since: moment(identity.linked_at),
        until: String::new(),
    }
}

/// One of each.
#[cfg(test)]
pub(super) fn sample_elsewhere(now: types::Timestamp) -> Elsewhere {
    let client = ClientId::of(&[b"shop"]);
    let binding = Binding {
        id: types::BusinessUserId::of(&[b"b"]),
        client,
        business_user: "<b>u-1".to_owned(),
        bound_at: now,
    };
    let grant = GrantView {
        grant: types::GrantId::of(&[b"g"]),
        client: ClientId::of(&[b"gone"]),
        scope: sso::model::scope::Scopes::parse("openid bind").expect("scopes"),
        level: sso::model::level::Level::Code,
        bound_to_key: false,
        made_at: now,
        expires_at: now,
    };
    let identity = Identity { issuer: "https://id.example".to_owned(), linked_at: now };
    Elsewhere {
        bindings: vec![binding],
        grants: vec![grant],
        identities: vec![identity],
        clients: [(client, types::Text::new("<b>Shop", "<b>商店"))].into(),
    }
}
