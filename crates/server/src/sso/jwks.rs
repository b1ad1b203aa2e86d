//! `GET /oauth/jwks`: the public keys.

use crate::app::Site;
use axum::Json;
use axum::extract::State;
use serde_json::Value;

pub(super) async fn get(State(site): State<Site>) -> Json<Value> {
    Json(site.sso.jwks(site.now()))
}
