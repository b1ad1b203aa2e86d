//! Personal data that cannot be printed by accident.

/// A value of a person (name, document number, phone, card): `Debug` and `Display` show only its
/// ends, and it has no `Serialize`. Whoever needs the plain value says [`Masked::expose`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Masked(String);

impl Masked {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The plain value; name the reason where you call it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Masked {
    /// A name keeps its last character (`*强`), a number its first three and last two
    /// (`132******95`); anything shorter than seven characters but a name shows nothing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let chars: Vec<char> = self.0.chars().collect();
        let ascii = self.0.is_ascii();
        let (head, tail) = match chars.len() {
            n if ascii && n >= 7 => (3, 2),
            n if !ascii && n >= 2 => (0, 1),
            _ => (0, 0),
        };
        let stars = chars.len().saturating_sub(head).saturating_sub(tail);
        for c in chars.iter().take(head) {
            write!(f, "{c}")?;
        }
        for _ in 0..stars {
            f.write_str("*")?;
        }
        for c in chars.iter().skip(head.saturating_add(stars)) {
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ends_show() {
        for (plain, shown) in [
            ("王小强", "**强"),
            ("13212345695", "132******95"),
            ("110101199003070011", "110*************11"),
            ("Li Na", "*****"),
            ("", ""),
        ] {
            assert_eq!(format!("{:?}", Masked::new(plain)), shown);
        }
    }
}
