//! People by the thousand, for measuring: written as verified people are, without asking anybody.

use crate::error::Error;
use crate::members::Members;
use crate::model::class::Class;
use crate::model::people::NewUser;
use crate::model::realname::RealNameClaim;
use crate::store::customers::{self, CustomerRow};
use crate::store::{bulk, users};
use types::{CustomerId, Timestamp, UserId};

/// Somebody to be written.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is; nobody is asked whether that is so.
    pub claim: RealNameClaim,
    /// Its users; each phone once.
    pub users: Vec<NewUser>,
}

/// People whose rows are ready: found by keyed hash, sealed, and not written yet.
#[derive(Debug)]
pub struct SealedPeople {
    customers: Vec<CustomerRow>,
    users: Vec<bulk::VerifiedUser>,
    written: Vec<(CustomerId, Vec<UserId>)>,
}

impl Members {
    /// Makes people's rows: the hashing and sealing, which keeps a core busy and needs no records, so
    /// that it can go on while others are written. Only for measuring: nothing was proved of them.
    ///
    /// # Errors
    /// Those of the claims' forms and of the users'.
    pub fn seal_people(&self, people: Vec<Person>, now: Timestamp) -> Result<SealedPeople, Error> {
        let mut sealed =
            SealedPeople { customers: Vec::new(), users: Vec::new(), written: Vec::new() };
        for person in people {
            let claim = self.check_claim(person.claim, now)?;
            let customer = self.customer_row(&claim, Class::I, None, now);
            let mut ids = Vec::new();
            for user in person.users {
                let row = self.new_user_row(user, now)?;
                ids.push(row.id);
                sealed.users.push(bulk::VerifiedUser { row, customer: customer.id });
            }
            sealed.written.push((customer.id, ids));
            sealed.customers.push(customer);
        }
        // In the order of the index that scatters most, so that each of its pages is taken up once.
        sealed.customers.sort_unstable_by(|a, b| a.identity.cmp(&b.identity));
        sealed.users.sort_unstable_by_key(|user| user.row.phone_index);
        Ok(sealed)
    }

    /// Writes people in one unit; their customers and users, in the order they were given. Their
    /// accounts are opened when they are first asked for. Only for measuring.
    ///
    /// # Errors
    /// A phone or identity that is taken fails the whole unit.
    pub async fn write_people(
        &self,
        people: SealedPeople,
        now: Timestamp,
    ) -> Result<Vec<(CustomerId, Vec<UserId>)>, Error> {
        let SealedPeople { customers, users, written } = people;
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                bulk::customers(txn, customers).await?;
                Ok::<_, Error>(bulk::users(txn, users, Class::I, now).await?)
            })
        });
        unit.await?;
        Ok(written)
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
