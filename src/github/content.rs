//! What merging a pull request changes in its base branch: path by path, and as the id that approvals are bound to.

use super::tree::{Item, Listing, ListingError};
use crate::cargo2::snapshot::Snapshot;
use crate::encode;
use crate::finding::read::Read;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A path that the merge changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The path, from the repository's root.
    pub path: String,
    /// The entry at the tip of the base branch.
    pub before: Option<Item>,
    /// The entry after the merge.
    pub after: Option<Item>,
    /// Whether both branches changed it, differently, since their merge base: then `after` is the head's entry, and what git
    /// would make of both is not known.
    pub conflict: bool,
}

/// The most paths that a merge may change: a larger one is not looked at, and held.
pub(crate) const MAX_CHANGES: usize = 5_000;

/// The merge of a head into the tip of a branch, path by path. Texts are not merged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Merged {
    /// All files after the merge.
    pub files: Listing,
    /// The paths that it changes, sorted.
    pub changes: Vec<Change>,
    /// The paths that the branch changed since the merge base: the head was made without knowing that.
    pub behind: BTreeSet<String>,
}

/// Merges a head into a tip. `base` is their only merge base.
///
/// # Errors
/// When the result has a path that is a file and a folder, and therefore no checkout can hold it.
pub(crate) fn merge(base: &Listing, tip: &Listing, head: &Listing) -> Result<Merged, ListingError> {
    // What the head did not change stays as it is at the tip.
    let touched: BTreeSet<String> = base.changed(head).into_iter().collect();
    let mut changes = Vec::new();
    for path in &touched {
        let (then, now, wanted) = (base.get(path), tip.get(path), head.get(path));
        if now != wanted {
            let (path, before, after) = (path.clone(), now.cloned(), wanted.cloned());
            changes.push(Change { path, before, after, conflict: now != then });
        }
    }
    let kept = tip.iter().filter(|(path, _)| !touched.contains(*path));
    let brought = touched.iter().filter_map(|path| head.get(path).map(|item| (path.as_str(), item)));
    let files = Listing::new(kept.chain(brought).map(|(path, item)| (path.to_owned(), item.clone())))?;
    Ok(Merged { files, changes, behind: base.changed(tip).into_iter().collect() })
}

/// One state of the repository: before the merge, or after it.
pub(crate) struct Side<'a> {
    /// All files.
    pub files: &'a Listing,
    /// Every project in it: the folder of each `project.conf`, without a slash at its end, and what is known of it.
    pub projects: &'a [(String, Read<Arc<Snapshot>>)],
    /// Gives the content of a file, by its entry.
    pub blob: &'a (dyn Fn(&Item) -> Read<Arc<[u8]>> + Sync),
}

/// The class of a path that decides whether a pull request is held: the strictest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Something that could not be read or is not known.
    Unknown,
    /// An input of a Rust element.
    Input,
    /// An element file that is, was, or may be a Rust element.
    Element,
    /// A file that decides what merges.
    Merges,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "not known",
            Self::Input => "input of a Rust element",
            Self::Element => "element that may be a Rust element",
            Self::Merges => "file that decides what merges",
        })
    }
}

/// A path that holds the pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decisive {
    /// The path, from the repository's root.
    pub path: String,
    /// Its class.
    pub class: Class,
    /// Why it is of that class, in words for the reviewer.
    pub why: String,
    /// The Rust elements that it concerns, where they are known.
    pub elements: Vec<String>,
    /// The entry at the tip of the base branch.
    pub before: Option<Item>,
    /// The entry after the merge. The same as `before` for a path that becomes an input by the change of another.
    pub after: Option<Item>,
}

/// What a merge changes, classified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// The base branch.
    pub branch: String,
    /// The number of paths that the merge changes.
    pub paths: usize,
    /// The paths that hold it, sorted by their paths.
    pub decisive: Vec<Decisive>,
}

/// The identity of what was approved: equal ids mean the same changes of the same paths in the same branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentId(String);

impl ContentId {
    /// The digits that people copy: so many that nobody finds two contents with the same ones.
    pub(crate) const COPIED: usize = 32;

    /// The id as people copy it.
    #[must_use]
    pub(crate) fn short(&self) -> &str {
        self.0.get(..Self::COPIED).unwrap_or_default()
    }

    /// Returns whether somebody means this content by a text: its first digits, 32 or more.
    #[must_use]
    pub(crate) fn is_meant_by(&self, text: &str) -> bool {
        text.len() >= self.short().len() && self.0.starts_with(&text.to_ascii_lowercase())
    }

    /// All 64 hex digits.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Content {
    /// Returns whether nothing holds it.
    #[must_use]
    pub(crate) fn is_harmless(&self) -> bool {
        self.decisive.is_empty()
    }

    /// The number of changed paths that hold nothing.
    #[must_use]
    pub(crate) fn harmless_paths(&self) -> usize {
        self.paths - self.decisive.iter().filter(|path| path.before != path.after).count().min(self.paths)
    }

    /// The strictest class.
    #[must_use]
    pub(crate) fn class(&self) -> Option<Class> {
        self.decisive.iter().map(|path| path.class).min()
    }

    /// The id that an approval is bound to. None while something is not known: what is not known cannot be approved.
    #[must_use]
    pub(crate) fn id(&self) -> Option<ContentId> {
        if self.class() == Some(Class::Unknown) {
            return None;
        }
        let mut bytes = Vec::new();
        let mut add = |text: &str| {
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        };
        add(&self.branch);
        for path in &self.decisive {
            add(&path.path);
            add(&entry(path.before.as_ref()));
            add(&entry(path.after.as_ref()));
        }
        Some(ContentId(encode::sha256(bytes)))
    }
}

/// A file's entry as a text. Empty where there is none.
fn entry(item: Option<&Item>) -> String {
    item.map(|item| format!("{:o} {}", item.mode, item.id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Listing {
        let item = |id: &str| Item { mode: Item::FILE, id: id.to_owned() };
        Listing::new(list.iter().map(|(path, id)| ((*path).to_owned(), item(id)))).unwrap()
    }

    fn changed(merged: &Merged) -> Vec<(&str, bool)> {
        merged.changes.iter().map(|change| (change.path.as_str(), change.conflict)).collect()
    }

    #[test]
    fn only_what_the_head_changed_is_changed() {
        let base = files(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let tip = files(&[("a", "2"), ("b", "1"), ("c", "3"), ("new", "1")]);
        let head = files(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let merged = merge(&base, &tip, &head).unwrap();
        assert_eq!(changed(&merged), [("b", false)]);
        assert_eq!(merged.files, files(&[("a", "2"), ("b", "2"), ("c", "3"), ("new", "1")]));
    }

    #[test]
    fn what_both_changed_differently_is_a_conflict_and_what_both_changed_alike_is_none() {
        let base = files(&[("a", "1"), ("gone", "1"), ("both", "1")]);
        let tip = files(&[("a", "2"), ("gone", "2"), ("both", "2"), ("added", "1")]);
        let head = files(&[("a", "3"), ("both", "2"), ("added", "2")]);
        let merged = merge(&base, &tip, &head).unwrap();
        assert_eq!(changed(&merged), [("a", true), ("added", true), ("gone", true)]);
    }

    #[test]
    fn a_file_that_becomes_a_folder_on_the_other_side_is_no_tree() {
        let (base, tip, head) = (files(&[]), files(&[("a", "1")]), files(&[("a/b", "1")]));
        assert!(merge(&base, &tip, &head).is_err());
    }

    fn decisive(path: &str, class: Class, before: &str, after: &str) -> Decisive {
        let item = |id: &str| (!id.is_empty()).then(|| Item { mode: Item::FILE, id: id.to_owned() });
        let (path, before, after) = (path.to_owned(), item(before), item(after));
        Decisive { path, class, why: String::new(), elements: Vec::new(), before, after }
    }

    fn content(branch: &str, decisive: Vec<Decisive>) -> Content {
        Content { branch: branch.into(), paths: 3, decisive }
    }

    #[test]
    fn the_id_depends_on_the_branch_and_on_every_entry_and_on_no_reason() {
        let of = |branch: &str, before: &str, after: &str| {
            content(branch, vec![decisive("a", Class::Input, before, after)]).id().unwrap()
        };
        let first = of("main", "1", "2");
        for other in [of("next", "1", "2"), of("main", "3", "2"), of("main", "1", "3"), of("main", "", "2")] {
            assert_ne!(first, other);
        }
        let mut reworded = decisive("a", Class::Element, "1", "2");
        reworded.why = "another".into();
        assert_eq!(content("main", vec![reworded]).id().unwrap(), first);
        let mode = Item { mode: 0o100_755, id: "2".into() };
        let executable = Decisive { after: Some(mode), ..decisive("a", Class::Input, "1", "2") };
        assert_ne!(content("main", vec![executable]).id().unwrap(), first);
    }

    #[test]
    fn what_is_not_known_has_no_id() {
        let some =
            content("main", vec![decisive("a", Class::Unknown, "1", "2"), decisive("b", Class::Input, "1", "2")]);
        assert_eq!((some.id(), some.class(), some.harmless_paths()), (None, Some(Class::Unknown), 1));
        assert!(!some.is_harmless() && content("main", Vec::new()).is_harmless());
    }

    #[test]
    fn an_input_that_is_drawn_in_is_no_changed_path() {
        let some = content("main", vec![decisive("a", Class::Input, "1", "1"), decisive("b", Class::Input, "1", "2")]);
        assert_eq!(some.harmless_paths(), 2);
    }

    proptest::proptest! {
        /// The merge agrees with itself: applying the changes to the tip gives its files.
        #[test]
        fn changes_lead_from_the_tip_to_the_merge(sides in proptest::collection::vec((0..3u8, 0..3u8, 0..3u8), 0..6)) {
            let of = |at: usize| {
                let one = |(i, side): (usize, &(u8, u8, u8))| {
                    let id = [side.0, side.1, side.2][at];
                    (id > 0).then(|| (format!("p{i}"), Item { mode: Item::FILE, id: id.to_string() }))
                };
                Listing::new(sides.iter().enumerate().filter_map(one)).unwrap()
            };
            let (base, tip, head) = (of(0), of(1), of(2));
            let merged = merge(&base, &tip, &head).unwrap();
            let paths: Vec<String> = merged.changes.iter().map(|change| change.path.clone()).collect();
            proptest::prop_assert_eq!(tip.changed(&merged.files), paths);
            for change in &merged.changes {
                proptest::prop_assert_eq!(merged.files.get(&change.path), change.after.as_ref());
                proptest::prop_assert_eq!(tip.get(&change.path), change.before.as_ref());
            }
        }
    }
}
