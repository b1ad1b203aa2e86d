//! Binding and single sign-on: over a real socket, with codes that a real message channel carried.

mod binding;
pub mod browser;
pub mod client;
mod code_flow;
mod grades;
mod interop;
mod possession;
mod refresh;
mod refusals;
mod requests;
