//! The room against a real database, a real book and real HTTP providers.

mod bulk;
mod canary;
mod codes;
mod credentials;
mod device_keys;
mod device_state;
mod dormancy;
mod evidence;
mod forms;
mod freezing;
mod holding;
mod keypad_keys;
mod merchants;
mod merging;
mod organisations;
mod passwords;
mod planning;
mod quotas;
mod real_name;
mod registering;
mod resealing;
mod secondaries;
mod support;
mod unmerging;
