//! Users and what they may do; the freeze register.

pub(super) mod agree;
pub(super) mod change_password;
mod envelope;
pub(super) mod freeze;
pub(super) mod lift;
pub(super) mod merge;
pub(super) mod password_key;
pub(super) mod password_nonce;
pub(super) mod real_name;
pub(super) mod register;
pub(super) mod rotate_password_keys;
pub(super) mod send_code;
pub(super) mod set_password;
pub(super) mod show;

pub(super) use envelope::EnvelopeBody;
