//! Parameters of OAuth as they travel: `application/x-www-form-urlencoded`, read strictly.
//!
//! A parameter that comes twice, an escape that is none, bytes that are no UTF-8 and control
//! characters refuse the whole form: two readers of it must not come to two opinions. A parameter
//! without a value counts as absent and an unknown one is passed over (RFC 6749 section 3.1).

use crate::error::{OAuthError, Refusal};
use std::collections::BTreeMap;

/// The longest form, bytes.
pub const MOST_BYTES: usize = 16 * 1_024;
/// The most parameters.
pub const MOST_PARAMETERS: usize = 64;

/// Parameters by name; none is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form(BTreeMap<String, String>);

fn malformed(what: &str) -> Refusal {
    Refusal::coded(
        OAuthError::InvalidRequest,
        "oauth_form_malformed",
        format!("the parameters cannot be read: {what}"),
        format!("参数无法解析：{what}"),
    )
}

impl Form {
    /// Reads a query or the body of a form.
    ///
    /// # Errors
    /// `oauth_form_malformed`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MOST_BYTES {
            return Err(malformed("they are too long"));
        }
        let mut seen = BTreeMap::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if seen.len() == MOST_PARAMETERS {
                return Err(malformed("there are too many"));
            }
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(parts.next().unwrap_or_default())?;
            let value = decode(parts.next().unwrap_or_default())?;
            if seen.insert(name, value).is_some() {
                return Err(malformed("one is given twice"));
            }
        }
        seen.retain(|_, value: &mut String| !value.is_empty());
        Ok(Self(seen))
    }

    /// A parameter, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// `oauth_parameter_invalid`.
    pub fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::parameter(name, "it is missing"))
    }
}

fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let value = high.zip(low).and_then(|(h, l)| u8::try_from(h * 16 + l).ok());
                value.ok_or_else(|| malformed("an escape is none"))?
            }
            other => other,
        });
    }
    let text = String::from_utf8(out).map_err(|_| malformed("they are no UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(malformed("there is a control character"));
    }
    Ok(text)
}

/// Writes one value so that [`Form::parse`], and everybody else, reads it back.
pub fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|digit| {
                char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()
            }));
        }
    }
    out
}

/// Adds parameters to an address that may have a query of its own.
pub fn extend(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut out = address.to_owned();
    for (name, value) in parameters {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.push_str(&encode(value));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_strictly() {
        let read = Form::parse(b"a=1&b=x+y%2Fz&c=&d&%61b=%E4%B8%AD&&e=1=2").expect("a form");
        for (name, value) in [
            ("a", Some("1")),
            ("b", Some("x y/z")),
            ("c", None),
            ("d", None),
            ("ab", Some("中")),
            ("e", Some("1=2")),
        ] {
            assert_eq!(read.get(name), value, "{name}");
        }
        let many = (0..=MOST_PARAMETERS).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        let long = "a".repeat(MOST_BYTES + 1);
        for bad in [
            "a=1&a=1",
            "a=1&%61=2",
            "a=&a=1",
            "a=%",
            "a=%2",
            "a=%zz",
            "a=%FF",
            "a=%00",
            "a=%0A",
            &many,
            &long,
        ] {
            let refused = Form::parse(bad.as_bytes()).expect_err(bad);
            assert_eq!(refused.code, "oauth_form_malformed", "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for value in ["a b&c=d+e%20", "中文/?#", "~-._", ""] {
            let form = Form::parse(extend("", &[("v", value)]).trim_start_matches('?').as_bytes());
            assert_eq!(form.expect("a form").get("v").unwrap_or_default(), value);
        }
        assert_eq!(extend("https://a.example/?x=1", &[("y", "2")]), "https://a.example/?x=1&y=2");
    }
}
