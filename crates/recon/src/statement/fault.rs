//! What is wrong with a file, said so that a person can find it.

use serde::Serialize;
use types::{Problem, ProblemKind, Text};

/// The kinds of fault; each has a stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The container cannot be opened, or holds other entries than declared.
    Container,
    /// The bytes are not of the declared encoding.
    Encoding,
    /// A limit: bytes, ratio, line, rows.
    TooLarge,
    /// A line before the header is not as declared.
    Preamble,
    /// The header line is not as declared.
    Header,
    /// A row cannot be split into its cells.
    Cells,
    /// A number or identifier lost its digits to a spreadsheet (`4.00123E+27`).
    Scientific,
    /// A cell is not what its column must hold.
    Value,
    /// A word that the format does not know.
    Word,
    /// The trailer is missing or not as declared, or something stands after it.
    Trailer,
    /// The trailer's count or sum is not that of the rows.
    TrailerMismatch,
    /// Not one row is of the date the statement was asked for.
    OtherDate,
}

impl FaultKind {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Container => "statement_container",
            Self::Encoding => "statement_encoding",
            Self::TooLarge => "statement_too_large",
            Self::Preamble => "statement_preamble",
            Self::Header => "statement_header",
            Self::Cells => "statement_row_cells",
            Self::Scientific => "statement_row_scientific",
            Self::Value => "statement_row_value",
            Self::Word => "statement_row_word",
            Self::Trailer => "statement_trailer",
            Self::TrailerMismatch => "statement_trailer_mismatch",
            Self::OtherDate => "statement_other_date",
        }
    }
}

/// One fault, its place not yet known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The kind.
    pub kind: FaultKind,
    /// The column at fault.
    pub column: Option<String>,
    /// The rule, and what is wrong with the value.
    pub reason: Text,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { kind, column: None, reason: Text::new(en, zh) }
    }

    pub(crate) fn of(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }

    pub(crate) fn on(self, line: u64) -> Finding {
        Finding { line: Some(line), fault: self }
    }
}

/// A fault with its line (from 1), where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The line of the unpacked file.
    pub line: Option<u64>,
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
}

impl Finding {
    /// The sentence with its place, in English and Chinese.
    pub fn sentence(&self) -> Text {
        let column = self.fault.column.as_deref();
        let en = match (self.line, column) {
            (Some(line), Some(column)) => format!("line {line}, {column}: "),
            (Some(line), None) => format!("line {line}: "),
            (None, _) => String::new(),
        };
        let zh = match (self.line, column) {
            (Some(line), Some(column)) => format!("第 {line} 行「{column}」："),
            (Some(line), None) => format!("第 {line} 行："),
            (None, _) => String::new(),
        };
        Text::new(en + &self.fault.reason.en, zh + &self.fault.reason.zh)
    }
}

/// Why a file was refused whole. There is at least one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What was found, in the order of the file.
    pub findings: Vec<Finding>,
    /// Whether reading stopped at the limit, so that there may be more.
    pub more: bool,
}

impl Refusal {
    pub(crate) fn one(finding: Finding) -> Self {
        Self { findings: vec![finding], more: false }
    }

    pub(crate) fn whole(fault: Fault) -> Self {
        Self::one(Finding { line: None, fault })
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the statement is refused")?;
        for finding in &self.findings {
            write!(f, "\n  {}", finding.sentence().en)?;
        }
        if self.more {
            f.write_str("\n  and perhaps more: reading stopped here")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Problem {
    /// The first finding gives the code and the field; all of them the reason.
    fn from(refusal: Refusal) -> Self {
        let join = |locale: fn(&Text) -> &str| {
            refusal
                .findings
                .iter()
                .map(|f| locale(&f.sentence()).to_owned())
                .collect::<Vec<_>>()
                .join("; ")
        };
        let (more_en, more_zh) =
            if refusal.more { ("; reading stopped here", "；已停止读取") } else { ("", "") };
        let en = format!("the statement is refused: {}{more_en}", join(|t| t.en.as_str()));
        let zh = format!("对账单整份拒收：{}{more_zh}", join(|t| t.zh.as_str()));
        let first = refusal.findings.first();
        let code = first.map_or("statement_refused", |f| f.fault.kind.code());
        let field = first
            .and_then(|f| Some(format!("line {}", f.line?)))
            .unwrap_or_else(|| "statement".to_owned());
        Self::new(ProblemKind::Invalid, code, en, zh).at(field)
    }
}
