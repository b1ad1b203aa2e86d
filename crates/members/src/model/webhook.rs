//! Where a merchant may want results to be told.

use crate::error::Error;

/// The longest address, in bytes.
const MOST: usize = 2_048;

/// Checks an address that results are to be told at: http or https, visible ASCII, without user,
/// password or fragment. Where it leads is decided when a connection is made, for that can change.
///
/// # Errors
/// `webhook_url_invalid` at `field`.
pub fn check_webhook_url(field: &'static str, text: &str) -> Result<(), Error> {
    if is_webhook_url(text) {
        return Ok(());
    }
    let en = format!(
        "a webhook is an http or https address of at most {MOST} ASCII characters, without user or \
         fragment"
    );
    let zh =
        format!("回调地址须为不含用户信息和片段的 http 或 https 地址，至多 {MOST} 个 ASCII 字符");
    Err(Error::invalid(field, "webhook_url_invalid", en, zh))
}

fn is_webhook_url(text: &str) -> bool {
    // A URL parser drops tabs and line breaks, so that what is read is not what is kept.
    text.len() <= MOST
        && text.bytes().all(|b| b.is_ascii_graphic())
        && reqwest::Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.fragment().is_none()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhook_addresses() {
        let long = format!("https://shop.example/{}", "x".repeat(MOST));
        for (url, holds) in [
            ("https://shop.example/hooks?a=1", true),
            ("http://127.0.0.1:9000/", true),
            ("HTTPS://shop.example", true),
            ("http://[2400:3200::1]:8080/", true),
            ("ftp://shop.example/", false),
            ("gopher://shop.example/", false),
            ("javascript:alert(1)", false),
            ("data:text/plain,x", false),
            ("https://user@shop.example/", false),
            ("https://user:word@shop.example/", false),
            ("https://:word@shop.example/", false),
            ("https://shop.example/#x", false),
            ("https://shop.example/#", false),
            ("file:///etc/passwd", false),
            ("https://", false),
            ("shop.example", false),
            ("//shop.example/", false),
            ("ht\ntp://shop.example/", false),
            (" https://shop.example/", false),
            ("https://shop.example/ x", false),
            ("https://店.example/", false),
            (&long, false),
            ("", false),
        ] {
            assert_eq!(is_webhook_url(url), holds, "{url}");
        }
    }
}
