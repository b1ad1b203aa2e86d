//! Posting templates (会计引擎, `books/templates.toml`): business event to postings, as data.

mod head;
mod parse;

pub use head::TransactionHead;

use crate::assets::Assets;
use crate::books::BooksError;
use crate::chart::{Chart, house_account};
use crate::command::{Action, Posting, Transaction, UpTo};
use money::{Amount, AssetId};
use std::collections::BTreeMap;
use types::{AccountId, Problem, ProblemKind, Text};

/// One business event's postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The event's name.
    pub event: String,
    /// The event's code in the book.
    pub code: u16,
    /// What people read.
    pub name: Text,
    /// Accounts the caller names, each with the roles it may have.
    pub slots: BTreeMap<String, Vec<String>>,
    /// Amounts the caller gives.
    pub params: Vec<String>,
    /// Which of them may be absent or zero: their legs are then left out.
    pub optional: Vec<String>,
    /// The postings.
    pub legs: Vec<Leg>,
}

/// One posting of a template. A side names a slot, or the role of a leaf on which the house owns
/// the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// What is debited.
    pub debit: String,
    /// What is credited.
    pub credit: String,
    /// Which amount.
    pub amount: String,
    /// Whether the amount gives way to what is available.
    pub up_to: UpTo,
    /// Whether it may take settled money only: it leaves the house.
    pub settled_only: bool,
    /// The asset of its accounts; `None` is the head's.
    pub asset: Option<AssetId>,
}

/// A template used wrongly: a fault of the program, not of its user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No template of this event.
    #[error("no template for event '{event}'")]
    UnknownEvent {
        /// The event asked for.
        event: String,
    },
    /// A slot was not filled.
    #[error("template '{event}' needs an account for '{slot}'")]
    SlotMissing {
        /// The event.
        event: String,
        /// The slot.
        slot: String,
    },
    /// A slot the template does not have, or filled twice.
    #[error("template '{event}' has no slot '{slot}', or it is filled twice")]
    SlotUnknown {
        /// The event.
        event: String,
        /// The slot.
        slot: String,
    },
    /// An amount was not given.
    #[error("template '{event}' needs the amount '{param}'")]
    AmountMissing {
        /// The event.
        event: String,
        /// The amount.
        param: String,
    },
    /// An amount the template does not have, or given twice.
    #[error("template '{event}' has no amount '{param}', or it is given twice")]
    AmountUnknown {
        /// The event.
        event: String,
        /// The amount.
        param: String,
    },
}

impl TemplateError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownEvent { .. } => "template_unknown",
            Self::SlotMissing { .. } => "template_slot_missing",
            Self::SlotUnknown { .. } => "template_slot_unknown",
            Self::AmountMissing { .. } => "template_amount_missing",
            Self::AmountUnknown { .. } => "template_amount_unknown",
        }
    }
}

impl From<TemplateError> for Problem {
    fn from(error: TemplateError) -> Self {
        let en = error.to_string();
        let zh = match &error {
            TemplateError::UnknownEvent { event } => format!("没有业务事件“{event}”的分录模板"),
            TemplateError::SlotMissing { event, slot } => {
                format!("模板“{event}”缺少账户“{slot}”")
            }
            TemplateError::SlotUnknown { event, slot } => {
                format!("模板“{event}”没有账户“{slot}”，或重复给出")
            }
            TemplateError::AmountMissing { event, param } => {
                format!("模板“{event}”缺少金额“{param}”")
            }
            TemplateError::AmountUnknown { event, param } => {
                format!("模板“{event}”没有金额“{param}”，或重复给出")
            }
        };
        Self::new(ProblemKind::Internal, error.code(), en, zh)
    }
}

/// All templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    list: BTreeMap<String, Template>,
}

impl Templates {
    /// Reads `books/templates.toml` and checks it against the chart and the assets; the rules
    /// stand at the head of that file.
    pub fn parse(
        toml: &str,
        file: &str,
        chart: &Chart,
        assets: &Assets,
    ) -> Result<Self, BooksError> {
        parse::parse(toml, file, chart, assets).map(|list| Self { list })
    }

    /// All templates, by event.
    pub fn list(&self) -> impl Iterator<Item = &Template> {
        self.list.values()
    }

    /// The template of an event.
    pub fn event(&self, event: &str) -> Option<&Template> {
        self.list.get(event)
    }

    /// The template with this code: how an entry's event is named to people.
    pub fn by_code(&self, code: u16) -> Option<&Template> {
        self.list.values().find(|t| t.code == code)
    }

    /// The transaction of an event. Legs of optional amounts that are absent or zero are left
    /// out. With [`Action::VoidHold`], or [`Action::PostHold`] and no amounts (all of the hold),
    /// slots and amounts stay empty and so do the postings.
    pub fn transaction(
        &self,
        event: &str,
        head: TransactionHead,
        slots: &[(&str, AccountId)],
        amounts: &[(&str, Amount)],
    ) -> Result<Transaction, TemplateError> {
        let template = self
            .event(event)
            .ok_or_else(|| TemplateError::UnknownEvent { event: event.to_owned() })?;
        let whole = match head.action {
            Action::VoidHold { .. } => true,
            Action::PostHold { .. } => amounts.is_empty(),
            Action::Post | Action::Hold { .. } => false,
        };
        template.check_given(slots, amounts)?;
        let postings = if whole { Vec::new() } else { template.fill(head, slots, amounts)? };
        Ok(Transaction {
            id: head.id,
            event: template.code,
            order: head.order,
            reference: head.reference,
            date: head.date,
            action: head.action,
            postings,
            conditions: Vec::new(),
            corrects: None,
        })
    }
}

/// Whether a name stands in a list of pairs, and before this place of it.
fn repeated<T>(pairs: &[(&str, T)], place: usize, name: &str) -> bool {
    pairs.iter().take(place).any(|(other, _)| *other == name)
}

fn given<T: Copy>(pairs: &[(&str, T)], name: &str) -> Option<T> {
    pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

impl Template {
    fn slot_error(&self, slot: &str) -> TemplateError {
        TemplateError::SlotUnknown { event: self.event.clone(), slot: slot.to_owned() }
    }

    /// What is given is what the template has, and once.
    fn check_given(
        &self,
        slots: &[(&str, AccountId)],
        amounts: &[(&str, Amount)],
    ) -> Result<(), TemplateError> {
        for (place, (slot, _)) in slots.iter().enumerate() {
            if !self.slots.contains_key(*slot) || repeated(slots, place, slot) {
                return Err(self.slot_error(slot));
            }
        }
        for (place, (param, _)) in amounts.iter().enumerate() {
            let known = self.params.iter().any(|p| p == param);
            if !known || repeated(amounts, place, param) {
                let (event, param) = (self.event.clone(), (*param).to_owned());
                return Err(TemplateError::AmountUnknown { event, param });
            }
        }
        Ok(())
    }

    fn side(
        &self,
        name: &str,
        asset: AssetId,
        slots: &[(&str, AccountId)],
    ) -> Result<AccountId, TemplateError> {
        if !self.slots.contains_key(name) {
            return Ok(house_account(name, asset));
        }
        given(slots, name).ok_or_else(|| TemplateError::SlotMissing {
            event: self.event.clone(),
            slot: name.to_owned(),
        })
    }

    fn fill(
        &self,
        head: TransactionHead,
        slots: &[(&str, AccountId)],
        amounts: &[(&str, Amount)],
    ) -> Result<Vec<Posting>, TemplateError> {
        let mut postings = Vec::with_capacity(self.legs.len());
        for leg in &self.legs {
            let optional = self.optional.contains(&leg.amount);
            let amount = match given(amounts, &leg.amount) {
                Some(amount) if optional && amount.is_zero() => continue,
                Some(amount) => amount,
                None if optional => continue,
                None => {
                    let (event, param) = (self.event.clone(), leg.amount.clone());
                    return Err(TemplateError::AmountMissing { event, param });
                }
            };
            let asset = leg.asset.unwrap_or(head.asset);
            postings.push(Posting {
                debit: self.side(&leg.debit, asset, slots)?,
                credit: self.side(&leg.credit, asset, slots)?,
                amount,
                up_to: leg.up_to,
                settled_only: leg.settled_only,
            });
        }
        Ok(postings)
    }
}

#[cfg(test)]
mod tests;
