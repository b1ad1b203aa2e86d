//! Who somebody is: real name, a second registration merged, and a payment password changed.

use crate::house::{House, Reply};
use crate::people::{PASSWORD, WRONG, binding, claim};
use axum::http::StatusCode;
use risk::{Level, ListEntry, Listed, Outcome};
use serde_json::{Value, json};
use testhouse::Town;

async fn verify(house: &House, key: &str, user: &str, claim: &Value) -> Reply {
    house.api("POST", &format!("/v1/users/{user}/real-name"), key, claim).await
}

#[tokio::test]
async fn a_real_name_opens_an_account_once() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.register(&key, 1).await;
    let path = format!("/v1/users/{user}");
    assert_eq!(house.api("GET", &path, &key, &Value::Null).await.json().get("class"), None);
    for (change, code, field) in [
        (json!({ "name": "1" }), "name_invalid", "name"),
        (json!({ "id_number": "110101196103070010" }), "id_number_invalid", "id_number"),
        (
            json!({ "cards": [{ "number": "1", "phone": "13800000001" }] }),
            "card_number_invalid",
            "cards.number",
        ),
    ] {
        let mut wrong = claim(1);
        wrong.as_object_mut().expect("fields").extend(change.as_object().expect("one").clone());
        let (found, at) = verify(&house, &key, &user, &wrong).await.problem();
        assert_eq!((found.as_str(), at.as_deref()), (code, Some(field)), "{change}");
    }
    town.providers_away(true);
    let away = verify(&house, &key, &user, &claim(1)).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.problem().0, "realname_provider_down");
    assert_eq!((&away.json()["retryable"], away.header("retry-after")), (&json!(true), "1"));
    town.providers_away(false);
    let done = verify(&house, &key, &user, &claim(1)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(done.json()["class"], "II");
    assert!(done.json()["account"].as_str().is_some_and(|id| id.starts_with("acc_")));
    assert_eq!(verify(&house, &key, &user, &claim(1)).await.json(), done.json(), "again");
    assert_eq!(house.api("GET", &path, &key, &Value::Null).await.json()["class"], "II");
    let somebody_else = verify(&house, &key, &user, &claim(2)).await;
    assert_eq!(somebody_else.status, StatusCode::CONFLICT);
    assert_eq!(somebody_else.problem().0, "already_verified");
}

/// Two registrations of the first person; the first is verified and has its password.
async fn twice(house: &House, key: &str) -> (String, String) {
    let first = house.person(key, 1).await;
    (first, house.register(key, 101).await)
}

async fn merge(house: &House, key: &str, user: &str, existing: &str, password: &str) -> Reply {
    merge_with(house, key, user, existing, password, "123456").await
}

async fn merge_with(
    house: &House,
    key: &str,
    user: &str,
    existing: &str,
    password: &str,
    code: &str,
) -> Reply {
    let bound = binding("member.merge", 0, user);
    let envelope = house.seal(key, existing, &bound, password).await;
    let body =
        json!({ "claim": claim(1), "existing": existing, "envelope": envelope, "code": code });
    house.api("POST", &format!("/v1/users/{user}/merge"), key, &body).await
}

#[tokio::test]
async fn a_second_registration_is_merged_by_the_first_ones_password() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let (first, second) = twice(&house, &key).await;

    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("accept-language", "zh-CN"),
    ];
    let path = format!("/v1/users/{second}/real-name");
    let told = house.call("POST", &path, &headers, claim(1).to_string()).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert_eq!(told.problem(), ("customer_exists_merge_required".to_owned(), None));
    let told = told.json();
    assert!(told["detail"].as_str().is_some_and(|d| d.contains("/merge") && d.contains("候选")));
    assert_eq!(told["candidates"], json!([{ "user": first, "phone": "138******01" }]));

    let without = merge(&house, &key, &second, &first, PASSWORD).await;
    assert_eq!(without.problem().0, "code_unknown", "the password alone does not do");
    let code = house.merge_code(&town, &key, &first, &second).await;
    let merged = merge_with(&house, &key, &second, &first, PASSWORD, &code).await;
    assert_eq!(merged.status, StatusCode::OK, "{}", merged.body);
    assert_eq!(merged.json()["class"], "II");
    let customer = async |user: &str| {
        let user = user.parse().expect("an id");
        let payer = house.app.members.payer(user).await.expect("known");
        (payer.customer.expect("verified"), payer.account.expect("open"))
    };
    let ((one, cash), (other, account)) = (customer(&first).await, customer(&second).await);
    assert_eq!(one, other, "one person, one customer");
    assert_eq!(merged.json()["account"], account.to_string());
    assert_ne!(cash, account, "accounts belong to users");
    let again = merge(&house, &key, &second, &first, PASSWORD).await;
    assert_eq!(
        (again.status, again.problem().0.as_str()),
        (StatusCode::CONFLICT, "already_verified")
    );
}

#[tokio::test]
async fn a_merge_without_the_right_password_changes_nothing_and_locks() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let (first, second) = twice(&house, &key).await;
    let stranger = house.person(&key, 2).await;
    let nobody = "usr_00000000000000000000000001";
    let before = house.state().await;
    for (existing, password, bound, code, field) in [
        (&stranger, PASSWORD, &second, "merge_password_wrong", None),
        (&first, PASSWORD, &first, "envelope_invalid", Some("envelope")),
    ] {
        let bound = binding("member.merge", 0, bound);
        let envelope = house.seal(&key, existing, &bound, password).await;
        let body =
            json!({ "claim": claim(1), "existing": existing, "envelope": envelope, "code": "1" });
        let reply = house.api("POST", &format!("/v1/users/{second}/merge"), &key, &body).await;
        let (found, at) = reply.problem();
        assert_eq!((found.as_str(), at.as_deref()), (code, field), "{}", reply.body);
    }
    let mut unknown = json!({ "claim": claim(1), "existing": first, "code": "123456" });
    unknown["envelope"] =
        house.seal(&key, &first, &binding("member.merge", 0, nobody), WRONG).await;
    let path = format!("/v1/users/{nobody}/merge");
    assert_eq!(house.api("POST", &path, &key, &unknown).await.problem().0, "user_not_found");
    unknown["claim"]["name"] = json!("1");
    let path = format!("/v1/users/{second}/merge");
    let (code, field) = house.api("POST", &path, &key, &unknown).await.problem();
    assert_eq!((code.as_str(), field.as_deref()), ("name_invalid", Some("claim.name")));
    for try_ in 0..6 {
        let reply = merge(&house, &key, &second, &first, WRONG).await;
        let expected = if try_ < 5 { "merge_password_wrong" } else { "password_locked" };
        assert_eq!((reply.status.as_u16(), reply.problem().0.as_str()), (422, expected));
    }
    let locked = merge(&house, &key, &second, &first, PASSWORD).await;
    assert_eq!(locked.problem().0, "password_locked", "the right one comes too late");
    assert_eq!(house.state().await, before);
}

async fn change(house: &House, key: &str, user: &str, old: &str, new: &str, phone: &str) -> Reply {
    let bound = binding("password.change", 0, "");
    let old = house.seal(key, user, &bound, old).await;
    let new = house.seal(key, user, &bound, new).await;
    let body = json!({ "old": old, "new": new, "device": phone });
    house.api("POST", &format!("/v1/users/{user}/payment-password"), key, &body).await
}

#[tokio::test]
async fn a_changed_password_is_judged_and_the_judgement_is_kept() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    for (level, phone) in [(Level::Black, "stolen"), (Level::Grey, "watched")] {
        let entry = ListEntry {
            listed: Listed::Device,
            value: phone.to_owned(),
            level,
            source: "desk".to_owned(),
            reason: "reported".to_owned(),
            created_at: house.app.clock.now(),
            expires_at: None,
        };
        house.app.risk.list(entry).await.expect("listed");
    }
    // Six digits to change to; the clock moves on, as events of one moment are one.
    let other = "592830";
    for (old, new, phone, status, code) in [
        (PASSWORD, other, "stolen", 422, Some("risk_rejected")),
        (PASSWORD, other, "watched", 422, Some("risk_rejected")),
        (WRONG, other, "own", 422, Some("password_wrong")),
        (PASSWORD, "123123", "own", 422, Some("password_weak")),
        (PASSWORD, other, "own", 204, None),
        (PASSWORD, other, "own", 422, Some("password_wrong")),
        (other, PASSWORD, "o w n", 400, Some("text_invalid")),
    ] {
        house.tick();
        let reply = change(&house, &key, &user, old, new, phone).await;
        assert_eq!(reply.status.as_u16(), status, "{phone}: {}", reply.body);
        assert_eq!(code, code.map(|_| reply.problem().0).as_deref(), "{phone}");
    }
    let kept = house.app.risk.recent(None, None, 50).await.expect("kept");
    let changes = kept.iter().filter(|d| d.event.kind == "change_password").rev();
    let outcomes: Vec<_> =
        changes.map(|d| (d.event.device.as_deref().unwrap_or_default(), d.outcome)).collect();
    let own = ("own", Outcome::Accept);
    let expected = [("stolen", Outcome::Reject), ("watched", Outcome::Review), own, own, own, own];
    assert_eq!(outcomes, expected);
    assert!(kept.iter().all(|d| d.event.user == user.parse().ok() && d.event.customer.is_some()));
}

#[tokio::test]
async fn class_three_is_reached_in_steps_by_evidence_of_many_kinds() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.register(&key, 1).await;
    let mut bare = claim(1);
    bare["cards"] = json!([]);
    let with = |class: &str, further: Value| {
        let mut claim = bare.clone();
        claim["class"] = json!(class);
        claim["further"] = further;
        claim
    };
    let all = json!({ "mobile": "13800000001", "live_face": "ticket-0001",
        "utility_account": "3301000001", "housing_fund_account": "HF-000001",
        "tax_record": "TX2026000001" });
    for (class, further, code) in [
        ("I", json!({}), None),
        ("II", json!({ "mobile": "13800000001" }), Some("class_insufficient")),
        ("II", json!({ "mobile": "13800000001", "tax_record": "TX2026000001" }), None),
        ("III", json!({ "tax_record": "T X" }), Some("evidence_invalid")),
        (
            "III",
            json!({ "utility_account": "3301000001", "housing_fund_account": "HF-000001" }),
            Some("verification_level_insufficient"),
        ),
        ("III", all, None),
    ] {
        let reply = verify(&house, &key, &user, &with(class, further)).await;
        assert_eq!(code, code.map(|_| reply.problem().0).as_deref(), "{class}: {}", reply.body);
        if code.is_none() {
            assert_eq!(reply.json()["class"], class, "{}", reply.body);
        }
    }
    let unknown = verify(&house, &key, &user, &with("III", json!({ "blood": "0" }))).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}
