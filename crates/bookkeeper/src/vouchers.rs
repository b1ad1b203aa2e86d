//! Reading the holds on an account (冻结单), those that wait and those that have ended.

use crate::look::{Found, Look, PAGE, Read, contradiction};
use crate::notes::lists;
use crate::past::{moment_bits, moment_of};
use crate::views::{Hold, HoldsThen};
use archive::Link;
use ledger::{Action, Side, TransactionState};
use money::Amount;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use types::{AccountId, Timestamp, TransactionId};

/// How many holds that have ended [`crate::Bookkeeper::holds`] shows.
const ENDED_HOLDS: usize = 100;

impl Look<'_> {
    /// The holds that wait, then the last that have ended; newest first.
    pub(crate) fn holds(&self, account: AccountId) -> Read<Vec<Hold>> {
        let (place, now, ids) = self.copy(|model| {
            let waiting = model.ledger.holds();
            let on_it = |hold: &&ledger::Hold| {
                hold.postings.iter().any(|p| p.debit == account || p.credit == account)
            };
            let ids: Vec<TransactionId> = waiting.filter(on_it).map(|hold| hold.id).collect();
            (model.ledger.place(account), model.ledger.seq(), ids)
        });
        let Some(place) = place else { return Ok(Vec::new()) };
        let mut waiting = BTreeSet::new();
        for (id, known) in ids.iter().zip(self.known(&ids)?) {
            let Some(known) = known else {
                return contradiction(format!("hold {id} is not known"));
            };
            waiting.insert(known.seq);
        }
        let seqs: Vec<u64> = waiting.iter().rev().copied().collect();
        let mut holds = Vec::new();
        for page in seqs.chunks(PAGE) {
            holds.extend(self.vouchers((account, place), page, &BTreeMap::new())?);
        }
        let (mut before, mut left) = (Bound::Included(now), ENDED_HOLDS);
        while left > 0 {
            let items = self.view().below(lists::HOLDS, u128::from(place), before, PAGE)?;
            let Some(last) = items.last() else { break };
            before = Bound::Excluded(last.at);
            let ended = items.iter().map(|item| item.to).filter(|seq| !waiting.contains(seq));
            let ended: Vec<u64> = ended.take(left).collect();
            left -= ended.len();
            let ends = self.ends(&ended)?;
            if let Some(hold) = ended.iter().find(|seq| !ends.contains_key(seq)) {
                return contradiction(format!("hold {hold} has no end"));
            }
            holds.extend(self.vouchers((account, place), &ended, &ends)?);
        }
        Ok(holds)
    }

    /// Of at most `limit` holds on an account before `before` and made by a moment, newest first,
    /// those that waited then.
    pub(crate) fn holds_at(
        &self,
        account: AccountId,
        at: Timestamp,
        before: Option<u64>,
        limit: usize,
    ) -> Read<HoldsThen> {
        let Some(place) = self.place(account) else { return Ok(HoldsThen::default()) };
        let later = self.view().mark_after(moment_bits(at))?.map_or(u64::MAX, |mark| mark.seq);
        let before = before.unwrap_or(u64::MAX).min(later).min(self.seq().saturating_add(1));
        let before = Bound::Excluded(before);
        let items = self.view().below(lists::HOLDS, u128::from(place), before, limit)?;
        let full = limit > 0 && items.len() == limit;
        let next = items.last().filter(|_| full).map(|last| last.at);
        let mut seqs: Vec<u64> = items.into_iter().map(|item| item.to).collect();
        let ends = self.ends(&seqs)?;
        let waited = |seq: &u64| ends.get(seq).is_none_or(|end| end.to > moment_bits(at));
        seqs.retain(waited);
        let holds = self.vouchers((account, place), &seqs, &ends)?;
        Ok(HoldsThen { holds, next })
    }

    /// The ends of those of these holds that have ended since: number and moment.
    fn ends(&self, holds: &[u64]) -> Read<BTreeMap<u64, Link>> {
        let keys: Vec<u128> = holds.iter().map(|seq| u128::from(*seq)).collect();
        let found = self.view().newest(lists::ENDS, &keys)?;
        let ended = holds.iter().zip(found).filter_map(|(seq, end)| Some((*seq, end?)));
        Ok(ended.collect())
    }

    /// The vouchers of an account in these holds, one for each side that it is on.
    fn vouchers(
        &self,
        (account, place): (AccountId, u32),
        seqs: &[u64],
        ends: &BTreeMap<u64, Link>,
    ) -> Read<Vec<Hold>> {
        let found = self.found(seqs)?;
        let ids: Vec<TransactionId> = found.iter().map(|found| found.transaction.id).collect();
        let mut holds = Vec::with_capacity(found.len());
        for (found, known) in found.iter().zip(self.known(&ids)?) {
            let (Action::Hold { expires_at }, Some(known)) = (found.transaction.action, known)
            else {
                return contradiction(format!("transaction {} is no hold", found.transaction.id));
            };
            let end = ends.get(&found.seq);
            for (side, amount) in sides(found, place) {
                holds.push(Hold {
                    id: found.transaction.id,
                    event: found.transaction.event,
                    order: found.transaction.order,
                    account,
                    side,
                    amount,
                    state: if end.is_some() { known.state } else { TransactionState::Pending },
                    at: found.at,
                    expires_at,
                    ended_at: end.map(|end| moment_of(end.to)),
                });
            }
        }
        Ok(holds)
    }
}

/// What a hold sets aside of an account, and what it promises it.
fn sides(found: &Found, place: u32) -> impl Iterator<Item = (Side, Amount)> + '_ {
    [Side::Debit, Side::Credit].into_iter().enumerate().filter_map(move |(at, side)| {
        let on_it = |moved: &&crate::row::RowMove| moved.places[at] == place;
        let amounts = found.row.moves.iter().filter(on_it).map(|moved| moved.amount);
        // The ledger has checked this sum when it made the hold.
        let amount = Amount::sum(amounts).unwrap_or(Amount::MAX);
        (!amount.is_zero()).then_some((side, amount))
    })
}
