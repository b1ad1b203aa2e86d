//! Several credentials shown for one order, each of its own factor.

use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::Members;
use crate::model::code::CodePurpose;
use crate::model::factor::{Factor, FactorKind, Factors};
use types::{Timestamp, UserId};

/// What a payer shows for one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// The payment password, bound to the order.
    pub password: Option<Envelope>,
    /// The gesture password, bound to the order; for small amounts.
    pub gesture: Option<Envelope>,
    /// A one-time code by message for [`CodePurpose::Order`]; its subject is the order's number.
    pub message_code: Option<String>,
    /// A one-time code of the authenticator app.
    pub app_code: Option<String>,
}

impl Credentials {
    /// Which factors these are, if they are right.
    pub fn factors(&self) -> Factors {
        let shown = [
            (self.password.is_some(), Factor::PaymentPassword),
            (self.gesture.is_some(), Factor::Gesture),
            (self.message_code.is_some(), Factor::MessageCode),
            (self.app_code.is_some(), Factor::AppCode),
        ];
        shown.into_iter().filter(|(is, _)| *is).map(|(_, factor)| factor).collect()
    }

    /// Whether something is among them that only the customer knows: a code alone is whoever holds
    /// the phone.
    pub fn has_knowledge(&self) -> bool {
        self.factors().has(FactorKind::Knowledge)
    }
}

impl Members {
    /// Checks everything that is shown, what is known first; stops at the first that is wrong.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`], [`Members::verify_gesture`],
    /// [`Members::check_code`] and [`Members::check_totp`].
    pub async fn authenticate(
        &self,
        user: UserId,
        shown: &Credentials,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<Factors, Error> {
        if let Some(envelope) = &shown.password {
            self.verify_payment_password(user, envelope, binding, now).await?;
        }
        if let Some(envelope) = &shown.gesture {
            self.verify_gesture(user, envelope, binding, now).await?;
        }
        if let Some(code) = &shown.message_code {
            self.check_code(user, CodePurpose::Order, &binding.order, code, now).await?;
        }
        if let Some(code) = &shown.app_code {
            self.check_totp(user, code, now).await?;
        }
        Ok(shown.factors())
    }
}
