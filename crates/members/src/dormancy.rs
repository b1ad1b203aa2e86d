//! Accounts that nobody uses (银发〔2016〕261): one without a transaction in its first six months is
//! suspended until its holder's identity is checked again.
//!
//! Looked at once, when the months are over. The suspension is an entry of the freeze register by
//! `system`, so that it is enforced, shown and ended like any other; a new verification lifts it.

use crate::error::Error;
use crate::members::{Members, to_the_end};
use crate::model::freeze::{FreezeLevel, Lifted, RegisterEntry, Scope, Target};
use crate::model::period::months_earlier;
use crate::real_name::cash;
use crate::store::{dormant, register};
use types::{AccountId, RegisterEntryId, Timestamp, UserId};

/// Users looked at in one round; the rest is for the next.
const ROUND: u32 = 200;

impl Members {
    /// Suspends the accounts whose first months went by without a transaction, some at a time; how
    /// many. Called from time to time.
    ///
    /// # Errors
    /// Those of the records and the book.
    pub async fn suspend_dormant(&self, now: Timestamp) -> Result<usize, Error> {
        let months = self.inner.regulation.number("dormant_months", now.date());
        let Some(before) = months.and_then(|months| months_before(now, months)) else {
            return Ok(0);
        };
        let due = dormant::due(self.db(), before, ROUND).await?;
        let (unused, used): (Vec<UserId>, Vec<UserId>) =
            due.into_iter().partition(|user| !self.was_used(cash(*user)));
        if !used.is_empty() {
            let unit = self.inner.records.write(move |txn| {
                Box::pin(async move { Ok::<_, Error>(dormant::seen(txn, &used).await?) })
            });
            unit.await?;
        }
        for user in &unused {
            let (members, user) = (self.clone(), *user);
            to_the_end(async move { members.suspend(user, now).await }).await?;
        }
        Ok(unused.len())
    }

    /// Whether anything was ever posted to the account, or is held.
    fn was_used(&self, account: AccountId) -> bool {
        self.inner.bookkeeper.account(account).is_some_and(|a| {
            [a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted]
                .iter()
                .any(|sum| *sum > 0)
        })
    }

    async fn suspend(&self, user: UserId, now: Timestamp) -> Result<(), Error> {
        let entry = RegisterEntry {
            id: RegisterEntryId::random(now, self.inner.random.as_ref()),
            target: Target::Account(cash(user)),
            who: "system".to_owned(),
            reason: "no transaction in the months after opening: check the identity again"
                .to_owned(),
            document: None,
            level: FreezeLevel::Risk,
            scope: Scope::Both,
            from: now,
            until: None,
            lifted: None,
        };
        self.enter(entry, Some(user), now).await
    }

    /// The entry that suspends a user's account now for not being used.
    pub(crate) async fn dormant(&self, user: UserId) -> Result<Option<RegisterEntry>, Error> {
        let Some(id) = dormant::entry(self.db(), user).await? else { return Ok(None) };
        let entry = register::get(self.db(), id).await?;
        Ok(entry.filter(|entry| entry.lifted.is_none()))
    }

    /// Ends a suspension: the identity was checked again.
    pub(crate) async fn wake(&self, entry: RegisterEntry, now: Timestamp) -> Result<(), Error> {
        let reason = "the identity was checked again".to_owned();
        let lifted = Lifted { at: now, who: "system".to_owned(), reason };
        let members = self.clone();
        to_the_end(async move {
            let _closed = members.inner.gate.write().await;
            members.end(entry, lifted, now).await
        })
        .await
    }
}

/// The same moment so many months earlier.
fn months_before(now: Timestamp, months: u64) -> Option<Timestamp> {
    let date = months_earlier(now.date(), months)?;
    let since_midnight = now.as_micros().saturating_sub(now.date().start().as_micros());
    Some(date.start().plus_micros(since_midnight))
}
