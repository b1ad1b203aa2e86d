//! What a transaction is, apart from its postings.

use crate::command::Action;
use money::{AssetId, CNY};
use types::{BusinessDate, OrderId, TransactionId};

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
