//! The cipher suites that a password can be sealed by.

/// One way to seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suite {
    /// HPKE (RFC 9180) base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.
    Hpke,
    /// RSA-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017) around a key of AES-256-GCM, for clients
    /// that have no X25519.
    RsaOaep,
    /// SM2 public key encryption (GM/T 0003.4), C1C3C2, around a key of AES-256-GCM, for clients
    /// that must. Known by name always, offered only with the feature `sm2`.
    Sm2,
}

impl Suite {
    /// The suites that this program opens, the preferred one first.
    pub const OFFERED: &'static [Self] = if cfg!(feature = "sm2") {
        &[Self::Hpke, Self::RsaOaep, Self::Sm2]
    } else {
        &[Self::Hpke, Self::RsaOaep]
    };

    /// Its name in envelopes and keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hpke => "hpke",
            Self::RsaOaep => "rsa-oaep-256",
            Self::Sm2 => "sm2",
        }
    }

    /// The offered suite of this name.
    pub fn offered(name: &str) -> Option<Self> {
        Self::OFFERED.iter().copied().find(|suite| suite.name() == name)
    }
}

impl std::fmt::Display for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
