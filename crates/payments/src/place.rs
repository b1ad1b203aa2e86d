//! Placing an order: form, idempotency, freeze and lists, limits, risk, authentication, and then
//! the book.
//!
//! What can be looked up is looked up before the order is written, so that a hopeless order costs
//! one write. None of it is a decision: freeze, limits and balance are decided by the book, in the
//! one transaction that sets the money aside.

use members::{AgreementKind, Credentials, FactorStrength, Payer, Purpose};
use money::Amount;
use risk::{Decision, Factor, Outcome};
use types::{AccountId, Problem, Timestamp};

use crate::authenticate::Shown;
use crate::begin;
use crate::engine::Engine;
use crate::judge;
use crate::model::form::{self, Formed};
use crate::model::order::{Failure, Kind, Order, Stage};
use crate::model::plan::Quota;
use crate::model::request::{Auth, Method, NewOrder};
use crate::moment::Moment;
use crate::problems;
use crate::store::Entry;

/// Who is concerned, with their accounts.
struct Parties {
    payer: Payer,
    payee: Option<AccountId>,
    receivable: Option<AccountId>,
}

/// How a new order goes on once its authentication was looked at.
enum Next {
    /// To the book; by what the payer is the payer.
    Go(String),
    /// It waits.
    Wait(Failure),
    /// It fails.
    Fail(Failure),
}

impl Engine {
    pub(crate) async fn place(&self, new: NewOrder, now: Timestamp) -> Result<Order, Problem> {
        let moment = Moment::new(now);
        let formed = form::order(&new, self.config.max_order)?;
        let _alone = self.keys.lock(format!("{}/{}", formed.scope, formed.key)).await;
        if let Some(first) = self.first(&formed).await? {
            return Ok(first);
        }
        let parties = self.parties(&new, formed.amount).await?;
        let mut entry = draft(&new, &formed, &parties, now);
        let Some(_driving) = self.busy.take(entry.order.id) else {
            return Err(problems::order_busy());
        };
        let hopeless = match self.standing(&new, &parties, now).await? {
            Some(failure) => Some(failure),
            None => self.limits(&mut entry, &new, now).await?,
        };
        let account = parties.payer.account.and_then(|id| self.keeper().account(id));
        let standing = judge::Standing {
            payer: &parties.payer,
            available: account.map(|account| account.available()),
            refused: hopeless.as_ref(),
        };
        let event = judge::order(&new, &entry.order, &standing);
        let decision = self.judge(&mut entry, &event, moment);
        let rejected = decision.outcome == Outcome::Reject;
        if let Some(failure) = hopeless.or_else(|| rejected.then(problems::risk_rejected)) {
            return self.fail_new(&formed, entry, failure, decision, moment).await;
        }
        entry.plan.review = judge::needs_review(&decision);
        entry.plan.password_asked = decision.outcome == Outcome::StepUp;
        entry.plan.any_device_key =
            matches!(new.auth, Auth::DeviceKey) && !entry.plan.password_asked;
        match self.authenticate_new(&new, &entry, now).await? {
            Next::Fail(failure) => self.fail_new(&formed, entry, failure, decision, moment).await,
            Next::Wait(failure) => {
                self.await_factor(&formed, entry, failure, decision, moment).await
            }
            Next::Go(by) => {
                entry.trail.step(moment.now(), "authenticated", by);
                self.go(&formed, entry, decision, moment).await
            }
        }
    }

    /// Writes a new order that waits for a stronger factor.
    async fn await_factor(
        &self,
        formed: &Formed,
        mut entry: Entry,
        failure: Failure,
        decision: Decision,
        moment: Moment,
    ) -> Result<Order, Problem> {
        let until = moment.given().plus_seconds(self.config.authentication_seconds);
        entry.order.stage = Stage::AwaitingFactor;
        entry.order.next_at = Some(until);
        entry.trail.step(moment.now(), "authentication_required", failure.code.clone());
        entry.order.failure = Some(failure);
        let first = self.write_or_find(formed, &entry, decision).await?;
        Ok(first.unwrap_or(entry.order))
    }

    /// Finds everyone the order names.
    async fn parties(&self, new: &NewOrder, amount: Amount) -> Result<Parties, Problem> {
        let payer = self.members.payer(new.payer).await.map_err(|error| match error {
            members::Error::NotFound { .. } => problems::user_not_found(),
            error => error.into(),
        })?;
        let payee = match (new.merchant, new.payee) {
            (Some(id), _) => {
                Some(self.members.merchant(id).ok_or_else(problems::merchant_not_found)?.pending)
            }
            (None, Some(user)) => Some(self.payee(user).await?),
            (None, None) if new.kind == Kind::TopUp => payer.account,
            (None, None) => None,
        };
        // A card payment needs no account here; everything else moves the payer's balance.
        let by_card = new.kind == Kind::Payment && matches!(new.method, Method::Channel { .. });
        if payer.account.is_none() && !by_card {
            return Err(problems::real_name_required());
        }
        let receivable = match &new.method {
            Method::Balance => None,
            Method::Channel { code, instrument } => {
                let kind = judge::channel_kind(new.kind);
                self.channels.choose(code, kind, amount, Some(instrument))?;
                Some(channels::receivable(code, money::CNY))
            }
        };
        Ok(Parties { payer, payee, receivable })
    }

    async fn payee(&self, user: types::UserId) -> Result<AccountId, Problem> {
        match self.members.payer(user).await {
            Ok(payee) => payee.account.ok_or_else(problems::payee_not_found),
            Err(members::Error::NotFound { .. }) => Err(problems::payee_not_found()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a freeze bars the payer, as far as can be seen before the book decides.
    async fn standing(
        &self,
        new: &NewOrder,
        parties: &Parties,
        now: Timestamp,
    ) -> Result<Option<Failure>, Problem> {
        let blocked =
            parties.payer.account.and_then(|id| self.keeper().account(id)).is_some_and(|account| {
                match new.kind {
                    Kind::TopUp => account.controls.credits_blocked,
                    _ => account.controls.debits_blocked,
                }
            });
        let by_card = new.kind == Kind::Payment && matches!(new.method, Method::Channel { .. });
        if blocked && !by_card {
            return Ok(Some(self.payer_frozen(Some(new.payer), now).await));
        }
        // A card payment does not touch the payer's account: only a freeze of the person bars it.
        if by_card {
            let standing = self.members.standing(new.payer, now).await?;
            return Ok(match standing {
                members::Standing::CustomerFrozen => Some(problems::frozen("customer_frozen")),
                members::Standing::UserFrozen => Some(problems::frozen("user_frozen")),
                members::Standing::Active | members::Standing::AccountFrozen => None,
            });
        }
        Ok(None)
    }

    /// Finds the limits that the order uses up, and whether it is hopeless against them, the
    /// balance or the reserve. What passes here is decided again by the book.
    async fn limits(
        &self,
        entry: &mut Entry,
        new: &NewOrder,
        now: Timestamp,
    ) -> Result<Option<Failure>, Problem> {
        let order = &entry.order;
        if let (Some(kind), Some(merchant)) = (agreement(&new.auth), new.merchant) {
            let (payer, amount) = (new.payer, order.amount);
            match self.members.agreement_quota(kind, payer, merchant, amount, now).await {
                Ok(leg) => entry.plan.quotas.push(quota(&leg)),
                Err(
                    error @ (members::Error::NoAgreement | members::Error::LimitExceeded { .. }),
                ) => {
                    return Ok(Some(problems::failure_of(error.into())));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(purpose) = purpose(order) {
            let payer = self.members.payer(new.payer).await?;
            if let Err(refusal) = self.members.check_use(&payer, purpose, now) {
                return Ok(Some(problems::failure_of(refusal.into())));
            }
        }
        let strength = new.auth.promised().strength();
        let quotas = self.quotas(order, strength, now).await?;
        entry.plan.quotas.extend(quotas);
        Ok(self.hopeless(entry))
    }

    /// The regulator's limits that this order uses up: those of payments and transfers from the
    /// balance.
    pub(crate) async fn quotas(
        &self,
        order: &Order,
        strength: FactorStrength,
        now: Timestamp,
    ) -> Result<Vec<Quota>, Problem> {
        let limited = matches!(order.kind, Kind::Payment | Kind::Transfer);
        let customer = order.customer.filter(|_| limited && order.channel.is_none());
        let Some(customer) = customer else { return Ok(Vec::new()) };
        let legs = self.members.quotas(customer, strength, now).await?;
        Ok(legs.iter().map(quota).collect())
    }

    /// Whether the order cannot pass as things stand.
    fn hopeless(&self, entry: &Entry) -> Option<Failure> {
        let (order, plan) = (&entry.order, &entry.plan);
        let wanted = i128::from(order.amount.minor());
        let available = |id| self.keeper().account(id).map(|account| account.available());
        for quota in &plan.quotas {
            let left = available(quota.left)?;
            if left < wanted {
                return Some(problems::limit_exceeded(quota, left));
            }
        }
        let from_balance = match order.kind {
            Kind::Payment => order.channel.is_none(),
            Kind::Transfer | Kind::Withdrawal => true,
            Kind::TopUp | Kind::Refund => false,
        };
        if from_balance && available(plan.payer?)? < wanted {
            return Some(problems::insufficient_available());
        }
        None
    }

    async fn authenticate_new(
        &self,
        new: &NewOrder,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<Next, Problem> {
        let shown = match &new.auth {
            Auth::Password(envelope) => &Credentials::password(envelope.clone()),
            Auth::Factors(shown) => shown.as_ref(),
            Auth::DeviceKey => return Ok(Next::Wait(problems::device_key_required())),
            Auth::PasswordFree | Auth::Withholding | Auth::ByChannel => {
                let missing = || Next::Wait(problems::authentication_required());
                let go = || Next::Go(new.auth.word().to_owned());
                return Ok(if entry.plan.password_asked { missing() } else { go() });
            }
        };
        Ok(match self.show(&entry.order, &entry.plan, shown, now).await? {
            Shown::Enough(factors) => Next::Go(factors.words()),
            Shown::NotEnough(problem) => Next::Wait(problems::failure_of(problem)),
            Shown::Locked(problem) | Shown::NotSet(problem) => {
                Next::Fail(problems::failure_of(problem))
            }
        })
    }
}

fn quota(leg: &members::QuotaLeg) -> Quota {
    Quota {
        code: leg.limit_code.to_owned(),
        left: leg.left,
        used: leg.used,
        asset: leg.asset,
        limit: leg.limit,
        resets_at: leg.resets_at,
    }
}

/// What the balance is used for, where the regulator asks.
fn purpose(order: &Order) -> Option<Purpose> {
    match order.kind {
        Kind::Payment if order.channel.is_none() => Some(Purpose::Consumption),
        Kind::Transfer => Some(Purpose::Transfer),
        // To the holder's own bank account, or no use of the balance at all.
        Kind::Payment | Kind::Withdrawal | Kind::TopUp | Kind::Refund => None,
    }
}

/// Under which agreement an order is made, if it is.
const fn agreement(auth: &Auth) -> Option<AgreementKind> {
    match auth {
        Auth::PasswordFree => Some(AgreementKind::PasswordFree),
        Auth::Withholding => Some(AgreementKind::Withholding),
        Auth::Password(_) | Auth::Factors(_) | Auth::DeviceKey | Auth::ByChannel => None,
    }
}

fn draft(new: &NewOrder, formed: &Formed, parties: &Parties, at: Timestamp) -> Entry {
    let mut entry = begin::entry(formed, at);
    if let Method::Channel { code, instrument } = &new.method {
        entry.order.channel = Some(code.clone());
        entry.plan.instrument = Some(instrument.clone());
    }
    entry.order.payer = Some(new.payer);
    entry.order.customer = parties.payer.customer;
    entry.order.merchant = new.merchant;
    entry.order.payee = new.payee;
    entry.plan.payer = parties.payer.account;
    entry.plan.payee = parties.payee;
    entry.plan.receivable = parties.receivable;
    entry
}

/// Whether the payment password is all that a decision asks for.
pub(crate) fn password_suffices(decision: &Decision) -> bool {
    decision.factors.iter().all(|factor| *factor == Factor::PaymentPassword)
}
