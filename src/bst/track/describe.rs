//! The name of a commit by the nearest tag before it, as the plugins write it. Two ways: `git_repo` walks the history by
//! the dates of commits until it meets a tag; `git` and `git_tag` have `git describe` do it, which weighs several tags.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

/// A commit, as far as its place in the history goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// Its parents, in its own order.
    pub parents: Vec<String>,
}

/// Commits by their ids: a part of a history, or all of it.
pub(crate) type Commits = HashMap<String, Commit>;

/// Commits that have to be read first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub BTreeSet<String>);

/// A tag, with the commit that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The commit.
    pub commit: String,
    /// Whether it is an object of its own, with a message.
    pub annotated: bool,
}

/// The number of tags that git weighs.
const CANDIDATES: usize = 10;

/// More branches side by side are not followed: no history of people has them.
const WIDTH: usize = 2_000;

/// Describes a commit as `git_repo` does: the first commit with a tag, newest first, and how many commits came before it.
/// Of several tags of one commit the last one in the order of bytes is taken, of equally old commits the lower id.
/// `tags` gives a commit its tag.
///
/// # Errors
/// The commits that decide and are not there.
pub(crate) fn by_date(tip: &str, tags: &BTreeMap<String, String>, commits: &Commits) -> Result<String, Missing> {
    // A commit without a known time can be taken as long as no other one waits.
    let mut waiting = BinaryHeap::from([(commits.get(tip).map(|c| c.time), Reverse(tip))]);
    let mut seen = HashSet::from([tip]);
    let mut is_known = true;
    for count in 0.. {
        if waiting.len() > 1 && !is_known {
            let unknown = waiting.iter().filter(|(time, _)| time.is_none()).map(|(_, id)| id.0.to_owned());
            let unknown: BTreeSet<String> = unknown.collect();
            return Err(Missing(unknown));
        }
        let Some((_, Reverse(id))) = waiting.pop() else { break };
        is_known = true;
        if let Some(tag) = tags.get(id) {
            return Ok(format!("{tag}-{count}-g{tip}"));
        }
        let commit = commits.get(id).ok_or_else(|| Missing(BTreeSet::from([id.to_owned()])))?;
        for parent in &commit.parents {
            if seen.insert(parent) {
                let time = commits.get(parent).map(|c| c.time);
                is_known &= time.is_some();
                waiting.push((time, Reverse(parent)));
            }
        }
    }
    Ok(tip.to_owned())
}

/// The tag that each commit has for git: an annotated one before others, then the first in the order of bytes. None for a commit
/// with two annotated ones: their dates decide, which no list of tags says.
pub(crate) fn names(tags: &[Tag]) -> BTreeMap<&str, Option<&Tag>> {
    let mut names: BTreeMap<&str, Option<&Tag>> = BTreeMap::new();
    let mut sorted: Vec<&Tag> = tags.iter().collect();
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    for tag in sorted {
        match names.get(tag.commit.as_str()) {
            Some(Some(known)) if known.annotated && tag.annotated => drop(names.insert(&tag.commit, None)),
            Some(None) => {}
            Some(Some(known)) if known.annotated || !tag.annotated => {}
            _ => drop(names.insert(&tag.commit, Some(tag))),
        }
    }
    names
}

/// A tag that may be the nearest one.
struct Candidate<'a> {
    tag: Option<&'a Tag>,
    depth: usize,
    within: u32,
}

/// Finds the tag by which git names a commit, and how many commits the commit has and the tag has not, as
/// `git describe --tags` does. The tag is none where two annotated ones share the commit.
///
/// # Errors
/// The commits that are not there: git looks at all of the history. None where the history is too wide.
pub(crate) fn by_git<'a>(
    tip: &'a str,
    names: &BTreeMap<&str, Option<&'a Tag>>,
    commits: &'a Commits,
) -> Result<Option<(Option<&'a Tag>, usize)>, Missing> {
    if let Some(tag) = names.get(tip) {
        return Ok(Some((*tag, 0)));
    }
    let mut walk = Walk { list: vec![tip], flags: HashMap::from([(tip, 0)]), commits };
    let mut found: Vec<Candidate<'_>> = Vec::new();
    let (mut seen, mut annotated) = (0, false);
    while let Some(id) = walk.next() {
        seen += 1;
        if let Some(tag) = names.get(id) {
            if found.len() == CANDIDATES {
                walk.list.insert(0, id);
                break;
            }
            let within = 1 << found.len();
            found.push(Candidate { tag: *tag, depth: seen - 1, within });
            *walk.flags.entry(id).or_default() |= within;
            annotated |= tag.is_none_or(|tag| tag.annotated);
        }
        let flags = walk.flags[id];
        found.iter_mut().filter(|one| flags & one.within == 0).for_each(|one| one.depth += 1);
        if annotated && walk.list.is_empty() {
            let best = found.iter().map(|one| one.depth).min();
            let within = found.iter().filter(|one| Some(one.depth) == best).fold(0, |all, one| all | one.within);
            if flags & within == within {
                break;
            }
        }
        walk.follow(id)?;
    }
    // The first of equally near ones.
    let Some(mut best) = found.into_iter().min_by_key(|one| one.depth) else { return Ok(None) };
    while let Some(id) = walk.next() {
        if walk.flags[id] & best.within == 0 {
            best.depth += 1;
        } else if walk.list.iter().all(|id| walk.flags[id] & best.within != 0) {
            break;
        }
        walk.follow(id)?;
    }
    Ok(Some((best.tag, best.depth)))
}

/// A walk through a history, newest commits first.
struct Walk<'a> {
    /// The commits to come, newest first; equally old ones in the order in which they came.
    list: Vec<&'a str>,
    /// The candidates whose histories contain a commit.
    flags: HashMap<&'a str, u32>,
    commits: &'a Commits,
}

impl<'a> Walk<'a> {
    fn next(&mut self) -> Option<&'a str> {
        (!self.list.is_empty()).then(|| self.list.remove(0))
    }

    fn commit(&self, id: &str) -> Result<&'a Commit, Missing> {
        self.commits.get(id).ok_or_else(|| Missing(BTreeSet::from([id.to_owned()])))
    }

    /// Adds the parents of a commit, which are in all histories that the commit is in.
    fn follow(&mut self, id: &'a str) -> Result<(), Missing> {
        let flags = self.flags[id];
        for parent in &self.commit(id)?.parents {
            if !self.flags.contains_key(parent.as_str()) {
                if self.list.len() >= WIDTH {
                    return Err(Missing(BTreeSet::new()));
                }
                let time = self.commit(parent)?.time;
                let commits = self.commits;
                let at = self.list.partition_point(|other| commits.get(*other).is_none_or(|other| other.time >= time));
                self.list.insert(at, parent);
            }
            *self.flags.entry(parent).or_default() |= flags;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits written as `name time parents`.
    fn history(lines: &[(&str, i64, &[&str])]) -> Commits {
        let commit = |(name, time, parents): &(&str, i64, &[&str])| {
            let parents = parents.iter().map(|parent| (*parent).to_owned()).collect();
            ((*name).to_owned(), Commit { time: *time, parents })
        };
        lines.iter().map(commit).collect()
    }

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(commit, tag)| ((*commit).to_owned(), (*tag).to_owned())).collect()
    }

    #[test]
    fn commits_are_counted_by_their_dates_until_one_has_a_tag() {
        let line = history(&[("c", 3, &["b"]), ("b", 2, &["a"]), ("a", 1, &[])]);
        assert_eq!(by_date("c", &tags(&[("a", "v1")]), &line).unwrap(), "v1-2-gc");
        assert_eq!(by_date("c", &tags(&[("a", "v1"), ("c", "v2")]), &line).unwrap(), "v2-0-gc");
        assert_eq!(by_date("c", &tags(&[]), &line).unwrap(), "c");
        // A merged branch counts as far as it is younger than the tag.
        let merged =
            history(&[("m", 9, &["t", "y"]), ("t", 5, &["r"]), ("y", 6, &["x"]), ("x", 2, &["r"]), ("r", 1, &[])]);
        assert_eq!(by_date("m", &tags(&[("t", "v1")]), &merged).unwrap(), "v1-2-gm");
        // Equally old commits come in the order of their ids.
        let even = history(&[("m", 1, &["b", "a"]), ("a", 1, &["r"]), ("b", 1, &["r"]), ("r", 1, &[])]);
        assert_eq!(by_date("m", &tags(&[("b", "v1")]), &even).unwrap(), "v1-2-gm");
        assert_eq!(by_date("m", &tags(&[("a", "v1")]), &even).unwrap(), "v1-1-gm");
    }

    #[test]
    fn a_tag_that_was_not_sent_ends_a_line_and_must_be_read_where_others_wait() {
        let line = history(&[("c", 3, &["b"]), ("b", 2, &["a"])]);
        assert_eq!(by_date("c", &tags(&[("a", "v1")]), &line).unwrap(), "v1-2-gc");
        assert_eq!(by_date("c", &tags(&[]), &line), Err(Missing(["a".to_owned()].into())));
        let merged = history(&[("m", 9, &["t", "y"]), ("y", 6, &["t"])]);
        assert_eq!(by_date("m", &tags(&[("t", "v1")]), &merged), Err(Missing(["t".to_owned()].into())));
    }

    fn described(tip: &str, all: &[(&str, &str, bool)], commits: &Commits) -> Option<String> {
        let tag = |(commit, name, annotated): &(&str, &str, bool)| Tag {
            name: (*name).to_owned(),
            commit: (*commit).to_owned(),
            annotated: *annotated,
        };
        let all: Vec<Tag> = all.iter().map(tag).collect();
        let found = by_git(tip, &names(&all), commits).unwrap();
        found.map(|(tag, depth)| format!("{}-{depth}", tag.map_or("?", |tag| &tag.name)))
    }

    #[test]
    fn git_takes_the_tag_that_leaves_the_fewest_commits() {
        // v2 is older than v1, and nearer.
        let commits = history(&[
            ("m", 9, &["y", "x"]),
            ("y", 8, &["v1"]),
            ("x", 7, &["v2"]),
            ("v1", 6, &["r"]),
            ("v2", 5, &["p"]),
            ("p", 4, &["q"]),
            ("q", 3, &["r"]),
            ("r", 1, &[]),
        ]);
        let both = [("v1", "v1", true), ("v2", "v2", true)];
        assert_eq!(described("m", &both, &commits).unwrap(), "v2-4");
        assert_eq!(described("m", &both[..1], &commits).unwrap(), "v1-6");
        assert_eq!(described("m", &[("v1", "v1", false), ("r", "v0", false)], &commits).unwrap(), "v1-6");
        assert_eq!(described("m", &[], &commits), None);
        assert_eq!(described("v1", &both, &commits).unwrap(), "v1-0");
    }

    #[test]
    fn a_history_that_somebody_made_too_wide_is_refused_at_once() {
        let names: Vec<String> = (0..100_000).map(|number| format!("p{number}")).collect();
        let mut commits: Commits =
            names.iter().map(|name| (name.clone(), Commit { time: 1, parents: Vec::new() })).collect();
        commits.insert("tip".into(), Commit { time: 2, parents: names });
        let tag = Tag { name: "v1".into(), commit: "none".into(), annotated: true };
        assert_eq!(by_git("tip", &super::names(&[tag]), &commits), Err(Missing(BTreeSet::new())));
        assert_eq!(by_date("tip", &tags(&[("none", "v1")]), &commits).unwrap(), "tip");
    }

    #[test]
    fn an_annotated_tag_names_its_commit_before_others_and_two_of_them_are_not_decided() {
        let commits = history(&[("b", 2, &["a"]), ("a", 1, &[])]);
        assert_eq!(described("b", &[("a", "a1", false), ("a", "z1", true)], &commits).unwrap(), "z1-1");
        assert_eq!(described("b", &[("a", "z1", false), ("a", "a1", false)], &commits).unwrap(), "a1-1");
        let two = [("a", "a1", true), ("a", "b1", false), ("a", "z1", true)];
        assert_eq!(described("b", &two, &commits).unwrap(), "?-1");
        let part = history(&[("b", 2, &["a"])]);
        assert!(by_git("b", &BTreeMap::new(), &part).is_err());
    }
}
