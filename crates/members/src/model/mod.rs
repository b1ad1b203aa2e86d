//! What members decide, as pure functions and values: no database, net, clock or chance.

pub mod agreement;
pub mod books;
pub mod card;
pub mod class;
pub mod code;
pub mod device_key;
pub mod device_state;
pub mod factor;
pub mod freeze;
pub mod gesture;
pub mod id_number;
pub mod issuers;
pub mod level;
pub mod lockout;
pub mod merchant;
pub mod need;
pub mod people;
pub mod period;
pub mod plan;
pub mod realname;
pub mod regulation;
pub mod text_forms;
pub mod totp;
pub mod uscc;
pub mod weak;
pub mod webhook;
