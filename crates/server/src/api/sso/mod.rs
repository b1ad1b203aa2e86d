//! Binding and single sign-on, as far as it is JSON of ours; the protocol's own endpoints are in
//! `crate::sso`.

pub(super) mod add_client;
pub(super) mod bind;
pub(super) mod bindings;
pub(super) mod clients;
pub(super) mod disable_client;
pub(super) mod rotate_keys;
pub(super) mod rotate_secret;
pub(super) mod sign_ons;
pub(super) mod unbind;
mod user;
pub(super) mod withdraw;

pub(super) use sign_ons::SignOnsBody;
