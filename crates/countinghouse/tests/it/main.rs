//! The real binary, over its command line and over HTTP.

mod command_line;
mod crash;
mod day;
mod house;
