//! Registrations and assertions, right ones and those with one thing wrong.

mod assertions;
mod attestations;
mod parsers;
mod registrations;
mod support;
