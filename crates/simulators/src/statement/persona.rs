//! The made-up people and places in a statement: the same token is always the same payer.

use crate::chance::Chance;

const BASE64URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const GIVEN_NAMES: &[char] =
    &['强', '芳', '华', '明', '伟', '娜', '敏', '静', '丽', '磊', '军', '洋', '艳', '杰', '涛'];
const BANKS: &[&str] = &[
    "ICBC_DEBIT",
    "CCB_DEBIT",
    "ABC_DEBIT",
    "BOC_DEBIT",
    "CMB_DEBIT",
    "CMB_CREDIT",
    "CFT",
    "OTHERS",
];
const SCENES: &[&str] = &["NATIVE", "MICROPAY", "APP", "JSAPI"];

/// A payer's open id: `o` and 27 characters.
pub(super) fn open_id(seed: u64, token: &str) -> String {
    format!("o{}", Chance::of(seed, &["open_id", token]).text(27, BASE64URL))
}

/// The bank a payer pays from.
pub(super) fn bank(seed: u64, token: &str) -> &'static str {
    Chance::of(seed, &["bank", token]).pick(BANKS).copied().unwrap_or("OTHERS")
}

/// Where a payment was made.
pub(super) fn scene(seed: u64, no: &str) -> &'static str {
    Chance::of(seed, &["scene", no]).pick(SCENES).copied().unwrap_or("APP")
}

/// A payer as a wallet shows one: `*强(132****95)`.
pub(super) fn counterparty(seed: u64, token: &str) -> String {
    let mut chance = Chance::of(seed, &["counterparty", token]);
    let name = chance.pick(GIVEN_NAMES).copied().unwrap_or('明');
    format!("*{name}(13{}****{})", chance.digits(1), chance.digits(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payer_stays_the_same_and_fits_the_layout() {
        let id = open_id(1, "card_1");
        assert_eq!(id.len(), 28);
        assert_eq!(id, open_id(1, "card_1"));
        assert_ne!(id, open_id(1, "card_2"));
        let shown = counterparty(1, "wallet_1");
        assert_eq!(shown.chars().count(), 13, "{shown}");
        assert!(shown.starts_with('*') && shown.ends_with(')'), "{shown}");
    }
}
