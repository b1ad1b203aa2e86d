//! Freezing and lifting: the register decides, the book enforces.
//!
//! An entry is written first, then the book's controls are set for every account it reaches; only
//! then does the call return: two syncs. That the book was told is noted after it. A crash before
//! the note leaves the entry untold, and opening tells it again, which changes nothing twice.

use crate::error::Error;
use crate::members::{Members, to_the_end};
use crate::model::freeze::{FreezeLevel, Lifted, NewEntry, RegisterEntry, Target, may_lift, union};
use crate::model::people::{Payer, Standing};
use crate::real_name::cash;
use crate::store::{customers, dormant, register, users};
use ledger::{Command, Controls, Owner};
use records::audit;
use sea_orm::DatabaseConnection;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use types::{AccountId, CustomerId, RegisterEntryId, Timestamp, TransactionId, UserId};

/// The entries that have not been lifted, by target: few, and asked for by every order.
pub(crate) struct Frozen(RwLock<HashMap<Target, Vec<RegisterEntry>>>);

impl Frozen {
    pub(crate) async fn load(db: &DatabaseConnection) -> Result<Self, Error> {
        let mut map: HashMap<Target, Vec<RegisterEntry>> = HashMap::new();
        for (entry, _) in register::open(db).await? {
            if entry.lifted.is_none() {
                map.entry(entry.target).or_default().push(entry);
            }
        }
        Ok(Self(RwLock::new(map)))
    }

    pub(crate) fn add(&self, entry: RegisterEntry) {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        map.entry(entry.target).or_default().push(entry);
    }

    fn remove(&self, target: Target, id: RegisterEntryId) {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entries) = map.get_mut(&target) {
            entries.retain(|entry| entry.id != id);
            if entries.is_empty() {
                map.remove(&target);
            }
        }
    }

    /// The entries on any of these targets.
    fn on(&self, targets: &[Target]) -> Vec<RegisterEntry> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        targets.iter().filter_map(|t| map.get(t)).flatten().cloned().collect()
    }

    /// The entries whose time has run out at `now`.
    fn run_out(&self, now: Timestamp) -> Vec<RegisterEntry> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.values().flatten().filter(|entry| !entry.in_force(now)).cloned().collect()
    }
}

/// An account that an entry reaches, and the customer it hangs under.
#[derive(Debug, Clone, Copy)]
struct Reached {
    account: AccountId,
    customer: Option<CustomerId>,
}

impl Members {
    /// Enters a freeze; when this returns, the book lets nothing pass that it bars.
    ///
    /// # Errors
    /// `register_entry_invalid` for an empty `who` or `reason`, a judicial freeze without its
    /// document, or an end that is past; `customer_not_found`, `user_not_found`,
    /// `account_not_found`.
    pub async fn freeze(&self, new: NewEntry, now: Timestamp) -> Result<RegisterEntryId, Error> {
        check(&new, now)?;
        let id = RegisterEntryId::random(now, self.inner.random.as_ref());
        let NewEntry { target, who, reason, document, level, scope, until } = new;
        let entry = RegisterEntry {
            id,
            target,
            who,
            reason,
            document,
            level,
            scope,
            from: now,
            until,
            lifted: None,
        };
        let members = self.clone();
        to_the_end(async move { members.enter(entry, None, now).await }).await?;
        Ok(id)
    }

    /// Writes an entry and enforces it; `dormant`: the user whose unused account it suspends.
    pub(crate) async fn enter(
        &self,
        entry: RegisterEntry,
        dormant: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), Error> {
        // Nobody opens an account while this one looks for them.
        let _closed = self.inner.gate.write().await;
        let id = entry.id;
        let reached = self.reached(entry.target).await?;
        let stored = entry.clone();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                register::insert(txn, &stored).await?;
                if let Some(user) = dormant {
                    dormant::insert(txn, user, id, now).await?;
                    dormant::seen(txn, &[user]).await?;
                }
                let subject = stored.target.to_string();
                let after = serde_json::json!({
                    "entry": stored.id, "level": stored.level, "scope": stored.scope,
                    "document": stored.document, "reason": stored.reason, "until": stored.until,
                });
                let who = &stored.who;
                audit::append(txn, who, "member.freeze", &subject, None, Some(&after), now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await?;
        self.inner.frozen.add(entry);
        self.enforce(id, false, &reached, now).await
    }

    /// Lifts one entry by an authority of rank `by`; the others stay in force. Lifting a lifted
    /// one changes nothing.
    ///
    /// # Errors
    /// `register_entry_not_found`; `lift_refused` if the entry outranks the authority;
    /// `register_entry_invalid` for an empty `who` or `reason`.
    pub async fn lift(
        &self,
        id: RegisterEntryId,
        by: FreezeLevel,
        who: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        filled("who", who)?;
        filled("reason", reason)?;
        let entry = register::get(self.db(), id).await?;
        let entry = entry.ok_or(Error::NotFound { what: "register_entry" })?;
        if !may_lift(by, entry.level) {
            return Err(Error::LiftRefused);
        }
        let lifted = Lifted { at: now, who: who.to_owned(), reason: reason.to_owned() };
        let members = self.clone();
        to_the_end(async move {
            let _closed = members.inner.gate.write().await;
            members.end(entry, lifted, now).await
        })
        .await
    }

    /// Ends the entries whose time has run out; how many. Called from time to time.
    pub async fn end_run_out(&self, now: Timestamp) -> Result<usize, Error> {
        if self.inner.frozen.run_out(now).is_empty() {
            return Ok(0);
        }
        let members = self.clone();
        to_the_end(async move {
            let _closed = members.inner.gate.write().await;
            let entries = members.inner.frozen.run_out(now);
            let count = entries.len();
            for entry in entries {
                let reason = "its time has run out".to_owned();
                let lifted = Lifted { at: now, who: "system".to_owned(), reason };
                members.end(entry, lifted, now).await?;
            }
            Ok(count)
        })
        .await
    }

    pub(crate) async fn end(
        &self,
        entry: RegisterEntry,
        lifted: Lifted,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (id, target) = (entry.id, entry.target);
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if register::lift(txn, id, &lifted).await? {
                    let subject = target.to_string();
                    let before = serde_json::json!({ "entry": id, "level": entry.level });
                    let after = serde_json::json!({ "reason": lifted.reason });
                    let (who, action) = (&lifted.who, "member.lift");
                    audit::append(txn, who, action, &subject, Some(&before), Some(&after), now)
                        .await?;
                }
                Ok::<_, Error>(())
            })
        });
        unit.await?;
        self.inner.frozen.remove(target, id);
        let reached = self.reached(target).await?;
        self.enforce(id, true, &reached, now).await
    }

    /// Every entry on exactly this target, newest first.
    pub async fn register_entries(&self, target: Target) -> Result<Vec<RegisterEntry>, Error> {
        Ok(register::of_target(self.db(), target).await?)
    }

    /// Whether a user may act. Looks at memory only, once the user is known.
    pub async fn standing(&self, user: UserId, now: Timestamp) -> Result<Standing, Error> {
        Ok(self.standing_of(&self.payer(user).await?, now))
    }

    /// Whether an entry bars this very user or its account, whatever bars its customer.
    pub(crate) fn is_barred_itself(&self, user: UserId, now: Timestamp) -> bool {
        let targets = [Target::User(user), Target::Account(cash(user))];
        self.inner.frozen.on(&targets).iter().any(|entry| entry.in_force(now))
    }

    pub(crate) fn standing_of(&self, payer: &Payer, now: Timestamp) -> Standing {
        let barred = |target: Target| {
            self.inner.frozen.on(&[target]).iter().any(|entry| entry.in_force(now))
        };
        if payer.customer.is_some_and(|c| barred(Target::Customer(c))) {
            Standing::CustomerFrozen
        } else if barred(Target::User(payer.user)) {
            Standing::UserFrozen
        } else if payer.account.is_some_and(|a| barred(Target::Account(a))) {
            Standing::AccountFrozen
        } else {
            Standing::Active
        }
    }

    /// Tells the book what a crash kept from it, and what it may have missed.
    pub(crate) async fn tell_register(&self, now: Timestamp) -> Result<(), Error> {
        for (entry, told) in register::open(self.db()).await? {
            if !told {
                let reached = self.reached(entry.target).await?;
                self.enforce(entry.id, entry.lifted.is_some(), &reached, now).await?;
            }
        }
        self.end_run_out(now).await.map(drop)
    }

    /// Brings the book's controls of these accounts to what the register says, all at once. That
    /// the book was told of the entry, `lifted` or in force, is noted without anybody waiting for it.
    async fn enforce(
        &self,
        id: RegisterEntryId,
        lifted: bool,
        reached: &[Reached],
        now: Timestamp,
    ) -> Result<(), Error> {
        let commands: Vec<Command> =
            reached.iter().filter_map(|account| self.controls(*account, now)).collect();
        if !commands.is_empty() {
            self.book(commands).await?;
        }
        let records = self.inner.records.clone();
        tokio::spawn(async move {
            let unit = records.write(move |txn| Box::pin(register::told(txn, id, lifted)));
            if let Err(error) = unit.await {
                tracing::warn!(%error, entry = %id, "the book will be told of it again");
            }
        });
        Ok(())
    }

    /// Sets one account's controls to what the register says, if they differ.
    pub(crate) async fn bar(&self, account: AccountId, now: Timestamp) -> Result<(), Error> {
        let Some(customer) = self.owner_of(account).await? else { return Ok(()) };
        self.bar_under(account, customer, now).await
    }

    /// The same for an account of which the customer is known.
    pub(crate) async fn bar_under(
        &self,
        account: AccountId,
        customer: Option<CustomerId>,
        now: Timestamp,
    ) -> Result<(), Error> {
        match self.controls(Reached { account, customer }, now) {
            Some(command) => self.book(vec![command]).await,
            None => Ok(()),
        }
    }

    /// The customer an account hangs under, if any; `None` if there is no such account.
    async fn owner_of(&self, account: AccountId) -> Result<Option<Option<CustomerId>>, Error> {
        let Some(view) = self.inner.bookkeeper.account(account) else { return Ok(None) };
        Ok(Some(match view.owner {
            Owner::User(user) => users::get(self.db(), user).await?.and_then(|row| row.customer),
            Owner::Merchant(merchant) => self.merchant(merchant).map(|m| m.customer),
            Owner::Channel(_) | Owner::Bank(_) | Owner::House => None,
        }))
    }

    /// The command that brings an account's controls to what the register says, if they differ.
    fn controls(&self, reached: Reached, now: Timestamp) -> Option<Command> {
        let Reached { account, customer } = reached;
        let view = self.inner.bookkeeper.account(account)?;
        let mut targets = vec![Target::Account(account)];
        if let Owner::User(user) = view.owner {
            targets.push(Target::User(user));
        }
        targets.extend(customer.map(Target::Customer));
        let barred = union(&self.inner.frozen.on(&targets), now);
        let controls = Controls {
            debits_blocked: barred.debits,
            credits_blocked: barred.credits,
            closed: view.controls.closed,
        };
        if controls == view.controls {
            return None;
        }
        // A fresh id each time: a freeze after a lift is a new change, never a repeated one.
        let id = TransactionId::random(now, self.inner.random.as_ref());
        Some(Command::SetControls { id, account, controls, reference: 0 })
    }

    /// The accounts that an entry on this target reaches.
    async fn reached(&self, target: Target) -> Result<Vec<Reached>, Error> {
        match target {
            Target::Account(account) => {
                let customer = self.owner_of(account).await?;
                let customer = customer.ok_or(Error::NotFound { what: "account" })?;
                Ok(vec![Reached { account, customer }])
            }
            Target::User(user) => {
                let customer = self.user_row(user).await?.customer;
                let account = cash(user);
                Ok(customer.map(|_| Reached { account, customer }).into_iter().collect())
            }
            Target::Customer(id) => {
                let known = customers::get(self.db(), id).await?;
                known.ok_or(Error::NotFound { what: "customer" })?;
                let accounts = self.accounts_of_customer(id).await?;
                let reached = |account| Reached { account, customer: Some(id) };
                Ok(accounts.into_iter().map(reached).collect())
            }
        }
    }

    pub(crate) async fn accounts_of_customer(
        &self,
        customer: CustomerId,
    ) -> Result<Vec<AccountId>, Error> {
        let rows = users::of_customer(self.db(), customer).await?;
        let verified = rows.iter().filter(|row| row.account_class.is_some());
        let mut accounts: Vec<AccountId> = verified.map(|row| cash(row.id)).collect();
        for merchant in self.merchants_of(customer) {
            accounts.extend([merchant.pending, merchant.settled]);
        }
        Ok(accounts)
    }
}

fn check(new: &NewEntry, now: Timestamp) -> Result<(), Error> {
    filled("who", &new.who)?;
    filled("reason", &new.reason)?;
    let document = new.document.as_deref().is_some_and(|d| !d.trim().is_empty());
    if new.level == FreezeLevel::Judicial && !document {
        let en = "a judicial freeze names the document that orders it";
        let zh = "司法冻结须填写文书编号";
        return Err(Error::invalid("document", "register_entry_invalid", en, zh));
    }
    if new.until.is_some_and(|until| until <= now) {
        let en = "a freeze ends after it begins";
        return Err(Error::invalid(
            "until",
            "register_entry_invalid",
            en,
            "到期时间须晚于当前时间",
        ));
    }
    Ok(())
}

fn filled(field: &'static str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() || text.len() > 1_000 {
        let en = format!("{field} is 1 to 1000 bytes of text");
        return Err(Error::invalid(
            field,
            "register_entry_invalid",
            en,
            "该项须填写，且不超过 1000 字节",
        ));
    }
    Ok(())
}
