//! Merchants.

pub(super) mod register;
pub(super) mod show;
