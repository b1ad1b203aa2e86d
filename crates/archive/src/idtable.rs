//! New ids, in memory: an open-addressed table of places in two dense lists, so that a question
//! for an id that is not there costs one 4-byte slot.

use crate::hash::Salt;

/// A slot is 8 bits of the id's hash above 24 bits of its place plus one; 0 is free.
const PLACE_BITS: u32 = 24;
const PLACE: u32 = (1 << PLACE_BITS) - 1;
const FIRST_SLOTS: usize = 1 << 10;

/// Ids and what is known about them.
#[derive(Debug)]
pub(crate) struct IdTable {
    slots: Vec<u32>,
    ids: Vec<u128>,
    values: Vec<u64>,
    salt: Salt,
}

impl IdTable {
    pub(crate) fn new() -> Self {
        Self { slots: vec![0; FIRST_SLOTS], ids: Vec::new(), values: Vec::new(), salt: Salt::new() }
    }

    /// Forgets everything, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(0);
        self.ids.clear();
        self.values.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The slot where the id is or belongs, and its place if it is there.
    fn find(&self, id: u128) -> (usize, u32, Option<usize>) {
        let hash = self.salt.hash(id);
        let mask = self.slots.len() - 1;
        // The low bits choose the slot, the high eight are compared before the id is.
        let tag = (hash >> 56) as u32;
        let mut at = low_bits(hash) & mask;
        loop {
            let slot = self.slots.get(at).copied().unwrap_or(0);
            if slot == 0 {
                return (at, tag, None);
            }
            if slot >> PLACE_BITS == tag {
                let place = (slot & PLACE) as usize - 1;
                if self.ids.get(place) == Some(&id) {
                    return (at, tag, Some(place));
                }
            }
            at = (at + 1) & mask;
        }
    }

    pub(crate) fn get(&self, id: u128) -> Option<u64> {
        let (_, _, place) = self.find(id);
        place.and_then(|place| self.values.get(place).copied())
    }

    pub(crate) fn put(&mut self, id: u128, value: u64) {
        if self.ids.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let (at, tag, place) = self.find(id);
        if let Some(known) = place.and_then(|place| self.values.get_mut(place)) {
            *known = value;
            return;
        }
        self.ids.push(id);
        self.values.push(value);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = slot_of(tag, self.ids.len());
        }
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let mask = size - 1;
        let mut slots = vec![0; size];
        for (place, id) in (1..).zip(&self.ids) {
            let hash = self.salt.hash(*id);
            let mut at = low_bits(hash) & mask;
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = slot_of((hash >> 56) as u32, place);
        }
        self.slots = slots;
    }

    /// Everything, by id.
    pub(crate) fn sorted(&self) -> Vec<(u128, u64)> {
        let mut all: Vec<_> = self.ids.iter().copied().zip(self.values.iter().copied()).collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
const fn low_bits(hash: u64) -> usize {
    hash as usize
}

fn slot_of(tag: u32, place: usize) -> u32 {
    let place = u32::try_from(place).ok().filter(|place| *place <= PLACE);
    tag << PLACE_BITS | place.expect("a table is frozen long before it holds 16 million ids")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_table_is_a_map() {
        let (mut table, mut model) = (IdTable::new(), BTreeMap::new());
        for n in 0..20_000u64 {
            let id = u128::from(n * 7_919 % 12_000) << (n % 60);
            table.put(id, n);
            model.insert(id, n);
        }
        assert_eq!(table.len(), model.len());
        assert!(model.iter().all(|(id, value)| table.get(*id) == Some(*value)));
        assert_eq!(table.get(u128::MAX), None);
        assert_eq!(table.sorted(), model.into_iter().collect::<Vec<_>>());
    }
}
