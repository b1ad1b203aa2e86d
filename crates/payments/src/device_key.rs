//! An order signed with a device key: the challenge that carries it, and what a signature is
//! enough for.

use members::{DeviceAnswer, DeviceChallenge, FactorStrength, OrderToSign};
use types::{OrderId, Problem, Timestamp};

use crate::engine::Engine;
use crate::later::Shown;
use crate::model::order::{Order, Status};
use crate::problems;
use crate::store::Entry;

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
            payee: order.binding().payee,
            payee_name: merchant.map(|merchant| merchant.name.clone()),
        }
    }

    /// Checks a signature over an order. One that nobody speaks for passes only where the order
    /// was placed for a device key and risk control asked for nothing more: it stands below the
    /// payment password.
    ///
    /// # Errors
    /// Those of [`members::Members::verify_device_key`]: the order waits on as it did.
    pub(crate) async fn signed(
        &self,
        entry: &Entry,
        answer: &DeviceAnswer,
        now: Timestamp,
    ) -> Result<Shown, Problem> {
        let payer = entry.order.payer.ok_or_else(problems::user_not_found)?;
        let order = self.to_sign(&entry.order);
        let proof = self.members.verify_device_key(payer, &order, answer, now).await?;
        if proof.strength() == FactorStrength::None && !entry.plan.any_device_key {
            return Ok(Shown::NotEnough(problems::device_key_assurance_low()));
        }
        Ok(Shown::Enough(proof.strength(), "device_key"))
    }
}
