//! The archive through its door, on a disk that fails on demand.

mod crash;
mod damage;
mod reads;
mod support;
