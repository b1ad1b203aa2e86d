//! Append-only log: segments, checksums, fsync, recovery. Knows no ledger.
