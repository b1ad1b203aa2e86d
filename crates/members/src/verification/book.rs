//! What was agreed with each provider (books/verifiers.toml).

use crate::model::books::{BooksError, Source};
use crate::model::level::Level;
use crate::model::need::{Inputs, Need};
use crate::model::plan::Offer;
use crate::model::realname::IdType;
use money::Amount;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::time::Duration;
use toml::Spanned;
use types::Text;

/// Most tries of one check at one provider.
const MOST_TRIES: u32 = 5;
/// Longest pause before a second try, milliseconds.
const LONGEST_PAUSE: u32 = 5_000;

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
    /// The source that is asked; with a card, its bank's is `<channel>:<issuer>`.
    pub channel: String,
    /// Whether a match is an independent external channel.
    pub independent: bool,
    /// What it is told.
    pub needs: BTreeSet<Need>,
    /// The kinds of documents whose holders it knows.
    pub documents: Vec<IdType>,
    /// How sure a match makes.
    pub level: Level,
    /// Fen a call.
    pub price: Amount,
    /// Whether a call that was not answered is charged too.
    #[serde(default)]
    pub charges_unanswered: bool,
    /// Milliseconds a call usually takes; the planner prefers the faster of two equally dear.
    pub latency_ms: u32,
    /// Milliseconds after which no answer is waited for.
    pub timeout_ms: u32,
    /// How often it is asked before another set is tried.
    pub tries: u32,
    /// Milliseconds before the second try; before the `n`th, `n - 1` times as long.
    pub pause_ms: u32,
}

impl ProviderTerms {
    /// Its name.
    pub fn name(&self) -> Text {
        Text::new(self.en.clone(), self.zh.clone())
    }

    /// The checks that the provider of this index could make of what is offered: one, or one a
    /// card.
    pub fn offers(&self, provider: usize, inputs: &Inputs) -> Vec<Offer> {
        let by_card = self.needs_card();
        let of_card = |need: &Need| matches!(need, Need::Card | Need::CardPhone);
        let told = self.needs.iter().filter(|need| !of_card(need));
        let suffices = self.documents.contains(&inputs.id_type)
            && told.clone().all(|need| inputs.has.contains(need));
        let offer = |channel, card| Offer {
            provider,
            card,
            channel,
            independent: self.independent,
            level: self.level,
            price: self.price.minor(),
            latency_ms: self.latency_ms,
        };
        match (suffices, by_card) {
            (false, _) => Vec::new(),
            (true, false) => vec![offer(self.channel.clone(), None)],
            (true, true) => {
                let cards = inputs.issuers.iter().enumerate();
                cards.map(|(n, bank)| offer(format!("{}:{bank}", self.channel), Some(n))).collect()
            }
        }
    }

    /// The pause before try `number`, counted from 0: none before the first.
    pub fn pause(&self, number: u32) -> Duration {
        Duration::from_millis(u64::from(self.pause_ms).saturating_mul(u64::from(number)))
    }

    fn needs_card(&self) -> bool {
        self.needs.contains(&Need::Card)
    }

    /// What is wrong with it, in English and Chinese.
    fn fault(&self) -> Option<(String, String)> {
        let code = &self.code;
        let slug = |text: &str, mark: u8| {
            text.len() <= 32
                && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == mark)
        };
        let of = |en: &str, zh: &str| Some((format!("'{code}' {en}"), format!("“{code}”{zh}")));
        if !slug(code, b'-') {
            return of("is no code", "不是有效代码");
        }
        if !slug(&self.channel, b'_') {
            return of("has no channel of a-z 0-9 _", "的渠道须为小写字母、数字或下划线");
        }
        if !self.needs.contains(&Need::Name) && !self.needs.contains(&Need::Document) {
            return of("is told neither name nor document", "未使用姓名或证件");
        }
        if self.needs.contains(&Need::CardPhone) && !self.needs_card() {
            return of("needs a card's phone without the card", "需要预留手机号但不需要银行卡");
        }
        if self.documents.is_empty() {
            return of("knows no kind of document", "未列出证件类型");
        }
        if !(1..=60_000).contains(&self.timeout_ms) {
            return of("has a time-out outside 1 to 60000 ms", "的超时须为 1 至 60000 毫秒");
        }
        if !(1..=MOST_TRIES).contains(&self.tries) {
            return of("is tried other than 1 to 5 times", "的尝试次数须为 1 至 5");
        }
        if self.pause_ms > LONGEST_PAUSE {
            return of("pauses longer than 5000 ms", "的重试间隔不得超过 5000 毫秒");
        }
        None
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
    /// twice, needs that do not fit together, a time-out, number of tries or pause out of bounds.
    pub fn parse(text: &str, file: &str) -> Result<Self, BooksError> {
        let source = Source { text, file };
        let parsed: File = source.read()?;
        let mut list: Vec<ProviderTerms> = Vec::new();
        for spanned in parsed.provider {
            let at = Some(spanned.span().start);
            let terms = spanned.into_inner();
            let code = &terms.code;
            let twice = list.iter().any(|other| other.code == *code);
            let twice = twice.then(|| (format!("'{code}' stands twice"), format!("“{code}”重复")));
            if let Some((en, zh)) = terms.fault().or(twice) {
                return Err(source.fault(at, "verifiers_invalid", en, zh));
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
        let expected = [
            "bank-card-2",
            "bank-card-3",
            "bank-card-4",
            "id-network",
            "id-network-reserve",
            "live-face",
            "exit-entry",
            "mobile-operator-3",
            "utility",
            "housing-fund",
            "tax",
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let second = BOOK.rfind("[[provider]]").expect("in the book");
        let line = Source { text: BOOK, file: "" }.line(second);
        let (before, last) = BOOK.split_at(second);
        for (old, new, part) in [
            ("\"tax\"", "\"utility\"", "twice"),
            ("code = \"tax\"", "code = \"Tax\"", "no code"),
            ("channel = \"tax\"", "channel = \"bank:ICBC\"", "channel"),
            ("timeout_ms = 5_000", "timeout_ms = 0", "time-out"),
            ("tries = 2", "tries = 0", "1 to 5"),
            ("tries = 2", "tries = 6", "1 to 5"),
            ("pause_ms = 200", "pause_ms = 5_001", "5000"),
            ("[\"name\", \"document\", \"tax_record\"]", "[\"tax_record\"]", "neither"),
            ("\"tax_record\"]", "\"card_phone\"]", "without the card"),
        ] {
            assert!(last.contains(old), "{old}");
            let text = format!("{before}{}", last.replacen(old, new, 1));
            let error = Verifiers::parse(&text, "v.toml").expect_err(part);
            assert!(error.reason.en.contains(part), "{error}");
            assert_eq!(error.line, Some(line), "{error}");
        }
        for (old, new) in [("\"tax_record\"]", "\"blood\"]"), ("price = 100", "price = -1")] {
            let text = format!("{before}{}", last.replacen(old, new, 1));
            assert!(Verifiers::parse(&text, "v.toml").is_err(), "{new}");
        }
    }

    #[test]
    fn a_provider_offers_what_the_applicants_inputs_allow() {
        let book = Verifiers::parse(BOOK, "verifiers.toml").expect("valid").0;
        let offered = |id_type, has: &[Need], banks: &[&str]| {
            let has = has.iter().copied().chain([Need::Name, Need::Document]).collect();
            let issuers = banks.iter().map(|b| (*b).to_owned()).collect();
            let inputs = Inputs { id_type, has, issuers };
            let each = book.iter().enumerate().flat_map(|(n, terms)| terms.offers(n, &inputs));
            each.map(|o| format!("{} {}", book[o.provider].code, o.channel)).collect::<Vec<_>>()
        };
        assert_eq!(
            offered(IdType::ResidentId, &[], &[]),
            ["id-network id_network", "id-network-reserve id_network"]
        );
        assert_eq!(offered(IdType::Passport, &[], &[]), ["exit-entry exit_entry"]);
        assert_eq!(
            offered(IdType::TaiwanPermit, &[Need::Mobile, Need::LiveFace], &["A", "B"]),
            [
                "bank-card-2 bank:A",
                "bank-card-2 bank:B",
                "bank-card-3 bank:A",
                "bank-card-3 bank:B",
                "bank-card-4 bank:A",
                "bank-card-4 bank:B",
                "exit-entry exit_entry",
                "mobile-operator-3 mobile_operator",
            ]
        );
    }
}
