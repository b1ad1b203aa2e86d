//! The two languages of the house.

use serde::{Deserialize, Serialize};

/// A reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Locale {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Zh,
}

impl Locale {
    /// The first language of an `Accept-Language` header that we speak; English otherwise.
    pub fn from_accept_language(header: &str) -> Self {
        for range in header.split(',').take(32) {
            let tag = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.split('-').next() {
                Some("zh") => return Self::Zh,
                Some("en") => return Self::En,
                _ => {}
            }
        }
        Self::En
    }

    /// Its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Text {
    /// A sentence in both languages.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// The sentence in the reader's language.
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::Zh => &self.zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins() {
        for (header, locale) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::Zh),
            ("fr, en-GB;q=0.8", Locale::En),
            ("", Locale::En),
            ("fr", Locale::En),
        ] {
            assert_eq!(Locale::from_accept_language(header), locale, "{header}");
        }
    }
}
