//! The HTTP API: a folder a room, a file an endpoint, described by `OpenAPI` 3.1 from the code.

mod approvals;
mod book;
mod channels;
mod day_end;
mod health;
mod lists;
mod members;
mod merchants;
mod payments;
mod recon;
mod sso;

pub(crate) use approvals::decide as decide_approval;
pub(crate) use book::TrialBalanceBody;
pub(crate) use book::account_not_found;
pub(crate) use channels::set_on_line::set as set_on_line;
pub(crate) use day_end::run_step;
pub(crate) use lists::{put as put_on_list, take as take_off_list};
pub(crate) use payments::not_found as order_not_found;

use crate::app::Site;
use crate::problem::Refusal;
use axum::Json;
use types::{Problem, ProblemKind};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What an endpoint answers.
pub(crate) type Answer<T> = Result<Json<T>, Refusal>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countinghouse",
        description = "A payment institution: members, payments, book, clearing, reconciliation. \
                       Amounts are integers in minor units (fen). Refusals are RFC 9457 problems \
                       with a stable `code`. Merchants send their API key, operators their token, programs of the ledger their ledger key, each as a bearer credential.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&Credentials),
    tags(
        (name = "users", description = "Registration, real name, payment password, agreements"),
        (name = "orders", description = "Top-up, payment, transfer, withdrawal, refund"),
        (name = "merchant", description = "The calling merchant"),
        (name = "ledger", description = "The book itself, in batches, for programs with a ledger key"),
        (name = "sign-on", description = "Business users bound to users, by a user's access token"),
        (name = "operators", description = "For operators of the institution"),
        (name = "health", description = "For machines that watch"),
    ),
)]
struct Description;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        for name in ["merchant", "operator", "ledger", "user"] {
            let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
            components.add_security_scheme(name, scheme);
        }
    }
}

/// Every endpoint with its description.
pub(crate) fn router() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(description())
        .merge(users())
        .merge(orders())
        .merge(sign_on())
        .merge(operators())
        .routes(routes!(merchants::show::handler))
        .merge(crate::ledger_api::router())
        .merge(liveness())
        .routes(routes!(health::ready::handler))
}

/// The head of the document.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// Whether the process answers: needs nothing of what it serves.
pub(crate) fn liveness<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::new().routes(routes!(health::live::handler))
}

/// There is nothing at this address.
pub(crate) fn route_not_found() -> Problem {
    let (en, zh) = ("there is nothing at this address", "该地址不存在");
    Problem::new(ProblemKind::NotFound, "route_not_found", en, zh)
}

fn users() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(members::register::handler))
        .routes(routes!(members::show::handler))
        .routes(routes!(members::real_name::handler))
        .routes(routes!(members::merge::handler))
        .routes(routes!(members::password_key::handler))
        .routes(routes!(members::password_nonce::handler))
        .routes(routes!(members::set_password::handler, members::change_password::handler))
        .routes(routes!(members::send_code::handler))
        .routes(routes!(members::reset_password::handler))
        .routes(routes!(members::enrol_totp::handler))
        .routes(routes!(members::confirm_totp::handler))
        .routes(routes!(members::remove_totp::handler))
        .routes(routes!(members::set_gesture::handler))
        .routes(routes!(members::check_gesture::handler))
        .routes(routes!(members::remove_gesture::handler))
        .routes(routes!(members::agree::handler, members::revoke_agreement::handler))
        .routes(routes!(members::withhold::handler, members::revoke_withholding::handler))
        .routes(routes!(members::make_secondary::handler, members::end_secondary::handler))
        .routes(routes!(members::begin_device_key::handler))
        .routes(routes!(members::finish_device_key::handler, members::list_device_keys::handler))
        .routes(routes!(members::rename_device_key::handler))
        .routes(routes!(members::remove_device_key::handler))
}

fn orders() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(payments::place::handler, payments::list::handler))
        .routes(routes!(payments::show::handler))
        .routes(routes!(payments::trace::handler))
        .routes(routes!(payments::refund::handler))
        .routes(routes!(payments::authenticate::handler))
        .routes(routes!(payments::device_key_challenge::handler))
}

fn sign_on() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(sso::bind::handler, sso::bindings::handler))
        .routes(routes!(sso::unbind::handler))
        .routes(routes!(sso::add_client::handler, sso::clients::handler))
        .routes(routes!(sso::rotate_secret::handler))
        .routes(routes!(sso::disable_client::handler))
        .routes(routes!(sso::rotate_keys::handler))
        .routes(routes!(sso::sign_ons::handler))
        .routes(routes!(sso::withdraw::handler))
}

fn operators() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(merchants::register::handler))
        .routes(routes!(recon::proofs::handler))
        .routes(routes!(payments::unfinished::handler))
        .routes(routes!(payments::review::handler))
        .routes(routes!(book::trial_balance::handler))
        .routes(routes!(book::account::handler))
        .routes(routes!(members::freeze::handler))
        .routes(routes!(members::lift::handler))
        .routes(routes!(members::rotate_password_keys::handler))
        .routes(routes!(members::unmerge::handler))
        .routes(routes!(members::authorise_user::handler, members::discharge_user::handler))
        .routes(routes!(members::customer::handler))
        .routes(routes!(members::costs::handler))
        .routes(routes!(lists::show::handler, lists::put::handler, lists::take::handler))
        .routes(routes!(approvals::list::handler))
        .routes(routes!(approvals::decide::handler))
        .routes(routes!(channels::set_on_line::handler))
        .routes(routes!(day_end::show::handler))
        .routes(routes!(day_end::run::handler))
}

/// The `OpenAPI` document, as `/openapi.json` serves it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().split_for_parts().1
}
