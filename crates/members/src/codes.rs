//! One-time codes by message: sent, and checked once.
//!
//! A code is bound to a user, a purpose and a subject (which merge, which order), good for minutes,
//! void after a few wrong tries, used up by the first right one, and replaced by the next that is
//! sent. What is stored is a keyed hash: the database alone tells no code.

use crate::error::Error;
use crate::keypad::Binding;
use crate::members::{Members, to_the_end};
use crate::messages::{Message, Sent};
use crate::model::code::{self, CodePurpose, CodeRefusal, SentCode, order_subject};
use crate::model::message_text::CodePayment;
use crate::store::codes::{self, For, NewCode};
use crate::wire::hmac;
use hmac::Mac;
use sea_orm::DatabaseTransaction;
use subtle::ConstantTimeEq;
use types::{Masked, MerchantId, Text, Timestamp, UserId};

/// What a check came to. A value, not an error: what it counted must be kept.
type Checked = Result<(), CodeRefusal>;

impl Members {
    /// Sends a code for one purpose and subject to the user's phone; an earlier one for the same
    /// is good no longer. A code for an order is sent by [`Members::send_order_code`], for its
    /// message names what is paid.
    ///
    /// # Errors
    /// `user_not_found`, `code_subject_invalid`, `code_too_soon`, `code_day_limit` (both count all
    /// messages to the phone), `code_channel_down` (retryable), `code_channel_refused`.
    pub async fn send_code(
        &self,
        user: UserId,
        purpose: CodePurpose,
        subject: &str,
        now: Timestamp,
    ) -> Result<SentCode, Error> {
        if purpose == CodePurpose::Order {
            return Err(Error::fault("a code for an order", &"without what it pays"));
        }
        self.send_to(bound(user, purpose, subject)?, None, now).await
    }

    /// Sends a code for an order of these terms to the payer's phone. The message says how much is
    /// paid and to whom; the code is good for that and nothing else.
    ///
    /// # Errors
    /// `payee_not_found`; as [`Members::send_code`].
    pub async fn send_order_code(
        &self,
        user: UserId,
        terms: &Binding,
        now: Timestamp,
    ) -> Result<SentCode, Error> {
        let is_for = bound(user, CodePurpose::Order, &order_subject(terms))?;
        let payee = self.payee_name(&terms.payee).await?;
        let payment = CodePayment { amount: terms.amount, payee };
        self.send_to(is_for, Some(payment), now).await
    }

    /// How a payee is named to who pays it: a merchant by its name, a user by its masked phone.
    async fn payee_name(&self, payee: &str) -> Result<Option<Text>, Error> {
        if payee.is_empty() {
            return Ok(None);
        }
        let unknown = Error::NotFound { what: "payee" };
        if let Ok(merchant) = payee.parse::<MerchantId>() {
            return self.merchant(merchant).map(|it| Some(it.name.clone())).ok_or(unknown);
        }
        let Ok(user) = payee.parse::<UserId>() else { return Err(unknown) };
        let row = match self.user_row(user).await {
            Err(Error::NotFound { .. }) => return Err(unknown),
            row => row?,
        };
        let phone = self.unseal("user.phone", &user, &row.phone)?;
        Ok(Some(Text::new(format!("the user of {phone}"), format!("手机号 {phone} 的用户"))))
    }

    async fn send_to(
        &self,
        is_for: For,
        payment: Option<CodePayment>,
        now: Timestamp,
    ) -> Result<SentCode, Error> {
        let row = self.user_row(is_for.user).await?;
        let phone = self.unseal("user.phone", &is_for.user, &row.phone)?;
        let members = self.clone();
        to_the_end(async move { members.send(is_for, payment, phone, now).await }).await
    }

    /// Checks a code and uses it up.
    ///
    /// # Errors
    /// `code_malformed`, `code_unknown` (none sent for this, or used), `code_other_subject` (one was
    /// sent for another subject of this purpose; no digit is compared), `code_expired`, `code_wrong` (tries left), `code_void` (too many wrong tries).
    pub async fn check_code(
        &self,
        user: UserId,
        purpose: CodePurpose,
        subject: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let is_for = bound(user, purpose, subject)?;
        if !code::is_code(code) {
            return Err(CodeRefusal::Malformed.into());
        }
        let (members, code, most) =
            (self.clone(), Masked::new(code), self.inner.config.codes.tries);
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { members.try_code(txn, &is_for, &code, most, now).await })
        });
        let checked: Checked = unit.await?;
        Ok(checked?)
    }

    async fn send(
        &self,
        is_for: For,
        payment: Option<CodePayment>,
        phone: Masked,
        now: Timestamp,
    ) -> Result<SentCode, Error> {
        let Some(messenger) = &self.inner.messenger else {
            return Err(CodeRefusal::ChannelDown.into());
        };
        let policy = self.inner.config.codes.clone();
        let code = code::digits(self.random_bytes());
        let id = format!("otc_{}", hex::encode(self.random_bytes::<16>()));
        let phone_index = self.phone_index(&phone);
        let expires_at = now.plus_seconds(i64::from(policy.expires_seconds));
        let resend_at = now.plus_seconds(i64::from(policy.resend_seconds));
        let message = Message {
            message_no: id.clone(),
            phone: phone.clone(),
            purpose: is_for.purpose,
            payment,
            code: code.clone(),
            minutes: policy.expires_seconds.div_ceil(60),
            at: now,
        };
        let hash = self.code_hash(&id, &is_for, &code);
        let new = NewCode { id: id.clone(), is_for, phone_index, hash, sent_at: now, expires_at };
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let today = now.date().start();
                let resend = i64::from(policy.resend_seconds);
                // Two messages around midnight are as close as any others.
                let since = today.min(now.plus_seconds(resend.saturating_neg()));
                let (_, last) = codes::sent(txn, phone_index, since).await?;
                let until = last.map(|at| at.plus_seconds(resend)).filter(|until| now < *until);
                if let Some(until) = until {
                    return Err(CodeRefusal::TooSoon { until }.into());
                }
                let (sent, _) = codes::sent(txn, phone_index, today).await?;
                let most = policy.per_phone_day;
                if sent >= u64::from(most) {
                    let until = now.date().next().start();
                    return Err(CodeRefusal::DayLimit { most, until }.into());
                }
                Ok::<_, Error>(codes::insert(txn, new, today.plus_seconds(-86_400)).await?)
            })
        });
        unit.await?;
        let refusal = match messenger.send(&message).await {
            Sent::Accepted => return Ok(SentCode { phone, expires_at, resend_at }),
            Sent::Refused => CodeRefusal::ChannelRefused,
            Sent::Down { why } => {
                tracing::warn!(why, "the message channel does not answer");
                CodeRefusal::ChannelDown
            }
        };
        // It still counts for the day: it may have been carried.
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(codes::end(txn, id, "failed").await?) })
        });
        unit.await?;
        Err(refusal.into())
    }

    /// Looks, counts and uses up in one unit: however many tries run at once, they come one after
    /// another.
    async fn try_code(
        &self,
        txn: &DatabaseTransaction,
        is_for: &For,
        code: &Masked,
        most: u32,
        now: Timestamp,
    ) -> Result<Checked, Error> {
        let Some(live) = codes::live(txn, is_for).await? else {
            // Signing in begins without a session: whether one is under way elsewhere stays untold.
            let tells = is_for.purpose != CodePurpose::SignIn;
            let other = tells && codes::live_for_other(txn, is_for, now).await?;
            return Ok(Err(if other { CodeRefusal::OtherSubject } else { CodeRefusal::Unknown }));
        };
        if now >= live.expires_at {
            return Ok(Err(CodeRefusal::Expired));
        }
        if live.tries >= most {
            return Ok(Err(CodeRefusal::Void));
        }
        let hash = self.code_hash(&live.id, is_for, code);
        if bool::from(hash.as_slice().ct_eq(&live.hash)) {
            codes::end(txn, live.id, "used").await?;
            return Ok(Ok(()));
        }
        codes::count(txn, live.id).await?;
        let left = most.saturating_sub(live.tries).saturating_sub(1);
        Ok(Err(if left == 0 { CodeRefusal::Void } else { CodeRefusal::Wrong { left } }))
    }

    fn code_hash(&self, id: &str, is_for: &For, code: &Masked) -> [u8; 32] {
        let key = self.inner.secrets.derive_key("one_time_code", b"1");
        let mut mac = hmac(&key);
        let user = is_for.user.to_string();
        // Read in the clear only to be hashed. The subject, which others choose, stands last.
        for part in [id, &user, is_for.purpose.word(), code.expose(), &is_for.subject] {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        mac.finalize().into_bytes().into()
    }
}

fn bound(user: UserId, purpose: CodePurpose, subject: &str) -> Result<For, Error> {
    let fits = (1..=64).contains(&subject.len()) && subject.bytes().all(|b| b.is_ascii_graphic());
    if !fits {
        return Err(CodeRefusal::SubjectInvalid.into());
    }
    Ok(For { user, purpose, subject: subject.to_owned() })
}
