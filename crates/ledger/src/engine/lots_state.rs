//! Lots as bytes, and back; and their part of the state's hash. Only what is on its way is
//! written: when the rest is swept away is no matter of the book's state.
//!
//! ```text
//! lots   marks:var (source:u32 date:i32)*
//!        free:var  (account:u32 lot)*
//!        held:var  (hold:u128 posting:var account:u32 lot)*
//! lot    date:i32 source:u32 amount:var            accounts by their place among all
//! ```

use super::accounts::{Accounts, Place};
use super::lots::{HeldLot, Lot, Lots, State};
use crate::codec::write::{u32_of, u128_of, var};
use crate::codec::{CodecError, Reader};
use types::TransactionId;

fn lot(out: &mut Vec<u8>, lot: &Lot) {
    out.extend_from_slice(&lot.date.days().to_be_bytes());
    u32_of(out, lot.source.number());
    var(out, lot.amount);
}

fn count(out: &mut Vec<u8>, count: usize) {
    var(out, u64::try_from(count).unwrap_or(u64::MAX));
}

fn place(reader: &mut Reader<'_>, accounts: usize) -> Result<Place, CodecError> {
    let number = reader.u32()?;
    if usize::try_from(number).is_ok_and(|number| number < accounts) {
        Ok(Place::of(number))
    } else {
        reader.fail("no account has this place")
    }
}

fn read_lot(reader: &mut Reader<'_>, accounts: usize) -> Result<Lot, CodecError> {
    let (date, source) = (reader.date()?, place(reader, accounts)?);
    Ok(Lot { date, source, amount: reader.var()? })
}

impl Lots {
    /// Appends the lots there are.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        count(out, self.marks().count());
        for (source, through) in self.marks() {
            u32_of(out, source.number());
            out.extend_from_slice(&through.days().to_be_bytes());
        }
        let free: Vec<(Place, Lot)> = self
            .books()
            .flat_map(|(place, book)| self.live(&book.free).into_iter().map(move |l| (place, l)))
            .collect();
        count(out, free.len());
        for (place, one) in free {
            u32_of(out, place.number());
            lot(out, &one);
        }
        let held: Vec<(TransactionId, HeldLot)> = self
            .holds()
            .flat_map(|(id, held)| held.iter().map(move |held| (id, *held)))
            .filter(|(_, held)| !self.live(&[held.lot]).is_empty())
            .collect();
        count(out, held.len());
        for (id, one) in held {
            u128_of(out, id.as_u128());
            count(out, one.posting);
            u32_of(out, one.debit.number());
            lot(out, &one.lot);
        }
    }

    /// Reads what [`Lots::encode`] wrote, of a book with so many accounts.
    pub(super) fn read(reader: &mut Reader<'_>, accounts: usize) -> Result<Self, CodecError> {
        let mut lots = Self::default();
        for _ in 0..reader.var()? {
            let (source, through) = (place(reader, accounts)?, reader.date()?);
            lots.settle(source, through);
        }
        for _ in 0..reader.var()? {
            let place = place(reader, accounts)?;
            lots.restore(place, State::Free, read_lot(reader, accounts)?);
        }
        for _ in 0..reader.var()? {
            let id = TransactionId::from_u128(reader.u128()?);
            let posting = usize::try_from(reader.var()?);
            let posting = posting.or_else(|_| reader.fail("no such posting"))?;
            let debit = place(reader, accounts)?;
            let lot = read_lot(reader, accounts)?;
            lots.restore(debit, State::Held, lot);
            lots.restore_hold(id, HeldLot { posting, debit, lot });
        }
        Ok(lots)
    }

    /// Tells the accounts which of them have lots.
    pub(super) fn mark_all(&self, accounts: &mut Accounts) {
        for (place, _) in self.books() {
            accounts.set_has_lots(place, true);
        }
    }
}
