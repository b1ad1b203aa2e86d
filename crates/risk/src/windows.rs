//! Sliding windows: the recent events of each key, and the features measured over them.
//!
//! Event time rules: an event sees what happened before it (by moment, then id), whenever that
//! arrived; so a feature depends on the set of events passed in, not on the machine. A late event
//! is put in its place. A space holds at most so many keys and a key at most so many entries:
//! what is oldest goes first, and is counted.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::catalog::Cell;
use crate::files::{Feature, Measure};

/// Columns a space can hold.
const COLUMNS: usize = 4;
/// Tables a space is divided into, each under its own lock.
const SHARDS: usize = 16;
/// A space that only tells when a key was first seen keeps one entry for each such part of its
/// window: exact to that part.
const PARTS: i64 = 64;

/// How much is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    keys_per_shard: usize,
    entries: usize,
}

impl Limits {
    /// At most `keys` in a space and `entries` in a key.
    pub(crate) fn new(keys: usize, entries: usize) -> Result<Self, String> {
        if !(SHARDS..=10_000_000).contains(&keys) {
            return Err(format!("keys lies between {SHARDS} and 10,000,000"));
        }
        if !(16..=4_096).contains(&entries) {
            return Err("entries_per_key lies between 16 and 4,096".to_owned());
        }
        Ok(Self { keys_per_shard: keys.div_ceil(SHARDS), entries })
    }
}

/// What is held for one key, declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Space {
    /// The slots of the elements that make the key: one or two.
    pub(crate) key: Vec<usize>,
    /// Whether only first moments matter.
    pub(crate) coalesce: bool,
    /// The longest window over it, microseconds.
    horizon: i64,
    kinds: u64,
    columns: Vec<Column>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Column {
    slot: usize,
    hashed: bool,
}

impl Space {
    pub(crate) fn new(key: Vec<usize>, coalesce: bool) -> Self {
        Self { key, coalesce, horizon: 0, kinds: 0, columns: Vec::new() }
    }

    /// Makes it hold what this window over these kinds needs.
    pub(crate) fn cover(&mut self, window: i64, kinds: u64) {
        self.horizon = self.horizon.max(window);
        self.kinds |= kinds;
    }

    /// How far back it holds events: its longest window and, since parts begin before the window
    /// does, one part more.
    fn reach(&self) -> i64 {
        let part = if self.coalesce { self.horizon / PARTS } else { 0 };
        self.horizon.saturating_add(part)
    }

    /// The column that keeps this element: its number, or its digest.
    pub(crate) fn column(&mut self, slot: usize, hashed: bool) -> Result<usize, String> {
        let wanted = Column { slot, hashed };
        if let Some(found) = self.columns.iter().position(|c| *c == wanted) {
            return Ok(found);
        }
        if self.columns.len() == COLUMNS {
            return Err(format!("features of one key measure at most {COLUMNS} elements"));
        }
        self.columns.push(wanted);
        Ok(self.columns.len().saturating_sub(1))
    }
}

/// One event as a space keeps it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: i64,
    id: u64,
    kinds: u64,
    cells: [Option<i64>; COLUMNS],
}

type Key = [u128; 2];
type Shard = HashMap<Key, VecDeque<Entry>>;

/// What is held, and what was let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Keys in all spaces.
    pub keys: u64,
    /// Entries in all keys.
    pub entries: u64,
    /// Keys let go because a space was full.
    pub keys_evicted: u64,
    /// Entries let go because a key was full (those that grew too old are not counted).
    pub entries_evicted: u64,
    /// Events that came after a later one of the same key.
    pub late: u64,
}

/// The state of all spaces.
#[derive(Debug)]
pub(crate) struct Windows {
    spaces: Vec<(Space, Vec<Mutex<Shard>>)>,
    limits: Limits,
    keys_evicted: AtomicU64,
    entries_evicted: AtomicU64,
    late: AtomicU64,
}

/// The event as the windows need it.
pub(crate) struct Moment<'a> {
    /// Microseconds.
    pub(crate) at: i64,
    /// Tells events of one moment apart.
    pub(crate) id: u64,
    /// The bit of its kind.
    pub(crate) kind: u64,
    /// Its elements.
    pub(crate) cells: &'a [Option<Cell<'a>>],
}

impl Windows {
    pub(crate) fn new(spaces: &[Space], limits: Limits) -> Self {
        let shards = || (0..SHARDS).map(|_| Mutex::default()).collect();
        Self {
            spaces: spaces.iter().map(|s| (s.clone(), shards())).collect(),
            limits,
            keys_evicted: AtomicU64::new(0),
            entries_evicted: AtomicU64::new(0),
            late: AtomicU64::new(0),
        }
    }

    /// Whether these windows hold what those spaces ask for.
    pub(crate) fn fits(&self, spaces: &[Space], limits: Limits) -> bool {
        self.limits == limits && self.spaces.iter().map(|(s, _)| s).eq(spaces)
    }

    /// How far back an event can still matter, microseconds.
    pub(crate) fn reach(&self) -> i64 {
        self.spaces.iter().map(|(s, _)| s.reach()).max().unwrap_or_default()
    }

    /// Adds the event and measures every feature as of it; `None` where the event lacks an
    /// element of the feature's key.
    pub(crate) fn observe(&self, moment: &Moment<'_>, features: &[Feature]) -> Vec<Option<i64>> {
        let mut measured = vec![None; features.len()];
        let mut digests = vec![None; moment.cells.len()];
        for (number, (space, shards)) in self.spaces.iter().enumerate() {
            let Some(key) = key_of(space, moment.cells, &mut digests) else { continue };
            let entry = entry_of(space, moment, &mut digests);
            let place = usize::try_from(key.iter().fold(0, |a, b| a ^ b) % 16).unwrap_or_default();
            let Some(shard) = shards.get(place) else { continue };
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let counted = space.kinds & moment.kind != 0;
            if counted {
                self.insert(space, shard.entry(key).or_default(), entry);
            }
            let ring = shard.get(&key);
            for (feature, out) in features.iter().zip(measured.iter_mut()) {
                if feature.space == number {
                    *out = Some(measure(feature, ring, &entry));
                }
            }
            if counted {
                self.trim(space, &mut shard, &key);
            }
        }
        measured
    }

    fn insert(&self, space: &Space, ring: &mut VecDeque<Entry>, entry: Entry) {
        let place = ring.partition_point(|e| (e.at, e.id) < (entry.at, entry.id));
        if ring.get(place).is_some_and(|e| (e.at, e.id) == (entry.at, entry.id)) {
            return; // the same event again
        }
        if place < ring.len() {
            self.late.fetch_add(1, Ordering::Relaxed);
        }
        if space.coalesce {
            let part = |at: i64| at.div_euclid((space.horizon / PARTS).max(1));
            let same = |e: &Entry| part(e.at) == part(entry.at) && e.kinds == entry.kinds;
            if ring.range(..place).rev().take_while(|e| part(e.at) == part(entry.at)).any(same) {
                return; // an earlier one stands for this part
            }
            ring.insert(place, entry);
            let later = place.saturating_add(1);
            if let Some(other) = (later..ring.len()).find(|i| ring.get(*i).is_some_and(same)) {
                ring.remove(other);
            }
            return;
        }
        ring.insert(place, entry);
    }

    /// Lets go what is too old or too much.
    fn trim(&self, space: &Space, shard: &mut Shard, key: &Key) {
        if let Some(ring) = shard.get_mut(key) {
            let newest = ring.back().map_or(i64::MIN, |e| e.at);
            let oldest = newest.saturating_sub(space.reach());
            while ring.front().is_some_and(|e| e.at <= oldest) {
                ring.pop_front();
            }
            while ring.len() > self.limits.entries {
                ring.pop_front();
                self.entries_evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
        if shard.len() > self.limits.keys_per_shard {
            self.drop_oldest_keys(shard);
        }
    }

    /// Lets go the eighth of the keys that were silent longest, so that the sweep is paid by many.
    fn drop_oldest_keys(&self, shard: &mut Shard) {
        let last = |ring: &VecDeque<Entry>| ring.back().map_or(i64::MIN, |e| e.at);
        let mut order: Vec<(i64, Key)> = shard.iter().map(|(k, r)| (last(r), *k)).collect();
        order.sort_unstable();
        let count = (self.limits.keys_per_shard / 8).max(1);
        for (_, key) in order.iter().take(count) {
            shard.remove(key);
            self.keys_evicted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What is held now.
    pub(crate) fn held(&self) -> Held {
        let mut held = Held {
            keys_evicted: self.keys_evicted.load(Ordering::Relaxed),
            entries_evicted: self.entries_evicted.load(Ordering::Relaxed),
            late: self.late.load(Ordering::Relaxed),
            ..Held::default()
        };
        let shards = self.spaces.iter().flat_map(|(_, shards)| shards);
        for shard in shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            held.keys = held.keys.saturating_add(count(shard.len()));
            let entries = shard.values().map(|ring| count(ring.len())).sum();
            held.entries = held.entries.saturating_add(entries);
        }
        held
    }
}

/// The digest of an element, computed once an event.
fn digest(slot: usize, cells: &[Option<Cell<'_>>], seen: &mut [Option<u128>]) -> Option<u128> {
    let place = seen.get_mut(slot)?;
    if place.is_none() {
        *place = cells.get(slot)?.as_ref().map(Cell::digest);
    }
    *place
}

fn key_of(space: &Space, cells: &[Option<Cell<'_>>], seen: &mut [Option<u128>]) -> Option<Key> {
    let mut key = [0; 2];
    for (part, slot) in key.iter_mut().zip(&space.key) {
        *part = digest(*slot, cells, seen)?;
    }
    Some(key)
}

fn entry_of(space: &Space, moment: &Moment<'_>, seen: &mut [Option<u128>]) -> Entry {
    let mut cells = [None; COLUMNS];
    for (cell, column) in cells.iter_mut().zip(&space.columns) {
        *cell = if column.hashed {
            // 63 of the 128 bits: two of 512 values meet with probability below 2^-45.
            digest(column.slot, moment.cells, seen).and_then(|d| i64::try_from(d >> 65).ok())
        } else {
            match moment.cells.get(column.slot) {
                Some(Some(Cell::Int(value))) => Some(*value),
                _ => None,
            }
        };
    }
    Entry { at: moment.at, id: moment.id, kinds: moment.kind, cells }
}

/// Measures one feature as of `this`.
fn measure(feature: &Feature, ring: Option<&VecDeque<Entry>>, this: &Entry) -> i64 {
    let empty = VecDeque::new();
    let ring = ring.unwrap_or(&empty);
    let from = this.at.saturating_sub(feature.window);
    let start = ring.partition_point(|e| e.at <= from);
    let end = ring.partition_point(|e| (e.at, e.id) < (this.at, this.id));
    let measured = |e: &Entry| {
        let carries = |column: usize| e.cells.get(column).is_some_and(Option::is_some);
        e.kinds & feature.kinds != 0 && !feature.unless.is_some_and(carries)
    };
    let past = ring.range(start..end.max(start)).filter(|e| measured(e));
    let own = !feature.past && measured(this);
    let counted = past.clone().chain(own.then_some(this));
    let values =
        |column: usize| counted.clone().filter_map(move |e| e.cells.get(column).copied().flatten());
    let seconds = |micros: i64| micros.max(0) / 1_000_000;
    match feature.measure {
        Measure::Count => i64::try_from(counted.count()).unwrap_or(i64::MAX),
        Measure::Sum(column) => clamp(values(column).map(i128::from).sum()),
        Measure::Max(column) => values(column).max().unwrap_or_default(),
        Measure::Min(column) => values(column).min().unwrap_or_default(),
        Measure::Mean(column) => {
            let number = i128::try_from(values(column).count()).unwrap_or(i128::MAX);
            let sum: i128 = values(column).map(i128::from).sum();
            clamp(sum.checked_div(number).unwrap_or_default())
        }
        Measure::Distinct(column) => {
            let distinct: HashSet<i64> = values(column).collect();
            i64::try_from(distinct.len()).unwrap_or(i64::MAX)
        }
        Measure::SinceLast => {
            let last = past.clone().next_back().map_or(from, |e| e.at);
            seconds(this.at.saturating_sub(last))
        }
        Measure::SinceFirst => {
            let first = past.clone().next().map_or(this.at, |e| e.at);
            seconds(this.at.saturating_sub(first))
        }
    }
}

fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;
    use crate::files::{Declarations, Source};
    use types::{Timestamp, UserId};

    const HEAD: &str = "kinds = ['pay', 'see']\ndeadline_micros = 1\n\
        [[fallback]]\noutcome = 'accept'\n";
    const SECOND: i64 = 1_000_000;

    fn declared(keys: usize, entries: usize, features: &[(&str, &str)]) -> Declarations {
        let limits = format!("[limits]\nkeys = {keys}\nentries_per_key = {entries}\n");
        let feature = |(name, more): &(&str, &str)| {
            let text = "text = { en = 'a', zh = '试' }";
            format!("[[feature]]\nname = '{name}'\nkey = ['user']\n{text}\n{more}\n")
        };
        let features: String = features.iter().map(feature).collect();
        let text = format!("{HEAD}{limits}{features}");
        Declarations::parse(Source { file: "features.toml", text: &text }).expect("valid")
    }

    struct World {
        declarations: Declarations,
        windows: Windows,
    }

    impl World {
        fn new(keys: usize, entries: usize, features: &[(&str, &str)]) -> Self {
            let declarations = declared(keys, entries, features);
            let windows = Windows::new(&declarations.spaces, declarations.limits);
            Self { declarations, windows }
        }

        /// What the features are as of an event of this user.
        fn see(&self, kind: &str, user: u128, at: i64, id: u64, amount: i64) -> Vec<i64> {
            let mut event = Event::new(kind, Timestamp::from_micros(at), None);
            event.user = Some(UserId::from_u128(user));
            event.amount_minor = Some(amount);
            event.device = Some(format!("device {amount}"));
            self.observe(&event, id)
        }

        /// The same as of a payment of 7, changed by `with`.
        fn with(&self, user: u128, at: i64, with: impl Fn(&mut Event)) -> Vec<i64> {
            let mut event = Event::new("pay", Timestamp::from_micros(at), None);
            event.user = Some(UserId::from_u128(user));
            event.amount_minor = Some(7);
            with(&mut event);
            self.observe(&event, 1)
        }

        fn observe(&self, event: &Event, id: u64) -> Vec<i64> {
            let cells = self.declarations.catalog.read(event);
            let kind = self.declarations.kind_bit(&event.kind).expect("declared");
            let moment = Moment { at: event.at.as_micros(), id, kind, cells: &cells };
            let measured = self.windows.observe(&moment, &self.declarations.features);
            measured.into_iter().map(|m| m.expect("the key is there")).collect()
        }
    }

    #[test]
    fn a_window_holds_what_is_younger_than_its_length() {
        let world = World::new(16, 16, &[("n", "measure = 'count'\nwindow = '60s'")]);
        assert_eq!(world.see("pay", 1, 0, 1, 0), [1]);
        assert_eq!(world.see("pay", 1, 60 * SECOND - 1, 2, 0), [2], "just inside");
        assert_eq!(world.see("pay", 1, 60 * SECOND, 3, 0), [2], "the first is out");
        assert_eq!(world.see("pay", 2, 60 * SECOND, 4, 0), [1], "another key");
    }

    #[test]
    fn each_measure_measures() {
        let features = [
            ("sum", "measure = 'sum'\nof = 'amount_minor'\nwindow = '1h'\nkinds = ['pay']"),
            ("max", "measure = 'max'\nof = 'amount_minor'\nwindow = '1h'\nkinds = ['pay']"),
            (
                "min",
                "measure = 'min'\nof = 'amount_minor'\nwindow = '1h'\nkinds = ['pay']\npast = true",
            ),
            (
                "mean",
                "measure = 'mean'\nof = 'amount_minor'\nwindow = '1h'\nkinds = ['pay']\npast = true",
            ),
            ("distinct", "measure = 'distinct'\nof = 'device'\nwindow = '1h'"),
            ("last", "measure = 'since_last'\nwindow = '1h'\nkinds = ['pay']"),
            ("first", "measure = 'since_first'\nwindow = '1h'\nkinds = ['pay']"),
        ];
        let world = World::new(16, 16, &features);
        let minute = 60 * SECOND;
        assert_eq!(world.see("pay", 1, 0, 1, 7), [7, 7, 0, 0, 1, 3_600, 0]);
        assert_eq!(world.see("pay", 1, minute, 2, 4), [11, 7, 7, 7, 2, 60, 60]);
        assert_eq!(world.see("see", 1, 2 * minute, 3, 4), [11, 7, 4, 5, 2, 60, 120]);
        assert_eq!(
            world.see("pay", 1, 3 * minute, 4, i64::MAX),
            [i64::MAX, i64::MAX, 4, 5, 3, 120, 180]
        );
    }

    #[test]
    fn what_carries_the_element_of_unless_is_not_measured() {
        let features = [
            ("all", "measure = 'count'\nwindow = '1h'"),
            ("some", "measure = 'count'\nwindow = '1h'\nunless = 'ip'"),
            ("sum", "measure = 'sum'\nof = 'amount_minor'\nwindow = '1h'\nunless = 'ip'"),
        ];
        let world = World::new(16, 16, &features);
        let see = |at, ip: Option<&str>| world.with(1, at, |e| e.ip = ip.map(str::to_owned));
        assert_eq!(see(1, None), [1, 1, 7]);
        assert_eq!(see(2, Some("a")), [2, 1, 7]);
        assert_eq!(see(3, None), [3, 2, 14]);
    }

    #[test]
    fn a_late_event_takes_its_place_and_does_not_see_the_future() {
        let world = World::new(16, 16, &[("n", "measure = 'count'\nwindow = '60s'")]);
        world.see("pay", 1, 100 * SECOND, 5, 0);
        assert_eq!(world.see("pay", 1, 90 * SECOND, 4, 0), [1], "it was the first then");
        assert_eq!(world.see("pay", 1, 101 * SECOND, 6, 0), [3], "and counts for what follows");
        assert_eq!(world.see("pay", 1, 101 * SECOND, 6, 0), [3], "the same again");
        assert_eq!(world.see("pay", 1, 101 * SECOND, 5, 0), [3], "the id divides one moment");
        assert_eq!(world.windows.held().late, 2);
        assert_eq!(world.see("pay", 1, 20 * SECOND, 1, 0), [1], "too late to be kept");
        assert_eq!(world.windows.held().entries, 4);
    }

    #[test]
    fn a_key_keeps_its_newest_entries_only() {
        let world = World::new(16, 16, &[("n", "measure = 'count'\nwindow = '1h'")]);
        for i in 0..16 {
            assert_eq!(world.see("pay", 1, i, 1, 0), [i + 1]);
        }
        assert_eq!(world.see("pay", 1, 17, 1, 0), [17]);
        assert_eq!(world.see("pay", 1, 18, 1, 0), [17], "16 are kept, and this one");
        let held = world.windows.held();
        assert_eq!((held.keys, held.entries, held.entries_evicted), (1, 16, 2));
        world.see("pay", 1, 2 * 3_600 * SECOND, 1, 0);
        let held = world.windows.held();
        assert_eq!((held.entries, held.entries_evicted), (1, 2), "age is no eviction");
    }

    #[test]
    fn a_space_keeps_the_keys_that_were_active_last() {
        let world = World::new(1_600, 16, &[("n", "measure = 'count'\nwindow = '1h'")]);
        for user in 0..5_000u32 {
            world.see("pay", u128::from(user), i64::from(user), 1, 0);
        }
        let held = world.windows.held();
        assert!(held.keys <= 1_600, "{held:?}");
        assert_eq!(held.keys + held.keys_evicted, 5_000);
        assert_eq!(world.see("pay", 4_999, 5_000, 2, 0), [2], "the last one is known");
        assert_eq!(world.see("pay", 0, 5_001, 2, 0), [1], "the first one was let go");
    }

    #[test]
    fn first_moments_need_few_entries() {
        let world = World::new(16, 16, &[("first", "measure = 'since_first'\nwindow = '64m'")]);
        for i in 0..600 {
            world.see("pay", 1, i * SECOND, 1, 0);
        }
        assert_eq!(world.windows.held().entries, 10, "one a minute");
        assert_eq!(world.see("pay", 1, 600 * SECOND, 1, 0), [600]);
        assert_eq!(world.see("pay", 1, 630 * SECOND, 1, 0), [630]);
        assert_eq!(world.see("pay", 1, 629 * SECOND, 1, 0), [629], "late");
        assert_eq!(world.windows.held().entries, 11);
    }
}
