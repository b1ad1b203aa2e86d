//! Whether two requests under one key are the same: a digest over everything that matters.
//!
//! The sealed password is left out: a client that asks again seals it anew.

use super::request::{Method, NewOrder, NewRefund};

struct Digest(blake3::Hasher);

impl Digest {
    fn new(what: &str) -> Self {
        let mut digest = Self(blake3::Hasher::new());
        digest.text(what);
        digest
    }

    /// Each part is led by its length, so that no two bodies run into one another.
    fn text(&mut self, part: &str) {
        self.0.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(part.as_bytes());
    }

    fn optional(&mut self, part: Option<impl ToString>) {
        self.text(if part.is_some() { "some" } else { "none" });
        self.text(&part.map(|p| p.to_string()).unwrap_or_default());
    }

    /// What every request ends with.
    fn end(mut self, amount: i64, subject: &str, notify_url: Option<&str>) -> String {
        self.text(&amount.to_string());
        self.text(subject);
        self.optional(notify_url);
        self.0.finalize().to_hex().to_string()
    }
}

/// The digest of a new order, hexadecimal.
pub fn of_order(new: &NewOrder) -> String {
    let mut digest = Digest::new("order");
    digest.text(new.kind.word());
    digest.optional(new.merchant);
    digest.text(&new.payer.to_string());
    digest.optional(new.payee);
    digest.text(&new.currency);
    match &new.method {
        Method::Balance => digest.text("balance"),
        Method::Channel { code, instrument } => {
            digest.text("channel");
            digest.text(code);
            digest.text(instrument);
        }
    }
    digest.text(new.auth.word());
    digest.end(new.amount, &new.subject, new.notify_url.as_deref())
}

/// The digest of a new refund, hexadecimal.
pub fn of_refund(new: &NewRefund) -> String {
    let mut digest = Digest::new("refund");
    digest.text(&new.merchant.to_string());
    digest.text(&new.of.to_string());
    digest.end(new.amount, &new.subject, new.notify_url.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::order::Kind;
    use crate::model::request::{Auth, Origin};
    use types::{MerchantId, UserId};

    fn order() -> NewOrder {
        NewOrder {
            kind: Kind::Payment,
            merchant: Some(MerchantId::of(&[b"m"])),
            placed_by: None,
            key: "1".to_owned(),
            payer: UserId::of(&[b"u"]),
            payee: None,
            amount: 100,
            currency: "CNY".to_owned(),
            method: Method::Balance,
            auth: Auth::PasswordFree,
            origin: Origin::default(),
            subject: "tea".to_owned(),
            notify_url: None,
        }
    }

    #[test]
    fn every_part_that_matters_changes_it() {
        let same = of_order(&order());
        assert_eq!(of_order(&NewOrder { key: "2".to_owned(), ..order() }), same);
        let channel = |instrument: &str| Method::Channel {
            code: "card".to_owned(),
            instrument: instrument.to_owned(),
        };
        let others = [
            NewOrder { kind: Kind::TopUp, ..order() },
            NewOrder { merchant: None, ..order() },
            NewOrder { payer: UserId::of(&[b"v"]), ..order() },
            NewOrder { payee: Some(UserId::of(&[b"v"])), ..order() },
            NewOrder { amount: 101, ..order() },
            NewOrder { currency: "USD".to_owned(), ..order() },
            NewOrder { method: channel("a"), ..order() },
            NewOrder { method: channel("b"), ..order() },
            NewOrder { auth: Auth::ByChannel, ..order() },
            NewOrder { subject: "teas".to_owned(), ..order() },
            NewOrder { notify_url: Some(String::new()), ..order() },
        ];
        let mut seen = vec![same];
        for other in others {
            let print = of_order(&other);
            assert!(!seen.contains(&print), "{other:?}");
            seen.push(print);
        }
    }
}
