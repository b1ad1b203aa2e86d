//! Proofs that the book agrees with itself.

use serde::Serialize;
use types::Text;

/// What was proved. Every `false` has at least one finding.
#[expect(clippy::struct_excessive_bools, reason = "each is a proof of its own, told by name")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proofs {
    /// In each asset and fund, on every date and over all accounts, debits equal credits.
    pub debits_equal_credits: bool,
    /// The sum of the accounts on each leaf equals the general ledger (总分核对).
    pub subledger_equals_gl: bool,
    /// The customers' money is there: in the reserve fund, assets equal liabilities in each
    /// asset, and no reserve bank balance is negative.
    pub reserve_covers_liabilities: bool,
    /// Opening plus movement is closing on every date, and each date opens as the last closed.
    pub openings_follow_closings: bool,
    /// What is pending on accounts is what the waiting holds say.
    pub holds_agree: bool,
    /// What is in transit on an account is within its balance, and what of it is held is what the
    /// waiting holds say.
    pub lots_agree: bool,
    /// Mirrored leaves agree (the house's part of the reserve as both funds see it).
    pub mirrors_agree: bool,
    /// What disagrees.
    pub findings: Vec<Finding>,
}

impl Proofs {
    /// Whether all hold.
    pub fn hold(&self) -> bool {
        self.debits_equal_credits
            && self.subledger_equals_gl
            && self.reserve_covers_liabilities
            && self.openings_follow_closings
            && self.holds_agree
            && self.lots_agree
            && self.mirrors_agree
    }
}

/// One disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The proof that fails, by its field's name.
    pub proof: &'static str,
    /// What disagrees.
    pub text: Text,
    /// One side, in minor units.
    pub left: i128,
    /// The other side.
    pub right: i128,
}
