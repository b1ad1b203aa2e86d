//! The console's cookies: never for scripts, never with a form that another site sends, and only
//! over TLS where the reader came by TLS.

use axum::http::HeaderMap;

/// A `Set-Cookie`; `seconds` 0 takes the cookie away.
pub(super) fn set(name: &str, value: &str, seconds: u32, request: &HeaderMap) -> String {
    written(name, value, seconds, "Strict", request)
}

/// The same for a cookie that also comes with a link from another site: whoever is sent here by a
/// business system, or back by an identity provider, must be known again. Forms of other sites do
/// not bring it either.
pub(super) fn set_lax(name: &str, value: &str, seconds: u32, request: &HeaderMap) -> String {
    written(name, value, seconds, "Lax", request)
}

fn written(name: &str, value: &str, seconds: u32, same_site: &str, request: &HeaderMap) -> String {
    let secure = if is_https(request) { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}")
}

/// Whether the reader's own connection is TLS: this server speaks plain HTTP, a proxy in front of it
/// says how it was asked (`X-Forwarded-Proto`, or `Forwarded` of RFC 7239). Who lies about it
/// changes only the cookies given to himself.
fn is_https(request: &HeaderMap) -> bool {
    let text = |name| request.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = |list: &'static str, name| text(name).split(list).next().unwrap_or_default().trim();
    if first(",", "x-forwarded-proto").eq_ignore_ascii_case("https") {
        return true;
    }
    let hop = first(",", "forwarded");
    hop.split(';').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or_default();
        name.trim().eq_ignore_ascii_case("proto")
            && value.trim().trim_matches('"').eq_ignore_ascii_case("https")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_secure_where_the_reader_came_by_tls() {
        for (name, value, secure) in [
            ("accept", "*/*", false),
            ("x-forwarded-proto", "http", false),
            ("x-forwarded-proto", "https", true),
            ("x-forwarded-proto", "HTTPS, http", true),
            ("x-forwarded-proto", "http, https", false),
            ("forwarded", "for=192.0.2.1;proto=https", true),
            ("forwarded", "for=192.0.2.1;Proto=\"https\", for=10.0.0.1;proto=http", true),
            ("forwarded", "for=192.0.2.1", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect("a value"));
            let cookie = set("a", "b", 5, &headers);
            let plain = "a=b; Path=/; Max-Age=5; HttpOnly; SameSite=Strict";
            assert!(cookie.starts_with(plain), "{cookie}");
            assert_eq!(cookie.ends_with("; Secure"), secure, "{name}: {value}");
        }
    }
}
