//! Where a user is known, in one reading for whoever shows it.

use crate::bindings::Binding;
use crate::error::Error;
use crate::grants::GrantView;
use crate::relying::Identity;
use crate::sso::Sso;
use crate::store::clients;
use std::collections::BTreeMap;
use types::{ClientId, Text, Timestamp, UserId};

/// Everywhere a user is known, as far as it is in force; each newest first, identities oldest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Business users of business systems.
    pub bindings: Vec<Binding>,
    /// What clients were allowed.
    pub grants: Vec<GrantView>,
    /// Identities at outside providers.
    pub identities: Vec<Identity>,
    /// The names of all clients that are named here.
    pub clients: BTreeMap<ClientId, Text>,
}

impl Elsewhere {
    /// A client's name.
    pub fn name(&self, client: ClientId) -> Option<&Text> {
        self.clients.get(&client)
    }
}

impl Sso {
    /// Where a user is known, and what the user has allowed.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn elsewhere(&self, user: UserId, now: Timestamp) -> Result<Elsewhere, Error> {
        let bindings = self.bindings(user, None).await?;
        let grants = self.grants(user, now).await?;
        let named = bindings.iter().map(|it| it.client).chain(grants.iter().map(|it| it.client));
        let mut names = BTreeMap::new();
        for client in named {
            if !names.contains_key(&client)
                && let Some(row) = clients::get(self.db(), client).await?
            {
                names.insert(client, row.client.terms.name);
            }
        }
        let identities = self.identities(user).await?;
        Ok(Elsewhere { bindings, grants, identities, clients: names })
    }
}
