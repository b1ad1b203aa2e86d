//! Channels and verifiers that pretend, as real HTTP services.
