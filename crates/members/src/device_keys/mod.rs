//! Device keys: registered under the payment password, listed, named, removed; and orders signed
//! with them.

mod config;
mod keeping;
mod registering;
mod signing;

pub use config::DeviceKeysConfig;
pub use registering::NewDeviceKey;
pub use signing::{DeviceAnswer, DeviceChallenge};

use crate::error::Error;
use crate::members::Members;
use crate::model::device_key::{Purpose, challenge};
use crate::store::device_keys::{self, ChallengeRow};
use types::{OrderId, Timestamp, UserId};
use webauthn::ClientData;

impl Members {
    /// Gives out a challenge in the place of the last one for the same use.
    async fn give_challenge(
        &self,
        user: UserId,
        purpose: Purpose<'_>,
        now: Timestamp,
    ) -> Result<[u8; 32], Error> {
        let seconds = i64::from(self.inner.config.device_keys.challenge_seconds);
        let (order, page) = match purpose {
            Purpose::Register => (None, None),
            Purpose::Order(order, page) => (Some(order.order), page.map(str::to_owned)),
        };
        let nonce = self.random_bytes::<32>();
        let expires_at = now.plus_seconds(seconds);
        let challenge = challenge(user, purpose, &nonce, expires_at);
        let row = ChallengeRow { user, order, challenge, nonce, page, expires_at };
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(device_keys::give(txn, row, now).await?) })
        });
        unit.await?;
        Ok(challenge)
    }

    /// The challenge that an answer bears, if it was given to this user for this use and stands.
    /// It is used up later, in the unit that writes what came of it.
    async fn answered(
        &self,
        user: UserId,
        order: Option<OrderId>,
        client_data: &[u8],
        now: Timestamp,
    ) -> Result<ChallengeRow, Error> {
        let wrong = Error::DeviceKey(webauthn::Fault::Challenge);
        let bytes = ClientData::read(client_data)?.challenge()?;
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| wrong.clone())?;
        let found = device_keys::challenge(self.db(), bytes).await?;
        let row = found.ok_or_else(challenge_unknown)?;
        if row.user != user || row.order != order {
            return Err(wrong);
        }
        if row.expires_at <= now {
            return Err(Error::invalid(
                "client_data",
                "device_key_challenge_expired",
                "the challenge has run out: ask for a new one",
                "挑战值已过期，请重新获取",
            ));
        }
        Ok(row)
    }
}

fn challenge_unknown() -> Error {
    Error::invalid(
        "client_data",
        "device_key_challenge_unknown",
        "the challenge was never given, was answered before, or was replaced by a later one",
        "挑战值不存在、已使用或已被新的挑战值取代",
    )
}
