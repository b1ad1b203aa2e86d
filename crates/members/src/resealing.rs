//! Sealing everything personal anew under the newest key, so that an old key can be dropped.
//!
//! Walks every table that keeps sealed values, also those of the rooms above that say so
//! ([`Sealed`]), some rows at a time, while the house is served:
//! old and new values open under a ring that has both keys. A row is exchanged only if it is still
//! as it was read, so nothing that changed meanwhile is lost; what is under the newest key already
//! is passed over, so a run that was cut short is finished by another. Blind indexes are under a
//! key of their own that does not rotate: what is found by them is found as before.

use crate::error::Error;
use crate::store::resealing::{self, Row, SEALED, Sealed};
use records::{Records, Secrets};
use std::sync::Arc;
use types::Random;

/// Rows read and written at a time: a unit holds everybody else's writes up.
const PAGE: u32 = 200;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Values looked at.
    pub seen: u64,
    /// Values sealed anew.
    pub resealed: u64,
    /// Values that changed while they were being sealed: another run looks at them.
    pub missed: u64,
}

/// The records of a house and the keys to them.
pub struct Resealing {
    /// Where the tables are.
    pub records: Records,
    /// What other rooms keep sealed: one that is not here would be lost with the old key.
    pub others: &'static [Sealed],
    /// The ring: the newest key seals.
    pub secrets: Arc<Secrets>,
    /// The source of chance, for nonces.
    pub random: Arc<dyn Random>,
}

impl Resealing {
    fn tables(&self) -> impl Iterator<Item = &'static Sealed> {
        SEALED.iter().chain(self.others)
    }

    /// How many rows a run looks at.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn rows(&self) -> Result<u64, Error> {
        let mut rows = 0u64;
        for sealed in self.tables() {
            rows = rows.saturating_add(resealing::count(self.records.db(), sealed).await?);
        }
        Ok(rows)
    }

    /// Seals everything anew that is under an older key; `told` hears of every page how many rows
    /// it had.
    ///
    /// # Errors
    /// A value that does not open; those of the records. What was sealed until then stays so.
    pub async fn run(&self, told: &(dyn Fn(u64) + Sync)) -> Result<Resealed, Error> {
        let mut all = Resealed::default();
        for sealed in self.tables() {
            let mut after = vec![String::new(); sealed.keys.len()];
            loop {
                let page = resealing::page(self.records.db(), sealed, &after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after.clone_from(&last.keys);
                told(u64::try_from(page.len()).unwrap_or(u64::MAX));
                self.exchange(sealed, page, &mut all).await?;
            }
        }
        Ok(all)
    }

    async fn exchange(
        &self,
        sealed: &'static Sealed,
        page: Vec<Row>,
        all: &mut Resealed,
    ) -> Result<(), Error> {
        let mut changes = Vec::new();
        for row in page {
            let id = row.keys.get(sealed.place_key).cloned().unwrap_or_default();
            for (index, (column, in_place)) in sealed.columns.iter().enumerate() {
                let Some(Some(old)) = row.values.get(index) else { continue };
                all.seen = all.seen.saturating_add(1);
                if !self.secrets.is_stale(old) {
                    continue;
                }
                let place = sealed.place(in_place, &id);
                let plain = self.secrets.unseal(old, &place);
                let plain = plain.map_err(|e| Error::fault(in_place, &e))?;
                let new = self.secrets.seal(&plain, &place, self.random.as_ref());
                changes.push((row.keys.clone(), *column, old.clone(), new));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        let wanted = u64::try_from(changes.len()).unwrap_or(u64::MAX);
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                let mut done = 0u64;
                for (keys, column, old, new) in changes {
                    let changed = resealing::exchange(txn, sealed, &keys, column, old, new).await?;
                    done = done.saturating_add(u64::from(changed));
                }
                Ok::<_, Error>(done)
            })
        });
        let done = unit.await?;
        all.resealed = all.resealed.saturating_add(done);
        all.missed = all.missed.saturating_add(wanted.saturating_sub(done));
        Ok(())
    }
}
