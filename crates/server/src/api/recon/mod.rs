//! Reconciliation and proofs.

pub(super) mod proofs;
