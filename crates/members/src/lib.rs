//! Customer, user, account: real name, credentials, freeze, limits.
//!
//! A user registers; real-name verification turns it into a customer with a cash account; the
//! customer's class sets its limits. [`Members`] is the door.

mod error;
mod hasher;
pub mod keypad;
mod limits;
mod members;
pub mod model;
pub mod verification;
pub mod wire;

pub use error::Error;
pub use hasher::HashCost;
pub use limits::{LimitView, QuotaLeg};
pub use members::Members;
pub use model::agreement::Agreement;
pub use model::class::{Class, FactorStrength};
pub use model::freeze::{FreezeLevel, Lifted, NewEntry, RegisterEntry, Scope, Target};
pub use model::merchant::{Cycle, Merchant, MerchantCredentials, NewMerchant};
pub use model::people::{
    CustomerKind, CustomerView, NewUser, Payer, Standing, UserFilter, UserPage, UserView,
};
pub use model::realname::{
    CardClaim, IdType, MergeCandidate, RealNameClaim, RealNameOutcome, Verified,
};
