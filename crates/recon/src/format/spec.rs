//! The TOML of a format file, as written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormatSpec {
    pub id: Spanned<String>,
    pub en: String,
    pub zh: String,
    pub file: FileSpec,
    pub cells: CellSpec,
    pub amount: AmountSpec,
    pub time: TimeSpec,
    #[serde(default)]
    pub preamble: Vec<Spanned<String>>,
    pub header: Spanned<Vec<Spanned<String>>>,
    pub row: Vec<RowSpec>,
    #[serde(default)]
    pub trailer: Option<TrailerSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSpec {
    pub encoding: Spanned<String>,
    pub containers: Vec<Spanned<String>>,
    #[serde(default)]
    pub entry: Option<Spanned<String>>,
    #[serde(default)]
    pub beside: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CellSpec {
    pub delimiter: Spanned<String>,
    #[serde(default)]
    pub quote: Option<Spanned<String>>,
    #[serde(default)]
    pub lead: Option<Spanned<String>>,
    #[serde(default)]
    pub trail: Option<Spanned<String>>,
    #[serde(default)]
    pub none: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AmountSpec {
    pub decimals: Spanned<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeSpec {
    pub layout: Spanned<String>,
    pub zone: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowSpec {
    pub name: Spanned<String>,
    pub kind: Spanned<String>,
    pub when: WhenSpec,
    #[serde(default)]
    pub our_no: Option<Spanned<String>>,
    #[serde(default)]
    pub channel_no: Option<Spanned<String>>,
    #[serde(default)]
    pub refund_of: Option<Spanned<String>>,
    pub amount: MoneySpec,
    #[serde(default)]
    pub fee: Option<MoneySpec>,
    pub time: Spanned<String>,
    pub status: Spanned<StatusSpec>,
    #[serde(default)]
    pub zero: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenSpec {
    pub column: Spanned<String>,
    pub is: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneySpec {
    pub column: Spanned<String>,
    pub sign: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum StatusSpec {
    Always(String),
    Words { column: String, words: BTreeMap<String, String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrailerSpec {
    pub line: Vec<LineSpec>,
    #[serde(default)]
    pub check: Vec<CheckSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineSpec {
    #[serde(default)]
    pub text: Option<Spanned<String>>,
    #[serde(default)]
    pub cells: Option<Spanned<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckSpec {
    pub value: Spanned<String>,
    #[serde(default)]
    pub sum: Option<Spanned<String>>,
    #[serde(default)]
    pub count: Option<Spanned<String>>,
    #[serde(default)]
    pub rows: Vec<Spanned<String>>,
}
