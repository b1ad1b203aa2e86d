//! The real binary, over its command line and over HTTP.

mod api;
mod client;
mod command_line;
mod console;
mod core_dumps;
mod crash;
mod day;
mod device_keys;
mod devtools;
mod house;
mod postgres;
mod soak;
mod webhooks;
