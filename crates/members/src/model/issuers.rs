//! Which bank issued a card, by the first digits of its number (books/bins.toml).

use super::books::{BooksError, Source};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;
use types::{Masked, Text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bank: Vec<Spanned<Bank>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bank {
    code: String,
    en: String,
    zh: String,
    bins: Vec<String>,
}

/// An issuer of cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Text,
}

/// The issuers known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuers {
    banks: Vec<Issuer>,
    by_prefix: BTreeMap<String, usize>,
}

impl Issuers {
    /// Reads a file of issuers.
    ///
    /// # Errors
    /// The first fault with its line: no TOML, a prefix that is not 4 to 9 digits or stands twice.
    pub fn parse(text: &str, file: &str) -> Result<Self, BooksError> {
        let source = Source { text, file };
        let parsed: File = source.read()?;
        let mut issuers = Self { banks: Vec::new(), by_prefix: BTreeMap::new() };
        for spanned in parsed.bank {
            let at = Some(spanned.span().start);
            let bank = spanned.into_inner();
            for bin in bank.bins {
                if !(4..=9).contains(&bin.len()) || !bin.bytes().all(|b| b.is_ascii_digit()) {
                    let en = format!("'{bin}' is not 4 to 9 digits");
                    return Err(source.fault(
                        at,
                        "issuers_invalid",
                        en,
                        format!("“{bin}”不是 4 至 9 位数字"),
                    ));
                }
                if issuers.by_prefix.insert(bin.clone(), issuers.banks.len()).is_some() {
                    let en = format!("'{bin}' stands twice");
                    return Err(source.fault(at, "issuers_invalid", en, format!("“{bin}”重复")));
                }
            }
            issuers.banks.push(Issuer { code: bank.code, name: Text::new(bank.en, bank.zh) });
        }
        Ok(issuers)
    }

    /// The issuer of a card; the longest prefix that fits decides.
    pub fn of(&self, card: &Masked) -> Option<&Issuer> {
        // Read in the clear only to look at its first digits.
        (4..=9).rev().find_map(|length| {
            let index = self.by_prefix.get(card.expose().get(..length)?)?;
            self.banks.get(*index)
        })
    }

    /// Every issuer with its first digits.
    pub fn prefixes(&self) -> impl Iterator<Item = (&str, &Issuer)> {
        self.by_prefix
            .iter()
            .filter_map(|(bin, index)| Some((bin.as_str(), self.banks.get(*index)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = include_str!("../../../../books/bins.toml");

    #[test]
    fn the_longest_prefix_decides() {
        let text = "[[bank]]\ncode=\"A\"\nen=\"A\"\nzh=\"A\"\nbins=[\"6222\"]\n\
                    [[bank]]\ncode=\"B\"\nen=\"B\"\nzh=\"B\"\nbins=[\"622260\"]\n";
        let issuers = Issuers::parse(text, "bins.toml").expect("valid");
        let of = |card: &str| issuers.of(&Masked::new(card)).map(|i| i.code.clone());
        assert_eq!(of("6222600000000000"), Some("B".to_owned()));
        assert_eq!(of("6222610000000000"), Some("A".to_owned()));
        assert_eq!(of("6333610000000000"), None);
        assert_eq!(of("6"), None);
    }

    #[test]
    fn the_shipped_table_knows_enough_banks_for_the_highest_class() {
        let issuers = Issuers::parse(BOOK, "bins.toml").expect("valid");
        let icbc = issuers.of(&Masked::new("6222021234567890123")).expect("known");
        assert_eq!(icbc.name.zh, "中国工商银行");
        assert!(issuers.banks.len() >= 5);
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let twice = "[[bank]]\ncode=\"A\"\nen=\"A\"\nzh=\"A\"\nbins=[\"6222\",\"6222\"]\n";
        let letters = twice.replace("\"6222\",\"6222\"", "\"62a2\"");
        for (text, line, part) in
            [(twice, 1, "twice"), (&letters, 1, "62a2"), ("[[bank]]\nx=1", 2, "unknown")]
        {
            let error = Issuers::parse(text, "bins.toml").expect_err(part);
            assert!(error.reason.en.contains(part) && error.line == Some(line), "{error}");
        }
    }
}
