//! Clearing and settlement (清结算): who owes what, and moving it.
//!
//! Two books of debts that never wait for one another: with channels, whose own statement is the
//! authority, and with merchants, where our orders are. A day goes through these steps, each of
//! which may be tried again and changes nothing when it was done before:
//! [`Clearing::advance`] in the evening, [`Clearing::cut_day`] at its end, then
//! [`Clearing::clear`] and [`Clearing::write_day_books`]; on the next working day
//! [`Clearing::settle_channel`], [`Clearing::settle_merchants`] and [`Clearing::transfer_fees`].

mod cut;
pub mod daybook;
mod daybooks;
mod error;
mod fees;
mod half_done;
pub mod model;
mod settle_channels;
mod settle_merchants;
mod store;

pub use daybooks::DayBook;
pub use error::Error;
pub use settle_merchants::MerchantsSettled;
pub use store::{
    Advance, AdvanceState, ChannelSettlement, MIGRATIONS, MerchantSettlement, SettlementState,
};

use bookkeeper::Bookkeeper;
use channels::Channels;
use ledger::Templates;
use members::Members;
use model::calendar::Calendar;
use model::fees::FeeSchedule;
use money::CNY;
use payments::Payments;
use records::Records;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use types::{AccountId, BusinessDate, TransactionId};

/// What the room stands on.
pub struct Parts {
    /// Where its tables are.
    pub records: Records,
    /// The book.
    pub book: Bookkeeper,
    /// Who the merchants are.
    pub members: Members,
    /// The orders.
    pub payments: Payments,
    /// Who owes us.
    pub channels: Channels,
    /// How events are posted.
    pub templates: Arc<Templates>,
    /// What merchants pay.
    pub schedule: FeeSchedule,
    /// Which days are worked.
    pub calendar: Calendar,
    /// The folder of the day books.
    pub day_books: PathBuf,
}

/// The room's door. Cheap to clone.
#[derive(Clone)]
pub struct Clearing(Arc<Parts>);

impl Clearing {
    /// The room over its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Where the day books are.
    pub fn day_books(&self) -> &Path {
        &self.0.day_books
    }

    /// The working calendar.
    pub fn calendar(&self) -> &Calendar {
        &self.0.calendar
    }

    /// The fee schedule.
    pub fn schedule(&self) -> &FeeSchedule {
        &self.0.schedule
    }

    /// The advances of a day.
    pub async fn advances(&self, date: BusinessDate) -> Result<Vec<Advance>, Error> {
        Ok(store::advances_of(self.0.records.db(), date).await?)
    }

    /// The merchants' settlements of a day, largest first.
    pub async fn merchant_settlements(
        &self,
        date: BusinessDate,
    ) -> Result<Vec<MerchantSettlement>, Error> {
        Ok(store::merchant_settlements_of(self.0.records.db(), date).await?)
    }

    /// The channels' settlements of a day.
    pub async fn channel_settlements(
        &self,
        date: BusinessDate,
    ) -> Result<Vec<ChannelSettlement>, Error> {
        Ok(store::channel_settlements_of(self.0.records.db(), date).await?)
    }

    /// Runs a unit of this room's tables.
    async fn write<F>(&self, unit: F) -> Result<(), Error>
    where
        F: for<'t> FnOnce(
                &'t sea_orm::DatabaseTransaction,
            ) -> records::UnitFuture<'t, (), records::Error>
            + Send
            + 'static,
    {
        Ok(self.0.records.write(unit).await?)
    }
}

/// The id of the one transaction that does this to this subject for this day.
fn step_id(step: &str, subject: &[u8], date: BusinessDate) -> TransactionId {
    let parts = [step.as_bytes(), subject, &date.days().to_be_bytes()];
    TransactionId::derive(date.start(), &parts)
}

fn receivable(channel: &str) -> AccountId {
    channels::receivable(channel, CNY)
}
