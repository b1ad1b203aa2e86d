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
mod judging;
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
pub(super) mod check_gesture;
pub(super) mod confirm_totp;
pub(super) mod enrol_totp;
pub(super) mod remove_gesture;
pub(super) mod remove_totp;
pub(super) mod reset_password;
pub(super) mod revoke_agreement;
pub(super) mod revoke_withholding;
pub(super) mod set_gesture;
pub(super) mod withhold;
pub(super) use envelope::EnvelopeBody;
