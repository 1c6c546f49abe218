//! The rules on the tracker workflow and on the workflows that merge. One file, one rule.

pub(crate) mod base_branch;
pub(crate) mod branch_doubled;
pub(crate) mod dynamic;
pub(crate) mod element_doubled;
pub(crate) mod element_missing;
pub(crate) mod group_not_offered;
pub(crate) mod group_open;
pub(crate) mod listed;
pub(crate) mod manual_merged;
pub(crate) mod merge_unclear;
pub(crate) mod merges_by_author;
pub(crate) mod no_matrix;
pub(crate) mod note_missing;
pub(crate) mod rust_auto_merge;
pub(crate) mod rust_untracked;
pub(crate) mod tracker_missing;
pub(crate) mod unreadable;

use crate::finding::{Finding, Rule};
use crate::workflows::Facts;

/// Looks for what one rule is about.
pub type Check = fn(&Facts<'_>) -> Vec<Finding>;

/// The checks, one for each rule.
pub static CHECKS: &[Check] = &[
    base_branch::check,
    branch_doubled::check,
    dynamic::check,
    element_doubled::check,
    element_missing::check,
    group_not_offered::check,
    group_open::check,
    listed::check,
    manual_merged::check,
    merge_unclear::check,
    merges_by_author::check,
    no_matrix::check,
    note_missing::check,
    rust_auto_merge::check,
    rust_untracked::check,
    tracker_missing::check,
    unreadable::check,
];

/// The rules.
pub(crate) static ALL: &[&Rule] = &[
    &base_branch::RULE,
    &branch_doubled::RULE,
    &dynamic::RULE,
    &element_doubled::RULE,
    &element_missing::RULE,
    &group_not_offered::RULE,
    &group_open::RULE,
    &listed::RULE,
    &manual_merged::RULE,
    &merge_unclear::RULE,
    &merges_by_author::RULE,
    &no_matrix::RULE,
    &note_missing::RULE,
    &rust_auto_merge::RULE,
    &rust_untracked::RULE,
    &tracker_missing::RULE,
    &unreadable::RULE,
];

/// Names in a sentence: the first ones, and how many more.
fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<String> = all.into_iter().map(|name| format!("`{}`", name.escape_debug())).collect();
    match all.len() {
        0..=5 => all.join(", "),
        n => format!("{} and {} more", all[..4].join(", "), n - 4),
    }
}

#[cfg(test)]
pub(crate) mod testing;
