//! Making few large parts of many small ones.
//!
//! Parts lie in the order of time. Eight neighbours or more of one class (a factor of eight) or
//! smaller become one; so an entry is written again about once for every factor of eight that the
//! past grows by.

use crate::Error;
use crate::catalog::Shared;
use crate::idrun::{self, IdRun, IdScan, IdWriter};
use crate::lists::{Link, ListScan, ListWriter};
use crate::manifest::{Manifest, Part};
use crate::marks::{self, MarkWriter};
use crate::rows::{self, RowWriter};
use crate::sink::Sink;
use crate::table::{Table, TableRef};
use crate::volume::{self, Contents, Volume};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

const FAN_IN: usize = 8;
const MOST: usize = 16;
/// A volume is not merged into one larger than this: what it holds is seldom read and never
/// asked for on the way in.
const LARGEST_VOLUME: u64 = 1 << 25;
/// Between two looks at whether the archive is being closed.
const ENTRIES_A_LOOK: u64 = 1 << 16;
/// Items of one key that are written together.
const GATHERED: usize = 1 << 16;

fn class(size: u64) -> u32 {
    size.max(64).ilog2() / 3
}

/// Neighbours that should become one: of the smallest class that has enough.
fn pick(sizes: &[u64]) -> Option<Range<usize>> {
    let mut classes: Vec<u32> = sizes.iter().map(|size| class(*size)).collect();
    classes.sort_unstable();
    classes.dedup();
    let windows = |most: u32| {
        let mut start = 0;
        (0..=sizes.len()).filter_map(move |end| {
            let goes_on = sizes.get(end).is_some_and(|size| class(*size) <= most);
            (!goes_on).then(|| std::mem::replace(&mut start, end + 1)..end)
        })
    };
    classes.into_iter().flat_map(windows).find_map(|stretch| {
        let starts = stretch.start..(stretch.end + 1).saturating_sub(FAN_IN);
        let mut ranges = starts.map(|start| start..stretch.end.min(start + MOST));
        ranges.find(|range| pays(&sizes[range.clone()]))
    })
}

/// Whether merging makes something at least three times as large as the largest of the parts.
fn pays(sizes: &[u64]) -> bool {
    let (sum, largest) = (sizes.iter().sum::<u64>(), sizes.iter().copied().max());
    sizes.len() >= FAN_IN && largest.is_some_and(|largest| largest.saturating_mul(3) <= sum)
}

/// Merges until nothing is left to merge, or the archive is being closed.
pub(crate) fn all(shared: &Shared) -> Result<(), Error> {
    while ids(shared)? || volumes(shared)? {}
    Ok(())
}

fn sizes(parts: &[Part]) -> Vec<u64> {
    parts.iter().map(|part| part.size).collect()
}

/// Which parts to merge, and the number of the new one; `None` when there is nothing to do.
fn plan(
    shared: &Shared,
    parts: fn(&Manifest) -> &Vec<Part>,
    fits: impl Fn(&[Part]) -> Option<Range<usize>>,
) -> Option<(Vec<u64>, u64)> {
    let mut catalog = shared.lock();
    if catalog.closing || catalog.failure.is_some() {
        return None;
    }
    let parts = parts(catalog.manifest.as_ref()?);
    let range = fits(parts)?;
    let numbers = parts[range].iter().map(|part| part.number).collect();
    Some((numbers, catalog.number()))
}

fn closing(shared: &Shared) -> bool {
    shared.lock().closing
}

/// Puts one part in place of the neighbours it was made of.
fn replace(parts: &mut Vec<Part>, inputs: &[u64], output: Part) {
    let place = parts.iter().position(|part| inputs.first() == Some(&part.number)).unwrap_or(0);
    parts.retain(|part| !inputs.contains(&part.number));
    parts.insert(place.min(parts.len()), output);
}

fn ids(shared: &Shared) -> Result<bool, Error> {
    let fits = |parts: &[Part]| pick(&sizes(parts));
    let Some((inputs, number)) = plan(shared, |manifest| &manifest.runs, fits) else {
        return Ok(false);
    };
    let state = shared.state();
    let runs: Vec<&Arc<IdRun>> =
        state.runs.iter().filter(|run| inputs.contains(&run.number)).collect();
    let (files, dir) = (&*shared.files, &*shared.dir);
    let most = runs.iter().map(|run| run.count).sum();
    let mut writer = IdWriter::create(files, dir, number, most)?;
    let scans = runs.iter().map(|run| run.scan()).collect();
    let whole = merge_ids(scans, |id, value| writer.entry(id, value), || closing(shared))?;
    if !whole {
        shared.remove([idrun::name(number)]);
        return Ok(false);
    }
    let count = writer.finish(number)?;
    let others = state.runs.iter().filter(|run| !inputs.contains(&run.number));
    let run = Arc::new(IdRun::open(files, dir, number, shared.filter_room(others))?);
    let catalog = &mut *shared.lock();
    if let Some(mut manifest) = catalog.manifest.clone() {
        replace(&mut manifest.runs, &inputs, Part { number, size: count });
        shared.commit(catalog, manifest)?;
    }
    shared.publish(catalog, |state| {
        let place = state.runs.iter().position(|run| inputs.first() == Some(&run.number));
        state.runs.retain(|run| !inputs.contains(&run.number));
        state.runs.insert(place.unwrap_or(0), run);
    });
    shared.remove(inputs.into_iter().map(idrun::name));
    Ok(true)
}

/// Visits the entries of all runs, oldest run first, by id; of several values of an id the
/// newest. False if it was told to stop.
pub(crate) fn merge_ids(
    mut scans: Vec<IdScan<'_>>,
    mut visit: impl FnMut(u128, u64) -> Result<(), Error>,
    stop: impl Fn() -> bool,
) -> Result<bool, Error> {
    let mut heap = BinaryHeap::with_capacity(scans.len());
    for (age, scan) in scans.iter_mut().enumerate() {
        if let Some((id, value)) = scan.next()? {
            heap.push((Reverse(id), age, value));
        }
    }
    let (mut last, mut count) = (None, 0u64);
    while let Some(mut top) = heap.peek_mut() {
        // Of the same id the newest run, with the highest age, is on top.
        let (Reverse(id), age, value) = *top;
        if last != Some(id) {
            visit(id, value)?;
            last = Some(id);
        }
        let next = scans.get_mut(age).map(IdScan::next).transpose()?.flatten();
        if let Some((id, value)) = next {
            *top = (Reverse(id), age, value);
        } else {
            std::collections::binary_heap::PeekMut::pop(top);
        }
        count += 1;
        if count % ENTRIES_A_LOOK == 0 && stop() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn volumes(shared: &Shared) -> Result<bool, Error> {
    let fits = |parts: &[Part]| {
        let small = parts.iter().position(|part| part.size < LARGEST_VOLUME / FAN_IN as u64)?;
        let range = pick(&sizes(&parts[small..]))?;
        let range = small + range.start..small + range.end;
        let all: u64 = parts[range.clone()].iter().map(|part| part.size).sum();
        (all <= LARGEST_VOLUME * 2).then_some(range)
    };
    let Some((inputs, number)) = plan(shared, |manifest| &manifest.volumes, fits) else {
        return Ok(false);
    };
    let state = shared.state();
    let old: Vec<&Arc<Volume>> =
        state.volumes.iter().filter(|volume| inputs.contains(&volume.number)).collect();
    let (files, dir) = (&*shared.files, &*shared.dir);
    let mut sink = Sink::create(files, dir.join(volume::name(number)))?;
    let Some(contents) = merge_volumes(&old, &mut sink, || closing(shared))? else {
        shared.remove([volume::name(number)]);
        return Ok(false);
    };
    contents.finish(sink, number)?;
    let volume = Arc::new(Volume::open(files, dir, number, shared.options.lists)?);
    let catalog = &mut *shared.lock();
    if let Some(mut manifest) = catalog.manifest.clone() {
        replace(&mut manifest.volumes, &inputs, Part { number, size: contents.weight });
        shared.commit(catalog, manifest)?;
    }
    shared.publish(catalog, |state| {
        let place = state.volumes.iter().position(|v| inputs.first() == Some(&v.number));
        state.volumes.retain(|volume| !inputs.contains(&volume.number));
        state.volumes.insert(place.unwrap_or(0), volume);
    });
    shared.remove(inputs.into_iter().map(volume::name));
    Ok(true)
}

/// `None` if it was told to stop.
fn merge_volumes(
    old: &[&Arc<Volume>],
    sink: &mut Sink,
    stop: impl Fn() -> bool,
) -> Result<Option<Contents>, Error> {
    let mut writer = RowWriter::default();
    for volume in old {
        rows::each(&volume.rows, |number, row| writer.row(sink, number, row))?;
        if stop() {
            return Ok(None);
        }
    }
    let rows = writer.finish(sink)?;
    let mut writer = MarkWriter::default();
    for volume in old {
        marks::each(&volume.marks, |mark| writer.mark(sink, mark))?;
    }
    let marks = writer.finish(sink)?;
    let kinds = old.first().map_or(0, |volume| volume.lists.len());
    let mut lists = Vec::with_capacity(kinds);
    for kind in 0..kinds {
        if stop() {
            return Ok(None);
        }
        let tables = old.iter().filter_map(|volume| volume.lists.get(kind)).collect();
        lists.push(merge_lists(tables, sink)?);
    }
    let weight = old.iter().map(|volume| volume.weight).sum();
    Ok(Some(Contents { weight, rows, marks, lists }))
}

/// One list after another by key; of a key the items of older volumes first.
fn merge_lists(tables: Vec<&Table>, sink: &mut Sink) -> Result<TableRef, Error> {
    let mut scans: Vec<ListScan<'_>> = tables.into_iter().map(ListScan::new).collect();
    let mut heap = BinaryHeap::with_capacity(scans.len());
    let mut heads: Vec<Vec<Link>> = vec![Vec::new(); scans.len()];
    for (age, scan) in scans.iter_mut().enumerate() {
        if let Some((key, items)) = scan.next()? {
            heap.push(Reverse((key, age)));
            heads[age] = items;
        }
    }
    let mut writer = ListWriter::default();
    let (mut gathered, mut of) = (Vec::new(), None);
    while let Some(Reverse((key, age))) = heap.pop() {
        if of != Some(key) || gathered.len() >= GATHERED {
            if let Some(of) = of {
                writer.items(sink, of, &gathered)?;
            }
            gathered.clear();
            of = Some(key);
        }
        gathered.append(&mut heads[age]);
        let next = scans.get_mut(age).map(ListScan::next).transpose()?.flatten();
        if let Some((key, items)) = next {
            heap.push(Reverse((key, age)));
            heads[age] = items;
        }
    }
    if let Some(of) = of {
        writer.items(sink, of, &gathered)?;
    }
    writer.finish(sink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_a_class_are_picked_and_others_left() {
        let full = 1 << 19;
        assert_eq!(pick(&[full; 7]), None);
        assert_eq!(pick(&[full; 8]), Some(0..8));
        assert_eq!(pick(&[full * 8, full, full, full, full, full, full, full, full]), Some(1..9));
        // Small ones between larger ones do not keep those from being merged.
        assert_eq!(pick(&[full, full, 9, full, 9, full, full, full]), Some(0..8));
        assert_eq!(pick(&[9; 40]), Some(0..16));
        assert_eq!(pick(&[]), None);
    }

    #[test]
    fn parts_stay_few_and_little_is_written_again() {
        let (mut parts, mut written, mut most) = (Vec::new(), 0, 0);
        for _ in 0..1_000u64 {
            parts.push(1 << 19);
            while let Some(range) = pick(&parts) {
                let sum: u64 = parts[range.clone()].iter().sum();
                parts.splice(range, [sum]);
                written += sum;
            }
            most = most.max(parts.len());
        }
        let all: u64 = parts.iter().sum();
        assert!(most <= 28, "{most} parts");
        assert!(written <= all * 9 / 2, "written {written} again for {all}");
    }
}
