//! What is counted.

use serde::{Deserialize, Serialize};

/// The number of an asset in the book; 1 is CNY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetId(pub u32);

/// Chinese yuan, counted in fen.
pub const CNY: AssetId = AssetId(1);

/// An asset as `books/assets.toml` declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Its number in the book.
    pub id: AssetId,
    /// Its code: ISO 4217 for currencies, the house's own for quotas and points.
    pub code: String,
    /// How many decimals its minor unit has (2 for CNY: fen).
    pub scale: u8,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
