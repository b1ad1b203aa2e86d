//! Black, grey and white lists: shown, put, taken off.

pub(super) mod put;
pub(super) mod show;
pub(super) mod take;

use crate::app::Site;
use risk::{Level, ListEntry, Listed};
use serde::Serialize;
use types::{Problem, ProblemKind, Timestamp};

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

/// Puts a value on a list, an older entry of it replaced; of a phone or a document its keyed hash.
pub(crate) async fn put(site: &Site, entry: ListEntry) -> Result<ListEntry, Problem> {
    let value = site.members.list_value(entry.listed.code(), entry.value)?;
    let entry = ListEntry { value, ..entry };
    site.risk.list(entry.clone()).await?;
    Ok(entry)
}

/// Takes a value off its list, named as it was put or as the list shows it.
pub(crate) async fn take(
    site: &Site,
    (listed, value): (Listed, String),
    who: &str,
) -> Result<(), Problem> {
    let now = site.now();
    let mut taken = site.risk.unlist(listed, &value, who, now).await?;
    if !taken && let Ok(kept) = site.members.list_value(listed.code(), value) {
        taken = site.risk.unlist(listed, &kept, who, now).await?;
    }
    if taken {
        return Ok(());
    }
    let (en, zh) = ("this value stands on no list", "该值不在任何名单上");
    Err(Problem::new(ProblemKind::NotFound, "list_entry_not_found", en, zh))
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
