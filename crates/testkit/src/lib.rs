//! What tests share: seeded chance, a clock that can be moved, and a disk in memory that fails on
//! demand. Never part of a running house.

mod chance;
mod clock;
mod disk;

pub use chance::SeededRandom;
pub use clock::{TickingClock, clock_at, moment};
pub use disk::{Fault, MemoryDisk, Survival};
