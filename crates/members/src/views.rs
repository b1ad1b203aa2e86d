//! What others see of users and customers.

use crate::error::Error;
use crate::members::Members;
use crate::model::class::{Class, Purpose};
use crate::model::freeze::Target;
use crate::model::people::{CustomerView, Payer, UserFilter, UserPage, UserView};
use crate::real_name::cash;
use crate::store::users::UserRow;
use crate::store::{authorities, checks, customers, place, secondaries, users};
use types::{CustomerId, Masked, Timestamp, UserId};

/// The most users on one page.
const MOST_PAGE: u64 = 200;

impl Members {
    /// What an order needs of a user; cached. Opens its cash account if a crash kept it from it.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn payer(&self, user: UserId) -> Result<Payer, Error> {
        let generation = match self.inner.payers.get(&user) {
            Ok(known) => return Ok(known),
            Err(generation) => generation,
        };
        let row = self.user_row(user).await?;
        let payer = self.payer_of(&row).await?;
        if let (Some(account), Some(class)) = (payer.account, row.account_class)
            && self.inner.bookkeeper.account(account).is_none()
        {
            let _open = self.inner.gate.read().await;
            self.open_cash(user, class, row.created_at).await?;
        }
        self.inner.payers.keep(generation, user, payer);
        Ok(payer)
    }

    async fn payer_of(&self, row: &UserRow) -> Result<Payer, Error> {
        let known = match row.customer {
            Some(customer) => customers::get(self.db(), customer).await?,
            None => None,
        };
        let hash = |bytes: &[u8]| <[u8; 32]>::try_from(bytes);
        let document = known.as_ref().and_then(|customer| customer.document.as_deref());
        Ok(Payer {
            user: row.id,
            customer: row.customer,
            class: known.as_ref().and_then(|customer| customer.class),
            account_class: row.account_class,
            // A class is what verification gives: who acts for an organisation has no account.
            account: row.account_class.map(|_| cash(row.id)),
            phone: hash(&row.phone_index).map_err(|e| Error::fault("phone_index", &e))?,
            document: document.map(hash).transpose().map_err(|e| Error::fault("document", &e))?,
            created_at: row.created_at,
        })
    }

    /// The class of a customer; cached. Organisations have none.
    pub(crate) async fn class(&self, customer: CustomerId) -> Result<Option<Class>, Error> {
        let generation = match self.inner.classes.get(&customer) {
            Ok(known) => return Ok(known),
            Err(generation) => generation,
        };
        let row = customers::get(self.db(), customer).await?;
        let class = row.ok_or(Error::NotFound { what: "customer" })?.class;
        self.inner.classes.keep(generation, customer, class);
        Ok(class)
    }

    /// Whether the balance of a user's account may be used so on the day of `now`.
    ///
    /// # Errors
    /// `not_verified`, `use_not_allowed`.
    pub fn check_use(&self, payer: &Payer, purpose: Purpose, now: Timestamp) -> Result<(), Error> {
        let class = payer.account_class.ok_or(Error::NotVerified)?;
        if self.inner.regulation.allows(class, purpose, now.date()) {
            Ok(())
        } else {
            Err(Error::UseNotAllowed { class, purpose })
        }
    }

    /// A user.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn profile(&self, user: UserId, now: Timestamp) -> Result<UserView, Error> {
        self.user_view(self.user_row(user).await?, now).await
    }

    async fn user_view(&self, row: UserRow, now: Timestamp) -> Result<UserView, Error> {
        let payer = self.payer_of(&row).await?;
        Ok(UserView {
            user: row.id,
            customer: payer.customer,
            class: payer.class,
            account_class: payer.account_class,
            account: payer.account,
            standing: self.standing_of(&payer, now),
            phone: self.unseal("user.phone", &row.id, &row.phone)?,
            login_name: row.login_name,
            has_password: row.has_password,
            created_at: row.created_at,
        })
    }

    /// A customer with its users and accounts.
    ///
    /// # Errors
    /// `customer_not_found`.
    pub async fn customer(
        &self,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<CustomerView, Error> {
        let row = customers::get(self.db(), customer).await?;
        let row = row.ok_or(Error::NotFound { what: "customer" })?;
        let start = Timestamp::from_micros(0);
        let proved = checks::standing(self.db(), &row.identity, None, start).await?;
        let mut views = Vec::new();
        for user in users::of_customer(self.db(), customer).await? {
            views.push(self.user_view(user, now).await?);
        }
        let entries = self.register_entries(Target::Customer(customer)).await?;
        Ok(CustomerView {
            customer,
            kind: row.kind,
            name: self.unseal("customer.name", &customer, &row.name)?,
            id_number: self.unseal("customer.id_number", &customer, &row.id_number)?,
            class: row.class,
            frozen: entries.iter().any(|entry| entry.in_force(now)),
            users: views,
            authorities: authorities::of_customer(self.db(), customer).await?,
            secondaries: secondaries::of_customer(self.db(), customer).await?,
            merchants: self.merchants_of(customer),
            accounts: self.accounts_of_customer(customer).await?,
            channels: proved.channels.into_iter().collect(),
            created_at: row.created_at,
        })
    }

    /// One page of users, newest first; at most 200.
    pub async fn users(
        &self,
        filter: UserFilter,
        before: Option<UserId>,
        limit: u64,
        now: Timestamp,
    ) -> Result<UserPage, Error> {
        let limit = limit.clamp(1, MOST_PAGE);
        let (rows, whole) = match (&filter.phone, filter.customer) {
            (Some(phone), of) => {
                let found = users::by_phone(self.db(), self.phone_index(phone)).await?;
                let fits = |row: &UserRow| of.is_none() || row.customer == of;
                (found.into_iter().filter(fits).collect::<Vec<_>>(), true)
            }
            (None, Some(customer)) => (users::of_customer(self.db(), customer).await?, true),
            (None, None) => (users::page(self.db(), before, limit).await?, false),
        };
        let full = u64::try_from(rows.len()).unwrap_or(u64::MAX) >= limit;
        let next = rows.last().map(|row| row.id).filter(|_| full && !whole);
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.user_view(row, now).await?);
        }
        Ok(UserPage { users: views, next, total: users::count(self.db()).await? })
    }

    /// A sealed value of a row; it stays masked.
    pub(crate) fn unseal(
        &self,
        column: &str,
        id: &impl std::fmt::Display,
        sealed: &[u8],
    ) -> Result<Masked, Error> {
        let opened = self.inner.secrets.unseal_text(sealed, &place(column, id));
        opened.map_err(|e| Error::fault(column, &e))
    }
}
