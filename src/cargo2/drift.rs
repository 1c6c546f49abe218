//! What lies between the block in a file and the block that its lock asks for.

use crate::cargo2::block::{Entry, Layout, Origin};
use std::collections::BTreeMap;

/// The difference between two blocks. Empty means that the file is right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Crates that the lock asks for and the file lacks.
    pub added: Vec<Entry>,
    /// Crates that the file holds and the lock does not ask for.
    pub removed: Vec<Entry>,
    /// Crates of one name, held and wanted, that differ in version or content.
    pub changed: Vec<(Entry, Entry)>,
    /// Crates that the file holds more often than the lock asks for.
    pub doubled: Vec<Entry>,
    /// Entries that the plugin could not read: why, and on which line.
    pub flawed: Vec<String>,
    /// The same crates in another order than the plugin's.
    pub reordered: bool,
}

impl Drift {
    /// Whether the file is right.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.doubled.is_empty()
            && self.flawed.is_empty()
            && !self.reordered
    }

    /// One line: `2 crates moved, 1 added, 3 removed`.
    #[must_use]
    pub fn summary(&self) -> String {
        let moved = self.changed.iter().filter(|(held, wanted)| held.version != wanted.version).count();
        let parts = [
            (moved, "moved"),
            (self.changed.len() - moved, "changed at the same version"),
            (self.added.len(), "missing"),
            (self.removed.len(), "too many"),
            (self.doubled.len(), "doubled"),
            (self.flawed.len(), "unreadable"),
        ];
        let mut words: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if self.reordered {
            words.push("out of order".into());
        }
        words.join(", ")
    }

    /// One line for each crate that differs: `!` unreadable, `+` missing, `-` too many, `~` changed.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<(&str, String)> = Vec::new();
        lines.extend(self.added.iter().map(|e| (e.name.as_str(), format!("+ {e}{}", from(e)))));
        lines.extend(self.removed.iter().map(|e| (e.name.as_str(), format!("- {e}{}", from(e)))));
        lines.extend(self.doubled.iter().map(|e| (e.name.as_str(), format!("- {e} (stands twice)"))));
        lines.extend(
            self.changed.iter().map(|(held, wanted)| (held.name.as_str(), format!("~ {}", change(held, wanted)))),
        );
        lines.sort();
        self.flawed.iter().map(|flaw| format!("! {flaw}")).chain(lines.into_iter().map(|(_, line)| line)).collect()
    }
}

/// ` from REPO` for a git crate.
fn from(entry: &Entry) -> String {
    match &entry.from {
        Origin::Registry { .. } => String::new(),
        Origin::Git { repo, .. } => format!(" from {}", repo.escape_debug()),
    }
}

/// How one crate changes.
fn change(held: &Entry, wanted: &Entry) -> String {
    let name = &held.name;
    if held.version != wanted.version {
        return format!("{name} {} → {}", held.version, wanted.version);
    }
    let what = match (&held.from, &wanted.from) {
        (Origin::Registry { sha: a }, Origin::Registry { sha: b }) => {
            format!("sha {} → {}", short(a), short(b))
        }
        (Origin::Git { commit: a, .. }, Origin::Git { commit: b, .. }) if a != b => {
            format!("commit {} → {}", short(a), short(b))
        }
        (Origin::Git { repo: a, .. }, Origin::Git { repo: b, .. }) if a != b => {
            format!("repo {} → {}", a.escape_debug(), b.escape_debug())
        }
        (Origin::Git { query: a, .. }, Origin::Git { query: b, .. }) => {
            format!("query {} → {}", asked(a), asked(b))
        }
        (Origin::Registry { .. }, Origin::Git { repo, .. }) => {
            format!("crates.io → git {}", repo.escape_debug())
        }
        (Origin::Git { repo, .. }, Origin::Registry { .. }) => {
            format!("git {} → crates.io", repo.escape_debug())
        }
    };
    format!("{name} {}: {what}", held.version)
}

/// A query for a message.
fn asked(query: &[(String, String)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(k, v)| format!("{}={}", k.escape_debug(), v.escape_debug())).collect();
    if pairs.is_empty() { "none".into() } else { pairs.join(" ") }
}

/// The first characters of a checksum or commit.
fn short(hash: &str) -> String {
    let head: String = hash.chars().take(12).collect();
    if head.is_empty() { "none".into() } else { head.escape_debug().to_string() }
}

/// Compares what a file holds with what its lock asks for. Cannot fail.
#[must_use]
pub fn compare<'a>(held: impl Iterator<Item = &'a Entry>, wanted: &[Entry], layout: Layout) -> Drift {
    let held: Vec<&Entry> = held.collect();
    if held.len() == wanted.len() && held.iter().copied().eq(wanted) {
        return Drift::default();
    }
    let mut drift = Drift::default();
    let mut by_name: BTreeMap<&str, (Vec<&Entry>, Vec<&Entry>)> = BTreeMap::new();
    for entry in &held {
        by_name.entry(&entry.name).or_default().0.push(entry);
    }
    for entry in wanted {
        by_name.entry(&entry.name).or_default().1.push(entry);
    }
    for (held, wanted) in by_name.into_values() {
        pair(held, wanted, &mut drift);
    }
    // Each crate of the layout `per-crate` is a source of its own: their order says nothing.
    drift.reordered = drift.is_empty() && layout != Layout::PerCrate;
    drift
}

/// Pairs the crates of one name: same first, then same version, then in order.
fn pair(mut held: Vec<&Entry>, mut wanted: Vec<&Entry>, drift: &mut Drift) {
    let all = wanted.clone();
    held.retain(|h| match wanted.iter().position(|w| w == h) {
        Some(at) => {
            wanted.remove(at);
            false
        }
        None => true,
    });
    let doubled = |h: &&Entry| all.contains(h);
    drift.doubled.extend(held.iter().filter(|h| doubled(h)).map(|h| (*h).clone()));
    held.retain(|h| !doubled(h));
    held.retain(|h| match wanted.iter().position(|w| w.version == h.version) {
        Some(at) => {
            drift.changed.push(((*h).clone(), wanted.remove(at).clone()));
            false
        }
        None => true,
    });
    let moved = held.len().min(wanted.len());
    drift.changed.extend(held.drain(..moved).zip(wanted.drain(..moved)).map(|(h, w)| (h.clone(), w.clone())));
    drift.removed.extend(held.into_iter().cloned());
    drift.added.extend(wanted.into_iter().cloned());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries as `"name version sha, …"`.
    fn entries(text: &str) -> Vec<Entry> {
        let entry = |words: &str| {
            let [name, version, sha] = words.split(' ').collect::<Vec<_>>()[..] else { panic!("three words") };
            Entry { name: name.into(), version: version.into(), from: Origin::Registry { sha: sha.into() } }
        };
        text.split(", ").filter(|t| !t.is_empty()).map(entry).collect()
    }

    fn drift(held: &str, wanted: &str) -> String {
        let drift = compare(entries(held).iter(), &entries(wanted), Layout::List);
        let lines = drift.lines().join("; ");
        if drift.is_empty() { String::new() } else { format!("{} | {lines}", drift.summary()) }
    }

    #[test]
    fn equal_blocks_have_no_drift() {
        assert_eq!(drift("a 1 x, b 1 y", "a 1 x, b 1 y"), "");
    }

    #[test]
    fn a_second_version_is_an_addition() {
        assert_eq!(drift("syn 1 x", "syn 1 x, syn 2 y"), "1 missing | + syn 2");
    }

    #[test]
    fn a_new_version_is_a_move_and_a_new_checksum_is_not() {
        assert_eq!(
            drift("a 1 x, b 1 y", "a 2 z, b 1 q"),
            "1 moved, 1 changed at the same version | ~ a 1 → 2; ~ b 1: sha y → q"
        );
    }

    #[test]
    fn an_entry_that_stands_twice_is_told() {
        assert_eq!(drift("a 1 x, a 1 x", "a 1 x"), "1 doubled | - a 1 (stands twice)");
    }

    #[test]
    fn another_order_is_drift_only_where_the_order_counts() {
        assert_eq!(drift("b 1 y, a 1 x", "a 1 x, b 1 y"), "out of order | ");
        assert!(compare(entries("b 1 y, a 1 x").iter(), &entries("a 1 x, b 1 y"), Layout::PerCrate).is_empty());
    }

    #[test]
    fn what_is_gone_and_what_is_new_are_named() {
        assert_eq!(drift("a 1 x", "b 1 x"), "1 missing, 1 too many | - a 1; + b 1");
    }
}
