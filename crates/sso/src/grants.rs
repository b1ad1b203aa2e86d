//! What users have allowed: looked at, and taken back.

use crate::error::Error;
use crate::model::level::Level;
use crate::model::scope::{Scope, Scopes};
use crate::sso::Sso;
use crate::store::{clients, grants};
use members::AgreementKind;
use records::audit;
use types::{ClientId, GrantId, Problem, ProblemKind, Timestamp, UserId};

/// What the scope allows.
const FREE: AgreementKind = AgreementKind::PasswordFree;

/// A grant in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantView {
    /// The grant.
    pub grant: GrantId,
    /// To whom.
    pub client: ClientId,
    /// What may be done.
    pub scope: Scopes,
    /// How surely the user had signed in.
    pub level: Level,
    /// Whether its tokens are bound to a key.
    pub bound_to_key: bool,
    /// Since when.
    pub made_at: Timestamp,
    /// Until when at most.
    pub expires_at: Timestamp,
}

impl Sso {
    /// A user's grants in force, newest first.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn grants(&self, user: UserId, now: Timestamp) -> Result<Vec<GrantView>, Error> {
        let rows = grants::of_user(self.db(), user, now).await?;
        let view = |row: grants::GrantRow| GrantView {
            grant: row.id,
            client: row.client,
            scope: row.scopes,
            level: row.level,
            bound_to_key: row.jkt.is_some(),
            made_at: row.made_at,
            expires_at: row.expires_at,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Takes back what a user allowed: every token of the grant ends, and with it the password-free
    /// agreement that it made.
    ///
    /// # Errors
    /// `grant_not_found`, also for another user's.
    pub async fn withdraw(
        &self,
        user: UserId,
        grant: GrantId,
        who: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let row = grants::get(self.db(), grant).await?.filter(|row| row.user == user);
        let row = row.filter(|row| row.revoked_at.is_none()).ok_or_else(|| {
            let (en, zh) = ("there is no such grant", "授权不存在");
            Error::from(Problem::new(ProblemKind::NotFound, "grant_not_found", en, zh))
        })?;
        if row.scopes.has(Scope::PayPasswordFree)
            && let Some(client) = clients::get(self.db(), row.client).await?
            && let Some(terms) = client.client.terms.password_free
        {
            self.inner.members.revoke_agreement(FREE, user, terms.merchant, now).await?;
        }
        let who = who.to_owned();
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                grants::revoke(txn, grant, now).await?;
                let subject = grant.to_string();
                audit::append(txn, &who, "grant.withdraw", &subject, None, None, now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await
    }

    /// The scopes of a grant that are in force: a password-free agreement that was ended elsewhere
    /// takes its scope with it.
    pub(crate) async fn in_force(&self, row: &grants::GrantRow) -> Result<Scopes, Error> {
        if !row.scopes.has(Scope::PayPasswordFree) {
            return Ok(row.scopes.clone());
        }
        let client = clients::get(self.db(), row.client).await?;
        let terms = client.and_then(|client| client.client.terms.password_free);
        let agreed = match terms {
            Some(terms) => {
                self.inner.members.agreement(FREE, row.user, terms.merchant).await?.is_some()
            }
            None => false,
        };
        let scopes = row.scopes.clone();
        Ok(if agreed { scopes } else { scopes.without(Scope::PayPasswordFree) })
    }
}
