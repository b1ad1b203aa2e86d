//! `POST /channels/{code}`: takes a channel on or off line.

use super::see_other;
use crate::api::set_on_line;
use crate::app::Site;
use crate::extract::{Code, Maker};
use crate::problem::Refusal;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

/// Whether it takes new orders.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    on_line: bool,
}

pub(super) async fn set(
    Maker(operator): Maker,
    State(site): State<Site>,
    Code(code): Code,
    Form(Switch { on_line }): Form<Switch>,
) -> Result<Response, Refusal> {
    set_on_line(&site, &operator, &code, on_line).await?;
    Ok(see_other("/#channels"))
}
