//! Verification providers (实名验证渠道): outside parties that say whether an identity is real.

mod book;
mod contract;
mod http;

pub use crate::wire::{MAX_JSON_BYTES, ProviderKey};
pub use book::{ProviderTerms, Verifiers};
pub use contract::{CHECK_PATH, CheckReply, CheckWire, Verdict};
pub use http::HttpProvider;

pub use crate::model::level::Level;
pub use crate::model::need::{Inputs, Need};

use crate::model::realname::IdType;
use std::collections::BTreeMap;
use types::{Masked, Timestamp};

/// What one check asks.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// Our number of the check; a provider answers the same number with the same answer.
    pub request_no: String,
    /// Kind of document.
    pub id_type: IdType,
    /// What is claimed: just what the provider needs.
    pub facts: BTreeMap<Need, Masked>,
    /// When it is asked.
    pub at: Timestamp,
}

/// What a provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckAnswer {
    /// It is that person.
    Match {
        /// The provider's number of the check: the evidence.
        reference: String,
    },
    /// It is not, or there is no such person: the two are not told apart.
    Mismatch {
        /// The provider's number of the check.
        reference: String,
    },
    /// No answer that can be trusted; another provider may be asked.
    Down {
        /// What was wrong, for the log.
        why: String,
    },
}

/// One provider.
#[async_trait::async_trait]
pub trait Provider: Send + Sync {
    /// What was agreed with it.
    fn terms(&self) -> &ProviderTerms;

    /// Asks it. Never waits longer than its time-out.
    async fn check(&self, request: &CheckRequest) -> CheckAnswer;
}
