//! The router over real rooms in a folder of its own: no room is replaced by a stand-in.

mod catalogue;
mod console;
mod explorer;
mod house;
mod journeys;
mod ledger_api;
mod limits;
mod problems;
