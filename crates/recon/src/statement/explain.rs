//! What was read, line by line: for the person who writes a format or doubts a file.

use serde::Serialize;
use types::Text;

use super::{Fault, Finding, Limits, Refusal, Row, Summary, Totals, container, reader};
use crate::{Flow, Format};

/// Watches a reader at work.
pub(super) trait Observer {
    fn line(&mut self, number: u64, kind: LineKind, text: &str);
    fn row(&mut self, number: u64, text: &str, rule: &str, row: &Row<'_>);
    fn refused(&mut self, number: u64, text: &str, fault: &Fault);
}

/// Watches nothing.
pub(super) struct Silent;

impl Observer for Silent {
    fn line(&mut self, _number: u64, _kind: LineKind, _text: &str) {}
    fn row(&mut self, _number: u64, _text: &str, _rule: &str, _row: &Row<'_>) {}
    fn refused(&mut self, _number: u64, _text: &str, _fault: &Fault) {}
}

/// What a line was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Before the header.
    Preamble,
    /// The names of the columns.
    Header,
    /// A trade.
    Row,
    /// Counts and sums.
    Trailer,
    /// It could not be read.
    Refused,
}

/// One line and what it was read as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Its number, from 1.
    pub line: u64,
    /// What it was read as.
    pub kind: LineKind,
    /// Its meaning.
    pub meaning: Text,
    /// Its beginning, as decoded (80 characters).
    pub text: String,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The format it was read by.
    pub format: String,
    /// The first lines (and every refused one) explained.
    pub lines: Vec<Explained>,
    /// Lines that were read and are not explained here.
    pub silent: u64,
    /// Rows and sums, if the file was accepted.
    pub totals: Option<Totals>,
    /// Why it was refused, if it was.
    pub findings: Vec<Finding>,
    /// Whether reading stopped early, so that there may be more to find.
    pub more: bool,
}

impl Report {
    /// Whether the file was accepted.
    pub fn accepted(&self) -> bool {
        self.totals.is_some()
    }
}

struct Explainer {
    lines: Vec<Explained>,
    silent: u64,
    most: usize,
}

impl Explainer {
    fn add(&mut self, line: u64, kind: LineKind, text: &str, meaning: impl FnOnce() -> Text) {
        if self.lines.len() >= self.most && kind != LineKind::Refused {
            self.silent = self.silent.saturating_add(1);
            return;
        }
        let text = text.chars().take(80).collect();
        self.lines.push(Explained { line, kind, meaning: meaning(), text });
    }
}

impl Observer for Explainer {
    fn line(&mut self, number: u64, kind: LineKind, text: &str) {
        self.add(number, kind, text, || match kind {
            LineKind::Preamble => {
                Text::new("before the header, as declared", "表头之前的行，符合声明")
            }
            LineKind::Header => {
                Text::new("the names of the columns, as declared", "表头，符合声明")
            }
            _ => Text::new("trailer", "汇总行"),
        });
    }

    fn row(&mut self, number: u64, text: &str, rule: &str, row: &Row<'_>) {
        self.add(number, LineKind::Row, text, || meaning(rule, row));
    }

    fn refused(&mut self, number: u64, text: &str, fault: &Fault) {
        let meaning = || fault.clone().on(number).sentence();
        self.add(number, LineKind::Refused, text, meaning);
    }
}

fn meaning(rule: &str, row: &Row<'_>) -> Text {
    let flow = match row.flow {
        Flow::Pay => "pay",
        Flow::Refund => "refund",
    };
    let or_none = |n: &Option<std::borrow::Cow<'_, str>>| n.as_deref().unwrap_or("-").to_owned();
    let facts = format!(
        "{rule}: {flow} our_no={} channel_no={} refund_of={} amount_minor={} fee_minor={} \
         status={:?} at={}",
        or_none(&row.our_no),
        or_none(&row.channel_no),
        or_none(&row.refund_of),
        row.amount_minor,
        row.fee_minor,
        row.status,
        row.at,
    );
    Text::new(facts.clone(), facts)
}

/// Reads `bytes` and explains the first `most` lines and every refused one.
pub fn check(format: &Format, bytes: &[u8], limits: Limits, most: usize) -> Report {
    let mut explainer = Explainer { lines: Vec::new(), silent: 0, most };
    let result: Result<Summary, Refusal> = container::with(&format.file, bytes, limits, |source| {
        reader::run(format, source, limits, &mut |_| (), &mut explainer)
    });
    let (totals, findings, more) = match result {
        Ok(summary) => (Some(summary.totals), Vec::new(), false),
        Err(refusal) => (None, refusal.findings, refusal.more),
    };
    Report {
        format: format.id.clone(),
        lines: explainer.lines,
        silent: explainer.silent,
        totals,
        findings,
        more,
    }
}
