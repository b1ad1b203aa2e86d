//! Whatever a peer does, an order ends in one of the four answers, and only a sound one is certain.

use crate::peer::{KEY, Seen, channels, pay, peer, signed};
use channels::{Answer, ChannelKey, Error, RequestHead, Why};
use std::time::{Duration, Instant};

const OK: &str = r#"{"order_no":"o1","channel_order_no":"c1","status":"succeeded","finished_at":"2026-10-12T09:00:00+08:00"}"#;

/// How a peer answers, and what the client must make of it.
type Case = (&'static str, fn(&Seen) -> Vec<u8>, Answer);

fn unsigned(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

const fn unknown(why: Why) -> Answer {
    Answer::Unknown { why }
}

#[tokio::test]
async fn every_misbehaviour_is_unknown_and_never_certain() {
    let cases: [Case; 9] = [
        ("unsigned success", |_| unsigned(200, OK), unknown(Why::Malformed)),
        (
            "another nonce",
            |seen| {
                let mut other = seen.clone();
                let nonce = seen.header("x-channel-nonce").expect("nonce").to_owned();
                other.head = seen.head.replace(&nonce, &"f".repeat(32));
                signed(&other, 200, "", OK.as_bytes())
            },
            unknown(Why::Malformed),
        ),
        ("a proxy's 502", |_| unsigned(502, "<html>"), unknown(Why::ServerError(502))),
        ("too many requests", |_| unsigned(429, ""), unknown(Why::ServerError(429))),
        ("closed without a word", |_| Vec::new(), unknown(Why::Broken)),
        (
            "half an answer",
            |seen| {
                let mut answer = signed(seen, 200, "", OK.as_bytes());
                answer.truncate(answer.len() - 10);
                answer
            },
            unknown(Why::Broken),
        ),
        (
            "longer than allowed",
            |seen| signed(seen, 200, "", &vec![b' '; 70_000]),
            unknown(Why::Malformed),
        ),
        (
            "a redirect",
            |seen| signed(seen, 302, "location: http://127.0.0.1:1/\r\n", b"{}"),
            unknown(Why::Malformed),
        ),
        ("not HTTP", |_| b"hello\r\n\r\n".to_vec(), unknown(Why::Broken)),
    ];
    for (name, behave, expected) in cases {
        let url = peer(move |seen| async move { behave(&seen) }).await;
        let channel = channels(&url, "http://127.0.0.1:1").get("card").expect("card");
        assert_eq!(channel.pay(&pay("o1")).await, expected, "{name}: pay");
        assert_eq!(channel.query("o1").await, expected, "{name}: query");
        assert_eq!(
            channel.view().health.unanswered,
            match expected {
                _ if name == "a redirect" => 0,
                _ => 2,
            },
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_silent_peer_is_waited_for_as_long_as_agreed() {
    let url = peer(|_| async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Vec::new()
    })
    .await;
    let channel = channels(&url, "http://127.0.0.1:1").get("card").expect("card");
    let started = Instant::now();
    assert_eq!(channel.pay(&pay("o1")).await, unknown(Why::TimedOut));
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let channel = channels("http://127.0.0.1:1", "http://127.0.0.1:1").get("card").expect("card");
    assert_eq!(channel.pay(&pay("o1")).await, unknown(Why::Unreachable));
}

#[tokio::test]
async fn what_is_sent_is_signed_and_of_the_contract() {
    let url = peer(|seen| async move {
        let path = seen.head.split(' ').nth(1).expect("path").to_owned();
        let head = RequestHead {
            method: "POST",
            path: &path,
            timestamp: seen.header("x-channel-timestamp").expect("timestamp"),
            nonce: seen.header("x-channel-nonce").expect("nonce"),
        };
        let signature = seen.header("x-channel-signature").expect("signature");
        assert!(ChannelKey::new(KEY).verify_request(head, &seen.body, signature));
        assert_eq!(path, "/v1/pay");
        let body = String::from_utf8(seen.body.clone()).expect("utf-8");
        assert_eq!(
            body,
            r#"{"order_no":"o1","amount_minor":990,"currency":"CNY","kind":"pay","merchant_no":"m1","payer_token":"card_1","subject":"咖啡","at":"2026-10-12T09:00:00.000+08:00"}"#
        );
        signed(&seen, 200, "", OK.as_bytes())
    })
    .await;
    let channel = channels(&url, "http://127.0.0.1:1").get("card").expect("card");
    let answer = channel.pay(&pay("o1")).await;
    let Answer::Succeeded { channel_order_no, finished_at } = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(channel_order_no, "c1");
    assert_eq!(finished_at.to_string(), "2026-10-12T09:00:00.000+08:00");
}

#[tokio::test]
async fn statements_come_with_a_name_and_settlements_add_up() {
    let date = "2026-10-12".parse().expect("date");
    let url = peer(|seen| async move {
        if seen.head.contains("/v1/statements/") {
            let name = "content-disposition: attachment; filename=\"a.csv\"\r\n";
            signed(&seen, 200, name, &vec![b'x'; 100_000])
        } else {
            let body = r#"{"date":"2026-10-12","gross_minor":1000,"refunds_minor":0,"fee_minor":6,"net_minor":995}"#;
            signed(&seen, 200, "", body.as_bytes())
        }
    })
    .await;
    let channel = channels(&url, "http://127.0.0.1:1").get("card").expect("card");
    let file = channel.statement(date).await.expect("statement");
    assert_eq!((file.name.as_str(), file.bytes.len()), ("a.csv", 100_000));
    let error = channel.settlement(date).await.expect_err("a sum that is off by one");
    assert!(matches!(error, Error::NoAnswer { why: Why::Malformed, .. }), "{error}");
}
