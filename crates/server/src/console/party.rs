//! Whoever owns money or takes part in an order, as a page names it: a merchant, a channel and the
//! house by name, a user by its id.

use super::names::Names;
use super::words;
use ledger::Owner;
use types::{MerchantId, UserId};

/// One party.
pub(super) struct Party {
    pub(super) name: String,
    /// Its page; empty: it has none.
    pub(super) path: String,
    /// Whether the name is an id.
    pub(super) is_id: bool,
}

impl Party {
    pub(super) fn user(id: UserId) -> Self {
        Self { name: id.to_string(), path: format!("/users/{id}"), is_id: true }
    }

    pub(super) fn merchant(id: MerchantId, names: &Names) -> Self {
        let name = names.merchant(id);
        let is_id = name.is_none();
        let path = format!("/orders?merchant={id}");
        Self { name: name.unwrap_or_else(|| id.to_string()), path, is_id }
    }

    /// The owner of an account.
    pub(super) fn owner(owner: Owner, names: &Names) -> Self {
        let t = |en, zh| words::pick(names.locale(), en, zh);
        let name = match owner {
            Owner::User(id) => return Self::user(id),
            Owner::Merchant(id) => return Self::merchant(id, names),
            Owner::Channel(number) => names
                .channel_by_number(number)
                .unwrap_or_else(|| format!("{} {number}", t("channel", "渠道"))),
            Owner::Bank(number) => format!("{} {number}", t("bank", "银行")),
            Owner::House => t("the institution", "本机构").to_owned(),
        };
        Self { name, path: String::new(), is_id: false }
    }
}
