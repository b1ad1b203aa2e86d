//! What the archive keeps of a transaction beside its command in the journal: what it found and
//! moved, and what came of it. Pure.
//!
//! ```text
//! kind:u8 (0 posted | 1 held | 2 released | 3 no transaction) number:u8
//! of a transaction: entries before it, as zigzag distance from its seq : var
//! count:var (signs:u8 amount:var debit:var credit:var debit_balance:var credit_balance:var)*
//! signs: 1 the debit's balance is negative | 2 the credit's
//! ```

use archive::codec::{Cursor, put_varint, unzigzag, zigzag};
use ledger::{Move, TransactionState};
use money::Amount;

/// What is kept of a command that took effect under an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub kind: Kind,
    /// Its place among the commands of its piece.
    pub number: u8,
    /// How many entries there were in the book before it.
    pub entries_before: u64,
    pub moves: Vec<RowMove>,
}

/// What a command did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Posted = 0,
    Held = 1,
    Released = 2,
    /// Controls were set.
    NoTransaction = 3,
}

impl Kind {
    pub(crate) fn of(state: TransactionState) -> Self {
        match state {
            TransactionState::Posted => Self::Posted,
            TransactionState::Pending => Self::Held,
            _ => Self::Released,
        }
    }
}

/// A [`Move`] with accounts by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowMove {
    pub places: [u32; 2],
    pub amount: Amount,
    /// The balances after it, of the debited and the credited account.
    pub balances: [i128; 2],
}

/// Appends a row for a transaction.
pub(crate) fn encode(
    out: &mut Vec<u8>,
    seq: u64,
    (kind, number): (Kind, u8),
    entries_before: u64,
    moves: &[Move],
) {
    out.extend_from_slice(&[kind as u8, number]);
    put_varint(out, zigzag(entries_before.wrapping_sub(seq).cast_signed()));
    put_varint(out, moves.len() as u64);
    for moved in moves {
        let balances = [moved.debit_balance, moved.credit_balance];
        let [debit, credit] = balances.map(|balance| u8::from(balance < 0));
        out.push(debit | credit << 1);
        put_varint(out, moved.amount.minor());
        moved.places.into_iter().for_each(|place| put_varint(out, u64::from(place)));
        for balance in balances {
            // The difference of two sums of 64 bits.
            put_varint(out, u64::try_from(balance.unsigned_abs()).unwrap_or(u64::MAX));
        }
    }
}

/// The row of what is no transaction.
pub(crate) fn encode_other(number: u8) -> [u8; 2] {
    [Kind::NoTransaction as u8, number]
}

impl Row {
    /// Reads the row of `seq`; `None` if it is none.
    pub(crate) fn decode(seq: u64, bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let [kind, number] = cursor.array()?;
        let kind = match kind {
            0 => Kind::Posted,
            1 => Kind::Held,
            2 => Kind::Released,
            3 => Kind::NoTransaction,
            _ => return None,
        };
        let mut row = Self { kind, number, entries_before: 0, moves: Vec::new() };
        if kind == Kind::NoTransaction {
            return cursor.is_empty().then_some(row);
        }
        row.entries_before = seq.wrapping_add(unzigzag(cursor.varint()?).cast_unsigned());
        let count = cursor.count(6)?;
        row.moves.reserve(count);
        for _ in 0..count {
            row.moves.push(read_move(&mut cursor)?);
        }
        cursor.is_empty().then_some(row)
    }
}

fn read_move(cursor: &mut Cursor<'_>) -> Option<RowMove> {
    let [signs] = cursor.array()?;
    let amount = Amount::new(cursor.varint()?).ok()?;
    let mut place = || u32::try_from(cursor.varint()?).ok();
    let places = [place()?, place()?];
    let mut balance = |sign: u8| {
        let size = i128::from(cursor.varint()?);
        Some(if signs & sign == 0 { size } else { -size })
    };
    Some(RowMove { places, amount, balances: [balance(1)?, balance(2)?] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::AccountId;

    #[test]
    fn rows_read_back_and_nothing_else_reads_as_one() {
        let moved = |n: u32, balance: i128| Move {
            debit: AccountId::from_u128(1),
            credit: AccountId::from_u128(2),
            amount: Amount::new(u64::from(n) + 1).expect("small"),
            debit_balance: balance,
            credit_balance: -balance,
            places: [n, n + 300],
        };
        let moves = [moved(0, 0), moved(1, 5), moved(2, -i128::from(u64::MAX))];
        for (kind, entries_before) in [(Kind::Posted, 3), (Kind::Held, 900), (Kind::Released, 0)] {
            let mut bytes = Vec::new();
            encode(&mut bytes, 70, (kind, 255), entries_before, &moves);
            let row = Row::decode(70, &bytes).expect("a row");
            assert_eq!((row.kind, row.number), (kind, 255));
            assert_eq!(row.entries_before, entries_before);
            for (read, put) in row.moves.iter().zip(&moves) {
                assert_eq!((read.places, read.amount), (put.places, put.amount));
                assert_eq!(read.balances, [put.debit_balance, put.credit_balance]);
            }
            assert!((0..bytes.len()).all(|cut| Row::decode(70, &bytes[..cut]).is_none()));
        }
        let other = Row::decode(9, &encode_other(7)).expect("a row");
        assert_eq!((other.kind, other.number), (Kind::NoTransaction, 7));
        assert_eq!(Row::decode(9, &[4, 0]), None);
    }
}
