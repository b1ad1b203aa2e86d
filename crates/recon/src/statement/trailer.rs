//! The trailer: what the file says of itself, held against what was read.

use money::parse_signed_minor;

use super::cells::Cells;
use super::row::Line;
use super::{Fault, FaultKind, Finding};
use crate::format::{CellRules, Format, TrailerCheck, TrailerLine};

/// Sums as the rows pass, and the trailer's lines as they come.
pub(super) struct Trailer<'f> {
    format: &'f Format,
    /// One running count or sum a check.
    found: Vec<i64>,
    /// Lines read so far.
    lines: usize,
    /// (check, line, text) as read.
    said: Vec<(usize, u64, String)>,
}

impl<'f> Trailer<'f> {
    pub fn new(format: &'f Format) -> Self {
        Self { format, found: vec![0; format.checks.len()], lines: 0, said: Vec::new() }
    }

    /// Takes a row into the counts and sums.
    pub fn count(&mut self, line: &Line<'_>, rule: usize) -> Result<(), Fault> {
        for (check, found) in self.format.checks.iter().zip(&mut self.found) {
            if !check.rows.is_empty() && !check.rows.contains(&rule) {
                continue;
            }
            let value = check.sum.map_or(Ok(1), |column| line.written(column))?;
            *found = found.checked_add(value).ok_or_else(|| {
                Fault::new(FaultKind::TooLarge, "the sum of a column overflows", "列合计溢出")
            })?;
        }
        Ok(())
    }

    /// Whether the trailer begins with this line.
    pub fn begins_with(&self, text: &str) -> bool {
        match self.format.trailer.first() {
            Some(TrailerLine::Text(template)) => template.fits(text),
            _ => false,
        }
    }

    /// Takes a line that stands after the rows.
    pub fn line(&mut self, number: u64, text: &str) -> Result<(), Fault> {
        let Some(expected) = self.format.trailer.get(self.lines) else {
            return Err(Fault::new(
                FaultKind::Trailer,
                "a line stands behind the trailer",
                "汇总行之后还有内容",
            ));
        };
        let captures = captures(expected, text, &self.format.cells)?;
        for (name, value) in captures {
            if let Some(check) = self.format.checks.iter().position(|c| c.value == name) {
                self.said.push((check, number, value));
            }
        }
        self.lines = self.lines.saturating_add(1);
        Ok(())
    }

    /// Holds what the trailer said against what was found.
    pub fn verify(&self, last_line: u64) -> Vec<Finding> {
        if self.lines < self.format.trailer.len() {
            return vec![
                Fault::new(
                    FaultKind::Trailer,
                    "the file ends without its whole trailer: it was cut off",
                    "文件缺少完整的汇总行，可能被截断",
                )
                .on(last_line),
            ];
        }
        let verify = |(check, line, said): &(usize, u64, String)| {
            let rule = self.format.checks.get(*check)?;
            let found = *self.found.get(*check)?;
            mismatch(rule, self.format, said, found).map(|fault| fault.on(*line))
        };
        self.said.iter().filter_map(verify).collect()
    }
}

fn mismatch(check: &TrailerCheck, format: &Format, said: &str, found: i64) -> Option<Fault> {
    let scale = if check.sum.is_some() { format.scale } else { 0 };
    let expected = parse_signed_minor(said, scale);
    if expected == Ok(found) {
        return None;
    }
    let what = check.sum.and_then(|c| format.header.get(c)).map_or("rows", String::as_str);
    let found = money::format_minor(found, scale);
    let said: String = said.chars().take(40).collect();
    Some(
        Fault::new(
            FaultKind::TrailerMismatch,
            format!("the trailer says '{said}' for {what}, the rows make {found}"),
            format!("汇总行称{what}为「{said}」，明细合计为 {found}"),
        )
        .of(&check.value),
    )
}

/// The named values of a trailer line.
fn captures(
    expected: &TrailerLine,
    text: &str,
    rules: &CellRules,
) -> Result<Vec<(String, String)>, Fault> {
    match expected {
        TrailerLine::Text(template) => {
            let found = template.captures(text).ok_or_else(|| {
                Fault::new(
                    FaultKind::Trailer,
                    format!("a trailer line of the form '{}' is wanted", template.text()),
                    format!("此处应为汇总行「{}」", template.text()),
                )
            })?;
            Ok(found.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
        }
        TrailerLine::Cells(names) => {
            let mut cells = Cells::default();
            cells
                .split(text, rules, names.len())
                .map_err(|fault| Fault { kind: FaultKind::Trailer, ..fault })?;
            let value = |(place, name): (usize, &Option<String>)| {
                name.as_ref().map(|n| (n.clone(), cells.get(text, place, rules).into_owned()))
            };
            Ok(names.iter().enumerate().filter_map(value).collect())
        }
    }
}
