//! Primary and secondary users: whose password opens whose orders.

use crate::support::{House, PASSWORD, code, fen, noon, to_sign};
use members::keypad::{Binding, Envelope};
use members::{
    Credentials, Error, Factor, FreezeLevel, Members, MembersConfig, NewEntry, Scope, Target,
};
use records::approvals::Decision;
use types::{Timestamp, UserId};

const WRONG: &str = "830593";

fn order(no: &str) -> Binding {
    Binding { order: no.to_owned(), amount: fen(100), payee: "mer_1".to_owned() }
}

impl House {
    /// A person with a password and `others` more users.
    async fn family(&self, others: u64) -> (UserId, Vec<UserId>) {
        let first = self.with_password(1).await.user;
        let mut joined = Vec::new();
        for n in 0..others {
            let user = self.register(101 + n).await;
            // A code a minute.
            let at = noon().plus_seconds(i64::try_from(n).expect("few") * 120);
            joined.push(self.joined(user, first, at).await.user);
        }
        (first, joined)
    }

    async fn link(&self, user: UserId, primary: UserId) -> Result<(), Error> {
        let binding = Members::secondary_binding(user);
        let envelope = self.seal(primary, &binding, PASSWORD, noon()).await;
        self.members.make_secondary(user, primary, &envelope, noon()).await
    }

    async fn password_of(&self, user: UserId) {
        let binding = Members::set_password_binding();
        let envelope = self.seal(user, &binding, PASSWORD, noon()).await;
        self.members.set_payment_password(user, &envelope, noon()).await.expect("set");
    }

    /// Sealed by the primary for an order of its secondary.
    async fn sealed(&self, primary: UserId, user: UserId, no: &str, password: &str) -> Envelope {
        let binding = Members::primary_binding(user, &order(no));
        self.seal(primary, &binding, password, noon()).await
    }

    async fn opens(&self, user: UserId, no: &str, envelope: &Envelope) -> Result<UserId, Error> {
        self.members.verify_order_password(user, envelope, &order(no), noon()).await
    }

    async fn actions_on(&self, subject: UserId) -> Vec<(String, String)> {
        let lines = records::audit::list(&self.records, Some(&subject.to_string()), None, 10).await;
        lines.expect("read").into_iter().map(|line| (line.actor, line.action)).collect()
    }
}

#[tokio::test]
async fn a_primarys_password_opens_its_secondarys_orders() {
    let house = House::open().await;
    let (primary, others) = house.family(2).await;
    let (user, bystander) = (others[0], others[1]);
    let before = house.sealed(primary, user, "o", PASSWORD).await;
    assert_eq!(code(house.opens(user, "o", &before).await), "envelope_invalid");
    house.link(user, primary).await.expect("linked");
    house.link(user, primary).await.expect("as before");

    let envelope = house.sealed(primary, user, "o", PASSWORD).await;
    assert_eq!(house.opens(user, "o", &envelope).await.expect("opens"), primary);
    assert_eq!(code(house.opens(user, "o", &envelope).await), "nonce_unknown");
    let shown = Credentials {
        password: Some(house.sealed(primary, user, "p", PASSWORD).await),
        ..Credentials::default()
    };
    let (bound, signed) = (order("p"), to_sign(&order("p")));
    let factors = house.members.authenticate(user, &shown, &bound, &signed, noon()).await;
    assert!(factors.expect("opens") == [Factor::PaymentPassword].into_iter().collect());
    // Its own password is its own as before.
    house.password_of(user).await;
    let own = house.seal(user, &order("q"), PASSWORD, noon()).await;
    assert_eq!(house.opens(user, "q", &own).await.expect("opens"), user);

    let (opened, linked) = ("member.primary_opened".to_owned(), "member.secondary".to_owned());
    let by = primary.to_string();
    let actions = house.actions_on(user).await;
    assert_eq!(actions[..3], [(by.clone(), opened.clone()), (by.clone(), opened), (by, linked)]);
    let shown = house.members.customer(
        house.members.payer(user).await.expect("known").customer.expect("verified"),
        noon(),
    );
    let secondaries = shown.await.expect("known").secondaries;
    assert_eq!(secondaries.len(), 1);
    assert_eq!((secondaries[0].user, secondaries[0].primary), (user, primary));

    // Sealed for anything else it opens nothing: another order, another secondary, its own order.
    let elsewhere = house.sealed(primary, user, "x", PASSWORD).await;
    assert_eq!(code(house.opens(user, "o", &elsewhere).await), "envelope_invalid");
    let others = house.sealed(primary, bystander, "o", PASSWORD).await;
    assert_eq!(code(house.opens(user, "o", &others).await), "envelope_invalid");
    assert_eq!(code(house.opens(bystander, "o", &others).await), "envelope_invalid");
    let its_own = house.seal(primary, &order("o"), PASSWORD, noon()).await;
    assert_eq!(code(house.opens(user, "o", &its_own).await), "envelope_invalid");
    assert_eq!(house.opens(primary, "o", &its_own).await.expect("its own"), primary);
    // Nor does a secondary's open its primary's.
    let upwards = house.sealed(user, primary, "o", PASSWORD).await;
    assert_eq!(code(house.opens(primary, "o", &upwards).await), "envelope_invalid");
}

#[tokio::test]
async fn wrong_tries_are_counted_and_locked_at_the_primary() {
    let house = House::open().await;
    let (primary, others) = house.family(1).await;
    let user = others[0];
    house.password_of(user).await;
    house.link(user, primary).await.expect("linked");
    let mut codes = Vec::new();
    for _ in 0..5 {
        let envelope = house.sealed(primary, user, "o", WRONG).await;
        codes.push(code(house.opens(user, "o", &envelope).await));
    }
    assert_eq!(codes, ["password_wrong"; 5]);
    let right = house.sealed(primary, user, "o", PASSWORD).await;
    assert_eq!(code(house.opens(user, "o", &right).await), "password_locked");
    let at_home = house.seal(primary, &order("o"), PASSWORD, noon()).await;
    assert_eq!(code(house.opens(primary, "o", &at_home).await), "password_locked");
    let own = house.seal(user, &order("o"), PASSWORD, noon()).await;
    assert_eq!(house.opens(user, "o", &own).await.expect("its own is not locked"), user);
    assert_eq!(code(house.link(user, primary).await), "password_locked");
}

#[tokio::test]
async fn a_frozen_primary_opens_nothing() {
    let house = House::open().await;
    let (primary, others) = house.family(2).await;
    house.link(others[0], primary).await.expect("linked");
    let entry = NewEntry {
        target: Target::User(primary),
        who: "op-1".into(),
        reason: "lost".into(),
        document: None,
        level: FreezeLevel::Own,
        scope: Scope::Debit,
        until: None,
    };
    let entry = house.members.freeze(entry, noon()).await.expect("frozen");
    let wrong = house.sealed(primary, others[0], "o", WRONG).await;
    assert_eq!(code(house.opens(others[0], "o", &wrong).await), "primary_barred");
    let right = house.sealed(primary, others[0], "o", PASSWORD).await;
    assert_eq!(code(house.opens(others[0], "o", &right).await), "primary_barred");
    assert_eq!(code(house.link(others[1], primary).await), "primary_barred");
    house.members.lift(entry, FreezeLevel::Own, "op-1", "found", noon()).await.expect("lifted");
    let again = house.sealed(primary, others[0], "o", PASSWORD).await;
    assert_eq!(house.opens(others[0], "o", &again).await.expect("opens"), primary);
}

#[tokio::test]
async fn who_may_be_whose() {
    let most = MembersConfig { most_secondaries: 1, ..MembersConfig::default() };
    let house = House::with(most).await;
    let (a, others) = house.family(3).await;
    let (b, c, d) = (others[0], others[1], others[2]);
    house.password_of(b).await;
    house.password_of(c).await;
    let stranger = house.verified(2, members::Class::I).await.user;
    let unverified = house.register(3).await;
    for other in [stranger, unverified, UserId::from_u128(7)] {
        assert_eq!(code(house.link(other, a).await), "secondary_other_customer");
    }
    assert_eq!(code(house.link(a, a).await), "secondary_chain");
    house.link(b, a).await.expect("linked");
    assert_eq!(code(house.link(a, b).await), "secondary_chain");
    assert_eq!(code(house.link(c, b).await), "secondary_chain");
    assert_eq!(code(house.link(a, c).await), "secondary_chain");
    assert_eq!(code(house.link(b, c).await), "secondary_has_primary");
    assert_eq!(code(house.link(c, a).await), "secondaries_exceeded");
    house.link(d, c).await.expect("linked");
    let sealed = house.seal(a, &Members::secondary_binding(c), WRONG, noon()).await;
    let wrong = house.members.make_secondary(c, a, &sealed, noon()).await;
    assert_eq!(code(wrong), "password_wrong");

    // Either ends it; nobody else does.
    assert_eq!(code(house.members.end_secondary(b, c, noon()).await), "primary_not_set");
    house.members.end_secondary(b, b, noon()).await.expect("by the secondary");
    assert_eq!(code(house.members.end_secondary(b, b, noon()).await), "primary_not_set");
    house.members.end_secondary(d, c, noon()).await.expect("by the primary");
    let end = "member.secondary_end".to_owned();
    assert_eq!(house.actions_on(d).await[0], (c.to_string(), end));
    let envelope = house.sealed(a, b, "o", PASSWORD).await;
    assert_eq!(code(house.opens(b, "o", &envelope).await), "envelope_invalid");
}

#[tokio::test]
async fn links_made_at_once_make_neither_chain_nor_more_than_may_be() {
    let most = MembersConfig { most_secondaries: 2, ..MembersConfig::default() };
    let house = House::with(most).await;
    let (a, others) = house.family(4).await;
    for user in &others {
        house.password_of(*user).await;
    }
    let everybody: Vec<UserId> = [a].into_iter().chain(others).collect();
    let mut tries = Vec::new();
    for primary in &everybody {
        for user in &everybody {
            let binding = Members::secondary_binding(*user);
            let envelope = house.seal(*primary, &binding, PASSWORD, noon()).await;
            let (members, user, primary) = (house.members.clone(), *user, *primary);
            tries.push(tokio::spawn(async move {
                members.make_secondary(user, primary, &envelope, noon()).await
            }));
        }
    }
    let mut done = 0;
    for one in tries {
        done += usize::from(one.await.expect("ran").is_ok());
    }
    let customer = house.members.payer(a).await.expect("known").customer.expect("verified");
    let made = house.members.customer(customer, noon()).await.expect("known").secondaries;
    assert_eq!(made.len(), done);
    assert!(done > 0);
    for one in &made {
        assert!(made.iter().all(|other| other.user != one.primary), "a chain");
        let of = made.iter().filter(|other| other.primary == one.primary).count();
        assert!(of <= 2, "{of} secondaries");
    }
}

#[tokio::test]
async fn who_leaves_the_customer_is_nobodys_primary_or_secondary() {
    let house = House::open().await;
    let (primary, others) = house.family(2).await;
    for user in &others {
        house.link(*user, primary).await.expect("linked");
    }
    let unmerged = async |user: UserId| {
        let asked = house.members.ask_unmerge(user, "mei", "merged in error", noon()).await;
        let (checker, note) = ("lin".to_owned(), "looked at".to_owned());
        let decision = Decision { checker, approve: true, note };
        let nothing: members::Alongside = Box::new(|_, _| Box::pin(async { Ok(()) }));
        let number = asked.expect("asked");
        let done = house.members.decide_unmerge(number, decision, nothing, noon()).await;
        done.expect("decided").expect("approved")
    };
    let split = unmerged(others[0]).await;
    let envelope = house.sealed(primary, others[0], "o", PASSWORD).await;
    assert_eq!(code(house.opens(others[0], "o", &envelope).await), "envelope_invalid");
    let left = house.members.customer(split.from, noon()).await.expect("known").secondaries;
    assert_eq!(left.iter().map(|one| one.user).collect::<Vec<_>>(), [others[1]]);
    unmerged(primary).await;
    let envelope = house.sealed(primary, others[1], "o", PASSWORD).await;
    assert_eq!(code(house.opens(others[1], "o", &envelope).await), "envelope_invalid");
    let left = house.members.customer(split.from, noon()).await.expect("known").secondaries;
    assert!(left.is_empty());
}

/// Six months without a transaction suspend the primary's account: it opens nothing until its
/// identity is checked again, and the relation stays.
#[tokio::test]
async fn a_dormant_primary_opens_nothing_until_it_is_woken() {
    let house = House::open().await;
    let (primary, others) = house.family(1).await;
    let user = others[0];
    house.link(user, primary).await.expect("linked");
    let account = house.members.payer(user).await.expect("known").account.expect("opened");
    house.deposit(account, fen(100)).await;
    let later = testkit::moment("2027-05-12T12:00:00+08:00");
    assert_eq!(house.members.suspend_dormant(later).await.expect("looked"), 1);
    let open = async |at: Timestamp| {
        let binding = Members::primary_binding(user, &order("o"));
        let envelope = house.seal(primary, &binding, PASSWORD, at).await;
        house.members.verify_order_password(user, &envelope, &order("o"), at).await
    };
    assert_eq!(code(open(later).await), "primary_barred");
    let claim = crate::support::claim(1, members::Class::I);
    let checked = house.members.verify_real_name(primary, claim, later).await;
    crate::support::verified(checked);
    assert_eq!(open(later).await.expect("opens"), primary);
}
