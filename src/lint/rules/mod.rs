//! What is looked for in elements. One file, one rule.

pub mod cargo_unlocked;
pub mod crates_missing;
pub mod crates_unused;
pub mod fat_lto;
mod moving_ref;
pub mod network_in_build;
pub mod nondeterministic;
pub mod not_in_stack;
pub mod overlap_undeclared;
pub mod overlap_unneeded;
pub mod rust_missing;
pub mod strip_binaries;
pub mod unit_enabled;

#[cfg(test)]
pub(crate) mod testing;

use crate::finding::{Finding, Rule};
use crate::lint::{Context, Subject};

/// The rules on elements.
pub(crate) static ALL: &[&Rule] = &[
    &cargo_unlocked::RULE,
    &crates_missing::RULE,
    &crates_unused::RULE,
    &fat_lto::RULE,
    &network_in_build::RULE,
    &nondeterministic::RULE,
    &not_in_stack::RULE,
    &overlap_undeclared::RULE,
    &overlap_unneeded::RULE,
    &rust_missing::RULE,
    &strip_binaries::RULE,
    &unit_enabled::RULE,
];

/// A check of one element.
pub(crate) type Check = fn(&Context<'_>, &Subject) -> Vec<Finding>;

/// The checks of single elements.
pub(crate) static CHECKS: &[Check] = &[
    cargo_unlocked::check,
    crates_missing::check,
    crates_unused::check,
    fat_lto::check,
    moving_ref::check,
    network_in_build::check,
    nondeterministic::check,
    overlap_unneeded::check,
    rust_missing::check,
    strip_binaries::check,
    unit_enabled::check,
];

/// The checks of all elements together.
pub(crate) static PROJECT_CHECKS: &[fn(&Context<'_>) -> Vec<Finding>] =
    &[not_in_stack::check, overlap_undeclared::check];
