//! `GET /v1/users/{user}`: a user as a merchant may see it.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::{Class, Standing};
use serde::Serialize;
use types::{Timestamp, UserId};

/// A user as a merchant may see it: no balance, no customer, nothing of other users.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UserBody {
    #[schema(value_type = String)]
    user: UserId,
    /// Masked.
    #[schema(example = "138******00")]
    phone: String,
    /// `I`, `II`, `III`; absent before real name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    class: Option<Class>,
    /// Whether it may act.
    active: bool,
    /// Whether it has a payment password.
    has_password: bool,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

/// A user
#[utoipa::path(get, path = "/v1/users/{user}", tag = "users", operation_id = "show_user",
    security(("merchant" = [])), params(("user" = String, Path, description = "The user")),
    responses((status = OK, body = UserBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
) -> Answer<UserBody> {
    let view = site.members.profile(user, site.now()).await?;
    Ok(Json(UserBody {
        user,
        phone: view.phone.to_string(),
        class: view.class,
        active: view.standing == Standing::Active,
        has_password: view.has_password,
        created_at: view.created_at,
    }))
}
