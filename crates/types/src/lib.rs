//! What every room shares: typed ids, business dates, the clock and the source of chance as
//! traits, problems with stable codes, masked values. Pure: no file, net, clock or random number.

mod id;
mod locale;
mod masked;
mod problem;
mod random;
mod time;

pub use id::{
    AccountId, BatchId, BreakId, BusinessUserId, ClientId, CustomerId, DecisionId, DeviceKeyId,
    GrantId, HoldId, IdError, MerchantId, OrderId, RegisterEntryId, RunId, TransactionId, UserId,
};
pub use locale::{Locale, Text};
pub use masked::Masked;
pub use problem::{Problem, ProblemKind};
pub use random::Random;
pub use time::{BusinessDate, Clock, DateError, ManualClock, Timestamp};
