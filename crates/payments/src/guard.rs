//! Who is working on what, inside this process: one call a key, one driver an order.
//!
//! These are no substitute for the unique key and the ids of steps, which hold across crashes; they
//! keep two calls from doing the same work twice, and recovery from asking a channel about an order
//! that is just being sent.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;
use types::OrderId;

type KeyMap = HashMap<String, Arc<tokio::sync::Mutex<()>>>;

/// Locks by key; a key that nobody holds or waits for takes no memory.
#[derive(Debug, Default)]
pub struct KeyLocks(Mutex<KeyMap>);

/// A key that is held; dropped, it is free.
#[derive(Debug)]
pub struct KeyGuard<'l> {
    locks: &'l KeyLocks,
    key: String,
    held: Option<OwnedMutexGuard<()>>,
}

impl KeyLocks {
    /// Waits until this caller alone holds `key`.
    pub async fn lock(&self, key: String) -> KeyGuard<'_> {
        let lock = {
            let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(map.entry(key.clone()).or_default())
        };
        // Made before waiting, so that a caller who goes away while waiting cleans up too.
        let mut guard = KeyGuard { locks: self, key, held: None };
        guard.held = Some(lock.lock_owned().await);
        guard
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for KeyGuard<'_> {
    fn drop(&mut self) {
        let mut map = self.locks.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.held = None;
        // The map's own reference is the last: nobody holds the key or waits for it. Others can
        // only take a reference under the lock of the map.
        if map.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            map.remove(&self.key);
        }
    }
}

/// The orders that are being driven.
#[derive(Debug, Default)]
pub struct Busy(Mutex<HashSet<OrderId>>);

/// An order that this caller drives; dropped, another may.
#[derive(Debug)]
pub struct BusyGuard<'b> {
    busy: &'b Busy,
    order: OrderId,
}

impl Busy {
    /// Takes an order, or `None` if another has it.
    pub fn take(&self, order: OrderId) -> Option<BusyGuard<'_>> {
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Lazily: a guard that is made is dropped, and dropping it frees the order.
        set.insert(order).then(|| BusyGuard { busy: self, order })
    }
}

impl Drop for BusyGuard<'_> {
    fn drop(&mut self) {
        self.busy.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn one_at_a_time_and_nothing_is_left_behind() {
        let locks = KeyLocks::default();
        let (inside, most) = (AtomicU32::new(0), AtomicU32::new(0));
        let work = (0..50).map(|_| async {
            let _guard = locks.lock("k".to_owned()).await;
            let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::SeqCst);
        });
        futures::future::join_all(work).await;
        assert_eq!((most.into_inner(), locks.len()), (1, 0));
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_no_trace() {
        let locks = KeyLocks::default();
        let held = locks.lock("k".to_owned()).await;
        let waiting = locks.lock("k".to_owned());
        let soon = tokio::time::timeout(std::time::Duration::from_millis(1), waiting).await;
        assert!(soon.is_err());
        drop(held);
        assert_eq!(locks.len(), 0);
    }

    #[test]
    fn an_order_has_one_driver() {
        let busy = Busy::default();
        let order = OrderId::of(&[b"1"]);
        let first = busy.take(order);
        assert!(first.is_some() && busy.take(order).is_none());
        drop(first);
        assert!(busy.take(order).is_some());
    }
}
