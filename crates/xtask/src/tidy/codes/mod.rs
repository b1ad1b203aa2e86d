//! Every stable error code that people can meet has a row in docs/reference/errors.md, and the
//! page has no row for a code that no longer exists.
//!
//! A code is found where the house's style puts it, as a literal or as the name of a constant:
//! next to a `ProblemKind`, as an argument for a parameter named `code` of type `&'static str`, in
//! a field `code: "..."`, in the arms of an error's `fn code`, in a list `const .._CODES`, and
//! anywhere in a `From<..> for Problem` or in a function that returns a `Problem` but as the field
//! at fault. Tests are not searched.

mod places;

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::files::SourceFile;
use super::lexer::{Token, without_tests, words};
use places::{Takers, arguments, arms, beside_kind, conversions, fields, lists, takers};

/// The page that explains the codes.
const PAGE: &str = "docs/reference/errors.md";

/// A code and where it is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Code {
    /// The code.
    pub(crate) text: String,
    /// The file.
    pub(crate) file: String,
    /// The line.
    pub(crate) line: usize,
}

/// Compares the codes of the sources with the page.
pub(crate) fn check(files: &[SourceFile]) -> Vec<Fault> {
    let empty = String::new();
    let page = files.iter().find(|file| file.path == PAGE).map_or(&empty, |file| &file.text);
    let explained = rows(page);
    let made = all(files);
    let mut faults = Vec::new();
    for code in &made {
        if !explained.contains_key(&code.text) {
            let what = format!("error code '{}' has no row in {PAGE}", code.text);
            faults.push(Fault::new(&code.file, code.line, what));
        }
    }
    let names: BTreeSet<&str> = made.iter().map(|code| code.text.as_str()).collect();
    for (row, line) in explained {
        if !names.contains(row.as_str()) {
            let what = format!("no error has the code '{row}' any more");
            faults.push(Fault::new(PAGE, line, what));
        }
    }
    faults
}

/// The codes that have a row: "| `code` | ...", each with its line.
fn rows(page: &str) -> BTreeMap<String, usize> {
    let code = |line: &str| {
        let rest = line.trim_start().strip_prefix('|')?.trim_start().strip_prefix('`')?;
        rest.split_once('`').map(|(code, _)| code.to_owned())
    };
    page.lines().enumerate().filter_map(|(n, line)| Some((code(line)?, n + 1))).collect()
}

/// Every code the sources make, by name, file and line.
pub(crate) fn all(files: &[SourceFile]) -> Vec<Code> {
    let mut found = BTreeSet::new();
    let constants = constants(files);
    for crate_files in by_crate(files).values() {
        let parsed: Vec<(&str, Vec<Token>)> = crate_files
            .iter()
            .map(|file| (file.path.as_str(), without_tests(&words(&file.text))))
            .collect();
        let takers: Takers = parsed.iter().flat_map(|(_, tokens)| takers(tokens)).fold(
            BTreeMap::new(),
            |mut map, (name, place)| {
                map.entry(name).or_default().insert(place);
                map
            },
        );
        for (file, tokens) in &parsed {
            let places = beside_kind(tokens)
                .into_iter()
                .chain(fields(tokens))
                .chain(arms(tokens))
                .chain(lists(tokens))
                .chain(conversions(tokens, &takers))
                .chain(arguments(tokens, &takers));
            for token in places {
                let named = || constants.get(token.name()?).map(String::as_str);
                if let Some(text) = token.text().or_else(named).filter(|text| is_code(text)) {
                    let (text, file) = (text.to_owned(), (*file).to_owned());
                    found.insert(Code { text, file, line: token.line });
                }
            }
        }
    }
    found.into_iter().collect()
}

/// Constants of text, by name.
fn constants(files: &[SourceFile]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in by_crate(files).values().flatten() {
        for line in words(&file.text).split(|token| token.is_mark(';')) {
            let [.., is, value] = line else { continue };
            let name = line.iter().position(|t| t.is_name("const")).and_then(|n| line.get(n + 1));
            let name = name.and_then(Token::name).filter(|_| is.is_mark('='));
            if let (Some(name), Some(text)) = (name, value.text()) {
                found.insert(name.to_owned(), text.to_owned());
            }
        }
    }
    found
}

/// Crates whose codes are not ours to explain: this one quotes many, and the simulators speak the
/// channel contract, which has its own list.
const LEFT_OUT: [&str; 2] = ["xtask", "simulators"];

/// The sources of each crate.
fn by_crate(files: &[SourceFile]) -> BTreeMap<&str, Vec<&SourceFile>> {
    let mut map: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
    for file in files {
        let Some((name, rest)) =
            file.path.strip_prefix("crates/").and_then(|path| path.split_once('/'))
        else {
            continue;
        };
        let of_tests = rest.ends_with("/tests.rs") || rest.contains("/tests/");
        if rest.starts_with("src/") && file.is_rust() && !of_tests && !LEFT_OUT.contains(&name) {
            map.entry(name).or_default().push(file);
        }
    }
    map
}

/// `snake_case`, as codes are.
fn is_code(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && text.len() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.into(), text: text.into() }
    }

    fn codes_of(text: &str) -> Vec<String> {
        all(&[file("crates/risk/src/lib.rs", text)]).into_iter().map(|code| code.text).collect()
    }

    #[test]
    fn codes_are_found_in_every_style_of_the_house() {
        for (text, expected) in [
            (r#"Problem::new(ProblemKind::Refused, "limit_reached", "en", "zh")"#, "limit_reached"),
            (r#"say(ProblemKind::Internal, "channel_away", format!("{x}"))"#, "channel_away"),
            (r#"(ProblemKind::Invalid, "bad_form")"#, "bad_form"),
            (r#"Problem { kind, code: "made_by_hand", field: None }"#, "made_by_hand"),
            (r#"Err(Error::Taken { field: f(&{ 1 }), code: "phone_taken" })"#, "phone_taken"),
            (
                r#"impl Refusal { pub const fn code(&self) -> &'static str {
                    match self { Self::Overflow => "overflow" } } }"#,
                "overflow",
            ),
            (
                r#"impl Outcome { fn code(&self) -> &'static str { "turned" } }
                impl From<Outcome> for Problem { fn from(o: Outcome) -> Self { x } }"#,
                "turned",
            ),
            (
                r#"fn fault(&self, at: usize, code: &'static str, en: String) -> E { x }
                fn f(s: S) -> E { s.fault(at(1, 2), "books_malformed", "x") }"#,
                "books_malformed",
            ),
            (
                r#"impl From<Error> for types::Problem { fn from(e: Error) -> Self {
                    let (code, zh) = match e { _ => ("day_not_cut", f("x_y z")) };
                    Problem::new(kind, code, e, zh).at("not_a_code") } }"#,
                "day_not_cut",
            ),
            (
                r#"fn fault(s: &str) -> Problem {
                    for (start, code) in [("unknown field", "unknown_field")] { g(code) } }"#,
                "unknown_field",
            ),
            (
                r#"fn not_found_code(what: &str) -> &'static str {
                    match what { "some_user" => "user_not_found" } }"#,
                "user_not_found",
            ),
            (r#"const FAILURE_CODES: &[&str] = &["review_denied"]; fn f() {}"#, "review_denied"),
            (
                r#"fn bad(code: &'static str, field: &str) -> Problem { x }
                pub fn negative() -> Problem { bad("amount_negative", "amount_minor") }"#,
                "amount_negative",
            ),
            (
                r#"impl FaultKind { pub const fn code(self) -> &'static str { "bad_row" } }"#,
                "bad_row",
            ),
            (
                r#"pub const CONFLICT: &str = "key_conflict";
                fn f() { g(ProblemKind::Conflict, CONFLICT, 1) }"#,
                "key_conflict",
            ),
        ] {
            assert_eq!(codes_of(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_code_is_left() {
        for text in [
            r#"Answer::Failed { code: "insufficient_funds".into() }"#,
            r#"impl Asset { fn code(&self) -> &'static str { "cny" } }"#,
            r#"#[cfg(test)] mod tests { fn t() { x(ProblemKind::Invalid, "in_a_test") } }"#,
            r#"let l = Limit { code: "day_limit", asset };"#,
            r#"Err(Error::LimitExceeded { code: "day_limit", left: f({ 1 }) })"#,
            r#"fn kind_code(kind: Kind) -> &'static str { "person" }"#,
            r#"fn is_code(text: &str) -> bool { text == "not_this_one" }"#,
            r#"// Problem::new(ProblemKind::Invalid, "in_a_comment", a, b)"#,
            r#"let s = "Problem { code: \"in_a_text\" }";"#,
            r#"Problem::new(ProblemKind::Invalid, "No code, a sentence", a, b)"#,
        ] {
            assert_eq!(codes_of(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_page_and_the_sources_agree_both_ways() {
        let source = file("crates/risk/src/lib.rs", "x(\n ProblemKind::Invalid, \"a_code\")");
        let page = |text: &str| check(&[source.clone(), file(PAGE, text)]);
        assert_eq!(page("| code | 含义 |\n|---|---|\n| `a_code` | x |\n"), []);
        assert_eq!(
            page("say `a_code` in passing"),
            [Fault::new(
                "crates/risk/src/lib.rs",
                2,
                "error code 'a_code' has no row in docs/reference/errors.md"
            )]
        );
        let stale = page("| `a_code` | x |\n| `old_code` | x |\n");
        assert_eq!(stale, [Fault::new(PAGE, 2, "no error has the code 'old_code' any more")]);
        assert_eq!(check(&[source]).len(), 1);
    }
}
