//! What tests share: seeded chance, a clock that can be moved, a disk in memory that fails on
//! demand, and a PostgreSQL. Never part of a running house.

mod chance;
mod clock;
mod disk;
pub mod postgres;

pub use chance::SeededRandom;
pub use clock::{TickingClock, clock_at, moment};
pub use disk::{Fault, MemoryDisk, Survival};
