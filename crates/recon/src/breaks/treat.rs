//! What a break means for the books: which templates post it, under which ids.
//!
//! The channel pays what its statement says; its account counts what our orders say. So a break
//! moves the account by theirs less ours, and what was moved waits where it can be explained:
//! what they have too much is owed to somebody yet unknown (`break_long`), what they lack the
//! house makes good and claims (`break_short_claim`). A fee other than expected corrects the cost
//! that clearing accrued (`fee_diff_cost`, `fee_diff_gain`). docs/internals/breaks.md works every
//! class out.

use ledger::{
    Action, Correction, CorrectionKind, Posting, Templates, Transaction, TransactionHead,
};
use money::{Amount, MoneyError};
use types::{AccountId, BreakId, Problem, ProblemKind, TransactionId};

use super::{Break, Remedy};
use crate::{Class, Error, Flow, Pair};

/// The two things a break may have to move.
const PARTS: [&[u8]; 2] = [b"receivable", b"fee"];

fn part_id(of: BreakId, part: &[u8]) -> TransactionId {
    TransactionId::of(&[b"recon", &of.as_u128().to_be_bytes(), part])
}

/// The ids under which a break is treated, whether or not it needs both.
pub(crate) fn treatment_ids(of: BreakId) -> [TransactionId; 2] {
    PARTS.map(|part| part_id(of, part))
}

/// The transactions that treat a break; none if it moved no money.
pub(crate) fn transactions(
    templates: &Templates,
    channel: AccountId,
    found: &Break,
) -> Result<Vec<Transaction>, Error> {
    let [receivable_id, fee_id] = treatment_ids(found.id);
    let head = |id| TransactionHead::new(id).reference(found.id.as_u128());
    let mut all = Vec::new();
    if found.receivable_minor != 0 {
        let event = if found.receivable_minor > 0 { "break_long" } else { "break_short_claim" };
        let amount = magnitude(found.receivable_minor)?;
        let slots = [("channel", channel)];
        all.push(templates.transaction(
            event,
            head(receivable_id),
            &slots,
            &[("amount", amount)],
        )?);
    }
    if found.fee_minor != 0 {
        let event = if found.fee_minor > 0 { "fee_diff_cost" } else { "fee_diff_gain" };
        let amount = magnitude(found.fee_minor)?;
        all.push(templates.transaction(event, head(fee_id), &[], &[("amount", amount)])?);
    }
    Ok(all)
}

fn magnitude(minor: i64) -> Result<Amount, Error> {
    Amount::new(minor.unsigned_abs()).map_err(|e: MoneyError| {
        let problem = Problem::new(
            ProblemKind::Refused,
            "amount_too_large",
            e.to_string(),
            "金额超出可记账范围",
        );
        Error::Other(problem)
    })
}

/// The transaction that takes a treatment back (红冲): the same postings the other way round.
pub(crate) fn reversal(of: &Transaction) -> Transaction {
    let turn = |p: &Posting| Posting::exact(p.credit, p.debit, p.amount);
    Transaction {
        id: TransactionId::of(&[b"recon", &of.id.as_u128().to_be_bytes(), b"undo"]),
        event: of.event,
        order: of.order,
        reference: of.reference,
        date: None,
        action: Action::Post,
        postings: of.postings.iter().rev().map(turn).collect(),
        conditions: Vec::new(),
        corrects: Some(Correction { of: of.id, kind: CorrectionKind::Reversal }),
    }
}

/// What is to be done about a pair, beside its posting.
pub(crate) fn remedy(pair: &Pair) -> Result<Remedy, Error> {
    let difference = pair.difference()?;
    let receivable = difference.receivable()?;
    Ok(match (pair.class, receivable.signum(), pair.flow) {
        (Class::Fee, ..) => Remedy::AdjustFee,
        (_, 0, _) if difference.fee != 0 => Remedy::AdjustFee,
        (_, 0, _) => Remedy::CorrectRecord,
        (_, 1, Flow::Pay) => Remedy::SupplementOrRefund,
        (_, 1, Flow::Refund) => Remedy::RefundAgain,
        _ => Remedy::ClaimFromChannel,
    })
}
