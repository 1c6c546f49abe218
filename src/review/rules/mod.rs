//! The rules on the crates that a change brings. One file, one rule.

pub(crate) mod advisories_unread;
pub(crate) mod advisory_unreadable;
pub(crate) mod archive_swapped;
pub(crate) mod backwards;
pub(crate) mod build_script;
pub(crate) mod checksum_differs;
pub(crate) mod checksum_swapped;
pub(crate) mod commit_differs;
pub(crate) mod commit_moved;
pub(crate) mod count_differs;
pub(crate) mod dirty;
pub(crate) mod doubled;
pub(crate) mod downgraded;
pub(crate) mod gained_dependencies;
pub(crate) mod grew;
pub(crate) mod license;
pub(crate) mod malicious;
pub(crate) mod near_name;
pub(crate) mod not_in_index;
pub(crate) mod not_proven;
pub(crate) mod not_verified;
pub(crate) mod odd_files;
pub(crate) mod off_branch;
pub(crate) mod off_track;
pub(crate) mod other_commit;
pub(crate) mod pre_release;
pub(crate) mod publisher_changed;
pub(crate) mod ref_untrue;
pub(crate) mod release_young;
pub(crate) mod repository_changed;
pub(crate) mod repository_spelling;
pub(crate) mod rewritten;
pub(crate) mod tag_for_branch;
pub(crate) mod tag_moved;
pub(crate) mod to_git;
pub(crate) mod track_changed;
pub(crate) mod trusted_publishing_lost;
pub(crate) mod upstream_changed;
pub(crate) mod upstream_tag_moved;
pub(crate) mod vulnerable;
pub(crate) mod yanked;
pub(crate) mod young;

use crate::finding::{Finding, Rule, Severity, rules};
use crate::review::ElementReview;
use crate::review::change_context::{ChangeContext, Lookup};
use crate::review::evidence::Evidence;

/// Looks at one change for what one rule is about.
pub type Check = fn(&ChangeContext<'_>) -> Vec<Finding>;

/// Looks at a whole list for what one rule is about.
pub type ElementCheck = fn(&ElementReview, &Lookup<'_>, &Evidence) -> Vec<Finding>;

/// The checks of single changes. Of equal severity, their findings are in this order.
pub static CHECKS: &[Check] = &[
    malicious::check,
    checksum_swapped::check,
    checksum_differs::check,
    not_in_index::check,
    near_name::check,
    to_git::check,
    tag_moved::check,
    repository_changed::check,
    vulnerable::check,
    not_verified::check,
    release_young::check,
    young::check,
    yanked::check,
    publisher_changed::check,
    trusted_publishing_lost::check,
    commit_differs::check,
    build_script::check,
    odd_files::check,
    gained_dependencies::check,
    license::check,
    downgraded::check,
    commit_moved::check,
    dirty::check,
    grew::check,
];

/// The checks of whole lists.
pub static ELEMENT_CHECKS: &[ElementCheck] = &[
    upstream_changed::check,
    upstream_tag_moved::check,
    ref_untrue::check,
    off_branch::check,
    archive_swapped::check,
    malicious::check_unchanged,
    doubled::check,
    not_verified::check_all,
    advisories_unread::check,
    advisory_unreadable::check,
    track_changed::check,
    backwards::check,
    rewritten::check,
    pre_release::check,
    tag_for_branch::check,
    off_track::check,
    count_differs::check,
    other_commit::check,
    not_proven::check,
    vulnerable::check_unchanged,
];

/// The rules.
pub(crate) static ALL: &[&Rule] = &[
    &advisories_unread::RULE,
    &advisory_unreadable::RULE,
    &archive_swapped::RULE,
    &backwards::RULE,
    &build_script::RULE,
    &checksum_differs::RULE,
    &checksum_swapped::RULE,
    &commit_differs::RULE,
    &commit_moved::RULE,
    &count_differs::RULE,
    &dirty::RULE,
    &downgraded::RULE,
    &gained_dependencies::RULE,
    &grew::RULE,
    &license::RULE,
    &malicious::RULE,
    &near_name::RULE,
    &not_in_index::RULE,
    &not_proven::RULE,
    &not_verified::RULE,
    &odd_files::RULE,
    &off_branch::RULE,
    &off_track::RULE,
    &other_commit::RULE,
    &pre_release::RULE,
    &ref_untrue::RULE,
    &publisher_changed::RULE,
    &release_young::RULE,
    &repository_changed::RULE,
    &repository_spelling::RULE,
    &rewritten::RULE,
    &tag_for_branch::RULE,
    &tag_moved::RULE,
    &to_git::RULE,
    &track_changed::RULE,
    &trusted_publishing_lost::RULE,
    &upstream_changed::RULE,
    &upstream_tag_moved::RULE,
    &vulnerable::RULE,
    &yanked::RULE,
    &young::RULE,
];

/// The rules whose findings say that something is not proven, or known to do harm. The reviewer decides about the findings of the
/// others.
static PROOF: &[&Rule] =
    &[&checksum_differs::RULE, &checksum_swapped::RULE, &malicious::RULE, &not_in_index::RULE, &not_verified::RULE];

/// The rules whose findings say that something is not known: not that it is wrong, and not that it is right.
static UNKNOWN: &[&Rule] = &[
    &not_verified::RULE,
    &advisories_unread::RULE,
    &rules::CANNOT_EVALUATE,
    &rules::ELEMENT_UNREADABLE,
    &rules::INCLUDE_UNREADABLE,
    &rules::LOCK_UNAVAILABLE,
    &crate::workflows::rules::unreadable::RULE,
];

/// Returns whether a finding is a notice that the crate's own line says as well, so that the crate stays among the routine ones.
#[must_use]
pub fn is_told_in_line(finding: &Finding) -> bool {
    let told = [&build_script::RULE, &dirty::RULE, &grew::RULE].iter().any(|rule| rule.id == finding.rule.id);
    told && finding.severity == Severity::Notice
}

/// Returns whether a finding of a rule says that something is not known.
#[must_use]
pub fn is_unknown(rule: &Rule) -> bool {
    UNKNOWN.iter().any(|r| r.id == rule.id)
}

/// Returns whether a person decides about the findings of a rule, so that they hold a change but do not make its
/// verification fail.
#[must_use]
pub fn is_for_the_reviewer(rule: &Rule) -> bool {
    ALL.iter().any(|r| r.id == rule.id) && !PROOF.iter().any(|r| r.id == rule.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reviewer_decides_about_what_is_no_proof_and_of_the_review() {
        assert!(is_for_the_reviewer(&grew::RULE));
        assert!(!is_for_the_reviewer(&malicious::RULE) && !is_for_the_reviewer(&rules::BLOCK_DRIFT));
    }
}
