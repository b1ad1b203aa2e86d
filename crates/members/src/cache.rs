//! A bounded cache of what orders ask again and again.
//!
//! A reader that fills it after a writer has changed the row must not bring the old value back:
//! what a reader found is kept only if nothing was forgotten since it began to look.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

/// Entries kept at most; past it everything is forgotten and read again.
const MOST: usize = 200_000;

/// A cache of copies.
#[derive(Debug)]
pub(crate) struct Cache<K, V>(RwLock<State<K, V>>);

#[derive(Debug)]
struct State<K, V> {
    generation: u64,
    map: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Copy> Cache<K, V> {
    pub(crate) fn new() -> Self {
        Self(RwLock::new(State { generation: 0, map: HashMap::new() }))
    }

    /// What is kept; or the generation to hand to [`Cache::keep`] after looking it up.
    pub(crate) fn get(&self, key: &K) -> Result<V, u64> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        state.map.get(key).copied().ok_or(state.generation)
    }

    /// Keeps what was looked up, unless something was forgotten since.
    pub(crate) fn keep(&self, generation: u64, key: K, value: V) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if state.generation != generation {
            return;
        }
        if state.map.len() >= MOST {
            state.map.clear();
        }
        state.map.insert(key, value);
    }

    /// Forgets one.
    pub(crate) fn forget(&self, key: &K) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.generation = state.generation.wrapping_add(1);
        state.map.remove(key);
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.generation = state.generation.wrapping_add(1);
        state.map.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_up_before_a_change_is_not_kept() {
        let cache: Cache<u8, u8> = Cache::new();
        let before = cache.get(&1).expect_err("empty");
        cache.forget(&1);
        cache.keep(before, 1, 10);
        let now = cache.get(&1).expect_err("the old value did not come back");
        cache.keep(now, 1, 11);
        assert_eq!(cache.get(&1), Ok(11));
        cache.clear();
        assert!(cache.get(&1).is_err());
    }
}
