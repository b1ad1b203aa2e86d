//! Unmerging (拆分): a user who was hung under a customer wrongly gets a customer of its own.
//!
//! One operator asks, another decides. The new customer begins with what the old one had used of
//! its limits and with every entry that bars the old one, so that nobody gains by being split off;
//! its class is what the user's own checks establish. Until the user's identity is established
//! anew it stands apart: no claim finds it.

use crate::error::Error;
use crate::members::{Members, to_the_end};
use crate::model::freeze::{RegisterEntry, Target};
use crate::model::people::CustomerKind;
use crate::quotas::{Limit, carried_in};
use crate::real_name::cash;
use crate::store::carried::{self, Carried};
use crate::store::customers::CustomerRow;
use crate::store::{checks, customers, place, register, secondaries, users};
use money::Amount;
use records::approvals::{self, Approval, Decision, NewApproval, Refused};
use records::{UnitFuture, audit};
use sea_orm::DatabaseTransaction;
use types::{CustomerId, RegisterEntryId, Timestamp, UserId};

/// What an approval of an unmerge is called.
pub const UNMERGE: &str = "member.unmerge";

/// A user that was split off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// The user.
    pub user: UserId,
    /// The customer it was hung under.
    pub from: CustomerId,
    /// The customer of its own.
    pub to: CustomerId,
}

/// What other rooms write in the same unit: lists that name customers.
pub type Alongside =
    Box<dyn for<'t> FnOnce(&'t DatabaseTransaction, Split) -> UnitFuture<'t, (), Error> + Send>;

/// What the unit needs.
struct Splitting {
    split: Split,
    row: CustomerRow,
    bars: Vec<RegisterEntry>,
    carried: Vec<Carried>,
}

impl Members {
    /// Asks for a user to be split off its customer; the approval's number.
    ///
    /// # Errors
    /// `user_not_found`, `not_verified`, `not_merged` for a customer's only user;
    /// `approval_text_invalid`, `approval_waiting`.
    pub async fn ask_unmerge(
        &self,
        user: UserId,
        maker: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<i64, Error> {
        let (maker, reason) = (maker.to_owned(), reason.to_owned());
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let row = users::get(txn, user).await?.ok_or(Error::NotFound { what: "user" })?;
                let customer = row.customer.ok_or(Error::NotVerified)?;
                if !is_merged(txn, customer).await? {
                    return Err(Error::NotMerged);
                }
                let (subject, terms) = (user.to_string(), terms(customer));
                let new = NewApproval { action: UNMERGE, subject, terms, maker, reason };
                Ok(approvals::ask(txn, new, now).await?)
            })
        });
        unit.await
    }

    /// Decides an unmerge that was asked for, and does it if it is approved: users, register and
    /// limits, and what `alongside` writes, in one unit. `None` if it was declined.
    ///
    /// # Errors
    /// `approval_not_found`, `approval_same_person`, `approval_text_invalid`; `approval_stale` also
    /// if the user hangs elsewhere by now.
    pub async fn decide_unmerge(
        &self,
        number: i64,
        decision: Decision,
        alongside: Alongside,
        now: Timestamp,
    ) -> Result<Option<Split>, Error> {
        let asked = approvals::get(self.db(), number).await?.ok_or(Refused::NotFound)?;
        let (user, from) = read(&asked).ok_or(Refused::NotFound)?;
        let members = self.clone();
        to_the_end(async move {
            // No account is opened, nobody is frozen, while the user changes hands.
            let _closed = members.inner.gate.write().await;
            let splitting = members.splitting(user, from, number, now).await?;
            let (split, bars) = (splitting.split, splitting.bars.clone());
            let carried = splitting.carried.clone();
            let unit = members.inner.records.write(move |txn| {
                Box::pin(
                    async move { divide(txn, number, decision, splitting, alongside, now).await },
                )
            });
            if !unit.await? {
                return Ok(None);
            }
            for entry in bars {
                members.inner.frozen.add(entry);
            }
            members.inner.quotas.carry(&carried);
            members.inner.payers.clear();
            members.inner.classes.clear();
            members.bar(cash(user), now).await?;
            Ok(Some(split))
        })
        .await
    }

    /// Puts together what the user will have of its own.
    async fn splitting(
        &self,
        user: UserId,
        from: CustomerId,
        number: i64,
        now: Timestamp,
    ) -> Result<Splitting, Error> {
        let old = customers::get(self.db(), from).await?.ok_or(Refused::Stale)?;
        let identity = self
            .inner
            .secrets
            .blind_index("identity_apart", format!("{user}\n{number}").as_bytes());
        let to = CustomerId::derive(now, &[&identity]);
        let start = Timestamp::from_micros(0);
        let proved = checks::standing(self.db(), &old.identity, Some(user), start).await?;
        let class = self.class_of(&proved, now).min(old.class);
        let name = self.unseal("customer.name", &from, &old.name)?;
        let number = self.unseal("customer.id_number", &from, &old.id_number)?;
        let random = self.inner.random.as_ref();
        let seal =
            |column: &str, value| self.inner.secrets.seal_text(value, &place(column, &to), random);
        let row = CustomerRow {
            id: to,
            kind: CustomerKind::Person,
            identity: identity.to_vec(),
            name: seal("customer.name", &name),
            id_type: old.id_type,
            id_number: seal("customer.id_number", &number),
            class,
            created_at: now,
            split_from: Some(from),
            document: old.document,
        };
        let twin = |entry: RegisterEntry| RegisterEntry {
            id: RegisterEntryId::random(now, random),
            target: Target::Customer(to),
            ..entry
        };
        let bars = self.register_entries(Target::Customer(from)).await?;
        let bars = bars.into_iter().filter(|entry| entry.in_force(now)).map(twin).collect();
        let carried = self.carried(from, to, now)?;
        Ok(Splitting { split: Split { user, from, to }, row, bars, carried })
    }

    /// What the old customer has used counts as used by the new one too, of every limit: whatever
    /// class its checks give it now or later. A payment that is under way counts with the customer
    /// it was begun for.
    fn carried(
        &self,
        from: CustomerId,
        to: CustomerId,
        now: Timestamp,
    ) -> Result<Vec<Carried>, Error> {
        let (from, to) = (from.to_string(), to.to_string());
        let limits = self.every_limit(now);
        let used = |limit: &Limit| self.used(&from, *limit, now);
        // A limit for life counts at least what the year has seen.
        let year = limits.get("year").map_or(Ok(Amount::ZERO), used)?;
        let mut rows = Vec::with_capacity(limits.len());
        for limit in limits.values() {
            let amount = used(limit)?;
            let amount = if limit.code == "life" { amount.max(year) } else { amount };
            if !amount.is_zero() {
                rows.push(carried_in(&to, *limit, amount, now));
            }
        }
        Ok(rows)
    }
}

fn terms(customer: CustomerId) -> serde_json::Value {
    serde_json::json!({ "customer": customer })
}

/// The user and the customer that an approval of this kind is about.
fn read(asked: &Approval) -> Option<(UserId, CustomerId)> {
    if asked.action != UNMERGE {
        return None;
    }
    let customer = asked.terms.get("customer")?.as_str()?;
    Some((asked.subject.parse().ok()?, customer.parse().ok()?))
}

/// Whether several users hang under a person.
async fn is_merged(txn: &DatabaseTransaction, customer: CustomerId) -> Result<bool, Error> {
    let row = customers::get(txn, customer).await?;
    let person = row.is_some_and(|row| row.kind == CustomerKind::Person);
    Ok(person && users::of_customer(txn, customer).await?.len() > 1)
}

/// Decides and, if it is approved, divides; whether it was.
async fn divide(
    txn: &DatabaseTransaction,
    number: i64,
    decision: Decision,
    splitting: Splitting,
    alongside: Alongside,
    now: Timestamp,
) -> Result<bool, Error> {
    let Splitting { split, row, bars, carried } = splitting;
    let (who, approve) = (decision.checker.clone(), decision.approve);
    let asked = approvals::decide(txn, number, decision, now).await?;
    if !approve {
        return Ok(false);
    }
    if !is_merged(txn, split.from).await? {
        return Err(Refused::Stale.into());
    }
    customers::insert(txn, row).await?;
    if !users::rehang(txn, split.user, split.from, split.to).await? {
        return Err(Refused::Stale.into());
    }
    // Whose password opens whose orders is a matter of one customer.
    let secondaries = secondaries::forget(txn, split.user).await?;
    for entry in &bars {
        register::insert(txn, entry).await?;
    }
    for row in &carried {
        carried::insert(txn, row).await?;
    }
    alongside(txn, split).await?;
    let subject = split.user.to_string();
    let (before, after) = (terms(split.from), terms(split.to));
    let after = serde_json::json!({
        "customer": after["customer"], "approval": number, "maker": asked.maker,
        "reason": asked.reason, "freezes": bars.len(), "secondaries": secondaries,
    });
    audit::append(txn, &who, UNMERGE, &subject, Some(&before), Some(&after), now).await?;
    Ok(true)
}
