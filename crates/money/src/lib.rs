//! Exact amounts, assets, rates and named rounding. Knows nobody.
//!
//! Money is an integer number of minor units (fen for CNY). There is no float in this house, every
//! operation is checked, and every rounding has a name.

mod amount;
mod asset;
mod decimal;
mod rate;

pub use amount::{Amount, MoneyError};
pub use asset::{Asset, AssetId, CNY};
pub use decimal::{format_minor, parse_minor, parse_signed_minor};
pub use rate::{Rate, Rounding, percent};
