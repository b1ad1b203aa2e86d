//! The ledger over a network: batch endpoints for any language, JSON (crate jsonform) or the
//! compact form of [`ledger::wire`], under keys of their own.
//!
//! | | |
//! |---|---|
//! | `POST /v1/ledger/accounts` | opens accounts, sets controls, settles sources |
//! | `POST /v1/ledger/transactions` | posts, holds, ends holds, corrects |
//! | `POST /v1/ledger/lookups` | accounts, transactions, orders, holds by id |
//! | `POST /v1/ledger/history` | entries with running balance, balances at a moment |
//! | `GET /v1/ledger/chart` | chart of accounts and open date |
//! | `GET /v1/ledger/trial-balance/{date}` | trial balance |
//! | `POST /v1/ledger/day-cuts` | closes a date, where the ledger stands alone |
//!
//! A call is one submission: its items are applied in order, with nobody else's between, each by
//! itself. An institution serves this beside its rooms; [`ledger_router`] serves it alone.

mod accounts;
mod alone;
mod chart;
mod day_cuts;
mod desk;
mod guard;
mod history;
mod intake;
mod keys;
mod lookups;
mod outcomes;
mod transactions;
mod trial_balance;

pub use alone::{ledger_openapi, ledger_router, serve_ledger};
pub use desk::LedgerDesk;
pub use intake::LEDGER_BODY_LIMIT;
pub use keys::{KeyError, LEDGER_MIGRATIONS, LedgerKey, LedgerKeys, NewKey, Reach, Scope};

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints, for any state that has a desk.
pub(crate) fn router<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    LedgerDesk: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(accounts::handler))
        .routes(routes!(transactions::handler))
        .routes(routes!(lookups::handler))
        .routes(routes!(history::handler))
        .routes(routes!(chart::handler))
        .routes(routes!(trial_balance::handler))
        .routes(routes!(day_cuts::handler))
}
