//! One business day on simulators, from an empty folder to proved books.

mod people;
mod script;
