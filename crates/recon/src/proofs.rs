//! The four proofs of the night: the books agree with themselves and with the orders.

use bookkeeper::Bookkeeper;
use payments::Payments;
use serde::Serialize;

use crate::Error;

/// What was proved. Every `false` has a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "four proofs, each by itself")]
pub struct Proofs {
    /// Debits equal credits in each fund and asset on every date, and each date opens as the last
    /// one closed.
    pub debits_equal_credits: bool,
    /// The accounts of each leaf, and the holds on them, sum to the general ledger (总分核对).
    pub subledger_equals_gl: bool,
    /// The reserve fund's assets cover what is owed from it, and the house's part is the same
    /// seen from both funds (备付金核对).
    pub reserve_covers_liabilities: bool,
    /// Every order's transactions say what the order says.
    pub orders_equal_ledger: bool,
    /// What disagrees, in sentences; not part of the contract's JSON.
    #[serde(skip)]
    pub findings: Vec<String>,
}

impl Proofs {
    /// Whether all four hold.
    pub const fn hold(&self) -> bool {
        self.debits_equal_credits
            && self.subledger_equals_gl
            && self.reserve_covers_liabilities
            && self.orders_equal_ledger
    }
}

/// Proves the book against itself and against the orders.
///
/// # Errors
/// [`Error::Other`] if the orders cannot be read; the book proves itself from memory.
pub async fn prove(book: &Bookkeeper, payments: &Payments) -> Result<Proofs, Error> {
    let own = book.prove();
    let orders = payments.prove_orders().await?;
    let of_book = own
        .findings
        .iter()
        .map(|f| format!("{}: {} ({} and {})", f.proof, f.text.en, f.left, f.right));
    let of_orders =
        orders.differences.iter().map(|d| format!("orders_equal_ledger: {}: {}", d.order, d.what));
    Ok(Proofs {
        debits_equal_credits: own.debits_equal_credits && own.openings_follow_closings,
        subledger_equals_gl: own.subledger_equals_gl && own.holds_agree && own.lots_agree,
        reserve_covers_liabilities: own.reserve_covers_liabilities && own.mirrors_agree,
        orders_equal_ledger: orders.holds(),
        findings: of_book.chain(of_orders).collect(),
    })
}
