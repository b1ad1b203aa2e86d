//! A past made of numbered steps, and what must be read of it.

use archive::{Archive, Checkpoint, Error, Link, Mark, Opening, Options};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::path::Path;
use testkit::MemoryDisk;

pub(crate) const DIR: &str = "/book/archive";

/// So small that a hundred steps make many runs, and some merges.
pub(crate) fn options() -> Options {
    Options { fresh_entries: 16, background: false, ..Options::new(2) }
}

pub(crate) fn open_with(disk: &MemoryDisk, options: Options) -> (Archive, Opening) {
    try_open(disk, options).expect("open")
}

pub(crate) fn try_open(disk: &MemoryDisk, options: Options) -> Result<(Archive, Opening), Error> {
    Archive::open(disk.files(), Path::new(DIR), options)
}

/// Up to which step an opening covers the past.
pub(crate) fn covered(opening: &Opening) -> u64 {
    match opening {
        Opening::Anew { .. } => 0,
        Opening::At { tag, state } => {
            assert_eq!(*state, tag.repeat(50), "the state that belongs to the tag");
            u64::from_le_bytes(tag[..].try_into().expect("eight bytes"))
        }
    }
}

pub(crate) fn checkpoint(step: u64) -> Checkpoint {
    let tag = step.to_le_bytes().to_vec();
    Checkpoint { tag: tag.clone(), state: Box::new(move || Some(tag.repeat(50))) }
}

pub(crate) fn id(step: u64) -> u128 {
    u128::from(step).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
}

fn row(step: u64) -> Vec<u8> {
    let length =
        if step.is_multiple_of(41) { 9_000 } else { usize::try_from(step % 60).expect("small") };
    vec![step.to_le_bytes()[0]; length]
}

fn mark(step: u64) -> Option<Mark> {
    (step % 3 == 1).then_some(Mark { seq: 2 * step, at: 10 * step, place: 100 * step })
}

/// Every seventh step changes what is known about an id of before.
fn renewed(step: u64) -> Option<u64> {
    step.is_multiple_of(7).then_some(step / 2)
}

fn links(step: u64) -> [(u8, u128, Link); 2] {
    [
        (0, u128::from(step % 5), Link { at: step, to: 2 * step }),
        (1, id(step / 4), Link { at: step, to: step ^ 1 }),
    ]
}

/// Puts one step in.
pub(crate) fn put(archive: &mut Archive, step: u64) {
    archive.put_id(id(step), step);
    if let Some(of) = renewed(step) {
        archive.put_id(id(of), step + (1 << 40));
    }
    archive.put_row(2 * step, &row(step));
    if let Some(mark) = mark(step) {
        archive.put_mark(mark);
    }
    for (kind, key, item) in links(step) {
        archive.put_link(kind, key, item);
    }
}

/// Puts steps in, freezing when it is due: every third time with a checkpoint. The last
/// checkpoint that was made.
pub(crate) fn put_all(
    archive: &mut Archive,
    steps: std::ops::RangeInclusive<u64>,
) -> Result<u64, (u64, Error)> {
    let (mut last, mut freezes) = (0, 0);
    for step in steps {
        put(archive, step);
        if archive.is_due() {
            freezes += 1;
            let due = freezes % 3 == 0;
            archive.freeze(due.then(|| checkpoint(step))).map_err(|error| (last, error))?;
            last = if due { step } else { last };
        }
    }
    Ok(last)
}

fn value(step: u64, last: u64) -> u64 {
    let changed = [2 * step, 2 * step + 1].into_iter().filter(|s| *s <= last);
    changed.rev().find(|s| renewed(*s) == Some(step)).map_or(step, |s| s + (1 << 40))
}

/// Reads everything up to step `last` and compares it; an error only where reading failed.
pub(crate) fn check(archive: &Archive, last: u64) -> Result<(), Error> {
    let ids: Vec<u128> = (1..=last + 40).map(id).collect();
    let mut found = Vec::new();
    archive.old_ids(&ids, &mut found)?;
    let view = archive.view();
    for (step, found) in (1..).zip(found) {
        let expected = (step <= last).then(|| value(step, last));
        let both = archive.new_id(id(step)).or(found);
        assert_eq!((both, view.id(id(step))?), (expected, expected), "id of step {step}");
        let rows = (step <= last).then(|| row(step));
        assert_eq!(view.row(2 * step)?, rows, "row of step {step}");
        assert_eq!(view.row(2 * step + 1)?, None);
    }
    let all: Vec<_> = (1..=last).map(|step| (2 * step, row(step))).collect();
    for after in [0, 2, last, (2 * last).saturating_sub(1)] {
        let rest = all.iter().filter(|(seq, _)| *seq > after);
        for limit in [1, 10, 1_000] {
            let expected: Vec<_> = rest.clone().take(limit).cloned().collect();
            assert_eq!(view.rows_above(after, limit)?, expected, "{limit} rows above {after}");
        }
    }
    let marks: Vec<Mark> = (1..=last).filter_map(mark).collect();
    for moment in (0..=last + 3).step_by(2) {
        let of = marks.iter().rfind(|mark| mark.seq <= moment * 2 + 1).copied();
        assert_eq!(view.mark_of(moment * 2 + 1)?, of, "mark of {moment}");
        let after = marks.iter().find(|mark| mark.at > moment * 10).copied();
        assert_eq!(view.mark_after(moment * 10)?, after, "mark after {moment}");
    }
    for (kind, key) in
        (0..6).map(|n| (0, n)).chain((0..=last / 4 + 2).step_by(3).map(|n| (1, id(n))))
    {
        check_list(archive, kind, key, last)?;
    }
    Ok(())
}

fn check_list(archive: &Archive, kind: u8, key: u128, last: u64) -> Result<(), Error> {
    let view = archive.view();
    let of = |(k, of, item)| ((k, of) == (kind, key)).then_some(item);
    let all: Vec<Link> = (1..=last).flat_map(|s| links(s).into_iter().filter_map(of)).collect();
    let limits = if kind == 0 { &[0, 1, 7, 1_000][..] } else { &[2, 1_000] };
    for bound in [Unbounded, Included(last / 2), Excluded(last / 2), Excluded(last / 3)] {
        for limit in limits {
            let above = all.iter().filter(|item| match bound {
                Unbounded => true,
                Included(at) => item.at >= at,
                Excluded(at) => item.at > at,
            });
            let expected: Vec<Link> = above.copied().take(*limit).collect();
            assert_eq!(view.above(kind, key, bound, *limit)?, expected, "{bound:?}, {limit}");
            let below = all.iter().rev().filter(|item| match bound {
                Unbounded => true,
                Included(at) => item.at <= at,
                Excluded(at) => item.at < at,
            });
            let expected: Vec<Link> = below.copied().take(*limit).collect();
            assert_eq!(view.below(kind, key, bound, *limit)?, expected, "{bound:?}, {limit}");
        }
    }
    Ok(())
}
