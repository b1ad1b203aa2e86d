//! Simulators: channels, verification providers and a message channel that pretend, each a real
//! HTTP service on a port of its own.
//!
//! A channel keeps the channel contract (docs/reference/channel-contract.md) as a real channel
//! would: it checks signatures and inputs strictly, does each order number once, forgets nothing
//! it answered, and writes one statement a day in the true layout of a big Chinese wallet. It can
//! be told to fail in all the ways channels fail ([`Faults`]) and to lie in its statement
//! ([`channels::Differences`]). What it does to an order depends on its seed and the order's
//! number, never on the order of arrival: the same day can be played again.

mod chance;
mod config;
mod error;
mod fate;
mod http;
mod line;
pub mod people;
mod record;
mod server;
mod service;
mod signed;
pub mod sms;
mod statement;
mod till;
mod trade;
pub mod verifier;

pub use config::{Faults, SimulatorConfig, SimulatorKind};
pub use error::Error;
pub use server::ChannelSimulator;
pub use sms::{SmsConfig, SmsSimulator};
pub use verifier::{Trouble, VerifierConfig, VerifierSimulator};
