//! The log in a database: written, walked and read; fenced off from a deposed writer; with
//! connections cut and servers killed; damaged.

mod cuts;
mod damage;
mod fencing;
mod plain;
mod support;
