//! The room's own table, read and written; nobody else names it.

mod read;
mod row;
mod write;

pub use read::{
    day_page, due, find, find_by_key, list, oldest_unfinished, page_by_id, processing, stats,
    unfinished,
};
pub use row::{Entry, Trail};
pub use write::{Finish, finish, insert, reserve_refund, save};

use records::Migrations;

/// The tables of this room.
pub const MIGRATIONS: Migrations = Migrations {
    room: "payments",
    steps: &[("0001_orders", include_str!("../../migrations/0001_orders.sql"))],
};
