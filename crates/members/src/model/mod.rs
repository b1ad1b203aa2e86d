//! What members decide, as pure functions and values: no database, net, clock or chance.

pub mod agreement;
pub mod class;
pub mod freeze;
pub mod merchant;
pub mod people;
pub mod realname;
