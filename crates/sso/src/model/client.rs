//! Clients: business systems and apps that sign their users in here.

use crate::model::level::Grade;
use crate::model::scope::{Scope, Scopes};
use crate::model::{jws, redirect};
use jsonwebtoken::jwk::Jwk;
use money::Amount;
use serde::{Deserialize, Serialize};
use types::{ClientId, MerchantId, Problem, ProblemKind, Text, Timestamp};

/// The most addresses of one client.
const MOST_REDIRECTS: usize = 16;
/// The most keys of one client.
const MOST_KEYS: usize = 4;
/// The longest name, characters.
const MOST_NAME: usize = 60;

/// How a client proves who it is. In JSON `{"method": "private_key_jwt", "keys": [..]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ProvingForm", into = "ProvingForm")]
pub enum Proving {
    /// A secret that we made, in the Authorization header (`client_secret_basic`).
    ClientSecretBasic,
    /// Assertions signed by its own key (`private_key_jwt`).
    PrivateKeyJwt {
        /// Its public keys, as JWK.
        keys: Vec<serde_json::Value>,
    },
    /// Nothing: an app in its user's hands keeps no secret (`none`).
    None,
}

/// The same as it is written: an object without a tag, so that whoever reads JSON strictly sees
/// through it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvingForm {
    method: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<serde_json::Value>,
}

impl TryFrom<ProvingForm> for Proving {
    type Error = String;

    fn try_from(form: ProvingForm) -> Result<Self, String> {
        match (form.method.as_str(), form.keys) {
            ("private_key_jwt", keys) => Ok(Self::PrivateKeyJwt { keys }),
            (_, keys) if !keys.is_empty() => Err("keys go with private_key_jwt".to_owned()),
            ("client_secret_basic", _) => Ok(Self::ClientSecretBasic),
            ("none", _) => Ok(Self::None),
            _ => Err("a method is client_secret_basic, private_key_jwt or none".to_owned()),
        }
    }
}

impl From<Proving> for ProvingForm {
    fn from(proving: Proving) -> Self {
        let method = proving.name().to_owned();
        let keys = if let Proving::PrivateKeyJwt { keys } = proving { keys } else { Vec::new() };
        Self { method, keys }
    }
}

impl Proving {
    /// Its name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::None => "none",
        }
    }
}

/// The password-free agreement that consenting to `pay:password-free` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordFree {
    /// Who is paid.
    pub merchant: MerchantId,
    /// The most one order may take, minor units.
    pub per_order_minor: i64,
    /// The most one day may take, minor units.
    pub per_day_minor: i64,
}

impl PasswordFree {
    /// Both limits, if they can be.
    pub fn limits(&self) -> Option<(Amount, Amount)> {
        let amount =
            |minor| Amount::try_from(minor).ok().filter(|amount: &Amount| !amount.is_zero());
        let (order, day) = (amount(self.per_order_minor)?, amount(self.per_day_minor)?);
        (order <= day).then_some((order, day))
    }
}

/// A client to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// How users know it.
    pub name: Text,
    /// How much it is trusted.
    pub grade: Grade,
    /// How it proves who it is.
    pub proving: Proving,
    /// Where it may have browsers sent back to.
    pub redirect_uris: Vec<String>,
    /// The most it may be let do.
    pub scopes: Scopes,
    /// What `pay:password-free` agrees to.
    #[serde(default)]
    pub password_free: Option<PasswordFree>,
    /// Whether its requests must be pushed (RFC 9126).
    #[serde(default)]
    pub require_par: bool,
    /// Whether its tokens must be bound to a key (RFC 9449).
    #[serde(default)]
    pub require_dpop: bool,
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Client {
    /// The client.
    pub id: ClientId,
    /// As it was registered.
    #[serde(flatten)]
    pub terms: NewClient,
    /// When.
    pub made_at: Timestamp,
    /// When it was put out of use.
    pub disabled_at: Option<Timestamp>,
}

impl Client {
    /// Its public keys.
    pub fn keys(&self) -> Vec<Jwk> {
        match &self.terms.proving {
            Proving::PrivateKeyJwt { keys } => {
                keys.iter().filter_map(|key| jws::public_key(key).ok()).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn invalid(field: &str, en: &str, zh: &str) -> Problem {
    Problem::new(ProblemKind::Invalid, "client_invalid", format!("{field}: {en}"), zh).at(field)
}

/// Checks what a client is to be registered with.
///
/// # Errors
/// `client_invalid`, `redirect_uri_invalid`.
pub fn check(new: &NewClient) -> Result<(), Problem> {
    let named = |name: &String| {
        !name.trim().is_empty()
            && name.chars().count() <= MOST_NAME
            && !name.chars().any(char::is_control)
    };
    if !named(&new.name.en) || !named(&new.name.zh) {
        return Err(invalid(
            "name",
            "1 to 60 characters in both languages",
            "名称须为 1 至 60 个字符",
        ));
    }
    if new.redirect_uris.is_empty() || new.redirect_uris.len() > MOST_REDIRECTS {
        return Err(invalid("redirect_uris", "1 to 16 are needed", "回调地址须为 1 至 16 个"));
    }
    let public = new.proving == Proving::None;
    new.redirect_uris.iter().try_for_each(|uri| redirect::check(uri, public))?;
    if let Proving::PrivateKeyJwt { keys } = &new.proving {
        let sound = keys
            .iter()
            .all(|key| jws::public_key(key).is_ok_and(|key| key.common.key_id.is_some()));
        if keys.is_empty() || keys.len() > MOST_KEYS || !sound {
            let en = "1 to 4 public keys with a kid are needed, without their private halves";
            return Err(invalid("keys", en, "须提供 1 至 4 个带 kid 的公钥，且不得含私钥"));
        }
    }
    if new.scopes.has(Scope::PayPasswordFree) != new.password_free.is_some() {
        let en = "pay:password-free and its limits go together";
        return Err(invalid("password_free", en, "免密支付授权须同时给出商户与限额"));
    }
    if new.password_free.is_some_and(|terms| terms.limits().is_none()) {
        let en = "an order's limit is above zero and at most the day's";
        return Err(invalid("password_free", en, "单笔限额须大于零且不超过单日限额"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> NewClient {
        NewClient {
            name: Text::new("Lotus Tea", "莲花茶铺"),
            grade: Grade::new(1).expect("a grade"),
            proving: Proving::ClientSecretBasic,
            redirect_uris: vec!["https://shop.example/cb".into()],
            scopes: Scopes::parse("openid profile").expect("known"),
            password_free: None,
            require_par: false,
            require_dpop: false,
        }
    }

    #[test]
    fn how_it_proves_itself_is_read_strictly() {
        for proving in [
            Proving::ClientSecretBasic,
            Proving::PrivateKeyJwt { keys: vec![serde_json::json!({"kid": "1"})] },
            Proving::None,
        ] {
            let text = serde_json::to_string(&proving).expect("JSON");
            assert_eq!(serde_json::from_str::<Proving>(&text).expect("read"), proving, "{text}");
        }
        for bad in [
            r#"{"method":"client_secret_post"}"#,
            r#"{"method":"none","keys":[{}]}"#,
            r#"{"method":"none","secret":"x"}"#,
            r#"{"keys":[]}"#,
        ] {
            assert!(serde_json::from_str::<Proving>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_client_is_checked_before_it_is_registered() {
        assert_eq!(check(&shop()), Ok(()));
        let free = |order, day| {
            let merchant = MerchantId::from_u128(1);
            Some(PasswordFree { merchant, per_order_minor: order, per_day_minor: day })
        };
        let paying = Scopes::parse("openid pay:password-free").expect("known");
        assert_eq!(
            check(&NewClient { scopes: paying.clone(), password_free: free(1, 1), ..shop() }),
            Ok(())
        );
        let secret = serde_json::json!({"kty": "oct", "k": "AAAA", "kid": "1"});
        for (bad, field) in [
            (NewClient { name: Text::new("", "茶"), ..shop() }, "name"),
            (NewClient { redirect_uris: vec![], ..shop() }, "redirect_uris"),
            (
                NewClient { redirect_uris: vec!["http://127.0.0.1/".into()], ..shop() },
                "redirect_uris",
            ),
            (NewClient { proving: Proving::PrivateKeyJwt { keys: vec![] }, ..shop() }, "keys"),
            (
                NewClient { proving: Proving::PrivateKeyJwt { keys: vec![secret] }, ..shop() },
                "keys",
            ),
            (NewClient { scopes: paying.clone(), ..shop() }, "password_free"),
            (NewClient { password_free: free(1, 1), ..shop() }, "password_free"),
            (
                NewClient { scopes: paying.clone(), password_free: free(2, 1), ..shop() },
                "password_free",
            ),
            (NewClient { scopes: paying, password_free: free(0, 1), ..shop() }, "password_free"),
        ] {
            let problem = check(&bad).expect_err(field);
            assert_eq!(problem.field.as_deref(), Some(field));
        }
    }
}
