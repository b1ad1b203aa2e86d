//! What the log of trades holds: one JSON record a fact.

use crate::trade::Trade;
use channels::{Differences, Settlement};
use serde::{Deserialize, Serialize};
use types::BusinessDate;

/// The kind and version of the log.
pub(crate) const KIND: &str = "simulator/1";

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Record {
    /// A trade was decided.
    Trade(Trade),
    /// A day was closed and its statement written.
    Closed(Closed),
}

/// A closed day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closed {
    pub(crate) date: BusinessDate,
    /// What was asked to be planted.
    pub(crate) asked: Differences,
    /// What was.
    pub(crate) planted: Differences,
    pub(crate) settlement: Settlement,
    /// The statement's file name.
    pub(crate) name: String,
    /// Its BLAKE3, hexadecimal.
    pub(crate) hash: String,
}
