//! Tidy checks and generated documents.
fn main() {}
