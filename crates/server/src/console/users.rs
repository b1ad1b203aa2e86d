//! `/users`: registrations, newest first.

use super::figures::{count, moment};
use super::frame::{Frame, Section, Visit};
use super::words::{self, Tone};
use super::{Page, page};
use crate::app::Site;
use crate::extract::StrictQuery;
use askama::Template;
use axum::extract::State;
use members::{UserFilter, UserPage, UserView};
use serde::Deserialize;
use types::{AccountId, CustomerId, Locale, UserId};

const LIMIT: u64 = 50;

pub(super) struct UserRow {
    pub(super) id: UserId,
    pub(super) customer: Option<CustomerId>,
    pub(super) phone: String,
    pub(super) class: &'static str,
    pub(super) account: Option<AccountId>,
    pub(super) standing: &'static str,
    pub(super) tone: Tone,
    pub(super) has_password: bool,
    pub(super) created: String,
}

impl UserRow {
    pub(super) fn new(l: Locale, user: &UserView) -> Self {
        let (standing, tone) = words::standing(user.standing, l);
        Self {
            id: user.user,
            customer: user.customer,
            phone: user.phone.to_string(),
            class: user.class.map(members::Class::code).unwrap_or_default(),
            account: user.account,
            standing,
            tone,
            has_password: user.has_password,
            created: moment(user.created_at),
        }
    }
}

/// The users.
#[derive(Template)]
#[template(path = "users.html")]
pub(super) struct Users {
    frame: Frame,
    total: String,
    rows: Vec<UserRow>,
    next: Option<UserId>,
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    before: Option<UserId>,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let filter = UserFilter::default();
    let users = site.members.users(filter, query.before, LIMIT, site.now()).await?;
    page(&Users::new(Frame::new(&site, visit, Section::Users), &users))
}

impl Users {
    fn new(frame: Frame, page: &UserPage) -> Self {
        let rows = page.users.iter().map(|user| UserRow::new(frame.locale, user)).collect();
        Self { frame, total: count(page.total), rows, next: page.next }
    }
}

#[cfg(test)]
pub(super) fn sample_user() -> UserView {
    UserView {
        user: UserId::of(&[b"u"]),
        customer: Some(CustomerId::of(&[b"c"])),
        class: members::Class::from_number(1),
        account_class: members::Class::from_number(1),
        account: Some(AccountId::of(&[b"a"])),
        standing: members::Standing::UserFrozen,
        phone: types::Masked::new("13800138000"),
        login_name: None,
        has_password: true,
        created_at: types::Timestamp::from_micros(0),
    }
}

#[cfg(test)]
impl Users {
    pub(super) fn sample(locale: Locale) -> Self {
        let users = vec![sample_user(), UserView { customer: None, class: None, ..sample_user() }];
        let page = UserPage { next: users.last().map(|user| user.user), users, total: 2_000 };
        Self::new(Frame::sample(locale, Section::Users), &page)
    }
}
