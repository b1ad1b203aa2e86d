//! Whether risk control lets a payment password be changed.

use crate::app::Site;
use payments::Origin;
use risk::{Event, Factor, Outcome};
use types::{Problem, ProblemKind, Timestamp, UserId};

/// Asks risk control about a new password on the strength of these factors. Nothing can wait here
/// until a person has looked: what asks for more is refused.
///
/// # Errors
/// `risk_rejected`: which rule it was stays in the house.
pub(super) async fn password_judged(
    site: &Site,
    user: UserId,
    origin: Origin,
    known: &[Factor],
    now: Timestamp,
) -> Result<(), Problem> {
    let payer = site.members.payer(user).await?;
    let mut event = Event::new("change_password", now, None);
    event.user = Some(payer.user);
    event.customer = payer.customer;
    event.account = payer.account;
    event.phone = Some(hex::encode(payer.phone));
    event.document = payer.document.map(hex::encode);
    event.device = origin.device;
    event.ip = origin.ip;
    event.factors = i64::try_from(known.len()).ok();
    event.account_age_days = Some(payer.age_days(now));
    let decision = site.judged(&event).await?;
    let passes = match decision.outcome {
        Outcome::Accept => true,
        Outcome::StepUp => decision.factors.iter().all(|factor| known.contains(factor)),
        Outcome::Review | Outcome::Reject => false,
    };
    if passes { Ok(()) } else { Err(rejected()) }
}

fn rejected() -> Problem {
    Problem::new(
        ProblemKind::Refused,
        "risk_rejected",
        "the change was refused for safety",
        "出于安全原因，修改被拒绝",
    )
}
