//! The rules on elements. One file, one rule.

pub(crate) mod cargo_unlocked;
pub(crate) mod crates_missing;
pub(crate) mod crates_unused;
pub(crate) mod fat_lto;
mod moving_ref;
pub(crate) mod network_in_build;
pub(crate) mod nondeterministic;
pub(crate) mod not_in_stack;
pub(crate) mod overlap_undeclared;
pub(crate) mod overlap_unneeded;
pub(crate) mod rust_missing;
pub(crate) mod strip_binaries;
pub(crate) mod unit_enabled;

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
