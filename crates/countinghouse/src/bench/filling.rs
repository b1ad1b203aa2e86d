//! Customers to be looked up among: written for this run, or those that an earlier run wrote.
//!
//! While one unit of people is being written the next is sealed on another thread, and units are
//! written in the order of the people's numbers: what an interrupted run left is a beginning, and is
//! gone on with.

use super::play::empty;
use crate::clock::SystemClock;
use crate::demo::Progress;
use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, stream};
use members::model::id_number::check_character;
use members::{Class, Further, IdType, Members, NewUser, Person, RealNameClaim, UserFilter};
use std::path::Path;
use std::time::{Duration, Instant};
use types::{Clock as _, Masked};

/// People written in one unit: enough that a page of an index is written once for several of them,
/// few enough that a slow disk takes them within a unit's time.
const UNIT: u64 = 20_000;
/// Units sealed or being sealed while one is written.
const AHEAD: usize = 2;
/// Phones of the people begin here and count on, up to [`super::members`]' own.
const FIRST_PHONE: u64 = 13_000_000_000;
/// The file that says how many customers a folder's records are filled with.
const MARK: &str = "customers";

/// Makes sure that the folder is empty, or one that was filled with as many customers.
pub fn prepare(dir: &Path, customers: u64) -> Result<()> {
    let mark = dir.join(MARK);
    if !mark.exists() {
        empty(dir)?;
        return Ok(std::fs::write(mark, customers.to_string())?);
    }
    let marked = std::fs::read_to_string(&mark)?;
    let marked: u64 = marked.trim().parse().with_context(|| mark.display().to_string())?;
    let dir = dir.display();
    ensure!(marked == customers, "{dir} is filled with {marked} customers: ask for as many");
    Ok(())
}

/// Users in the records.
pub async fn users(members: &Members) -> Result<u64> {
    Ok(members.users(UserFilter::default(), None, 1, SystemClock.now()).await?.total)
}

/// Writes the customers that are missing; how many, and how long it took.
pub async fn fill(
    members: &Members,
    customers: u64,
    progress: &Progress,
) -> Result<(u64, Duration)> {
    let there = users(members).await?.min(customers);
    if let Some(last) = there.checked_sub(1) {
        let found = members.look_up(claim(last)?, SystemClock.now()).await?;
        ensure!(found.is_some(), "the records hold other people: give empty ones");
    }
    let bar = progress.stage(customers, "Writing customers", "写入客户");
    bar.inc(there);
    let start = Instant::now();
    let step = usize::try_from(UNIT)?;
    let mut sealed = stream::iter((there..customers).step_by(step))
        .map(|first| {
            let members = members.clone();
            let numbers = first..first.saturating_add(UNIT).min(customers);
            tokio::task::spawn_blocking(move || {
                let people = numbers.map(person).collect::<Result<_>>()?;
                // A moment of its own: ids begin with it, so that units lie one behind the other.
                let now = SystemClock.now();
                anyhow::Ok((members.seal_people(people, now)?, now))
            })
        })
        .buffered(AHEAD);
    while let Some(unit) = sealed.next().await {
        let (people, now) = unit??;
        let written = members.write_people(people, now).await?;
        bar.inc(u64::try_from(written.len())?);
    }
    bar.finish_and_clear();
    Ok((customers.saturating_sub(there), start.elapsed()))
}

fn person(n: u64) -> Result<Person> {
    Ok(Person { claim: claim(n)?, users: vec![user(n)] })
}

/// The `n`th of up to thirty million people, each with a document number of its own.
pub fn claim(n: u64) -> Result<RealNameClaim> {
    // A birthday (28 a month, twelve months, ninety years), and who else was born on it.
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
        further: Further::default(),
        wanted: Class::I,
    })
}

/// Whoever has the `n`th phone.
pub fn user(n: u64) -> NewUser {
    let phone = FIRST_PHONE.saturating_add(n);
    NewUser { phone: Masked::new(phone.to_string()), email: None, login_name: None }
}
