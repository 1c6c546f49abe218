//! The people whose review is requested: from the settings or from CODEOWNERS. Its format is the one that GitHub
//! documents: gitignore's patterns without `!`, `[]` and `\#`, the last one that matches wins.

use globset::GlobBuilder;
use std::collections::BTreeSet;

/// The places in which GitHub looks for the file, in this order.
pub(crate) const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// GitHub takes no larger file: 3 MB.
const LARGEST: usize = 3 << 20;

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

/// The owners of some paths, by the text of CODEOWNERS.
#[must_use]
pub(crate) fn of(text: &str, paths: &[String]) -> RequestedReviewers {
    if text.len() > LARGEST {
        return RequestedReviewers::default();
    }
    let rules: Vec<(&str, Vec<&str>)> = text.lines().filter_map(rule).collect();
    let mut words: Vec<&str> = Vec::new();
    for path in paths {
        let last = rules.iter().rev().find(|(pattern, _)| covers(pattern, path));
        words.extend(last.map(|(_, owners)| owners.as_slice()).unwrap_or_default());
    }
    RequestedReviewers::from_words(words)
}

/// A line: a pattern and its owners.
fn rule(line: &str) -> Option<(&str, Vec<&str>)> {
    let line = line.split(" #").next()?.trim();
    if line.starts_with('#') {
        return None;
    }
    let mut words = line.split_whitespace();
    words.next().map(|pattern| (pattern, words.collect()))
}

/// Returns whether a pattern covers a path. One that cannot be read covers none.
fn covers(pattern: &str, path: &str) -> bool {
    let folder = pattern.ends_with('/');
    let bare = pattern.trim_matches('/');
    if bare.is_empty() {
        return pattern == "/";
    }
    let anchored = pattern.starts_with('/') || bare.contains('/');
    let start = if anchored { String::new() } else { "**/".to_owned() };
    // `docs/*` covers files in it, not those in its folders; `docs` and `docs/` all below.
    let below = !bare.ends_with("/*");
    let globs = [(!folder).then(|| format!("{start}{bare}")), below.then(|| format!("{start}{bare}/**"))];
    globs.into_iter().flatten().any(|glob| {
        let built = GlobBuilder::new(&glob).literal_separator(true).build();
        built.is_ok_and(|glob| glob.compile_matcher().is_match(path))
    })
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

    proptest::proptest! {
        #[test]
        fn no_pattern_makes_it_panic(text in ".{0,80}", path in "[a-z/.*]{0,20}") {
            let _ = of(&text, &[path]);
        }
    }
}
