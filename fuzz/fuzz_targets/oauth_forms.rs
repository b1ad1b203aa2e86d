//! What strangers send to the authorisation centre: forms and the requests in them, redirect
//! addresses, scopes, signed tokens. Any bytes are refused by name or read in one way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sso::model::client::{Client, NewClient, Proving};
use sso::model::dpop::{self, For};
use sso::model::form::{Form, encode};
use sso::model::level::Grade;
use sso::model::scope::Scopes;
use sso::model::{authorize, jws, redirect};
use types::{ClientId, Text, Timestamp};

const WEB: &str = "https://shop.example/cb";
const LOOPBACK: &str = "http://127.0.0.1/cb";

fn client() -> Client {
    let terms = NewClient {
        name: Text::new("Shop", "商店"),
        grade: Grade::new(1).expect("a grade"),
        proving: Proving::None,
        redirect_uris: vec![WEB.into(), LOOPBACK.into()],
        scopes: Scopes::all(),
        password_free: None,
        require_par: false,
        require_dpop: false,
    };
    let made_at = Timestamp::from_millis(0);
    Client { id: ClientId::from_u128(1), terms, made_at, disabled_at: None }
}

/// Where a browser may be sent: nowhere but to the client's host or this machine.
fn safe(address: &str) {
    if redirect::matches(&client().terms.redirect_uris, address) {
        let loopback = address.starts_with("http://127.0.0.1/cb")
            || address.starts_with("http://127.0.0.1:") && address.ends_with("/cb");
        assert!(address == WEB || loopback, "{address}");
    }
    if redirect::check(address, true).is_ok() {
        assert!(redirect::matches(&[address.to_owned()], address), "{address}");
        assert!(!address.contains(['#', '@', '*', ' ']), "{address}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(form) = Form::parse(bytes) {
        for name in ["redirect_uri", "scope", "state", "request_uri"] {
            if let Some(value) = form.get(name) {
                let again = Form::parse(format!("v={}", encode(value)).as_bytes());
                assert_eq!(again.expect("what was written").get("v"), Some(value));
            }
        }
        if let Ok(request) = authorize::check(&form, &client()) {
            safe(&request.redirect_uri);
            assert!(request.scopes.within(&Scopes::all()) && !request.scopes.is_empty());
            assert_eq!(request.challenge.len(), 43);
            assert_eq!(form.get("code_challenge_method"), Some("S256"));
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    safe(text);
    if let Ok(scopes) = Scopes::parse(text) {
        assert_eq!(Scopes::parse(&scopes.to_string()), Ok(scopes));
    }
    // Without a key nobody signs: whatever a head says, it is never believed.
    let _ = jws::head(text);
    let wanted = For { method: "POST", url: "https://pay.example/oauth/token", access_token: None };
    assert!(dpop::check(text, wanted, Timestamp::from_millis(0)).is_err(), "{text}");
});
