//! Whether a request is of a form that can be tried at all: the first check, before anything is
//! looked up or written.

use money::{Amount, CNY};
use types::Problem;

use super::fingerprint;
use super::order::{Kind, Scope};
use super::request::{Auth, Method, NewOrder, NewRefund, Origin};
use crate::problems;

/// The most characters of a key.
pub const MAX_KEY: usize = 64;
/// The most characters of a subject.
pub const MAX_SUBJECT: usize = 128;
/// The most bytes of a token, a device id or an address.
pub const MAX_TOKEN: usize = 128;

/// A request that passed: what every order has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formed {
    /// What it does.
    pub kind: Kind,
    /// Whose key it bears.
    pub scope: Scope,
    /// The key.
    pub key: String,
    /// How much.
    pub amount: Amount,
    /// What for.
    pub subject: String,
    /// Where the result is told.
    pub notify_url: Option<String>,
    /// The digest of the whole request, hexadecimal.
    pub fingerprint: String,
}

/// Checks a new order. `most` is the institution's own limit on one order.
pub fn order(new: &NewOrder, most: Amount) -> Result<Formed, Problem> {
    let amount = amount(new.amount, &new.currency, most)?;
    texts(&new.key, &new.subject, new.notify_url.as_deref())?;
    origin(&new.origin)?;
    if let Method::Channel { code, instrument } = &new.method {
        token(code, "channel")?;
        token(instrument, "instrument_token")?;
    }
    fits(new)?;
    let scope = match new.merchant.or(new.placed_by) {
        Some(merchant) => Scope::Merchant(merchant),
        None => Scope::User(new.payer),
    };
    Ok(Formed {
        kind: new.kind,
        scope,
        key: new.key.clone(),
        amount,
        subject: new.subject.clone(),
        notify_url: new.notify_url.clone(),
        fingerprint: fingerprint::of_order(new),
    })
}

/// Checks a refund.
pub fn refund(new: &NewRefund, most: Amount) -> Result<Formed, Problem> {
    let amount = amount(new.amount, "CNY", most)?;
    texts(&new.key, &new.subject, new.notify_url.as_deref())?;
    Ok(Formed {
        kind: Kind::Refund,
        scope: Scope::Merchant(new.merchant),
        key: new.key.clone(),
        amount,
        subject: new.subject.clone(),
        notify_url: new.notify_url.clone(),
        fingerprint: fingerprint::of_refund(new),
    })
}

/// What every request writes by hand.
fn texts(written: &str, what_for: &str, told_at: Option<&str>) -> Result<(), Problem> {
    key(written)?;
    subject(what_for)?;
    if let Some(url) = told_at {
        members::check_webhook_url("notify_url", url)?;
    }
    Ok(())
}

fn amount(minor: i64, currency: &str, most: Amount) -> Result<Amount, Problem> {
    if currency != "CNY" {
        return Err(problems::currency_unsupported(currency));
    }
    let amount = Amount::try_from(minor)
        .ok()
        .filter(|amount| !amount.is_zero())
        .ok_or_else(|| problems::amount_not_positive(minor))?;
    if amount > most { Err(problems::amount_too_large(amount, most, CNY)) } else { Ok(amount) }
}

/// 1 to 64 of the printable ASCII characters without blanks: safe in files, logs and URLs.
fn key(key: &str) -> Result<(), Problem> {
    let good = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if good { Ok(()) } else { Err(problems::text_invalid("key", "1 to 64 visible ASCII", MAX_KEY)) }
}

fn subject(subject: &str) -> Result<(), Problem> {
    let good = subject.chars().count() <= MAX_SUBJECT && !subject.chars().any(char::is_control);
    if good {
        Ok(())
    } else {
        Err(problems::text_invalid(
            "subject",
            "at most 128 characters, no control ones",
            MAX_SUBJECT,
        ))
    }
}

fn token(text: &str, field: &'static str) -> Result<(), Problem> {
    let good = (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if good {
        Ok(())
    } else {
        Err(problems::text_invalid(field, "1 to 128 visible ASCII", MAX_TOKEN))
    }
}

/// Checks where a request says it comes from.
pub fn origin(origin: &Origin) -> Result<(), Problem> {
    for (text, field) in [(&origin.device, "device"), (&origin.ip, "ip")] {
        if let Some(text) = text {
            token(text, field)?;
        }
    }
    Ok(())
}

/// Which kinds go which way, and how each is authenticated.
fn fits(new: &NewOrder) -> Result<(), Problem> {
    let merchant = new.kind == Kind::Payment;
    if new.kind == Kind::Refund {
        return Err(problems::not_for_kind("kind", new.kind));
    }
    if new.merchant.is_some() != merchant {
        return Err(problems::not_for_kind("merchant", new.kind));
    }
    if merchant && new.placed_by.is_some_and(|by| Some(by) != new.merchant) {
        return Err(problems::not_for_kind("placed_by", new.kind));
    }
    if new.payee.is_some() != (new.kind == Kind::Transfer) {
        return Err(problems::not_for_kind("payee", new.kind));
    }
    if new.payee == Some(new.payer) {
        return Err(problems::payee_is_payer());
    }
    let by_channel = matches!(new.method, Method::Channel { .. });
    let way = match new.kind {
        Kind::TopUp | Kind::Withdrawal => by_channel,
        Kind::Transfer | Kind::Refund => !by_channel,
        Kind::Payment => true,
    };
    if !way {
        return Err(problems::not_for_kind("method", new.kind));
    }
    let shown = match &new.auth {
        Auth::Factors(shown) if !shown.has_knowledge() => {
            return Err(problems::knowledge_factor_missing());
        }
        Auth::Password(_) | Auth::Factors(_) | Auth::DeviceKey => true,
        Auth::PasswordFree | Auth::Withholding => merchant && !by_channel,
        Auth::ByChannel => by_channel && new.kind != Kind::Withdrawal,
    };
    if shown { Ok(()) } else { Err(problems::not_for_kind("auth", new.kind)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{MerchantId, UserId};

    fn payment() -> NewOrder {
        NewOrder {
            kind: Kind::Payment,
            merchant: Some(MerchantId::of(&[b"m"])),
            placed_by: None,
            key: "20261012-1".to_owned(),
            payer: UserId::of(&[b"u"]),
            payee: None,
            amount: 100,
            currency: "CNY".to_owned(),
            method: Method::Balance,
            auth: Auth::PasswordFree,
            origin: Origin::default(),
            subject: "奶茶".to_owned(),
            notify_url: None,
        }
    }

    fn card() -> Method {
        Method::Channel { code: "card".to_owned(), instrument: "tok_1".to_owned() }
    }

    #[test]
    fn a_good_one_passes() {
        let most = Amount::try_from(100).expect("positive");
        let formed = order(&payment(), most).expect("good");
        assert_eq!(formed.amount.minor(), 100);
        assert_eq!(formed.scope, Scope::Merchant(MerchantId::of(&[b"m"])));
        let top_up = NewOrder {
            kind: Kind::TopUp,
            merchant: None,
            method: card(),
            auth: Auth::ByChannel,
            ..payment()
        };
        let formed = order(&top_up, most).expect("good");
        assert_eq!(formed.scope, Scope::User(UserId::of(&[b"u"])));
        let placed = NewOrder { placed_by: Some(MerchantId::of(&[b"n"])), ..top_up };
        let formed = order(&placed, most).expect("good");
        assert_eq!(formed.scope, Scope::Merchant(MerchantId::of(&[b"n"])));
    }

    #[test]
    fn each_fault_has_its_code_and_field() {
        let user = UserId::of(&[b"v"]);
        let other = Some(MerchantId::of(&[b"n"]));
        let long = "x".repeat(129);
        let table = [
            ("not_for_kind", "placed_by", NewOrder { placed_by: other, ..payment() }),
            ("amount_not_positive", "amount_minor", NewOrder { amount: 0, ..payment() }),
            ("amount_not_positive", "amount_minor", NewOrder { amount: -1, ..payment() }),
            ("amount_not_positive", "amount_minor", NewOrder { amount: i64::MIN, ..payment() }),
            ("amount_too_large", "amount_minor", NewOrder { amount: 5_001, ..payment() }),
            ("amount_too_large", "amount_minor", NewOrder { amount: i64::MAX, ..payment() }),
            ("currency_unsupported", "currency", NewOrder { currency: "USD".into(), ..payment() }),
            ("currency_unsupported", "currency", NewOrder { currency: "cny".into(), ..payment() }),
            ("text_invalid", "key", NewOrder { key: String::new(), ..payment() }),
            ("text_invalid", "key", NewOrder { key: "a b".into(), ..payment() }),
            ("text_invalid", "key", NewOrder { key: "x".repeat(65), ..payment() }),
            ("text_invalid", "subject", NewOrder { subject: long.clone(), ..payment() }),
            ("text_invalid", "subject", NewOrder { subject: "a\nb".into(), ..payment() }),
            (
                "text_invalid",
                "device",
                NewOrder { origin: Origin { device: Some(long), ip: None }, ..payment() },
            ),
            (
                "webhook_url_invalid",
                "notify_url",
                NewOrder { notify_url: Some("ftp://x".into()), ..payment() },
            ),
            (
                "webhook_url_invalid",
                "notify_url",
                NewOrder { notify_url: Some("https://me:word@shop.example/".into()), ..payment() },
            ),
            (
                "text_invalid",
                "instrument_token",
                NewOrder {
                    method: Method::Channel { code: "card".into(), instrument: String::new() },
                    auth: Auth::ByChannel,
                    ..payment()
                },
            ),
            ("not_for_kind", "kind", NewOrder { kind: Kind::Refund, ..payment() }),
            ("not_for_kind", "merchant", NewOrder { merchant: None, ..payment() }),
            ("not_for_kind", "merchant", NewOrder { kind: Kind::TopUp, ..payment() }),
            ("not_for_kind", "payee", NewOrder { payee: Some(user), ..payment() }),
            (
                "not_for_kind",
                "payee",
                NewOrder { kind: Kind::Transfer, merchant: None, ..payment() },
            ),
            (
                "payee_is_payer",
                "payee",
                NewOrder {
                    kind: Kind::Transfer,
                    merchant: None,
                    payee: Some(payment().payer),
                    ..payment()
                },
            ),
            ("not_for_kind", "method", NewOrder { kind: Kind::TopUp, merchant: None, ..payment() }),
            (
                "not_for_kind",
                "method",
                NewOrder {
                    kind: Kind::Transfer,
                    merchant: None,
                    payee: Some(user),
                    method: card(),
                    ..payment()
                },
            ),
            ("not_for_kind", "auth", NewOrder { auth: Auth::ByChannel, ..payment() }),
            ("not_for_kind", "auth", NewOrder { method: card(), ..payment() }),
            (
                "not_for_kind",
                "auth",
                NewOrder {
                    kind: Kind::Withdrawal,
                    merchant: None,
                    method: card(),
                    auth: Auth::ByChannel,
                    ..payment()
                },
            ),
        ];
        let most = Amount::try_from(5_000).expect("positive");
        for (code, field, new) in table {
            let problem = order(&new, most).expect_err(code);
            assert_eq!((problem.code, problem.field.as_deref()), (code, Some(field)), "{new:?}");
        }
    }
}
