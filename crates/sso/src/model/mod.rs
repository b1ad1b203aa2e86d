//! What the room decides, without store, network, clock or chance.

pub mod authorize;
pub mod client;
pub mod dpop;
pub mod form;
pub mod jws;
pub mod level;
pub mod pkce;
pub mod redirect;
pub mod scope;
