//! Users and what they may do; the freeze register.

pub(super) mod agree;
pub(super) mod begin_device_key;
pub(super) mod change_password;
pub(super) mod costs;
pub(crate) mod customer;
mod device_key;
mod envelope;
pub(super) mod finish_device_key;
pub(super) mod freeze;
pub(super) mod lift;
pub(super) mod list_device_keys;
pub(super) mod merge;
pub(super) mod password_key;
pub(super) mod password_nonce;
pub(super) mod real_name;
pub(super) mod register;
pub(super) mod remove_device_key;
pub(super) mod rename_device_key;
pub(super) mod rotate_password_keys;
pub(super) mod send_code;
pub(super) mod set_password;
pub(super) mod show;
pub(super) mod unmerge;

pub(super) use device_key::bytes;
pub(super) use envelope::EnvelopeBody;
