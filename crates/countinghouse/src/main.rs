//! The binary: commands, configuration, wiring.
mod chance;
mod clock;
mod demo;
fn main() {}
