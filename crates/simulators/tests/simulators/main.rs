//! Simulators, driven through the channels room over real sockets.

mod faults;
mod layout;
mod memory;
mod plants;
mod strictness;
mod support;
mod verifying;
