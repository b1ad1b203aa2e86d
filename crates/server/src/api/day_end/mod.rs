//! Day ends.

pub(super) mod run;
pub(super) mod show;

pub(crate) use run::run as run_step;

use dayend::StepView;
use serde::Serialize;
use types::{BusinessDate, Locale, Timestamp};

/// One step of a day's end.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StepBody {
    /// The accounting date.
    #[schema(value_type = String, format = "date")]
    date: BusinessDate,
    /// The step.
    #[schema(example = "fetch_statement")]
    step: &'static str,
    /// The channel, for a step that is taken once for each.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// `waiting`, `running`, `failed` (tried again at `next_at`) or `done`.
    state: &'static str,
    /// When it is due.
    #[schema(value_type = String, format = "date-time")]
    due_at: Timestamp,
    /// How often it was begun.
    attempts: u32,
    /// When it was begun last.
    #[schema(value_type = Option<String>, format = "date-time")]
    started_at: Option<Timestamp>,
    /// When it was done.
    #[schema(value_type = Option<String>, format = "date-time")]
    finished_at: Option<Timestamp>,
    /// Before this moment it is not tried again by itself.
    #[schema(value_type = Option<String>, format = "date-time")]
    next_at: Option<Timestamp>,
    /// Why it failed the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<StepError>,
    /// When an alarm was raised because it was not done in time.
    #[schema(value_type = Option<String>, format = "date-time")]
    alarmed_at: Option<Timestamp>,
}

/// Why a step failed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StepError {
    /// The stable code.
    code: String,
    /// The sentence, in the reader's language.
    detail: String,
}

impl StepBody {
    fn new(view: StepView, locale: Locale) -> Self {
        let StepView { due_at, progress } = view;
        let error = progress.failure.map(|failure| StepError {
            detail: failure.reason.get(locale).to_owned(),
            code: failure.code,
        });
        Self {
            date: progress.date,
            step: progress.step.word(),
            channel: Some(progress.channel).filter(|code| !code.is_empty()),
            state: progress.state.word(),
            due_at,
            attempts: progress.attempts,
            started_at: progress.started_at,
            finished_at: progress.finished_at,
            next_at: progress.next_at,
            error,
            alarmed_at: progress.alarmed_at,
        }
    }
}
