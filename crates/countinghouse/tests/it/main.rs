//! The real binary, over its command line and over HTTP.

mod api;
mod command_line;
mod crash;
mod day;
mod house;
