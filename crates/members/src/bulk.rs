//! People by the thousand, for measuring: written as verified people are, without asking anybody.

use crate::error::Error;
use crate::members::Members;
use crate::model::class::Class;
use crate::model::people::{CustomerKind, NewUser};
use crate::model::realname::RealNameClaim;
use crate::store::customers::CustomerRow;
use crate::store::{bulk, customers, place, users};
use types::{CustomerId, Timestamp, UserId};

/// Somebody to be written.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is; nobody is asked whether that is so.
    pub claim: RealNameClaim,
    /// Its users; each phone once.
    pub users: Vec<NewUser>,
}

impl Members {
    /// Writes people in one unit; their customers. Only for measuring: nothing was proved of them,
    /// and their accounts are opened when they are first asked for.
    ///
    /// # Errors
    /// Those of the claims' forms; a phone or identity that is taken fails the whole unit.
    pub async fn write_people(
        &self,
        people: Vec<Person>,
        now: Timestamp,
    ) -> Result<Vec<(CustomerId, Vec<UserId>)>, Error> {
        let (mut rows, mut all, mut made) = (Vec::new(), Vec::new(), Vec::new());
        for person in people {
            let claim = self.check_claim(person.claim, now)?;
            let row: CustomerRow = self.customer_row(&claim, Class::I, None, now);
            debug_assert_eq!(row.kind, CustomerKind::Person);
            let mut ids = Vec::new();
            for user in person.users {
                let phone_index = self.phone_index(&user.phone);
                let id = UserId::derive(now, &[&phone_index]);
                let place = place("user.phone", &id);
                let random = self.inner.random.as_ref();
                let phone = self.inner.secrets.seal_text(&user.phone, &place, random);
                let new = users::NewRow {
                    id,
                    phone_index,
                    phone,
                    email: None,
                    login_name: None,
                    created_at: now,
                };
                all.push((new, row.id));
                ids.push(id);
            }
            made.push((row.id, ids));
            rows.push(row);
        }
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                bulk::customers(txn, rows).await?;
                Ok::<_, Error>(bulk::users(txn, all, Class::I, now).await?)
            })
        });
        unit.await?;
        Ok(made)
    }

    /// The customer whom a claim names, with its users, as a verification looks them up once the
    /// providers have answered. Only for measuring: to ask it for others would be to probe.
    ///
    /// # Errors
    /// Those of the claim's forms and of the records.
    pub async fn look_up(
        &self,
        claim: RealNameClaim,
        now: Timestamp,
    ) -> Result<Option<(CustomerId, usize)>, Error> {
        let claim = self.check_claim(claim, now)?;
        let Some(found) = customers::by_identity(self.db(), &claim.identity).await? else {
            return Ok(None);
        };
        Ok(Some((found.id, users::of_customer(self.db(), found.id).await?.len())))
    }
}
