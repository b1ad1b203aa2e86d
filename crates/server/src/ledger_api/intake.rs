//! Bodies: bounded each and all together, read into one buffer, in one of two forms.

use crate::problem::Refusal;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use ledger::wire::{self, WireError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use types::{Problem, ProblemKind};

/// The largest body of a call on the ledger, bytes: 8 MiB.
pub const LEDGER_BODY_LIMIT: usize = 8 << 20;
/// How much of bodies may be under way at once, KiB: 128 MiB.
const UNDER_WAY: usize = 128 << 10;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    /// Frames of [`ledger::wire`].
    Frame,
}

impl Form {
    fn of(media: &str) -> Option<Self> {
        let essence = media.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else if essence.eq_ignore_ascii_case(wire::MEDIA_TYPE) {
            Some(Self::Frame)
        } else {
            None
        }
    }
}

/// A body that was read in full, with the form in which the answer is wanted: that of the body,
/// unless `Accept` names the other.
pub(super) struct Taken<'a> {
    pub(super) form: Form,
    pub(super) answer: Form,
    pub(super) body: Bytes,
    _room: SemaphorePermit<'a>,
}

/// How much room there is for bodies, KiB.
pub(super) struct Intake(Semaphore);

impl Default for Intake {
    fn default() -> Self {
        Self(Semaphore::new(UNDER_WAY))
    }
}

impl Intake {
    /// Reads a body.
    pub(super) async fn take(&self, request: Request) -> Result<Taken<'_>, Refusal> {
        let headers = request.headers();
        let media = text(headers, &CONTENT_TYPE);
        let form = Form::of(media).ok_or_else(|| unsupported(media))?;
        let wanted = text(headers, &ACCEPT).split(',').find_map(Form::of);
        // A body that does not say how long it is may be as long as any.
        let length = text(headers, &CONTENT_LENGTH).parse().unwrap_or(LEDGER_BODY_LIMIT);
        if length > LEDGER_BODY_LIMIT {
            return Err(too_large().into());
        }
        let room = u32::try_from(length.div_ceil(1 << 10)).map_err(|_| too_large())?;
        let room = self.0.try_acquire_many(room.max(1)).map_err(|_| overloaded())?;
        let reading = to_bytes(request.into_body(), LEDGER_BODY_LIMIT);
        let body = match tokio::time::timeout(PATIENCE, reading).await {
            Ok(read) => read.map_err(|_| too_large())?,
            Err(_) => return Err(too_large().into()),
        };
        Ok(Taken { form, answer: wanted.unwrap_or(form), body, _room: room })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn unsupported(found: &str) -> Problem {
    let found: String = found.chars().take(60).collect();
    Problem::new(
        ProblemKind::Invalid,
        "unsupported_media_type",
        format!("the body must be application/json or {}, not '{found}'", wire::MEDIA_TYPE),
        format!("请求体须为 application/json 或 {}，而不是“{found}”", wire::MEDIA_TYPE),
    )
    .at("content-type")
}

fn too_large() -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "body_too_large",
        format!("the body is cut off, too slow, or exceeds {LEDGER_BODY_LIMIT} bytes"),
        format!("请求体不完整、过慢或超过 {LEDGER_BODY_LIMIT} 字节"),
    )
}

fn overloaded() -> Problem {
    Problem::new(
        ProblemKind::Overloaded,
        "ledger_overloaded",
        "too many large calls are under way; nothing was taken",
        "正在处理的大批量请求过多，本次未受理，请稍后重试",
    )
}

/// Too many items for one call.
pub(super) fn too_many(found: usize, limit: usize) -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "ledger_too_many_items",
        format!("{found} items; at most {limit} are taken at once"),
        format!("一次 {found} 项，超过上限 {limit}"),
    )
    .at("items")
}

/// What is asked for would make an answer of more than so many items.
pub(super) fn answer_too_large(limit: usize) -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "ledger_answer_too_large",
        format!("the answer would have more than {limit} items; ask for less at once"),
        format!("结果超过 {limit} 项，请减少一次查询的数量"),
    )
}

/// A frame at fault.
pub(super) fn bad_frame(error: WireError) -> Problem {
    let en = error.to_string();
    let (code, zh) = match error {
        WireError::TooMany { found, limit } => return too_many(found, limit),
        WireError::Version { found } => (
            "ledger_frame_version",
            format!("数据帧版本为 {found}，本程序只读版本 {}", wire::VERSION),
        ),
        WireError::Malformed { offset, .. } => {
            ("ledger_frame_malformed", format!("数据帧第 {offset} 字节有误：{en}"))
        }
    };
    Problem::new(ProblemKind::Invalid, code, en, zh).at("body")
}
