//! Real-name verification (实名) and merging (归并): a user becomes, or joins, a customer.

use crate::claim::Claim;
use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::{Members, to_the_end};
use crate::model::class::Class;
use crate::model::code::CodePurpose;
use crate::model::organisation::OrganisationRefusal;
use crate::model::people::CustomerKind;
use crate::model::realname::{MergeCandidate, RealNameClaim, RealNameOutcome, Verified};
use crate::proving::{Evidence, Proof};
use crate::store::checks::CheckRow;
use crate::store::customers::CustomerRow;
use crate::store::users::UserRow;
use crate::store::{checks, customers, place, users};
use ledger::{Command, Owner};
use money::{Amount, CNY};
use records::audit;
use sea_orm::DatabaseTransaction;
use types::{AccountId, CustomerId, Timestamp, UserId};

/// What the unit that hangs a user under a customer needs.
struct Attaching {
    user: UserId,
    row: CustomerRow,
    class: Class,
    /// The customer whose password authorised a merge.
    authorised: Option<CustomerId>,
    most_users: u32,
    /// The most accounts of class III one customer may have.
    most_three: Option<u64>,
    now: Timestamp,
}

/// What is asked of an attachment.
struct Asked {
    wanted: Class,
    /// The customer whose password authorised a merge.
    authorised: Option<CustomerId>,
    /// The customer the user hangs under since it was split off another.
    apart: Option<CustomerId>,
}

/// What that unit found.
enum Attached {
    Done { customer: CustomerId, new: bool },
    Exists(Vec<UserRow>),
}

impl Members {
    /// Verifies a user's real name, creates or finds its customer and opens its cash account. For
    /// a verified user: raises its class. Asking again for what is there changes nothing.
    ///
    /// The providers are asked before anything says whether the customer is known here, so that
    /// only who passes for that person learns it.
    ///
    /// # Errors
    /// Those of the claim's forms; `realname_mismatch`, `realname_provider_down` (retryable),
    /// `class_insufficient`, `already_verified` (as somebody else), `user_of_organisation`;
    /// `password_weak` if the payment password repeats the document.
    pub async fn verify_real_name(
        &self,
        user: UserId,
        claim: RealNameClaim,
        now: Timestamp,
    ) -> Result<RealNameOutcome, Error> {
        let wanted = claim.wanted;
        let claim = self.check_claim(claim, now)?;
        let mut row = self.user_row(user).await?;
        if row.acts_for_organisation() {
            return Err(OrganisationRefusal::ActsForOne.into());
        }
        let apart = self.apart(&row).await?;
        let dormant = self.dormant(user).await?;
        let known = self.verified_before(&row, &claim, wanted, now).await?;
        if let Some(verified) = known.filter(|_| dormant.is_none()) {
            return Ok(RealNameOutcome::Verified(verified));
        }
        if apart.is_some() {
            // Its customer's checks are another identity's: it stands on its own again.
            row.customer = None;
        }
        let evidence = match (&dormant, row.customer) {
            // Only what is checked again counts.
            (Some(entry), _) => Evidence::Since(entry.from, entry.id.to_string()),
            (None, Some(_)) => Evidence::Customers,
            (None, None) => Evidence::Own,
        };
        let proof = self.prove(user, evidence, &claim, wanted, now).await?;
        if row.customer.is_none() {
            self.fits_password(user, &claim, &proof).await?;
        }
        let asked = Asked { wanted, authorised: None, apart };
        match self.attach(user, &claim, proof, asked, now).await? {
            Ok(verified) => {
                if let Some(entry) = dormant {
                    self.wake(entry, now).await?;
                }
                Ok(RealNameOutcome::Verified(verified))
            }
            Err(candidates) => Ok(RealNameOutcome::MergeRequired(candidates)),
        }
    }

    /// Hangs `user` under the customer of `existing`, whose payment password and phone authorise it:
    /// `envelope` is sealed by `existing` and bound to [`Members::merge_binding`], `code` was sent
    /// to `existing` for [`CodePurpose::Merge`] with `user` as its subject.
    ///
    /// # Errors
    /// As [`Members::verify_real_name`]; `merge_password_wrong` for a wrong password and alike, in
    /// words and in work, for a user who is not that customer's, is barred itself, has no password or
    /// does not exist; `password_locked`, `customer_users_exceeded`; those of
    /// [`Members::check_code`].
    pub async fn merge(
        &self,
        user: UserId,
        claim: RealNameClaim,
        existing: UserId,
        envelope: &Envelope,
        code: &str,
        now: Timestamp,
    ) -> Result<Verified, Error> {
        let wanted = claim.wanted;
        let claim = self.check_claim(claim, now)?;
        let row = self.user_row(user).await?;
        if row.acts_for_organisation() {
            return Err(OrganisationRefusal::ActsForOne.into());
        }
        if row.customer.is_some() {
            return Err(Error::AlreadyVerified);
        }
        let proof = self.prove(user, Evidence::Own, &claim, wanted, now).await?;
        self.fits_password(user, &claim, &proof).await?;
        let binding = Self::merge_binding(user);
        let Some(customer) = self.may_authorise(existing, &claim, now).await? else {
            // As long as with a password, and counted nowhere: who proved to be one person neither
            // tries nor locks another's.
            let password = self.open_envelope(existing, envelope, &binding, now)?;
            self.inner.hasher.make(existing, &password, [0; 16]).await?;
            return Err(Error::MergePasswordWrong);
        };
        match self.verify_payment_password(existing, envelope, &binding, now).await {
            Ok(()) => {}
            Err(Error::PasswordWrong { .. } | Error::PasswordNotSet) => {
                return Err(Error::MergePasswordWrong);
            }
            Err(other) => return Err(other),
        }
        // Only who knows the password learns anything of the code.
        let subject = user.to_string();
        self.check_code(existing, CodePurpose::Merge, &subject, code, now).await?;
        let asked = Asked { wanted, authorised: Some(customer), apart: None };
        let attached = self.attach(user, &claim, proof, asked, now).await?;
        attached.map_err(|_| Error::MergePasswordWrong)
    }

    /// That the user's password does not repeat the document that was proved; else the checks, which
    /// were paid, are kept for when it is changed.
    async fn fits_password(&self, user: UserId, claim: &Claim, proof: &Proof) -> Result<(), Error> {
        let fits = self.refuse_guessable(user, &claim.id).await;
        if fits.is_err() {
            self.keep_checks(proof.rows.clone()).await?;
        }
        fits
    }

    /// The customer of `existing`, if it is the one that is claimed and no freeze bars `existing`
    /// itself: who joins by it would be free of that freeze. The asker is not told of it. A freeze
    /// of the customer bars who joins as well, and is none of the asker's business either.
    async fn may_authorise(
        &self,
        existing: UserId,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Option<CustomerId>, Error> {
        let row = users::get(self.db(), existing).await?;
        let Some(id) = row.and_then(|row| row.customer) else { return Ok(None) };
        let customer = customers::get(self.db(), id).await?;
        if customer.is_none_or(|customer| customer.identity != claim.identity) {
            return Ok(None);
        }
        Ok((!self.is_barred_itself(existing, now)).then_some(id))
    }

    /// What a merge's envelope is bound to.
    pub fn merge_binding(user: UserId) -> Binding {
        Binding { order: "member.merge".to_owned(), amount: Amount::ZERO, payee: user.to_string() }
    }

    async fn verified_before(
        &self,
        row: &UserRow,
        claim: &Claim,
        wanted: Class,
        now: Timestamp,
    ) -> Result<Option<Verified>, Error> {
        let Some(customer) = row.customer else { return Ok(None) };
        let known = customers::get(self.db(), customer).await?;
        if known.as_ref().is_some_and(|c| c.split_from.is_some()) {
            return Ok(None);
        }
        let known = known.filter(|c| c.identity == claim.identity).ok_or(Error::AlreadyVerified)?;
        let Some(class) = known.class.filter(|class| *class >= wanted) else { return Ok(None) };
        let _open = self.inner.gate.read().await;
        let account = self.open_cash(row.id, row.account_class.unwrap_or(class), now).await?;
        Ok(Some(Verified { user: row.id, customer, new: false, class, account }))
    }

    async fn attach(
        &self,
        user: UserId,
        claim: &Claim,
        proof: Proof,
        asked: Asked,
        now: Timestamp,
    ) -> Result<Result<Verified, Vec<MergeCandidate>>, Error> {
        let Asked { wanted, authorised, apart } = asked;
        let class = self.class_of(&proof.standing, now).unwrap_or(wanted).max(wanted);
        let row = self.customer_row(claim, class, apart, now);
        let most_users = self.inner.config.most_users;
        let most_three = self.inner.regulation.accounts_per_customer(Class::III, now.date());
        let attaching = Attaching { user, row, class, authorised, most_users, most_three, now };
        let members = self.clone();
        to_the_end(async move { members.hang(attaching, proof.rows).await }).await
    }

    /// Writes who the user is, forgets what was known of it, opens its account.
    async fn hang(
        &self,
        attaching: Attaching,
        rows: Vec<CheckRow>,
    ) -> Result<Result<Verified, Vec<MergeCandidate>>, Error> {
        let Attaching { user, class, now, .. } = attaching;
        let _open = self.inner.gate.read().await;
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                checks::insert(txn, rows).await?;
                attach(txn, attaching).await
            })
        });
        let (customer, new) = match unit.await? {
            Attached::Done { customer, new } => (customer, new),
            Attached::Exists(rows) => {
                let candidate = |row: &UserRow| {
                    let phone = self.unseal("user.phone", &row.id, &row.phone)?;
                    Ok(MergeCandidate { user: row.id, phone })
                };
                return Ok(Err(rows.iter().map(candidate).collect::<Result<_, Error>>()?));
            }
        };
        // The class first: a payer is put together from it. The customer's other users may have
        // risen with it, unless there are none.
        self.inner.classes.forget(&customer);
        if new {
            self.inner.payers.forget(&user);
        } else {
            self.inner.payers.clear();
        }
        let stored = self.user_row(user).await?;
        let account = self.open_cash(user, stored.account_class.unwrap_or(class), now).await?;
        let class = self.class(customer).await?.unwrap_or(class);
        Ok(Ok(Verified { user, customer, new, class, account }))
    }

    /// The customer a user hangs under since it was split off another.
    async fn apart(&self, row: &UserRow) -> Result<Option<CustomerId>, Error> {
        let Some(customer) = row.customer else { return Ok(None) };
        let known = customers::get(self.db(), customer).await?;
        Ok(known.filter(|c| c.split_from.is_some()).map(|c| c.id))
    }

    /// The customer as it would be written: `apart` if that is to be established, else a new one.
    pub(crate) fn customer_row(
        &self,
        claim: &Claim,
        class: Class,
        apart: Option<CustomerId>,
        now: Timestamp,
    ) -> CustomerRow {
        let id = apart.unwrap_or_else(|| CustomerId::derive(now, &[&claim.identity]));
        let document = self.document_index(claim.id.id_type.code(), &claim.id.of_holder());
        let random = self.inner.random.as_ref();
        let seal =
            |column: &str, value| self.inner.secrets.seal_text(value, &place(column, &id), random);
        CustomerRow {
            id,
            kind: CustomerKind::Person,
            identity: claim.identity.to_vec(),
            name: seal("customer.name", &claim.name),
            id_type: claim.id.id_type.code().to_owned(),
            id_number: seal("customer.id_number", &claim.id.number),
            class: Some(class),
            created_at: now,
            split_from: None,
            document: Some(document.to_vec()),
        }
    }

    /// Opens a user's one cash account if the book lacks it, and bars it as the register says.
    /// The caller holds the gate.
    pub(crate) async fn open_cash(
        &self,
        user: UserId,
        class: Class,
        now: Timestamp,
    ) -> Result<AccountId, Error> {
        let account = cash(user);
        if self.inner.bookkeeper.account(account).is_none() {
            let leaf = self.inner.leaves.balance(class);
            let new = self.new_account(account, leaf, CNY, Owner::User(user));
            self.book(vec![Command::OpenAccount(new)]).await?;
        }
        self.bar(account, now).await?;
        Ok(account)
    }

    pub(crate) async fn user_row(&self, user: UserId) -> Result<UserRow, Error> {
        users::get(self.db(), user).await?.ok_or(Error::NotFound { what: "user" })
    }
}

/// The id of a user's cash account.
pub(crate) fn cash(user: UserId) -> AccountId {
    AccountId::of(&[b"cash", user.to_string().as_bytes()])
}

/// Units run one after another, so what is read here still holds when it is written.
async fn attach(txn: &DatabaseTransaction, a: Attaching) -> Result<Attached, Error> {
    let user = users::get(txn, a.user).await?.ok_or(Error::NotFound { what: "user" })?;
    if let Some(customer) = user.customer {
        let known = customers::get(txn, customer).await?;
        if known.as_ref().is_some_and(|c| c.split_from.is_some()) && customer == a.row.id {
            return establish(txn, a).await;
        }
        if known.is_none_or(|c| c.identity != a.row.identity) {
            return Err(Error::AlreadyVerified);
        }
        customers::raise(txn, customer, a.class).await?;
        let class = account_class(txn, &a, customer).await?;
        users::raise(txn, a.user, class).await?;
        return Ok(Attached::Done { customer, new: false });
    }
    let (customer, new) = match customers::by_identity(txn, &a.row.identity).await? {
        None => {
            customers::insert(txn, a.row.clone()).await?;
            (a.row.id, true)
        }
        Some(known) => {
            let present = users::of_customer(txn, known.id).await?;
            if a.authorised != Some(known.id) && !present.is_empty() {
                return Ok(Attached::Exists(present));
            }
            if present.len() >= usize::try_from(a.most_users).unwrap_or(usize::MAX) {
                return Err(Error::TooManyUsers { most: a.most_users });
            }
            customers::raise(txn, known.id, a.class).await?;
            (known.id, false)
        }
    };
    let class = account_class(txn, &a, customer).await?;
    if !users::attach(txn, a.user, customer, class, a.now).await? {
        return Err(Error::AlreadyVerified);
    }
    if a.authorised.is_some() {
        let (actor, to) = (a.user.to_string(), customer.to_string());
        let after = serde_json::json!({ "customer": to });
        audit::append(txn, &actor, "member.merge", &actor, None, Some(&after), a.now).await?;
    }
    Ok(Attached::Done { customer, new })
}

/// The class of the user's account: that of the customer, unless other users of it have as many
/// accounts of class III as there may be (银发〔2016〕261).
async fn account_class(
    txn: &DatabaseTransaction,
    a: &Attaching,
    customer: CustomerId,
) -> Result<Class, Error> {
    let Some(most) = a.most_three.filter(|_| a.class == Class::III) else { return Ok(a.class) };
    let others = users::of_customer(txn, customer).await?;
    let three = |row: &&UserRow| row.id != a.user && row.account_class == Some(Class::III);
    let taken = u64::try_from(others.iter().filter(three).count()).unwrap_or(u64::MAX);
    Ok(if taken < most { Class::III } else { Class::II })
}

/// Gives a customer that was split off another the identity its user has proved; unless a
/// customer has it already.
async fn establish(txn: &DatabaseTransaction, a: Attaching) -> Result<Attached, Error> {
    let (customer, user) = (a.row.id, a.user.to_string());
    if let Some(known) = customers::by_identity(txn, &a.row.identity).await? {
        return Ok(Attached::Exists(users::of_customer(txn, known.id).await?));
    }
    let class = account_class(txn, &a, customer).await?;
    users::raise(txn, a.user, class).await?;
    customers::establish(txn, customer, a.row).await?;
    let after = serde_json::json!({ "customer": customer });
    audit::append(txn, &user, "member.establish", &user, None, Some(&after), a.now).await?;
    Ok(Attached::Done { customer, new: false })
}
