//! The differences between two crate lists: every entry that is not in both is in exactly one change.

use super::versions::{distance, moved, order, range};
use super::{Attention, ChangeKind, CrateChange};
use crate::cargo2::block::{BlockEntry, Origin};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

/// The number of versions of one name that are paired by their distance. Real lists have at most five.
const NEAR: usize = 64;

/// The changes from one list to another, by name and version.
///
/// Of several entries of a name, equal ones are no change; then those of the same version are paired, then the nearest of each range
/// of compatible versions, as a lock has one of each. What is left has no partner in its range: it is paired with a lower version that
/// is left too, or is from git where one that is left was not; else it is new or gone. It never counts as one that goes down to
/// another range, unless it is the only version of the name on both sides.
#[must_use]
pub fn compare(before: &[BlockEntry], after: &[BlockEntry]) -> Vec<CrateChange> {
    let mut names: BTreeMap<&str, (Vec<&BlockEntry>, Vec<&BlockEntry>)> = BTreeMap::new();
    for entry in before {
        names.entry(&entry.name).or_default().0.push(entry);
    }
    for entry in after {
        names.entry(&entry.name).or_default().1.push(entry);
    }
    names.into_values().flat_map(|(before, after)| of_name(before, after)).collect()
}

/// The changes of one name.
fn of_name<'a>(mut before: Vec<&'a BlockEntry>, mut after: Vec<&'a BlockEntry>) -> Vec<CrateChange> {
    let only = before.len() == 1 && after.len() == 1;
    before.sort_by(|a, b| total(a, b));
    after.sort_by(|a, b| total(a, b));
    take_pairs(&mut before, &mut after, |e| e);
    let mut pairs = take_pairs(&mut before, &mut after, |e| e.version.as_str());
    if only {
        pairs.extend(before.drain(..).zip(after.drain(..)));
    }
    pairs.extend(compatible(&mut before, &mut after));
    pairs.extend(upwards(&mut before, &mut after));
    pairs.extend(replaced(&mut before, &mut after));
    let mut sides: Vec<(Option<&'a BlockEntry>, Option<&'a BlockEntry>)> =
        pairs.into_iter().map(|(b, a)| (Some(b), Some(a))).collect();
    sides.extend(before.into_iter().map(|b| (Some(b), None)));
    sides.extend(after.into_iter().map(|a| (None, Some(a))));
    sides.sort_by(|(b, a), (d, c)| match (a.or(*b), c.or(*d)) {
        (Some(x), Some(y)) => total(x, y),
        (x, y) => x.is_some().cmp(&y.is_some()),
    });
    sides.into_iter().map(|(before, after)| change(before, after)).collect()
}

/// An order in which only equal entries are equal.
fn total(a: &BlockEntry, b: &BlockEntry) -> Ordering {
    a.order(b).then_with(|| match (&a.from, &b.from) {
        (Origin::Registry { sha: a }, Origin::Registry { sha: b }) => a.cmp(b),
        (Origin::Git { query: a, .. }, Origin::Git { query: b, .. }) => a.cmp(b),
        (Origin::Registry { .. }, Origin::Git { .. }) => Ordering::Less,
        (Origin::Git { .. }, Origin::Registry { .. }) => Ordering::Greater,
    })
}

/// Takes out what agrees in a key, each entry once.
fn take_pairs<'a, K: std::hash::Hash + Eq>(
    before: &mut Vec<&'a BlockEntry>,
    after: &mut Vec<&'a BlockEntry>,
    key: impl Fn(&'a BlockEntry) -> K,
) -> Vec<(&'a BlockEntry, &'a BlockEntry)> {
    let mut held: HashMap<K, Vec<&'a BlockEntry>> = HashMap::new();
    for entry in before.drain(..).rev() {
        held.entry(key(entry)).or_default().push(entry);
    }
    let mut pairs = Vec::new();
    after.retain(|a| match held.get_mut(&key(a)).and_then(Vec::pop) {
        Some(b) => {
            pairs.push((b, *a));
            false
        }
        None => true,
    });
    before.extend(held.into_values().flatten());
    before.sort_by(|a, b| total(a, b));
    pairs
}

/// Takes out pairs of versions that cargo takes as compatible, the nearest ones of each range.
fn compatible<'a>(
    before: &mut Vec<&'a BlockEntry>,
    after: &mut Vec<&'a BlockEntry>,
) -> Vec<(&'a BlockEntry, &'a BlockEntry)> {
    let mut ranges: BTreeMap<_, (Vec<&BlockEntry>, Vec<&BlockEntry>)> = BTreeMap::new();
    for entry in before.drain(..) {
        ranges.entry(range(&entry.version)).or_default().0.push(entry);
    }
    for entry in after.drain(..) {
        ranges.entry(range(&entry.version)).or_default().1.push(entry);
    }
    let mut pairs = Vec::new();
    for (mut old, mut new) in ranges.into_values() {
        pairs.extend(nearest(&mut old, &mut new));
        before.append(&mut old);
        after.append(&mut new);
    }
    pairs
}

/// Takes out pairs of a version and the highest lower one that is left: what replaces an older range.
fn upwards<'a>(
    before: &mut Vec<&'a BlockEntry>,
    after: &mut Vec<&'a BlockEntry>,
) -> Vec<(&'a BlockEntry, &'a BlockEntry)> {
    before.sort_by(|a, b| order(&a.version, &b.version).then_with(|| total(a, b)));
    after.sort_by(|a, b| order(&a.version, &b.version).then_with(|| total(a, b)));
    let (mut lower, mut rest) = (Vec::new(), std::mem::take(before).into_iter().peekable());
    let mut pairs = Vec::new();
    after.retain(|new| {
        while let Some(old) = rest.next_if(|old| order(&old.version, &new.version).is_lt()) {
            lower.push(old);
        }
        let partner = lower.pop();
        pairs.extend(partner.map(|old| (old, *new)));
        partner.is_none()
    });
    before.extend(lower);
    before.extend(rest);
    pairs
}

/// Takes out pairs of a version from git and one that is left and came from elsewhere: whatever the versions, where it comes from is
/// what matters then.
fn replaced<'a>(
    before: &mut Vec<&'a BlockEntry>,
    after: &mut Vec<&'a BlockEntry>,
) -> Vec<(&'a BlockEntry, &'a BlockEntry)> {
    let other = |old: &BlockEntry, new: &BlockEntry| match (&old.from, &new.from) {
        (Origin::Registry { .. }, Origin::Git { .. }) => true,
        (Origin::Git { repo: a, .. }, Origin::Git { repo: b, .. }) => a != b,
        _ => false,
    };
    let mut pairs = Vec::new();
    after.retain(|new| {
        if matches!(new.from, Origin::Registry { .. }) {
            return true;
        }
        let partner = before.iter().rposition(|old| other(old, new)).map(|at| before.remove(at));
        pairs.extend(partner.map(|old| (old, *new)));
        partner.is_none()
    });
    pairs
}

/// Takes out pairs of the nearest versions, until one side is empty.
fn nearest<'a>(
    before: &mut Vec<&'a BlockEntry>,
    after: &mut Vec<&'a BlockEntry>,
) -> Vec<(&'a BlockEntry, &'a BlockEntry)> {
    before.sort_by(|a, b| order(&b.version, &a.version).then_with(|| total(a, b)));
    after.sort_by(|a, b| order(&b.version, &a.version).then_with(|| total(a, b)));
    let mut pairs = Vec::new();
    if before.len() > NEAR || after.len() > NEAR {
        let count = before.len().min(after.len());
        pairs.extend(before.drain(..count).zip(after.drain(..count)));
        return pairs;
    }
    while let Some((b, a)) = closest(before, after) {
        pairs.push((before.remove(b), after.remove(a)));
    }
    pairs
}

/// Returns the positions of the two nearest versions; of equally near ones the highest.
fn closest(before: &[&BlockEntry], after: &[&BlockEntry]) -> Option<(usize, usize)> {
    let all = (0..before.len()).flat_map(|b| (0..after.len()).map(move |a| (b, a)));
    all.min_by_key(|(b, a)| distance(&before[*b].version, &after[*a].version))
}

/// A change with its kind.
fn change(before: Option<&BlockEntry>, after: Option<&BlockEntry>) -> CrateChange {
    let kind = match (before, after) {
        (Some(before), Some(after)) => kind(before, after),
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
    };
    let name = after.or(before).map(|e| e.name.clone()).unwrap_or_default();
    CrateChange {
        name,
        kind,
        before: before.cloned(),
        after: after.cloned(),
        attention: Attention::Low,
        facts: Vec::new(),
        brought_by: Vec::new(),
    }
}

/// Returns how two entries of one name differ. Where it comes from counts most, then the version, then what is requested.
fn kind(before: &BlockEntry, after: &BlockEntry) -> ChangeKind {
    match (&before.from, &after.from) {
        (Origin::Registry { .. }, Origin::Git { .. }) => ChangeKind::ToGit,
        (Origin::Git { .. }, Origin::Registry { .. }) => ChangeKind::ToRegistry,
        (Origin::Git { repo: a, .. }, Origin::Git { repo: b, .. }) if a != b => ChangeKind::Repository,
        _ if before.version != after.version => moved(&before.version, &after.version),
        (Origin::Git { query: a, .. }, Origin::Git { query: b, .. }) if a != b => ChangeKind::Query,
        (Origin::Git { .. }, Origin::Git { .. }) => ChangeKind::Commit,
        (Origin::Registry { .. }, Origin::Registry { .. }) => ChangeKind::Checksum,
    }
}

#[cfg(test)]
mod tests;
