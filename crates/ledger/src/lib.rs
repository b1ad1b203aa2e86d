//! The rules of the book: accounts, postings, holds, general ledger, proofs.
