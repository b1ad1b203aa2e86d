//! What was agreed with each provider (books/verifiers.toml).

use crate::model::books::{BooksError, Source};
use crate::model::plan::Checks;
use money::Amount;
use serde::Deserialize;
use toml::Spanned;
use types::Text;

/// What was agreed with one provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderTerms {
    /// Its code: a-z 0-9 -, starting with a letter.
    pub code: String,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
    /// What it checks.
    pub checks: Checks,
    /// Fen a call.
    pub price: Amount,
    /// Milliseconds a call usually takes; the planner prefers the faster of two equally dear.
    pub latency_ms: u32,
    /// Milliseconds after which no answer is waited for.
    pub timeout_ms: u32,
}

impl ProviderTerms {
    /// Its name.
    pub fn name(&self) -> Text {
        Text::new(self.en.clone(), self.zh.clone())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    provider: Vec<Spanned<ProviderTerms>>,
}

/// The providers an institution has a contract with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifiers(pub Vec<ProviderTerms>);

impl Verifiers {
    /// Reads a file of providers.
    ///
    /// # Errors
    /// The first fault with its line: no TOML, an unknown field, a code that is malformed or stands
    /// twice, a time-out of nothing or over a minute.
    pub fn parse(text: &str, file: &str) -> Result<Self, BooksError> {
        let source = Source { text, file };
        let parsed: File = source.read()?;
        let mut list: Vec<ProviderTerms> = Vec::new();
        for spanned in parsed.provider {
            let at = Some(spanned.span().start);
            let terms = spanned.into_inner();
            let code = &terms.code;
            let form = code.len() <= 32
                && code.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
                && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !form {
                let en = format!("'{code}' is no code");
                return Err(source.fault(
                    at,
                    "verifiers_invalid",
                    en,
                    format!("“{code}”不是有效代码"),
                ));
            }
            if list.iter().any(|other| other.code == *code) {
                let en = format!("'{code}' stands twice");
                return Err(source.fault(at, "verifiers_invalid", en, format!("“{code}”重复")));
            }
            if !(1..=60_000).contains(&terms.timeout_ms) {
                let en = format!("'{code}' has a time-out outside 1 to 60000 ms");
                return Err(source.fault(
                    at,
                    "verifiers_invalid",
                    en,
                    format!("“{code}”的超时须为 1 至 60000 毫秒"),
                ));
            }
            list.push(terms);
        }
        Ok(Self(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = include_str!("../../../../books/verifiers.toml");

    #[test]
    fn the_shipped_providers_are_read() {
        let verifiers = Verifiers::parse(BOOK, "verifiers.toml").expect("valid");
        let codes: Vec<&str> = verifiers.0.iter().map(|t| t.code.as_str()).collect();
        assert_eq!(codes, ["bank-card-4", "id-network", "id-network-reserve"]);
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let second = BOOK.rfind("[[provider]]").expect("in the book");
        let line = Source { text: BOOK, file: "" }.line(second);
        for (text, line, part) in [
            (BOOK.replace("id-network-reserve", "id-network"), line, "twice"),
            (BOOK.replace("id-network-reserve", "ID"), line, "no code"),
            (BOOK.replace("timeout_ms = 5_000", "timeout_ms = 0"), line, "time-out"),
        ] {
            let error = Verifiers::parse(&text, "v.toml").expect_err(part);
            assert!(error.reason.en.contains(part), "{error}");
            assert_eq!(error.line, Some(line), "{error}");
        }
        assert!(Verifiers::parse("[[provider]]\nprice = -1", "v.toml").is_err());
    }
}
