//! The book in memory: the ledger and the index, both fed by nothing but journaled records.

use crate::index::Index;
use crate::record::{self, Record};
use crate::{Error, error};
use journal::Batch;
use ledger::{Chart, Command, Ledger, Outcome};
use std::sync::Arc;
use types::{BusinessDate, Timestamp};

/// The ledger and the index of its past.
#[derive(Debug)]
pub(crate) struct Model {
    pub ledger: Ledger,
    pub index: Index,
}

impl Model {
    pub(crate) fn new(chart: Arc<Chart>, open_date: BusinessDate) -> Self {
        Self { ledger: Ledger::new(chart, open_date), index: Index::default() }
    }

    pub(crate) fn apply(&mut self, at: Timestamp, commands: &[Command]) -> Vec<Outcome> {
        self.ledger.apply_observed(at, commands, &mut self.index)
    }
}

/// Builds the model again from the journal.
pub(crate) struct Replay {
    chart: Arc<Chart>,
    model: Option<Model>,
    open_date: Option<BusinessDate>,
    /// How many commands were replayed.
    pub commands: u64,
}

impl Replay {
    pub(crate) fn new(chart: Arc<Chart>) -> Self {
        Self { chart, model: None, open_date: None, commands: 0 }
    }

    /// The model, if the book has begun.
    pub(crate) fn finish(self) -> Option<Model> {
        self.model
    }

    pub(crate) fn effects(&self) -> u64 {
        self.model.as_ref().map_or(0, |model| model.ledger.seq())
    }

    pub(crate) fn batch(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        for record in batch.records() {
            self.record(batch.sequence, record::decode(batch.sequence, record)?)?;
        }
        Ok(())
    }

    fn record(&mut self, sequence: u64, record: Record) -> Result<(), Error> {
        match (record, &mut self.model) {
            (Record::Beginning { open_date }, model @ None) => {
                *model = Some(Model::new(Arc::clone(&self.chart), open_date));
                self.open_date = Some(open_date);
                Ok(())
            }
            (Record::Batch { effects_before, at, commands }, Some(model)) => {
                let replayed = model.ledger.seq();
                if replayed != effects_before {
                    return Err(Error::Diverged { sequence, recorded: effects_before, replayed });
                }
                self.commands += commands.len() as u64;
                model.apply(at, &commands);
                Ok(())
            }
            (Record::Beginning { .. }, Some(_)) | (Record::Batch { .. }, None) => {
                Err(error::no_genesis(sequence, self.open_date))
            }
        }
    }
}
