//! Rust text as words: enough of the language to tell code from comments and string literals.

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// A name or keyword.
    Name(String),
    /// The content of a string literal, escapes as written.
    Text(String),
    /// One character of punctuation.
    Mark(char),
}

/// A token and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) word: Word,
    /// Its line, from 1.
    pub(crate) line: usize,
}

impl Token {
    /// Whether it is this name.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        matches!(&self.word, Word::Name(n) if n == name)
    }

    /// Whether it is this mark.
    pub(crate) fn is_mark(&self, mark: char) -> bool {
        self.word == Word::Mark(mark)
    }

    /// Its name, if it is one.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.word {
            Word::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Its text, if it is a string literal.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.word {
            Word::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The words of a Rust file; comments, numbers and character literals are left out.
pub(crate) fn words(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0, line: 1, out: Vec::new() };
    while lexer.step() {}
    lexer.out
}

/// The words without modules marked `#[cfg(test)]`.
pub(crate) fn without_tests(words: &[Token]) -> Vec<Token> {
    let mut out = Vec::with_capacity(words.len());
    let mut rest = words;
    while let Some(first) = rest.first() {
        if begins_test_item(rest) {
            rest = &rest[item_length(rest)..];
        } else {
            out.push(first.clone());
            rest = &rest[1..];
        }
    }
    out
}

/// Whether `#[cfg(test)]` stands here.
fn begins_test_item(words: &[Token]) -> bool {
    let shape = ["#", "[", "cfg", "(", "test", ")", "]"];
    words.len() >= shape.len()
        && words.iter().zip(shape).all(|(token, wanted)| match &token.word {
            Word::Name(name) => name == wanted,
            Word::Mark(mark) => wanted.len() == 1 && wanted.starts_with(*mark),
            Word::Text(_) => false,
        })
}

/// How many words the item at the beginning takes: up to its `;` or the end of its braces.
fn item_length(words: &[Token]) -> usize {
    let mut depth = 0usize;
    for (place, token) in words.iter().enumerate() {
        match token.word {
            Word::Mark('{' | '(' | '[') => depth += 1,
            Word::Mark(close @ ('}' | ')' | ']')) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && close == '}' {
                    return place + 1;
                }
            }
            Word::Mark(';') if depth == 0 => return place + 1,
            _ => {}
        }
    }
    words.len()
}

/// The place of the mark that closes the one at `open` (any kind of bracket).
pub(crate) fn closing(words: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (place, token) in words.iter().enumerate().skip(open) {
        match token.word {
            Word::Mark('{' | '(' | '[') => depth += 1,
            Word::Mark('}' | ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(place);
                }
            }
            _ => {}
        }
    }
    None
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    out: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn take(&mut self) -> char {
        let c = self.peek(0);
        self.at += 1;
        self.line += usize::from(c == '\n');
        c
    }

    fn push(&mut self, word: Word, line: usize) {
        self.out.push(Token { word, line });
    }

    /// Takes one word or one piece of what is left out; false at the end.
    fn step(&mut self) -> bool {
        if self.at >= self.chars.len() {
            return false;
        }
        let line = self.line;
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => {
                while self.at < self.chars.len() && self.peek(0) != '\n' {
                    self.take();
                }
            }
            ('/', '*') => self.block_comment(),
            ('"', _) => self.string(line),
            ('\'', _) => self.quote(),
            (c, _) if c.is_alphabetic() || c == '_' => self.name(line),
            (c, _) if c.is_ascii_digit() => {
                while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
                    self.take();
                }
            }
            (c, _) => {
                self.take();
                if !c.is_whitespace() {
                    self.push(Word::Mark(c), line);
                }
            }
        }
        true
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth = depth.saturating_sub(1),
                _ => {
                    self.take();
                    continue;
                }
            }
            self.take();
            self.take();
            if depth == 0 {
                return;
            }
        }
    }

    /// A literal in quotes whose escapes do not end it.
    fn string(&mut self, line: usize) {
        self.take();
        let mut text = String::new();
        while self.at < self.chars.len() {
            match self.take() {
                '"' => break,
                '\\' => {
                    text.push('\\');
                    text.push(self.take());
                }
                c => text.push(c),
            }
        }
        self.push(Word::Text(text), line);
    }

    /// `r"..."` or `r#"..."#`, as many `#` at the end as at the beginning.
    fn raw_string(&mut self, hashes: usize, line: usize) {
        for _ in 0..=hashes {
            self.take();
        }
        let mut text = String::new();
        while self.at < self.chars.len() {
            let c = self.take();
            if c == '"' && (0..hashes).all(|ahead| self.peek(ahead) == '#') {
                for _ in 0..hashes {
                    self.take();
                }
                break;
            }
            text.push(c);
        }
        self.push(Word::Text(text), line);
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        self.take();
        if self.peek(0) == '\\' {
            self.take();
            self.take();
            while self.at < self.chars.len() && self.take() != '\'' {}
        } else if self.peek(1) == '\'' {
            self.take();
            self.take();
        }
        // Otherwise a lifetime: its name follows as a name, which does no harm.
    }

    fn name(&mut self, line: usize) {
        let begun = self.at;
        while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            self.take();
        }
        let name: String = self.chars[begun..self.at].iter().collect();
        let raw = matches!(name.as_str(), "r" | "br" | "cr");
        let hashes = self.chars[self.at..].iter().take_while(|c| **c == '#').count();
        if raw && self.peek(hashes) == '"' {
            self.raw_string(hashes, line);
        } else if matches!(name.as_str(), "b" | "c") && self.peek(0) == '"' {
            self.string(line);
        } else if name == "b" && self.peek(0) == '\'' {
            self.quote();
        } else {
            self.push(Word::Name(name), line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |token: Token| match token.word {
            Word::Name(name) => name,
            Word::Text(text) => format!("<{text}>"),
            Word::Mark(mark) => mark.to_string(),
        };
        words(text).into_iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn literals_and_comments_are_told_apart() {
        for (text, expected) in [
            ("a // b \"c\"\n d", "a d"),
            ("a /* x /* \" */ y */ b", "a b"),
            (r#"f("a\"b", 'c')"#, r#"f ( <a\"b> , )"#),
            (r##"r#"a"b"# + r"c\""##, r#"<a"b> + <c\>"#),
            ("'\"' '\\'' b'\"' x", "x"),
            ("&'static str", "& static str"),
            ("1_000u64 x0", "x0"),
            ("b\"ab\" br#\"c\"#", "<ab> <c>"),
            ("\"open", "<open>"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_counted_through_literals() {
        let tokens = words("a\n\"b\nc\" d /*\n*/ e");
        let lines: Vec<usize> = tokens.iter().map(|t| t.line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
    }

    #[test]
    fn test_modules_are_left_out_and_nothing_else() {
        let text = "a; #[cfg(test)] mod tests { fn x() { } } b; #[cfg(test)] use c; \
            #[cfg(unix)] fn d() {}";
        let names: Vec<String> = without_tests(&words(text))
            .iter()
            .filter_map(|t| t.name().map(str::to_owned))
            .collect();
        assert_eq!(names, ["a", "b", "cfg", "unix", "fn", "d"]);
    }
}
