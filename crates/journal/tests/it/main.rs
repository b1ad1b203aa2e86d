//! The log under crashes, torn writes, flipped bits, failing syncs and full disks.

mod damage;
mod faults;
mod plain;
mod support;
