//! From a signed reply to what is known. Pure: every rule of the contract about answers is here.

use super::StatementFile;
use super::transport::Reply;
use crate::contract::{
    ErrorAnswer, IDEMPOTENCY_CONFLICT, ORDER_NOT_FOUND, OrderAnswer, Settlement, Status,
};
use crate::{Answer, Error, Why};
use serde::de::DeserializeOwned;
use types::BusinessDate;

/// The longest order number or code that is taken from outside.
const MAX_NAME: usize = 64;

/// Whether a text is an order number of the contract: 1 to 64 of `A-Z a-z 0-9 _ -`.
fn is_number(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_code(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The path of a query.
pub(super) fn order_path(no: &str) -> Result<String, Why> {
    // Nothing else may reach a path: it would name another resource.
    if is_number(no) { Ok(format!("/v1/orders/{no}")) } else { Err(Why::Malformed) }
}

/// What a reply to a pay, refund or payout says.
pub(super) fn order(no: &str, reply: Result<Reply, Why>) -> Answer {
    match reply {
        Err(why) => Answer::Unknown { why },
        Ok(reply) if reply.status == 200 => accepted(no, &reply.body),
        Ok(reply) => refused(&reply),
    }
}

/// What a reply to a query says.
pub(super) fn query(no: &str, reply: Result<Reply, Why>) -> Answer {
    match reply {
        Err(why) => Answer::Unknown { why },
        Ok(reply) if reply.status == 200 => accepted(no, &reply.body),
        Ok(reply) => match error_of(&reply) {
            Some(error) if reply.status == 404 && error.code == ORDER_NOT_FOUND => Answer::NotFound,
            // Any other refusal is about the question, not about the trade.
            _ => Answer::Unknown { why: Why::Malformed },
        },
    }
}

fn accepted(no: &str, body: &[u8]) -> Answer {
    let Ok(answer) = serde_json::from_slice::<OrderAnswer>(body) else {
        return Answer::Unknown { why: Why::Malformed };
    };
    if answer.order_no != no || !is_number(&answer.channel_order_no) {
        return Answer::Unknown { why: Why::Malformed };
    }
    match (answer.status, answer.failure_code, answer.finished_at) {
        (Status::Succeeded, None, Some(finished_at)) => {
            Answer::Succeeded { channel_order_no: answer.channel_order_no, finished_at }
        }
        (Status::Failed, Some(code), Some(_)) if is_code(&code) => Answer::Failed { code },
        (Status::Processing, None, None) => Answer::Unknown { why: Why::Processing },
        _ => Answer::Unknown { why: Why::Malformed },
    }
}

/// A signed 4xx says that nothing was done - except a conflict, which says that something else was.
fn refused(reply: &Reply) -> Answer {
    let Some(error) = error_of(reply) else {
        return Answer::Unknown { why: Why::Malformed };
    };
    match (reply.status, error.code.as_str()) {
        (409, _) | (_, IDEMPOTENCY_CONFLICT) => Answer::Unknown { why: Why::Conflict },
        (400..=499, _) => Answer::Failed { code: error.code },
        _ => Answer::Unknown { why: Why::Malformed },
    }
}

fn error_of(reply: &Reply) -> Option<ErrorAnswer> {
    serde_json::from_slice::<ErrorAnswer>(&reply.body).ok().filter(|error| is_code(&error.code))
}

fn no_answer(channel: &str, why: Why) -> Error {
    Error::NoAnswer { code: channel.to_owned(), why }
}

/// The 200 body of a download or control call, or why there is none.
fn delivered(channel: &str, reply: Result<Reply, Why>) -> Result<Reply, Error> {
    let reply = reply.map_err(|why| no_answer(channel, why))?;
    if reply.status == 200 {
        return Ok(reply);
    }
    match error_of(&reply) {
        Some(error) if reply.status == 404 && error.code == "statement_not_ready" => {
            Err(Error::NotReady(channel.to_owned()))
        }
        Some(error) => Err(Error::Refused {
            code: channel.to_owned(),
            refusal: format!("{}: {}", error.code, error.message),
        }),
        None => Err(no_answer(channel, Why::Malformed)),
    }
}

/// A JSON document.
pub(super) fn document<T: DeserializeOwned>(
    channel: &str,
    reply: Result<Reply, Why>,
) -> Result<T, Error> {
    let reply = delivered(channel, reply)?;
    serde_json::from_slice(&reply.body).map_err(|_| no_answer(channel, Why::Malformed))
}

/// A statement: its name from `content-disposition`, its bytes.
pub(super) fn statement(channel: &str, reply: Result<Reply, Why>) -> Result<StatementFile, Error> {
    let reply = delivered(channel, reply)?;
    let name = reply
        .disposition
        .as_deref()
        .and_then(file_name)
        .ok_or_else(|| no_answer(channel, Why::Malformed))?;
    Ok(StatementFile { name, bytes: reply.body })
}

/// A settlement of the day that was asked for, whose figures agree with one another.
pub(super) fn check_settlement(
    channel: &str,
    date: BusinessDate,
    settlement: Settlement,
) -> Result<Settlement, Error> {
    let net = settlement
        .gross_minor
        .signed()
        .checked_sub(settlement.refunds_minor.signed())
        .and_then(|n| n.checked_sub(settlement.fee_minor));
    if settlement.date == date && net == Some(settlement.net_minor) {
        Ok(settlement)
    } else {
        Err(no_answer(channel, Why::Malformed))
    }
}

/// The name in `attachment; filename="..."`: ASCII, and never a path.
fn file_name(disposition: &str) -> Option<String> {
    let name = disposition.strip_prefix("attachment; filename=\"")?.strip_suffix('"')?;
    let plain = (1..=128).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    plain.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, disposition: None, body: body.as_bytes().to_vec() }
    }

    const MALFORMED: Answer = Answer::Unknown { why: Why::Malformed };

    #[test]
    fn answers_are_read_strictly() {
        let ok = r#"{"order_no":"a1","channel_order_no":"c1","status":"succeeded","finished_at":"2026-10-12T09:00:00+08:00"}"#;
        assert!(matches!(order("a1", Ok(reply(200, ok))), Answer::Succeeded { .. }));
        for (body, expected) in [
            (ok.replace("a1", "a2"), MALFORMED),
            (ok.replace("c1", ""), MALFORMED),
            (ok.replace("c1", "c/1"), MALFORMED),
            (ok.replace('}', ",\"more\":1}"), MALFORMED),
            (ok.replace("succeeded", "failed"), MALFORMED),
            (ok.replace("succeeded", "processing"), MALFORMED),
            (ok.replace("succeeded", "done"), MALFORMED),
            (ok.replace(",\"finished_at\":\"2026-10-12T09:00:00+08:00\"", ""), MALFORMED),
            (format!("{ok} x"), MALFORMED),
            (
                r#"{"order_no":"a1","channel_order_no":"c1","status":"processing"}"#.into(),
                Answer::Unknown { why: Why::Processing },
            ),
            (
                ok.replace("\"succeeded\"", "\"failed\",\"failure_code\":\"insufficient_funds\""),
                Answer::Failed { code: "insufficient_funds".into() },
            ),
        ] {
            assert_eq!(order("a1", Ok(reply(200, &body))), expected, "{body}");
            assert_eq!(query("a1", Ok(reply(200, &body))), expected, "{body}");
        }
    }

    #[test]
    fn only_a_query_says_not_found_and_only_a_refusal_says_failed() {
        let body = |code: &str| format!(r#"{{"code":"{code}","message":"m"}}"#);
        for (status, code, asked, queried) in [
            (
                404,
                "order_not_found",
                Answer::Failed { code: "order_not_found".into() },
                Answer::NotFound,
            ),
            (404, "page_not_found", Answer::Failed { code: "page_not_found".into() }, MALFORMED),
            (400, "invalid", Answer::Failed { code: "invalid".into() }, MALFORMED),
            (409, "idempotency_conflict", Answer::Unknown { why: Why::Conflict }, MALFORMED),
            (409, "other", Answer::Unknown { why: Why::Conflict }, MALFORMED),
            (302, "moved", MALFORMED, MALFORMED),
            (400, "Not A Code", MALFORMED, MALFORMED),
        ] {
            assert_eq!(order("a1", Ok(reply(status, &body(code)))), asked, "{status} {code}");
            assert_eq!(query("a1", Ok(reply(status, &body(code)))), queried, "{status} {code}");
        }
        assert_eq!(order("a1", Ok(reply(404, "<html>"))), MALFORMED);
        assert_eq!(query("a1", Ok(reply(404, "<html>"))), MALFORMED);
    }

    #[test]
    fn file_names_are_no_paths() {
        let name = |n: &str| file_name(&format!("attachment; filename=\"{n}\""));
        assert_eq!(name("a_2026-10-12.csv.zip").as_deref(), Some("a_2026-10-12.csv.zip"));
        for wrong in ["", "../x", "a/b", "a\\b", ".hidden", "账.csv", &"a".repeat(129)] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
        assert_eq!(file_name("inline"), None);
    }

    #[test]
    fn a_settlement_must_add_up() {
        let date: BusinessDate = "2026-10-12".parse().expect("date");
        let fen = |m| money::Amount::new(m).expect("small");
        let sound = Settlement {
            date,
            gross_minor: fen(1_000),
            refunds_minor: fen(100),
            fee_minor: 6,
            net_minor: 894,
        };
        assert!(check_settlement("card", date, sound.clone()).is_ok());
        assert!(check_settlement("card", date.next(), sound.clone()).is_err());
        let off = Settlement { net_minor: 895, ..sound };
        assert!(check_settlement("card", date, off).is_err());
    }

    #[test]
    fn numbers_that_would_change_the_path_are_not_asked_about() {
        for no in ["", "a/b", "..", "a?b", "a b", &"a".repeat(65)] {
            assert!(order_path(no).is_err(), "{no}");
        }
        assert_eq!(order_path("ord_1-A").as_deref(), Ok("/v1/orders/ord_1-A"));
    }
}
