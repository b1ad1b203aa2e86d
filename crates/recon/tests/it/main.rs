//! Reconciliation from the outside: files in, refusals, breaks, a real book.

mod day;
mod formats;
mod fuzz;
mod house;
mod layouts;
mod life;
mod matching;
mod reading;
mod treating;
