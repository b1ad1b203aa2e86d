//! The records: where people and intentions are written down (the book holds the money).
//!
//! [`Records`] is one SQL database: a SQLite file, or a database of PostgreSQL, chosen by its URL
//! ([`Address`]) and promising the same. Reads go to a pool of read-only connections
//! ([`Records::db`]); every change is a unit handed to [`Records::write`], which commits many
//! callers' units in one durable transaction. Beside it: the migrations of all rooms
//! ([`Migrations`]), messages to outsiders ([`outbox`]), who changed what ([`audit`]), what two
//! persons decide together ([`approvals`]) and the keys that seal personal data ([`Secrets`]).

mod address;
mod error;
mod migrations;
mod postgres;
mod records;
mod secrets;
mod sqlite;
mod unit;
mod writer;
mod writing;

pub mod approvals;
pub mod audit;
pub mod outbox;
pub mod rows;

pub use address::Address;
pub use error::{Error, MigrationFault};
pub use migrations::Migrations;
pub use pg::without_password;
pub use records::Records;
pub use secrets::{Secrets, SecretsError};
pub use unit::UnitFuture;
