//! What checking real names cost: by provider, by day, by customer.

use crate::error::Error;
use crate::members::Members;
use crate::store::{checks, customers};
use types::{BusinessDate, CustomerId, Timestamp};

/// A check that was made of a customer's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The provider.
    pub provider: String,
    /// The external channel it proves, if it matched.
    pub channel: String,
    /// Whether it matched; `None` where the provider did not answer.
    pub matched: Option<bool>,
    /// What it cost, fen; some providers charge calls that they did not answer in time.
    pub price_minor: u64,
    /// When.
    pub at: Timestamp,
}

/// What a provider cost on one day (Asia/Shanghai).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCost {
    /// The day.
    pub date: BusinessDate,
    /// The provider.
    pub provider: String,
    /// Calls that were answered, or charged all the same.
    pub calls: u64,
    /// Fen.
    pub cost_minor: u64,
}

impl Members {
    /// What the providers cost between two moments: (provider, calls answered or charged,
    /// fen).
    ///
    /// # Errors
    /// Those of the records.
    pub async fn verification_cost(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(String, u64, u64)>, Error> {
        Ok(checks::cost(self.db(), from, until).await?)
    }

    /// What each provider cost on each day from `from` to `to`, both within; days without a call
    /// are left out.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn cost_by_day(
        &self,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<DayCost>, Error> {
        let rows = checks::cost_by_day(self.db(), from.start(), to.next().start()).await?;
        let cost = |(day, provider, calls, cost_minor)| DayCost {
            date: BusinessDate::from_days(day),
            provider,
            calls,
            cost_minor,
        };
        Ok(rows.into_iter().map(cost).collect())
    }

    /// The newest thousand checks of a customer's identity, newest first, by whichever user.
    ///
    /// # Errors
    /// `customer_not_found`; those of the records.
    pub async fn verifications(&self, customer: CustomerId) -> Result<Vec<Verification>, Error> {
        let row = customers::get(self.db(), customer).await?;
        let row = row.ok_or(Error::NotFound { what: "customer" })?;
        let made = checks::of_identity(self.db(), &row.identity).await?;
        let view = |check: checks::Made| Verification {
            provider: check.provider,
            channel: check.channel,
            matched: check.matched,
            price_minor: check.price,
            at: check.at,
        };
        Ok(made.into_iter().map(view).collect())
    }
}
