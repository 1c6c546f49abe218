//! One name and version from two sources.

use crate::cargo2::block::BlockEntry;
use crate::finding::Finding;
use crate::finding::rules::CRATE_TWO_SOURCES;
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use std::collections::{BTreeMap, HashSet};

/// Returns the findings of [`CRATE_TWO_SOURCES`] where at least one of the two entries is new.
#[must_use]
pub(crate) fn check(element: &ElementReview, lookup: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let mut all: BTreeMap<(&str, &str), HashSet<&BlockEntry>> = BTreeMap::new();
    for entry in &element.list {
        all.entry((&entry.name, &entry.version)).or_default().insert(entry);
    }
    let doubled = all.into_iter().filter(|(_, same)| same.len() > 1 && same.iter().any(|e| lookup.is_changed(e)));
    let finding = |((name, version), same): ((&str, &str), HashSet<&BlockEntry>)| {
        let message = format!("{} comes from {} sources", shown(&format!("{name} {version}")), same.len());
        Finding::new(&CRATE_TWO_SOURCES, message).of(&element.element).about(name).help(CRATE_TWO_SOURCES.remedy)
    };
    doubled.map(finding).collect()
}
