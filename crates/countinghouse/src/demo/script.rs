//! The script of a business day: who exists, and who does what at which moment. A pure function
//! of the seed and the number of orders, so that the same seed plays the same day.
//!
//! Every person's steps are played in order by one lane; a person takes part in at most one
//! transfer a slice. So no outcome depends on which of two concurrent orders came first.

use super::people::{self, Draw};
use types::{BusinessDate, Timestamp};

/// The day is played in slices of this many minutes, with a pause for the stragglers after each.
pub const SLICE_MINUTES: u64 = 30;
const MINUTES_A_DAY: u64 = 24 * 60;

/// Everything that is going to happen.
pub struct Script {
    /// The business day.
    pub date: BusinessDate,
    /// The shops.
    pub shops: Vec<Shop>,
    /// The people.
    pub people: Vec<Person>,
    /// What happens, by slice of the day, then by person, in order of time.
    pub slices: Vec<Vec<Lane>>,
}

/// A merchant to be registered.
pub struct Shop {
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// The fee plan of its contract.
    pub fee_plan: &'static str,
    /// Whether it gets its money before T+1.
    pub advance: bool,
}

/// A person to be registered and verified.
pub struct Person {
    /// Name.
    pub name: String,
    /// Resident ID number.
    pub id_number: String,
    /// Mobile number of the first registration.
    pub phone: String,
    /// Mobile number of a second registration that is merged into the first, for a few.
    pub second_phone: Option<String>,
    /// Bank cards, each of another bank: the more, the higher the class.
    pub cards: Vec<String>,
    /// Payment password.
    pub password: String,
    /// Device id.
    pub device: String,
    /// Address.
    pub ip: String,
    /// Money brought from earlier days, fen.
    pub opening_minor: u64,
}

/// The steps of one person within a slice.
pub struct Lane {
    /// Index into [`Script::people`].
    pub person: usize,
    /// In order of time.
    pub steps: Vec<Step>,
}

/// One order to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Unique within the day: the caller's order number ends in it.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// From which device.
    pub device: Device,
    /// What.
    pub action: Action,
}

/// What a person, or a shop for a person, asks for. Amounts are fen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Money in from a card or wallet.
    TopUp { amount: u64, channel: Instrument },
    /// A shop is paid through a channel.
    PayByChannel { shop: usize, amount: u64, channel: Instrument },
    /// A shop is paid from the balance, under an agreement or with the payment password.
    PayFromBalance { shop: usize, amount: u64, with_password: bool },
    /// Another person is sent money, with the payment password.
    Transfer { to: usize, amount: u64 },
    /// Money out to the person's bank card, with the payment password.
    Withdraw { amount: u64 },
    /// The shop gives back part of an earlier payment: this many per cent of it.
    Refund { of: u64, percent: u64 },
}

/// From which device a step is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// The person's own.
    Usual,
    /// One never seen before.
    Strange,
    /// One reported stolen, on the black list.
    Stolen,
}

/// Devices on the black list from the start.
pub const STOLEN_DEVICES: [&str; 3] = ["dev-stolen-1", "dev-stolen-2", "dev-stolen-3"];

/// By which channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instrument {
    /// The card channel.
    Card,
    /// The wallet channel.
    Wallet,
}

/// Sizes of the day that the number of orders implies: 20,000 orders are 2,000 people and 200
/// merchants; more orders do not mean more people.
pub fn population(orders: u64) -> (u64, u64) {
    let people = orders.checked_div(10).unwrap_or(0).clamp(20, 2_000);
    let shops = orders.checked_div(100).unwrap_or(0).clamp(5, 200);
    (people, shops)
}

/// Writes the script of `orders` orders on `date`.
pub fn write(seed: u64, orders: u64, date: BusinessDate) -> Script {
    let (people, shops) = population(orders);
    let people = (0..people).map(|serial| person(seed, serial)).collect();
    let shops = (0..shops).map(|serial| shop(seed, serial)).collect();
    let mut script = Script { date, shops, people, slices: Vec::new() };
    script.slices = Day::new(seed, &script).play(orders);
    script
}

fn person(seed: u64, serial: u64) -> Person {
    let mut draw = Draw::new(seed, 1_000_000_u64.saturating_add(serial));
    // With the ID network check: one, three or five independent channels, so class I, II or III.
    let cards: usize = match draw.below(10) {
        0..=1 => 1,
        2..=6 => 2,
        _ => 4,
    };
    Person {
        name: people::name(&mut draw),
        id_number: people::id_number(&mut draw, serial),
        phone: people::phone(&mut draw, serial),
        second_phone: (serial % 200 == 7)
            .then(|| people::phone(&mut draw, serial.saturating_add(5_000_000))),
        cards: (0..cards).map(|bank| people::card(&mut draw, bank)).collect(),
        password: people::password(&mut draw),
        device: format!("dev-{seed:x}-{serial:05}"),
        ip: format!("10.{}.{}.{}", serial >> 16 & 255, serial >> 8 & 255, serial & 255),
        opening_minor: draw.between(20_000, 300_000),
    }
}

fn shop(seed: u64, serial: u64) -> Shop {
    let mut draw = Draw::new(seed, 2_000_000_u64.saturating_add(serial));
    let (en, zh) = people::shop(&mut draw, serial.saturating_add(1));
    let fee_plan = match serial % 10 {
        0..=5 => "standard",
        6..=7 => "small-ticket",
        _ => "tiered",
    };
    let credit_code = people::credit_code(&mut draw, serial);
    Shop { en, zh, credit_code, fee_plan, advance: serial == 0 }
}

/// A payment that may be refunded later in the same lane.
struct Paid {
    number: u64,
    minute: u64,
}

struct Day<'a> {
    draw: Draw,
    script: &'a Script,
    paid: Vec<Vec<Paid>>,
    /// By slice, who already takes part in a transfer.
    transferring: Vec<std::collections::BTreeSet<usize>>,
}

impl<'a> Day<'a> {
    fn new(seed: u64, script: &'a Script) -> Self {
        let paid = script.people.iter().map(|_| Vec::new()).collect();
        let slices = MINUTES_A_DAY.checked_div(SLICE_MINUTES).unwrap_or(1);
        let transferring = (0..slices).map(|_| std::collections::BTreeSet::new()).collect();
        Self { draw: Draw::new(seed, 1), script, paid, transferring }
    }

    fn play(mut self, orders: u64) -> Vec<Vec<Lane>> {
        let mut moments: Vec<u64> = (0..orders).map(|_| self.moment()).collect();
        moments.sort_unstable();
        let mut slices: Vec<std::collections::BTreeMap<usize, Vec<Step>>> =
            self.transferring.iter().map(|_| std::collections::BTreeMap::new()).collect();
        for (number, millis) in (0u64..).zip(moments) {
            let minute = millis.checked_div(60_000).unwrap_or(0);
            let slice = usize::try_from(minute / SLICE_MINUTES).unwrap_or(0);
            let (person, action, device) = self.act(number, minute, slice);
            let offset = i64::try_from(millis).unwrap_or(0).saturating_mul(1_000);
            let at = self.script.date.start().plus_micros(offset);
            let step = Step { number, at, device, action };
            if let Some(lanes) = slices.get_mut(slice) {
                lanes.entry(person).or_default().push(step);
            }
        }
        slices
            .into_iter()
            .map(|lanes| lanes.into_iter().map(|(person, steps)| Lane { person, steps }).collect())
            .collect()
    }

    /// A moment of the day in milliseconds: little at night, a hump at noon, a higher one in the
    /// evening; nothing in the last ten minutes, which belong to the day cut.
    fn moment(&mut self) -> u64 {
        let hump = |draw: &mut Draw, centre: u64, width: u64| {
            let spread: u64 = (0..4).map(|_| draw.below(width)).sum();
            centre.saturating_add(spread).saturating_sub(width.saturating_mul(2))
        };
        let minute = match self.draw.below(100) {
            0..=19 => self.draw.below(MINUTES_A_DAY),
            20..=54 => hump(&mut self.draw, 12 * 60 + 20, 140),
            _ => hump(&mut self.draw, 19 * 60 + 30, 150),
        };
        let last = MINUTES_A_DAY.saturating_sub(11);
        minute.min(last).saturating_mul(60_000).saturating_add(self.draw.below(60_000))
    }

    fn act(&mut self, number: u64, minute: u64, slice: usize) -> (usize, Action, Device) {
        let person = self.someone();
        let device = match self.draw.below(1_000) {
            0..=2 => Device::Stolen,
            3..=19 => Device::Strange,
            _ => Device::Usual,
        };
        let action = match self.draw.below(1_000) {
            0..=109 => Action::TopUp { amount: self.round_sum(), channel: self.instrument() },
            110..=659 => self.by_channel(),
            660..=899 => self.by_balance(false),
            900..=914 => self.by_balance(true),
            915..=929 => return self.transfer(person, slice, device),
            930..=939 => Action::Withdraw { amount: self.round_sum() },
            _ => self.refund(person, minute).unwrap_or_else(|| self.by_channel()),
        };
        let payment = matches!(action, Action::PayByChannel { .. } | Action::PayFromBalance { .. });
        if let (true, Some(paid)) = (payment, self.paid.get_mut(person)) {
            paid.push(Paid { number, minute });
        }
        (person, action, device)
    }

    fn someone(&mut self) -> usize {
        let many = u64::try_from(self.script.people.len()).unwrap_or(1);
        usize::try_from(self.draw.below(many)).unwrap_or(0)
    }

    /// A few shops take most of the money: the square of an even draw.
    fn some_shop(&mut self) -> usize {
        let many = u64::try_from(self.script.shops.len()).unwrap_or(1);
        let draw = self.draw.below(many.saturating_mul(many));
        usize::try_from(many.saturating_sub(1).saturating_sub(draw.isqrt())).unwrap_or(0)
    }

    fn instrument(&mut self) -> Instrument {
        if self.draw.per_mille(450) { Instrument::Card } else { Instrument::Wallet }
    }

    /// What things cost: mostly a few to a few hundred yuan, rarely thousands.
    fn price(&mut self) -> u64 {
        match self.draw.below(1_000) {
            0..=599 => self.draw.between(300, 6_000),
            600..=919 => self.draw.between(6_000, 30_000),
            920..=989 => self.draw.between(30_000, 90_000),
            _ => self.draw.between(100_000, 400_000),
        }
    }

    /// What people move: round hundreds of yuan.
    fn round_sum(&mut self) -> u64 {
        self.draw.between(1, 6).saturating_mul(10_000)
    }

    fn by_channel(&mut self) -> Action {
        let (shop, amount) = (self.some_shop(), self.price());
        Action::PayByChannel { shop, amount, channel: self.instrument() }
    }

    fn by_balance(&mut self, with_password: bool) -> Action {
        // Under an agreement people pay small sums.
        let amount = if with_password { self.price() } else { self.draw.between(200, 8_000) };
        Action::PayFromBalance { shop: self.some_shop(), amount, with_password }
    }

    /// A transfer between two people who are in no other transfer of this slice; where none are
    /// left, a payment instead.
    fn transfer(&mut self, person: usize, slice: usize, device: Device) -> (usize, Action, Device) {
        let to = self.someone();
        let free = |busy: &std::collections::BTreeSet<usize>| {
            to != person && !busy.contains(&person) && !busy.contains(&to)
        };
        let amount = self.draw.between(1_000, 50_000);
        match self.transferring.get_mut(slice) {
            Some(busy) if free(busy) => {
                busy.extend([person, to]);
                (person, Action::Transfer { to, amount }, device)
            }
            _ => (person, self.by_balance(true), device),
        }
    }

    /// Gives back a payment the person made at least an hour ago, in whole or in part, once.
    fn refund(&mut self, person: usize, minute: u64) -> Option<Action> {
        let paid = self.paid.get_mut(person)?;
        let index = paid.iter().position(|paid| paid.minute.saturating_add(60) <= minute)?;
        let of = paid.remove(index).number;
        let percent = if self.draw.per_mille(600) { 100 } else { self.draw.between(10, 90) };
        Some(Action::Refund { of, percent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(seed: u64, orders: u64) -> Script {
        write(seed, orders, "2026-10-12".parse().expect("valid"))
    }

    fn steps(script: &Script) -> Vec<(usize, Step)> {
        let lanes = script.slices.iter().flatten();
        lanes.flat_map(|lane| lane.steps.iter().map(|s| (lane.person, s.clone()))).collect()
    }

    #[test]
    fn the_same_seed_writes_the_same_day() {
        assert_eq!(steps(&script(7, 3_000)), steps(&script(7, 3_000)));
        assert_ne!(steps(&script(7, 3_000)), steps(&script(8, 3_000)));
    }

    #[test]
    fn a_day_has_every_kind_in_its_proportion() {
        let script = script(1, 20_000);
        let steps = steps(&script);
        assert_eq!(steps.len(), 20_000);
        assert_eq!((script.people.len(), script.shops.len()), (2_000, 200));
        let share = |wanted: fn(&Action) -> bool| {
            let many = steps.iter().filter(|(_, step)| wanted(&step.action)).count();
            many * 1_000 / steps.len()
        };
        let password = share(|a| {
            matches!(
                a,
                Action::PayFromBalance { with_password: true, .. }
                    | Action::Transfer { .. }
                    | Action::Withdraw { .. }
            )
        });
        assert!((30..=70).contains(&password), "{password} per mille enter the password");
        assert!((30..=70).contains(&share(|a| matches!(a, Action::Refund { .. }))));
        assert!(share(|a| matches!(a, Action::PayByChannel { .. })) > 400);
    }

    #[test]
    fn lanes_keep_time_and_refunds_follow_their_payment() {
        let script = script(3, 5_000);
        for slice in &script.slices {
            let mut transferring = std::collections::BTreeSet::new();
            for lane in slice {
                assert!(lane.steps.is_sorted_by_key(|step| step.at));
                for step in &lane.steps {
                    assert_eq!(step.at.date(), script.date);
                    if let Action::Transfer { to, .. } = step.action {
                        assert!(transferring.insert(to) && transferring.insert(lane.person));
                    }
                }
            }
        }
        let steps = steps(&script);
        for (person, step) in &steps {
            if let Action::Refund { of, .. } = step.action {
                let paid = steps.iter().find(|(_, s)| s.number == of).expect("it exists");
                assert!(paid.0 == *person && paid.1.at < step.at);
            }
        }
    }
}
