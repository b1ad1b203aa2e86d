//! What is read from a request before an endpoint sees it.

mod caller;
mod idempotency;
mod json;
mod locale;
mod operator;
mod path;
mod query;

pub use caller::Caller;
pub(crate) use caller::bearer;
pub use idempotency::IdempotencyKey;
pub use json::{BODY_LIMIT, StrictJson};
pub use locale::{LANGUAGE_COOKIE, Reader, cookie};
pub use operator::{Checker, Maker, Operator, same};
pub use path::{Code, Date, Id, Number};
pub use query::StrictQuery;
