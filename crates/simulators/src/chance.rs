//! Chance that can be played again: a stream of numbers from a seed and a name.

/// A stream of pseudo-random numbers, the same for the same seed and parts.
pub(crate) struct Chance(blake3::OutputReader);

impl Chance {
    /// The stream of these parts; each part is led by its length.
    pub(crate) fn of(seed: u64, parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_be_bytes());
        for part in parts {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hasher.finalize_xof())
    }

    /// The next number.
    pub(crate) fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    /// The next number below `bound`; the bias of the remainder is far below one in a billion for
    /// the small bounds used here.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.number().checked_rem(bound).unwrap_or_default()
    }

    /// So many decimal digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        self.text(count, b"0123456789")
    }

    /// So many characters of an ASCII alphabet.
    pub(crate) fn text(&mut self, count: usize, alphabet: &[u8]) -> String {
        (0..count).map(|_| char::from(self.pick(alphabet).copied().unwrap_or(b'0'))).collect()
    }

    /// One of these; none of none.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(of.len()).unwrap_or(u64::MAX));
        of.get(usize::try_from(index).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_stream() {
        let stream = |seed, parts: &[&str]| Chance::of(seed, parts).digits(20);
        assert_eq!(stream(1, &["a", "b"]), stream(1, &["a", "b"]));
        assert_ne!(stream(1, &["a", "b"]), stream(2, &["a", "b"]));
        assert_ne!(stream(1, &["a", "b"]), stream(1, &["ab", ""]));
    }
}
