//! The people whose review is requested: from the settings or from CODEOWNERS. Its format is the one that GitHub
//! documents: gitignore's patterns without `!`, `[]` and `\#`, the last one that matches wins.

use globset::{GlobBuilder, GlobMatcher};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// The places in which GitHub looks for the file, in this order.
pub(crate) const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// GitHub takes no larger file: 3 MB.
const LARGEST: usize = 3 << 20;

/// The maximum number of patterns that are compiled. Most are passed over before, by the text that they begin with.
const MAX_COMPILED: usize = 5_000;

/// People and teams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestedReviewers {
    /// People, by login, sorted.
    pub users: Vec<String>,
    /// Teams, by slug, sorted.
    pub teams: Vec<String>,
}

impl RequestedReviewers {
    /// From words: `login`, `@login`, `org/team`, `@org/team`. Addresses of mail are left out: GitHub has no login for them.
    #[must_use]
    pub(crate) fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut users, mut teams) = (BTreeSet::new(), BTreeSet::new());
        for word in words {
            let word = word.trim().trim_start_matches('@');
            match word.split_once('/') {
                Some((_, team)) if !team.is_empty() => teams.insert(team.to_owned()),
                None if !word.is_empty() && !word.contains('@') => users.insert(word.to_owned()),
                _ => false,
            };
        }
        Self { users: users.into_iter().collect(), teams: teams.into_iter().collect() }
    }
}

/// The owners of some paths, by the text of CODEOWNERS. Nobody, where the file is too large to be evaluated.
#[must_use]
pub(crate) fn of(text: &str, paths: &[String]) -> RequestedReviewers {
    if text.len() > LARGEST {
        return RequestedReviewers::default();
    }
    let rules: Vec<(Pattern<'_>, Vec<&str>)> = text.lines().filter_map(rule).collect();
    let mut left = MAX_COMPILED;
    let mut words: Vec<&str> = Vec::new();
    for path in paths {
        for (pattern, owners) in rules.iter().rev() {
            match pattern.covers(path, &mut left) {
                Some(false) => {}
                Some(true) => {
                    words.extend(owners);
                    break;
                }
                None => return RequestedReviewers::default(),
            }
        }
    }
    RequestedReviewers::from_words(words)
}

/// A line: a pattern and its owners.
fn rule(line: &str) -> Option<(Pattern<'_>, Vec<&str>)> {
    let line = line.split(" #").next()?.trim();
    if line.starts_with('#') {
        return None;
    }
    let mut words = line.split_whitespace();
    words.next().map(|pattern| (Pattern { text: pattern, globs: OnceCell::new() }, words.collect()))
}

/// The pattern of a line, compiled when a path could be one of its own.
struct Pattern<'a> {
    text: &'a str,
    globs: OnceCell<Vec<GlobMatcher>>,
}

impl Pattern<'_> {
    /// Returns whether it covers a path; a pattern that cannot be read covers none. None where no more may be compiled.
    fn covers(&self, path: &str, left: &mut usize) -> Option<bool> {
        let bare = self.text.trim_matches('/');
        if bare.is_empty() {
            return Some(self.text == "/");
        }
        let anchored = self.text.starts_with('/') || bare.contains('/');
        let literal = bare.split(['*', '?', '[', '{', '\\']).next().unwrap_or_default();
        if !(if anchored { path.starts_with(literal) } else { path.contains(literal) }) {
            return Some(false);
        }
        if self.globs.get().is_none() {
            *left = left.checked_sub(1)?;
        }
        let globs = self.globs.get_or_init(|| compiled(bare, anchored, self.text.ends_with('/')));
        Some(globs.iter().any(|glob| glob.is_match(path)))
    }
}

/// The globs of a pattern without the slashes at its ends.
fn compiled(bare: &str, anchored: bool, folder: bool) -> Vec<GlobMatcher> {
    let start = if anchored { "" } else { "**/" };
    // `docs/*` covers files in it, not those in its folders; `docs` and `docs/` all below.
    let below = !bare.ends_with("/*");
    let globs = [(!folder).then(|| format!("{start}{bare}")), below.then(|| format!("{start}{bare}/**"))];
    let built = |glob: String| GlobBuilder::new(&glob).literal_separator(true).build().ok();
    globs.into_iter().flatten().filter_map(built).map(|glob| glob.compile_matcher()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# owners\n* @everyone\n*.bst @bst me@example.org # ours\n/elements/bluefin/ @org/rust-team @ann\n\
                        docs/* @writer\n/elements/bluefin/free.bst\n";

    fn owners(path: &str) -> String {
        let requested = of(FILE, &[path.to_owned()]);
        format!("{} {}", requested.users.join(","), requested.teams.join(","))
    }

    #[test]
    fn the_last_pattern_that_matches_wins() {
        assert_eq!(owners("README.md"), "everyone ");
        assert_eq!(owners("elements/x/a.bst"), "bst ");
        assert_eq!(owners("elements/bluefin/a.bst"), "ann rust-team");
        assert_eq!(owners("elements/bluefin/deep/a.bst"), "ann rust-team");
        assert_eq!(owners("docs/a.md"), "writer ");
        assert_eq!(owners("docs/deep/a.md"), "everyone ");
        assert_eq!(owners("elements/bluefin/free.bst"), " ");
    }

    #[test]
    fn words_become_people_and_teams_once() {
        let requested = RequestedReviewers::from_words(["@b", "a", "org/t", "@b", "", "x@y.z"]);
        assert_eq!((requested.users, requested.teams), (vec!["a".into(), "b".into()], vec!["t".to_owned()]));
    }

    #[test]
    fn a_file_that_takes_too_long_names_nobody() {
        let file = |pattern: &str| -> String {
            (0..=MAX_COMPILED).map(|n| format!("{} @a\n", pattern.replace("{n}", &n.to_string()))).collect()
        };
        // What begins otherwise is not compiled, whatever follows.
        assert_eq!(of(&format!("* @b\n{}", file("/nowhere/{n}/*x*")), &["a/b".to_owned()]).users, ["b"]);
        assert_eq!(of(&format!("* @b\n{}", file("*{n}*y")), &["a/b".to_owned()]), RequestedReviewers::default());
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_makes_it_panic(text in ".{0,80}", path in "[a-z/.*]{0,20}") {
            let _ = of(&text, &[path]);
        }
    }
}
