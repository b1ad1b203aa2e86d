//! Binding of business users, federated sign-in, and the authorisation centre.
//!
//! Three ways of knowing one user in several places, none of which merges anything:
//!
//! - **Binding**: business systems ([`Client`]) bind the user ids of their own to a payment user,
//!   many to one, with the user's consent; a shop's profile stays the shop's.
//! - **Relying party** ([`relying`]): users sign in by an outside `OpenID` provider; (issuer, subject)
//!   leads to a user.
//! - **Authorisation centre**: an OAuth 2.1 and `OpenID` Connect provider for the institution's own
//!   apps and for business systems.
//!
//! [`Sso`] is the door; [`model`] decides, the private `store` keeps.

mod access;
mod authenticate;
mod authorize;
mod bindings;
mod clients;
mod config;
mod elsewhere;
mod error;
mod grants;
mod inspect;
mod keys;
pub mod model;
mod possession;
pub mod relying;
mod sessions;
mod sso;
mod store;
mod token;

pub use access::Access;
pub use authenticate::Asked;
pub use authorize::{Answer, Begun, Consent, Pushed, description};
pub use bindings::Binding;
pub use clients::{Credentials, Desk};
pub use config::{Config, ProviderConfig};
pub use elsewhere::Elsewhere;
pub use error::{Error, OAuthError, Refusal};
pub use grants::GrantView;
pub use inspect::{Introspection, UserInfo};
pub use model::authorize::Wrong;
pub use model::client::{Client, NewClient};
pub use possession::NONCE_HEADER;
pub use relying::{Identity, Returned};
pub use sso::{Parts, Sso};
pub use store::passing::Session;
pub use store::{MIGRATIONS, SEALED};
pub use token::TokenAnswer;
