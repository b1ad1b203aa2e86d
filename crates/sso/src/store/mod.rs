//! The room's tables: rows in and out, and nothing else.

pub(crate) mod bindings;
pub(crate) mod clients;
pub(crate) mod grants;
pub(crate) mod identities;
pub(crate) mod keys;
pub(crate) mod passing;

use members::Sealed;
use records::rows::Row;
use records::{Error, Migrations};

/// The tables of this room, for `Records::open`.
pub const MIGRATIONS: Migrations =
    Migrations { room: "sso", steps: &[("0001_sso", include_str!("0001_sso.sql"))] };

/// What this room keeps sealed, to be sealed anew under a new key. A sign-in that is away at a provider is
/// not: it ends within minutes, and is begun again.
pub const SEALED: [Sealed; 2] = [
    Sealed {
        room: "sso",
        table: "sso_key",
        keys: &["kid"],
        place_key: 0,
        columns: &[("sealed", "key")],
    },
    Sealed {
        room: "sso",
        table: "sso_binding",
        keys: &["id"],
        place_key: 0,
        columns: &[("business_user", "binding.business_user")],
    },
];

/// Bytes that are there.
pub(crate) fn blob(row: &Row<'_>, column: &str) -> Result<Vec<u8>, Error> {
    row.optional(column)?.ok_or_else(|| row.corrupt(column, &"no value"))
}

/// A moment that may be absent.
pub(crate) fn moment(row: &Row<'_>, column: &str) -> Result<Option<types::Timestamp>, Error> {
    let micros: Option<i64> = row.optional(column)?;
    Ok(micros.map(types::Timestamp::from_micros))
}
