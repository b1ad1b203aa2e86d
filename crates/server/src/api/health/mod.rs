//! For machines that watch: no credential, no detail.

pub(super) mod live;
pub(super) mod ready;
