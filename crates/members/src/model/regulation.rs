//! The figures that regulators set, each in force on certain days (books/regulation.toml).

use super::books::{BooksError, Source};
use super::class::{Class, FactorStrength, Purpose};
use money::Amount;
use serde::Deserialize;
use toml::Spanned;
use types::{BusinessDate, Text};

/// What a figure says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A yes or no.
    YesNo(bool),
    /// A number of its unit; amounts in fen.
    Number(u64),
    /// A word, such as `agreement`.
    Word(String),
    /// Several words.
    List(Vec<String>),
}

/// What a figure counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minor units of CNY.
    Fen,
    /// External channels that prove an identity.
    Channels,
    /// Accounts, or documents.
    Accounts,
    /// Months.
    Months,
    /// Per cent.
    Percent,
    /// Yes or no.
    YesNo,
    /// A word.
    Text,
    /// Words.
    List,
}

/// Over what a limit sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Since the account was opened.
    Lifetime,
    /// A calendar year.
    CalendarYear,
    /// A calendar day.
    Day,
    /// One transaction.
    Transaction,
}

/// One figure over one span of days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Its name.
    pub code: String,
    /// What it says.
    pub value: Value,
    /// What it counts in.
    pub unit: Unit,
    /// Over what it sums.
    #[serde(default)]
    pub per: Option<Per>,
    /// The first day it is in force.
    pub effective_from: BusinessDate,
    /// The first day it no longer is.
    #[serde(default)]
    pub until: Option<BusinessDate>,
    /// The rule it comes from.
    pub source: String,
    /// What it is, in English.
    pub en: String,
    /// What it is, in Chinese.
    pub zh: String,
}

impl Figure {
    /// Whether it is in force on `date`.
    pub fn in_force(&self, date: BusinessDate) -> bool {
        self.effective_from <= date && self.until.is_none_or(|until| date < until)
    }

    /// What it is, in both languages.
    pub fn text(&self) -> Text {
        Text::new(self.en.clone(), self.zh.clone())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    figure: Vec<Spanned<Figure>>,
}

/// All figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regulation {
    figures: Vec<Figure>,
}

/// Identity documents that one phone may stand for.
const IDENTITIES_PER_PHONE: &str = "identities_per_phone";

/// What this room cannot work without.
const NEEDED: [(&str, Unit); 14] = [
    ("class_1_channels", Unit::Channels),
    ("class_2_channels", Unit::Channels),
    ("class_3_channels", Unit::Channels),
    ("class_1_limit", Unit::Fen),
    ("class_2_limit", Unit::Fen),
    ("class_3_limit", Unit::Fen),
    ("day_one_factor_limit", Unit::Fen),
    ("day_two_factors_limit", Unit::Fen),
    (IDENTITIES_PER_PHONE, Unit::Accounts),
    ("class_1_uses", Unit::List),
    ("class_2_uses", Unit::List),
    ("class_3_uses", Unit::List),
    ("class_3_accounts_per_customer", Unit::Accounts),
    ("dormant_months", Unit::Months),
];

impl Regulation {
    /// Reads a file of figures.
    ///
    /// # Errors
    /// The first fault with its line: no TOML, an unknown field, a value not of its unit, a span
    /// of no day, two figures of one code on one day, or a figure missing that limits need.
    pub fn parse(text: &str, file: &str) -> Result<Self, BooksError> {
        let source = Source { text, file };
        let parsed: File = source.read()?;
        let mut figures: Vec<Figure> = Vec::new();
        for spanned in parsed.figure {
            let at = spanned.span().start;
            let figure = spanned.into_inner();
            check(&figure, &figures)
                .map_err(|why| source.fault(Some(at), "regulation_invalid", why.en, why.zh))?;
            figures.push(figure);
        }
        for (code, unit) in NEEDED {
            if !figures.iter().any(|f| f.code == code && f.unit == unit) {
                let en = format!("the figure '{code}' is missing");
                return Err(source.fault(None, "regulation_invalid", en, format!("缺少“{code}”")));
            }
        }
        Ok(Self { figures })
    }

    /// Every figure, as the file has them.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// The figure of this code in force on `date`.
    pub fn figure(&self, code: &str, date: BusinessDate) -> Option<&Figure> {
        self.figures.iter().find(|f| f.code == code && f.in_force(date))
    }

    /// A number of this code in force on `date`.
    pub fn number(&self, code: &str, date: BusinessDate) -> Option<u64> {
        match self.figure(code, date)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Independent external channels that establish a class (not face to face); `None` on days
    /// before any rule.
    pub fn channels_needed(&self, class: Class, date: BusinessDate) -> Option<u32> {
        let number = self.number(&format!("class_{}_channels", class.number()), date)?;
        u32::try_from(number).ok()
    }

    /// The limit on payments from the balances of a customer of this class, and over what it sums.
    pub fn class_limit(&self, class: Class, date: BusinessDate) -> Option<(Amount, Per)> {
        let figure = self.figure(&format!("class_{}_limit", class.number()), date)?;
        match (&figure.value, figure.per) {
            (Value::Number(fen), Some(per)) => Amount::new(*fen).ok().map(|limit| (limit, per)),
            _ => None,
        }
    }

    /// Whether a balance of this class may be used so; not on days before any rule.
    pub fn allows(&self, class: Class, purpose: Purpose, date: BusinessDate) -> bool {
        let figure = self.figure(&format!("class_{}_uses", class.number()), date);
        figure.is_some_and(|figure| {
            matches!(&figure.value, Value::List(words) if words.iter().any(|w| w == purpose.code()))
        })
    }

    /// How many accounts of this class one customer may have; `None`: as many as it has users.
    pub fn accounts_per_customer(&self, class: Class, date: BusinessDate) -> Option<u64> {
        self.number(&format!("class_{}_accounts_per_customer", class.number()), date)
    }

    /// The day's limit at this strength, with its code; `None` where it is by agreement.
    pub fn day_limit(
        &self,
        strength: FactorStrength,
        date: BusinessDate,
    ) -> Option<(&'static str, Amount)> {
        let (code, figure) = match strength {
            FactorStrength::None | FactorStrength::Single => {
                ("day_one_factor", "day_one_factor_limit")
            }
            FactorStrength::Two => ("day_two_factors", "day_two_factors_limit"),
            FactorStrength::TwoWithSignature => return None,
        };
        self.number(figure, date).and_then(|fen| Amount::new(fen).ok()).map(|limit| (code, limit))
    }
}

fn check(figure: &Figure, before: &[Figure]) -> Result<(), Text> {
    let code = &figure.code;
    let fits = match figure.unit {
        Unit::Fen => matches!(figure.value, Value::Number(n) if Amount::new(n).is_ok()),
        Unit::Percent => matches!(figure.value, Value::Number(n) if n <= 100),
        Unit::Channels | Unit::Accounts | Unit::Months => {
            matches!(figure.value, Value::Number(n) if n <= 10_000)
        }
        Unit::YesNo => matches!(figure.value, Value::YesNo(_)),
        Unit::Text => matches!(figure.value, Value::Word(_)),
        Unit::List => matches!(&figure.value, Value::List(words) if !words.is_empty()),
    };
    if !fits {
        let en = format!("the value of '{code}' is not of its unit");
        return Err(Text::new(en, format!("“{code}”的值与单位不符")));
    }
    let is_class_limit = code.starts_with("class_") && code.ends_with("_limit");
    if is_class_limit && !matches!(figure.per, Some(Per::Lifetime | Per::CalendarYear)) {
        let en = format!("'{code}' must sum per lifetime or calendar_year");
        return Err(Text::new(en, format!("“{code}”须按 lifetime 或 calendar_year 累计")));
    }
    // A phone is one user here, who signs in by it, and a user is of one customer.
    if code == IDENTITIES_PER_PHONE && !matches!(figure.value, Value::Number(1)) {
        let en = format!("'{code}' must be 1: a phone stands for one user here, and one document");
        return Err(Text::new(en, format!("“{code}”须为 1：一个手机号对应一个用户及一个证件")));
    }
    if [code, &figure.source, &figure.en, &figure.zh].iter().any(|t| t.trim().is_empty()) {
        let en = format!("'{code}' has an empty code, source or name");
        return Err(Text::new(en, format!("“{code}”缺少代码、出处或名称")));
    }
    if figure.until.is_some_and(|until| until <= figure.effective_from) {
        let en = format!("'{code}' ends before it begins");
        return Err(Text::new(en, format!("“{code}”的失效日早于生效日")));
    }
    let overlaps = |other: &&Figure| {
        other.code == *code
            && other.until.is_none_or(|until| figure.effective_from < until)
            && figure.until.is_none_or(|until| other.effective_from < until)
    };
    match before.iter().find(overlaps) {
        Some(other) => {
            let (one, two) = (other.effective_from, figure.effective_from);
            let en = format!("'{code}' is in force twice: from {one} and from {two}");
            Err(Text::new(en, format!("“{code}”的有效期重叠：{one} 与 {two}")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = include_str!("../../../../books/regulation.toml");

    fn date(text: &str) -> BusinessDate {
        text.parse().expect("valid")
    }

    #[test]
    fn the_shipped_figures_are_those_of_the_rules() {
        let rules = Regulation::parse(BOOK, "regulation.toml").expect("valid");
        let day = date("2026-10-12");
        let fen = |n: u64| Amount::new(n).expect("small");
        for (class, channels, limit, per) in [
            (Class::I, 1, 100_000, Per::Lifetime),
            (Class::II, 3, 10_000_000, Per::CalendarYear),
            (Class::III, 5, 20_000_000, Per::CalendarYear),
        ] {
            assert_eq!(rules.channels_needed(class, day), Some(channels));
            assert_eq!(rules.class_limit(class, day), Some((fen(limit), per)));
        }
        for (strength, limit) in [
            (FactorStrength::None, Some(("day_one_factor", fen(100_000)))),
            (FactorStrength::Single, Some(("day_one_factor", fen(100_000)))),
            (FactorStrength::Two, Some(("day_two_factors", fen(500_000)))),
            (FactorStrength::TwoWithSignature, None),
        ] {
            assert_eq!(rules.day_limit(strength, day), limit, "{strength:?}");
        }
        for (code, number) in [
            ("barcode_b_limit", 500_000),
            ("barcode_c_limit", 100_000),
            ("barcode_d_limit", 50_000),
            ("prepaid_named_most", 500_000),
            ("prepaid_anonymous_most", 100_000),
            ("prepaid_anonymous_validity_least", 36),
            ("prepaid_anonymous_real_name_from", 1_000_000),
            ("prepaid_organisation_transfer_from", 500_000),
            ("prepaid_person_transfer_from", 5_000_000),
            ("prepaid_topup_no_cash_from", 500_000),
            ("prepaid_named_redemption_after", 3),
            ("dormant_months", 6),
            ("reserve_central_percent", 100),
        ] {
            assert_eq!(rules.number(code, day), Some(number), "{code}");
        }
    }

    #[test]
    fn a_figure_is_in_force_from_its_first_day_until_the_day_before_its_end() {
        let next = "[[figure]]\ncode = \"class_1_limit\"\nvalue = 200000\nunit = \"fen\"\n\
            per = \"lifetime\"\neffective_from = \"2027-01-01\"\nsource = \"s\"\nen = \"e\"\nzh = \"z\"\n";
        let ended = BOOK.replacen(
            "per = \"lifetime\"\neffective_from = \"2016-07-01\"\n",
            "per = \"lifetime\"\neffective_from = \"2016-07-01\"\nuntil = \"2027-01-01\"\n",
            1,
        );
        let rules = Regulation::parse(&format!("{ended}\n{next}"), "r").expect("valid");
        for (day, number) in [
            ("2016-06-30", None),
            ("2016-07-01", Some(100_000)),
            ("2026-12-31", Some(100_000)),
            ("2027-01-01", Some(200_000)),
        ] {
            assert_eq!(rules.number("class_1_limit", date(day)), number, "{day}");
        }
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let line = |needle: &str| {
            let at = BOOK.find(needle).expect("in the book");
            Source { text: BOOK, file: "" }.line(at)
        };
        let figure = "code = \"class_1_limit\"\nvalue = 100000";
        let first_line = line(figure) - 1;
        let phone = "code = \"identities_per_phone\"\nvalue = 1";
        let phone_line = line(phone) - 1;
        let second = format!(
            "{BOOK}\n[[figure]]\ncode = \"class_1_limit\"\nvalue = 1\nunit = \"fen\"\nper = \"lifetime\"\neffective_from = \"2020-01-01\"\nsource = \"s\"\nen = \"e\"\nzh = \"z\"\n"
        );
        let table = [
            (BOOK.replace(figure, "code = \"class_1_limit\"\nvalue = true"), first_line, "unit"),
            (BOOK.replace(figure, "code = \"class_1_limit\"\nvalue = -5"), first_line + 2, ""),
            (BOOK.replace(figure, &format!("{figure}\nextra = 1")), first_line + 3, "extra"),
            (second, BOOK.lines().count() + 2, "twice"),
            (BOOK.replace("class_2_channels", "class_two_channels"), 0, "class_2_channels"),
            (BOOK.replace("per = \"lifetime\"", "per = \"day\""), first_line, "lifetime"),
            (
                BOOK.replace(phone, "code = \"identities_per_phone\"\nvalue = 2"),
                phone_line,
                "must be 1",
            ),
            (
                BOOK.replace(phone, "code = \"identities_per_phone\"\nvalue = 0"),
                phone_line,
                "must be 1",
            ),
        ];
        for (text, line, part) in table {
            let error = Regulation::parse(&text, "r.toml").expect_err(part);
            assert!(error.reason.en.contains(part), "{error}");
            assert_eq!(error.line.unwrap_or(0), line, "{error}");
        }
    }

    #[test]
    fn each_class_is_for_what_the_rules_say() {
        let rules = Regulation::parse(BOOK, "regulation.toml").expect("valid");
        let (before, day) = (date("2016-06-30"), date("2026-10-12"));
        for (class, consumption, transfer, investment, most) in [
            (Class::I, true, true, false, None),
            (Class::II, true, true, false, None),
            (Class::III, true, true, true, Some(1)),
        ] {
            let allowed = [Purpose::Consumption, Purpose::Transfer, Purpose::Investment]
                .map(|purpose| rules.allows(class, purpose, day));
            assert_eq!(allowed, [consumption, transfer, investment], "{class}");
            assert!(!rules.allows(class, Purpose::Consumption, before), "before the rule");
            assert_eq!(rules.accounts_per_customer(class, day), most, "{class}");
        }
        assert_eq!(rules.accounts_per_customer(Class::III, date("2016-11-30")), None);
    }
}
