//! Where in the bytes we are: every read is bounded, none panics.

use super::{HEADER, Kind, MAGIC, Read, VERSION, WireError};
use crate::outcome::{Receipt, TransactionState};
use money::Amount;
use types::{AccountId, BusinessDate, Timestamp, TransactionId};

/// Lists grow as they are read; this much is claimed at once.
const FIRST_CAPACITY: usize = 64;

pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Cursor<'a> {
    /// Behind the header of a frame of this kind, with the number of its items.
    pub(super) fn open(bytes: &'a [u8], kind: Kind, limit: usize) -> Read<(Self, usize)> {
        let mut cursor = Self { rest: bytes, length: bytes.len() };
        if cursor.take::<4>()? != MAGIC {
            return Err(WireError::Malformed { offset: 0, reason: "no frame begins here" });
        }
        let found = cursor.u8()?;
        if found != VERSION {
            return Err(WireError::Version { found });
        }
        if cursor.u8()? != kind as u8 {
            return Err(WireError::Malformed { offset: 5, reason: "a frame of another kind" });
        }
        if cursor.take::<2>()? != [0; 2] {
            return Err(WireError::Malformed { offset: 6, reason: "these bytes must be zero" });
        }
        let count = cursor.count()?;
        debug_assert_eq!(cursor.offset(), HEADER);
        if count > limit {
            return Err(WireError::TooMany { found: count, limit });
        }
        Ok((cursor, count))
    }

    pub(super) const fn offset(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    pub(super) fn fail<T>(&self, reason: &'static str) -> Read<T> {
        Err(WireError::Malformed { offset: self.offset(), reason })
    }

    #[inline]
    pub(super) fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return self.fail("the bytes end too early");
        };
        self.rest = rest;
        Ok(*head)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Read<&'a [u8]> {
        let Some((head, rest)) = self.rest.split_at_checked(count) else {
            return self.fail("the bytes end too early");
        };
        self.rest = rest;
        Ok(head)
    }

    pub(super) fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { self.fail("bytes follow the end") }
    }

    #[inline]
    pub(super) fn u8(&mut self) -> Read<u8> {
        self.take().map(u8::from_le_bytes)
    }

    #[inline]
    pub(super) fn u16(&mut self) -> Read<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// A number of things.
    pub(super) fn count(&mut self) -> Read<usize> {
        self.u32().map(|count| usize::try_from(count).unwrap_or(usize::MAX))
    }

    pub(super) fn u64(&mut self) -> Read<u64> {
        self.take().map(u64::from_le_bytes)
    }

    #[inline]
    pub(super) fn u128(&mut self) -> Read<u128> {
        self.take().map(u128::from_le_bytes)
    }

    pub(super) fn i128(&mut self) -> Read<i128> {
        self.take().map(i128::from_le_bytes)
    }

    #[inline]
    pub(super) fn transaction(&mut self) -> Read<TransactionId> {
        self.u128().map(TransactionId::from_u128)
    }

    #[inline]
    pub(super) fn account(&mut self) -> Read<AccountId> {
        self.u128().map(AccountId::from_u128)
    }

    pub(super) fn moment(&mut self) -> Read<Timestamp> {
        self.take().map(i64::from_le_bytes).map(Timestamp::from_micros)
    }

    #[inline]
    pub(super) fn amount(&mut self) -> Read<Amount> {
        let minor = self.u64()?;
        Amount::new(minor).or_else(|_| self.fail("the amount before is past 2^63 - 1"))
    }

    /// Days outside the calendar would read as another date.
    pub(super) fn date(&mut self) -> Read<BusinessDate> {
        let days = self.take().map(i32::from_le_bytes)?;
        let date = BusinessDate::from_days(days);
        if date.days() == days { Ok(date) } else { self.fail("the date before is no date") }
    }

    /// Zero is absent, one is present.
    pub(super) fn present(&mut self) -> Read<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => self.fail("the byte before is neither 0 (absent) nor 1 (present)"),
        }
    }

    pub(super) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        if self.present()? { read(self).map(Some) } else { Ok(None) }
    }

    pub(super) fn bits(&mut self) -> Read<[bool; 3]> {
        let byte = self.u8()?;
        if byte >> 3 != 0 {
            return self.fail("the byte before has unknown bits");
        }
        Ok([byte & 1 != 0, byte & 2 != 0, byte & 4 != 0])
    }

    pub(super) fn state(&mut self) -> Read<TransactionState> {
        Ok(match self.u8()? {
            1 => TransactionState::Posted,
            2 => TransactionState::Pending,
            3 => TransactionState::HoldPosted,
            4 => TransactionState::HoldVoided,
            5 => TransactionState::Expired,
            6 => TransactionState::Applied,
            _ => return self.fail("the byte before is no state"),
        })
    }

    pub(super) fn receipt(&mut self) -> Read<Receipt> {
        Ok(Receipt {
            seq: self.u64()?,
            at: self.moment()?,
            date: self.date()?,
            state: self.state()?,
        })
    }

    pub(super) fn list<T>(
        &mut self,
        count: usize,
        mut read: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        let mut items = Vec::with_capacity(count.min(FIRST_CAPACITY));
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }
}

pub(super) fn put_state(out: &mut Vec<u8>, state: TransactionState) {
    out.push(match state {
        TransactionState::Posted => 1,
        TransactionState::Pending => 2,
        TransactionState::HoldPosted => 3,
        TransactionState::HoldVoided => 4,
        TransactionState::Expired => 5,
        TransactionState::Applied => 6,
    });
}

pub(super) fn put_receipt(out: &mut Vec<u8>, receipt: Receipt) {
    out.extend_from_slice(&receipt.seq.to_le_bytes());
    out.extend_from_slice(&receipt.at.as_micros().to_le_bytes());
    out.extend_from_slice(&receipt.date.days().to_le_bytes());
    put_state(out, receipt.state);
}

pub(super) fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

pub(super) fn put_option<T>(
    out: &mut Vec<u8>,
    value: Option<T>,
    write: impl FnOnce(&mut Vec<u8>, T),
) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        write(out, value);
    }
}

/// Bits from the lowest.
pub(super) fn put_bits(out: &mut Vec<u8>, values: [bool; 3]) {
    out.push(values.iter().rev().fold(0u8, |byte, bit| (byte << 1) | u8::from(*bit)));
}
