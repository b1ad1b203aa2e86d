//! Fixtures, seeded generators, fault-injecting files.
