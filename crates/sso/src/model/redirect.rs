//! Where a browser may be sent back to (RFC 9700 section 4.1, RFC 8252 section 7).
//!
//! An address is compared to the byte with the ones that were registered, never by its prefix or
//! host. The one exception is an app on the user's own machine, which does not know its port
//! beforehand: of a loopback address the port may differ, and nothing else.

use types::{Problem, ProblemKind};

/// The longest address, bytes.
const MOST_BYTES: usize = 512;

/// How an address comes back to its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A server: https.
    Web,
    /// An app that listens on this machine: http to a loopback address written out.
    Loopback,
    /// An app that has a scheme of its own, a domain name turned round (`cn.example.app`).
    App,
}

/// What an address is, if it may be registered at all. `as_str` of what was parsed must be the
/// text: whatever a parser would tidy up (dots, escapes, odd spellings of an address, capital
/// letters, tabs) is refused, so that no two programs read it differently.
fn way(text: &str) -> Option<(Way, reqwest::Url)> {
    if text.len() > MOST_BYTES || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let url = reqwest::Url::parse(text).ok().filter(|url| url.as_str() == text)?;
    // An app's own scheme has no host in the sense of the parser: nothing is tidied up there.
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && !text.contains(['\\', '*', '@'])
        && !has_escaped_separator(text);
    let host = url.host_str().unwrap_or_default();
    let way = match url.scheme() {
        "https" if !host.is_empty() => Way::Web,
        "http" if matches!(host, "127.0.0.1" | "[::1]") => Way::Loopback,
        scheme if scheme.contains('.') && !scheme.ends_with('.') => Way::App,
        _ => return None,
    };
    plain.then_some((way, url))
}

/// `%2f`, `%5c`, `%2e`, `%40`, `%23`, `%00`..: escapes that some server on the way takes for what
/// they stand for.
fn has_escaped_separator(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["%2f", "%5c", "%2e", "%40", "%23", "%3f", "%25", "%0", "%1"].iter().any(|e| lower.contains(e))
}

/// Checks an address that a client is to be registered with; `public`: the client is an app that
/// keeps no secret.
///
/// # Errors
/// `redirect_uri_invalid`.
pub fn check(text: &str, public: bool) -> Result<(), Problem> {
    match way(text) {
        Some((Way::Web, _)) => Ok(()),
        Some((Way::Loopback | Way::App, _)) if public => Ok(()),
        _ => Err(Problem::new(
            ProblemKind::Invalid,
            "redirect_uri_invalid",
            format!(
                "'{text}' may not be redirected to: https, in its normal spelling, without user, \
                 fragment or escaped separators; for an app without a secret also \
                 http://127.0.0.1/.. or a scheme of its own such as cn.example.app:/.."
            ),
            format!(
                "回调地址“{text}”不可用：须为规范写法的 https 地址，不含用户信息、片段或转义分隔符；\
                 无密钥的应用还可使用 http://127.0.0.1/… 或 cn.example.app:/… 之类的私有协议"
            ),
        )
        .at("redirect_uris")),
    }
}

/// Whether `asked` is one of the registered addresses.
pub fn matches(registered: &[String], asked: &str) -> bool {
    registered.iter().any(|known| known == asked || differs_in_port_only(known, asked))
}

fn differs_in_port_only(known: &str, asked: &str) -> bool {
    match (way(known), way(asked)) {
        (Some((Way::Loopback, mut known)), Some((Way::Loopback, mut asked))) => {
            known.set_port(None).is_ok() && asked.set_port(None).is_ok() && known == asked
        }
        _ => false,
    }
}

/// What a Content-Security-Policy must allow for a form whose answer leads to this address.
pub fn form_target(address: &str) -> String {
    match reqwest::Url::parse(address) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "https" | "http") => {
            url.origin().ascii_serialization()
        }
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_registered() {
        for (text, public, holds) in [
            ("https://shop.example/cb", false, true),
            ("https://shop.example/cb?tenant=1", false, true),
            ("https://shop.example:8443/cb", false, true),
            ("http://127.0.0.1/cb", true, true),
            ("http://127.0.0.1:8123/cb", true, true),
            ("http://[::1]/cb", true, true),
            ("cn.example.app:/cb", true, true),
            ("http://127.0.0.1/cb", false, false),
            ("cn.example.app:/cb", false, false),
            ("http://shop.example/cb", true, false),
            ("http://localhost/cb", true, false),
            ("http://127.1/cb", true, false),
            ("javascript:alert(1)", true, false),
            ("data:text/html,x", true, false),
            ("myapp:/cb", true, false),
            ("https://shop.example", false, false), // a parser adds the slash
            ("https://SHOP.example/cb", false, false),
            ("https://shop.example/a/../cb", false, false),
            ("https://shop.example/%2e%2e/cb", false, false),
            ("https://shop.example/a%2Fcb", false, false),
            ("https://shop.example/cb#x", false, false),
            ("https://shop.example/cb#", false, false),
            ("https://u@shop.example/cb", false, false),
            ("https://u:w@shop.example/cb", false, false),
            ("https://*.shop.example/cb", false, false),
            ("https://shop.example\\@evil.example/", false, false),
            ("https://shop.example:443/cb", false, false),
            ("/cb", false, false),
            ("//shop.example/cb", false, false),
            ("", false, false),
        ] {
            assert_eq!(check(text, public).is_ok(), holds, "{text} {public}");
        }
    }

    #[test]
    fn nothing_but_the_registered_address_matches() {
        let web = ["https://shop.example/cb".to_owned()];
        assert!(matches(&web, "https://shop.example/cb"));
        for trick in [
            "https://shop.example/cb/",
            "https://shop.example/cb2",
            "https://shop.example/cb/../evil",
            "https://shop.example/cb?next=https://evil.example",
            "https://shop.example/cb#x",
            "https://shop.example/CB",
            "https://shop.example/%63b",
            "https://shop.example/cb%00",
            "https://shop.example:8443/cb",
            "https://shop.example.evil.example/cb",
            "https://evil.example/https://shop.example/cb",
            "https://shop.example@evil.example/cb",
            "https://evil.example\\@shop.example/cb",
            "http://shop.example/cb",
            "HTTPS://shop.example/cb",
            " https://shop.example/cb",
            "",
        ] {
            assert!(!matches(&web, trick), "{trick}");
        }
        let app = ["http://127.0.0.1/cb".to_owned(), "http://[::1]:1/cb".to_owned()];
        for (asked, holds) in [
            ("http://127.0.0.1/cb", true),
            ("http://127.0.0.1:49152/cb", true),
            ("http://[::1]:49152/cb", true),
            ("http://127.0.0.1:49152/cb/", false),
            ("http://127.0.0.1:49152/other", false),
            ("http://127.0.0.1:49152/cb?x", false),
            ("http://127.0.0.2:49152/cb", false),
            ("http://localhost:49152/cb", false),
            ("https://127.0.0.1:49152/cb", false),
            ("http://u@127.0.0.1:49152/cb", false),
            ("http://127.0.0.1:49152/cb#f", false),
            ("http://2130706433:49152/cb", false),
        ] {
            assert_eq!(matches(&app, asked), holds, "{asked}");
        }
    }

    #[test]
    fn the_policy_names_the_origin_or_the_scheme() {
        assert_eq!(form_target("https://shop.example:8443/cb?x"), "https://shop.example:8443");
        assert_eq!(form_target("cn.example.app:/cb"), "cn.example.app:");
    }
}
