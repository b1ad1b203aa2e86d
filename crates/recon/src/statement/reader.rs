//! Reading: preamble, header, rows, trailer, in this order and no other.

use std::io::Read;

use arrow::record_batch::RecordBatch;

use super::cells::Cells;
use super::explain::Observer;
use super::lines::Lines;
use super::row::Line;
use super::trailer::Trailer;
use super::{Columns, Fault, FaultKind, Finding, Limits, LineKind, Refusal, Row, Summary};
use crate::Format;

/// Which part of the file comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// This many lines of the preamble were read.
    Preamble(usize),
    Rows,
    Trailer,
}

struct Reader<'a> {
    format: &'a Format,
    limits: Limits,
    sink: &'a mut dyn FnMut(RecordBatch),
    part: Part,
    cells: Cells,
    columns: Columns,
    trailer: Trailer<'a>,
    summary: Summary,
    findings: Vec<Finding>,
    /// A blank line was seen; only the end of the file may follow.
    blank: Option<u64>,
}

/// Reads a file to its end.
pub(super) fn run(
    format: &Format,
    source: &mut dyn Read,
    limits: Limits,
    sink: &mut dyn FnMut(RecordBatch),
    observer: &mut dyn Observer,
) -> Result<Summary, Refusal> {
    let mut reader = Reader {
        format,
        limits,
        sink,
        part: Part::Preamble(0),
        cells: Cells::default(),
        columns: Columns::default(),
        trailer: Trailer::new(format),
        summary: Summary::default(),
        findings: Vec::new(),
        blank: None,
    };
    let mut lines = Lines::new(source, format.file.charset, limits.line_bytes);
    let mut last = 0;
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(finding) => return Err(reader.refuse(finding, true)),
        };
        last = line.number;
        let text = lines.text(&line);
        let result = reader.line(line.number, text, lines.looks_utf8(), observer);
        if let Err(fault) = result {
            observer.refused(line.number, text, &fault);
            // Behind a wrong beginning nothing can be understood.
            let hopeless = matches!(reader.part, Part::Preamble(_))
                || fault.kind == FaultKind::TooLarge
                || reader.findings.len().saturating_add(1) >= limits.findings;
            let finding = fault.on(line.number);
            if hopeless {
                return Err(reader.refuse(finding, true));
            }
            reader.findings.push(finding);
        }
    }
    reader.end(last)
}

impl Reader<'_> {
    fn refuse(&mut self, finding: Finding, more: bool) -> Refusal {
        let mut findings = std::mem::take(&mut self.findings);
        findings.push(finding);
        Refusal { findings, more }
    }

    fn line(
        &mut self,
        number: u64,
        text: &str,
        looks_utf8: bool,
        observer: &mut dyn Observer,
    ) -> Result<(), Fault> {
        if let Some(blank) = self.blank {
            return Err(Fault::new(
                FaultKind::Cells,
                format!("text follows the blank line {blank}"),
                format!("第 {blank} 行空行之后还有内容"),
            ));
        }
        match self.part {
            Part::Preamble(read) => {
                let kind = self.beginning(read, text).map_err(|f| self.hint(f, looks_utf8))?;
                observer.line(number, kind, text);
                Ok(())
            }
            Part::Rows | Part::Trailer if text.is_empty() => {
                self.blank = Some(number);
                Ok(())
            }
            Part::Rows if self.trailer.begins_with(text) => {
                self.part = Part::Trailer;
                self.trailer.line(number, text)?;
                observer.line(number, LineKind::Trailer, text);
                Ok(())
            }
            Part::Rows => self.row(number, text, observer),
            Part::Trailer => {
                self.trailer.line(number, text)?;
                observer.line(number, LineKind::Trailer, text);
                Ok(())
            }
        }
    }

    fn beginning(&mut self, read: usize, text: &str) -> Result<LineKind, Fault> {
        let Some(expected) = self.format.preamble.get(read) else {
            self.header(text)?;
            self.part = Part::Rows;
            return Ok(LineKind::Header);
        };
        if !expected.fits(text) {
            return Err(Fault::new(
                FaultKind::Preamble,
                format!("a line of the form '{}' is wanted", expected.text()),
                format!("此处应为「{}」", expected.text()),
            ));
        }
        self.part = Part::Preamble(read.saturating_add(1));
        Ok(LineKind::Preamble)
    }

    /// The header must be the declared one, name by name; the fault names the first difference.
    fn header(&self, text: &str) -> Result<(), Fault> {
        let rules = &self.format.cells;
        let split = |line: &str| -> Vec<String> {
            let count = line.split(rules.delimiter).count();
            let mut cells = Cells::default();
            match cells.split(line, rules, count) {
                Ok(()) => (0..count).map(|i| cells.get(line, i, rules).into_owned()).collect(),
                Err(_) => vec![line.chars().take(40).collect()],
            }
        };
        let found = split(text);
        let wanted = &self.format.header;
        if found == *wanted {
            return Ok(());
        }
        let fault = |en: String, zh: String, column: &str| {
            Err(Fault::new(FaultKind::Header, en, zh).of(column))
        };
        if let Some(column) = wanted.iter().find(|c| !found.contains(c)) {
            return fault("the header lacks this column".into(), "表头缺少此列".into(), column);
        }
        if let Some(column) = found.iter().find(|c| !wanted.contains(c)) {
            let column: String = column.chars().take(40).collect();
            return fault(
                "the header has a column that the format does not declare".into(),
                "表头含有格式未声明的列".into(),
                &column,
            );
        }
        let place = wanted.iter().zip(&found).position(|(w, f)| w != f).unwrap_or_default();
        let column = wanted.get(place).map_or("?", String::as_str);
        fault(
            format!(
                "the header has this column elsewhere than in place {}",
                place.saturating_add(1)
            ),
            format!("表头中此列不在第 {} 位", place.saturating_add(1)),
            column,
        )
    }

    /// The commonest reason for a strange beginning is an encoding other than the declared one.
    fn hint(&self, mut fault: Fault, looks_utf8: bool) -> Fault {
        if looks_utf8 && self.format.file.charset == crate::format::Charset::Gb18030 {
            fault.kind = FaultKind::Encoding;
            fault.reason.en.push_str("; the file looks like UTF-8, the format declares GB18030");
            fault.reason.zh.push_str("；文件像是 UTF-8 编码，而格式声明为 GB18030");
        }
        fault
    }

    fn row(&mut self, number: u64, text: &str, observer: &mut dyn Observer) -> Result<(), Fault> {
        let format = self.format;
        self.cells.split(text, &format.cells, format.header.len())?;
        let line = Line { text, cells: &self.cells, format };
        let (place, rule) = line.rule()?;
        let row = line.row(rule)?;
        self.trailer.count(&line, place)?;
        self.summary.add(&row, self.limits.rows)?;
        observer.row(number, text, &rule.name, &row);
        // A file with a broken row is refused: its other rows are checked and not kept.
        if self.findings.is_empty() {
            self.columns.push(i64::try_from(number).unwrap_or(i64::MAX), &row, None);
            if self.columns.is_full() {
                flush(&mut self.columns, self.sink)?;
            }
        }
        Ok(())
    }

    fn end(mut self, last: u64) -> Result<Summary, Refusal> {
        if let Part::Preamble(_) = self.part {
            let finding = Fault::new(
                FaultKind::Header,
                "the file ends before its header",
                "文件在表头之前结束",
            )
            .on(last.max(1));
            return Err(self.refuse(finding, false));
        }
        // With a broken row the sums are wrong anyway; saying so would only distract.
        if self.findings.is_empty() {
            self.findings = self.trailer.verify(last);
        }
        if !self.findings.is_empty() {
            return Err(Refusal { findings: self.findings, more: false });
        }
        if !self.columns.is_empty() {
            flush(&mut self.columns, self.sink).map_err(Refusal::whole)?;
        }
        Ok(self.summary)
    }
}

fn flush(columns: &mut Columns, sink: &mut dyn FnMut(RecordBatch)) -> Result<(), Fault> {
    let batch = columns.finish().map_err(|e| {
        Fault::new(
            FaultKind::TooLarge,
            format!("rows cannot be kept: {e}"),
            format!("无法暂存明细：{e}"),
        )
    })?;
    sink(batch);
    Ok(())
}

impl Summary {
    fn add(&mut self, row: &Row<'_>, most: u64) -> Result<(), Fault> {
        if self.totals.rows >= most {
            return Err(Fault::new(
                FaultKind::TooLarge,
                format!("the file has more than {most} rows"),
                format!("文件超过 {most} 行"),
            ));
        }
        self.totals =
            self.totals.plus(row.flow, row.status, row.amount_minor, row.fee_minor).ok_or_else(
                || Fault::new(FaultKind::TooLarge, "the sum of the rows overflows", "明细合计溢出"),
            )?;
        self.unnumbered = self.unnumbered.saturating_add(u64::from(row.our_no.is_none()));
        let (first, last) = self.span.unwrap_or((row.at, row.at));
        self.span = Some((first.min(row.at), last.max(row.at)));
        Ok(())
    }
}
