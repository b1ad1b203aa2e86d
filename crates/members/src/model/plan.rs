//! Which checks to make: the cheapest set that lifts what is proved to what a class needs.
//!
//! A class needs a number of independent channels, and of one check a level. A check proves one
//! channel, so the cheapest check of each channel, and of these the cheapest, are the cheapest way
//! to the number. Where none of them has the level, one check that has it is part of every
//! sufficient set: each is tried, with the cheapest way to the rest.

use super::level::Level;
use std::collections::{BTreeMap, BTreeSet};

/// A check that could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Index of the provider.
    pub provider: usize,
    /// Index of the card it is about.
    pub card: Option<usize>,
    /// The channel it proves.
    pub channel: String,
    /// Whether that is an independent external channel: others raise the level only.
    pub independent: bool,
    /// How sure it makes.
    pub level: Level,
    /// Fen.
    pub price: u64,
    /// Milliseconds it usually takes.
    pub latency_ms: u32,
}

impl Offer {
    const fn cost(&self) -> (u64, u32) {
        (self.price, self.latency_ms)
    }
}

/// What is proved of an identity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The independent external channels that have proved it.
    pub channels: BTreeSet<String>,
    /// The highest level of a check that did.
    pub level: Option<Level>,
}

impl Standing {
    /// Adds what a check proves.
    pub fn add(&mut self, channel: &str, independent: bool, level: Level) {
        if independent {
            self.channels.insert(channel.to_owned());
        }
        self.level = self.level.max(Some(level));
    }

    /// Whether a class that needs this stands on it.
    pub fn reaches(&self, goal: Goal) -> bool {
        self.count() >= goal.channels && self.level >= Some(goal.level)
    }

    /// The number of independent channels.
    pub fn count(&self) -> u32 {
        u32::try_from(self.channels.len()).unwrap_or(u32::MAX)
    }

    fn with(&self, offer: &Offer) -> Self {
        let mut after = self.clone();
        after.add(&offer.channel, offer.independent, offer.level);
        after
    }
}

/// What a class needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// Independent external channels.
    pub channels: u32,
    /// The least level of at least one check.
    pub level: Level,
}

/// The checks, cheapest first, that lift `standing` to `goal` for the least money, and of equally
/// dear sets the quickest. Nothing where the goal is reached already.
///
/// # Errors
/// What would stand if every check offered were made, where even that falls short.
pub fn plan(offers: &[Offer], standing: &Standing, goal: Goal) -> Result<Vec<Offer>, Standing> {
    let high = |offer: &&Offer| offer.level >= goal.level;
    let alone = fill(offers, standing, goal);
    let mut best = match alone {
        Some(set) if standing.level >= Some(goal.level) || set.iter().any(high) => Some(set),
        Some(_) => offers
            .iter()
            .filter(high)
            .filter_map(|first| {
                let mut set = fill(offers, &standing.with(first), goal)?;
                set.push(first);
                Some(set)
            })
            .min_by_key(|set| total(set)),
        None => None,
    };
    let Some(set) = best.as_mut() else {
        return Err(offers.iter().fold(standing.clone(), |all, offer| all.with(offer)));
    };
    set.sort_by_key(|offer| offer.cost());
    Ok(set.iter().map(|offer| (*offer).clone()).collect())
}

/// The cheapest checks that bring the number of channels to that of `goal`.
fn fill<'a>(offers: &'a [Offer], standing: &Standing, goal: Goal) -> Option<Vec<&'a Offer>> {
    let missing = usize::try_from(goal.channels.saturating_sub(standing.count())).ok()?;
    let mut cheapest: BTreeMap<&str, &Offer> = BTreeMap::new();
    let new = |offer: &&Offer| offer.independent && !standing.channels.contains(&offer.channel);
    for offer in offers.iter().filter(new) {
        let place = cheapest.entry(&offer.channel).or_insert(offer);
        if offer.cost() < place.cost() {
            *place = offer;
        }
    }
    let mut set: Vec<&Offer> = cheapest.into_values().collect();
    set.sort_by_key(|offer| offer.cost());
    if set.len() < missing {
        return None;
    }
    set.truncate(missing);
    Some(set)
}

/// Fen and milliseconds of a set.
fn total(set: &[&Offer]) -> (u64, u64) {
    set.iter().fold((0, 0), |(price, latency), offer| {
        (price.saturating_add(offer.price), latency.saturating_add(u64::from(offer.latency_ms)))
    })
}
