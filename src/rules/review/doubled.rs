//! One name and version from two sources.

use crate::block::Entry;
use crate::finding::Finding;
use crate::review::ElementReview;
use crate::review::case::shown;
use crate::review::evidence::Evidence;
use crate::rules::CRATE_TWO_SOURCES;
use std::collections::BTreeMap;

/// Looks for it, where at least one of the two is new.
#[must_use]
pub fn check(element: &ElementReview, _: &Evidence) -> Vec<Finding> {
    let mut all: BTreeMap<(&str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in &element.list {
        let same = all.entry((&entry.name, &entry.version)).or_default();
        if !same.contains(&entry) {
            same.push(entry);
        }
    }
    let new = |entry: &&Entry| element.changes.iter().any(|c| c.after.as_ref() == Some(entry));
    let doubled = all.into_values().filter(|same| same.len() > 1 && same.iter().any(new));
    let finding = |same: Vec<&Entry>| {
        let message = format!("{} comes from {} sources", shown(&same[0].to_string()), same.len());
        Finding::new(&CRATE_TWO_SOURCES, message).of(&element.element).about(&same[0].name).help(CRATE_TWO_SOURCES.mend)
    };
    doubled.map(finding).collect()
}
