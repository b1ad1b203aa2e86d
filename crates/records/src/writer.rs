//! The one writer: group commit.
