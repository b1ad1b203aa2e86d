//! The router over real rooms.
