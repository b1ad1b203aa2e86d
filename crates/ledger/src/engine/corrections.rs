//! Corrections (红冲, 蓝补): what may be corrected by what, and what was.

use super::Ledger;
use crate::command::{Action, Command, Correction, CorrectionKind, Posting, Transaction, UpTo};
use crate::outcome::TransactionState;
use crate::past::Past;
use crate::refusal::Refusal;
use money::Amount;
use std::collections::BTreeMap;
use types::{AccountId, TransactionId};

/// A correction, as the transaction it corrects knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorrectedBy {
    /// The correcting transaction.
    pub by: TransactionId,
    /// What it did.
    pub kind: CorrectionKind,
}

/// The corrections there are, by what they correct. In memory, because they are few: what grows
/// here are mistakes.
#[derive(Debug, Clone, Default)]
pub(super) struct Corrections(BTreeMap<TransactionId, Vec<CorrectedBy>>);

impl Corrections {
    pub(super) fn of(&self, of: TransactionId) -> &[CorrectedBy] {
        self.0.get(&of).map_or(&[], Vec::as_slice)
    }

    pub(super) fn note(&mut self, correction: Correction, by: TransactionId) {
        let Correction { of, kind } = correction;
        self.0.entry(of).or_default().push(CorrectedBy { by, kind });
    }

    fn reversed_by(&self, of: TransactionId) -> Option<TransactionId> {
        let reversal = |c: &&CorrectedBy| c.kind == CorrectionKind::Reversal;
        self.of(of).iter().find(reversal).map(|c| c.by)
    }

    /// How many transactions were corrected.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, by the id of what they correct.
    pub(super) fn all(&self) -> impl Iterator<Item = (TransactionId, &[CorrectedBy])> {
        self.0.iter().map(|(of, by)| (*of, by.as_slice()))
    }
}

/// What a posting moves: from, to, how much.
type Moved = (AccountId, AccountId, Amount);

fn moved(posting: &Posting) -> Moved {
    (posting.debit, posting.credit, posting.amount)
}

/// Whether one list is the other with its sides changed over, in any order.
fn mirrors(original: &[Posting], reversal: &[Posting]) -> bool {
    let mut wanted: Vec<Moved> = original.iter().map(moved).collect();
    let mut given: Vec<Moved> = reversal.iter().map(|p| (p.credit, p.debit, p.amount)).collect();
    wanted.sort_unstable();
    given.sort_unstable();
    wanted == given && all_exact(reversal)
}

fn all_exact(postings: &[Posting]) -> bool {
    postings.iter().all(|p| p.up_to == UpTo::Exact)
}

impl<P: Past> Ledger<P> {
    /// Whether a transaction may correct what it says it does.
    pub(super) fn check_correction(&self, transaction: &Transaction) -> Result<(), Refusal> {
        let Some(Correction { of, kind }) = transaction.corrects else { return Ok(()) };
        let past = self.past.get(of).ok_or(Refusal::CorrectedNotFound { of })?;
        if transaction.action != Action::Post {
            return Err(Refusal::CorrectionMustPost);
        }
        let wrong = Refusal::NotCorrectable { of };
        if past.receipt.state != TransactionState::Posted {
            return Err(wrong);
        }
        let Some(Command::Transact(original)) = self.past.command(of) else { return Err(wrong) };
        if original.corrects.is_some_and(|c| c.kind == CorrectionKind::Reversal) {
            return Err(wrong);
        }
        if kind == CorrectionKind::Supplement {
            return Ok(());
        }
        if let Some(by) = self.corrections.reversed_by(of) {
            return Err(Refusal::AlreadyReversed { of, by });
        }
        let postings = self.fixed_postings(original).ok_or(wrong)?;
        if mirrors(&postings, &transaction.postings) {
            Ok(())
        } else {
            Err(Refusal::ReversalMismatch { of })
        }
    }

    /// What a posted transaction moved, if its amounts were fixed when it was asked for.
    fn fixed_postings(&self, posted: Transaction) -> Option<Vec<Posting>> {
        let postings = match posted.action {
            Action::PostHold { hold } if posted.postings.is_empty() => {
                match self.past.command(hold)? {
                    Command::Transact(hold) => hold.postings,
                    _ => return None,
                }
            }
            _ => posted.postings,
        };
        all_exact(&postings).then_some(postings)
    }
}
