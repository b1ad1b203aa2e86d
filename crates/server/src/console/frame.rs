//! What surrounds every page: language, navigation, the state of the book.

use super::{figures, words};
use crate::app::Site;
use crate::extract::{Operator, Reader};
use crate::operators::Role;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use types::{Locale, Timestamp};

/// The parts of the console, in the order of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Board,
    Orders,
    Risk,
    Ledger,
    Recon,
    Settlement,
    DayEnd,
    Merchants,
    Users,
    /// Sign-in and problems.
    None,
}

/// One link of the navigation.
pub(super) struct Link {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    /// The key that opens it together with the browser's modifier.
    pub(super) key: u8,
    pub(super) here: bool,
}

/// Who looks at what.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(super) locale: Locale,
    /// The page, to come back to after the language was changed.
    back: String,
    /// Who is signed in.
    operator: Option<Operator>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let Reader(locale) = Reader::of(&parts.headers);
        // Without the query of the sign-in page, which may hold the token.
        let back = match parts.uri.path_and_query() {
            Some(whole) if parts.uri.path() != "/sign-in" => whole.as_str().to_owned(),
            _ => parts.uri.path().to_owned(),
        };
        Ok(Self { locale, back, operator: parts.extensions.get::<Operator>().cloned() })
    }
}

/// The frame of a page.
pub(super) struct Frame {
    pub(super) locale: Locale,
    pub(super) section: Section,
    pub(super) back: String,
    /// The open accounting date; absent before sign-in.
    pub(super) open_date: Option<String>,
    /// What last took effect in the book.
    pub(super) seq: String,
    /// When the page was made.
    pub(super) now: String,
    /// Who is signed in; empty before.
    pub(super) who: String,
    /// Whether the reader may do the day's work: else its forms would only be refused.
    pub(super) maker: bool,
    /// Whether the reader may decide what others have asked for.
    pub(super) checker: bool,
}

impl Frame {
    /// The frame of a page of this section.
    pub(super) fn new(site: &Site, visit: Visit, section: Section) -> Self {
        let is = |role| visit.operator.as_ref().is_some_and(|operator| operator.is(role));
        Self {
            maker: is(Role::Maker),
            checker: is(Role::Checker),
            who: visit.operator.as_ref().map(Operator::name).unwrap_or_default().to_owned(),
            locale: visit.locale,
            section,
            back: visit.back,
            open_date: Some(site.book.open_date().to_string()),
            seq: figures::count(site.book.seq()),
            now: figures::moment(site.now()),
        }
    }

    /// The frame of a page for somebody who has not signed in: it tells nothing of the house.
    pub(super) fn bare(visit: Visit, now: Timestamp) -> Self {
        Self {
            locale: visit.locale,
            section: Section::None,
            back: visit.back,
            open_date: None,
            seq: String::new(),
            now: figures::moment(now),
            who: String::new(),
            maker: false,
            checker: false,
        }
    }

    /// The text that the reader wants.
    pub(super) fn t<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        words::pick(self.locale, en, zh)
    }

    /// The navigation.
    pub(super) fn links(&self) -> Vec<Link> {
        let all = [
            (Section::Board, "/", "Board", "看板"),
            (Section::Orders, "/orders", "Orders", "订单"),
            (Section::Risk, "/risk", "Risk", "风控"),
            (Section::Ledger, "/accounts", "Ledger", "账务"),
            (Section::Recon, "/recon", "Reconciliation", "对账"),
            (Section::Settlement, "/settlement", "Settlement", "结算"),
            (Section::DayEnd, "/day-end", "Day end", "日终"),
            (Section::Merchants, "/merchants", "Merchants", "商户"),
            (Section::Users, "/users", "Users", "用户"),
        ];
        (1..)
            .zip(all)
            .map(|(key, (section, path, en, zh))| Link {
                path,
                name: words::pick(self.locale, en, zh),
                key,
                here: section == self.section,
            })
            .collect()
    }
}

#[cfg(test)]
impl Frame {
    /// A frame for samples of pages.
    pub(super) fn sample(locale: Locale, section: Section) -> Self {
        Self {
            locale,
            section,
            back: "/orders?kind=payment".to_owned(),
            open_date: Some("2026-10-13".to_owned()),
            seq: "123,456".to_owned(),
            now: "2026-10-13 09:30:00".to_owned(),
            who: "li.na".to_owned(),
            maker: true,
            checker: true,
        }
    }
}
