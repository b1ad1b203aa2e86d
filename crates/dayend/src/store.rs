//! The table of progress.

use crate::Step;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::{ConnectionTrait, Value};
use types::{BusinessDate, Text, Timestamp};

const TABLE: &str = "day_end_step";

/// This room's tables.
pub const MIGRATIONS: records::Migrations =
    records::Migrations { room: "dayend", steps: &[("0001_init", include_str!("0001_init.sql"))] };

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Begun; after a crash it is begun again.
    Running,
    /// It failed and is tried again.
    Failed,
    /// Done.
    Done,
}

impl StepState {
    /// The word in records and API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Running, Self::Failed, Self::Done]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// Why a step failed the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: String,
    /// The sentence.
    pub reason: Text,
}

/// The progress of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The accounting date.
    pub date: BusinessDate,
    /// The step.
    pub step: Step,
    /// The channel's code; empty for a step of the whole house.
    pub channel: String,
    /// How far it is.
    pub state: StepState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was begun last.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// Before this moment it is not tried again.
    pub next_at: Option<Timestamp>,
    /// Why it failed the last time; none once it is done.
    pub failure: Option<Failure>,
    /// When an alarm was raised because it was not done in time.
    pub alarmed_at: Option<Timestamp>,
    /// What came of it, as a JSON object.
    pub result: Option<String>,
}

impl Progress {
    /// A step that was not begun.
    pub(crate) fn waiting(date: BusinessDate, step: Step, channel: &str) -> Self {
        Self {
            date,
            step,
            channel: channel.to_owned(),
            state: StepState::Waiting,
            attempts: 0,
            started_at: None,
            finished_at: None,
            next_at: None,
            failure: None,
            alarmed_at: None,
            result: None,
        }
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        let moment = |column| Ok::<_, Error>(row.optional(column)?.map(Timestamp::from_micros));
        let text = |column| row.optional::<String>(column).map(Option::unwrap_or_default);
        let failure = match row.optional::<String>("error_code")? {
            None => None,
            Some(code) => {
                let reason = Text::new(text("error_en")?, text("error_zh")?);
                Some(Failure { code, reason })
            }
        };
        let attempts = row.number("attempts")?;
        Ok(Self {
            date: row.date("date")?,
            step: row.word("step", Step::from_word)?,
            channel: row.text("channel")?,
            state: row.word("state", StepState::from_word)?,
            attempts: u32::try_from(attempts).map_err(|e| row.corrupt("attempts", &e))?,
            started_at: moment("started_at")?,
            finished_at: moment("finished_at")?,
            next_at: moment("next_at")?,
            failure,
            alarmed_at: moment("alarmed_at")?,
            result: row.optional("result")?,
        })
    }
}

const COLUMNS: &str = "date, step, channel, state, attempts, started_at, finished_at, next_at, \
                       error_code, error_en, error_zh, alarmed_at, result";

fn micros(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::as_micros).into()
}

fn values(row: &Progress) -> Vec<Value> {
    let failure = row.failure.as_ref();
    vec![
        i64::from(row.date.days()).into(),
        row.step.word().into(),
        row.channel.clone().into(),
        row.state.word().into(),
        i64::from(row.attempts).into(),
        micros(row.started_at),
        micros(row.finished_at),
        micros(row.next_at),
        failure.map(|f| f.code.clone()).into(),
        failure.map(|f| f.reason.en.clone()).into(),
        failure.map(|f| f.reason.zh.clone()).into(),
        micros(row.alarmed_at),
        row.result.clone().into(),
    ]
}

/// Writes a step that is not there yet.
pub(crate) async fn plan(db: &impl ConnectionTrait, row: &Progress) -> Result<(), Error> {
    let places = records::rows::places(1, 13);
    let sql = format!("INSERT INTO {TABLE} ({COLUMNS}) VALUES {places} ON CONFLICT DO NOTHING");
    execute(db, &sql, values(row)).await.map(drop)
}

/// Writes how far a step is.
pub(crate) async fn save(db: &impl ConnectionTrait, row: &Progress) -> Result<(), Error> {
    let sql = format!(
        "UPDATE {TABLE} SET state = $4, attempts = $5, started_at = $6, finished_at = $7, \
         next_at = $8, error_code = $9, error_en = $10, error_zh = $11, alarmed_at = $12, \
         result = $13 WHERE date = $1 AND step = $2 AND channel = $3"
    );
    execute(db, &sql, values(row)).await.map(drop)
}

/// The newest date that has steps.
pub(crate) async fn newest(db: &impl ConnectionTrait) -> Result<Option<BusinessDate>, Error> {
    let sql = "SELECT date FROM day_end_step ORDER BY date DESC LIMIT 1";
    Ok(select(db, TABLE, sql, Vec::new(), |row| row.date("date")).await?.pop())
}

/// Every step of the dates that are not done, in no order.
pub(crate) async fn unfinished(db: &impl ConnectionTrait) -> Result<Vec<Progress>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLE} WHERE date IN \
         (SELECT date FROM {TABLE} WHERE state <> 'done')"
    );
    select(db, TABLE, &sql, Vec::new(), Progress::read).await
}

/// The steps of a date in their order.
pub(crate) async fn of_date(
    db: &impl ConnectionTrait,
    date: BusinessDate,
) -> Result<Vec<Progress>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLE} WHERE date = $1");
    let days = i64::from(date.days());
    let mut rows = select(db, TABLE, &sql, vec![days.into()], Progress::read).await?;
    rows.sort_by(|a, b| (a.step, &a.channel).cmp(&(b.step, &b.channel)));
    Ok(rows)
}
