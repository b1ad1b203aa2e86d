//! The room's tables: rows in and out, and nothing else.

pub(crate) mod agreements;
pub(crate) mod authorities;
pub(crate) mod bulk;
pub(crate) mod carried;
pub(crate) mod checks;
pub(crate) mod codes;
pub(crate) mod customers;
pub(crate) mod device_keys;
pub(crate) mod dormant;
pub(crate) mod keypad_keys;
pub(crate) mod merchants;
pub(crate) mod passwords;
pub(crate) mod register;
pub(crate) mod resealing;
pub(crate) mod secondaries;
pub(crate) mod totp;
pub(crate) mod users;

use records::Migrations;

/// The tables of this room, for `Records::open`.
pub const MIGRATIONS: Migrations = Migrations {
    room: "members",
    steps: &[
        ("0001_people", include_str!("0001_people.sql")),
        ("0002_credentials", include_str!("0002_credentials.sql")),
        ("0003_device_keys", include_str!("0003_device_keys.sql")),
        ("0004_unmerge", include_str!("0004_unmerge.sql")),
        ("0005_dormancy", include_str!("0005_dormancy.sql")),
        ("0009_verification", include_str!("0009_verification.sql")),
        ("0010_device_reports", include_str!("0010_device_reports.sql")),
        ("0011_organisations", include_str!("0011_organisations.sql")),
    ],
};

/// The place a sealed value belongs to: moved to another row or column it does not open.
pub(crate) fn place(column: &str, id: &impl std::fmt::Display) -> Vec<u8> {
    format!("members.{column}|{id}").into_bytes()
}
