//! The pure part: what an order is, what it may become, and what must be done for it. No file, net,
//! clock or chance; everything is handed in and every answer is data.

pub mod enough;
pub mod fingerprint;
pub mod form;
pub mod machine;
pub mod order;
pub mod plan;
pub mod request;
pub mod view;
