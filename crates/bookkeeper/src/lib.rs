//! The one writer of the book: group commit, recovery, reads, verify.
