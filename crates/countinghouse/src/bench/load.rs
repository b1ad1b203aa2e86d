//! The load: accounts, and transfers among them under random ids.

use anyhow::{Context as _, Result};
use ledger::codec::Encoded;
use ledger::{Action, Chart, Command, Flags, GlCode, NewAccount, Owner, Posting, Transaction};
use money::{Amount, CNY};
use types::{AccountId, Random, TransactionId, UserId};

/// Accounts that pay one another.
pub struct Load {
    accounts: Vec<AccountId>,
    leaf: GlCode,
    seed: u64,
}

impl Load {
    /// This many accounts, at least two; their ids and those of all transfers from `chance`.
    pub fn new(accounts: usize, chart: &Chart, chance: &dyn Random) -> Result<Self> {
        let leaf =
            chart.role("customer_balance_1").context("the chart has no customer_balance_1")?;
        let mut seed = [0; 8];
        chance.fill(&mut seed);
        let seed = u64::from_le_bytes(seed);
        let mut numbers = Numbers(seed);
        let accounts = (0..accounts.max(2)).map(|_| AccountId::from_u128(numbers.id())).collect();
        Ok(Self { accounts, leaf, seed: numbers.next() })
    }

    /// The commands that open the accounts: their entries are kept, nothing is forbidden.
    pub fn openings(&self) -> Vec<Command> {
        let flags = Flags { history: true, ..Flags::default() };
        let owner = Owner::User(UserId::from_u128(u128::from(self.seed)));
        let open = |id: &AccountId| {
            Command::OpenAccount(NewAccount { id: *id, asset: CNY, leaf: self.leaf, owner, flags })
        };
        self.accounts.iter().map(open).collect()
    }

    /// A client's own transfers; another number, other ids.
    pub fn client(&self, number: u64) -> Client<'_> {
        let mut numbers = Numbers(self.seed ^ number.wrapping_mul(STEP));
        numbers.next();
        let blank = Transaction {
            id: TransactionId::from_u128(0),
            event: 1,
            order: None,
            reference: 0,
            date: None,
            action: Action::Post,
            postings: Vec::with_capacity(1),
            conditions: Vec::new(),
            corrects: None,
        };
        Client { load: self, numbers, next: Command::Transact(blank) }
    }
}

/// One who sends transfers.
pub struct Client<'l> {
    load: &'l Load,
    numbers: Numbers,
    /// The last transfer, made over for the next.
    next: Command,
}

impl Client<'_> {
    /// The next transfer: any two accounts, one to ten thousand minor units.
    pub fn transfer(&mut self) -> &Command {
        let accounts = &self.load.accounts;
        let (count, draw) = (accounts.len() as u64, self.numbers.next());
        let debit = (draw >> 32) % count;
        let other = (draw & 0xFFFF_FFFF) % (count - 1);
        let credit = (debit + 1 + other) % count;
        let at = |place: u64| accounts[usize::try_from(place).unwrap_or_default()];
        let amount = Amount::new(self.numbers.next() % 10_000 + 1).unwrap_or_default();
        if let Command::Transact(transaction) = &mut self.next {
            transaction.id = TransactionId::from_u128(self.numbers.id());
            transaction.postings.clear();
            transaction.postings.push(Posting::exact(at(debit), at(credit), amount));
        }
        &self.next
    }

    /// The next transfers, in their canonical form.
    pub fn batch(&mut self, count: usize) -> Encoded {
        let mut encoded = Encoded::with_room(count.saturating_mul(TRANSFER));
        for _ in 0..count {
            encoded.push(self.transfer());
        }
        encoded
    }
}

/// A plain transfer in the canonical form, in bytes, and some room.
const TRANSFER: usize = 56;

/// 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// `SplitMix64`: even and quick, so that it is not the generator that is measured.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn id(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SeededRandom;
    use std::collections::HashSet;

    #[test]
    fn clients_send_different_ids_between_different_accounts() {
        let text = include_str!("../../../../books/chart.toml");
        let chart = Chart::parse(text, "chart.toml").expect("the house's own chart");
        for accounts in [2, 10_000] {
            let load = Load::new(accounts, &chart, &SeededRandom::new(7)).expect("a load");
            assert_eq!(load.openings().len(), accounts);
            let mut ids = HashSet::new();
            for number in 0..4 {
                let mut client = load.client(number);
                for _ in 0..1_000 {
                    let Command::Transact(sent) = client.transfer() else { panic!("a transfer") };
                    assert!(ids.insert(sent.id));
                    let posting = sent.postings[0];
                    assert_ne!(posting.debit, posting.credit);
                }
            }
        }
    }
}
