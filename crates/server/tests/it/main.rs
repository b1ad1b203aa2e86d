//! The router over real rooms in a folder of its own, and the served house in a town of simulators:
//! no room is replaced by a stand-in.

/// The text of a file of books/.
macro_rules! book {
    ($file:literal) => {
        include_str!(concat!("../../../../books/", $file))
    };
}

mod browser;
mod catalogue;
mod codes;
mod console;
mod credentials;
mod customers;
mod day_ends;
mod device_keys;
mod dossier;
mod explorer;
mod house;
mod journeys;
mod keypad;
mod ledger_api;
mod limits;
mod operators;
mod organisations;
mod paying;
mod people;
mod placing;
mod problems;
mod refusals;
mod secondaries;
mod sso;
mod verifying;
