//! Who shows that it is the payer: credentials for an order, the challenge that a device key signs,
//! and what came of them.

use members::{Credentials, DeviceChallenge, Factors, OrderToSign};
use types::{OrderId, Problem, Timestamp};

use crate::engine::Engine;
use crate::model::enough;
use crate::model::order::{Order, Status};
use crate::model::plan::Plan;
use crate::problems;

/// What credentials came to.
pub(crate) enum Shown {
    /// The payer is the payer, by these.
    Enough(Factors),
    /// The order waits, and says why.
    NotEnough(Problem),
    /// The payment password is locked.
    Locked(Problem),
    /// There is no payment password to compare with.
    NotSet(Problem),
}

impl Engine {
    /// A challenge that carries an order which waits for a factor.
    pub(crate) async fn device_challenge(
        &self,
        id: OrderId,
        page: Option<&str>,
        now: Timestamp,
    ) -> Result<DeviceChallenge, Problem> {
        let entry = self.taken(id, Status::AuthenticationRequired).await?;
        let payer = entry.order.payer.ok_or_else(problems::user_not_found)?;
        let order = self.to_sign(&entry.order);
        Ok(self.members.device_challenge(payer, &order, page, now).await?)
    }

    /// The order as a key signs it.
    fn to_sign(&self, order: &Order) -> OrderToSign {
        let merchant = order.merchant.and_then(|id| self.members.merchant(id));
        OrderToSign {
            order: order.id,
            amount: order.amount,
            asset: order.asset,
            payee: order.bound_payee(),
            payee_name: merchant.map(|merchant| merchant.name.clone()),
        }
    }

    /// Checks credentials for an order, and whether they are enough for it. Ones that could not be
    /// enough even if they were right are not looked at, so that no code or gesture is used up.
    ///
    /// # Errors
    /// Those of [`members::Members::authenticate`] that are no answer to whether the payer is the
    /// payer: envelopes and signatures that do not hold.
    pub(crate) async fn show(
        &self,
        order: &Order,
        plan: &Plan,
        shown: &Credentials,
        now: Timestamp,
    ) -> Result<Shown, Problem> {
        if let Err(problem) = enough::promise(shown, plan) {
            return Ok(Shown::NotEnough(problem));
        }
        let payer = order.payer.ok_or_else(problems::user_not_found)?;
        let binding = order.binding(plan.instrument.as_deref());
        let signed = self.to_sign(order);
        let checked = self.members.authenticate(payer, shown, &binding, &signed, now).await;
        Ok(match checked {
            Ok(factors) => match enough::factors(&factors, plan) {
                Ok(()) => Shown::Enough(factors),
                Err(problem) => Shown::NotEnough(problem),
            },
            Err(
                error @ (members::Error::PasswordWrong { .. }
                | members::Error::Gesture(_)
                | members::Error::Code(_)
                | members::Error::AppCode(_)
                | members::Error::DeviceState { .. }),
            ) => Shown::NotEnough(error.into()),
            Err(error @ members::Error::PasswordLocked { .. }) => Shown::Locked(error.into()),
            Err(error @ members::Error::PasswordNotSet) => Shown::NotSet(error.into()),
            Err(error) => return Err(error.into()),
        })
    }
}
