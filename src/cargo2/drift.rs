//! The difference between the block in a file and the block that matches its lock.

use crate::bst::place;
use crate::cargo2::block::{BlockEntry, Layout, Origin};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The difference between two blocks. Empty means that the file matches its lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Crates that are in the lock and missing in the file.
    pub added: Vec<BlockEntry>,
    /// Crates that are in the file and not in the lock.
    pub removed: Vec<BlockEntry>,
    /// Crates that the file lists more often than the lock.
    pub doubled: Vec<BlockEntry>,
    /// Crates of one name, current and expected, that differ in version or content.
    #[serde(serialize_with = "as_sides")]
    pub changed: Vec<(BlockEntry, BlockEntry)>,
    /// Entries that the plugin could not read: why, and on which line.
    pub flawed: Vec<String>,
    /// The same crates in another order than the plugin's.
    pub reordered: bool,
}

/// Writes pairs of entries as objects. Reports call the current side `held` and the expected side `wanted`.
fn as_sides<S: Serializer>(pairs: &[(BlockEntry, BlockEntry)], to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Sides<'a> {
        #[serde(rename = "held")]
        current: &'a BlockEntry,
        #[serde(rename = "wanted")]
        expected: &'a BlockEntry,
    }
    to.collect_seq(pairs.iter().map(|(current, expected)| Sides { current, expected }))
}

impl Drift {
    /// Returns whether the file matches its lock.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.doubled.is_empty()
            && self.flawed.is_empty()
            && !self.reordered
    }

    /// Returns whether nothing but the spelling of git URLs differs, as far as cargo takes both for the same source: the vendored
    /// crates replace it all the same, so the build is the one of the lock.
    #[must_use]
    pub fn is_spelling(&self) -> bool {
        let others =
            self.added.is_empty() && self.removed.is_empty() && self.doubled.is_empty() && self.flawed.is_empty();
        let respelled = |(current, expected): &(BlockEntry, BlockEntry)| match (&current.from, &expected.from) {
            (Origin::Git { commit: a, repo: old, query: p }, Origin::Git { commit: b, repo: new, query: q }) => {
                (&current.version, a, p) == (&expected.version, b, q) && place::same_for_cargo(old, new)
            }
            _ => false,
        };
        others && !self.reordered && !self.changed.is_empty() && self.changed.iter().all(respelled)
    }

    /// One line: `2 crates moved, 1 added, 3 removed`.
    #[must_use]
    pub fn summary(&self) -> String {
        let moved = self.changed.iter().filter(|(current, expected)| current.version != expected.version).count();
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
        lines.extend(self.doubled.iter().map(|e| (e.name.as_str(), format!("- {e} (listed twice)"))));
        lines.extend(
            self.changed
                .iter()
                .map(|(current, expected)| (current.name.as_str(), format!("~ {}", change(current, expected)))),
        );
        lines.sort();
        self.flawed.iter().map(|flaw| format!("! {flaw}")).chain(lines.into_iter().map(|(_, line)| line)).collect()
    }
}

/// ` from REPO` for a git crate.
fn from(entry: &BlockEntry) -> String {
    match &entry.from {
        Origin::Registry { .. } => String::new(),
        Origin::Git { repo, .. } => format!(" from {}", repo.escape_debug()),
    }
}

/// Describes the change of one crate.
fn change(current: &BlockEntry, expected: &BlockEntry) -> String {
    let name = &current.name;
    if current.version != expected.version {
        return format!("{name} {} → {}", current.version, expected.version);
    }
    let what = match (&current.from, &expected.from) {
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
            format!("query {} → {}", query_text(a), query_text(b))
        }
        (Origin::Registry { .. }, Origin::Git { repo, .. }) => {
            format!("crates.io → git {}", repo.escape_debug())
        }
        (Origin::Git { repo, .. }, Origin::Registry { .. }) => {
            format!("git {} → crates.io", repo.escape_debug())
        }
    };
    format!("{name} {}: {what}", current.version)
}

/// Writes a query for a message.
fn query_text(query: &[(String, String)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(k, v)| format!("{}={}", k.escape_debug(), v.escape_debug())).collect();
    if pairs.is_empty() { "none".into() } else { pairs.join(" ") }
}

/// The first characters of a checksum or commit.
fn short(hash: &str) -> String {
    let head: String = hash.chars().take(12).collect();
    if head.is_empty() { "none".into() } else { head.escape_debug().to_string() }
}

/// Compares the block in a file with the block that matches its lock. Cannot fail.
#[must_use]
pub fn compare<'a>(current: impl Iterator<Item = &'a BlockEntry>, expected: &[BlockEntry], layout: Layout) -> Drift {
    let current: Vec<&BlockEntry> = current.collect();
    if current.len() == expected.len() && current.iter().copied().eq(expected) {
        return Drift::default();
    }
    let mut drift = Drift::default();
    let mut by_name: BTreeMap<&str, (Vec<&BlockEntry>, Vec<&BlockEntry>)> = BTreeMap::new();
    for entry in &current {
        by_name.entry(&entry.name).or_default().0.push(entry);
    }
    for entry in expected {
        by_name.entry(&entry.name).or_default().1.push(entry);
    }
    for (current, expected) in by_name.into_values() {
        pair(current, expected, &mut drift);
    }
    // Each crate of the layout `per-crate` is a source of its own: their order says nothing.
    drift.reordered = drift.is_empty() && layout != Layout::PerCrate;
    drift
}

/// Pairs the crates of one name: first identical entries, then those of the same version, then the rest in order.
fn pair(mut current: Vec<&BlockEntry>, mut expected: Vec<&BlockEntry>, drift: &mut Drift) {
    let all = expected.clone();
    current.retain(|h| match expected.iter().position(|w| w == h) {
        Some(at) => {
            expected.remove(at);
            false
        }
        None => true,
    });
    let doubled = |h: &&BlockEntry| all.contains(h);
    drift.doubled.extend(current.iter().filter(|h| doubled(h)).map(|h| (*h).clone()));
    current.retain(|h| !doubled(h));
    current.retain(|h| match expected.iter().position(|w| w.version == h.version) {
        Some(at) => {
            drift.changed.push(((*h).clone(), expected.remove(at).clone()));
            false
        }
        None => true,
    });
    let moved = current.len().min(expected.len());
    drift.changed.extend(current.drain(..moved).zip(expected.drain(..moved)).map(|(h, w)| (h.clone(), w.clone())));
    drift.removed.extend(current.into_iter().cloned());
    drift.added.extend(expected.into_iter().cloned());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries as `"name version sha, …"`.
    fn entries(text: &str) -> Vec<BlockEntry> {
        let entry = |words: &str| {
            let [name, version, sha] = words.split(' ').collect::<Vec<_>>()[..] else { panic!("three words") };
            BlockEntry { name: name.into(), version: version.into(), from: Origin::Registry { sha: sha.into() } }
        };
        text.split(", ").filter(|t| !t.is_empty()).map(entry).collect()
    }

    fn drift_of(current: &str, expected: &str) -> Drift {
        compare(entries(current).iter(), &entries(expected), Layout::List)
    }

    fn drift(current: &str, expected: &str) -> String {
        let drift = drift_of(current, expected);
        let lines = drift.lines().join("; ");
        if drift.is_empty() { String::new() } else { format!("{} | {lines}", drift.summary()) }
    }

    #[test]
    fn identical_blocks_have_no_drift() {
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
    fn an_entry_that_is_listed_twice_is_reported() {
        assert_eq!(drift("a 1 x, a 1 x", "a 1 x"), "1 doubled | - a 1 (listed twice)");
    }

    #[test]
    fn another_order_is_drift_only_where_the_order_counts() {
        assert_eq!(drift("b 1 y, a 1 x", "a 1 x, b 1 y"), "out of order | ");
        assert!(compare(entries("b 1 y, a 1 x").iter(), &entries("a 1 x, b 1 y"), Layout::PerCrate).is_empty());
    }

    #[test]
    fn only_urls_that_cargo_takes_for_one_are_a_spelling() {
        let git = |version: &str, repo: &str, commit: &str| BlockEntry {
            name: "a".into(),
            version: version.into(),
            from: Origin::Git { commit: commit.into(), repo: repo.into(), query: Vec::new() },
        };
        let is_spelling = |current: BlockEntry, expected: BlockEntry| {
            compare([&current].into_iter(), &[expected], Layout::List).is_spelling()
        };
        let block = || git("1", "https://x.example/a", "c");
        assert!(is_spelling(block(), git("1", "https://X.example/a.git", "c")));
        assert!(is_spelling(git("1", "x:a/", "c"), git("1", "x:a.git", "c")));
        for other in [
            git("1", "https://y.example/a.git", "c"),
            git("1", "http://x.example/a", "c"),
            git("1", "https://x.example/a.git", "d"),
            git("2", "https://x.example/a.git", "c"),
        ] {
            assert!(!is_spelling(block(), other.clone()), "{other:?}");
        }
        assert!(!drift_of("a 1 x", "a 1 y").is_spelling() && !Drift::default().is_spelling());
        let respelled = || compare([&block()].into_iter(), &[git("1", "https://X.example/a", "c")], Layout::List);
        let other = || entries("b 1 x");
        for more in [
            Drift { added: other(), ..respelled() },
            Drift { removed: other(), ..respelled() },
            Drift { doubled: other(), ..respelled() },
            Drift { flawed: vec!["b".into()], ..respelled() },
        ] {
            assert!(!more.is_spelling(), "{more:?}");
        }
    }

    #[test]
    fn what_is_gone_and_what_is_new_are_named() {
        assert_eq!(drift("a 1 x", "b 1 x"), "1 missing, 1 too many | - a 1; + b 1");
    }
}
