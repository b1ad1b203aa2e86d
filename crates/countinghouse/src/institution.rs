//! The institution: every room opened over one data folder, in the order in which they stand on
//! one another.

use crate::books::Books;
use crate::chance::SystemRandom;
use crate::charter::Folder;
use crate::config::Config;
use crate::outside::Outside;
use anyhow::Result;
use bookkeeper::Bookkeeper;
use channels::Channels;
use clearing::Clearing;
use dayend::DayEnd;
use members::Members;
use payments::Payments;
use payments::webhooks::Dispatcher;
use recon::Recon;
use records::Records;
use records::Secrets;
use risk::Risk;
use server::{LedgerKeys, Operators};
use sso::Sso;
use std::sync::Arc;
use types::{BusinessDate, Clock, Random};

/// The rooms. Cheap to clone.
#[derive(Clone)]
pub struct Institution {
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// People and intentions.
    pub records: Records,
    /// Money.
    pub book: Bookkeeper,
    /// What the book counts.
    pub assets: Arc<ledger::Assets>,
    /// How events are posted.
    pub templates: Arc<ledger::Templates>,
    /// Chart of accounts.
    pub chart: Arc<ledger::Chart>,
    /// Customers, users, accounts.
    pub members: Members,
    /// Risk control.
    pub risk: Risk,
    /// Outside parties.
    pub channels: Channels,
    /// Orders.
    pub payments: Payments,
    /// What tells merchants of their orders' results.
    pub webhooks: Dispatcher,
    /// Clearing and settlement.
    pub clearing: Clearing,
    /// Reconciliation.
    pub recon: Recon,
    /// The end of each day.
    pub day_end: DayEnd,
    /// Keys to the ledger over the network.
    pub ledger_keys: LedgerKeys,
    /// Binding, federated sign-in, authorisation centre.
    pub sso: Sso,
    /// Who may work at the console and the operators' endpoints.
    pub operators: Operators,
}

/// What an institution is opened from.
pub struct Opening<'a> {
    /// Where it lives.
    pub folder: &'a Folder,
    /// The first accounting date, should the book be new.
    pub first_date: BusinessDate,
    /// What the installation decides.
    pub config: &'a Config,
    /// What the institution decides.
    pub books: Books,
    /// Its keys.
    pub secrets: Secrets,
    /// Where its channels and verifiers are.
    pub outside: Outside,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// What risk control measures its deadline by, if not by the machine's own time.
    pub stopwatch: Option<Arc<dyn risk::Stopwatch>>,
}

impl Institution {
    /// Opens every room: replays the journal, applies migrations, fills caches and windows.
    ///
    /// # Errors
    /// The first room that cannot be opened, with its reason.
    pub async fn open(opening: Opening<'_>) -> Result<Self> {
        let Opening { folder, first_date, config, books, secrets, outside, clock, stopwatch } =
            opening;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let migrations = [
            members::MIGRATIONS,
            risk::MIGRATIONS,
            payments::MIGRATIONS,
            clearing::MIGRATIONS,
            recon::MIGRATIONS,
            dayend::MIGRATIONS,
            server::LEDGER_MIGRATIONS,
            sso::MIGRATIONS,
            server::OPERATOR_MIGRATIONS,
        ];
        let records = Records::open(&folder.records_url(&config.records.url), &migrations).await?;
        let book_config = bookkeeper::Config { dir: folder.book(), open_date: first_date };
        let (chart, book_clock) = (Arc::clone(&books.chart), Arc::clone(&clock));
        // Replaying a long journal is work for a thread that may block.
        let storage = config.book.storage()?;
        let book = tokio::task::spawn_blocking(move || {
            Bookkeeper::open_on(storage, book_config, chart, book_clock)
        })
        .await??;
        let secrets = Arc::new(secrets);
        let ledger_keys =
            LedgerKeys::new(records.clone(), Arc::clone(&secrets), Arc::clone(&clock));
        let operators = Operators::new(records.clone(), Arc::clone(&secrets), Arc::clone(&clock));
        let channels = Channels::open(outside.channels, &clock, &random)?;
        let (sealing, chance) = (Arc::clone(&secrets), Arc::clone(&random));
        let members = Members::open(
            members::Parts {
                records: records.clone(),
                bookkeeper: book.clone(),
                secrets,
                templates: Arc::clone(&books.templates),
                assets: Arc::clone(&books.assets),
                config: config.members.clone(),
                regulation: books.regulation,
                issuers: books.issuers,
                providers: outside.providers,
                messenger: outside.messenger,
                random,
            },
            clock.now(),
        )
        .await?;
        let parts = sso::Parts {
            records: records.clone(),
            members: members.clone(),
            secrets: sealing,
            config: config.sso.clone(),
            default_issuer: format!("http://{}", config.listen),
            random: chance,
        };
        let sso = Sso::open(parts, clock.now()).await?;
        let ((file, text), (rules_file, rules)) = (&books.risk_features, &books.risk_rules);
        let files = risk::Files {
            features: risk::Source { file, text },
            rules: risk::Source { file: rules_file, text: rules },
        };
        let (store, risk_clock) = (records.clone(), Arc::clone(&clock));
        let risk = match stopwatch {
            Some(stopwatch) => Risk::open_with(store, files, risk_clock, stopwatch).await?,
            None => Risk::open(store, files, risk_clock).await?,
        };
        let payments = Payments::open(payments::Parts {
            records: records.clone(),
            members: members.clone(),
            risk: risk.clone(),
            channels: channels.clone(),
            bookkeeper: book.clone(),
            templates: Arc::clone(&books.templates),
            config: config.payments.clone(),
        })
        .await?;
        let webhooks = Dispatcher::new(records.clone(), members.clone(), config.webhooks)?;
        let clearing = Clearing::new(clearing::Parts {
            records: records.clone(),
            book: book.clone(),
            members: members.clone(),
            payments: payments.clone(),
            channels: channels.clone(),
            templates: Arc::clone(&books.templates),
            schedule: books.fees,
            calendar: books.calendar,
            day_books: folder.day_books(),
        });
        let templates = Arc::clone(&books.templates);
        let recon = Recon::open(records.clone(), book.clone(), templates, books.formats);
        let day_end = DayEnd::new(dayend::Parts {
            records: records.clone(),
            book: book.clone(),
            payments: payments.clone(),
            channels: channels.clone(),
            clearing: clearing.clone(),
            recon: recon.clone(),
            statements: folder.statements(),
            config: config.day_end.clone(),
        });
        let (assets, templates, chart) = (books.assets, books.templates, books.chart);
        Ok(Self {
            clock,
            records,
            book,
            assets,
            templates,
            chart,
            members,
            risk,
            channels,
            payments,
            webhooks,
            clearing,
            recon,
            day_end,
            ledger_keys,
            sso,
            operators,
        })
    }

    /// Ends every room in an orderly way: what was taken is written, the folder is free.
    pub async fn close(self) {
        self.records.close().await;
        let book = self.book;
        // Closing waits for the last sync.
        let _ = tokio::task::spawn_blocking(move || book.close()).await;
    }
}
