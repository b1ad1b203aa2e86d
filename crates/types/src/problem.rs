//! What people and machines are told when something is refused (RFC 9457 in the API).

use crate::Text;

/// The family a problem belongs to; the API maps it to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The input is not of the wanted form (400).
    Invalid,
    /// Who asks is not known (401).
    Unauthenticated,
    /// Who asks may not (403).
    Forbidden,
    /// The thing named does not exist, or is not the asker's (404).
    NotFound,
    /// It collides with what is there: another body under the same key, a second open run (409).
    Conflict,
    /// A rule of business refuses it (422).
    Refused,
    /// Too much asked at once (429).
    Overloaded,
    /// Something we depend on is away; the same call may succeed later (503).
    Unavailable,
    /// A fault of ours (500).
    Internal,
}

/// One refusal: a stable code, the field and its fault, a sentence in both languages.
///
/// Every room's error converts into this; the CLI prints it and the API serves it as problem+json.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The family.
    pub kind: ProblemKind,
    /// The stable code, `snake_case`; each has a line in docs/reference/errors.md.
    pub code: &'static str,
    /// The input field at fault, as the caller wrote it (`amount_minor`, `payer.user_id`).
    pub field: Option<String>,
    /// The sentence: which rule, and what is wrong with the value.
    pub reason: Text,
}

impl Problem {
    /// A problem with no field.
    pub fn new(
        kind: ProblemKind,
        code: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        Self { kind, code, field: None, reason: Text::new(en, zh) }
    }

    /// The same, naming the field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Whether sending the same again may succeed.
    pub fn retryable(&self) -> bool {
        matches!(self.kind, ProblemKind::Unavailable | ProblemKind::Overloaded)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{} ({field}): {}", self.code, self.reason.en),
            None => write!(f, "{}: {}", self.code, self.reason.en),
        }
    }
}

impl std::error::Error for Problem {}
