//! The room on the real book, real records, real risk control, and simulated channels over HTTP.

mod crashes;
mod device_keys;
mod factors;
mod house;
mod idempotency;
mod kinds;
mod late;
mod outside;
mod refunds;
mod refusals;
mod speed;
mod waiting;
mod webhooks;
