//! What an amount counts, as people read it.

use super::figures;
use super::words;
use ledger::Assets;
use money::{AssetId, CNY};
use types::Locale;

/// An asset. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Its code: `CNY`.
    pub(super) code: String,
    /// Its name.
    pub(super) name: String,
    /// Decimals of its minor unit.
    scale: u8,
    /// Whether it is the yuan, which is not named where everything is in yuan.
    pub(super) is_cny: bool,
}

impl Unit {
    /// The asset of this number; one that the books do not know is shown by its number.
    pub(super) fn of(assets: &Assets, id: AssetId, l: Locale) -> Self {
        let is_cny = id == CNY;
        let Some(asset) = assets.get(id) else {
            let code = format!("#{}", id.0);
            return Self { name: code.clone(), code, scale: 0, is_cny };
        };
        Self {
            code: asset.code.clone(),
            name: words::pick(l, &asset.en, &asset.zh).to_owned(),
            scale: asset.scale,
            is_cny,
        }
    }

    /// What a column of several assets shows: the code of money, the name of anything else.
    pub(super) fn short(&self) -> &str {
        if self.is_cny { &self.code } else { &self.name }
    }

    /// An amount of it: `1,234.56`.
    pub(super) fn amount(&self, minor: impl Into<i128>) -> String {
        figures::scaled(minor.into(), self.scale)
    }

    /// As [`Unit::amount`], nothing for zero.
    pub(super) fn amount_or_blank(&self, minor: impl Into<i128>) -> String {
        let minor = minor.into();
        if minor == 0 { String::new() } else { self.amount(minor) }
    }

    /// The ledger's unsigned sums.
    pub(super) fn sum(&self, minor: u128) -> String {
        self.amount(i128::try_from(minor).unwrap_or(i128::MAX))
    }

    /// As [`Unit::sum`], nothing for zero.
    pub(super) fn sum_or_blank(&self, minor: u128) -> String {
        if minor == 0 { String::new() } else { self.sum(minor) }
    }

    /// A sum as machines read it: `1234.56`.
    pub(super) fn plain(&self, minor: u128) -> String {
        self.sum(minor).replace(',', "")
    }
}

#[cfg(test)]
pub(super) fn sample_assets() -> Assets {
    Assets::parse(include_str!("../../../../books/assets.toml"), "assets.toml").expect("valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_has_its_name_and_its_decimals() {
        let assets = sample_assets();
        let yuan = Unit::of(&assets, CNY, Locale::Zh);
        assert_eq!((yuan.short(), yuan.name.as_str()), ("CNY", "人民币"));
        assert_eq!(
            (yuan.amount(-123_456), yuan.plain(123_456)),
            ("−1,234.56".into(), "1234.56".into())
        );
        assert_eq!(
            (yuan.amount_or_blank(0), yuan.sum_or_blank(0), yuan.sum(0)),
            (String::new(), String::new(), "0.00".into())
        );
        let quota = Unit::of(&assets, AssetId(103), Locale::Zh);
        assert!(quota.short().contains("日限额"), "{}", quota.short());
        let unknown = Unit::of(&assets, AssetId(9), Locale::En);
        assert_eq!((unknown.short(), unknown.amount(1_234)), ("#9", "1,234".into()));
    }
}
