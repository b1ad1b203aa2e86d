//! The eve of the day: merchants and people sign up, and money of earlier days is on the books.

use super::Stage;
use super::progress::Progress;
use super::script::{Action, Person, STOLEN_DEVICES, Script, Shop};
use anyhow::{Context as _, Result, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use ledger::TransactionHead;
use members::keypad::{self, Binding, Envelope};
use members::{
    CardClaim, Class, CodePurpose, Cycle, Further, IdType, Members, NewMerchant, NewUser,
    RealNameClaim, RealNameOutcome,
};
use money::Amount;
use std::collections::BTreeSet;
use types::{Masked, MerchantId, Text, Timestamp, TransactionId, UserId};

/// How many registrations are under way at once.
const LANES: usize = 32;
/// What a password-free agreement allows an order, and a day, fen.
const AGREED: (u64, u64) = (10_000, 30_000);

/// Who was registered, by their place in the script.
pub struct Founded {
    /// The merchants.
    pub shops: Vec<MerchantId>,
    /// Everybody's first user.
    pub people: Vec<UserId>,
}

/// Registers everybody of the script.
pub async fn found(stage: &Stage, script: &Script, progress: &Progress) -> Result<Founded> {
    let now = script.date.plus_days(-1).start().plus_seconds(9 * 3600);
    blacklist(stage, now).await?;
    let shops = register_shops(stage, script, now).await?;
    let bar = progress.stage(
        u64::try_from(script.people.len())?,
        "Registering and verifying people",
        "用户注册与实名认证",
    );
    let people = stream::iter(script.people.iter())
        .map(|person| {
            let bar = bar.clone();
            async move {
                let user = register_person(stage, person, now).await?;
                bar.inc(1);
                anyhow::Ok(user)
            }
        })
        .buffered(LANES)
        .try_collect()
        .await?;
    bar.finish();
    let founded = Founded { shops, people };
    agree(stage, script, &founded, now).await?;
    Ok(founded)
}

/// Devices reported stolen are on the black list before the day begins.
async fn blacklist(stage: &Stage, now: Timestamp) -> Result<()> {
    for device in STOLEN_DEVICES {
        let entry = risk::ListEntry {
            listed: risk::Listed::Device,
            value: device.to_owned(),
            level: risk::Level::Black,
            source: "demo".to_owned(),
            reason: "reported stolen 已报失".to_owned(),
            expires_at: None,
            created_at: now,
        };
        stage.institution.risk.list(entry).await?;
    }
    Ok(())
}

async fn register_shops(stage: &Stage, script: &Script, now: Timestamp) -> Result<Vec<MerchantId>> {
    let members = &stage.institution.members;
    stream::iter(script.shops.iter())
        .map(|shop: &Shop| async move {
            let credentials = members
                .register_merchant(
                    NewMerchant {
                        name: Text::new(&shop.en, &shop.zh),
                        uscc: Masked::new(&shop.credit_code),
                        legal_name: None,
                        fee_plan: shop.fee_plan.to_owned(),
                        cycle: Cycle::T1,
                        advance_d0: shop.advance,
                        webhook_url: None,
                    },
                    now,
                )
                .await?;
            anyhow::Ok(credentials.merchant)
        })
        .buffered(LANES)
        .try_collect()
        .await
}

async fn register_person(stage: &Stage, person: &Person, now: Timestamp) -> Result<UserId> {
    let members = &stage.institution.members;
    let user = members.register(new_user(&person.phone), now).await?;
    let outcome = members.verify_real_name(user, claim(person), now).await?;
    let RealNameOutcome::Verified(verified) = outcome else {
        bail!("{} is known already although the folder is new", person.phone);
    };
    let binding = Members::set_password_binding();
    let envelope = seal(members, user, &binding, &person.password, now).await?;
    members.set_payment_password(user, &envelope, now).await?;
    if let Some(phone) = &person.second_phone {
        merge(stage, person, user, phone, now).await?;
    }
    deposit(stage, verified.account, person.opening_minor).await?;
    Ok(user)
}

/// The same person registers again and is merged into the customer, authorised by the payment
/// password of the first user and a code to its phone.
async fn merge(
    stage: &Stage,
    person: &Person,
    first: UserId,
    phone: &str,
    now: Timestamp,
) -> Result<()> {
    let members = &stage.institution.members;
    let second = members.register(new_user(phone), now).await?;
    let outcome = members.verify_real_name(second, claim(person), now).await?;
    if !matches!(outcome, RealNameOutcome::MergeRequired(_)) {
        bail!("the second registration of a known person was not asked to merge");
    }
    let binding = Members::merge_binding(second);
    let envelope = seal(members, first, &binding, &person.password, now).await?;
    members.send_code(first, CodePurpose::Merge, &second.to_string(), now).await?;
    let code = stage.simulators.message_to(&person.phone).context("no code was sent")?;
    members.merge(second, claim(person), first, &envelope, &code, now).await?;
    Ok(())
}

/// What the person has from earlier days arrives by bank transfer.
async fn deposit(stage: &Stage, account: types::AccountId, minor: u64) -> Result<()> {
    let id = TransactionId::of(&[b"opening deposit", &account.as_u128().to_be_bytes()]);
    let institution = &stage.institution;
    let transaction = institution.templates.transaction(
        "deposit",
        TransactionHead::new(id),
        &[("payee", account)],
        &[("amount", Amount::new(minor)?)],
    )?;
    institution.book.post(transaction).await?;
    Ok(())
}

/// Everybody who will pay a shop without a password agrees to that beforehand.
async fn agree(stage: &Stage, script: &Script, founded: &Founded, now: Timestamp) -> Result<()> {
    let mut pairs = BTreeSet::new();
    for lane in script.slices.iter().flatten() {
        for step in &lane.steps {
            if let Action::PayFromBalance { shop, with_password: false, .. } = step.action {
                pairs.insert((lane.person, shop));
            }
        }
    }
    let (per_order, per_day) = (Amount::new(AGREED.0)?, Amount::new(AGREED.1)?);
    stream::iter(pairs)
        .map(|(person, shop)| async move {
            let user = *founded.people.get(person).context("a person of the script")?;
            let merchant = *founded.shops.get(shop).context("a shop of the script")?;
            let members = &stage.institution.members;
            members.agree_password_free(user, merchant, per_order, per_day, now).await?;
            anyhow::Ok(())
        })
        .buffer_unordered(LANES)
        .try_collect()
        .await
}

fn new_user(phone: &str) -> NewUser {
    NewUser { phone: Masked::new(phone), email: None, login_name: None }
}

fn claim(person: &Person) -> RealNameClaim {
    let card = |number: &String| CardClaim {
        number: Masked::new(number),
        phone: Masked::new(&person.phone),
    };
    RealNameClaim {
        name: Masked::new(&person.name),
        id_type: IdType::ResidentId,
        id_number: Masked::new(&person.id_number),
        cards: person.cards.iter().map(card).collect(),
        further: Further::default(),
        wanted: match person.cards.len() {
            0..=1 => Class::I,
            2 => Class::II,
            _ => Class::III,
        },
    }
}

/// Types a password on the key pad: asks for a nonce and seals it for one use.
pub async fn seal(
    members: &Members,
    user: UserId,
    binding: &Binding,
    password: &str,
    now: Timestamp,
) -> Result<Envelope> {
    let nonce = members.password_nonce(user, now).await?;
    let key = members.password_public_key();
    Ok(keypad::seal(&key, &nonce, user, binding, password, now, &crate::chance::SystemRandom)?)
}
