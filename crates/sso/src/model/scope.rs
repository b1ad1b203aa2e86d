//! What a client may be let do.

use crate::error::{OAuthError, Refusal};
use crate::model::level::Level;
use std::collections::BTreeSet;

/// One thing that a user can allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To sign in here.
    OpenId,
    /// To see the sign-in name and whether the real name is known.
    Profile,
    /// To see the phone number.
    Phone,
    /// To stay signed in: refresh tokens.
    OfflineAccess,
    /// To bind user ids of the client's own system to the user.
    Bind,
    /// To take payments without a password (免密), within the limits that the page showed.
    PayPasswordFree,
}

const ALL: [(Scope, &str); 6] = [
    (Scope::OpenId, "openid"),
    (Scope::Profile, "profile"),
    (Scope::Phone, "phone"),
    (Scope::OfflineAccess, "offline_access"),
    (Scope::Bind, "bind"),
    (Scope::PayPasswordFree, "pay:password-free"),
];

impl Scope {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(scope, _)| *scope == self).map_or("", |(_, name)| name)
    }

    /// How surely somebody must have signed in to allow it.
    pub const fn needs(self) -> Level {
        match self {
            // What reaches for money, or for what the user is elsewhere, needs the user himself: an
            // outside provider's word is not enough.
            Self::Bind | Self::PayPasswordFree => Level::Code,
            Self::OpenId | Self::Profile | Self::Phone | Self::OfflineAccess => Level::Federated,
        }
    }

    /// Whether a higher-grade system may pass it on to a lower-grade one.
    pub const fn passes_on(self) -> bool {
        matches!(self, Self::OpenId | Self::Profile | Self::Phone)
    }
}

/// A set of scopes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Self(ALL.iter().map(|(scope, _)| *scope).collect())
    }

    /// Reads `openid profile`.
    ///
    /// # Errors
    /// `scope_unknown`: nothing is left out silently.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let one = |word: &str| {
            let known = ALL.iter().find(|(_, name)| *name == word).map(|(scope, _)| *scope);
            known.ok_or_else(|| {
                let shown: String = word.chars().take(40).collect();
                Refusal::coded(
                    OAuthError::InvalidScope,
                    "scope_unknown",
                    format!("there is no scope '{shown}'"),
                    format!("不存在授权范围“{shown}”"),
                )
            })
        };
        text.split(' ').filter(|word| !word.is_empty()).map(one).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the scope is among them.
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether all of these are in `most`.
    pub fn within(&self, most: &Self) -> bool {
        self.0.is_subset(&most.0)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// The same without one.
    #[must_use]
    pub fn without(mut self, scope: Scope) -> Self {
        self.0.remove(&scope);
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How surely somebody must have signed in to allow them all.
    pub fn needs(&self) -> Level {
        self.iter().map(Scope::needs).max().unwrap_or(Level::Federated)
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
}

impl serde::Serialize for Scopes {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Scopes {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).map_err(|refusal| serde::de::Error::custom(refusal.reason.en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_known_or_refused() {
        let read = |text| Scopes::parse(text).map(|s| s.to_string()).map_err(|r| r.code);
        assert_eq!(read("profile openid openid"), Ok("openid profile".to_owned()));
        assert_eq!(read(""), Ok(String::new()));
        for bad in ["admin", "openid admin", "OPENID", "openid,profile", "openid\tprofile"] {
            assert_eq!(read(bad), Err("scope_unknown"), "{bad}");
        }
        assert_eq!(Scopes::parse(&Scopes::all().to_string()), Ok(Scopes::all()));
    }

    #[test]
    fn money_needs_the_user_himself() {
        let needs = |text| Scopes::parse(text).expect("known").needs();
        assert_eq!(needs("openid profile phone offline_access"), Level::Federated);
        assert_eq!(needs("openid pay:password-free"), Level::Code);
        assert_eq!(needs("bind"), Level::Code);
    }
}
