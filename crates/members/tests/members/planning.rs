//! The planner against every subset of what is offered.

use members::model::level::Level;
use members::model::plan::{Goal, Offer, Standing, plan};
use testkit::SeededRandom;
use types::Random;

/// Small numbers from seeded chance.
struct Dice(SeededRandom);

impl Dice {
    fn below(&self, n: u32) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_be_bytes(bytes) % n
    }

    fn level(&self) -> Level {
        Level::ALL[self.below(3) as usize]
    }
}

/// Fen and milliseconds of a set.
fn cost<'a>(set: impl Iterator<Item = &'a Offer>) -> (u64, u64) {
    set.fold((0, 0), |(price, latency), offer| {
        (price + offer.price, latency + u64::from(offer.latency_ms))
    })
}

fn after<'a>(standing: &Standing, set: impl Iterator<Item = &'a Offer>) -> Standing {
    let mut after = standing.clone();
    set.for_each(|offer| after.add(&offer.channel, offer.independent, offer.level));
    after
}

/// The least cost of all subsets that reach the goal.
fn brute_force(offers: &[Offer], standing: &Standing, goal: Goal) -> Option<(u64, u64)> {
    let subsets = (0_u32..1 << offers.len()).map(|bits| {
        let chosen = move |(n, _): &(usize, &Offer)| bits >> n & 1 == 1;
        offers.iter().enumerate().filter(chosen).map(|(_, offer)| offer)
    });
    subsets.filter(|set| after(standing, set.clone()).reaches(goal)).map(cost).min()
}

#[test]
fn no_subset_is_cheaper_than_the_plan() {
    let dice = Dice(SeededRandom::new(43));
    let (mut reached, mut short, mut lifted) = (0, 0, 0);
    for round in 0..8_000 {
        let offers: Vec<Offer> = (0..dice.below(10))
            .map(|n| Offer {
                provider: n as usize,
                card: None,
                channel: format!("channel_{}", dice.below(6)),
                independent: dice.below(4) > 0,
                level: dice.level(),
                // Few prices, so that ties are common.
                price: u64::from(dice.below(4) * 10),
                latency_ms: dice.below(3) * 10,
            })
            .collect();
        let mut standing = Standing::default();
        for _ in 0..dice.below(4) {
            let channel = format!("channel_{}", dice.below(6));
            standing.add(&channel, dice.below(4) > 0, dice.level());
        }
        let goal = Goal { channels: dice.below(6), level: dice.level() };
        let expected = brute_force(&offers, &standing, goal);
        let got = plan(&offers, &standing, goal);
        let shown = format!("round {round}: {goal:?} from {standing:?}\n{offers:#?}\n{got:#?}");
        assert_eq!(got.as_ref().ok().map(|set| cost(set.iter())), expected, "{shown}");
        match got {
            Ok(set) => {
                assert!(after(&standing, set.iter()).reaches(goal), "{shown}");
                assert!(set.iter().is_sorted_by_key(|o| (o.price, o.latency_ms)), "{shown}");
                let alone = Goal { level: Level::Low, ..goal };
                lifted += u32::from(
                    brute_force(&offers, &standing, alone).is_some_and(|c| Some(c) < expected),
                );
                reached += 1;
            }
            Err(best) => {
                assert_eq!(best, after(&standing, offers.iter()), "{shown}");
                short += 1;
            }
        }
    }
    let each = [reached, short, lifted];
    assert!(each.iter().all(|n| *n > 500), "the cases are of every sort: {each:?}");
}
