//! The `OpenAPI` document names every endpoint, and the try-it page is there.

use crate::house::House;
use axum::http::StatusCode;
use serde_json::Value;

const ENDPOINTS: &[&str] = &[
    "DELETE /v1/admin/clients/{client} disable_client",
    "DELETE /v1/admin/freezes/{id} lift_freeze",
    "DELETE /v1/admin/lists take_off_list",
    "DELETE /v1/admin/users/{user}/organisation discharge_user",
    "DELETE /v1/device-keys/{id} remove_device_key",
    "DELETE /v1/users/{user}/agreement revoke_agreement",
    "DELETE /v1/users/{user}/primary end_secondary",
    "DELETE /v1/users/{user}/withholding revoke_withholding",
    "GET /health/live health_live",
    "GET /health/ready health_ready",
    "GET /v1/admin/accounts/{id} show_account",
    "GET /v1/admin/approvals approvals",
    "GET /v1/admin/clients list_clients",
    "GET /v1/admin/customers/{id} show_customer",
    "GET /v1/admin/day-ends/{date} show_day_end",
    "GET /v1/admin/lists show_lists",
    "GET /v1/admin/proofs prove",
    "GET /v1/admin/trial-balance/{date} trial_balance",
    "GET /v1/admin/unfinished count_unfinished",
    "GET /v1/admin/users/{user}/sign-ons show_sign_ons",
    "GET /v1/admin/verification-costs verification_costs",
    "GET /v1/bindings list_bindings",
    "GET /v1/ledger/chart ledger_chart",
    "GET /v1/ledger/trial-balance/{date} ledger_trial_balance",
    "GET /v1/merchant show_merchant",
    "GET /v1/orders list_orders",
    "GET /v1/orders/{id} show_order",
    "GET /v1/orders/{id}/trace trace_order",
    "GET /v1/password-key password_key",
    "GET /v1/users/{user} show_user",
    "GET /v1/users/{user}/device-keys list_device_keys",
    "POST /v1/admin/approvals/{number} decide_approval",
    "POST /v1/admin/channels/{code} set_channel_on_line",
    "POST /v1/admin/clients add_client",
    "POST /v1/admin/clients/{client}/secret rotate_client_secret",
    "POST /v1/admin/day-ends/{date}/run run_day_end_step",
    "POST /v1/admin/freezes freeze",
    "POST /v1/admin/merchants register_merchant",
    "POST /v1/admin/orders/{id}/review review_order",
    "POST /v1/admin/password-keys rotate_password_keys",
    "POST /v1/admin/signing-keys rotate_signing_keys",
    "POST /v1/admin/users/{user}/grants/withdraw withdraw_grant",
    "POST /v1/admin/users/{user}/unmerge ask_unmerge",
    "POST /v1/bindings bind",
    "POST /v1/bindings/unbind unbind",
    "POST /v1/ledger/accounts ledger_accounts",
    "POST /v1/ledger/day-cuts ledger_day_cut",
    "POST /v1/ledger/history ledger_history",
    "POST /v1/ledger/lookups ledger_lookups",
    "POST /v1/ledger/transactions ledger_transactions",
    "POST /v1/orders place_order",
    "POST /v1/orders/{id}/authentication authenticate_order",
    "POST /v1/orders/{id}/device-key-challenge device_key_challenge",
    "POST /v1/orders/{id}/refunds refund_order",
    "POST /v1/users register_user",
    "POST /v1/users/{user}/codes send_code",
    "POST /v1/users/{user}/device-key-options begin_device_key",
    "POST /v1/users/{user}/device-keys finish_device_key",
    "POST /v1/users/{user}/gesture/check check_gesture",
    "POST /v1/users/{user}/gesture/remove remove_gesture",
    "POST /v1/users/{user}/merge merge_user",
    "POST /v1/users/{user}/password-nonce password_nonce",
    "POST /v1/users/{user}/payment-password change_payment_password",
    "POST /v1/users/{user}/payment-password/reset reset_payment_password",
    "POST /v1/users/{user}/real-name verify_real_name",
    "POST /v1/users/{user}/totp enrol_totp",
    "POST /v1/users/{user}/totp/confirm confirm_totp",
    "POST /v1/users/{user}/totp/remove remove_totp",
    "PUT /v1/admin/lists put_list",
    "PUT /v1/admin/users/{user}/organisation authorise_user",
    "PUT /v1/device-keys/{id}/name rename_device_key",
    "PUT /v1/users/{user}/agreement agree_password_free",
    "PUT /v1/users/{user}/gesture set_gesture",
    "PUT /v1/users/{user}/payment-password set_payment_password",
    "PUT /v1/users/{user}/primary make_secondary",
    "PUT /v1/users/{user}/withholding agree_withholding",
];

fn endpoints(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an id");
            found.push(format!("{} {path} {id}", method.to_uppercase()));
            let open = path.starts_with("/health/");
            assert_eq!(operation.get("security").is_none(), open, "{path} says who may");
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn the_document_names_every_endpoint() {
    let house = House::open().await;
    let reply = house.call("GET", "/openapi.json", &[], "").await;
    assert_eq!(reply.status, StatusCode::OK);
    let document = reply.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    assert_eq!(endpoints(&document), ENDPOINTS);
    let served = serde_json::to_value(server::openapi()).expect("JSON");
    assert_eq!(document, served);
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    let document = serde_json::to_value(server::openapi()).expect("JSON");
    let text = document.to_string();
    for part in text.split("\"$ref\":\"").skip(1) {
        let reference = part.split('"').next().expect("a reference");
        let pointer = reference.strip_prefix('#').expect("inside the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_try_it_page_needs_nothing_from_outside() {
    let house = House::open().await;
    let page = house.call("GET", "/docs/", &[], "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("https://"), "{}", page.body);
    let script = house.call("GET", "/docs/swagger-ui-bundle.js", &[], "").await;
    assert_eq!(script.status, StatusCode::OK);
}
