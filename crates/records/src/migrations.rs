//! The tables' history: each room's steps, applied once, in order, and never altered afterwards.

/// The migrations of one room, in order. A step is a name and its SQL (several statements
/// allowed). Published steps are never edited: a correction is a further step.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// The room that owns the tables.
    pub room: &'static str,
    /// (name, SQL), in the order they are applied.
    pub steps: &'static [(&'static str, &'static str)],
}
