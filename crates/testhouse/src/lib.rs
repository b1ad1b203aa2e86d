//! A whole house on a folder, every room real, its channels and verifiers simulated: it can be
//! dropped at any moment and opened again. For tests of rooms; never part of a running house.
#![expect(clippy::expect_used, reason = "a house that cannot be built is a failed test")]

mod acts;
mod house;
mod town;
mod world;

pub use house::{House, Site};
pub use town::Town;
pub use world::World;

/// A file of the shipped `books/`.
macro_rules! book {
    ($name:literal) => {
        include_str!(concat!("../../../books/", $name))
    };
}
pub(crate) use book;
