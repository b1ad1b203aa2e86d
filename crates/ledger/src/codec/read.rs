//! Reading: strict, bounded, never a panic.

use super::{ACTION_SHIFT, CONDITIONS, CORRECTS, CodecError, DATE, ORDER, REFERENCE, SETTLED_ONLY};
use crate::account::{Controls, Flags, NewAccount, Owner};
use crate::chart::GlCode;
use crate::command::{
    Action, Command, Condition, Correction, CorrectionKind, MAX_CONDITIONS, MAX_POSTINGS, Posting,
    Transaction, UpTo,
};
use money::{Amount, AssetId};
use types::{AccountId, BusinessDate, MerchantId, OrderId, Timestamp, TransactionId, UserId};

type Read<T> = Result<T, CodecError>;

/// Where in the bytes we are.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    pub(crate) fn fail<T>(&self, reason: &'static str) -> Read<T> {
        Err(CodecError { offset: self.offset, reason })
    }

    pub(crate) fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return self.fail("the bytes end too early");
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(N);
        Ok(*head)
    }

    pub(crate) fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { self.fail("bytes follow the end") }
    }

    /// Whether nothing is left.
    pub(crate) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes were read.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn u8(&mut self) -> Read<u8> {
        self.take().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Read<u16> {
        self.take().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Read<u32> {
        self.take().map(u32::from_be_bytes)
    }

    pub(crate) fn u128(&mut self) -> Read<u128> {
        self.take().map(u128::from_be_bytes)
    }

    pub(crate) fn moment(&mut self) -> Read<Timestamp> {
        self.take().map(i64::from_be_bytes).map(Timestamp::from_micros)
    }

    /// The shortest form only.
    pub(crate) fn var(&mut self) -> Read<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return self.fail("the number is past 64 bits");
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                if bits == 0 && shift > 0 {
                    return self.fail("the number is not in its shortest form");
                }
                return Ok(value);
            }
        }
        self.fail("the number is past 64 bits")
    }

    pub(crate) fn amount(&mut self) -> Read<Amount> {
        let minor = self.var()?;
        Amount::new(minor).or_else(|_| self.fail("the amount is past its bound"))
    }

    /// Days outside the calendar would read as another date and be written differently.
    pub(crate) fn date(&mut self) -> Read<BusinessDate> {
        let days = self.take().map(i32::from_be_bytes)?;
        let date = BusinessDate::from_days(days);
        if date.days() == days { Ok(date) } else { self.fail("no date of the calendar") }
    }

    pub(crate) fn bits(&mut self) -> Read<[bool; 3]> {
        let byte = self.u8()?;
        if byte >> 3 != 0 {
            return self.fail("unknown bits are set");
        }
        Ok([byte & 1 != 0, byte & 2 != 0, byte & 4 != 0])
    }

    /// The length of a list of at most one item past its bound: see [`super::encode`].
    fn count(&self, count: u64, most: usize) -> Read<usize> {
        match usize::try_from(count) {
            Ok(count) if count <= most.saturating_add(1) => Ok(count),
            _ => self.fail("the list is longer than its bound"),
        }
    }

    pub(crate) fn command(&mut self) -> Read<Command> {
        let mut command = blank();
        self.command_into(&mut command)?;
        Ok(command)
    }

    /// Reads a command in place of another, whose lists' memory is used again.
    pub(crate) fn command_into(&mut self, command: &mut Command) -> Read<()> {
        match self.u8()? {
            1 => *command = Command::OpenAccount(self.account()?),
            2 => *command = self.set_controls()?,
            4 => *command = Command::CutDay { closing: self.date()?, opening: self.date()? },
            6 => *command = self.settle()?,
            tag @ (3 | 5) => {
                if !matches!(command, Command::Transact(_)) {
                    *command = blank();
                }
                if let Command::Transact(tx) = command {
                    self.transaction(tag == 5, tx)?;
                }
            }
            _ => return self.fail("no such command"),
        }
        Ok(())
    }

    pub(crate) fn account(&mut self) -> Read<NewAccount> {
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

    fn settle(&mut self) -> Read<Command> {
        let id = self.u128().map(TransactionId::from_u128)?;
        let source = self.u128().map(AccountId::from_u128)?;
        let through = self.date()?;
        Ok(Command::Settle { id, source, through, reference: self.u128()? })
    }

    fn action(&mut self, code: u8) -> Read<Action> {
        match code {
            0 => Ok(Action::Post),
            1 => Ok(Action::Hold { expires_at: None }),
            2 => Ok(Action::Hold { expires_at: Some(self.moment()?) }),
            3 => Ok(Action::PostHold { hold: self.u128().map(TransactionId::from_u128)? }),
            4 => Ok(Action::VoidHold { hold: self.u128().map(TransactionId::from_u128)? }),
            _ => self.fail("no such action"),
        }
    }

    fn moved(&mut self) -> Read<Posting> {
        let debit = self.u128().map(AccountId::from_u128)?;
        let credit = self.u128().map(AccountId::from_u128)?;
        Ok(Posting {
            debit,
            credit,
            amount: self.amount()?,
            up_to: UpTo::Exact,
            settled_only: false,
        })
    }

    fn posting(&mut self) -> Read<Posting> {
        let mut posting = self.moved()?;
        let way = self.u8()?;
        posting.settled_only = way & SETTLED_ONLY != 0;
        posting.up_to = match way & !SETTLED_ONLY {
            0 => UpTo::Exact,
            1 => UpTo::AvailableOfDebit,
            2 => UpTo::AvailableOfCredit,
            _ => return self.fail("no such way of balancing"),
        };
        Ok(posting)
    }

    fn condition(&mut self) -> Read<Condition> {
        let account = self.u128().map(AccountId::from_u128)?;
        Ok(Condition { account, at_least: self.amount()? })
    }

    pub(crate) fn correction(&mut self) -> Read<Correction> {
        let of = self.u128().map(TransactionId::from_u128)?;
        let kind = match self.u8()? {
            1 => CorrectionKind::Reversal,
            2 => CorrectionKind::Supplement,
            _ => return self.fail("no such correction"),
        };
        Ok(Correction { of, kind })
    }

    fn transaction(&mut self, transfer: bool, tx: &mut Transaction) -> Read<()> {
        let flags = self.u8()?;
        let has = |bit| flags & bit != 0;
        tx.id = self.u128().map(TransactionId::from_u128)?;
        tx.event = self.u16()?;
        tx.order = if has(ORDER) { Some(self.u128().map(OrderId::from_u128)?) } else { None };
        tx.reference = if has(REFERENCE) { self.u128()? } else { 0 };
        if has(REFERENCE) && tx.reference == 0 {
            return self.fail("a reference of zero is left out");
        }
        tx.date = if has(DATE) { Some(self.date()?) } else { None };
        tx.action = self.action(flags >> ACTION_SHIFT)?;
        tx.postings.clear();
        if transfer {
            tx.postings.push(self.moved()?);
        } else {
            self.postings(&mut tx.postings)?;
        }
        tx.conditions.clear();
        if has(CONDITIONS) {
            let count = u64::from(self.u8()?);
            if count == 0 {
                return self.fail("an empty list is left out");
            }
            for _ in 0..self.count(count, MAX_CONDITIONS)? {
                tx.conditions.push(self.condition()?);
            }
        }
        tx.corrects = if has(CORRECTS) { Some(self.correction()?) } else { None };
        Ok(())
    }

    /// The list grows as it is read, so that a count alone claims no memory.
    fn postings(&mut self, postings: &mut Vec<Posting>) -> Read<()> {
        let count = self.var()?;
        for _ in 0..self.count(count, MAX_POSTINGS)? {
            postings.push(self.posting()?);
        }
        match postings.as_slice() {
            [Posting { up_to: UpTo::Exact, settled_only: false, .. }] => {
                self.fail("this is a plain transfer")
            }
            _ => Ok(()),
        }
    }
}

/// What a command is read in place of.
pub(crate) const fn blank() -> Command {
    Command::Transact(Transaction {
        id: TransactionId::from_u128(0),
        event: 0,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: Vec::new(),
        conditions: Vec::new(),
        corrects: None,
    })
}
