//! HTTP API and console: a folder a room, a file an endpoint; no business rule in either.

pub mod extract;
pub mod plot;
pub mod problem;
