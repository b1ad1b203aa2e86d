//! The wire contract of a verification provider: one signed JSON call.

use crate::model::need::Need;
use crate::model::realname::IdType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::Timestamp;

/// Where a check is posted.
pub const CHECK_PATH: &str = "/v1/check";

/// A check as sent. Has no `Debug`: it holds a person in the clear.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckWire {
    /// Our number of the check.
    pub request_no: String,
    /// Which product of the provider is asked, by our code for it.
    pub provider: String,
    /// Kind of document; only with [`Need::Document`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_type: Option<IdType>,
    /// What is claimed: just what the provider needs.
    pub facts: BTreeMap<Need, String>,
    /// When it is asked.
    pub at: Timestamp,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is that person.
    Match,
    /// It is not.
    Mismatch,
}

/// A provider's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckReply {
    /// Our number, back.
    pub request_no: String,
    /// Its own number.
    pub reference: String,
    /// Yes or no.
    pub result: Verdict,
}
