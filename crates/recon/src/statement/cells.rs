//! From a line to its cells.
//!
//! A quoted cell begins with the quote, ends with a quote before a delimiter or the line's end,
//! doubles a quote inside, and may hold the delimiter; it cannot hold a line end. A quote anywhere
//! else is a character like any other. The lead (a back-tick) and the trail (a tab) may stand
//! inside or outside the quotes, or be missing.

use std::borrow::Cow;
use std::ops::Range;

use super::{Fault, FaultKind};
use crate::format::CellRules;

/// Where the cells of one line stand in it. Kept from line to line to spare allocations.
#[derive(Debug, Default)]
pub(super) struct Cells {
    cells: Vec<Cell>,
}

#[derive(Debug, Clone)]
struct Cell {
    range: Range<usize>,
    /// Whether quotes in it are doubled.
    doubled: bool,
}

impl Cells {
    /// Splits `line`, which must have exactly `wanted` cells.
    pub fn split(&mut self, line: &str, rules: &CellRules, wanted: usize) -> Result<(), Fault> {
        self.cells.clear();
        let mut at = 0;
        loop {
            if self.cells.len() == wanted {
                return Err(count_fault(wanted, "more", "更多"));
            }
            let (cell, end) = next_cell(line, at, rules)?;
            self.cells.push(cell);
            match end {
                Some(next) => at = next,
                None => break,
            }
        }
        if self.cells.len() < wanted {
            let found = self.cells.len();
            return Err(count_fault(wanted, &found.to_string(), &found.to_string()));
        }
        Ok(())
    }

    /// The text of a cell of the line that was split last.
    pub fn get<'l>(&self, line: &'l str, index: usize, rules: &CellRules) -> Cow<'l, str> {
        let Some(cell) = self.cells.get(index) else { return Cow::Borrowed("") };
        let text = line.get(cell.range.clone()).unwrap_or_default();
        match rules.quote {
            Some(quote) if cell.doubled => {
                let twice: String = [quote, quote].iter().collect();
                Cow::Owned(text.replace(&twice, &quote.to_string()))
            }
            _ => Cow::Borrowed(text),
        }
    }
}

fn count_fault(wanted: usize, found_en: &str, found_zh: &str) -> Fault {
    Fault::new(
        FaultKind::Cells,
        format!("{wanted} cells are wanted, {found_en} were found"),
        format!("应有 {wanted} 列，实有 {found_zh} 列"),
    )
}

/// The cell that starts at `at`, and where the next one starts.
fn next_cell(line: &str, at: usize, rules: &CellRules) -> Result<(Cell, Option<usize>), Fault> {
    let rest = line.get(at..).unwrap_or_default();
    let bare = strip_lead(rest, rules);
    let start = line.len().saturating_sub(bare.len());
    if let Some(quote) = rules.quote
        && bare.starts_with(quote)
    {
        return quoted(line, start.saturating_add(1), quote, rules);
    }
    let end = memchr::memchr(delimiter(rules), bare.as_bytes());
    let text = end.and_then(|e| bare.get(..e)).unwrap_or(bare);
    let kept = strip_trail(text, rules).len();
    let cell = Cell { range: start..start.saturating_add(kept), doubled: false };
    Ok((cell, end.map(|e| start.saturating_add(e).saturating_add(1))))
}

/// A quoted cell whose text starts at `start`, behind its opening quote.
fn quoted(
    line: &str,
    start: usize,
    quote: char,
    rules: &CellRules,
) -> Result<(Cell, Option<usize>), Fault> {
    let mut doubled = false;
    let mut at = start;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let Some(found) = rest.find(quote) else {
            return Err(Fault::new(
                FaultKind::Cells,
                "a quoted cell is not closed on its line",
                "引号未在本行内闭合",
            ));
        };
        let end = at.saturating_add(found);
        let after = line.get(end.saturating_add(1)..).unwrap_or_default();
        if after.starts_with(quote) {
            doubled = true;
            at = end.saturating_add(2);
            continue;
        }
        let tail = strip_trail_front(after, rules);
        let next = line.len().saturating_sub(tail.len());
        let next = match tail.bytes().next() {
            None => None,
            Some(byte) if byte == delimiter(rules) => Some(next.saturating_add(1)),
            Some(_) => {
                return Err(Fault::new(
                    FaultKind::Cells,
                    "text stands behind the closing quote of a cell",
                    "闭合引号之后还有内容",
                ));
            }
        };
        let inside = line.get(start..end).unwrap_or_default();
        let bare = strip_lead(inside, rules);
        let from = end.saturating_sub(bare.len());
        let kept = strip_trail(bare, rules).len();
        return Ok((Cell { range: from..from.saturating_add(kept), doubled }, next));
    }
}

fn delimiter(rules: &CellRules) -> u8 {
    u8::try_from(rules.delimiter).unwrap_or(b',')
}

fn strip_lead<'t>(text: &'t str, rules: &CellRules) -> &'t str {
    rules.lead.and_then(|lead| text.strip_prefix(lead)).unwrap_or(text)
}

fn strip_trail<'t>(text: &'t str, rules: &CellRules) -> &'t str {
    rules.trail.and_then(|trail| text.strip_suffix(trail)).unwrap_or(text)
}

fn strip_trail_front<'t>(text: &'t str, rules: &CellRules) -> &'t str {
    rules.trail.and_then(|trail| text.strip_prefix(trail)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> CellRules {
        CellRules {
            delimiter: ',',
            quote: Some('"'),
            lead: Some('`'),
            trail: Some('\t'),
            none: Vec::new(),
        }
    }

    fn split(line: &str, wanted: usize) -> Result<Vec<String>, Fault> {
        let rules = rules();
        let mut cells = Cells::default();
        cells.split(line, &rules, wanted)?;
        Ok((0..wanted).map(|i| cells.get(line, i, &rules).into_owned()).collect())
    }

    #[test]
    fn oddities_are_tolerated() {
        for (line, expected) in [
            ("`a,`b", vec!["a", "b"]),
            ("a,b", vec!["a", "b"]),
            ("a\t,\t", vec!["a", ""]),
            (",", vec!["", ""]),
            ("`,`", vec!["", ""]),
            ("\"T恤, 蓝色\",b", vec!["T恤, 蓝色", "b"]),
            ("\"`T恤, 蓝色\",b", vec!["T恤, 蓝色", "b"]),
            ("`\"T恤, 蓝色\",b", vec!["T恤, 蓝色", "b"]),
            ("\"a,\t\"\t,b", vec!["a,", "b"]),
            ("\"a\"\"b\",c", vec!["a\"b", "c"]),
            ("5\"屏,b", vec!["5\"屏", "b"]),
            ("\"\",\"\"", vec!["", ""]),
            ("``a,b", vec!["`a", "b"]),
        ] {
            assert_eq!(split(line, 2).expect(line), expected, "{line}");
        }
    }

    #[test]
    fn broken_lines_are_refused() {
        for line in ["a", "a,b,c", "\"a,b", "\"a\"x,b", "", "\"a\"\"", "\"a\",b,"] {
            assert!(split(line, 2).is_err(), "{line}");
        }
    }
}
