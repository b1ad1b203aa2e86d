//! What a user holds, in one reading for whoever shows it.

use crate::error::Error;
use crate::members::Members;
use crate::model::held::{Held, HeldAgreement, HeldApp, HeldKey, HeldSecret};
use crate::store::passwords::{self, Known};
use crate::store::{agreements, totp};
use types::{Timestamp, UserId};

impl Members {
    /// A user's credentials and agreements; nothing secret of them is even read.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn held(&self, user: UserId, now: Timestamp) -> Result<Held, Error> {
        let device_keys = self.device_keys(user).await?.into_iter();
        let device_keys = device_keys.map(|key| HeldKey { assured: self.is_assured(&key), key });
        let app = totp::state(self.db(), user).await?.map(|app| HeldApp {
            enrolled_at: app.enrolled_at,
            confirmed_at: app.confirmed_at,
            tries: app.tries.standing(now),
        });
        let mut held = Vec::new();
        for (agreement, revoked_at) in agreements::of_user(self.db(), user).await? {
            held.push(HeldAgreement {
                merchant_name: self.merchant(agreement.merchant).map(|it| it.name.clone()),
                used_today: self.agreement_used(&agreement, now)?,
                agreement,
                revoked_at,
            });
        }
        Ok(Held {
            password: self.held_secret(Known::Password, user, now).await?,
            gesture: self.held_secret(Known::Gesture, user, now).await?,
            app,
            device_keys: device_keys.collect(),
            agreements: held,
        })
    }

    async fn held_secret(
        &self,
        known: Known,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<HeldSecret>, Error> {
        let state = passwords::state(self.db(), known, user).await?;
        Ok(state.map(|(set_at, tries)| HeldSecret { set_at, tries: tries.standing(now) }))
    }
}
