//! An authorisation request: read in full before anybody is asked anything.

use crate::error::{OAuthError, Refusal};
use crate::model::client::Client;
use crate::model::form::Form;
use crate::model::scope::{Scope, Scopes};
use crate::model::{pkce, redirect};
use serde::{Deserialize, Serialize};
use types::ClientId;

/// The longest `state` and `nonce`, bytes.
const MOST_OPAQUE: usize = 1_024;

/// What the client wants of the pages (`prompt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Whatever is needed.
    #[default]
    AsNeeded,
    /// Nothing may be asked.
    None,
    /// The user signs in anew.
    Login,
}

/// A request that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What is asked for.
    pub scopes: Scopes,
    /// Comes back as it came.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// S256 challenge.
    pub challenge: String,
    /// The key that the code is bound to (`dpop_jkt`).
    pub jkt: Option<String>,
    /// What may be asked.
    pub prompt: Prompt,
    /// The most seconds since the user signed in.
    pub max_age: Option<i64>,
}

/// A refusal, and whether it may be told at the client's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The address is not the client's: told on a page of ours, for we send nobody there.
    Here(Refusal),
    /// Told at the client's address.
    There {
        /// What is wrong.
        refusal: Refusal,
        /// The client's address.
        redirect_uri: String,
        /// What the client wants back with it.
        state: Option<String>,
    },
}

/// Reads a request of this client. The address is looked at first: until it is known to be the
/// client's, nothing is told there.
///
/// # Errors
/// On a page of ours `redirect_uri_mismatch` and `oauth_parameter_invalid`; at the client's address
/// `response_type_refused`, `request_object_refused`, those of [`pkce::challenge`] and
/// [`Scopes::parse`], `scope_not_allowed`, `oauth_parameter_invalid`.
pub fn check(form: &Form, client: &Client) -> Result<Request, Wrong> {
    let redirect_uri = form.need("redirect_uri").map_err(Wrong::Here)?.to_owned();
    if !redirect::matches(&client.terms.redirect_uris, &redirect_uri) {
        return Err(Wrong::Here(Refusal::coded(
            OAuthError::InvalidRequest,
            "redirect_uri_mismatch",
            "redirect_uri is none of those the client is registered with",
            "redirect_uri 不是该系统登记的回调地址",
        )));
    }
    let state = opaque(form, "state").map_err(Wrong::Here)?;
    rest(form, client, redirect_uri.clone(), state.clone()).map_err(|refusal| Wrong::There {
        refusal,
        redirect_uri,
        state,
    })
}

fn rest(
    form: &Form,
    client: &Client,
    redirect_uri: String,
    state: Option<String>,
) -> Result<Request, Refusal> {
    if form.get("request").is_some() {
        let (en, zh) = ("request objects are not taken", "不接受 request 参数");
        let error = OAuthError::RequestNotSupported;
        return Err(Refusal::coded(error, "request_object_refused", en, zh));
    }
    if form.need("response_type")? != "code" {
        let (en, zh) = ("response_type must be code", "response_type 必须为 code");
        let error = OAuthError::UnsupportedResponseType;
        return Err(Refusal::coded(error, "response_type_refused", en, zh));
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Refusal::parameter("response_mode", "it must be query"));
    }
    let scopes = Scopes::parse(form.need("scope")?)?;
    allowed(&scopes, &client.terms.scopes)?;
    let challenge = pkce::challenge(form.get("code_challenge"), form.get("code_challenge_method"))?;
    let nonce = opaque(form, "nonce")?;
    let jkt = form.get("dpop_jkt").map(thumbprint).transpose()?;
    let prompt = match form.get("prompt") {
        None | Some("consent" | "select_account") => Prompt::AsNeeded,
        Some("none") => Prompt::None,
        Some("login" | "login consent" | "consent login") => Prompt::Login,
        Some(_) => return Err(Refusal::parameter("prompt", "it is none of none, login, consent")),
    };
    let max_age = form.get("max_age").map(|text| {
        let seconds = text.parse().ok().filter(|n: &i64| (0..=31_536_000).contains(n));
        seconds.ok_or_else(|| Refusal::parameter("max_age", "it is no number of seconds"))
    });
    let max_age = max_age.transpose()?;
    let client = client.id;
    Ok(Request { client, redirect_uri, scopes, state, nonce, challenge, jkt, prompt, max_age })
}

/// Whether a client may be let do all of this.
///
/// # Errors
/// `scope_not_allowed`.
pub fn allowed(asked: &Scopes, most: &Scopes) -> Result<(), Refusal> {
    if asked.within(most) && !asked.is_empty() {
        return Ok(());
    }
    let over: Vec<&str> = asked.iter().filter(|s| !most.has(*s)).map(Scope::name).collect();
    Err(Refusal::coded(
        OAuthError::InvalidScope,
        "scope_not_allowed",
        format!("this may not be asked for: '{}'", over.join(" ")),
        format!("不得申请以下授权范围：“{}”", over.join(" ")),
    ))
}

fn opaque(form: &Form, name: &str) -> Result<Option<String>, Refusal> {
    match form.get(name) {
        Some(text) if text.len() > MOST_OPAQUE => Err(Refusal::parameter(name, "it is too long")),
        found => Ok(found.map(str::to_owned)),
    }
}

fn thumbprint(text: &str) -> Result<String, Refusal> {
    let of_form = text.len() == 43
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let wrong = || Refusal::parameter("dpop_jkt", "it is no SHA-256 thumbprint");
    of_form.then(|| text.to_owned()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::client::{NewClient, Proving};
    use crate::model::form::extend;
    use crate::model::level::Grade;
    use types::{Text, Timestamp};

    fn client() -> Client {
        let terms = NewClient {
            name: Text::new("Shop", "商店"),
            grade: Grade::new(1).expect("a grade"),
            proving: Proving::ClientSecretBasic,
            redirect_uris: vec!["https://shop.example/cb".into()],
            scopes: Scopes::parse("openid profile").expect("known"),
            password_free: None,
            require_par: false,
            require_dpop: false,
        };
        let made_at = Timestamp::from_millis(0);
        Client { id: ClientId::from_u128(1), terms, made_at, disabled_at: None }
    }

    const GOOD: [(&str, &str); 6] = [
        ("response_type", "code"),
        ("redirect_uri", "https://shop.example/cb"),
        ("scope", "openid profile"),
        ("state", "s"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];

    fn with(changes: &[(&str, &str)]) -> Result<Request, Wrong> {
        let mut all: Vec<(&str, &str)> = GOOD.to_vec();
        for (name, value) in changes {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        let query = extend("", &all);
        check(&Form::parse(query.trim_start_matches('?').as_bytes()).expect("a form"), &client())
    }

    #[test]
    fn a_request_is_read_whole() {
        let request = with(&[("prompt", "none"), ("max_age", "60"), ("nonce", "n")]).expect("good");
        assert_eq!((request.prompt, request.max_age), (Prompt::None, Some(60)));
        assert_eq!(request.nonce.as_deref(), Some("n"));
        assert_eq!(request.state.as_deref(), Some("s"));
    }

    #[test]
    fn until_the_address_is_known_nothing_is_told_there() {
        let long = "s".repeat(MOST_OPAQUE + 1);
        for (changes, code) in [
            ([("redirect_uri", "https://evil.example/cb")], "redirect_uri_mismatch"),
            ([("redirect_uri", "")], "oauth_parameter_invalid"),
            ([("state", long.as_str())], "oauth_parameter_invalid"),
        ] {
            match with(&changes).expect_err(code) {
                Wrong::Here(refusal) => assert_eq!(refusal.code, code),
                Wrong::There { .. } => panic!("told there: {changes:?}"),
            }
        }
        for (changes, code) in [
            ([("response_type", "token")], "response_type_refused"),
            ([("response_type", "code id_token")], "response_type_refused"),
            ([("response_type", "")], "oauth_parameter_invalid"),
            ([("response_mode", "fragment")], "oauth_parameter_invalid"),
            ([("request", "x.y.z")], "request_object_refused"),
            ([("scope", "openid admin")], "scope_unknown"),
            ([("scope", "openid phone")], "scope_not_allowed"),
            ([("scope", " ")], "scope_not_allowed"),
            ([("code_challenge", "")], "pkce_missing"),
            ([("code_challenge_method", "plain")], "pkce_method_refused"),
            ([("code_challenge_method", "")], "pkce_method_refused"),
            ([("prompt", "none login")], "oauth_parameter_invalid"),
            ([("max_age", "-1")], "oauth_parameter_invalid"),
            ([("dpop_jkt", "short")], "oauth_parameter_invalid"),
        ] {
            match with(&changes).expect_err(code) {
                Wrong::There { refusal, redirect_uri, state } => {
                    assert_eq!(refusal.code, code, "{changes:?}");
                    assert_eq!(redirect_uri, "https://shop.example/cb");
                    assert_eq!(state.as_deref(), Some("s"));
                }
                Wrong::Here(refusal) => panic!("told here: {changes:?} {refusal:?}"),
            }
        }
    }
}
