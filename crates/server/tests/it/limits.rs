//! One client's share: what is too much is refused, tells for how long, and harms nobody else.

use crate::house::{House, TOKEN};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use server::{Limits, Rate};
use std::net::SocketAddr;
use std::num::NonZeroU32;

fn tight() -> Limits {
    let number = |n| NonZeroU32::new(n).expect("not zero");
    let rate = Rate { per_minute: number(2), burst: number(2) };
    Limits { behind_proxy: false, api: rate, sign_in: rate }
}

fn from(peer: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let peer: SocketAddr = format!("{peer}:5000").parse().expect("an address");
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

#[tokio::test]
async fn the_api_is_shared_fairly() {
    let house = House::with_limits(tight()).await;
    let ask = async |peer: &str, language: &str| {
        house.send(from(peer, "/v1/merchant", &[("accept-language", language)])).await
    };
    for _ in 0..2 {
        assert_eq!(ask("192.0.2.1", "en").await.status, StatusCode::UNAUTHORIZED);
    }
    for (language, word) in [("en", "try again in 30 s"), ("zh-CN", "30 秒后重试")] {
        let reply = ask("192.0.2.1", language).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(reply.header("retry-after"), "30", "{language}");
        assert_eq!(reply.problem(), ("too_many_requests".to_owned(), None));
        assert!(reply.json()["detail"].as_str().is_some_and(|detail| detail.contains(word)));
        assert_eq!(reply.json()["retryable"], true);
    }
    assert_eq!(ask("192.0.2.2", "en").await.status, StatusCode::UNAUTHORIZED, "another client");
    let health = house.send(from("192.0.2.1", "/health/live", &[])).await;
    assert_eq!(health.status, StatusCode::OK, "machines that watch may always ask");
}

#[tokio::test]
async fn a_token_cannot_be_guessed_at_speed() {
    let house = House::with_limits(tight()).await;
    for _ in 0..2 {
        let reply = house.send(from("192.0.2.1", "/sign-in?token=wrong", &[])).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
    let right = format!("/sign-in?token={TOKEN}");
    let reply = house.send(from("192.0.2.1", &right, &[])).await;
    assert_eq!((reply.status, reply.header("set-cookie")), (StatusCode::TOO_MANY_REQUESTS, ""));
    assert_eq!(reply.header("retry-after"), "30");
    assert!(reply.header("content-type").starts_with("text/html"), "people get a page");
    assert!(reply.body.contains("too_many_requests"));
    let form = house.send(from("192.0.2.1", "/sign-in", &[])).await;
    assert_eq!(form.status, StatusCode::OK, "looking at the form is no attempt");
    assert_eq!(house.send(from("192.0.2.2", &right, &[])).await.status, StatusCode::SEE_OTHER);
}
