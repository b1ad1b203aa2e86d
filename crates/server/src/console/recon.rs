//! `/recon`: the reconciliation runs, newest first.

use super::figures::{count, money};
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::{Page, page};
use crate::app::Site;
use askama::Template;
use axum::extract::State;
use recon::{RunReport, RunState};
use types::{BusinessDate, RunId};

const LIMIT: u64 = 100;

struct RunRow {
    id: RunId,
    date: BusinessDate,
    channel: String,
    version: u32,
    current: bool,
    file: String,
    matched: String,
    breaks: u64,
    ours: String,
    theirs: String,
}

/// The runs.
#[derive(Template)]
#[template(path = "recon.html")]
pub(super) struct Runs {
    frame: Frame,
    runs: Vec<RunRow>,
}

pub(super) async fn show(State(site): State<Site>, visit: Visit) -> Page {
    let runs = site.recon.runs(None, LIMIT).await?;
    let names = Names::new(&site, visit.locale);
    page(&Runs::new(Frame::new(&site, visit, Section::Recon), runs, &names))
}

impl Runs {
    fn new(frame: Frame, runs: Vec<RunReport>, names: &Names) -> Self {
        let row = |run: RunReport| RunRow {
            id: run.run,
            date: run.date,
            version: run.version,
            current: run.state == RunState::Current,
            matched: count(run.matched),
            breaks: run.sheet.breaks(),
            ours: money(run.sheet.ours_net_minor),
            theirs: money(run.sheet.theirs_net_minor),
            channel: names.channel(&run.channel),
            file: run.file_name,
        };
        Self { runs: runs.into_iter().map(row).collect(), frame }
    }
}

#[cfg(test)]
impl Runs {
    pub(super) fn sample(locale: types::Locale) -> Self {
        let run = super::run::sample_report();
        let old = RunReport { state: RunState::Superseded, ..run.clone() };
        Self::new(Frame::sample(locale, Section::Recon), vec![run, old], &Names::none(locale))
    }
}
