//! Which branch or tag an element follows, as its `git_repo` source chooses it.
//!
//! The rules are those of the `git_repo` plugin of buildstream-plugins-community (`_git_utils.py`): of all branches and tags
//! that match `track` and none of `exclude`, the one whose name is the latest version. Tags come after branches, since the
//! whole name is compared.

pub(crate) mod describe;
mod glob;

use std::cmp::Ordering;

use glob::Glob;

/// The result of tracking.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chosen {
    /// The full name of the branch or tag, as in `refs/tags/v1`.
    pub name: String,
    /// The ref to pin: `v1-0-g<commit>` for a tag, as `git describe` writes it, and the bare commit for anything else.
    pub git_ref: String,
}

/// Chooses among `refs`, pairs of a full name and a commit, by the patterns `track` and `exclude`; `None` when nothing
/// matches.
///
/// A pattern is one of Python's `fnmatch`, with `*` and `?` taking slashes too. It matches the full name when it begins
/// with `refs/`, else for what follows `refs/heads/` or `refs/tags/`. Of equal versions (`v1.0`, `v1-0`) the last in the
/// order of bytes is taken.
///
/// The plugin takes a branch for a tag when `tags` is anywhere in its name, and then writes a ref that it cannot fetch;
/// here a tag is what is in `refs/tags/`.
#[must_use]
pub fn choose(refs: &[(String, String)], track: &str, exclude: &[String]) -> Option<Chosen> {
    choose_among(refs, track, exclude, &|_| true)
}

/// Chooses as [`choose`] does, among the branches and tags that are `allowed`.
#[must_use]
pub(crate) fn choose_among(
    refs: &[(String, String)],
    track: &str,
    exclude: &[String],
    allowed: &dyn Fn(&str) -> bool,
) -> Option<Chosen> {
    let track = RefPattern::parse(track);
    let exclude: Vec<_> = exclude.iter().map(|pattern| RefPattern::parse(pattern)).collect();
    let matching = refs.iter().filter(|(name, _)| {
        // A line about an annotated tag, not a ref.
        let followed = track.matches(name) && !exclude.iter().any(|pattern| pattern.matches(name));
        !name.ends_with("^{}") && followed && allowed(name)
    });
    let latest = |one: &&(String, String), other: &&(String, String)| {
        compare_versions(&one.0, &other.0).then_with(|| one.0.cmp(&other.0))
    };
    let (name, commit) = matching.max_by(latest)?;
    let git_ref = match name.strip_prefix("refs/tags/") {
        Some(tag) => format!("{tag}-0-g{commit}"),
        None => commit.clone(),
    };
    Some(Chosen { name: name.clone(), git_ref })
}

/// Returns whether `track` and `exclude` let a branch or tag be followed, by its full name.
#[must_use]
pub(crate) fn follows(name: &str, track: &str, exclude: &[String]) -> bool {
    RefPattern::parse(track).matches(name) && !exclude.iter().any(|pattern| RefPattern::parse(pattern).matches(name))
}

/// Returns whether a pattern of git matches the name of a tag. None for a pattern that git reads otherwise than Python does:
/// one with a backslash, or with more than letters, digits and ranges of them in brackets.
#[must_use]
pub(crate) fn git_matches(pattern: &str, tag: &str) -> Option<bool> {
    let classes = pattern.split('[').skip(1);
    let is_plain = |class: &str| {
        let inside = class.split_once(']').map(|(inside, _)| inside);
        inside.is_some_and(|text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    let same = !pattern.contains('\\') && classes.into_iter().all(is_plain);
    same.then(|| Glob::parse(pattern).matches(tag.as_bytes()))
}

/// The beginning that all names have which a pattern matches; the whole text where it matches that alone.
#[must_use]
pub(crate) fn fixed_beginning(pattern: &str) -> &str {
    pattern.split(['*', '?', '[']).next().unwrap_or_default()
}

/// Compares the letters and numbers of two names, one after the other. Separators do not count, letters come before numbers,
/// and what has more parts comes later: `1.beta` < `1.0` < `1.0-rc1` < `1.1`.
fn compare_versions(one: &str, other: &str) -> Ordering {
    parts(one).cmp(parts(other))
}

/// Runs of ASCII letters (false) and of ASCII digits (true), in a form that compares as the plugin's does: a number by its value, however
/// long it is.
pub(crate) fn parts(name: &str) -> impl Iterator<Item = (bool, usize, &str)> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let alike = |c: char| if digits { c.is_ascii_digit() } else { c.is_ascii_alphabetic() };
        let (part, more) = rest.split_at(rest.find(|c| !alike(c)).unwrap_or(rest.len()));
        rest = more;
        let value = part.trim_start_matches('0');
        (!part.is_empty()).then_some(if digits { (true, value.len(), value) } else { (false, 0, part) })
    })
}

/// A pattern of `track` or `exclude`.
struct RefPattern {
    full: bool,
    glob: Glob,
}

impl RefPattern {
    fn parse(text: &str) -> Self {
        Self { full: text.starts_with("refs/"), glob: Glob::parse(text) }
    }

    fn matches(&self, name: &str) -> bool {
        let short = || name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/"));
        let text = if self.full { Some(name) } else { short() };
        text.is_some_and(|text| self.glob.matches(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    /// The name that is chosen among names like `v1` (a tag) and `heads/main`.
    fn name(names: &[&str], track: &str, exclude: &[&str]) -> Option<String> {
        let full = |name: &&str| match name.split_once('/') {
            Some(("heads" | "tags" | "pull", _)) => format!("refs/{name}"),
            _ => format!("refs/tags/{name}"),
        };
        let refs: Vec<_> = names.iter().map(|name| (full(name), COMMIT.to_owned())).collect();
        let exclude: Vec<_> = exclude.iter().map(|&pattern| pattern.to_owned()).collect();
        let chosen = choose(&refs, track, &exclude)?.name;
        Some(chosen.strip_prefix("refs/tags/").unwrap_or(&chosen).to_owned())
    }

    #[test]
    fn a_tag_is_pinned_as_git_describes_it_and_a_branch_by_its_commit() {
        let refs = |name: &str| [(name.to_owned(), COMMIT.to_owned())];
        let git_ref = |name: &str| choose(&refs(name), "*", &[]).unwrap().git_ref;
        assert_eq!(git_ref("refs/tags/a/v1"), format!("a/v1-0-g{COMMIT}"));
        assert_eq!(git_ref("refs/heads/main"), COMMIT);
        assert_eq!(git_ref("refs/heads/tags"), COMMIT);
        let (commit, tag) = crate::bst::source::commit_of(&git_ref("refs/tags/v1-rc")).unwrap();
        assert_eq!((commit.as_str(), tag.as_deref()), (COMMIT, Some("v1-rc")));
    }

    #[test]
    fn the_latest_is_the_highest_version_by_its_numbers() {
        assert_eq!(name(&["v1.9", "v1.10", "v1.2"], "v*", &[]).unwrap(), "v1.10");
        assert_eq!(name(&["v1.9.9", "v2"], "v*", &[]).unwrap(), "v2");
        assert_eq!(name(&["1_20_0", "1.3"], "*", &[]).unwrap(), "1_20_0");
        assert_eq!(name(&["v99999999999999999999999", "v100000000000000000000000"], "*", &[]).unwrap().len(), 25);
        assert_eq!(name(&["v0010", "v9"], "*", &[]).unwrap(), "v0010");
        assert_eq!(name(&["a1", "b0"], "*", &[]).unwrap(), "b0");
    }

    #[test]
    fn a_pre_release_is_before_the_next_number_but_after_its_own_release() {
        assert_eq!(name(&["1.beta", "1.0"], "*", &[]).unwrap(), "1.0");
        assert_eq!(name(&["v1.0.rc2", "v1.0.1"], "*", &[]).unwrap(), "v1.0.1");
        // That is why elements exclude them.
        assert_eq!(name(&["v1.0", "v1.0-rc2"], "*", &[]).unwrap(), "v1.0-rc2");
        assert_eq!(name(&["v1.0", "v1.0-rc2"], "*", &["*-rc*"]).unwrap(), "v1.0");
        assert_eq!(name(&["v1.0-alpha9", "v1.0-beta1"], "*", &[]).unwrap(), "v1.0-beta1");
    }

    #[test]
    fn equal_versions_are_chosen_alike_in_any_order() {
        for names in [["v1.0", "v1-0"], ["v1-0", "v1.0"]] {
            assert_eq!(name(&names, "*", &[]).unwrap(), "v1.0");
        }
    }

    #[test]
    fn tags_come_after_branches_unless_the_pattern_is_of_branches() {
        let names = ["heads/9.9", "1.0"];
        assert_eq!(name(&names, "*", &[]).unwrap(), "1.0");
        assert_eq!(name(&names, "refs/heads/*", &[]).unwrap(), "refs/heads/9.9");
        assert_eq!(name(&names, "*", &["refs/tags/*"]).unwrap(), "refs/heads/9.9");
    }

    #[test]
    fn a_pattern_matches_the_whole_name_and_takes_slashes() {
        assert_eq!(name(&["heads/main-2", "heads/main"], "main", &[]).unwrap(), "refs/heads/main");
        assert_eq!(name(&["a/b/v1"], "a*1", &[]).unwrap(), "a/b/v1");
        for track in ["v", "1", "V1", "heads/v1", "tags/v1", "refs/tags/v", "refs/v1", "", "v1^{}"] {
            assert_eq!(name(&["v1"], track, &[]), None, "{track}");
        }
    }

    #[test]
    fn a_name_is_followed_where_a_pattern_matches_and_no_exception_does() {
        let followed = |name: &str| follows(name, "v*", &["*-rc*".to_owned()]);
        assert!(followed("refs/tags/v1") && followed("refs/heads/v1") && !followed("refs/tags/v1-rc1"));
        assert!(!followed("refs/tags/1") && !followed("v1"));
        for (pattern, beginning) in
            [("v*", "v"), ("*", ""), ("gnome-4?", "gnome-4"), ("v[0-9]*", "v"), ("main", "main")]
        {
            assert_eq!(fixed_beginning(pattern), beginning);
        }
    }

    #[test]
    fn patterns_that_git_reads_otherwise_are_not_decided() {
        for (pattern, tag, expected) in [
            ("v*", "v1", Some(true)),
            ("v[0-9]*", "vx", Some(false)),
            ("*/v1", "a/b/v1", Some(true)),
            ("v[!0-9]", "vx", None),
            ("v[^0-9]", "vx", None),
            ("v\\*", "v*", None),
            ("v[", "v[", None),
        ] {
            assert_eq!(git_matches(pattern, tag), expected, "{pattern}");
        }
    }

    #[test]
    fn other_refs_need_a_full_pattern_and_peeled_lines_are_no_refs() {
        let names = ["pull/7/head", "v1^{}"];
        assert_eq!(name(&names, "*", &[]), None);
        assert_eq!(name(&names, "refs/*", &[]).unwrap(), "refs/pull/7/head");
    }

    #[test]
    fn brackets_in_patterns_keep_to_releases() {
        let names = ["v1.8.0", "v1.9.0", "v1.10.0", "vnext", "v2.0.0-pre"];
        assert_eq!(name(&names, "v[0-9]*", &["*[!0-9.]"]).unwrap(), "v1.10.0");
        assert_eq!(name(&names, "v1.[0-9].*", &[]).unwrap(), "v1.9.0");
        assert_eq!(name(&names, "v[!0-9]*", &[]).unwrap(), "vnext");
    }
}
