//! The room's own tables.

mod decisions;
mod lists;
mod rulesets;

pub(crate) use decisions::{
    after, by_id, by_order, first_of, insert, newest_moment, recent, stats,
};
pub(crate) use lists::{delete as delete_entry, entry, page as page_entries, put as put_entry};
pub(crate) use rulesets::{find as find_ruleset, keep as keep_ruleset};

/// The tables' history.
pub const MIGRATIONS: records::Migrations = records::Migrations {
    room: "risk",
    steps: &[("0001_decisions_lists_rulesets", include_str!("0001_init.sql"))],
};

use records::Error;

/// A row that this program cannot have written.
fn corrupt(table: &'static str, reason: impl std::fmt::Display) -> Error {
    Error::Corrupt { table, reason: reason.to_string() }
}
