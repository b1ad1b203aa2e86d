//! `/day-end`: the steps of a day's end; an operator may take one now.

use super::figures::moment;
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::words::{self, BAD, Tone};
use super::{Page, page, see_other};
use crate::api::run_step;
use crate::app::Site;
use crate::extract::{Maker, StrictQuery};
use crate::problem::Refusal;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use dayend::{StepState, StepView};
use serde::Deserialize;
use types::{BusinessDate, Timestamp};

struct StepRow {
    step: &'static str,
    name: &'static str,
    /// Its code, and what people call it.
    channel: String,
    channel_name: String,
    due: String,
    finished: String,
    next: String,
    attempts: u32,
    state: &'static str,
    /// It may be taken again, as when a statement was corrected.
    done: bool,
    tone: Tone,
    error: Option<(String, String)>,
}

/// A day's end.
#[derive(Template)]
#[template(path = "day_end.html")]
pub(super) struct DayEnds {
    frame: Frame,
    date: BusinessDate,
    unfinished: Vec<BusinessDate>,
    rows: Vec<StepRow>,
}

/// Which day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    date: Option<BusinessDate>,
}

/// Which step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    date: BusinessDate,
    step: String,
    channel: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(Query { date }): StrictQuery<Query>,
) -> Page {
    let unfinished = site.day_end.unfinished().await?;
    // What is not done yet is what one comes to see.
    let oldest = unfinished.first().copied();
    let date = date.or(oldest).unwrap_or_else(|| site.book.open_date());
    let steps = site.day_end.steps(date).await?;
    let names = Names::new(&site, visit.locale);
    let frame = Frame::new(&site, visit, Section::DayEnd);
    page(&DayEnds::new(frame, date, unfinished, steps, &names))
}

pub(super) async fn run(
    Maker(operator): Maker,
    State(site): State<Site>,
    Form(Run { date, step, channel }): Form<Run>,
) -> Result<Response, Refusal> {
    let channel = Some(channel.as_str()).filter(|code| !code.is_empty());
    run_step(&site, &operator, date, &step, channel).await?;
    Ok(see_other(&format!("/day-end?date={date}")))
}

impl DayEnds {
    fn new(
        frame: Frame,
        date: BusinessDate,
        unfinished: Vec<BusinessDate>,
        steps: Vec<StepView>,
        names: &Names,
    ) -> Self {
        let l = frame.locale;
        let at = |at: Option<Timestamp>| at.map(moment).unwrap_or_default();
        let row = |StepView { due_at, progress }: StepView| {
            let (state, tone) = words::step_state(progress.state, l);
            StepRow {
                step: progress.step.word(),
                name: words::day_end_step(progress.step, l),
                due: moment(due_at),
                finished: at(progress.finished_at),
                next: at(progress.next_at),
                attempts: progress.attempts,
                state,
                done: progress.state == StepState::Done,
                tone: if progress.alarmed_at.is_some() { BAD } else { tone },
                error: progress.failure.map(|f| (f.code, f.reason.get(l).to_owned())),
                channel_name: names.channel(&progress.channel),
                channel: progress.channel,
            }
        };
        Self { date, unfinished, rows: steps.into_iter().map(row).collect(), frame }
    }
}

#[cfg(test)]
impl DayEnds {
    pub(super) fn sample(locale: types::Locale) -> Self {
        use dayend::{Failure, Progress, Step};
        let date: BusinessDate = "2026-10-12".parse().expect("a date");
        let noon = date.next().start().plus_seconds(12 * 3_600);
        let failure = Failure {
            code: "statement_not_ready".to_owned(),
            reason: types::Text::new("<b>order not there yet", "对账单尚未生成"),
        };
        let view = |step, state, failure: Option<Failure>| StepView {
            due_at: noon,
            progress: Progress {
                date,
                step,
                channel: if step == Step::FetchStatement { "card" } else { "" }.to_owned(),
                state,
                attempts: 1,
                started_at: Some(noon),
                finished_at: failure.is_none().then_some(noon),
                next_at: failure.as_ref().map(|_| noon),
                alarmed_at: failure.as_ref().map(|_| noon),
                failure,
                result: None,
            },
        };
        let steps = vec![
            view(Step::CutDay, StepState::Done, None),
            view(Step::FetchStatement, StepState::Failed, Some(failure)),
        ];
        Self::new(
            Frame::sample(locale, Section::DayEnd),
            date,
            vec![date],
            steps,
            &Names::none(locale),
        )
    }
}
