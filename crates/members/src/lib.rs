//! Customer, user, account: real name, credentials, freeze, limits.
//!
//! A user registers; real-name verification turns it into a customer with a cash account; the
//! customer's class sets its limits, which are quotas in the book. [`Members`] is the door;
//! [`model`] decides, the private `store` keeps, [`verification`] asks outsiders, [`keypad`] is how
//! a password travels.

mod agreements;
mod asking;
mod bulk;
mod cache;
mod claim;
mod codes;
mod costs;
mod credentials;
mod device_keys;
mod directory;
mod dormancy;
mod error;
mod freezing;
mod gestures;
mod hasher;
mod holding;
pub mod internet;
mod keypad_keys;
mod limits;
mod listing;
mod members;
mod merchants;
pub mod messages;
pub mod model;
mod organisations;
mod passwords;
mod proving;
mod quotas;
mod real_name;
mod registering;
mod resealing;
mod resetting;
mod secondaries;
mod signed_http;
mod store;
mod totp;
mod unmerging;
mod upkeep;
pub mod verification;
mod views;
pub mod wire;

pub use ::keypad;
pub use bulk::{Person, SealedPeople};
pub use costs::{DayCost, Verification};
pub use credentials::Credentials;
pub use device_keys::{DeviceAnswer, DeviceChallenge, DeviceKeysConfig, NewDeviceKey};
pub use error::Error;
pub use hasher::HashCost;
pub use limits::{LimitView, QuotaLeg};
pub use members::{Members, MembersConfig, Parts};
pub use model::agreement::{Agreement, AgreementKind};
pub use model::class::{Class, FactorStrength, Purpose};
pub use model::code::{CodePolicy, CodePurpose, CodeRefusal, SentCode};
pub use model::device_key::{DeviceKey, OrderToSign};
pub use model::device_state::{DeviceStateRule, Integrity, StateEffect};
pub use model::factor::{Factor, FactorKind, Factors};
pub use model::freeze::{FreezeLevel, Lifted, NewEntry, RegisterEntry, Scope, Target};
pub use model::gesture::GestureRefusal;
pub use model::held::{Held, HeldAgreement, HeldApp, HeldKey, HeldSecret};
pub use model::issuers::Issuers;
pub use model::level::{LeastLevel, Level};
pub use model::lockout::{LockPolicy, Standing as TriesStanding};
pub use model::merchant::{Cycle, Merchant, MerchantCredentials, NewMerchant};
pub use model::organisation::{Authority, OrganisationRefusal};
pub use model::people::{
    CustomerKind, CustomerView, NewUser, Payer, Standing, UserFilter, UserPage, UserView,
};
pub use model::realname::{
    CardClaim, Further, IdType, MergeCandidate, RealNameClaim, RealNameOutcome, Verified,
};
pub use model::regulation::Regulation;
pub use model::secondary::{Secondary, SecondaryRefusal};
pub use model::totp::NewTotp;
pub use model::webhook::check_webhook_url;
pub use resealing::{Resealed, Resealing};
pub use store::MIGRATIONS;
pub use store::resealing::Sealed;
pub use unmerging::{Alongside, Split, UNMERGE};
