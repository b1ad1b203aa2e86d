//! What a simulator refuses, each with its code, and that nothing comes of it.

use crate::support::{KEY, config, play};
use channels::{ChannelKey, RequestHead};
use serde_json::Value;
use simulators::{Error, Faults, SimulatorKind};

const BODY: &str = r#"{"order_no":"P1","amount_minor":990,"currency":"CNY","kind":"pay","merchant_no":"m1","payer_token":"t1","subject":"咖啡","at":"2026-10-12T09:00:00+08:00"}"#;
const NONCE: &str = "00112233445566778899aabbccddeeff";

/// A request that can be wrong in one way.
struct Ask {
    url: String,
    method: &'static str,
    path: &'static str,
    body: String,
    content_type: &'static str,
    key: [u8; 32],
    timestamp: &'static str,
    nonce: &'static str,
    /// Put in place of the signature.
    signature: Option<&'static str>,
    /// Sent in place of the body that was signed.
    swapped: Option<String>,
}

impl Ask {
    fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            method: "POST",
            path: "/v1/pay",
            body: BODY.to_owned(),
            content_type: "application/json",
            key: KEY,
            timestamp: "2026-10-12T09:00:00+08:00",
            nonce: NONCE,
            signature: None,
            swapped: None,
        }
    }

    async fn send(self) -> (u16, Value) {
        let head = RequestHead {
            method: self.method,
            path: self.path,
            timestamp: self.timestamp,
            nonce: self.nonce,
        };
        let signature = ChannelKey::new(self.key).sign_request(head, self.body.as_bytes());
        let response = reqwest::Client::new()
            .request(self.method.parse().expect("method"), format!("{}{}", self.url, self.path))
            .header("content-type", self.content_type)
            .header("x-channel-timestamp", self.timestamp)
            .header("x-channel-nonce", self.nonce)
            .header("x-channel-signature", self.signature.unwrap_or(&signature))
            .body(self.swapped.unwrap_or(self.body))
            .send()
            .await
            .expect("answered");
        let status = response.status().as_u16();
        let signature =
            response.headers()["x-channel-signature"].to_str().expect("text").to_owned();
        let body = response.bytes().await.expect("body");
        let own = ChannelKey::new(KEY);
        assert!(own.verify_answer(status, self.nonce, &body, &signature), "answers are signed");
        (status, serde_json::from_slice(&body).expect("json"))
    }
}

#[tokio::test]
async fn wrong_signatures_are_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Card, dir.path())).await;
    let url = played.simulator.url();
    let ask = || Ask::new(&url);
    for (name, ask, code) in [
        ("another key", Ask { key: [1; 32], ..ask() }, "signature_invalid"),
        (
            "another body",
            Ask { swapped: Some(BODY.replace("990", "1")), ..ask() },
            "signature_invalid",
        ),
        ("no signature", Ask { signature: Some(""), ..ask() }, "signature_invalid"),
        ("no moment", Ask { timestamp: "yesterday", ..ask() }, "signature_header_invalid"),
        ("a short nonce", Ask { nonce: "00", ..ask() }, "signature_header_invalid"),
        (
            "an upper-case nonce",
            Ask { nonce: "00112233445566778899AABBCCDDEEFF", ..ask() },
            "signature_header_invalid",
        ),
    ] {
        let (status, body) = ask.send().await;
        assert_eq!((status, body["code"].as_str()), (401, Some(code)), "{name}");
    }
    assert_eq!(played.channel.query("P1").await, channels::Answer::NotFound);
    let (status, body) = ask().send().await;
    assert_eq!((status, body["status"].as_str()), (200, Some("succeeded")));
}

#[tokio::test]
async fn wrong_input_is_refused_by_name() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Wallet, dir.path())).await;
    let url = played.simulator.url();
    let long = "x".repeat(65);
    for (from, to, code, field) in [
        ("\"P1\"", "\"\"", "invalid_field", Some("order_no")),
        ("\"P1\"", "\"a b\"", "invalid_field", Some("order_no")),
        ("P1", long.as_str(), "invalid_field", Some("order_no")),
        ("990", "0", "invalid_field", Some("amount_minor")),
        ("990", "10000000001", "invalid_field", Some("amount_minor")),
        ("990", "-1", "malformed_body", None),
        ("990", "9.9", "malformed_body", None),
        ("990", "\"990\"", "malformed_body", None),
        ("CNY", "USD", "currency_unsupported", Some("currency")),
        ("\"pay\"", "\"steal\"", "malformed_body", None),
        ("\"t1\"", "\"卡\"", "invalid_field", Some("payer_token")),
        ("咖啡", "", "invalid_field", Some("subject")),
        ("咖啡", "a\\nb", "invalid_field", Some("subject")),
        ("2026-10-12T09:00:00+08:00", "2026-10-12", "malformed_body", None),
        ("}", ",\"tip\":1}", "malformed_body", None),
        ("\"subject\":\"咖啡\",", "", "malformed_body", None),
        ("}", "", "malformed_body", None),
    ] {
        assert!(BODY.contains(from), "{from}");
        let (status, body) = Ask { body: BODY.replace(from, to), ..Ask::new(&url) }.send().await;
        assert_eq!((status, body["code"].as_str()), (400, Some(code)), "{to}: {body}");
        assert_eq!(body["field"].as_str(), field, "{to}: {body}");
    }
    let close = r#"{"date":"2026-10-12","differences":{"fee":10001}}"#;
    for (ask, status, code) in [
        (Ask { content_type: "text/plain", ..Ask::new(&url) }, 415, "unsupported_media_type"),
        (Ask { body: " ".repeat(70_000), ..Ask::new(&url) }, 413, "body_too_long"),
        (Ask { path: "/v1/steal", ..Ask::new(&url) }, 404, "page_not_found"),
        (Ask { method: "PUT", ..Ask::new(&url) }, 405, "method_not_allowed"),
        (Ask { method: "GET", path: "/v1/statements/2026-02-30", body: String::new(), ..Ask::new(&url) }, 400, "invalid_field"),
        (Ask { method: "GET", path: "/v1/statements/2026-10-12", body: String::new(), ..Ask::new(&url) }, 404, "statement_not_ready"),
        (Ask { method: "GET", path: "/v1/settlements/2026-10-12", body: String::new(), ..Ask::new(&url) }, 404, "statement_not_ready"),
        (Ask { path: "/v1/control/close-day", body: close.to_owned(), ..Ask::new(&url) }, 400, "invalid_field"),
        (Ask { path: "/v1/payout", body: r#"{"order_no":"W1","amount_minor":1,"bank_account_token":"b","at":"2026-10-12T09:00:00+08:00"}"#.to_owned(), ..Ask::new(&url) }, 422, "kind_unsupported"),
    ] {
        let (got, body) = ask.send().await;
        assert_eq!((got, body["code"].as_str()), (status, Some(code)), "{body}");
    }
    assert_eq!(played.channel.query("P1").await, channels::Answer::NotFound, "nothing came of it");
}

#[tokio::test]
async fn set_ups_that_cannot_be_played_are_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let mut packed = config(SimulatorKind::Card, dir.path());
    packed.packed = true;
    let mut mad = config(SimulatorKind::Card, dir.path());
    mad.faults = Faults { held_ppm: 600_000, cut_ppm: 500_000, ..Faults::default() };
    for config in [packed, mad] {
        let error = simulators::ChannelSimulator::start(config).await.err();
        assert!(matches!(error, Some(Error::Configuration(_))), "{error:?}");
    }
    let response = {
        let played = play(config(SimulatorKind::Card, dir.path())).await;
        reqwest::get(format!("{}/health", played.simulator.url())).await.expect("answered")
    };
    assert_eq!(response.status(), 200);
}
