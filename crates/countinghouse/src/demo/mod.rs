//! One business day on simulators, from an empty folder to proved books.

mod evening;
mod founding;
mod outcome;
mod people;
mod play;
mod progress;
mod script;
mod world;

pub use outcome::DayOutcome;
pub use progress::Progress;

use crate::books::Books;
use crate::chance::SeededRandom;
use crate::charter::{Charter, Folder, Simulated};
use crate::clock::SimulatedClock;
use crate::config::Config;
use crate::institution::{Institution, Opening};
use crate::outside::{Outside, Simulators};
use anyhow::{Result, bail};
use money::Amount;
use play::Day;
use records::Secrets;
use std::sync::Arc;
use std::time::Instant;
use types::{BusinessDate, Clock, TransactionId};

/// What is played.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many orders.
    pub orders: u64,
    /// What everything follows from.
    pub seed: u64,
    /// The business day: an ordinary Monday, the next day a working day.
    pub date: BusinessDate,
}

/// The institution, its outside world, and its clock.
pub struct Stage {
    /// The rooms.
    pub institution: Institution,
    /// Its channels and verifiers.
    pub simulators: Simulators,
    /// Its clock.
    pub clock: Arc<SimulatedClock>,
}

impl Stage {
    /// Ends the rooms, then the world.
    ///
    /// # Errors
    /// A simulator whose memory cannot be sealed.
    pub async fn close(self: Arc<Self>) -> Result<()> {
        self.institution.clone().close().await;
        match Arc::try_unwrap(self) {
            Ok(stage) => stage.simulators.stop().await,
            // Somebody still looks at it: dropping the last handle ends the services.
            Err(_) => Ok(()),
        }
    }
}

/// Own money the institution begins with, fen: CNY 10 million.
const CAPITAL_MINOR: u64 = 1_000_000_000;

/// Founds an institution in an empty folder and plays its day.
pub async fn play(
    folder: &Folder,
    config: &Config,
    options: &Options,
    progress: &Progress,
) -> Result<(Arc<Stage>, DayOutcome)> {
    let started = Instant::now();
    let stage = Arc::new(found(folder, config, options).await?);
    let script = Arc::new(script::write(options.seed, options.orders, options.date));
    let founded = Arc::new(founding::found(&stage, &script, progress).await?);
    stage.clock.advance_to(options.date.start());
    stage.institution.clearing.cut_day(options.date.plus_days(-1), options.date.start()).await?;

    let bar = progress.stage(options.orders, "Playing the day", "营业日进行中");
    let day = Day::new(Arc::clone(&stage), Arc::clone(&script), founded);
    day.play(&bar).await?;
    bar.finish();
    let outcome = evening::close(&stage, &day, options, progress, started).await?;
    if outcome.recon.breaks != outcome.planted {
        bail!(
            "reconciliation found {:?}, but the simulators planted {:?}",
            outcome.recon.breaks,
            outcome.planted
        );
    }
    Ok((stage, outcome))
}

async fn found(folder: &Folder, config: &Config, options: &Options) -> Result<Stage> {
    let eve = options.date.plus_days(-1);
    let world = Simulated { seed: options.seed };
    folder.found(&Charter { first_date: eve, simulated: Some(world.clone()) })?;
    let stage = open_simulated(folder, config, eve, &world).await?;
    let institution = &stage.institution;
    let id = TransactionId::of(&[b"capital contribution"]);
    let transaction = institution.templates.transaction(
        "capital_contribution",
        ledger::TransactionHead::new(id),
        &[],
        &[("amount", Amount::new(CAPITAL_MINOR)?)],
    )?;
    institution.book.post(transaction).await?;
    Ok(stage)
}

/// Opens a simulated institution: its world first, then its rooms, its clock where it last stood.
pub async fn open_simulated(
    folder: &Folder,
    config: &Config,
    first_date: BusinessDate,
    world: &Simulated,
) -> Result<Stage> {
    let books = Books::load(config.books.as_deref())?;
    // Ids follow from keyed digests of what people are known by: for the same seed to play the same
    // day, a simulated institution's keys follow from its seed. Nothing real is sealed by them.
    let secrets = Secrets::open(&folder.keys(), &SeededRandom::new(world.seed))?;
    let (outside, simulators) = Outside::simulated(&books, folder, world, &secrets).await?;
    let clock = Arc::new(SimulatedClock::starting_at(first_date.start()));
    // Whoever wants to be told by a simulated institution listens on the same machine.
    let webhooks = payments::webhooks::Config { internal_targets: true };
    let config = &Config { webhooks, ..config.clone() };
    let opening = Opening {
        folder,
        first_date,
        config,
        books,
        secrets,
        outside,
        clock: Arc::<SimulatedClock>::clone(&clock) as Arc<dyn Clock>,
        // No decision of a simulated day may hang on how busy the machine is.
        stopwatch: Some(Arc::new(risk::Standing)),
    };
    let institution = Institution::open(opening).await?;
    if let Some(last) = institution.book.last_at() {
        clock.advance_to(last);
    }
    clock.advance_to(institution.book.open_date().start());
    Ok(Stage { institution, simulators, clock })
}
