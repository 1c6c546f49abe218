//! What the names of tags say of versions.

use crate::bst::track::parts;
use std::cmp::Ordering;

/// Words of pre-releases.
const WORDS: [&str; 13] = [
    "alpha",
    "beta",
    "rc",
    "pre",
    "preview",
    "prerelease",
    "dev",
    "devel",
    "nightly",
    "snapshot",
    "canary",
    "milestone",
    "unstable",
];

/// Returns whether a part of a name is a word of pre-releases. One letter is, where a number follows: `1.0b2`, but not
/// `1.1.1w`.
fn is_word(part: &str, next: Option<&str>) -> bool {
    let number = next.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
    WORDS.iter().any(|word| part.eq_ignore_ascii_case(word)) || (number && matches!(part, "a" | "b"))
}

/// The words of pre-releases in a name.
pub(crate) fn pre_release_words(name: &str) -> Vec<String> {
    let all = texts(name);
    let words = (1..all.len()).filter(|at| is_word(all[*at], all.get(at + 1).copied())).map(|at| all[at]);
    // At the very beginning only a whole word is one: `b2` may be a product.
    let first = all.first().filter(|first| is_word(first, None));
    first.copied().into_iter().chain(words).map(str::to_ascii_lowercase).collect()
}

/// Compares the versions of two tags as BuildStream does, but a pre-release is before its release. None where the names are
/// of different products or do not have the same form.
pub(crate) fn compare(one: &str, other: &str) -> Option<Ordering> {
    let (one, other) = (version(one), version(other));
    let product = |version: &[&str]| -> Vec<String> {
        version.iter().take_while(|part| !is_number(part)).map(|part| part.to_ascii_lowercase()).collect()
    };
    let has_number = |version: &[&str]| version.iter().any(|part| is_number(part));
    if product(&one) != product(&other) || !has_number(&one) || !has_number(&other) {
        return None;
    }
    for at in 0.. {
        let step = match (one.get(at), other.get(at)) {
            (None, None) => return Some(Ordering::Equal),
            (Some(more), None) => longer(more, one.get(at + 1).copied()),
            (None, Some(more)) => longer(more, other.get(at + 1).copied()).reverse(),
            (Some(one), Some(other)) => parts(one).cmp(parts(other)),
        };
        if step != Ordering::Equal {
            return Some(step);
        }
    }
    None
}

/// How a name that goes on with this part compares with one that ends before it.
fn longer(part: &str, next: Option<&str>) -> Ordering {
    if is_word(part, next) { Ordering::Less } else { Ordering::Greater }
}

fn is_number(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// The parts of a version, without the `v` that some put before it.
fn version(name: &str) -> Vec<&str> {
    let mut all = texts(name);
    let v = all.iter().position(|part| part.eq_ignore_ascii_case("v"));
    if let Some(at) = v.filter(|at| all.get(at + 1).is_some_and(|next| is_number(next))) {
        all.remove(at);
    }
    all
}

/// Runs of letters and of digits as they are written.
fn texts(name: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = name;
    loop {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let Some(first) = rest.chars().next() else { return all };
        let alike = |c: char| c.is_ascii_alphanumeric() && c.is_ascii_digit() == first.is_ascii_digit();
        let (part, more) = rest.split_at(rest.find(|c| !alike(c)).unwrap_or(rest.len()));
        all.push(part);
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pre_releases_are_known_by_their_words() {
        for (name, words) in [
            ("v1.0-rc1", &["rc"][..]),
            ("1.0.0-beta.2", &["beta"]),
            ("46.alpha", &["alpha"]),
            ("epoch-1.0.0-alpha.7", &["alpha"]),
            ("v2.0b1", &["b"]),
            ("v1.0-RC1", &["rc"]),
            ("nightly", &["nightly"]),
            ("nightly-2026-01-02", &["nightly"]),
        ] {
            assert_eq!(pre_release_words(name), words, "{name}");
        }
        for release in
            ["v1.0", "1.1.1w", "b2-1.0", "prefix-1.0", "rcopy-1", "v1.0-1", "gnome-50", "arch-1.0", "v1b", ""]
        {
            assert_eq!(pre_release_words(release), [""; 0], "{release}");
        }
    }

    #[test]
    fn versions_compare_by_their_numbers_and_a_pre_release_is_before_its_release() {
        for (lower, higher) in [
            ("v1.9", "v1.10"),
            ("1.0", "v1.1"),
            ("v1.0-rc1", "v1.0"),
            ("v1.0-rc1", "v1.0-rc2"),
            ("v1.0-beta2", "v1.0-rc1"),
            ("v1.0", "v1.0.1"),
            ("v1.0.rc2", "v1.0.1"),
            ("a-1.0", "a-1.1"),
            ("v1.0", "v1.1-rc1"),
            ("1.1.1v", "1.1.1w"),
            ("1_20_0", "1.21"),
            ("v99999999999999999999", "v100000000000000000000"),
        ] {
            assert_eq!(compare(lower, higher), Some(Ordering::Less), "{lower} {higher}");
            assert_eq!(compare(higher, lower), Some(Ordering::Greater), "{higher} {lower}");
        }
        assert_eq!(compare("v1.0", "1-0"), Some(Ordering::Equal));
    }

    #[test]
    fn names_of_different_products_do_not_compare() {
        for (one, other) in [("a-1.0", "b-1.1"), ("nightly", "v1.0"), ("latest", "stable"), ("", "v1"), ("v", "w")] {
            assert_eq!((compare(one, other), compare(other, one)), (None, None), "{one} {other}");
        }
    }
}
