//! Limits as ledger quotas: opened, granted and reset for the period before they are used.
//!
//! Each limit of a customer is a pair of accounts in an asset of its own: what is left and what is
//! used. A payment moves its amount from the one to the other inside its own transaction, so two
//! payments can never race for a limit. A new period begins by one reset transaction whose id
//! follows from the account and the period: however often it is sent, it happens once. What was
//! on hold over the turn of a period counts in the new one.

use crate::error::Error;
use crate::limits::{LimitView, QuotaLeg};
use crate::members::{Members, to_the_end};
use crate::model::class::{Class, FactorStrength};
use crate::model::period::{Period, period};
use crate::model::regulation::Per;
use crate::store::carried::Carried;
use ledger::{
    Account, Action, Assets, Command, Flags, GlCode, NewAccount, Owner, Templates, TransactionHead,
};
use money::{Amount, AssetId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use types::{AccountId, CustomerId, Timestamp, TransactionId};

/// Locks under which quotas are prepared, by account.
const SHARDS: usize = 64;
/// Quotas remembered as prepared; past it they are prepared (harmlessly) again.
const MOST: usize = 500_000;

/// The assets that quotas count in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QuotaAssets {
    pub(crate) life: AssetId,
    pub(crate) year: AssetId,
    pub(crate) day: AssetId,
    pub(crate) free_day: AssetId,
}

/// One limit of one holder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) code: &'static str,
    pub(crate) asset: AssetId,
    /// The most of a period.
    pub(crate) most: Amount,
    pub(crate) per: Per,
}

/// What is prepared, and how it is.
pub(crate) struct Quotas {
    templates: Arc<Templates>,
    pub(crate) assets: QuotaAssets,
    locks: Vec<tokio::sync::Mutex<()>>,
    prepared: Mutex<HashMap<AccountId, (String, Amount)>>,
    /// What counts as used in a period from its beginning, by the account of what is left.
    carried: Mutex<HashMap<AccountId, (String, Amount)>>,
}

impl Quotas {
    pub(crate) fn new(templates: Arc<Templates>, assets: &Assets) -> Result<Self, Error> {
        let asset = |code: &str| {
            let found = assets.by_code(code).map(|a| a.id);
            found.ok_or_else(|| Error::fault("the assets lack", &code))
        };
        for event in ["quota_grant", "quota_withdrawn", "quota_reset"] {
            templates.event(event).ok_or_else(|| Error::fault("the templates lack", &event))?;
        }
        Ok(Self {
            assets: QuotaAssets {
                life: asset("QUOTA_LIFE")?,
                year: asset("QUOTA_YEAR")?,
                day: asset("QUOTA_DAY")?,
                free_day: asset("QUOTA_FREE_DAY")?,
            },
            templates,
            locks: (0..SHARDS).map(|_| tokio::sync::Mutex::new(())).collect(),
            prepared: Mutex::new(HashMap::new()),
            carried: Mutex::new(HashMap::new()),
        })
    }

    /// Takes up what is carried into quotas.
    pub(crate) fn carry(&self, rows: &[Carried]) {
        let mut carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        carried.extend(rows.iter().map(|row| (row.quota, (row.period.clone(), row.amount))));
    }

    fn carried(&self, left: AccountId, period: &Period) -> Option<Amount> {
        let carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        carried.get(&left).filter(|(key, _)| *key == period.key).map(|(_, amount)| *amount)
    }

    /// Whether the quota stands ready: in this period or, as time may seem to step back at
    /// midnight between two callers, in a later one.
    fn ready(&self, left: AccountId, period: &Period, limit: Amount) -> bool {
        let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.get(&left).is_some_and(|(key, at)| *key >= period.key && *at == limit)
    }

    /// The later period in which the quota stands already, if there is one.
    fn later(&self, left: AccountId, period: &Period) -> bool {
        let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.get(&left).is_some_and(|(key, _)| *key > period.key)
    }

    fn remember(&self, left: AccountId, period: Period, limit: Amount) {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.len() >= MOST {
            prepared.clear();
        }
        prepared.insert(left, (period.key, limit));
    }

    fn lock(&self, left: AccountId) -> Option<&tokio::sync::Mutex<()>> {
        let shard = left.as_u128() % u128::try_from(SHARDS).unwrap_or(1);
        self.locks.get(usize::try_from(shard).unwrap_or_default())
    }

    fn command(
        &self,
        event: &str,
        head: TransactionHead,
        slots: &[(&str, AccountId)],
        amount: Amount,
    ) -> Result<Command, Error> {
        let transaction = self
            .templates
            .transaction(event, head, slots, &[("amount", amount)])
            .map_err(|e| Error::fault("quota template", &e))?;
        Ok(Command::Transact(transaction))
    }
}

/// The row that lets a holder begin the period of `now` with this much used.
pub(crate) fn carried_in(holder: &str, limit: Limit, amount: Amount, now: Timestamp) -> Carried {
    let (quota, _) = accounts(holder, limit.code);
    Carried { quota, period: period(limit.per, now).key, amount }
}

/// The two accounts of a holder's limit.
fn accounts(holder: &str, code: &str) -> (AccountId, AccountId) {
    let id = |kind: &[u8]| AccountId::of(&[kind, holder.as_bytes(), code.as_bytes()]);
    (id(b"quota_left"), id(b"quota_used"))
}

fn reset_id(left: AccountId, period: &Period) -> TransactionId {
    period_id(b"quota_reset", left, period)
}

/// What is done once a period of a quota has one id.
fn period_id(what: &[u8], left: AccountId, period: &Period) -> TransactionId {
    TransactionId::of(&[what, left.to_string().as_bytes(), period.key.as_bytes()])
}

impl Members {
    /// The quotas that a payment from the balance of this customer uses up, opened and reset for
    /// the period of `now` before this returns: put every leg in the payment's transaction.
    ///
    /// # Errors
    /// `not_verified` for a customer without a class; those of the records and the book.
    pub async fn quotas(
        &self,
        customer: CustomerId,
        strength: FactorStrength,
        now: Timestamp,
    ) -> Result<Vec<QuotaLeg>, Error> {
        let class = self.class(customer).await?.ok_or(Error::NotVerified)?;
        let holder = customer.to_string();
        let mut legs = Vec::with_capacity(3);
        let counted = self.counted_for_later(class, now);
        for limit in self.limits_of(class, &[strength], now).into_iter().chain(counted) {
            legs.push(self.prepare(&holder, limit, now).await?);
        }
        Ok(legs)
    }

    /// What to answer when the book refused because `leg.left` had not enough.
    pub fn limit_exceeded(&self, leg: &QuotaLeg) -> Error {
        let left = self.inner.bookkeeper.account(leg.left);
        let left = left.map_or(Amount::ZERO, |account| amount(account.available()));
        let left = left.min(leg.limit);
        Error::LimitExceeded {
            code: leg.limit_code,
            limit: leg.limit,
            used: leg.limit.minus(left).unwrap_or(Amount::ZERO),
            left,
            resets_at: leg.resets_at,
        }
    }

    /// Where every limit of a customer stands; holds count as used.
    ///
    /// # Errors
    /// As [`Members::quotas`].
    pub async fn limits_view(
        &self,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<Vec<LimitView>, Error> {
        let class = self.class(customer).await?.ok_or(Error::NotVerified)?;
        let limits = self.limits_of(class, &[FactorStrength::Two, FactorStrength::Single], now);
        let holder = customer.to_string();
        limits.into_iter().map(|limit| self.limit_view(&holder, limit, now)).collect()
    }

    /// The limits of a class, and of a day under each of these strengths.
    pub(crate) fn limits_of(
        &self,
        class: Class,
        strengths: &[FactorStrength],
        now: Timestamp,
    ) -> Vec<Limit> {
        let days = strengths.iter().map(|strength| self.day_quota(*strength, now));
        std::iter::once(self.class_quota(class, now)).chain(days).flatten().collect()
    }

    /// The limit of a higher class that sums over another period: what is paid under this class is
    /// paid in that period too (a class II year counts what the customer paid as class I).
    fn counted_for_later(&self, class: Class, now: Timestamp) -> Option<Limit> {
        let own = self.class_quota(class, now)?;
        let higher = Class::ALL.into_iter().filter(|higher| *higher > class);
        higher.filter_map(|higher| self.class_quota(higher, now)).find(|l| l.code != own.code)
    }

    /// Every limit that a customer may come under, at its most, by its code.
    pub(crate) fn every_limit(&self, now: Timestamp) -> BTreeMap<&'static str, Limit> {
        let days = [FactorStrength::Two, FactorStrength::Single];
        let days = days.into_iter().filter_map(|strength| self.day_quota(strength, now));
        let classes = Class::ALL.into_iter().filter_map(|class| self.class_quota(class, now));
        classes.chain(days).map(|limit| (limit.code, limit)).collect()
    }

    /// What is used or held of a limit in the period of `now`, whatever the class allows by now.
    pub(crate) fn used(&self, holder: &str, limit: Limit, now: Timestamp) -> Result<Amount, Error> {
        let (left, used) = accounts(holder, limit.code);
        let period = period(limit.per, now);
        let book = &self.inner.bookkeeper;
        if book.transaction(reset_id(left, &period))?.is_none() {
            return Ok(self.inner.quotas.carried(left, &period).unwrap_or_default());
        }
        let both = book.accounts(&[left, used]);
        let [Some(left), Some(used)] = both.as_slice() else { return Ok(Amount::ZERO) };
        let granted = left.balance().saturating_add(used.balance());
        Ok(amount(granted.saturating_sub(left.available())))
    }

    fn limit_view(&self, holder: &str, limit: Limit, now: Timestamp) -> Result<LimitView, Error> {
        let (left, _) = accounts(holder, limit.code);
        let period = period(limit.per, now);
        let book = &self.inner.bookkeeper;
        let begun = self.inner.quotas.ready(left, &period, limit.most)
            || book.transaction(reset_id(left, &period))?.is_some();
        let account = book.account(left).filter(|_| begun);
        // A period that nobody has begun yet begins with what was carried into it.
        let fresh = || {
            let carried = self.inner.quotas.carried(left, &period).unwrap_or_default();
            limit.most.minus(carried).unwrap_or(Amount::ZERO)
        };
        let left = account.map_or_else(fresh, |a| amount(a.available()).min(limit.most));
        Ok(LimitView {
            code: limit.code,
            limit: limit.most,
            used: limit.most.minus(left).unwrap_or(Amount::ZERO),
            left,
            resets_at: period.ends,
        })
    }

    fn class_quota(&self, class: Class, now: Timestamp) -> Option<Limit> {
        let (most, per) = self.inner.regulation.class_limit(class, now.date())?;
        let assets = self.inner.quotas.assets;
        Some(match per {
            Per::Lifetime => Limit { code: "life", asset: assets.life, most, per },
            _ => Limit { code: "year", asset: assets.year, most, per },
        })
    }

    fn day_quota(&self, strength: FactorStrength, now: Timestamp) -> Option<Limit> {
        let (code, most) = self.inner.regulation.day_limit(strength, now.date())?;
        Some(Limit { code, asset: self.inner.quotas.assets.day, most, per: Per::Day })
    }

    /// Opens, resets and levels one quota for the period of `now`, once a period.
    pub(crate) async fn prepare(
        &self,
        holder: &str,
        limit: Limit,
        now: Timestamp,
    ) -> Result<QuotaLeg, Error> {
        let (left, used) = accounts(holder, limit.code);
        let period = period(limit.per, now);
        let leg = QuotaLeg {
            left,
            used,
            asset: limit.asset,
            limit_code: limit.code,
            limit: limit.most,
            resets_at: period.ends,
        };
        let quotas = &self.inner.quotas;
        if quotas.ready(left, &period, limit.most) {
            return Ok(leg);
        }
        let members = self.clone();
        to_the_end(async move { members.make_ready(leg, period, limit, now).await }).await
    }

    async fn make_ready(
        &self,
        leg: QuotaLeg,
        period: Period,
        limit: Limit,
        now: Timestamp,
    ) -> Result<QuotaLeg, Error> {
        let quotas = &self.inner.quotas;
        let _turn = match quotas.lock(leg.left) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        };
        if quotas.ready(leg.left, &period, limit.most) {
            return Ok(leg);
        }
        if !quotas.later(leg.left, &period) {
            self.begin(&leg, &period, limit).await?;
        }
        self.level(&leg, now).await?;
        quotas.remember(leg.left, period, limit.most);
        Ok(leg)
    }

    /// Opens what is missing and begins the period.
    async fn begin(&self, leg: &QuotaLeg, period: &Period, limit: Limit) -> Result<(), Error> {
        let quotas = &self.inner.quotas;
        let slots = [("left", leg.left), ("used", leg.used)];
        let head = |id| TransactionHead::new(id).asset(leg.asset);
        let mut commands = Vec::with_capacity(4);
        if self.inner.bookkeeper.account(leg.left).is_none() {
            commands.push(self.quota_account(leg.left, "quota_left", leg.asset)?);
            commands.push(self.quota_account(leg.used, "quota_used", leg.asset)?);
            let id = TransactionId::of(&[b"quota_first", leg.left.to_string().as_bytes()]);
            if !limit.most.is_zero() {
                let first = [("left", leg.left)];
                commands.push(quotas.command("quota_grant", head(id), &first, limit.most)?);
            }
        }
        let id = reset_id(leg.left, period);
        commands.push(quotas.command("quota_reset", head(id), &slots, Amount::MAX)?);
        if let Some(carried) = quotas.carried(leg.left, period) {
            let head = head(period_id(b"quota_carried", leg.left, period)).action(Action::Post);
            // No more than there is: the rest of what was used is over the limit already.
            let carried = carried.min(limit.most);
            commands.push(quotas.command("quota_use", head, &slots, carried)?);
        }
        self.book(commands).await
    }

    /// Brings what was granted to the limit, when a class or a rule has changed it. The caller
    /// holds the quota's lock: left and used together change nowhere else.
    async fn level(&self, leg: &QuotaLeg, now: Timestamp) -> Result<(), Error> {
        let both = self.inner.bookkeeper.accounts(&[leg.left, leg.used]);
        let balance = |a: &Option<Account>| a.as_ref().map_or(0, Account::balance);
        let granted: i128 = both.iter().map(balance).sum();
        let missing = i128::from(leg.limit.minor()).saturating_sub(granted);
        let event = match missing.signum() {
            0 => return Ok(()),
            1 => "quota_grant",
            _ => "quota_withdrawn",
        };
        let id = TransactionId::random(now, self.inner.random.as_ref());
        let head = TransactionHead::new(id).asset(leg.asset);
        let difference = amount(missing.saturating_abs());
        let slots = [("left", leg.left)];
        self.book(vec![self.inner.quotas.command(event, head, &slots, difference)?]).await
    }

    fn quota_account(&self, id: AccountId, role: &str, asset: AssetId) -> Result<Command, Error> {
        let chart = self.inner.bookkeeper.chart();
        let leaf: GlCode =
            chart.role(role).ok_or_else(|| Error::fault("the chart lacks the role", &role))?;
        // Every payment's own transaction shows its quota legs; a second history would double them.
        let flags = Flags { history: false, ..chart.flags(leaf) };
        Ok(Command::OpenAccount(NewAccount { id, asset, leaf, owner: Owner::House, flags }))
    }
}

/// A balance as an amount; nothing if it is below zero.
fn amount(balance: i128) -> Amount {
    u64::try_from(balance).ok().and_then(|n| Amount::new(n).ok()).unwrap_or(Amount::ZERO)
}
