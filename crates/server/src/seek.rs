//! Finding the place of a date or a moment in a past that is ordered by it, by asking for one entry
//! some thirty times: the bookkeeper's door is enough, whatever it keeps its past in.

use bookkeeper::{Bookkeeper, Entry, Error, TransactionView};
use types::AccountId;

/// The least number up to `end` for which `reached` holds, as it does for all above it.
fn first(end: u64, reached: impl Fn(u64) -> Result<bool, Error>) -> Result<u64, Error> {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low.midpoint(high);
        if reached(middle)? { high = middle } else { low = middle.saturating_add(1) }
    }
    Ok(low)
}

/// Cuts an account's entries in two: those with a smaller seq than the answer have not `reached`
/// it, all others have.
pub(crate) fn cut_entries(
    book: &Bookkeeper,
    account: AccountId,
    reached: impl Fn(&Entry) -> bool,
) -> Result<u64, Error> {
    let newest = book.latest_entries(account, None, 1)?;
    let end = newest.first().map_or(0, |entry| entry.seq.saturating_add(1));
    first(end, |seq| Ok(book.entries(account, seq.checked_sub(1), 1)?.first().is_none_or(&reached)))
}

/// The same for all transactions.
pub(crate) fn cut_transactions(
    book: &Bookkeeper,
    reached: impl Fn(&TransactionView) -> bool,
) -> Result<u64, Error> {
    let end = book.seq().saturating_add(1);
    first(end, |seq| Ok(book.transactions(seq.checked_sub(1), 1)?.first().is_none_or(&reached)))
}

/// The newest transactions before a seq, newest first: seqs have gaps, where accounts were opened,
/// so the window behind is widened until it holds enough.
pub(crate) fn latest_transactions(
    book: &Bookkeeper,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<TransactionView>, Error> {
    let before = before.unwrap_or_else(|| book.seq().saturating_add(1));
    let mut width = u64::try_from(limit).unwrap_or(u64::MAX);
    loop {
        let after = before.saturating_sub(width).saturating_sub(1);
        let wanted = usize::try_from(width).unwrap_or(usize::MAX);
        let mut found = book.transactions(after.checked_sub(1), wanted)?;
        found.retain(|view| view.seq < before);
        if found.len() >= limit || after == 0 {
            found.reverse();
            found.truncate(limit);
            return Ok(found);
        }
        width = width.saturating_mul(4);
    }
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn the_first_that_is_reached_is_found() {
        for end in 0..20 {
            for at in 0..=end {
                assert_eq!(first(end, |n| Ok(n >= at)), Ok(at), "{at} of {end}");
            }
        }
        assert_eq!(first(u64::MAX, |n| Ok(n >= 12_345_678_901)), Ok(12_345_678_901));
    }
}
