//! Texts, moments and amounts as the cells of both layouts hold them.

use money::{Amount, format_minor};
use std::fmt::Write;
use types::Timestamp;

/// A text as a cell of a statement can hold it. The layouts do not quote: a comma, a quotation
/// mark or a back-tick becomes its full-width twin, and what would break a line a blank.
pub(super) fn cell(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            ',' => '，',
            '"' => '”',
            '`' => '’',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

/// Yuan with two decimals.
pub(super) fn yuan(amount: Amount) -> String {
    format_minor(amount.signed(), 2)
}

/// `2026-10-12 00:04:39`, the wall clock in Shanghai.
pub(super) fn moment(at: Timestamp) -> String {
    let civil = at.civil();
    let mut out = String::with_capacity(19);
    // Writing into a String cannot fail.
    let _ = write!(
        out,
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_breaks_a_row() {
        assert_eq!(cell("T恤, \"蓝\"\t`x`\r\n"), "T恤， ”蓝” ’x’  ");
    }

    #[test]
    fn moments_are_those_of_shanghai() {
        let at = Timestamp::parse("2026-10-11T16:04:39.999Z").expect("valid");
        assert_eq!(moment(at), "2026-10-12 00:04:39");
    }
}
