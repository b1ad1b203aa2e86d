//! The places of a Rust file where an error code stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::lexer::{Token, Word, closing};

/// The literal after `ProblemKind::Something,`.
pub(super) fn beside_kind(tokens: &[Token]) -> Vec<&Token> {
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

/// The literal of a field `code: "..."` of an error that stays a `&'static str` (no method is
/// called on it). `LimitExceeded` has the code of a limit there.
pub(super) fn fields(tokens: &[Token]) -> Vec<&Token> {
    let mut found = Vec::new();
    for (place, w) in tokens.windows(4).enumerate() {
        let is_field = w[0].is_name("code") && w[1].is_mark(':') && !w[3].is_mark('.');
        let Some(open) = opening(tokens, place).filter(|_| is_field) else { continue };
        // `Error::Taken {` or `Problem {`.
        let head = &tokens[open.saturating_sub(4)..open];
        let variant = head.last().and_then(Token::name).unwrap_or_default();
        let owner = match head {
            [owner, a, b, _] if a.is_mark(':') && b.is_mark(':') => {
                owner.name().unwrap_or_default()
            }
            _ => variant,
        };
        let of_error = owner == "Self" || is_error(owner) || is_error(variant);
        if of_error && variant != "LimitExceeded" {
            found.push(&w[2]);
        }
    }
    found
}

/// The place of the brace that is open at `place`.
fn opening(tokens: &[Token], place: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().take(place).rev() {
        match token.word {
            Word::Mark('}' | ')' | ']') => depth += 1,
            Word::Mark('{') if depth == 0 => return Some(at),
            Word::Mark('{' | '(' | '[') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Whether a type is an error by its name.
fn is_error(name: &str) -> bool {
    ["Error", "Refusal", "Problem", "Fault", "FaultKind"].iter().any(|end| name.ends_with(end))
}

/// The literals in `fn code` of an error (its type's name ends in Error, Refusal, Problem, Fault or
/// `FaultKind`, or the crate turns it into a `Problem`) and, of several words, in any
/// `fn .._code` that returns text.
pub(super) fn arms(tokens: &[Token]) -> Vec<&Token> {
    let turned: BTreeSet<&str> = tokens
        .windows(6)
        .filter(|w| w[0].is_name("From") && w[1].is_mark('<') && w[4].is_name("for"))
        .filter(|w| w[3].is_mark('>') && w[5].is_name("Problem"))
        .filter_map(|w| w[2].name())
        .collect();
    let of_errors = impls(tokens)
        .into_iter()
        .filter(|(owner, _)| is_error(owner) || turned.contains(owner))
        .flat_map(|(_, body)| functions(body))
        .filter(|function| function.name == "code");
    let named = functions(tokens).into_iter().filter(|f| f.name.ends_with("_code"));
    let of_named = named
        .filter(|function| function.head.last().is_some_and(|t| t.is_name("str")))
        .flat_map(|function| results(function.body))
        .filter(|t| t.text().is_some_and(|text| text.contains('_')));
    of_errors.flat_map(|function| results(function.body)).chain(of_named).collect()
}

/// A function's words: its name, from its parameters to its result, and its body.
struct Function<'t> {
    name: &'t str,
    head: &'t [Token],
    body: &'t [Token],
}

/// Every function with a body.
fn functions(tokens: &[Token]) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let rest = &tokens[place..];
        let Some(name) = rest.get(1).and_then(Token::name).filter(|_| token.is_name("fn")) else {
            continue;
        };
        let ends = |t: &Token| t.is_mark('{') || t.is_mark(';');
        let Some(open) = rest.iter().position(ends).filter(|n| rest[*n].is_mark('{')) else {
            continue;
        };
        let close = closing(rest, open).unwrap_or(rest.len());
        found.push(Function { name, head: &rest[2..open], body: &rest[open..close] });
    }
    found
}

/// The literals that are values: not patterns of a `match`, not the field in `.at("field")`.
fn results(body: &[Token]) -> impl Iterator<Item = &Token> {
    body.iter().enumerate().filter_map(|(place, token)| {
        let next =
            |ahead: usize, mark| body.get(place + ahead).is_some_and(|t: &Token| t.is_mark(mark));
        let is_pattern = next(1, '|') || next(1, '=') && (next(2, '>') || next(2, '='));
        let is_field = place >= 2 && body[place - 2].is_name("at");
        (token.text().is_some() && !is_pattern && !is_field).then_some(token)
    })
}

/// The literals of several words in `impl From<..> for Problem` and in functions that return a
/// `Problem`.
pub(super) fn conversions<'t>(tokens: &'t [Token], takers: &Takers) -> Vec<&'t Token> {
    let converts = functions(tokens)
        .into_iter()
        .filter(|f| f.head.last().is_some_and(|t| t.is_name("Problem")))
        .map(|f| f.body)
        .chain(impls(tokens).into_iter().filter(|(owner, _)| *owner == "Problem").map(|(_, b)| b));
    converts
        .flat_map(|body| {
            // What a call gives to a parameter named `code` is found there; the rest is no code.
            let calls = calls(body, takers);
            results(body).filter(move |token| {
                let words = token.text().is_some_and(|text| text.contains('_'));
                let inside =
                    |given: &[Token]| given.as_ptr_range().contains(&std::ptr::from_ref(*token));
                words && !calls.iter().any(|(_, given)| inside(given))
            })
        })
        .collect()
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
pub(super) fn takers(tokens: &[Token]) -> Vec<(String, usize)> {
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

/// Functions that take a code, each with the places it may have among their parameters.
pub(super) type Takers = BTreeMap<String, BTreeSet<usize>>;

/// (places of the code, words between the brackets) of each call of such a function.
fn calls<'t, 'n>(
    tokens: &'t [Token],
    takers: &'n Takers,
) -> Vec<(&'n BTreeSet<usize>, &'t [Token])> {
    let mut found = Vec::new();
    for (place, pair) in tokens.windows(2).enumerate() {
        let Some(places) = pair[0].name().and_then(|name| takers.get(name)) else { continue };
        if let Some(close) = closing(tokens, place + 1).filter(|_| pair[1].is_mark('(')) {
            found.push((places, &tokens[place + 2..close]));
        }
    }
    found
}

/// The arguments that calls give for such a parameter.
pub(super) fn arguments<'t>(tokens: &'t [Token], takers: &Takers) -> Vec<&'t Token> {
    let mut found = Vec::new();
    for (places, given) in calls(tokens, takers) {
        let given = split(given);
        for at in places {
            if let Some([only]) = given.get(*at) {
                found.push(only);
            }
        }
    }
    found
}

/// The literals of a list `const .._CODES`.
pub(super) fn lists(tokens: &[Token]) -> Vec<&Token> {
    let mut found = Vec::new();
    for (place, pair) in tokens.windows(2).enumerate() {
        let is_list = pair[1].name().is_some_and(|name| name.ends_with("_CODES"));
        if pair[0].is_name("const") && is_list {
            let list = tokens[place..].split(|t| t.is_mark(';')).next().unwrap_or_default();
            found.extend(list.iter().filter(|t| t.text().is_some()));
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
    use crate::tidy::lexer::words;

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
}
