//! The merchants in memory: asked for by every call of the API.

use crate::error::Error;
use crate::model::merchant::Merchant;
use crate::store::merchants;
use sea_orm::DatabaseConnection;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use types::MerchantId;

/// Every merchant, by id and by the keyed hash of its API key.
pub(crate) struct Directory(RwLock<Shelves>);

#[derive(Default)]
struct Shelves {
    by_id: BTreeMap<MerchantId, Arc<Merchant>>,
    by_key: HashMap<Vec<u8>, MerchantId>,
}

impl Directory {
    pub(crate) async fn load(db: &DatabaseConnection) -> Result<Self, Error> {
        let directory = Self(RwLock::new(Shelves::default()));
        for (merchant, key) in merchants::all(db).await? {
            directory.put(merchant, key);
        }
        Ok(directory)
    }

    /// Takes up a merchant, or its new key.
    pub(crate) fn put(&self, merchant: Merchant, key: Vec<u8>) {
        let mut shelves = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let id = merchant.merchant;
        shelves.by_key.retain(|_, of| *of != id);
        shelves.by_key.insert(key, id);
        shelves.by_id.insert(id, Arc::new(merchant));
    }

    pub(crate) fn get(&self, id: MerchantId) -> Option<Arc<Merchant>> {
        let shelves = self.0.read().unwrap_or_else(PoisonError::into_inner);
        shelves.by_id.get(&id).cloned()
    }

    pub(crate) fn by_key(&self, key: &[u8]) -> Option<Arc<Merchant>> {
        let shelves = self.0.read().unwrap_or_else(PoisonError::into_inner);
        shelves.by_id.get(shelves.by_key.get(key)?).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Merchant>> {
        let shelves = self.0.read().unwrap_or_else(PoisonError::into_inner);
        shelves.by_id.values().cloned().collect()
    }
}
