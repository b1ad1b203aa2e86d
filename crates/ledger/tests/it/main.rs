//! The ledger as its callers see it.
