//! The real binary, over its command line and over HTTP.

mod api;
mod command_line;
mod console;
mod crash;
mod day;
mod house;
mod postgres;
mod soak;
mod webhooks;
