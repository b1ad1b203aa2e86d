//! Organisations as customers (机构客户): found by their credit code, acted for by users.
//!
//! A user of an organisation is no person-customer's: what is looked at is not who the person is
//! but whether it may act, and an operator answers for that with the number of a document. So it has
//! no class, no limits and no account; the organisation's money lies in the accounts of its merchants.

use crate::error::Error;
use crate::members::{Members, to_the_end};
use crate::model::organisation::{
    Authority, OrganisationRefusal, canonical_legal_name, is_authority_text,
};
use crate::model::people::CustomerKind;
use crate::store::customers::CustomerRow;
use crate::store::passwords::Known;
use crate::store::{
    authorities, customers, device_keys, passwords, place, secondaries, totp, users,
};
use records::audit;
use sea_orm::DatabaseTransaction;
use types::{CustomerId, Masked, Timestamp, UserId};

impl Members {
    /// The organisation as it would be written.
    pub(crate) fn organisation_row(
        &self,
        uscc: &Masked,
        legal_name: &Masked,
        now: Timestamp,
    ) -> CustomerRow {
        let identity = self.inner.secrets.blind_index("organisation", uscc.expose().as_bytes());
        let id = CustomerId::derive(now, &[&identity]);
        let random = self.inner.random.as_ref();
        let seal =
            |column: &str, value| self.inner.secrets.seal_text(value, &place(column, &id), random);
        CustomerRow {
            id,
            kind: CustomerKind::Organisation,
            identity: identity.to_vec(),
            name: seal("customer.name", legal_name),
            id_type: "uscc".to_owned(),
            id_number: seal("customer.id_number", uscc),
            class: None,
            created_at: now,
            split_from: None,
            document: Some(self.document_index("uscc", uscc).to_vec()),
        }
    }

    /// The customer that this organisation is; it is written if it is not known.
    ///
    /// # Errors
    /// `realname_mismatch` if it is known under another legal name. That is looked at before anything
    /// else of the organisation, so the answer tells nothing more of it.
    pub(crate) async fn found_organisation(
        &self,
        txn: &DatabaseTransaction,
        row: CustomerRow,
        legal_name: &Masked,
    ) -> Result<CustomerId, Error> {
        let Some(known) = customers::by_identity(txn, &row.identity).await? else {
            let id = row.id;
            customers::insert(txn, row).await?;
            return Ok(id);
        };
        let name = self.unseal("customer.name", &known.id, &known.name)?;
        if self.legal_name_index(&name) == self.legal_name_index(legal_name) {
            Ok(known.id)
        } else {
            Err(Error::RealNameMismatch)
        }
    }

    /// Keyed, so that how long a comparison takes tells nothing of the name.
    fn legal_name_index(&self, name: &Masked) -> [u8; 32] {
        let spelled = canonical_legal_name(name.expose()).unwrap_or_default();
        self.inner.secrets.blind_index("legal_name", spelled.as_bytes())
    }

    /// Lets a user act for an organisation, on the number of a document that `who`, an operator, has
    /// looked at. For a user who acts for it already: renews what authorises it.
    ///
    /// # Errors
    /// `authority_text_invalid`; `user_not_found`, `customer_not_found`; `not_an_organisation`;
    /// `already_verified` for a user who is a person-customer's, `user_of_organisation` for another
    /// organisation's; `customer_users_exceeded`.
    pub async fn authorise_user(
        &self,
        user: UserId,
        organisation: CustomerId,
        document: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        check_text("document", document)?;
        let (document, by) = (document.trim().to_owned(), who.to_owned());
        let new = Authority { user, document, by, at: now };
        let members = self.clone();
        // No more than are read of one customer.
        let most = self.inner.config.most_organisation_users.min(users::MOST_READ);
        to_the_end(async move {
            let unit = members.inner.records.write(move |txn| {
                Box::pin(async move { authorise(txn, organisation, new, most).await })
            });
            unit.await?;
            members.inner.payers.forget(&user);
            Ok(())
        })
        .await
    }

    /// Ends what lets a user act for its organisation. Its passwords, authenticator app and device
    /// keys go with it - the next to act by this user may be another person - and so does what it is
    /// to other users as primary or secondary.
    ///
    /// # Errors
    /// `authority_text_invalid`, `user_not_found`, `user_not_of_organisation`.
    pub async fn discharge_user(
        &self,
        user: UserId,
        who: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        check_text("reason", reason)?;
        let (who, reason) = (who.to_owned(), reason.to_owned());
        let members = self.clone();
        to_the_end(async move {
            let unit = members.inner.records.write(move |txn| {
                Box::pin(async move { discharge(txn, user, &who, &reason, now).await })
            });
            unit.await?;
            members.inner.payers.forget(&user);
            Ok(())
        })
        .await
    }
}

async fn authorise(
    txn: &DatabaseTransaction,
    organisation: CustomerId,
    new: Authority,
    most: u32,
) -> Result<(), Error> {
    let row = users::get(txn, new.user).await?.ok_or(Error::NotFound { what: "user" })?;
    let known = customers::get(txn, organisation).await?;
    let known = known.ok_or(Error::NotFound { what: "customer" })?;
    if known.kind != CustomerKind::Organisation {
        return Err(OrganisationRefusal::NotOne.into());
    }
    match row.customer {
        Some(customer) if customer == organisation => {}
        Some(_) if row.acts_for_organisation() => {
            return Err(OrganisationRefusal::ActsForOne.into());
        }
        Some(_) => return Err(Error::AlreadyVerified),
        None => {
            let present = users::of_customer(txn, organisation).await?.len();
            if present >= usize::try_from(most).unwrap_or(usize::MAX) {
                return Err(Error::TooManyUsers { most });
            }
            users::enlist(txn, new.user, organisation).await?;
        }
    }
    let before = authorities::get(txn, new.user).await?;
    if before.as_ref().is_some_and(|before| before.document == new.document) {
        return Ok(());
    }
    authorities::put(txn, &new).await?;
    let before = before.map(|before| serde_json::json!({ "document": before.document }));
    let after = serde_json::json!({ "customer": organisation, "document": new.document });
    let (subject, action) = (new.user.to_string(), "organisation.authorise");
    audit::append(txn, &new.by, action, &subject, before.as_ref(), Some(&after), new.at).await?;
    Ok(())
}

async fn discharge(
    txn: &DatabaseTransaction,
    user: UserId,
    who: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let row = users::get(txn, user).await?.ok_or(Error::NotFound { what: "user" })?;
    let authority = authorities::get(txn, user).await?;
    let acted = row.customer.zip(authority);
    let (organisation, authority) = acted.ok_or(OrganisationRefusal::ActsForNone)?;
    if !users::discharge(txn, user, organisation).await? {
        return Err(OrganisationRefusal::ActsForNone.into());
    }
    authorities::remove(txn, user).await?;
    let secondaries = secondaries::forget(txn, user).await?;
    for known in [Known::Password, Known::Gesture] {
        passwords::remove(txn, known, user).await?;
    }
    totp::remove(txn, user).await?;
    for row in device_keys::of_user(txn, user).await? {
        device_keys::remove(txn, row.key.id, now).await?;
    }
    let before = serde_json::json!({ "customer": organisation, "document": authority.document });
    let after = serde_json::json!({ "reason": reason, "secondaries": secondaries });
    let (subject, action) = (user.to_string(), "organisation.discharge");
    audit::append(txn, who, action, &subject, Some(&before), Some(&after), now).await?;
    Ok(())
}

fn check_text(field: &'static str, text: &str) -> Result<(), Error> {
    if is_authority_text(text) {
        return Ok(());
    }
    let en = format!("{field} is 1 to 100 characters of one line");
    Err(Error::invalid(field, "authority_text_invalid", en, "该项须为一行 1 至 100 个字符"))
}
