//! What tests share: seeded chance, a clock that can be moved, a disk in memory that fails on
//! demand, a browser, and a PostgreSQL. Never part of a running house.

mod browser;
mod chance;
mod clock;
mod disk;
pub mod postgres;

pub use browser::Browser;
pub use chance::SeededRandom;
pub use clock::{TickingClock, clock_at, moment};
pub use disk::{Fault, MemoryDisk, Survival};
