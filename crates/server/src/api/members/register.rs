//! `POST /v1/users`: registers a user.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::NewUser;
use serde::{Deserialize, Serialize};
use types::{Masked, UserId};

/// A registration.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserBody {
    /// Mobile number, eleven digits.
    #[schema(example = "13800138000")]
    phone: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    login_name: Option<String>,
}

/// The registered user.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RegisteredBody {
    #[schema(value_type = String, example = "usr_01h455vb4pex5vsknk084sn02q")]
    user: UserId,
}

/// Register a user; the same phone twice is `phone_taken`
#[utoipa::path(post, path = "/v1/users", tag = "users", operation_id = "register_user",
    security(("merchant" = [])), request_body = NewUserBody,
    responses((status = OK, body = RegisteredBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    StrictJson(body): StrictJson<NewUserBody>,
) -> Answer<RegisteredBody> {
    let new = NewUser {
        phone: Masked::new(body.phone),
        email: body.email.map(Masked::new),
        login_name: body.login_name,
    };
    let user = site.members.register(new, site.now()).await?;
    Ok(Json(RegisteredBody { user }))
}
