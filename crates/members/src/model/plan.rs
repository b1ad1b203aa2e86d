//! Which providers to ask: the cheapest set that proves as many channels as a class needs.
//!
//! One check proves one channel (the ID network, or one bank), so the choice of a provider for a
//! channel does not touch the other channels: the cheapest provider of each, and of these the
//! cheapest channels, is the cheapest set.

use serde::Deserialize;
use std::collections::BTreeSet;

/// What a provider can check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checks {
    /// Name and document number against the ID network.
    IdNetwork,
    /// Name, document number, card and phone with the card's bank.
    BankCard,
}

/// A provider as the planner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it checks.
    pub checks: Checks,
    /// Fen a call.
    pub price: u64,
    /// Milliseconds a call usually takes.
    pub latency_ms: u32,
    /// Whether it can be asked now.
    pub up: bool,
}

/// One check of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Index of the provider.
    pub provider: usize,
    /// The channel it proves.
    pub channel: String,
    /// Index of the card it needs.
    pub card: Option<usize>,
}

/// The channel that the ID network proves.
pub const ID_NETWORK: &str = "id_network";

/// The channel that a bank proves.
pub fn bank_channel(issuer: &str) -> String {
    format!("bank:{issuer}")
}

/// The steps, cheapest first, that raise the channels `known` to `needed`. `cards` are the issuers
/// of the cards offered. If even all of them do not suffice, `Err` with the number they would reach.
pub fn plan(
    offers: &[Offer],
    cards: &[String],
    known: &BTreeSet<String>,
    needed: u32,
) -> Result<Vec<Step>, u32> {
    let cheapest = |checks: Checks| {
        offers
            .iter()
            .enumerate()
            .filter(|(_, o)| o.checks == checks && o.up)
            .min_by_key(|(index, o)| (o.price, o.latency_ms, *index))
    };
    let mut steps: Vec<(u64, u32, Step)> = Vec::new();
    if let Some((provider, offer)) = cheapest(Checks::IdNetwork) {
        let step = Step { provider, channel: ID_NETWORK.to_owned(), card: None };
        steps.push((offer.price, offer.latency_ms, step));
    }
    if let Some((provider, offer)) = cheapest(Checks::BankCard) {
        for (card, issuer) in cards.iter().enumerate() {
            let step = Step { provider, channel: bank_channel(issuer), card: Some(card) };
            steps.push((offer.price, offer.latency_ms, step));
        }
    }
    let mut seen = known.clone();
    steps.retain(|(_, _, step)| seen.insert(step.channel.clone()));
    steps.sort_by_key(|(price, latency, _)| (*price, *latency));
    let have = u32::try_from(known.len()).unwrap_or(u32::MAX);
    let missing = usize::try_from(needed.saturating_sub(have)).unwrap_or(usize::MAX);
    if steps.len() < missing {
        return Err(have.saturating_add(u32::try_from(steps.len()).unwrap_or(u32::MAX)));
    }
    Ok(steps.into_iter().take(missing).map(|(_, _, step)| step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(checks: Checks, price: u64, latency_ms: u32, up: bool) -> Offer {
        Offer { checks, price, latency_ms, up }
    }

    fn banks(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn the_cheapest_sufficient_set_is_chosen() {
        use Checks::{BankCard, IdNetwork};
        let offers = [
            offer(BankCard, 50, 100, true),
            offer(IdNetwork, 100, 80, true),
            offer(IdNetwork, 30, 300, true),
            offer(BankCard, 50, 60, true),
        ];
        let none = BTreeSet::new();
        let shape = |cards: &[&str], known: &BTreeSet<String>, needed| {
            plan(&offers, &banks(cards), known, needed)
                .map(|s| s.into_iter().map(|s| (s.provider, s.channel)).collect::<Vec<_>>())
        };
        let id = (2, "id_network".to_owned());
        let bank = |name: &str| (3, format!("bank:{name}"));
        assert_eq!(shape(&[], &none, 1), Ok(vec![id.clone()]));
        assert_eq!(shape(&["A", "B"], &none, 3), Ok(vec![id.clone(), bank("A"), bank("B")]));
        assert_eq!(shape(&["A", "A"], &none, 3), Err(2), "one bank is one channel");
        assert_eq!(shape(&["A"], &none, 3), Err(2));
        assert_eq!(shape(&[], &none, 0), Ok(vec![]));
        let known = BTreeSet::from(["id_network".to_owned(), "bank:A".to_owned()]);
        assert_eq!(shape(&["A", "B"], &known, 3), Ok(vec![bank("B")]), "known ones are not asked");
        assert_eq!(shape(&["A", "B"], &known, 2), Ok(vec![]));
    }

    #[test]
    fn what_is_down_is_not_asked() {
        let mut offers = [
            offer(Checks::IdNetwork, 30, 300, false),
            offer(Checks::IdNetwork, 100, 80, true),
            offer(Checks::BankCard, 50, 100, false),
        ];
        let none = BTreeSet::new();
        let steps = plan(&offers, &banks(&["A"]), &none, 1).expect("one is up");
        assert_eq!(steps.iter().map(|s| s.provider).collect::<Vec<_>>(), [1]);
        offers[1].up = false;
        assert_eq!(plan(&offers, &banks(&["A"]), &none, 1), Err(0));
    }
}
