//! Members on this machine: finding whom a claim names among millions, wrong passwords that come
//! all at once, what a right one costs, and how fast a freeze stands.

use super::play::empty;
use super::process::Process;
use crate::books::Books;
use crate::chance::SystemRandom;
use crate::clock::SystemClock;
use crate::demo::Progress;
use anyhow::{Context as _, Result, ensure};
use bookkeeper::Bookkeeper;
use futures::{StreamExt as _, stream};
use members::keypad::{self, Binding};
use members::model::id_number::check_character;
use members::{
    Class, Error, FreezeLevel, HashCost, IdType, Members, MembersConfig, NewEntry, NewUser, Parts,
    Person, RealNameClaim, Scope, Target,
};
use records::{Records, Secrets};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use types::{Clock as _, Masked, Timestamp, UserId};

/// People written in one unit.
const UNIT: u64 = 2_000;
/// Claims looked up.
const LOOK_UPS: u64 = 20_000;
/// Wrong passwords at once.
const WRONG: usize = 100;
/// Right passwords, one after another on every core.
const RIGHT: usize = 200;
/// Accounts of the customer that is frozen, and how often.
const ACCOUNTS: u64 = 100;
const FREEZES: usize = 200;
/// Phones of users of whom there is one a customer begin with 138 and count on; those of the
/// customer with many begin here.
const MANY: u64 = 900_000_000;

/// What is measured.
pub struct MembersPlan {
    /// Customers among whom a claim is looked up.
    pub customers: u64,
    /// An empty folder for the book, and for the records where they are SQLite's.
    pub dir: PathBuf,
    /// Where the records are.
    pub records: String,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct MembersMeasured {
    /// Customers in the records.
    pub customers: u64,
    /// Customers written a second while filling.
    pub filled_per_second: u64,
    /// Looking up whom a claim names, milliseconds.
    pub lookup_p50_ms: f64,
    /// 99 of 100 within.
    pub lookup_p99_ms: f64,
    /// Of 100 wrong passwords at once: those that were looked at.
    pub wrong_counted: u64,
    /// Those that met the lock.
    pub wrong_locked: u64,
    /// Right passwords verified a second.
    pub verifications_per_second: f64,
    /// What one hash takes, MiB.
    pub hash_mib: u64,
    /// Resident memory after the verifications, MiB.
    pub rss_mib: u64,
    /// Accounts of the customer that is frozen.
    pub freeze_accounts: u64,
    /// Freezing it, milliseconds.
    pub freeze_p50_ms: f64,
    /// 99 of 100 within.
    pub freeze_p99_ms: f64,
}

/// Measures.
///
/// # Errors
/// A folder that is not empty, records that are not; whatever the rooms refuse.
pub async fn run(plan: &MembersPlan, books: Books, progress: &Progress) -> Result<MembersMeasured> {
    empty(&plan.dir)?;
    let members = open(plan, books).await?;
    let now = SystemClock.now();
    let filled = fill(&members, plan.customers, now, progress).await?;
    let (lookup_p50_ms, lookup_p99_ms) = look_up(&members, plan.customers, now, progress).await?;
    let (wrong_counted, wrong_locked) = wrong(&members, now).await?;
    let verifications_per_second = right(&members, now, progress).await?;
    let rss_mib = Process::own().resident_kib()? / 1_024;
    let (freeze_p50_ms, freeze_p99_ms) = freeze(&members, now, progress).await?;
    Ok(MembersMeasured {
        customers: plan.customers,
        filled_per_second: per_second(plan.customers, filled),
        lookup_p50_ms,
        lookup_p99_ms,
        wrong_counted,
        wrong_locked,
        verifications_per_second,
        hash_mib: u64::from(HashCost::default().memory_kib) / 1_024,
        rss_mib,
        freeze_accounts: ACCOUNTS,
        freeze_p50_ms,
        freeze_p99_ms,
    })
}

async fn open(plan: &MembersPlan, books: Books) -> Result<Members> {
    let records = Records::open(&plan.records, &[members::MIGRATIONS]).await?;
    let config =
        bookkeeper::Config { dir: plan.dir.join("book"), open_date: SystemClock.now().date() };
    let bookkeeper = Bookkeeper::open(config, Arc::clone(&books.chart), Arc::new(SystemClock))?;
    let config = MembersConfig { most_users: u32::try_from(ACCOUNTS)?, ..MembersConfig::default() };
    let parts = Parts {
        records,
        bookkeeper,
        secrets: Arc::new(Secrets::open(&plan.dir.join("keys"), &SystemRandom)?),
        templates: books.templates,
        assets: books.assets,
        config,
        regulation: books.regulation,
        issuers: books.issuers,
        providers: Vec::new(),
        messenger: None,
        random: Arc::new(SystemRandom),
    };
    let members = Members::open(parts, SystemClock.now()).await?;
    let first = members.users(members::UserFilter::default(), None, 1, SystemClock.now()).await?;
    ensure!(first.total == 0, "the records hold people already: give empty ones");
    Ok(members)
}

/// The `n`th of up to thirty million people, each with a document number of its own.
fn claim(n: u64) -> Result<RealNameClaim> {
    // A birthday (28 a month, twelve months, a hundred years), and who else was born on it.
    let (day, rest) = (n % 28 + 1, n / 28);
    let (month, rest) = (rest % 12 + 1, rest / 12);
    let (year, order) = (rest % 90 + 1_915, rest / 90);
    ensure!(order < 1_000, "so many people have no numbers");
    let body = format!("110105{year:04}{month:02}{day:02}{order:03}");
    let check = check_character(&body).context("seventeen digits")?;
    Ok(RealNameClaim {
        name: Masked::new("王小强"),
        id_type: IdType::ResidentId,
        id_number: Masked::new(format!("{body}{check}")),
        cards: Vec::new(),
        wanted: Class::I,
    })
}

fn user(n: u64) -> NewUser {
    let phone = 13_000_000_000_u64.saturating_add(n);
    NewUser { phone: Masked::new(phone.to_string()), email: None, login_name: None }
}

async fn fill(
    members: &Members,
    customers: u64,
    now: Timestamp,
    progress: &Progress,
) -> Result<Duration> {
    let bar = progress.stage(customers, "Writing customers", "写入客户");
    let start = Instant::now();
    let mut n = 0;
    while n < customers {
        let end = n.saturating_add(UNIT).min(customers);
        let people = (n..end)
            .map(|n| Ok(Person { claim: claim(n)?, users: vec![user(n)] }))
            .collect::<Result<_>>()?;
        members.write_people(people, now).await?;
        bar.inc(end.saturating_sub(n));
        n = end;
    }
    bar.finish_and_clear();
    Ok(start.elapsed())
}

/// Half of the claims name somebody, half nobody.
async fn look_up(
    members: &Members,
    customers: u64,
    now: Timestamp,
    progress: &Progress,
) -> Result<(f64, f64)> {
    let bar = progress.stage(LOOK_UPS, "Looking claims up", "查找归并客户");
    let mut took = Vec::new();
    for n in 0..LOOK_UPS {
        // A step without a factor in common with anything round walks all over them.
        let spread = n.saturating_mul(7_919_777) % customers.saturating_mul(2).max(1);
        let claim = claim(spread)?;
        let start = Instant::now();
        let found = members.look_up(claim, now).await?;
        took.push(start.elapsed());
        ensure!(found.is_some() == (spread < customers), "claim {spread} was looked up wrongly");
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(percentiles(took))
}

/// Somebody with this payment password.
async fn with_password(members: &Members, n: u64, now: Timestamp) -> Result<UserId> {
    let id = members.register(user(MANY.saturating_sub(n)), now).await?;
    let binding = Members::set_password_binding();
    let envelope = seal(members, id, &binding, "830592", now).await?;
    members.set_payment_password(id, &envelope, now).await?;
    Ok(id)
}

async fn seal(
    members: &Members,
    user: UserId,
    binding: &Binding,
    password: &str,
    now: Timestamp,
) -> Result<keypad::Envelope> {
    let nonce = members.password_nonce(user, now).await?;
    let key = members.password_public_key();
    Ok(keypad::seal(&key, &nonce, user, binding, password, now, &SystemRandom)?)
}

/// All at once; how many were looked at, and how many met the lock.
async fn wrong(members: &Members, now: Timestamp) -> Result<(u64, u64)> {
    let user = with_password(members, 1, now).await?;
    let binding = Members::merge_binding(user);
    let mut tries = Vec::new();
    for _ in 0..WRONG {
        let envelope = seal(members, user, &binding, "830593", now).await?;
        let (members, binding) = (members.clone(), binding.clone());
        tries.push(tokio::spawn(async move {
            members.verify_payment_password(user, &envelope, &binding, now).await
        }));
    }
    let (mut counted, mut locked) = (0, 0);
    for tried in tries {
        match tried.await? {
            Err(Error::PasswordWrong { .. }) => counted += 1,
            Err(Error::PasswordLocked { .. }) => locked += 1,
            other => ensure!(false, "a wrong password was answered with {other:?}"),
        }
    }
    Ok((counted, locked))
}

async fn right(members: &Members, now: Timestamp, progress: &Progress) -> Result<f64> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let bar = progress.stage(0, "Verifying passwords", "验证支付密码");
    let user = with_password(members, 2, now).await?;
    let binding = Members::merge_binding(user);
    let mut envelopes = Vec::new();
    for _ in 0..RIGHT {
        envelopes.push(seal(members, user, &binding, "830592", now).await?);
    }
    let start = Instant::now();
    let mut all = stream::iter(envelopes)
        .map(|envelope| {
            let (members, binding) = (members.clone(), binding.clone());
            async move { members.verify_payment_password(user, &envelope, &binding, now).await }
        })
        .buffer_unordered(cores);
    while let Some(verified) = all.next().await {
        verified?;
    }
    bar.finish_and_clear();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    Ok(RIGHT as f64 / start.elapsed().as_secs_f64())
}

async fn freeze(members: &Members, now: Timestamp, progress: &Progress) -> Result<(f64, f64)> {
    let steps = u64::try_from(FREEZES)?;
    let bar = progress.stage(steps, "Freezing a customer of 100 accounts", "冻结百户客户");
    let mut named = claim(0)?;
    named.name = Masked::new("欧阳小强");
    let users = (0..ACCOUNTS).map(|n| user(MANY.saturating_add(n))).collect();
    let made = members.write_people(vec![Person { claim: named, users }], now).await?;
    let (customer, users) = made.into_iter().next().context("one was written")?;
    for user in users {
        // Opens the account.
        members.payer(user).await?;
    }
    let mut took = Vec::new();
    for _ in 0..FREEZES {
        let entry = NewEntry {
            target: Target::Customer(customer),
            who: "bench".to_owned(),
            reason: "measuring".to_owned(),
            document: None,
            level: FreezeLevel::Risk,
            scope: Scope::Both,
            until: None,
        };
        let start = Instant::now();
        let id = members.freeze(entry, now).await?;
        took.push(start.elapsed());
        members.lift(id, FreezeLevel::Risk, "bench", "measuring", now).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(percentiles(took))
}

fn per_second(count: u64, took: Duration) -> u64 {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1_000_000) / micros
}

/// The half and the 99th of a hundred, milliseconds.
fn percentiles(mut took: Vec<Duration>) -> (f64, f64) {
    took.sort_unstable();
    let at = |hundredths: usize| {
        let place = took.len().saturating_mul(hundredths) / 100;
        let found = took.get(place.min(took.len().saturating_sub(1)));
        found.map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    };
    (at(50), at(99))
}
