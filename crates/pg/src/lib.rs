//! How a database of PostgreSQL is reached: what its URL may say ([`parse`]), what a session is set
//! to ([`with`]), what the server must be able to do ([`examine`]), who may write ([`take_right`]),
//! how a table is kept from being changed ([`append_only`]). Knows no table.

mod examine;
mod guard;
mod options;
mod right;
mod url;

pub use examine::{Unfit, examine};
pub use guard::append_only;
pub use options::{is_postgres, parse, with};
pub use right::{is_refusal, take_right};
pub use url::{UrlError, without_password};
