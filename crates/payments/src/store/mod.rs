//! The room's own table, read and written; nobody else names it.

mod read;
mod row;
mod write;

pub use read::{
    day_page, due, find, find_by_key, list, oldest_unfinished, page_by_id, processing, stats,
    unfinished, watched,
};
pub use row::{Entry, Trail};
pub use write::{Finish, finish, insert, reserve_refund, save, watch_on};

use records::Migrations;

/// The tables of this room.
pub const MIGRATIONS: Migrations = Migrations {
    room: "payments",
    steps: &[
        ("0001_orders", include_str!("../../migrations/0001_orders.sql")),
        ("0002_given_up", include_str!("../../migrations/0002_given_up.sql")),
        ("0003_placed", include_str!("../../migrations/0003_placed.sql")),
    ],
};
