//! `/lists`: the black, grey and white lists, and putting on them and taking off.

use super::figures::moment;
use super::frame::{Frame, Section, Visit};
use super::words::{self, BAD, GOOD, Tone, WARN};
use super::{Page, page, see_other};
use crate::api::{put_on_list, take_off_list};
use crate::app::Site;
use crate::extract::{Maker, StrictQuery};
use crate::problem::Refusal;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use risk::{Level, ListEntry, Listed};
use serde::Deserialize;
use types::{BusinessDate, Locale, Problem, ProblemKind, Timestamp};

const LIMIT: u64 = 100;

/// A choice of a form.
struct Choice {
    code: &'static str,
    name: &'static str,
}

struct EntryRow {
    listed: Choice,
    value: String,
    level: &'static str,
    tone: Tone,
    reason: String,
    source: String,
    since: String,
    until: String,
    /// Whether it is in force no more.
    expired: bool,
}

/// The lists.
#[derive(Template)]
#[template(path = "lists.html")]
pub(super) struct Lists {
    frame: Frame,
    rows: Vec<EntryRow>,
    elements: Vec<Choice>,
    levels: Vec<Choice>,
    /// Where the next page begins.
    next: Option<(&'static str, String)>,
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    after: Option<Listed>,
    after_value: Option<String>,
}

/// A value to be put on a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Put {
    listed: Listed,
    value: String,
    level: Level,
    reason: String,
    /// The last date on which it is in force; empty: until it is taken off.
    through: String,
}

/// A value to be taken off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Take {
    listed: Listed,
    value: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let after = query.after.map(|listed| (listed, query.after_value.unwrap_or_default()));
    let entries = site.risk.lists(after, LIMIT).await?;
    let frame = Frame::new(&site, visit, Section::Risk);
    page(&Lists::new(frame, entries, site.now()))
}

pub(super) async fn put(
    Maker(operator): Maker,
    State(site): State<Site>,
    Form(form): Form<Put>,
) -> Result<Response, Refusal> {
    let entry = ListEntry {
        listed: form.listed,
        value: form.value.trim().to_owned(),
        level: form.level,
        source: operator.name().to_owned(),
        reason: form.reason,
        expires_at: end_of(&form.through)?,
        created_at: site.now(),
    };
    put_on_list(&site, entry).await?;
    Ok(see_other("/lists"))
}

pub(super) async fn take(
    Maker(operator): Maker,
    State(site): State<Site>,
    Form(form): Form<Take>,
) -> Result<Response, Refusal> {
    take_off_list(&site, (form.listed, form.value), operator.name()).await?;
    Ok(see_other("/lists"))
}

/// The moment at which a date is over.
fn end_of(date: &str) -> Result<Option<Timestamp>, Problem> {
    if date.is_empty() {
        return Ok(None);
    }
    let date: Option<BusinessDate> = date.parse().ok();
    let end = date.map(|date| date.next().start());
    end.map(Some).ok_or_else(|| {
        let (en, zh) = ("this is no date", "不是有效日期");
        Problem::new(ProblemKind::Invalid, "invalid_field", en, zh).at("through")
    })
}

fn element(listed: Listed, locale: Locale) -> Choice {
    let (en, zh) = listed.names();
    Choice { code: listed.code(), name: words::pick(locale, en, zh) }
}

fn level(level: Level, locale: Locale) -> (&'static str, Tone) {
    let (en, zh, tone) = match level {
        Level::Black => ("black", "黑名单", BAD),
        Level::Grey => ("grey", "灰名单", WARN),
        Level::White => ("white", "白名单", GOOD),
    };
    (words::pick(locale, en, zh), tone)
}

impl Lists {
    fn new(frame: Frame, entries: Vec<ListEntry>, now: Timestamp) -> Self {
        let l = frame.locale;
        let full = u64::try_from(entries.len()).is_ok_and(|count| count == LIMIT);
        let last = entries.last().filter(|_| full);
        let next = last.map(|last| (last.listed.code(), last.value.clone()));
        let levels = [Level::Black, Level::Grey, Level::White];
        Self {
            rows: entries.into_iter().map(|entry| row(l, entry, now)).collect(),
            elements: Listed::ALL.into_iter().map(|listed| element(listed, l)).collect(),
            levels: levels.map(|one| Choice { code: one.code(), name: level(one, l).0 }).into(),
            next,
            frame,
        }
    }
}

fn row(l: Locale, entry: ListEntry, now: Timestamp) -> EntryRow {
    let (name, tone) = level(entry.level, l);
    EntryRow {
        listed: element(entry.listed, l),
        value: entry.value,
        level: name,
        tone,
        reason: entry.reason,
        source: entry.source,
        since: moment(entry.created_at),
        until: entry.expires_at.map(moment).unwrap_or_default(),
        expired: entry.expires_at.is_some_and(|end| end <= now),
    }
}

#[cfg(test)]
impl Lists {
    pub(super) fn sample(locale: Locale) -> Self {
        let now = Timestamp::from_micros(0);
        let entry = |listed, level, expires_at| ListEntry {
            listed,
            value: "<b>203.0.113.7".to_owned(),
            level,
            source: "mei".to_owned(),
            reason: "<b>r</b>".to_owned(),
            expires_at,
            created_at: now,
        };
        let entries = vec![
            entry(Listed::Ip, Level::Black, None),
            entry(Listed::Device, Level::Grey, Some(now)),
            entry(Listed::Merchant, Level::White, Some(now.plus_seconds(1))),
        ];
        let next = Some(("ip", "203.0.113.7".to_owned()));
        Self { next, ..Self::new(Frame::sample(locale, Section::Risk), entries, now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_over_when_the_next_begins_in_shanghai() {
        assert_eq!(end_of("").expect("open"), None);
        let end = end_of("2026-12-31").expect("a date").expect("an end");
        assert_eq!(end.to_string(), "2027-01-01T00:00:00.000+08:00");
        for wrong in ["2026-13-01", "tomorrow", "2026-2-3"] {
            assert_eq!(end_of(wrong).expect_err(wrong).code, "invalid_field");
        }
    }
}
