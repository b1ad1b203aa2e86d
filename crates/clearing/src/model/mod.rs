//! The pure decisions of clearing: which day, what fee, who is owed what.

pub mod calendar;
pub mod fees;
pub mod settlement;
