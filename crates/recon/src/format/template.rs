//! A line of text with holes: `#交易合计：{count}笔，商家实收共{sum}元`.
//!
//! `{name}` captures, `{}` skips. Matching takes the shortest text for each hole and looks at
//! every byte at most once a literal, so no line can make it slow.

/// A compiled template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Hole(Option<String>),
}

impl Template {
    /// Compiles `text`; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, tail) = after
                .split_once('}')
                .ok_or_else(|| format!("'{text}' opens a hole and no '}}'"))?;
            if literal.is_empty() && matches!(pieces.last(), Some(Piece::Hole(_))) {
                return Err(format!("'{text}' has two holes with nothing between them"));
            }
            if !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                return Err(format!("'{name}' is no name: use a-z and _"));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            pieces.push(Piece::Hole((!name.is_empty()).then(|| name.to_owned())));
            rest = tail;
        }
        if rest.contains('}') {
            return Err(format!("'{text}' closes a hole that it did not open"));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        Ok(Self { text: text.to_owned(), pieces })
    }

    /// As written in the format file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of its holes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|p| match p {
            Piece::Hole(name) => name.as_deref(),
            Piece::Literal(_) => None,
        })
    }

    /// The named captures if `line` fits, `None` if not.
    pub fn captures<'l>(&self, line: &'l str) -> Option<Vec<(&str, &'l str)>> {
        let mut found = Vec::new();
        let mut rest = line;
        let mut open: Option<&Option<String>> = None;
        let last = self.pieces.len().saturating_sub(1);
        for (place, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Hole(name) => open = Some(name),
                Piece::Literal(literal) => {
                    let (before, after) = match open {
                        None => ("", rest.strip_prefix(literal.as_str())?),
                        Some(_) if place == last => (rest.strip_suffix(literal.as_str())?, ""),
                        Some(_) => rest.split_once(literal.as_str())?,
                    };
                    if let Some(Some(name)) = open.take() {
                        found.push((name.as_str(), before));
                    }
                    rest = after;
                }
            }
        }
        match open {
            Some(Some(name)) => found.push((name.as_str(), rest)),
            Some(None) => {}
            None if rest.is_empty() => {}
            None => return None,
        }
        Some(found)
    }

    /// Whether `line` fits.
    pub fn fits(&self, line: &str) -> bool {
        self.captures(line).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_capture_what_stands_between() {
        let template = Template::parse("#合计：{count}笔，共{sum}元{}").expect("valid");
        assert_eq!(
            template.captures("#合计：31笔，共-9.50元 x"),
            Some(vec![("count", "31"), ("sum", "-9.50")])
        );
        assert_eq!(template.names().collect::<Vec<_>>(), ["count", "sum"]);
        for line in ["", "#合计：31笔", "合计：31笔，共1元", "x#合计：31笔，共1元"]
        {
            assert!(!template.fits(line), "{line}");
        }
    }

    #[test]
    fn the_ends_are_anchored() {
        for (template, line, fits) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("{}c", "abcc", true),
            ("{}c", "abcd", false),
            ("a{}", "b", false),
            ("", "", true),
            ("", "a", false),
            ("a{}b{}", "ab", true),
        ] {
            assert_eq!(Template::parse(template).expect("valid").fits(line), fits, "{template}");
        }
    }

    #[test]
    fn wrong_templates_are_refused() {
        for text in ["{", "a}", "{a}{b}", "{A}", "{a b}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
