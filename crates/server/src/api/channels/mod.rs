//! Channels.

pub(super) mod set_on_line;
