//! HTTP API and console: a folder a room, a file an endpoint; no business rule in either.
//!
//! [`App`] is the institution as this crate sees it: the doors of its rooms. [`router`] puts the
//! API (`/v1/...`, documented at `/docs`) and the console (`/`) over them, [`serve`] answers on a
//! socket until it is told to stop.

mod api;
mod app;
pub mod console;
mod dossier;
pub mod extract;
mod ledger_api;
mod limits;
mod operators;
pub mod plot;
pub mod problem;
mod seek;
mod serve;
mod shell;
mod sso;

pub use api::openapi;
pub use app::App;
pub use ledger_api::{
    KeyError, LEDGER_BODY_LIMIT, LEDGER_MIGRATIONS, LedgerDesk, LedgerKey, LedgerKeys, NewKey,
    Reach, Scope, ledger_openapi, ledger_router, serve_ledger,
};
pub use limits::{Limits, Rate};
pub use operators::{
    FIRST_OPERATOR, OPERATOR_MIGRATIONS, OperatorError, OperatorRecord, Operators, Role,
};
pub use serve::{router, serve};
