//! No core dump of this process: what it holds in memory - keys, a password while it is being
//! looked at - must not be written to a disk when it dies.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Forbids core dumps to this process, and to others of the same user to look into it. What is not
/// granted is told: the house opens all the same.
pub fn forbid() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps cannot be limited");
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "this process cannot be made undumpable");
    }
}
