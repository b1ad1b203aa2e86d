//! Every stable error code that people can meet has a row in docs/reference/errors.md, and the
//! page has no row for a code that no longer exists.
//!
//! A code is found where the house's style puts it: next to a `ProblemKind`, as an argument for a
//! parameter named `code` of type `&'static str`, in a field `code: "..."`, and in the arms of an
//! error's `fn code`. Tests are not searched.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::files::SourceFile;
use super::lexer::{Token, Word, closing, without_tests, words};

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
    for crate_files in by_crate(files).values() {
        let parsed: Vec<(&str, Vec<Token>)> = crate_files
            .iter()
            .map(|file| (file.path.as_str(), without_tests(&words(&file.text))))
            .collect();
        let takers: BTreeMap<String, BTreeSet<usize>> = parsed
            .iter()
            .flat_map(|(_, tokens)| takers(tokens))
            .fold(BTreeMap::new(), |mut map, (name, place)| {
                map.entry(name).or_default().insert(place);
                map
            });
        for (file, tokens) in &parsed {
            let places = beside_kind(tokens)
                .into_iter()
                .chain(fields(tokens))
                .chain(arms(tokens))
                .chain(arguments(tokens, &takers));
            for token in places {
                if let Some(text) = token.text().filter(|text| is_code(text)) {
                    let (text, file) = (text.to_owned(), (*file).to_owned());
                    found.insert(Code { text, file, line: token.line });
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The sources of each crate; this one makes no problem and quotes many.
fn by_crate(files: &[SourceFile]) -> BTreeMap<&str, Vec<&SourceFile>> {
    let mut map: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
    for file in files {
        let Some((name, rest)) =
            file.path.strip_prefix("crates/").and_then(|path| path.split_once('/'))
        else {
            continue;
        };
        if rest.starts_with("src/") && file.is_rust() && name != "xtask" {
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

/// The literal after `ProblemKind::Something,`.
fn beside_kind(tokens: &[Token]) -> Vec<&Token> {
    tokens
        .windows(6)
        .filter(|w| {
            w[0].is_name("ProblemKind")
                && w[1].is_mark(':')
                && w[2].is_mark(':')
                && w[3].name().is_some()
                && w[4].is_mark(',')
        })
        .map(|w| &w[5])
        .collect()
}

/// The literal of a field `code: "..."` that stays a `&'static str` (no method is called on it).
fn fields(tokens: &[Token]) -> Vec<&Token> {
    tokens
        .windows(4)
        .filter(|w| w[0].is_name("code") && w[1].is_mark(':') && !w[3].is_mark('.'))
        .map(|w| &w[2])
        .collect()
}

/// The literals in `fn code` of an error: its type's name ends in Error, Refusal or Problem, or
/// the crate turns it into a `Problem`.
fn arms(tokens: &[Token]) -> Vec<&Token> {
    let turned: BTreeSet<&str> = tokens
        .windows(6)
        .filter(|w| w[0].is_name("From") && w[1].is_mark('<') && w[4].is_name("for"))
        .filter(|w| w[3].is_mark('>') && w[5].is_name("Problem"))
        .filter_map(|w| w[2].name())
        .collect();
    let mut found = Vec::new();
    for (owner, body) in impls(tokens) {
        let is_error = ["Error", "Refusal", "Problem"].iter().any(|end| owner.ends_with(end))
            || turned.contains(owner);
        if !is_error {
            continue;
        }
        for (place, pair) in body.windows(2).enumerate() {
            if !(pair[0].is_name("fn") && pair[1].is_name("code")) {
                continue;
            }
            let open = body.iter().skip(place).position(|t| t.is_mark('{')).map(|n| n + place);
            let Some((open, close)) = open.and_then(|o| closing(body, o).map(|c| (o, c))) else {
                continue;
            };
            found.extend(body[open..close].iter().filter(|t| t.text().is_some()));
        }
    }
    found
}

/// (type, words of the body) of each `impl` block.
fn impls(tokens: &[Token]) -> Vec<(&str, &[Token])> {
    let mut found = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        if !token.is_name("impl") {
            continue;
        }
        let open = tokens.iter().skip(place).position(|t| t.is_mark('{')).map(|n| n + place);
        let Some((open, close)) = open.and_then(|o| closing(tokens, o).map(|c| (o, c))) else {
            continue;
        };
        if let Some(name) = implementor(&tokens[place + 1..open]) {
            found.push((name, &tokens[open..=close]));
        }
    }
    found
}

/// The type of `<T> Trait for path::Type<T>`, or of the same without a trait.
fn implementor(head: &[Token]) -> Option<&str> {
    let after_trait = head.iter().rposition(|t| t.is_name("for")).map(|n| n + 1);
    let after_generics = || {
        let mut depth = 0usize;
        head.iter().position(|t| {
            depth += usize::from(t.is_mark('<'));
            let outside = depth == 0;
            depth = depth.saturating_sub(usize::from(t.is_mark('>')));
            outside
        })
    };
    let own = &head[after_trait.or_else(after_generics)?..];
    let path = own.iter().position(|t| t.is_mark('<') || t.is_name("where")).unwrap_or(own.len());
    own[..path].iter().rev().find_map(Token::name)
}

/// Functions with a parameter `code: &'static str`, and its place without `self`.
/// `new` is too common a name to go by; what it makes stands next to a `ProblemKind` anyway.
fn takers(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for place in 0..tokens.len() {
        if !tokens[place].is_name("fn") {
            continue;
        }
        let Some(name) = tokens.get(place + 1).and_then(Token::name) else { continue };
        let open = tokens.iter().skip(place).position(|t| t.is_mark('(')).map(|n| n + place);
        let Some((open, close)) = open.and_then(|o| closing(tokens, o).map(|c| (o, c))) else {
            continue;
        };
        let parameters = split(&tokens[open + 1..close]);
        let has_self = parameters.first().is_some_and(|p| p.iter().any(|t| t.is_name("self")));
        let code = parameters.iter().position(|p| {
            p.first().is_some_and(|t| t.is_name("code")) && p.iter().any(|t| t.is_name("static"))
        });
        if let Some(at) = code.filter(|_| name != "new") {
            found.push((name.to_owned(), at - usize::from(has_self)));
        }
    }
    found
}

/// The arguments that calls give for such a parameter.
fn arguments<'t>(
    tokens: &'t [Token],
    takers: &BTreeMap<String, BTreeSet<usize>>,
) -> Vec<&'t Token> {
    let mut found = Vec::new();
    for (place, pair) in tokens.windows(2).enumerate() {
        let Some(places) = pair[0].name().and_then(|name| takers.get(name)) else { continue };
        if !pair[1].is_mark('(') {
            continue;
        }
        let Some(close) = closing(tokens, place + 1) else { continue };
        let given = split(&tokens[place + 2..close]);
        for at in places {
            if let Some([only]) = given.get(*at) {
                found.push(only);
            }
        }
    }
    found
}

/// The words between commas that stand in no inner bracket.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut depth, mut begun) = (0usize, 0);
    for (place, token) in tokens.iter().enumerate() {
        match token.word {
            Word::Mark('(' | '[' | '{') => depth += 1,
            Word::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Word::Mark(',') if depth == 0 => {
                parts.push(&tokens[begun..place]);
                begun = place + 1;
            }
            _ => {}
        }
    }
    if begun < tokens.len() {
        parts.push(&tokens[begun..]);
    }
    parts
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
        ] {
            assert_eq!(codes_of(text), [expected], "{text}");
        }
    }

    #[test]
    fn the_type_of_an_impl_is_found() {
        for (head, expected) in [
            ("Error", "Error"),
            ("<'a, T: Into<X>> Reader<'a, T> where T: Y", "Reader"),
            ("<T> From<Error> for types::Problem", "Problem"),
        ] {
            assert_eq!(implementor(&words(head)), Some(expected), "{head}");
        }
    }

    #[test]
    fn what_only_looks_like_a_code_is_left() {
        for text in [
            r#"Answer::Failed { code: "insufficient_funds".into() }"#,
            r#"impl Asset { fn code(&self) -> &'static str { "cny" } }"#,
            r#"#[cfg(test)] mod tests { fn t() { x(ProblemKind::Invalid, "in_a_test") } }"#,
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
