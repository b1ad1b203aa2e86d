//! Bindings of business users: many of one system to one payment user, and nothing shared between
//! them. The user's consent is the scope `bind` of the token that binds.

use crate::error::Error;
use crate::sso::Sso;
use crate::store::bindings::{self, BindingRow};
use records::audit;
use serde::Serialize;
use types::{BusinessUserId, ClientId, Masked, Problem, ProblemKind, Timestamp, UserId};

/// The longest user id of a business system, bytes.
const MOST_BYTES: usize = 128;
/// The most business users of one system that are bound to one user.
const MOST_BINDINGS: u64 = 100;

/// A binding in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// The binding.
    pub id: BusinessUserId,
    /// Whose user id it is.
    pub client: ClientId,
    /// The user id in that system.
    pub business_user: String,
    /// Since when.
    pub bound_at: Timestamp,
}

fn not_found() -> Error {
    let (en, zh) = ("this business user is not bound here", "该业务用户未绑定");
    Problem::new(ProblemKind::NotFound, "binding_not_found", en, zh).into()
}

fn check(business_user: &str) -> Result<(), Error> {
    let sound = (1..=MOST_BYTES).contains(&business_user.len())
        && !business_user.chars().any(char::is_control)
        && business_user.trim() == business_user;
    if sound {
        return Ok(());
    }
    let en = format!(
        "a business user is 1 to {MOST_BYTES} bytes without control characters or spaces around"
    );
    let zh = format!("业务用户编号为 1 至 {MOST_BYTES} 字节，不含控制字符和首尾空格");
    let problem = Problem::new(ProblemKind::Invalid, "business_user_invalid", en, zh);
    Err(problem.at("business_user").into())
}

/// The place a sealed business user belongs to.
fn place(id: BusinessUserId) -> Vec<u8> {
    format!("sso.binding.business_user|{id}").into_bytes()
}

impl Sso {
    /// Binds a business user to a user; the same again gives the binding that is there.
    ///
    /// # Errors
    /// `business_user_invalid`; `binding_exists` if it is bound to somebody else, unbind it first;
    /// `bindings_exceeded`.
    pub async fn bind(
        &self,
        client: ClientId,
        user: UserId,
        business_user: &str,
        now: Timestamp,
    ) -> Result<Binding, Error> {
        check(business_user)?;
        let index = self.business_index(client, business_user);
        let id = BusinessUserId::random(now, self.inner.desk.random.as_ref());
        let (plain, random) = (Masked::new(business_user), self.inner.desk.random.as_ref());
        let sealed = self.inner.desk.secrets.seal_text(&plain, &place(id), random);
        let row = BindingRow { id, client, index, business_user: sealed, user, bound_at: now };
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                match bindings::get(txn, client, &row.index).await? {
                    Some(known) if known.user == user => return Ok(known),
                    Some(_) => return Err(bound_elsewhere()),
                    None => {}
                }
                if bindings::count(txn, user, client).await? >= MOST_BINDINGS {
                    return Err(too_many());
                }
                bindings::insert(txn, row.clone()).await?;
                let (who, subject) = (user.to_string(), row.id.to_string());
                audit::append(txn, &who, "binding.bind", &subject, None, None, now).await?;
                Ok(row)
            })
        });
        self.shown(&unit.await?)
    }

    /// Unbinds a business user from this user; it may be bound anew, to anybody.
    ///
    /// # Errors
    /// `binding_not_found`, also for one that is bound to somebody else.
    pub async fn unbind(
        &self,
        client: ClientId,
        user: UserId,
        business_user: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let index = self.business_index(client, business_user);
        let who = who.to_owned();
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move {
                let known = bindings::get(txn, client, &index).await?;
                let known = known.filter(|row| row.user == user).ok_or_else(not_found)?;
                bindings::end(txn, known.id, now).await?;
                let subject = known.id.to_string();
                audit::append(txn, &who, "binding.unbind", &subject, None, None, now).await?;
                Ok(())
            })
        });
        unit.await
    }

    /// A user's bindings in force, newest first; of one client, for a client sees only its own.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn bindings(
        &self,
        user: UserId,
        client: Option<ClientId>,
    ) -> Result<Vec<Binding>, Error> {
        let rows = bindings::of_user(self.db(), user, client).await?;
        rows.iter().map(|row| self.shown(row)).collect()
    }

    fn business_index(&self, client: ClientId, business_user: &str) -> Vec<u8> {
        let of = format!("{client}|{business_user}");
        self.inner.desk.secrets.blind_index("sso.business_user", of.as_bytes()).to_vec()
    }

    fn shown(&self, row: &BindingRow) -> Result<Binding, Error> {
        let plain = self.inner.desk.secrets.unseal_text(&row.business_user, &place(row.id));
        let plain = plain.map_err(|e| Error::fault("a sealed business user", &e))?;
        // Exposed to the system whose own id it is, and to operators.
        let business_user = plain.expose().to_owned();
        Ok(Binding { id: row.id, client: row.client, business_user, bound_at: row.bound_at })
    }
}

fn bound_elsewhere() -> Error {
    let en = "this business user is bound to another user; unbind it there first";
    let zh = "该业务用户已绑定其他支付用户，请先解绑";
    let problem = Problem::new(ProblemKind::Conflict, "binding_exists", en, zh);
    problem.at("business_user").into()
}

fn too_many() -> Error {
    let en = format!("a user has at most {MOST_BINDINGS} business users of one system");
    let zh = format!("同一系统最多绑定 {MOST_BINDINGS} 个业务用户");
    Problem::new(ProblemKind::Refused, "bindings_exceeded", en, zh).into()
}
