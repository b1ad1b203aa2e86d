//! What a client asks for: four lists of ids.
//!
//! ```text
//! body   accounts:u32 transactions:u32 orders:u32 holds_of:u32
//!        account:u128* transaction:u128* order:u128* account:u128*
//! ```
//! The header's count is the sum of the four.

use super::cursor::{Cursor, put_count};
use super::{Kind, Read, begin};
use types::{AccountId, OrderId, TransactionId};

/// What is asked for; each list is answered in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups {
    /// Accounts as they stand.
    pub accounts: Vec<AccountId>,
    /// Transactions and where they stand; a hold is found here too.
    pub transactions: Vec<TransactionId>,
    /// The transactions of orders.
    pub orders: Vec<OrderId>,
    /// The holds on accounts.
    pub holds_of: Vec<AccountId>,
}

impl Lookups {
    /// How many ids there are.
    pub fn len(&self) -> usize {
        [self.accounts.len(), self.transactions.len(), self.orders.len(), self.holds_of.len()]
            .into_iter()
            .fold(0, usize::saturating_add)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A frame of lookups in place of what `out` holds.
pub fn encode_lookups(lookups: &Lookups, out: &mut Vec<u8>) {
    begin(out, Kind::Lookups, lookups.len());
    let Lookups { accounts, transactions, orders, holds_of } = lookups;
    for count in [accounts.len(), transactions.len(), orders.len(), holds_of.len()] {
        put_count(out, count);
    }
    let ids = accounts.iter().map(|id| id.as_u128());
    let ids = ids.chain(transactions.iter().map(|id| id.as_u128()));
    let ids = ids.chain(orders.iter().map(|id| id.as_u128()));
    for id in ids.chain(holds_of.iter().map(|id| id.as_u128())) {
        out.extend_from_slice(&id.to_le_bytes());
    }
}

/// Reads a frame of lookups of at most `limit` ids.
///
/// # Errors
/// [`super::WireError`] with the place of the first fault.
pub fn decode_lookups(bytes: &[u8], limit: usize) -> Read<Lookups> {
    let (mut cursor, count) = Cursor::open(bytes, Kind::Lookups, limit)?;
    let mut counts = [0usize; 4];
    for place in &mut counts {
        *place = cursor.count()?;
    }
    if counts.into_iter().fold(0, usize::saturating_add) != count {
        return cursor.fail("the four counts before do not make up the header's");
    }
    let [accounts, transactions, orders, holds_of] = counts;
    let lookups = Lookups {
        accounts: cursor.list(accounts, Cursor::account)?,
        transactions: cursor.list(transactions, Cursor::transaction)?,
        orders: cursor.list(orders, |cursor| cursor.u128().map(OrderId::from_u128))?,
        holds_of: cursor.list(holds_of, Cursor::account)?,
    };
    cursor.end()?;
    Ok(lookups)
}
