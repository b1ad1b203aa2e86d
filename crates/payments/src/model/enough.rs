//! Which factors are enough for an order.
//!
//! | shown | where risk control asked for the password | otherwise |
//! |---|---|---|
//! | the payment password, a device key that stands above it | enough | enough |
//! | a gesture, for what a gesture may pay | not enough | enough |
//! | a device key that nobody speaks for | not enough | enough, if the order was placed for one |
//! | a one-time code alone | not enough | not enough |
//!
//! How much the factors allow a day is another question: the limit is chosen by all of them.

use members::{Credentials, Factor, FactorKind, Factors};
use types::Problem;

use super::plan::Plan;
use crate::problems;

/// Whether these credentials could be enough, before one is looked at.
///
/// # Errors
/// `knowledge_factor_missing` for a code alone or nothing at all; `authentication_required` for a
/// gesture where the password is asked for.
pub fn promise(shown: &Credentials, plan: &Plan) -> Result<(), Problem> {
    // What a device key is worth shows when its signature is checked.
    if shown.device_key.is_some() {
        return Ok(());
    }
    factors(&shown.factors(), plan)
}

/// Whether these factors, which were right, are enough.
///
/// # Errors
/// As [`promise`]; `device_key_assurance_low` for a device key that stands below what is asked for.
pub fn factors(shown: &Factors, plan: &Plan) -> Result<(), Problem> {
    let plain_key = shown.contains(Factor::PlainDeviceKey);
    let known = shown.has(FactorKind::Knowledge);
    if shown.is_strong() || (plain_key && plan.any_device_key) || (known && !plan.password_asked) {
        return Ok(());
    }
    Err(match (plain_key, known) {
        (true, _) => problems::device_key_assurance_low(),
        (false, true) => problems::password_needed(),
        (false, false) => problems::knowledge_factor_missing(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Factor::{AppCode, Body, DeviceKey, Gesture, MessageCode, PaymentPassword, PlainDeviceKey};

    /// The refusal's code, if there is one.
    type Verdict = Result<(), &'static str>;

    #[test]
    fn each_set_is_enough_where_the_table_says() {
        let free = Plan::default();
        let for_key = Plan { any_device_key: true, ..Plan::default() };
        let asked = Plan { password_asked: true, ..Plan::default() };
        let low = Err("device_key_assurance_low");
        let missing = Err("knowledge_factor_missing");
        let needed = Err("authentication_required");
        let table: [(&[Factor], [Verdict; 3]); 9] = [
            (&[], [missing, missing, missing]),
            (&[MessageCode, AppCode], [missing, missing, missing]),
            (&[PaymentPassword], [Ok(()), Ok(()), Ok(())]),
            (&[DeviceKey, Body], [Ok(()), Ok(()), Ok(())]),
            (&[Gesture], [Ok(()), Ok(()), needed]),
            (&[Gesture, AppCode], [Ok(()), Ok(()), needed]),
            (&[PlainDeviceKey], [low, Ok(()), low]),
            (&[PlainDeviceKey, Gesture], [Ok(()), Ok(()), low]),
            (&[PlainDeviceKey, PaymentPassword], [Ok(()), Ok(()), Ok(())]),
        ];
        for (shown, expected) in table {
            let set: Factors = shown.iter().copied().collect();
            for (plan, expected) in [&free, &for_key, &asked].into_iter().zip(expected) {
                let found = factors(&set, plan).map_err(|problem| problem.code);
                assert_eq!(found, expected, "{shown:?} {plan:?}");
            }
        }
    }
}
