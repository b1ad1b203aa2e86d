//! Playing the day: every person's steps in order, thousands of people side by side.

use super::Stage;
use super::founding::{Founded, seal};
use super::script::{
    Action, Device, Instrument, Lane, Person, SLICE_MINUTES, STOLEN_DEVICES, Script, Step,
};
use anyhow::{Context as _, Result, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use members::Credentials;
use payments::{Auth, Kind, Method, NewOrder, NewRefund, Order, Origin, Status};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use types::{OrderId, Timestamp};

/// How many people act at once.
const LANES: usize = 48;
/// How often an order whose channel does not answer is looked after before the day is called stuck.
const ROUNDS: u32 = 400;
/// The institution's operator in the demo.
const OPERATOR: &str = "demo";

/// The day as it is being played.
pub struct Day {
    stage: Arc<Stage>,
    script: Arc<Script>,
    founded: Arc<Founded>,
    /// Payments that may be refunded, by the step's number.
    paid: Mutex<BTreeMap<u64, Paid>>,
}

#[derive(Clone, Copy)]
struct Paid {
    order: OrderId,
    shop: usize,
    amount: u64,
}

impl Day {
    /// A day about to begin.
    pub fn new(stage: Arc<Stage>, script: Arc<Script>, founded: Arc<Founded>) -> Arc<Self> {
        Arc::new(Self { stage, script, founded, paid: Mutex::default() })
    }

    /// Plays every slice; after each, orders whose channel gave no clear answer are looked after.
    pub async fn play(self: &Arc<Self>, bar: &ProgressBar) -> Result<()> {
        let mut end = self.script.date.start();
        for index in 0..self.script.slices.len() {
            end = end.plus_seconds(i64::try_from(SLICE_MINUTES)?.saturating_mul(60));
            // Transfers reach into another person's account: they come when everybody else is done.
            for transfers in [false, true] {
                self.play_slice(index, transfers, bar).await?;
            }
            self.stage.clock.advance_to(end);
            self.settle_unknown(end).await?;
        }
        Ok(())
    }

    async fn play_slice(
        self: &Arc<Self>,
        index: usize,
        transfers: bool,
        bar: &ProgressBar,
    ) -> Result<()> {
        let lanes = self.script.slices.get(index).map_or(0, Vec::len);
        stream::iter(0..lanes)
            .map(|lane| {
                let (day, bar) = (Arc::clone(self), bar.clone());
                tokio::spawn(async move {
                    let lanes = day.script.slices.get(index);
                    let lane = lanes.and_then(|lanes| lanes.get(lane)).context("a lane")?;
                    day.play_lane(lane, transfers, &bar).await
                })
            })
            .buffer_unordered(LANES)
            .map(|joined| joined?)
            .try_collect()
            .await
    }

    async fn play_lane(&self, lane: &Lane, transfers: bool, bar: &ProgressBar) -> Result<()> {
        for step in &lane.steps {
            if matches!(step.action, Action::Transfer { .. }) != transfers {
                continue;
            }
            self.step(lane.person, step)
                .await
                .with_context(|| format!("step {} of {:?}", step.number, step.action))?;
            bar.inc(1);
        }
        Ok(())
    }

    async fn step(&self, person: usize, step: &Step) -> Result<()> {
        if let Action::Refund { of, percent } = step.action {
            return self.refund(person, step, of, percent).await;
        }
        self.order(person, step, &step.action).await
    }

    /// Places an order, and enters the password where risk control asks for it.
    async fn order(&self, person: usize, step: &Step, action: &Action) -> Result<()> {
        let new = self.new_order(person, step, action).await?;
        let payments = &self.stage.institution.payments;
        let (binding, payer) = (new.binding()?, new.payer);
        let mut order = payments.place(new, step.at).await?;
        if order.status() == Status::AuthenticationRequired {
            let members = &self.stage.institution.members;
            let password = &self.person(person)?.password;
            let envelope = seal(members, payer, &binding, password, step.at).await?;
            let shown = Credentials::password(envelope);
            order = payments.authenticate(order.id, shown, step.at).await?;
        }
        let (Action::PayByChannel { shop, .. } | Action::PayFromBalance { shop, .. }) = *action
        else {
            return Ok(());
        };
        let paid = Paid { order: order.id, shop, amount: order.amount.minor() };
        if let Ok(mut all) = self.paid.lock() {
            all.insert(step.number, paid);
        }
        Ok(())
    }

    async fn new_order(&self, person: usize, step: &Step, action: &Action) -> Result<NewOrder> {
        let who = self.person(person)?;
        let payer = self.user(person)?;
        let (kind, amount) = match *action {
            Action::TopUp { amount, .. } => (Kind::TopUp, amount),
            Action::PayByChannel { amount, .. } | Action::PayFromBalance { amount, .. } => {
                (Kind::Payment, amount)
            }
            Action::Transfer { amount, .. } => (Kind::Transfer, amount),
            Action::Withdraw { amount } => (Kind::Withdrawal, amount),
            Action::Refund { .. } => bail!("a refund is no order of its payer"),
        };
        let method = match *action {
            Action::TopUp { channel, .. } | Action::PayByChannel { channel, .. } => {
                through(channel, who)
            }
            Action::Withdraw { .. } => through(Instrument::Card, who),
            _ => Method::Balance,
        };
        let merchant = match *action {
            Action::PayByChannel { shop, .. } | Action::PayFromBalance { shop, .. } => {
                Some(*self.founded.shops.get(shop).context("a shop")?)
            }
            _ => None,
        };
        let payee = match *action {
            Action::Transfer { to, .. } => Some(self.user(to)?),
            _ => None,
        };
        let device = match step.device {
            Device::Usual => who.device.clone(),
            Device::Strange => format!("dev-strange-{}", step.number),
            Device::Stolen => {
                let index = usize::try_from(step.number)?.checked_rem(STOLEN_DEVICES.len());
                STOLEN_DEVICES.get(index.unwrap_or(0)).copied().unwrap_or_default().to_owned()
            }
        };
        let mut new = NewOrder {
            kind,
            merchant,
            placed_by: None,
            key: key(&self.script, step),
            payer,
            payee,
            amount: i64::try_from(amount)?,
            currency: "CNY".to_owned(),
            method,
            auth: Auth::ByChannel,
            origin: Origin { device: Some(device), ip: Some(who.ip.clone()) },
            subject: subject(action).to_owned(),
            notify_url: None,
        };
        new.auth = match *action {
            Action::TopUp { .. } | Action::PayByChannel { .. } => Auth::ByChannel,
            Action::PayFromBalance { with_password: false, .. } => Auth::PasswordFree,
            _ => {
                let members = &self.stage.institution.members;
                let binding = new.binding()?;
                Auth::Password(seal(members, payer, &binding, &who.password, step.at).await?)
            }
        };
        Ok(new)
    }

    /// Gives back part of a payment. Where the payment did not succeed there is nothing to give
    /// back, and the person tries to pay again.
    async fn refund(&self, person: usize, step: &Step, of: u64, percent: u64) -> Result<()> {
        let payments = &self.stage.institution.payments;
        let paid = self.paid.lock().ok().and_then(|all| all.get(&of).copied());
        let paid = paid.context("a refund follows its payment")?;
        let order = payments.get(paid.order).await?.context("the payment exists")?;
        if order.status() != Status::Succeeded {
            let (shop, amount) = (paid.shop, paid.amount);
            let again = Action::PayByChannel { shop, amount, channel: Instrument::Wallet };
            return self.order(person, step, &again).await;
        }
        let amount = paid.amount.saturating_mul(percent).checked_div(100).unwrap_or(0).max(1);
        payments
            .refund(
                NewRefund {
                    merchant: *self.founded.shops.get(paid.shop).context("a shop")?,
                    key: key(&self.script, step),
                    of: paid.order,
                    amount: i64::try_from(amount)?,
                    subject: "退货退款".to_owned(),
                    notify_url: None,
                },
                step.at,
            )
            .await?;
        Ok(())
    }

    /// Asks after every order whose channel gave no clear answer until each is final, or waits for
    /// a person.
    async fn settle_unknown(&self, from: Timestamp) -> Result<()> {
        let payments = &self.stage.institution.payments;
        let mut now = from;
        for _ in 0..ROUNDS {
            if payments.processing().await? == 0 {
                return Ok(());
            }
            payments.recover(now).await?;
            now = now.plus_seconds(5);
        }
        bail!("orders are still unfinished after {ROUNDS} rounds of asking")
    }

    /// Orders that wait for a person.
    async fn reviews(&self) -> Result<Vec<Order>> {
        let payments = &self.stage.institution.payments;
        let filter =
            payments::Filter { stage: Some(payments::Stage::Review), ..Default::default() };
        let mut all = Vec::new();
        let mut page = payments::Page { before: None, limit: 500 };
        loop {
            let orders = payments.list(&filter, page).await?;
            let Some(last) = orders.last() else { return Ok(all) };
            page.before = Some(last.id);
            all.extend(orders);
        }
    }

    /// The operator looks at every order under review at the end of the day: two of three pass.
    pub async fn decide_reviews(&self, now: Timestamp) -> Result<()> {
        for order in self.reviews().await? {
            let approve = order.amount.minor() % 3 != 0;
            let payments = &self.stage.institution.payments;
            payments.review_decide(order.id, approve, OPERATOR, now).await?;
        }
        self.settle_unknown(now).await
    }

    fn person(&self, person: usize) -> Result<&Person> {
        self.script.people.get(person).context("a person")
    }

    fn user(&self, person: usize) -> Result<types::UserId> {
        self.founded.people.get(person).copied().context("a user")
    }
}

fn key(script: &Script, step: &Step) -> String {
    format!("{}{:08}", script.date.compact(), step.number)
}

fn through(instrument: Instrument, who: &Person) -> Method {
    let (code, instrument) = match instrument {
        Instrument::Card => {
            let card = who.cards.first().map_or("", String::as_str);
            ("card", format!("card_{}", card.get(card.len().saturating_sub(10)..).unwrap_or(card)))
        }
        Instrument::Wallet => ("wallet", format!("wallet_{}", who.phone)),
    };
    Method::Channel { code: code.to_owned(), instrument }
}

const fn subject(action: &Action) -> &'static str {
    match action {
        Action::TopUp { .. } => "余额充值",
        Action::PayByChannel { .. } | Action::PayFromBalance { .. } => "到店消费",
        Action::Transfer { .. } => "转账",
        Action::Withdraw { .. } => "提现",
        Action::Refund { .. } => "退款",
    }
}
