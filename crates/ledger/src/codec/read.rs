//! Reading: strict, bounded, never a panic.

use super::{CodecError, MAX_BATCH, VERSION};
use crate::account::{Controls, Flags, NewAccount, Owner};
use crate::chart::GlCode;
use crate::command::{
    Action, Command, Condition, Correction, CorrectionKind, MAX_CONDITIONS, MAX_POSTINGS, Posting,
    Transaction, UpTo,
};
use money::{Amount, AssetId};
use types::{AccountId, BusinessDate, MerchantId, OrderId, Timestamp, TransactionId, UserId};

type Read<T> = Result<T, CodecError>;

/// Lists grow as they are read, so that a count alone claims no memory; this much is claimed.
const FIRST_CAPACITY: usize = 16;

/// Where in the bytes we are.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    fn fail<T>(&self, reason: &'static str) -> Read<T> {
        Err(CodecError { offset: self.offset, reason })
    }

    fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return self.fail("the bytes end too early");
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(N);
        Ok(*head)
    }

    pub(super) fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { self.fail("bytes follow the end") }
    }

    fn u8(&mut self) -> Read<u8> {
        self.take().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Read<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Read<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn u128(&mut self) -> Read<u128> {
        self.take().map(u128::from_be_bytes)
    }

    fn moment(&mut self) -> Read<Timestamp> {
        self.take().map(i64::from_be_bytes).map(Timestamp::from_micros)
    }

    fn amount(&mut self) -> Read<Amount> {
        let minor = self.take().map(u64::from_be_bytes)?;
        Amount::new(minor).or_else(|_| self.fail("the amount is past its bound"))
    }

    /// Days outside the calendar would read as another date and be written differently.
    fn date(&mut self) -> Read<BusinessDate> {
        let days = self.take().map(i32::from_be_bytes)?;
        let date = BusinessDate::from_days(days);
        if date.days() == days { Ok(date) } else { self.fail("no date of the calendar") }
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => self.fail("neither absent (0) nor present (1)"),
        }
    }

    fn bits(&mut self) -> Read<[bool; 3]> {
        let byte = self.u8()?;
        if byte >> 3 != 0 {
            return self.fail("unknown bits are set");
        }
        Ok([byte & 1 != 0, byte & 2 != 0, byte & 4 != 0])
    }

    /// A list of at most one item past its bound: see [`super::encode`].
    fn list<T>(
        &mut self,
        count: usize,
        most: usize,
        mut read: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        if count > most.saturating_add(1) {
            return self.fail("the list is longer than its bound");
        }
        let mut items = Vec::with_capacity(count.min(FIRST_CAPACITY));
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    pub(super) fn batch(&mut self) -> Read<(Timestamp, Vec<Command>)> {
        if self.u8()? != VERSION {
            return self.fail("written by another version");
        }
        let at = self.moment()?;
        let count = self.u32()?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Ok((at, self.list(count, MAX_BATCH, Self::command)?))
    }

    pub(super) fn command(&mut self) -> Read<Command> {
        match self.u8()? {
            1 => self.account().map(Command::OpenAccount),
            2 => self.set_controls(),
            3 => self.transaction().map(Command::Transact),
            4 => Ok(Command::CutDay { closing: self.date()?, opening: self.date()? }),
            _ => self.fail("no such command"),
        }
    }

    fn account(&mut self) -> Read<NewAccount> {
        let id = self.u128().map(AccountId::from_u128)?;
        let asset = self.u32().map(AssetId)?;
        let leaf = self.u32().map(GlCode)?;
        let owner = match self.u8()? {
            1 => Owner::User(self.u128().map(UserId::from_u128)?),
            2 => Owner::Merchant(self.u128().map(MerchantId::from_u128)?),
            3 => Owner::Channel(self.u32()?),
            4 => Owner::Bank(self.u32()?),
            5 => Owner::House,
            _ => return self.fail("no such owner"),
        };
        let [debits_must_not_exceed_credits, credits_must_not_exceed_debits, history] =
            self.bits()?;
        let flags =
            Flags { debits_must_not_exceed_credits, credits_must_not_exceed_debits, history };
        Ok(NewAccount { id, asset, leaf, owner, flags })
    }

    fn set_controls(&mut self) -> Read<Command> {
        let id = self.u128().map(TransactionId::from_u128)?;
        let account = self.u128().map(AccountId::from_u128)?;
        let [debits_blocked, credits_blocked, closed] = self.bits()?;
        let controls = Controls { debits_blocked, credits_blocked, closed };
        Ok(Command::SetControls { id, account, controls, reference: self.u128()? })
    }

    fn action(&mut self) -> Read<Action> {
        match self.u8()? {
            1 => Ok(Action::Post),
            2 => Ok(Action::Hold { expires_at: self.option(Self::moment)? }),
            3 => Ok(Action::PostHold { hold: self.u128().map(TransactionId::from_u128)? }),
            4 => Ok(Action::VoidHold { hold: self.u128().map(TransactionId::from_u128)? }),
            _ => self.fail("no such action"),
        }
    }

    fn posting(&mut self) -> Read<Posting> {
        let debit = self.u128().map(AccountId::from_u128)?;
        let credit = self.u128().map(AccountId::from_u128)?;
        let amount = self.amount()?;
        let up_to = match self.u8()? {
            0 => UpTo::Exact,
            1 => UpTo::AvailableOfDebit,
            2 => UpTo::AvailableOfCredit,
            _ => return self.fail("no such way of balancing"),
        };
        Ok(Posting { debit, credit, amount, up_to })
    }

    fn condition(&mut self) -> Read<Condition> {
        let account = self.u128().map(AccountId::from_u128)?;
        Ok(Condition { account, at_least: self.amount()? })
    }

    fn correction(&mut self) -> Read<Correction> {
        let of = self.u128().map(TransactionId::from_u128)?;
        let kind = match self.u8()? {
            1 => CorrectionKind::Reversal,
            2 => CorrectionKind::Supplement,
            _ => return self.fail("no such correction"),
        };
        Ok(Correction { of, kind })
    }

    fn transaction(&mut self) -> Read<Transaction> {
        let id = self.u128().map(TransactionId::from_u128)?;
        let event = self.u16()?;
        let order = self.option(|r| r.u128().map(OrderId::from_u128))?;
        let reference = self.u128()?;
        let date = self.option(Self::date)?;
        let action = self.action()?;
        let count = usize::from(self.u16()?);
        let postings = self.list(count, MAX_POSTINGS, Self::posting)?;
        let count = usize::from(self.u8()?);
        let conditions = self.list(count, MAX_CONDITIONS, Self::condition)?;
        let corrects = self.option(Self::correction)?;
        Ok(Transaction {
            id,
            event,
            order,
            reference,
            date,
            action,
            postings,
            conditions,
            corrects,
        })
    }
}
