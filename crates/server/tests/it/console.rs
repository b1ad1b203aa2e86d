//! Signing in, what a browser is told, and every page of an empty house.

use crate::house::{House, TOKEN};
use axum::http::StatusCode;

const PAGES: [&str; 13] = [
    "/",
    "/orders",
    "/risk",
    "/accounts",
    "/accounts/leaf/201101",
    "/accounts?date=2026-10-11&all=true",
    "/transactions",
    "/trial-balance",
    "/trial-balance?date=2026-10-11",
    "/recon",
    "/settlement",
    "/merchants",
    "/users",
];

#[tokio::test]
async fn nobody_sees_a_page_before_signing_in() {
    let house = House::open().await;
    for page in PAGES {
        for cookie in ["", "session=1.00", &format!("session={TOKEN}")] {
            let reply = house.call("GET", page, &[("cookie", cookie)], "").await;
            assert_eq!(reply.status, StatusCode::SEE_OTHER, "{page} {cookie}");
            assert_eq!(reply.header("location"), "/sign-in");
        }
    }
    let form = house.call("GET", "/sign-in", &[], "").await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(!form.body.contains("2026-10-12</b>"), "the open date is nobody's business");
}

#[tokio::test]
async fn the_printed_link_signs_in_and_a_wrong_token_does_not() {
    let house = House::open().await;
    let wrong = house.call("GET", "/sign-in?token=wrong", &[], "").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.header("set-cookie"), "");
    assert!(!wrong.body.contains("token=wrong"), "the page does not lead back to the token");
    let right = house.call("GET", &format!("/sign-in?token={TOKEN}"), &[], "").await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = right.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(TOKEN));
    let cookie = house.session().await;
    for page in PAGES {
        for (language, tag) in [("en", "lang=\"en\""), ("zh-CN", "lang=\"zh-CN\"")] {
            let cookie = format!("{cookie}; language={language}");
            let reply = house.call("GET", page, &[("cookie", &cookie)], "").await;
            assert_eq!(reply.status, StatusCode::OK, "{page}: {}", reply.body);
            assert!(reply.body.contains(tag), "{page}");
        }
    }
}

#[tokio::test]
async fn the_form_signs_in_only_from_our_own_page() {
    let house = House::open().await;
    let form = "application/x-www-form-urlencoded";
    let post = async |origin: &str, token: &str| {
        let headers = [("host", "127.0.0.1:8787"), ("origin", origin), ("content-type", form)];
        house.call("POST", "/sign-in", &headers, format!("token={token}")).await
    };
    assert_eq!(post("http://127.0.0.1:8787", TOKEN).await.status, StatusCode::SEE_OTHER);
    assert_eq!(post("http://127.0.0.1:8787", "wrong").await.status, StatusCode::UNAUTHORIZED);
    for origin in ["http://127.0.0.1:9000", "https://evil.example", "null"] {
        let reply = post(origin, TOKEN).await;
        assert_eq!((reply.status, reply.header("set-cookie")), (StatusCode::FORBIDDEN, ""));
    }
}

#[tokio::test]
async fn another_sites_form_changes_nothing() {
    let house = House::open().await;
    let cookie = house.session().await;
    let form = "application/x-www-form-urlencoded";
    let post = async |origin: &str| {
        let headers = [
            ("host", "127.0.0.1:8787"),
            ("origin", origin),
            ("cookie", &cookie),
            ("content-type", form),
        ];
        house.call("POST", "/channels/card", &headers, "on_line=false").await
    };
    let on_line = || house.app.channels.list().iter().any(|c| c.terms.code == "card" && c.on_line);
    assert_eq!(post("https://evil.example").await.status, StatusCode::FORBIDDEN);
    assert!(on_line());
    assert_eq!(post("http://127.0.0.1:8787").await.status, StatusCode::SEE_OTHER);
    assert!(!on_line());
}

#[tokio::test]
async fn the_cookie_is_secure_behind_tls() {
    let house = House::open().await;
    let path = format!("/sign-in?token={TOKEN}");
    for (proto, secure) in [("https", true), ("http", false)] {
        let reply = house.call("GET", &path, &[("x-forwarded-proto", proto)], "").await;
        assert_eq!(reply.header("set-cookie").contains("; Secure"), secure, "{proto}");
    }
}

#[tokio::test]
async fn own_files_are_kept_for_good_by_their_hash_and_checked_without() {
    let house = House::open().await;
    let page = house.call("GET", "/sign-in", &[], "").await.body;
    let start = page.find("/assets/console.css?").expect("the style sheet");
    let path = page[start..].split('"').next().expect("an address");
    let by_hash = house.call("GET", path, &[], "").await;
    assert!(by_hash.header("cache-control").contains("immutable"));
    let plain = house.call("GET", "/assets/console.css", &[], "").await;
    assert_eq!((plain.status, plain.header("cache-control")), (StatusCode::OK, "no-cache"));
    let tag = plain.header("etag").to_owned();
    for (known, status) in [(tag.as_str(), StatusCode::NOT_MODIFIED), ("\"other\"", StatusCode::OK)]
    {
        let reply = house.call("GET", "/assets/console.css", &[("if-none-match", known)], "").await;
        assert_eq!((reply.status, reply.header("etag")), (status, tag.as_str()));
        assert_eq!(reply.body.is_empty(), status == StatusCode::NOT_MODIFIED);
    }
    let script = house.call("GET", "/docs/swagger-ui-bundle.js", &[], "").await;
    assert!(script.header("cache-control").contains("max-age=86400"));
    assert_eq!(
        house.call("GET", "/v1/merchant", &[], "").await.header("cache-control"),
        "no-store"
    );
}

#[tokio::test]
async fn a_browser_is_told_to_run_nothing() {
    let house = House::open().await;
    for (path, must) in [
        ("/sign-in", "script-src 'none'"),
        ("/docs/", "default-src 'self'"),
        ("/assets/console.css", "script-src 'none'"),
        ("/v1/merchant", "frame-ancestors 'none'"),
    ] {
        let reply = house.call("GET", path, &[], "").await;
        let policy = reply.header("content-security-policy");
        assert!(policy.contains(must), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("x-request-id").len(), 32, "{path}");
    }
}

#[tokio::test]
async fn a_missing_page_is_a_page() {
    let house = House::open().await;
    let cookie = house.session().await;
    for (path, code) in [
        ("/orders/ord_00000000000000000000000001", "order_not_found"),
        ("/orders/x", "id_malformed"),
        ("/orders?kind=gift", "query_invalid"),
        ("/accounts/leaf/1", "account_not_found"),
        ("/nowhere", "route_not_found"),
    ] {
        let reply = house.call("GET", path, &[("cookie", &cookie)], "").await;
        assert!(reply.status.is_client_error(), "{path}");
        assert!(reply.header("content-type").starts_with("text/html"), "{path}");
        assert!(reply.body.contains(code), "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_problems_type_leads_to_its_row() {
    let house = House::open().await;
    let problem = house.call("GET", "/v1/merchant", &[], "").await.json();
    let address = problem["type"].as_str().expect("an address");
    let (page, row) = address.split_once('#').expect("a row");
    let reply = house.call("GET", page, &[], "").await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert!(reply.body.contains(&format!("id=\"{row}\"")), "{row}");
}

#[tokio::test]
async fn the_language_is_kept() {
    let house = House::open().await;
    let headers = [
        ("host", "h"),
        ("origin", "http://h"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = "locale=zh-CN&back=%2Forders%3Fkind%3Dpayment";
    let reply = house.call("POST", "/language", &headers, body).await;
    assert_eq!(reply.header("location"), "/orders?kind=payment");
    assert!(reply.header("set-cookie").starts_with("language=zh-CN;"));
}
