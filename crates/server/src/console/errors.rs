//! `/docs/errors`: what every code means. A problem's `type` leads here; it is open to all.
//!
//! The page is docs/reference/errors.md itself: its headings are `English / 中文`, its rows
//! `code | status | again? | English | 中文`.

use super::frame::{Frame, Visit};
use super::words;
use super::{Page, page};
use crate::app::Site;
use askama::Template;
use axum::extract::State;
use types::Locale;

const REFERENCE: &str = include_str!("../../../../docs/reference/errors.md");

struct Row {
    code: &'static str,
    status: &'static str,
    again: &'static str,
    meaning: &'static str,
}

struct Part {
    name: &'static str,
    rows: Vec<Row>,
}

/// The reference.
#[derive(Template)]
#[template(path = "errors.html")]
pub(super) struct Errors {
    frame: Frame,
    parts: Vec<Part>,
}

pub(super) async fn show(State(site): State<Site>, visit: Visit) -> Page {
    page(&Errors::new(Frame::bare(visit, site.now())))
}

fn again(word: &'static str, l: Locale) -> &'static str {
    let zh = match word {
        "yes" => "可以",
        "later" => "稍后",
        "new" => "重新下单",
        "no" => "不可",
        _ => word,
    };
    words::pick(l, word, zh)
}

/// A row of a table of codes; other lines and other tables are none.
fn row(line: &'static str, l: Locale) -> Option<Row> {
    let cells: Vec<_> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [code, status, word, en, zh, ..] = cells.as_slice() else { return None };
    let code = code.strip_prefix('`')?.strip_suffix('`')?;
    Some(Row { code, status, again: again(word, l), meaning: words::pick(l, en, zh) })
}

fn parts(text: &'static str, l: Locale) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let (en, zh) = heading.split_once(" / ").unwrap_or((heading, heading));
            parts.push(Part { name: words::pick(l, en, zh), rows: Vec::new() });
        } else if let (Some(part), Some(row)) = (parts.last_mut(), row(line, l)) {
            part.rows.push(row);
        }
    }
    parts.retain(|part| !part.rows.is_empty());
    parts
}

impl Errors {
    fn new(frame: Frame) -> Self {
        Self { parts: parts(REFERENCE, frame.locale), frame }
    }
}

#[cfg(test)]
impl Errors {
    pub(super) fn sample(locale: Locale) -> Self {
        let frame = Frame::sample(locale, super::frame::Section::None);
        Self::new(Frame { open_date: None, ..frame })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_reference_is_on_the_page() {
        let wanted = REFERENCE.lines().filter(|line| line.starts_with("| `")).count();
        let shown: usize = parts(REFERENCE, Locale::En).iter().map(|part| part.rows.len()).sum();
        assert!(wanted > 100);
        assert_eq!(wanted, shown, "a row is not of the form code | status | again? | en | zh");
    }
}
