//! A day's end in an operator's hands: shown, and taken step by step, over HTTP.

use crate::house::{House, Reply, TOKEN};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testhouse::Town;
use testkit::moment;

const DAY: &str = "/v1/admin/day-ends/2026-10-12";
/// The steps of a date with two channels.
const STEPS: [&str; 15] = [
    "advance",
    "cut_day",
    "clear",
    "write_day_books",
    "fetch_statement",
    "fetch_statement",
    "reconcile",
    "reconcile",
    "treat_breaks",
    "treat_breaks",
    "settle_channel",
    "settle_channel",
    "settle_merchants",
    "transfer_fees",
    "prove",
];

async fn show(house: &House, path: &str) -> Value {
    let reply = house.api("GET", path, TOKEN, &Value::Null).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    reply.json()
}

async fn run(house: &House, step: &str) -> Reply {
    house.api("POST", &format!("{DAY}/run"), TOKEN, &json!({ "step": step })).await
}

async fn done(house: &House, step: &str, attempts: u32) {
    let reply = run(house, step).await;
    assert_eq!(reply.status, StatusCode::OK, "{step}: {}", reply.body);
    let body = reply.json();
    assert_eq!(body["state"], "done", "{body}");
    assert_eq!((&body["step"], &body["attempts"]), (&json!(step), &json!(attempts)), "{body}");
    assert_eq!((&body["date"], body.get("error")), (&json!("2026-10-12"), None), "{body}");
}

#[tokio::test]
async fn only_an_operator_sees_and_steers_it() {
    let house = House::in_town(&Town::empty()).await;
    let merchant = house.merchant().await;
    let before = house.state().await;
    let body = json!({ "step": "advance" });
    for (method, path) in [("GET", DAY.to_owned()), ("POST", format!("{DAY}/run"))] {
        let headers = [("content-type", "application/json")];
        let nobody = house.call(method, &path, &headers, body.to_string()).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
        assert_eq!(nobody.problem().0, "operator_token_missing", "{method}");
        for key in ["wrong", merchant.as_str()] {
            let reply = house.api(method, &path, key, &body).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert_eq!(reply.problem().0, "operator_token_invalid", "{method}");
        }
    }
    assert_eq!(house.state().await, before, "nothing was taken, and nothing audited");
}

#[tokio::test]
async fn what_is_no_step_of_a_date_is_refused() {
    let house = House::in_town(&Town::empty()).await;
    let post = async |path: &str, body: Value| {
        house.api("POST", &format!("/v1/admin/day-ends/{path}/run"), TOKEN, &body).await
    };
    for date in ["2026-13-01", "2026-2-3", "today"] {
        let shown =
            house.api("GET", &format!("/v1/admin/day-ends/{date}"), TOKEN, &Value::Null).await;
        let ran = post(date, json!({ "step": "advance" })).await;
        for reply in [shown, ran] {
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{date}");
            assert_eq!(reply.problem().0, "date_malformed", "{date}");
        }
    }
    let unknown = "day_end_step_unknown";
    for (date, body, status, code, field) in [
        ("2026-10-12", json!({}), 400, "missing_field", "step"),
        ("2026-10-12", json!({ "step": "advance", "x": 1 }), 400, "unknown_field", "x"),
        ("2026-10-12", json!({ "step": "sleep" }), 404, unknown, "step"),
        ("2026-10-12", json!({ "step": "advance", "channel": "card" }), 404, unknown, "step"),
        ("2026-10-12", json!({ "step": "reconcile" }), 404, unknown, "step"),
        ("2026-10-20", json!({ "step": "advance" }), 404, unknown, "step"),
        ("2026-10-12", json!({ "step": "clear" }), 409, "day_end_step_blocked", "step"),
        ("2026-10-12", json!({ "step": "cut_day" }), 409, "day_end_step_early", "step"),
    ] {
        let reply = post(date, body.clone()).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {}", reply.body);
        assert_eq!(reply.problem(), (code.to_owned(), Some(field.to_owned())), "{body}");
    }
    let steps = show(&house, DAY).await["steps"].clone();
    let untouched = |step: &Value| step["state"] == "waiting" && step["attempts"] == 0;
    assert!(steps.as_array().is_some_and(|all| all.iter().all(untouched)), "{steps}");
    assert_eq!(show(&house, "/v1/admin/day-ends/2026-10-20").await["steps"], json!([]));
}

#[tokio::test]
async fn an_operator_takes_a_day_through_its_steps() {
    let house = House::in_town(&Town::empty()).await;
    // Before its time of day, on its day; and once more.
    done(&house, "advance", 1).await;
    done(&house, "advance", 2).await;
    let shown = show(&house, DAY).await;
    assert_eq!(shown["unfinished"], json!(["2026-10-12"]));
    let all = shown["steps"].as_array().expect("steps").clone();
    let words: Vec<_> = all.iter().map(|step| step["step"].as_str().expect("a word")).collect();
    assert_eq!(words, STEPS);
    let of = |name: &str| all.iter().find(|step| step["step"] == name).expect("there").clone();
    assert_eq!(of("advance")["due_at"], "2026-10-12T23:30:00.000+08:00");
    assert_eq!(of("advance")["finished_at"], "2026-10-12T09:00:00.000+08:00");
    assert_eq!(
        (&of("cut_day")["state"], &of("cut_day")["started_at"]),
        (&json!("waiting"), &json!(null))
    );

    house.clock.advance_to(moment("2026-10-13T10:00:00+08:00"));
    done(&house, "cut_day", 1).await;
    assert_eq!(house.app.book.open_date().to_string(), "2026-10-13");
    let cut = house.app.book.seq();
    done(&house, "cut_day", 2).await;
    assert_eq!(house.app.book.open_date().to_string(), "2026-10-13", "a day is cut once");
    assert_eq!(house.app.book.seq(), cut, "the second time changed nothing");
    for step in ["clear", "write_day_books", "settle_merchants"] {
        done(&house, step, 1).await;
        let once = house.app.book.seq();
        done(&house, step, 2).await;
        assert_eq!(house.app.book.seq(), once, "{step} again changed nothing");
    }
    // Nobody answers for the channel: the step says why, and holds up only what waits for it.
    let card = |step: &str| json!({ "step": step, "channel": "card" });
    let path = format!("{DAY}/run");
    let failed = house.api("POST", &path, TOKEN, &card("fetch_statement")).await;
    assert_eq!((failed.status, &failed.json()["state"]), (StatusCode::OK, &json!("failed")));
    assert!(failed.json()["error"]["code"].is_string(), "{}", failed.body);
    assert!(failed.json()["next_at"].is_string(), "{}", failed.body);
    let blocked = (StatusCode::CONFLICT, "day_end_step_blocked");
    for body in [card("reconcile"), json!({ "step": "prove" })] {
        let reply = house.api("POST", &path, TOKEN, &body).await;
        assert_eq!((reply.status, reply.problem().0.as_str()), blocked, "{body}");
    }
    let unfinished = show(&house, DAY).await["unfinished"].clone();
    assert_eq!(unfinished, json!(["2026-10-12", "2026-10-13"]));
    let lines = records::audit::list(&house.app.records, None, None, 500).await.expect("listed");
    let ran = lines.iter().filter(|line| line.action == "day_end.run").count();
    assert_eq!(ran, 2 * 5 + 1 + 2, "every run that was asked for is somebody's");
}
