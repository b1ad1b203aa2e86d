//! Channels (渠道): what an outside party must offer, who is registered, and how one is chosen and
//! asked.
//!
//! A channel is a service of its own behind one small signed HTTP contract
//! (docs/reference/channel-contract.md). This room holds the contract's types ([`contract`]), the
//! signed client ([`Channel`]) and the registry with its routing ([`Channels`]). It never posts
//! money and never decides what becomes of an order: it says what is known, and "not known" is an
//! answer like any other ([`Answer::Unknown`]).

mod answer;
mod book;
mod breaker;
mod client;
pub mod contract;
mod error;
mod health;
mod registry;
mod routing;
mod signature;

pub use answer::{Answer, Why};
pub use book::{ChannelConfig, ChannelTerms, CostPlan, parse};
pub use breaker::Circuit;
pub use client::{Channel, StatementFile};
pub use contract::{
    Differences, Kind, PayKind, PayRequest, PayoutRequest, RefundRequest, Settlement,
};
pub use error::{BookError, Error};
pub use health::Health;
pub use registry::{ChannelView, Channels};
pub use signature::{ChannelKey, RequestHead};

/// The account that counts what this channel owes us in this asset (渠道在途应收).
pub fn receivable(code: &str, asset: money::AssetId) -> types::AccountId {
    types::AccountId::of(&[b"channel", code.as_bytes(), &asset.0.to_be_bytes()])
}
