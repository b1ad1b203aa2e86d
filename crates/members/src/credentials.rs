//! Several credentials shown for one order, each of its own factor.

use crate::device_keys::DeviceAnswer;
use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::Members;
use crate::model::code::{CodePurpose, order_subject};
use crate::model::device_key::OrderToSign;
use crate::model::factor::{Factor, FactorKind, Factors};
use types::{Timestamp, UserId};

/// What a payer shows for one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// The payment password, bound to the order: the payer's, or its primary's.
    pub password: Option<Envelope>,
    /// The gesture password, bound to the order; for small amounts.
    pub gesture: Option<Envelope>,
    /// A one-time code by message for [`CodePurpose::Order`]; its subject is [`order_subject`].
    pub message_code: Option<String>,
    /// A one-time code of the authenticator app.
    pub app_code: Option<String>,
    /// What a device key signed. Its challenge carries the order, so the order comes first.
    pub device_key: Option<DeviceAnswer>,
}

impl Credentials {
    /// The payment password alone.
    pub fn password(envelope: Envelope) -> Self {
        Self { password: Some(envelope), ..Self::default() }
    }

    /// What a device key signed, alone.
    pub fn device_key(answer: DeviceAnswer) -> Self {
        Self { device_key: Some(answer), ..Self::default() }
    }

    /// Which factors these are, if they are right; without the device key, whose worth shows only
    /// when its signature is checked.
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
    /// Checks everything that is shown, and says which factors it came to; stops at the first
    /// that is wrong. What is known comes first, and the code by message last, as another one is
    /// dear. `order` is what a device key signs.
    ///
    /// # Errors
    /// Those of [`Members::verify_order_password`], [`Members::verify_gesture`],
    /// [`Members::verify_device_key`], [`Members::check_code`] and [`Members::check_totp`].
    pub async fn authenticate(
        &self,
        user: UserId,
        shown: &Credentials,
        binding: &Binding,
        order: &OrderToSign,
        now: Timestamp,
    ) -> Result<Factors, Error> {
        if let Some(envelope) = &shown.password {
            self.verify_order_password(user, envelope, binding, now).await?;
        }
        if let Some(envelope) = &shown.gesture {
            self.verify_gesture(user, envelope, binding, now).await?;
        }
        let mut factors = shown.factors();
        if let Some(answer) = &shown.device_key {
            factors.extend(self.verify_device_key(user, order, answer, now).await?);
        }
        if let Some(code) = &shown.app_code {
            let checked = self.check_totp(user, code, now).await;
            checked.map_err(|error| match error {
                Error::Code(refusal) => Error::AppCode(refusal),
                other => other,
            })?;
        }
        if let Some(code) = &shown.message_code {
            let subject = order_subject(binding);
            self.check_code(user, CodePurpose::Order, &subject, code, now).await?;
        }
        Ok(factors)
    }
}
