//! The source of chance, handed in.

/// Fills bytes with chance: the operating system's in production, a seeded generator in tests
/// and in the demo. Must be unpredictable wherever keys or salts are made.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}
