//! The console (运营后台): pages made on the server, in two languages, without script or outside
//! asset. A file a page: its typed context, how it is filled from the rooms, a sample.

mod account;
mod accounts;
mod approvals;
mod board;
mod channel;
mod cookies;
mod csv;
mod day_end;
mod doors;
mod errors;
mod figures;
mod files;
mod find;
mod frame;
mod given;
mod held;
mod language;
mod leaf;
mod lists;
mod merchants;
mod names;
mod order;
mod orders;
mod party;
mod person;
mod recon;
mod register;
mod relations;
mod review;
mod risk;
mod run;
mod session;
mod settlement;
mod sign_in;
mod sso;
mod transaction;
mod transactions;
mod transit;
mod trial;
mod unit;
mod users;
mod words;

use crate::app::Site;
use crate::limits;
use crate::problem::{self, Refusal};
use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use frame::{Frame, Visit};
pub(crate) use sso::SsoVisit;
use types::{Problem, ProblemKind, Timestamp};

/// A page, or why there is none.
type Page = Result<Html<String>, Refusal>;

/// Writes a page.
fn page(context: &impl Template) -> Page {
    context.render().map(Html).map_err(|error| {
        let (en, zh) = (format!("the page cannot be written: {error}"), "页面无法生成");
        Problem::new(ProblemKind::Internal, "page_fault", en, zh).into()
    })
}

/// Every page. All but the sign-in page need a session; all that change something need our origin.
pub(crate) fn router(site: Site) -> Router<Site> {
    let closed = Router::new()
        .route("/", get(board::show))
        .route("/orders", get(orders::show))
        .route("/orders/{id}", get(order::show))
        .route("/orders/{id}/review", post(review::decide))
        .route("/risk", get(risk::show))
        .route("/lists", get(lists::show).post(lists::put))
        .route("/lists/take", post(lists::take))
        .route("/accounts", get(accounts::show))
        .route("/accounts/{id}", get(account::show))
        .route("/accounts/leaf/{code}", get(leaf::show))
        .route("/transactions", get(transactions::show))
        .route("/transactions/{id}", get(transaction::show))
        .route("/trial-balance", get(trial::show))
        .route("/trial-balance.csv", get(trial::download))
        .route("/recon", get(recon::show))
        .route("/recon/{id}", get(run::show))
        .route("/settlement", get(settlement::show))
        .route("/day-end", get(day_end::show).post(day_end::run))
        .route("/merchants", get(merchants::show))
        .route("/approvals", get(approvals::show))
        .route("/approvals/{number}", post(approvals::decide))
        .route("/users", get(users::show))
        .route("/freezes", post(register::freeze))
        .route("/freezes/{id}/lift", post(register::lift))
        .route("/users/{id}/unmerge", post(register::unmerge))
        .route("/users/{id}/discharge", post(relations::discharge))
        .route("/customers/{id}/users", post(relations::authorise))
        .route("/users/{id}", get(person::user))
        .route("/customers/{id}", get(person::customer))
        .route("/channels/{code}", post(channel::set))
        .route("/find", get(find::show))
        .route("/sign-out", post(sign_in::out))
        .route_layer(middleware::from_fn_with_state(site.clone(), session::require));
    let entrance = Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::post))
        .route_layer(middleware::from_fn_with_state(site.clone(), limits::of_sign_in));
    let open = Router::new()
        .route("/language", post(language::choose))
        .route("/docs/errors", get(errors::show))
        .route("/assets/console.css", get(files::style))
        .route("/assets/icon.svg", get(files::icon));
    closed
        .merge(entrance)
        .merge(open)
        .route_layer(middleware::from_fn(session::same_origin))
        .route_layer(middleware::from_fn_with_state(site, for_people))
}

/// The pages on which users of the house sign in and say what others may do.
pub(crate) fn sso_router(site: Site) -> Router<Site> {
    sso::router()
        .route_layer(middleware::from_fn(session::same_origin))
        .route_layer(middleware::from_fn_with_state(site, for_people))
}

/// A refusal as a page.
#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    status: u16,
    code: &'static str,
    reason: String,
}

impl ProblemPage {
    fn new(visit: Visit, problem: &Problem, now: Timestamp) -> Self {
        let reason = problem.reason.get(visit.locale).to_owned();
        let status = problem::status(problem.kind).as_u16();
        Self { frame: Frame::bare(visit, now), status, code: problem.code, reason }
    }
}

/// Writes refusals of the console as pages.
async fn for_people(
    State(site): State<Site>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    match problem::told(&response) {
        Some(refusal) => tell(&site, visit, refusal),
        None => response,
    }
}

fn tell(site: &Site, visit: Visit, refusal: &Refusal) -> Response {
    let problem = refusal.problem();
    let status = problem::status(problem.kind);
    match page(&ProblemPage::new(visit, problem, site.now())) {
        Ok(page) => {
            let pause = refusal.retry_after().map(|seconds| [(header::RETRY_AFTER, seconds)]);
            (status, pause, page).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Whatever nothing else answers: a problem for programs, a page for people.
pub(crate) async fn not_found(
    State(site): State<Site>,
    visit: Visit,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let refusal = Refusal::from(crate::api::route_not_found());
    if path.starts_with("/v1/") || path.starts_with("/health/") {
        return refusal.into_response();
    }
    tell(&site, visit, &refusal)
}

/// For handlers that only send the reader on.
fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}

#[cfg(test)]
mod tests;
