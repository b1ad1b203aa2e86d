//! What is read from a request before an endpoint sees it.

mod json;
mod locale;

pub use json::StrictJson;
pub use locale::Reader;
