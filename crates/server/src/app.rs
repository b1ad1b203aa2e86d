//! What the endpoints stand on.

use crate::ledger_api::{LedgerDesk, LedgerKeys};
use crate::limits::{Limits, Meter};
use crate::operators::Operators;
use axum::extract::FromRef;
use bookkeeper::Bookkeeper;
use channels::Channels;
use clearing::Clearing;
use dayend::DayEnd;
use ledger::{Assets, Chart, Templates};
use members::Members;
use payments::Payments;
use recon::{Proofs, Recon};
use records::Records;
use risk::{Decision, Event, Risk};
use std::sync::Arc;
use tokio::sync::Mutex;
use types::{Clock, Problem, Random, Timestamp};

/// How long a proof of a changed book is shown before it is made anew, seconds: proving walks
/// every order, and a page that is looked at often must not do that each time.
const PROOF_SECONDS: i64 = 30;

/// An institution: the doors of its rooms. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// People and intentions; the audit log.
    pub records: Records,
    /// Money.
    pub book: Bookkeeper,
    /// What the book counts.
    pub assets: Arc<Assets>,
    /// How events are posted.
    pub templates: Arc<Templates>,
    /// The chart of accounts.
    pub chart: Arc<Chart>,
    /// Customers, users, accounts.
    pub members: Members,
    /// Risk control.
    pub risk: Risk,
    /// Outside parties.
    pub channels: Channels,
    /// Orders.
    pub payments: Payments,
    /// Clearing and settlement.
    pub clearing: Clearing,
    /// Reconciliation.
    pub recon: Recon,
    /// The end of each day.
    pub day_end: DayEnd,
    /// Keys to the ledger over the network.
    pub ledger_keys: LedgerKeys,
    /// Binding, federated sign-in, authorisation centre.
    pub sso: ::sso::Sso,
    /// Chance, for request ids.
    pub random: Arc<dyn Random>,
    /// Who may work at the console and the operators' endpoints.
    pub operators: Operators,
    /// The token of the first operator, who has every role.
    pub operator_token: String,
    /// How much one client may ask.
    pub limits: Limits,
}

impl App {
    /// This moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The app and what the pages keep between requests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Site {
    app: Arc<App>,
    pub(crate) meter: Arc<Meter>,
    desk: LedgerDesk,
    proved: Arc<Mutex<Option<Proved>>>,
}

/// Proofs, and the book they were made of.
struct Proved {
    seq: u64,
    at: Timestamp,
    proofs: Proofs,
}

impl Site {
    pub(crate) fn new(app: App) -> Self {
        let meter = Arc::new(Meter::new(&app.limits));
        let desk = LedgerDesk::of_institution(app.book.clone(), app.ledger_keys.clone());
        Self { app: Arc::new(app), meter, desk, proved: Arc::default() }
    }

    /// The proofs as they were at most [`PROOF_SECONDS`] ago.
    pub(crate) async fn proofs(&self) -> Result<Proofs, Problem> {
        // Held while proving, so that many readers cost one proof.
        let mut proved = self.proved.lock().await;
        let (seq, now) = (self.book.seq(), self.now());
        if let Some(last) = proved.as_ref()
            && (last.seq == seq || now < last.at.plus_seconds(PROOF_SECONDS))
        {
            return Ok(last.proofs.clone());
        }
        let proofs = recon::prove(&self.book, &self.payments).await?;
        *proved = Some(Proved { seq, at: now, proofs: proofs.clone() });
        Ok(proofs)
    }
}

/// Judging what is no order.
impl Site {
    /// What risk control says of an event; kept before anything is done about it.
    pub(crate) async fn judged(&self, event: &Event) -> Result<Decision, Problem> {
        let decision = self.risk.judge(event);
        let (risk, kept) = (self.risk.clone(), decision.clone());
        let unit =
            self.records.write(move |txn| Box::pin(async move { risk.record(txn, &kept).await }));
        unit.await.map_err(|error: records::Error| Problem::from(error))?;
        Ok(decision)
    }
}

impl std::ops::Deref for Site {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRef<Site> for LedgerDesk {
    fn from_ref(site: &Site) -> Self {
        site.desk.clone()
    }
}
