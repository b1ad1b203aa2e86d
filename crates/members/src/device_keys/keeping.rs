//! Lists, names and removal of device keys.

use super::registering::check_name;
use crate::error::Error;
use crate::members::Members;
use crate::model::device_key::DeviceKey;
use crate::store::device_keys;
use records::audit;
use types::{DeviceKeyId, Timestamp, UserId};

impl Members {
    /// A user's device keys, oldest first; without those that were removed.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn device_keys(&self, user: UserId) -> Result<Vec<DeviceKey>, Error> {
        self.user_row(user).await?;
        let rows = device_keys::of_user(self.db(), user).await?;
        Ok(rows.into_iter().map(|row| row.key).collect())
    }

    /// Whether a key stands above the payment password, as its device's state is judged here.
    pub fn is_assured(&self, key: &DeviceKey) -> bool {
        key.is_assured(self.inner.config.device_keys.device_state)
    }

    /// Names a device key.
    ///
    /// # Errors
    /// `device_key_name_invalid`, `device_key_not_found`.
    pub async fn rename_device_key(
        &self,
        id: DeviceKeyId,
        name: String,
        actor: &str,
        now: Timestamp,
    ) -> Result<DeviceKey, Error> {
        check_name(&name)?;
        let actor = actor.to_owned();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let row = device_keys::get(txn, id).await?.ok_or_else(not_found)?;
                device_keys::rename(txn, id, &name).await?;
                let (before, after) = (
                    serde_json::json!({ "key": id, "name": row.key.name }),
                    serde_json::json!({ "key": id, "name": name }),
                );
                let subject = row.key.user.to_string();
                let (before, after) = (Some(&before), Some(&after));
                let action = "device_key.rename";
                audit::append(txn, &actor, action, &subject, before, after, now).await?;
                Ok::<_, Error>(DeviceKey { name, ..row.key })
            })
        });
        unit.await
    }

    /// Removes a device key: it signs nothing more.
    ///
    /// # Errors
    /// `device_key_not_found`.
    pub async fn remove_device_key(
        &self,
        id: DeviceKeyId,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let actor = actor.to_owned();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let row = device_keys::get(txn, id).await?.ok_or_else(not_found)?;
                device_keys::remove(txn, id, now).await?;
                let before = serde_json::json!({ "key": id, "name": row.key.name });
                let subject = row.key.user.to_string();
                let action = "device_key.remove";
                audit::append(txn, &actor, action, &subject, Some(&before), None, now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await
    }
}

fn not_found() -> Error {
    Error::NotFound { what: "device_key" }
}
