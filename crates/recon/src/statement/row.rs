//! From the cells of a row to its canonical fields.

use std::borrow::Cow;

use money::parse_signed_minor;
use types::Timestamp;

use super::cells::Cells;
use super::{Fault, FaultKind};
use crate::format::{Format, MoneyColumn, RowRule, StatusRule};
use crate::{Flow, Status};

/// Longest number of a trade.
const MAX_NUMBER_BYTES: usize = 64;

/// One trade, as either side lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row<'l> {
    pub flow: Flow,
    pub our_no: Option<Cow<'l, str>>,
    pub channel_no: Option<Cow<'l, str>>,
    pub refund_of: Option<Cow<'l, str>>,
    /// Never negative.
    pub amount_minor: i64,
    /// What the channel keeps; negative when given back.
    pub fee_minor: i64,
    pub status: Status,
    pub at: Timestamp,
}

/// The cells of one line, with the words to read them by.
pub(super) struct Line<'l> {
    pub text: &'l str,
    pub cells: &'l Cells,
    pub format: &'l Format,
}

impl<'l> Line<'l> {
    /// Which rule reads this row: its place, and the rule.
    pub fn rule(&self) -> Result<(usize, &'l RowRule), Fault> {
        let found = self.format.rows.iter().enumerate().find(|(_, rule)| {
            let word = self.cell(rule.when.0);
            rule.when.1.iter().any(|w| *w == word)
        });
        found.ok_or_else(|| {
            let column = self.format.rows.first().map_or(0, |rule| rule.when.0);
            self.word_fault(column)
        })
    }

    /// Reads the row by `rule`.
    pub fn row(&self, rule: &RowRule) -> Result<Row<'l>, Fault> {
        let our_no = self.number(rule.our_no)?;
        let channel_no = self.number(rule.channel_no)?;
        if our_no.is_none() && channel_no.is_none() {
            let column = rule.our_no.or(rule.channel_no).unwrap_or_default();
            return Err(self.fault(
                column,
                "the row has neither our number nor the channel's",
                "既无商户单号也无渠道单号",
            ));
        }
        for column in &rule.zero {
            if self.money(MoneyColumn { column: *column, negated: false }, true)? != 0 {
                return Err(self.fault(
                    *column,
                    format!("a row of kind {} must say zero here", rule.name),
                    format!("{} 类行此列应为零", rule.name),
                ));
            }
        }
        let amount_minor = self.money(rule.amount, false)?;
        if amount_minor < 0 {
            return Err(self.fault(
                rule.amount.column,
                format!("the amount of a {} has the wrong sign", rule.name),
                format!("{} 类行的金额符号不对", rule.name),
            ));
        }
        Ok(Row {
            flow: rule.flow,
            our_no,
            channel_no,
            refund_of: self.number(rule.refund_of)?,
            amount_minor,
            fee_minor: rule.fee.map_or(Ok(0), |fee| self.money(fee, true))?,
            status: self.status(&rule.status)?,
            at: self.time(rule.time)?,
        })
    }

    /// A money column exactly as written, empty for zero: what trailers sum.
    pub fn written(&self, column: usize) -> Result<i64, Fault> {
        self.money(MoneyColumn { column, negated: false }, true)
    }

    fn cell(&self, column: usize) -> Cow<'l, str> {
        self.cells.get(self.text, column, &self.format.cells)
    }

    fn fault(&self, column: usize, en: impl Into<String>, zh: impl Into<String>) -> Fault {
        self.fault_of(FaultKind::Value, column, en, zh)
    }

    fn fault_of(
        &self,
        kind: FaultKind,
        column: usize,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Fault {
        Fault::new(kind, en, zh).of(self.format.header.get(column).map_or("?", String::as_str))
    }

    fn word_fault(&self, column: usize) -> Fault {
        let word = shown(&self.cell(column));
        self.fault_of(
            FaultKind::Word,
            column,
            format!("the format does not know the word '{word}'"),
            format!("格式未声明的取值「{word}」"),
        )
    }

    fn scientific(&self, column: usize, text: &str) -> Fault {
        let text = shown(text);
        self.fault_of(
            FaultKind::Scientific,
            column,
            format!("'{text}' is scientific notation: a spreadsheet has cut digits off"),
            format!("「{text}」是科学计数法，表格软件已丢失末位数字"),
        )
    }

    fn number(&self, column: Option<usize>) -> Result<Option<Cow<'l, str>>, Fault> {
        let Some(column) = column else { return Ok(None) };
        let text = self.cell(column);
        if text.is_empty() || self.format.cells.none.iter().any(|none| *none == text) {
            return Ok(None);
        }
        if is_scientific(&text) {
            return Err(self.scientific(column, &text));
        }
        if text.len() > MAX_NUMBER_BYTES || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(self.fault(
                column,
                format!(
                    "'{}' is no trade number of at most {MAX_NUMBER_BYTES} printable ASCII \
                     characters without blanks",
                    shown(&text)
                ),
                format!(
                    "「{}」不是合法单号（至多 {MAX_NUMBER_BYTES} 个可见 ASCII 字符）",
                    shown(&text)
                ),
            ));
        }
        Ok(Some(text))
    }

    fn money(&self, rule: MoneyColumn, empty_is_zero: bool) -> Result<i64, Fault> {
        let text = self.cell(rule.column);
        if text.is_empty() && empty_is_zero {
            return Ok(0);
        }
        if is_scientific(&text) {
            return Err(self.scientific(rule.column, &text));
        }
        let minor = parse_signed_minor(&text, self.format.scale).map_err(|e| {
            self.fault(
                rule.column,
                e.to_string(),
                format!("「{}」不是至多 {} 位小数的金额", shown(&text), self.format.scale),
            )
        })?;
        // Cannot overflow: an amount is at most i64::MAX either way.
        Ok(if rule.negated { minor.checked_neg().unwrap_or_default() } else { minor })
    }

    fn status(&self, rule: &StatusRule) -> Result<Status, Fault> {
        match rule {
            StatusRule::Always(status) => Ok(*status),
            StatusRule::Words { column, words } => {
                let word = self.cell(*column);
                words
                    .iter()
                    .find_map(|(w, status)| (*w == word).then_some(*status))
                    .ok_or_else(|| self.word_fault(*column))
            }
        }
    }

    fn time(&self, column: usize) -> Result<Timestamp, Fault> {
        let text = self.cell(column);
        self.format.time.read(&text).ok_or_else(|| {
            let layout = self.format.time.text();
            self.fault(
                column,
                format!("'{}' is no moment of the layout {layout}", shown(&text)),
                format!("「{}」不是 {layout} 格式的时间", shown(&text)),
            )
        })
    }
}

/// `4.00123E+27`: digits, perhaps a fraction, an exponent with its sign.
fn is_scientific(text: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    mantissa_fits && exponent.strip_prefix(['+', '-']).is_some_and(digits)
}

/// A value as a person may see it: short, without control characters.
fn shown(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_leaves_is_recognised() {
        for (text, scientific) in [
            ("4.00123E+27", true),
            ("4E+27", true),
            ("1.5e-7", true),
            ("4200000574024282404777899068", false),
            ("12E5", false),
            ("E+27", false),
            ("P4E+1", false),
            ("4.E+1", false),
        ] {
            assert_eq!(is_scientific(text), scientific, "{text}");
        }
    }
}
