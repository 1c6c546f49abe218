//! Versions next to each other: which is higher, how far apart they are.

use super::{ChangeKind, Semver};
use semver::Version;
use std::cmp::Ordering;

/// Returns how a crate moves from one version to another that differs.
pub(super) fn moved(before: &str, after: &str) -> ChangeKind {
    match order(before, after) {
        Ordering::Greater => ChangeKind::Down(class(before, after)),
        Ordering::Less | Ordering::Equal => ChangeKind::Up(class(before, after)),
    }
}

/// The order of versions. Those that are no semantic versions come first, as text.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    match (Version::parse(a), Version::parse(b)) {
        (Ok(x), Ok(y)) => x.cmp(&y),
        (Ok(_), Err(_)) => Ordering::Greater,
        (Err(_), Ok(_)) => Ordering::Less,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

/// Returns how far apart two versions are. Below `1.0.0` the first number that is not zero counts as the major one, as
/// cargo has it.
pub(super) fn class(a: &str, b: &str) -> Semver {
    let (Ok(a), Ok(b)) = (Version::parse(a), Version::parse(b)) else { return Semver::Other };
    if epoch(&a) != epoch(&b) {
        Semver::Major
    } else if a.minor != b.minor {
        Semver::Minor
    } else if a.patch != b.patch || a.pre != b.pre {
        Semver::Patch
    } else {
        Semver::Other
    }
}

/// The range of versions that cargo takes as compatible: `1.x`, `0.8.x`, `0.0.3`. A lock has at most one version of a registry's crate
/// in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Range(u64, u64, u64);

/// Returns the range that a version is in. Those that are no semantic versions are in none.
pub(super) fn range(version: &str) -> Option<Range> {
    Version::parse(version).ok().map(|version| epoch(&version))
}

/// Returns the numbers that compatible versions have in common.
const fn epoch(v: &Version) -> Range {
    match (v.major, v.minor, v.patch) {
        (0, 0, patch) => Range(0, 0, patch),
        (0, minor, _) => Range(0, minor, 0),
        (major, _, _) => Range(major, 0, 0),
    }
}

/// Returns how near two versions are: less is nearer. Those that are no semantic versions are the farthest from all.
pub(super) fn distance(a: &str, b: &str) -> (u64, u64, u64) {
    match (Version::parse(a), Version::parse(b)) {
        (Ok(a), Ok(b)) => (a.major.abs_diff(b.major), a.minor.abs_diff(b.minor), a.patch.abs_diff(b.patch)),
        _ => (u64::MAX, u64::MAX, u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_that_is_not_zero_is_the_major_one() {
        for (a, b, expected) in [
            ("1.2.3", "2.0.0", Semver::Major),
            ("0.2.3", "0.3.0", Semver::Major),
            ("0.0.3", "0.0.4", Semver::Major),
            ("0.0.3", "0.1.0", Semver::Major),
            ("1.2.3", "1.3.0", Semver::Minor),
            ("1.2.3", "1.2.4", Semver::Patch),
            ("0.2.3", "0.2.4", Semver::Patch),
            ("1.0.0-rc.1", "1.0.0", Semver::Patch),
            ("1.0.0+a", "1.0.0+b", Semver::Other),
            ("1.0", "1.1", Semver::Other),
        ] {
            assert_eq!((class(a, b), class(b, a)), (expected, expected), "{a} {b}");
        }
    }

    #[test]
    fn a_range_holds_what_a_caret_allows() {
        for (a, b, same) in [
            ("1.2.3", "1.9.0", true),
            ("1.2.3", "2.0.0", false),
            ("0.8.1", "0.8.9", true),
            ("0.8.1", "0.9.0", false),
            ("0.0.3", "0.0.4", false),
            ("0.0.3", "0.0.3-rc.1", true),
            ("0.1.0+a", "0.1.0+b", true),
            ("1.0", "1.0.0", false),
        ] {
            assert_eq!(range(a) == range(b), same, "{a} {b}");
        }
    }

    #[test]
    fn versions_move_by_number_and_not_by_text() {
        assert_eq!(moved("1.9.0", "1.10.0"), ChangeKind::Up(Semver::Minor));
        assert_eq!(moved("1.10.0", "1.9.0"), ChangeKind::Down(Semver::Minor));
        assert_eq!(moved("1.0.0", "1.0.0-rc.1"), ChangeKind::Down(Semver::Patch));
    }
}
