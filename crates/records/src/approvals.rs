//! Maker and checker (双人复核): what one person asks another must allow before it is done.
//!
//! The row is general: which room does what is asked is told by `action`, what exactly by
//! `terms`. A room decides with [`decide`] inside the unit that does the thing, so that what was
//! approved is done, and what is done was approved. Asking and deciding are lines of the audit log.

use crate::rows::{self, Row};
use crate::{Error, audit};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use types::{Problem, ProblemKind, Timestamp};

const TABLE: &str = "records_approval";
/// The longest reason or note, bytes.
const LONGEST: usize = 1_000;
/// How long what was asked may wait, seconds: a week. A later decision would be about a world
/// that its maker no longer knew.
pub const WAIT_SECONDS: i64 = 7 * 24 * 60 * 60;
/// The most rows of one page.
const MOST_PAGE: u64 = 200;

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has decided yet.
    Waiting,
    /// Allowed, and done.
    Approved,
    /// Not allowed.
    Declined,
}

impl State {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }

    /// The state of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Declined].into_iter().find(|s| s.code() == code)
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct NewApproval {
    /// What is to be done: `member.unmerge`.
    pub action: &'static str,
    /// To what: its id.
    pub subject: String,
    /// What exactly, for the room that does it.
    pub terms: Value,
    /// Who asks.
    pub maker: String,
    /// Why; 1 to 1000 bytes.
    pub reason: String,
}

/// What was asked, and what became of it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Approval {
    /// Its number, from 1.
    pub number: i64,
    /// What is to be done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// What exactly.
    pub terms: Value,
    /// Who asked.
    pub maker: String,
    /// Why.
    pub reason: String,
    /// When.
    pub asked_at: Timestamp,
    /// From this moment on it can no longer be decided.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Who decided.
    pub checker: Option<String>,
    /// What the checker noted.
    pub note: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
}

/// Who decides, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who decides; never the maker.
    pub checker: String,
    /// Allowed or not.
    pub approve: bool,
    /// Why; 1 to 1000 bytes.
    pub note: String,
}

/// Why an approval was not taken or decided.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// There is none of this number.
    #[error("there is no such approval")]
    NotFound,
    /// Whoever asked may not decide.
    #[error("whoever asked for it may not decide it")]
    SamePerson,
    /// It was decided, has waited too long, or what it was about has changed since.
    #[error("it was decided, has waited too long, or what it is about has changed since")]
    Stale,
    /// A reason or note is missing or too long.
    #[error("{field} is 1 to {LONGEST} bytes of text")]
    Text {
        /// The input.
        field: &'static str,
    },
    /// The same was asked and waits.
    #[error("the same was asked before, as number {number}, and waits")]
    Waiting {
        /// Its number.
        number: i64,
    },
    /// The records.
    #[error(transparent)]
    Records(#[from] Error),
}

impl Refused {
    /// The stable code, one line of docs/reference/errors.md.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "approval_not_found",
            Self::SamePerson => "approval_same_person",
            Self::Stale => "approval_stale",
            Self::Text { .. } => "approval_text_invalid",
            Self::Waiting { .. } => "approval_waiting",
            Self::Records(_) => "records_fault",
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (code, en) = (refused.code(), refused.to_string());
        let (kind, zh) = match refused {
            Refused::Records(error) => return error.into(),
            Refused::NotFound => (ProblemKind::NotFound, "审批单不存在".to_owned()),
            Refused::SamePerson => {
                (ProblemKind::Forbidden, "经办人不得复核本人提交的审批".to_owned())
            }
            Refused::Stale => {
                (ProblemKind::Conflict, "审批单已处理、已过期，或所涉事项已发生变化".to_owned())
            }
            Refused::Text { field } => {
                let zh = format!("该项须填写，且不超过 {LONGEST} 字节");
                return Self::new(ProblemKind::Invalid, code, en, zh).at(field);
            }
            Refused::Waiting { number } => {
                (ProblemKind::Conflict, format!("相同事项已提交（编号 {number}），正等待复核"))
            }
        };
        Self::new(kind, code, en, zh)
    }
}

const COLUMNS: &str = "number, action, subject, terms, maker, reason, asked_at, expires_at, \
    state, checker, note, decided_at";

fn read(row: &Row<'_>) -> Result<Approval, Error> {
    Ok(Approval {
        number: row.number("number")?,
        action: row.text("action")?,
        subject: row.text("subject")?,
        terms: row.json("terms")?,
        maker: row.text("maker")?,
        reason: row.text("reason")?,
        asked_at: row.moment("asked_at")?,
        expires_at: row.moment("expires_at")?,
        state: row.word("state", State::from_code)?,
        checker: row.optional("checker")?,
        note: row.optional("note")?,
        decided_at: row.optional("decided_at")?.map(Timestamp::from_micros),
    })
}

fn filled(field: &'static str, text: &str) -> Result<(), Refused> {
    if text.trim().is_empty() || text.len() > LONGEST {
        return Err(Refused::Text { field });
    }
    Ok(())
}

/// Takes up what is asked, in the caller's unit; its number.
///
/// # Errors
/// `approval_text_invalid`; `approval_waiting` if the same is asked of the same and waits.
pub async fn ask(
    txn: &impl ConnectionTrait,
    new: NewApproval,
    now: Timestamp,
) -> Result<i64, Refused> {
    filled("reason", &new.reason)?;
    let same = of_subject(txn, &new.subject).await?;
    let waits = |a: &Approval| a.state == State::Waiting && now < a.expires_at;
    if let Some(known) = same.iter().find(|a| waits(a) && a.action == new.action) {
        return Err(Refused::Waiting { number: known.number });
    }
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 AS number FROM records_approval";
    let next = rows::select(txn, TABLE, sql, vec![], |row| row.number("number")).await?;
    let number = next.first().copied().unwrap_or(1);
    let sql = "INSERT INTO records_approval \
        (number, action, subject, terms, maker, reason, asked_at, expires_at, state) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting')";
    let values = vec![
        number.into(),
        new.action.into(),
        new.subject.clone().into(),
        new.terms.to_string().into(),
        new.maker.clone().into(),
        new.reason.clone().into(),
        now.as_micros().into(),
        now.plus_seconds(WAIT_SECONDS).as_micros().into(),
    ];
    rows::execute(txn, sql, values).await?;
    let after = json!({
        "approval": number, "action": new.action, "terms": new.terms, "reason": new.reason,
    });
    audit::append(txn, &new.maker, "approval.ask", &new.subject, None, Some(&after), now).await?;
    Ok(number)
}

/// Decides what was asked, in the unit that does it if it is approved. Returns what was asked as
/// it was before.
///
/// # Errors
/// `approval_not_found`, `approval_same_person`, `approval_stale`, `approval_text_invalid`.
pub async fn decide(
    txn: &impl ConnectionTrait,
    number: i64,
    decision: Decision,
    now: Timestamp,
) -> Result<Approval, Refused> {
    filled("note", &decision.note)?;
    let asked = get(txn, number).await?.ok_or(Refused::NotFound)?;
    if asked.maker == decision.checker {
        return Err(Refused::SamePerson);
    }
    if asked.state != State::Waiting || now >= asked.expires_at {
        return Err(Refused::Stale);
    }
    let state = if decision.approve { State::Approved } else { State::Declined };
    let sql = "UPDATE records_approval SET state = $2, checker = $3, note = $4, decided_at = $5 \
        WHERE number = $1";
    let values = vec![
        number.into(),
        state.code().into(),
        decision.checker.clone().into(),
        decision.note.clone().into(),
        now.as_micros().into(),
    ];
    rows::execute(txn, sql, values).await?;
    let before = json!({ "approval": number, "action": asked.action, "maker": asked.maker });
    let after = json!({ "state": state, "note": decision.note });
    let (who, action, subject) = (&decision.checker, "approval.decide", &asked.subject);
    audit::append(txn, who, action, subject, Some(&before), Some(&after), now).await?;
    Ok(asked)
}

/// The approval of this number.
///
/// # Errors
/// Those of the records.
pub async fn get(db: &impl ConnectionTrait, number: i64) -> Result<Option<Approval>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM records_approval WHERE number = $1");
    Ok(rows::select(db, TABLE, &sql, vec![number.into()], read).await?.pop())
}

/// The newest two hundred of a subject, newest first.
///
/// # Errors
/// Those of the records.
pub async fn of_subject(db: &impl ConnectionTrait, subject: &str) -> Result<Vec<Approval>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM records_approval WHERE subject = $1 ORDER BY number DESC LIMIT 200"
    );
    rows::select(db, TABLE, &sql, vec![subject.into()], read).await
}

/// One page before number `before` (from the newest if `None`), newest first; at most 200, only
/// those that wait for somebody if wanted.
///
/// # Errors
/// Those of the records.
pub async fn page(
    db: &impl ConnectionTrait,
    waiting: bool,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Approval>, Error> {
    let only = if waiting { "AND state = 'waiting' " } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM records_approval WHERE number < $1 {only}ORDER BY number DESC LIMIT $2"
    );
    let limit = i64::try_from(limit.clamp(1, MOST_PAGE)).unwrap_or(1);
    let values = vec![before.unwrap_or(i64::MAX).into(), limit.into()];
    rows::select(db, TABLE, &sql, values, read).await
}
