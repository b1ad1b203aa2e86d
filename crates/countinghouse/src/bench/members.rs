//! Members on this machine: finding whom a claim names among millions, wrong passwords that come
//! all at once, what a right one costs, and how fast a freeze stands.

use super::figures::{millis, percentile, rate, rounded};
use super::filling::{claim, fill, prepare, user, users};
use super::process::Process;
use crate::books::Books;
use crate::chance::SystemRandom;
use crate::clock::SystemClock;
use crate::demo::Progress;
use anyhow::{Context as _, Result, ensure};
use bookkeeper::Bookkeeper;
use futures::{StreamExt as _, stream};
use members::keypad::{self, Binding};
use members::{
    Error, FreezeLevel, HashCost, Members, MembersConfig, NewEntry, Parts, Person, Scope, Target,
};
use records::{Records, Secrets};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use types::{Clock as _, Masked, Timestamp, UserId};

/// Claims looked up, at most four for each customer.
const LOOK_UPS: u64 = 20_000;
/// Wrong passwords at once.
const WRONG: usize = 100;
/// Right passwords, one after another on every core; at most one for each customer.
const RIGHT: u64 = 200;
/// Accounts of the customer that is frozen.
const ACCOUNTS: u64 = 100;
/// How often it is frozen; at most once for each customer.
const FREEZES: u64 = 200;
/// People of whom there is one user a customer have the phones below this one; whoever a run adds
/// to them is numbered from here.
const ADDED: u64 = 900_000_000;

/// What is measured.
pub struct MembersPlan {
    /// Customers among whom a claim is looked up.
    pub customers: u64,
    /// A folder for the book, and for the records where they are SQLite's: empty, or filled by an
    /// earlier run.
    pub dir: PathBuf,
    /// Where the records are.
    pub records: String,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct MembersMeasured {
    /// Customers in the records.
    pub customers: u64,
    /// Customers written a second while filling; absent where they were there.
    pub filled_per_second: Option<f64>,
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
/// A folder or records with something else in them; whatever the rooms refuse.
pub async fn run(plan: &MembersPlan, books: Books, progress: &Progress) -> Result<MembersMeasured> {
    prepare(&plan.dir, plan.customers)?;
    let (members, records) = open(plan, books).await?;
    let (written, took) = fill(&members, plan.customers, progress).await?;
    let now = SystemClock.now();
    // Whom earlier runs added: this one adds others.
    let added = users(&members).await?.saturating_sub(plan.customers);
    let mut lookup = look_up(&members, plan.customers, now, progress).await?;
    let (wrong_counted, wrong_locked) = wrong(&members, added, now).await?;
    let right = right(&members, added, RIGHT.min(plan.customers), now, progress).await?;
    let rss_mib = Process::own().resident_kib()? / 1_024;
    let mut freeze = freeze(&members, added, FREEZES.min(plan.customers), now, progress).await?;
    records.close().await;
    Ok(MembersMeasured {
        customers: plan.customers,
        filled_per_second: (written > 0).then(|| rounded(rate(written, took), 1.0)),
        lookup_p50_ms: millis(percentile(&mut lookup, 50)),
        lookup_p99_ms: millis(percentile(&mut lookup, 99)),
        wrong_counted,
        wrong_locked,
        verifications_per_second: rounded(right, 10.0),
        hash_mib: u64::from(HashCost::default().memory_kib) / 1_024,
        rss_mib,
        freeze_accounts: ACCOUNTS,
        freeze_p50_ms: millis(percentile(&mut freeze, 50)),
        freeze_p99_ms: millis(percentile(&mut freeze, 99)),
    })
}

async fn open(plan: &MembersPlan, books: Books) -> Result<(Members, Records)> {
    let records = Records::open(&plan.records, &[members::MIGRATIONS]).await?;
    let config =
        bookkeeper::Config { dir: plan.dir.join("book"), open_date: SystemClock.now().date() };
    let bookkeeper = Bookkeeper::open(config, Arc::clone(&books.chart), Arc::new(SystemClock))?;
    let config = MembersConfig { most_users: u32::try_from(ACCOUNTS)?, ..MembersConfig::default() };
    let parts = Parts {
        records: records.clone(),
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
    Ok((Members::open(parts, SystemClock.now()).await?, records))
}

/// Half of the claims name somebody, half nobody.
async fn look_up(
    members: &Members,
    customers: u64,
    now: Timestamp,
    progress: &Progress,
) -> Result<Vec<Duration>> {
    let count = LOOK_UPS.min(customers.saturating_mul(4));
    let bar = progress.stage(count, "Looking claims up", "查找归并客户");
    let mut took = Vec::new();
    for n in 0..count {
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
    Ok(took)
}

/// The `n`th of those that are added, with a payment password.
async fn with_password(members: &Members, n: u64, now: Timestamp) -> Result<UserId> {
    let id = members.register(user(ADDED.saturating_add(n)), now).await?;
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
async fn wrong(members: &Members, added: u64, now: Timestamp) -> Result<(u64, u64)> {
    let user = with_password(members, added, now).await?;
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

/// Verifications of right passwords a second.
async fn right(
    members: &Members,
    added: u64,
    count: u64,
    now: Timestamp,
    progress: &Progress,
) -> Result<f64> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let bar = progress.stage(0, "Verifying passwords", "验证支付密码");
    let user = with_password(members, added.saturating_add(1), now).await?;
    let binding = Members::merge_binding(user);
    let mut envelopes = Vec::new();
    for _ in 0..count {
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
    let elapsed = start.elapsed();
    bar.finish_and_clear();
    Ok(rate(count, elapsed))
}

async fn freeze(
    members: &Members,
    added: u64,
    count: u64,
    now: Timestamp,
    progress: &Progress,
) -> Result<Vec<Duration>> {
    let bar = progress.stage(count, "Freezing a customer of 100 accounts", "冻结百户客户");
    let mut named = claim(added)?;
    named.name = Masked::new("欧阳小强");
    let first = ADDED.saturating_add(added).saturating_add(2);
    let users = (first..first.saturating_add(ACCOUNTS)).map(user).collect();
    let sealed = members.seal_people(vec![Person { claim: named, users }], now)?;
    let made = members.write_people(sealed, now).await?;
    let (customer, users) = made.into_iter().next().context("one was written")?;
    for user in users {
        // Opens the account.
        members.payer(user).await?;
    }
    let mut took = Vec::new();
    for _ in 0..count {
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
    Ok(took)
}
