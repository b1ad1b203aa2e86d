//! Measuring the house on this machine. Figures, never tests: nothing here passes or fails.

mod disk;
mod figures;
mod filling;
mod http;
mod ledger;
pub mod load;
mod members;
mod network;
mod play;
mod process;

pub use ledger::run;
pub use members::{MembersPlan, run as run_members};
pub use network::run as run_over_network;
pub use play::{Measured, Plan};
