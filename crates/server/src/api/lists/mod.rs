//! Black, grey and white lists: shown, put, taken off.

pub(super) mod put;
pub(super) mod show;
pub(super) mod take;

use risk::{Level, ListEntry, Listed};
use serde::Serialize;
use types::Timestamp;

/// An entry of a list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ListEntryBody {
    /// `customer`, `user`, `account`, `phone`, `document`, `card`, `device`, `ip`, `merchant`,
    /// `payee_user`.
    #[schema(value_type = String)]
    listed: Listed,
    /// Its value; of `phone` and `document` a keyed hash.
    value: String,
    /// `black`, `grey`, `white`.
    #[schema(value_type = String)]
    level: Level,
    source: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl From<ListEntry> for ListEntryBody {
    fn from(entry: ListEntry) -> Self {
        Self {
            listed: entry.listed,
            value: entry.value,
            level: entry.level,
            source: entry.source,
            reason: entry.reason,
            expires_at: entry.expires_at,
            created_at: entry.created_at,
        }
    }
}
