//! `GET /.well-known/openid-configuration`, `GET /.well-known/oauth-authorization-server`.

use crate::app::Site;
use axum::Json;
use axum::extract::State;
use serde_json::Value;

pub(super) async fn get(State(site): State<Site>) -> Json<Value> {
    Json(site.sso.discovery())
}
