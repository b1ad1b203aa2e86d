//! Posting templates (会计引擎, `books/templates.toml`): business event to postings, as data.

use crate::assets::Assets;
use crate::books::BooksError;
use crate::chart::Chart;
use crate::command::{Action, Transaction, UpTo};
use money::{Amount, AssetId, CNY};
use std::collections::BTreeMap;
use types::{AccountId, BusinessDate, OrderId, Problem, Text, TransactionId};

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
    /// The asset of the house's accounts; `None` is the head's.
    pub asset: Option<AssetId>,
}

/// What a transaction is, apart from its postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionHead {
    /// Its id.
    pub id: TransactionId,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The caller's own reference.
    pub reference: u128,
    /// What it does with its postings.
    pub action: Action,
    /// The accounting date it must fall on.
    pub date: Option<BusinessDate>,
    /// The asset of the house's accounts in legs that name none.
    pub asset: AssetId,
}

impl TransactionHead {
    /// Posts at once, on the open date, in CNY, for no order.
    pub const fn new(id: TransactionId) -> Self {
        Self { id, order: None, reference: 0, action: Action::Post, date: None, asset: CNY }
    }

    /// For this order.
    #[must_use]
    pub const fn order(mut self, order: OrderId) -> Self {
        self.order = Some(order);
        self
    }

    /// With this reference.
    #[must_use]
    pub const fn reference(mut self, reference: u128) -> Self {
        self.reference = reference;
        self
    }

    /// With this action.
    #[must_use]
    pub const fn action(mut self, action: Action) -> Self {
        self.action = action;
        self
    }

    /// On this accounting date or not at all.
    #[must_use]
    pub const fn date(mut self, date: BusinessDate) -> Self {
        self.date = Some(date);
        self
    }

    /// In this asset.
    #[must_use]
    pub const fn asset(mut self, asset: AssetId) -> Self {
        self.asset = asset;
        self
    }
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
        let _ = error;
        unimplemented!()
    }
}

/// All templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    list: BTreeMap<String, Template>,
}

impl Templates {
    /// Reads `books/templates.toml` and checks it against the chart and the assets.
    pub fn parse(
        toml: &str,
        file: &str,
        chart: &Chart,
        assets: &Assets,
    ) -> Result<Self, BooksError> {
        let _ = (toml, file, chart, assets);
        unimplemented!()
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

    /// The transaction of an event. With [`Action::VoidHold`], or [`Action::PostHold`] and no
    /// amounts, slots and amounts stay empty and so do the postings.
    pub fn transaction(
        &self,
        event: &str,
        head: TransactionHead,
        slots: &[(&str, AccountId)],
        amounts: &[(&str, Amount)],
    ) -> Result<Transaction, TemplateError> {
        let _ = (event, head, slots, amounts);
        unimplemented!()
    }
}
