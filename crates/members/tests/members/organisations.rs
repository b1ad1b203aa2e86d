//! Organisations: one customer, however many merchants and users it has.

use crate::support::{House, PASSWORD, claim, code, noon, verified};
use members::{
    Class, CustomerKind, Cycle, FreezeLevel, Members, MembersConfig, Merchant, NewEntry,
    NewMerchant, Scope, Standing, Target,
};
use records::{Migrations, Records, rows};
use std::sync::Arc;
use types::{CustomerId, Masked, MerchantId, Text, UserId};

const TEA: &str = "91330100799655058B";
const OIL: &str = "91350211M000100Y46";
const LEGAL: &str = "杭州莲花茶业（集团）有限公司";

/// The merchant of this name of the organisation of this code.
fn shop(uscc: &str, legal: &str, name: &str) -> NewMerchant {
    NewMerchant {
        name: Text::new(name, format!("{name}店")),
        uscc: Masked::new(uscc),
        legal_name: Some(Masked::new(legal)),
        fee_plan: "standard".to_owned(),
        cycle: Cycle::T1,
        advance_d0: false,
        webhook_url: None,
    }
}

impl House {
    async fn merchant(&self, new: NewMerchant) -> Arc<Merchant> {
        let made = self.members.register_merchant(new, noon()).await.expect("registered");
        self.members.merchant(made.merchant).expect("known")
    }

    async fn authorised(&self, n: u64, organisation: CustomerId) -> UserId {
        let user = self.register(n).await;
        let done = self.members.authorise_user(user, organisation, "A-1", "mei", noon()).await;
        done.expect("authorised");
        user
    }

    async fn frozen(&self, target: Target) {
        let entry = NewEntry {
            target,
            who: "op-1".into(),
            reason: "a test".into(),
            document: None,
            level: FreezeLevel::Risk,
            scope: Scope::Both,
            until: None,
        };
        self.members.freeze(entry, noon()).await.expect("frozen");
    }

    async fn actions(&self, subject: &str) -> Vec<(String, String)> {
        let lines = records::audit::list(&self.records, Some(subject), None, 10).await;
        lines.expect("read").into_iter().map(|line| (line.actor, line.action)).collect()
    }

    async fn with_first_password(&self, user: UserId) {
        let binding = Members::set_password_binding();
        let envelope = self.seal(user, &binding, PASSWORD, noon()).await;
        self.members.set_payment_password(user, &envelope, noon()).await.expect("set");
    }
}

#[tokio::test]
async fn a_further_merchant_belongs_to_the_same_customer() {
    let house = House::open().await;
    let one = house.merchant(shop(TEA, LEGAL, "Lotus")).await;
    // The same name, written otherwise.
    let other = house.merchant(shop(TEA, "杭州莲花茶业(集团)有限公司 ", "Lily")).await;
    assert_eq!(other.customer, one.customer);
    assert_ne!((other.merchant, other.pending), (one.merchant, one.pending));
    let stranger = house.merchant(shop(OIL, LEGAL, "Lotus")).await;
    assert_ne!(stranger.customer, one.customer, "the credit code is who it is");

    let house = house.reopen().await;
    let shown = house.members.customer(one.customer, noon()).await.expect("known");
    assert_eq!((shown.kind, shown.class), (CustomerKind::Organisation, None));
    assert_eq!(shown.name, Masked::new(LEGAL));
    let merchants: Vec<MerchantId> = shown.merchants.iter().map(|m| m.merchant).collect();
    assert_eq!(merchants.len(), 2);
    assert!(merchants.contains(&one.merchant) && merchants.contains(&other.merchant));
    for account in [one.pending, one.settled, other.pending, other.settled] {
        assert!(shown.accounts.contains(&account));
    }
}

#[tokio::test]
async fn another_legal_name_is_a_mismatch_whatever_else_is_asked() {
    let house = House::open().await;
    house.merchant(shop(TEA, LEGAL, "Lotus")).await;
    let nameless = NewMerchant { legal_name: None, ..shop(TEA, LEGAL, "Lily") };
    for (new, expected) in [
        (shop(TEA, "北京莲花茶业有限公司", "Lily"), "realname_mismatch"),
        // Not even that it has a merchant of this name.
        (shop(TEA, "北京莲花茶业有限公司", "Lotus"), "realname_mismatch"),
        (nameless, "realname_mismatch"),
        (shop(TEA, LEGAL, "Lotus"), "merchant_exists"),
    ] {
        assert_eq!(code(house.members.register_merchant(new, noon()).await), expected);
    }
    assert_eq!(house.members.merchants().len(), 1);
}

#[tokio::test]
async fn an_organisation_has_as_many_merchants_and_users_as_it_may() {
    let most =
        MembersConfig { most_merchants: 2, most_organisation_users: 2, ..Default::default() };
    let house = House::with(most).await;
    let organisation = house.merchant(shop(TEA, LEGAL, "A")).await.customer;
    house.merchant(shop(TEA, LEGAL, "B")).await;
    let third = house.members.register_merchant(shop(TEA, LEGAL, "C"), noon()).await;
    assert_eq!(code(third), "customer_merchants_exceeded");
    house.authorised(1, organisation).await;
    house.authorised(2, organisation).await;
    let third = house.register(3).await;
    let third = house.members.authorise_user(third, organisation, "A-3", "mei", noon()).await;
    assert_eq!(code(third), "customer_users_exceeded");
}

#[tokio::test]
async fn registrations_of_one_organisation_at_once_make_one_customer() {
    let house = House::open().await;
    let all = (0..16).map(|n| {
        let members = house.members.clone();
        // Every name twice: one of the two is refused.
        let new = shop(TEA, LEGAL, &format!("Shop {}", n % 8));
        tokio::spawn(async move { members.register_merchant(new, noon()).await })
    });
    let mut done = 0;
    for one in all.collect::<Vec<_>>() {
        match one.await.expect("ran") {
            Ok(_) => done += 1,
            Err(error) => assert_eq!(error.code(), "merchant_exists"),
        }
    }
    assert_eq!(done, 8);
    let house = house.reopen().await;
    let merchants = house.members.merchants();
    assert_eq!(merchants.len(), 8);
    let customer = merchants[0].customer;
    assert!(merchants.iter().all(|merchant| merchant.customer == customer));
    let shown = house.members.customer(customer, noon()).await.expect("known");
    assert_eq!(shown.accounts.len(), 16);
    assert!(shown.accounts.iter().all(|account| house.book.account(*account).is_some()));
}

#[tokio::test]
async fn a_user_acts_for_an_organisation_on_a_document() {
    let house = House::open().await;
    let organisation = house.merchant(shop(TEA, LEGAL, "Lotus")).await.customer;
    let other = house.merchant(shop(OIL, LEGAL, "Lily")).await.customer;
    let user = house.authorised(1, organisation).await;
    let members = &house.members;
    members.authorise_user(user, organisation, "A-1", "lin", noon()).await.expect("as before");
    members.authorise_user(user, organisation, " A-2 ", "lin", noon()).await.expect("renewed");
    let payer = members.payer(user).await.expect("known");
    assert_eq!((payer.customer, payer.class, payer.account), (Some(organisation), None, None));
    let shown = members.customer(organisation, noon()).await.expect("known");
    assert_eq!(shown.users.iter().map(|user| user.user).collect::<Vec<_>>(), [user]);
    let authority = &shown.authorities[0];
    assert_eq!((authority.user, authority.document.as_str()), (user, "A-2"));
    assert_eq!(authority.by, "lin");
    assert_eq!(shown.accounts.len(), 2, "the merchant's, and none of the user's");
    let attach = ("mei".to_owned(), "organisation.authorise".to_owned());
    let renew = ("lin".to_owned(), "organisation.authorise".to_owned());
    assert_eq!(house.actions(&user.to_string()).await, [renew, attach]);

    let person = house.verified(2, Class::I).await;
    let nobody = UserId::from_u128(7);
    for (user, customer, document, expected) in [
        (user, organisation, " ", "authority_text_invalid"),
        (nobody, organisation, "A-1", "user_not_found"),
        (person.user, CustomerId::from_u128(7), "A-1", "customer_not_found"),
        (user, person.customer, "A-1", "not_an_organisation"),
        (person.user, organisation, "A-1", "already_verified"),
        (user, other, "A-1", "user_of_organisation"),
    ] {
        let refused = members.authorise_user(user, customer, document, "mei", noon()).await;
        assert_eq!(code(refused), expected);
    }
    // It is no person's: neither a real name nor a merge nor an unmerge is for it.
    let real_name = members.verify_real_name(user, claim(1, Class::I), noon()).await;
    assert_eq!(code(real_name), "user_of_organisation");
    let envelope = house.seal(person.user, &Members::merge_binding(user), PASSWORD, noon()).await;
    let (claimed, existing) = (claim(2, Class::I), person.user);
    let merge = members.merge(user, claimed, existing, &envelope, "123456", noon()).await;
    assert_eq!(code(merge), "user_of_organisation");
    house.with_first_password(user).await;
    let binding = Members::reset_password_binding();
    let envelope = house.seal(user, &binding, PASSWORD, noon()).await;
    let claimed = claim(1, Class::I);
    let reset = members.reset_payment_password(user, claimed, "123456", &envelope, noon()).await;
    assert_eq!(code(reset), "user_of_organisation");
    assert_eq!(code(members.ask_unmerge(user, "mei", "r", noon()).await), "not_merged");
}

#[tokio::test]
async fn a_discharged_user_is_as_if_newly_registered() {
    let house = House::open().await;
    let organisation = house.merchant(shop(TEA, LEGAL, "Lotus")).await.customer;
    let user = house.authorised(1, organisation).await;
    house.with_first_password(user).await;
    let members = &house.members;
    assert_eq!(
        code(members.discharge_user(user, "mei", "", noon()).await),
        "authority_text_invalid"
    );
    members.discharge_user(user, "mei", "has left", noon()).await.expect("discharged");
    let again = members.discharge_user(user, "mei", "has left", noon()).await;
    assert_eq!(code(again), "user_not_of_organisation");
    let profile = members.profile(user, noon()).await.expect("known");
    assert_eq!((profile.customer, profile.has_password), (None, false));
    let shown = members.customer(organisation, noon()).await.expect("known");
    assert!(shown.users.is_empty() && shown.authorities.is_empty());
    let line = ("mei".to_owned(), "organisation.discharge".to_owned());
    assert_eq!(house.actions(&user.to_string()).await[0], line);

    let person = members.verify_real_name(user, claim(1, Class::I), noon()).await;
    assert!(house.book.account(verified(person).account).is_some(), "free to become a customer");
    let person = members.discharge_user(user, "mei", "in error", noon()).await;
    assert_eq!(code(person), "user_not_of_organisation");
}

#[tokio::test]
async fn freezing_an_organisation_bars_its_users_and_all_its_merchants() {
    let house = House::open().await;
    let one = house.merchant(shop(TEA, LEGAL, "Lotus")).await;
    let user = house.authorised(1, one.customer).await;
    house.frozen(Target::Customer(one.customer)).await;
    // Whoever comes to it later finds it frozen.
    let later = house.merchant(shop(TEA, LEGAL, "Lily")).await;
    let late = house.authorised(2, one.customer).await;
    for account in [one.pending, one.settled, later.pending, later.settled] {
        let controls = house.book.account(account).expect("opened").controls;
        assert!(controls.debits_blocked && controls.credits_blocked);
    }
    for user in [user, late] {
        let standing = house.members.standing(user, noon()).await.expect("known");
        assert_eq!(standing, Standing::CustomerFrozen);
    }
    house.members.discharge_user(user, "mei", "has left", noon()).await.expect("discharged");
    let standing = house.members.standing(user, noon()).await.expect("known");
    assert_eq!(standing, Standing::Active, "the freeze was its organisation's");
}

/// A merchant that was registered when an organisation could have one is still there, and its
/// organisation may have another.
#[tokio::test]
async fn what_was_registered_before_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = testkit::postgres::records_url(folder.path());
    let steps = members::MIGRATIONS.steps;
    let until = steps.iter().position(|(step, _)| *step == "0011_organisations").expect("a step");
    let before = Migrations { room: members::MIGRATIONS.room, steps: &steps[..until] };
    let insert = async |records: &Records, id: &str| {
        let sql = format!(
            "INSERT INTO member_merchant (id, customer, name_en, name_zh, fee_plan, cycle, \
            advance_d0, api_key_hash, created_at) \
            VALUES ('{id}', 'c', 'Tea {id}', '茶', 'p', 'T+1', 1, $1, 7)"
        );
        let hash = id.as_bytes().to_vec();
        let unit = records.write(move |txn| {
            Box::pin(async move { rows::execute(txn, &sql, vec![hash.into()]).await.map(drop) })
        });
        unit.await
    };
    let records = Records::open(&url, &[before]).await.expect("records");
    insert(&records, "a").await.expect("stored");
    insert(&records, "b").await.expect_err("one a customer");
    records.close().await;
    let records = Records::open(&url, &[members::MIGRATIONS]).await.expect("upgraded");
    insert(&records, "b").await.expect("stored");
    let sql = "SELECT name_en, advance_d0 FROM member_merchant WHERE customer = 'c' ORDER BY id";
    let read = |row: &rows::Row<'_>| Ok((row.text("name_en")?, row.number("advance_d0")?));
    let kept = rows::select(records.db(), "member_merchant", sql, Vec::new(), read).await;
    assert_eq!(kept.expect("read"), [("Tea a".to_owned(), 1), ("Tea b".to_owned(), 1)]);
}
