//! Merchants: registered once, known by their API key, frozen as their customer.

use crate::support::{House, code, noon};
use ledger::Owner;
use members::{Cycle, FreezeLevel, NewEntry, NewMerchant, Scope, Target};
use types::{Masked, Text};

fn shop() -> NewMerchant {
    NewMerchant {
        name: Text::new("Corner Shop", "街角小店"),
        uscc: Masked::new("91330100799655058B"),
        legal_name: None,
        fee_plan: "standard".to_owned(),
        cycle: Cycle::T1,
        advance_d0: true,
        webhook_url: Some("https://shop.example/hook".to_owned()),
    }
}

#[tokio::test]
async fn a_merchant_is_known_by_its_key_also_after_a_restart() {
    let house = House::open().await;
    let made = house.members.register_merchant(shop(), noon()).await.expect("registered");
    assert_eq!(code(house.members.register_merchant(shop(), noon()).await), "merchant_exists");
    for (account, role) in [(made.pending, "merchant_pending"), (made.settled, "merchant_settled")]
    {
        let account = house.book.account(account).expect("opened");
        assert_eq!(account.owner, Owner::Merchant(made.merchant));
        assert_eq!(Some(account.leaf), house.book.chart().role(role));
    }
    let house = house.reopen().await;
    let key = made.api_key.expose();
    let found = house.members.merchant_by_api_key(key).expect("known");
    assert_eq!((found.merchant, found.advance_d0), (made.merchant, true));
    assert_eq!(found.webhook_url.as_deref(), Some("https://shop.example/hook"));
    let mut wrong = key.to_owned();
    wrong.replace_range(10..11, if &key[10..11] == "A" { "B" } else { "A" });
    for wrong in [wrong.as_str(), "", "ck_", &format!("{key}A")] {
        assert!(house.members.merchant_by_api_key(wrong).is_none(), "{wrong}");
    }
    let secret = house.members.webhook_secret(made.merchant).expect("known");
    assert_eq!(secret.expose(), made.webhook_secret.expose());

    let new = house.members.rotate_api_key(made.merchant, "op-1", noon()).await.expect("rotated");
    assert!(house.members.merchant_by_api_key(key).is_none(), "the old key is refused at once");
    assert!(house.members.merchant_by_api_key(new.expose()).is_some());
    let house = house.reopen().await;
    assert!(house.members.merchant_by_api_key(key).is_none());
    assert_eq!(house.members.merchants().len(), 1);
}

#[tokio::test]
async fn forms_are_checked() {
    let house = House::open().await;
    let url = |url: &str| NewMerchant { webhook_url: Some(url.to_owned()), ..shop() };
    for (new, expected) in [
        (NewMerchant { uscc: Masked::new("91330100799655058C"), ..shop() }, "uscc_invalid"),
        (NewMerchant { name: Text::new("", "店"), ..shop() }, "merchant_name_invalid"),
        (NewMerchant { name: Text::new("A\nB", "店"), ..shop() }, "merchant_name_invalid"),
        (NewMerchant { fee_plan: "A B".into(), ..shop() }, "fee_plan_invalid"),
        (NewMerchant { legal_name: Some(Masked::new(" ")), ..shop() }, "legal_name_invalid"),
        (url("ftp://x"), "webhook_url_invalid"),
    ] {
        assert_eq!(code(house.members.register_merchant(new, noon()).await), expected);
    }
    assert!(house.members.merchants().is_empty());
}

#[tokio::test]
async fn freezing_the_legal_person_freezes_both_accounts() {
    let house = House::open().await;
    let made = house.members.register_merchant(shop(), noon()).await.expect("registered");
    let customer = house.members.merchant(made.merchant).expect("known").customer;
    let entry = NewEntry {
        target: Target::Customer(customer),
        who: "op-1".into(),
        reason: "a test".into(),
        document: None,
        level: FreezeLevel::Risk,
        scope: Scope::Debit,
        until: None,
    };
    house.members.freeze(entry, noon()).await.expect("frozen");
    for account in [made.pending, made.settled] {
        let controls = house.book.account(account).expect("opened").controls;
        assert!(controls.debits_blocked && !controls.credits_blocked);
    }
}
