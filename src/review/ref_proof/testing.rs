//! An upstream repository as values: a graph of commits, branches and tags.

use super::evaluate::{Answers, evaluate};
use super::question::Question;
use super::{Refs, Relation, SourceProof};
use crate::review::{Pin, SourceMove};
use std::collections::{BTreeMap, BTreeSet};

/// The repository of all bumps of these tests.
pub(crate) const URL: &str = "https://git.example/tool";

/// The id of a commit.
pub(crate) fn id(number: u8) -> String {
    format!("{number:02x}").repeat(20)
}

/// A `ref` as `git describe` writes it: `("v1.0-0", 3)`.
pub(crate) fn at(label: &str, commit: u8) -> String {
    format!("{label}-g{}", id(commit))
}

/// A pin of a `git_repo` source.
pub(crate) fn pin(pinned: &str, track: &str) -> Pin {
    let commit = pinned.get(pinned.len().saturating_sub(40)..).map(str::to_owned);
    let track = Some(track.to_owned()).filter(|track| !track.is_empty());
    Pin { url: URL.into(), pinned: pinned.into(), commit, track, is_pattern: true, ..Pin::default() }
}

/// A bump of such a source, its `ref` before and after.
pub(crate) fn bump(old: &str, new: &str, track: &str) -> SourceMove {
    SourceMove { old: Some(pin(old, track)), new: Some(pin(new, track)), ..SourceMove::default() }
}

/// A repository.
pub(crate) struct Upstream {
    parents: BTreeMap<String, Vec<String>>,
    pub(crate) refs: Refs,
    /// Why nothing answers.
    pub(crate) down: Option<&'static str>,
    /// Why it sends no history.
    pub(crate) no_history: Option<&'static str>,
}

impl Upstream {
    /// Commits 1 to 9 on `main`, the default branch; 20 and 21 after 4 on `stable`; 30 after 9 and 31 after 6 in forks alone;
    /// 40 is a merge of 9 and 21, on `next`. Tags: `v1.0` at 3, `v1.1-rc1` at 5, `v1.1` at 6, `v1.0.1` at 21.
    pub(crate) fn new() -> Self {
        let mut upstream = Self {
            parents: BTreeMap::new(),
            refs: Refs { commits: BTreeMap::new(), default: Some(("main".to_owned(), id(9))) },
            down: None,
            no_history: None,
        };
        upstream.commit(1, &[]);
        for number in 2..=9 {
            upstream.commit(number, &[number - 1]);
        }
        for (number, parents) in [(20, &[4][..]), (21, &[20]), (30, &[9]), (31, &[6]), (40, &[9, 21])] {
            upstream.commit(number, parents);
        }
        for (name, commit) in [("heads/main", 9), ("heads/stable", 21), ("heads/next", 40)] {
            upstream.name(name, commit);
        }
        for (name, commit) in [("tags/v1.0", 3), ("tags/v1.1-rc1", 5), ("tags/v1.1", 6), ("tags/v1.0.1", 21)] {
            upstream.name(name, commit);
        }
        upstream
    }

    fn commit(&mut self, number: u8, parents: &[u8]) {
        self.parents.insert(id(number), parents.iter().map(|parent| id(*parent)).collect());
    }

    /// Lets a branch or tag lead to a commit.
    pub(crate) fn name(&mut self, name: &str, commit: u8) {
        self.refs.commits.insert(format!("refs/{name}"), id(commit));
    }

    /// Removes a branch or tag.
    pub(crate) fn forget(&mut self, name: &str) {
        self.refs.commits.remove(&format!("refs/{name}"));
    }

    fn history(&self, commit: &str) -> BTreeSet<String> {
        let (mut all, mut next) = (BTreeSet::new(), vec![commit.to_owned()]);
        while let Some(commit) = next.pop() {
            if all.insert(commit.clone()) {
                next.extend(self.parents[&commit].iter().cloned());
            }
        }
        all
    }

    fn relation(&self, one: &str, other: &str) -> Relation {
        if !self.parents.contains_key(one) || !self.parents.contains_key(other) {
            return Relation::Missing;
        }
        let (mine, theirs) = (self.history(one), self.history(other));
        if theirs.contains(one) {
            return Relation::Behind;
        }
        let beyond: Vec<&String> = mine.difference(&theirs).collect();
        let linear = beyond.iter().all(|commit| self.parents[*commit].len() < 2);
        if mine.contains(other) { Relation::Ahead { commits: Some(beyond.len()), linear } } else { Relation::Apart }
    }

    /// The refs that a question is about, as a server lists them.
    fn listed(&self, prefixes: &[String]) -> Refs {
        let asked = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()));
        let commits = self.refs.commits.iter().filter(|(name, _)| asked(name));
        let commits = commits.map(|(name, commit)| (name.clone(), commit.clone())).collect();
        Refs { commits, default: self.refs.default.clone().filter(|_| asked("HEAD")) }
    }

    /// Fills in the proof of a move, and returns how many relations of commits it took.
    pub(crate) fn prove(&self, source: &mut SourceMove) -> usize {
        let own = source.clone();
        let Some(question) = Question::of(&own) else { return 0 };
        let refs = self.down.map_or_else(|| Ok(self.listed(&question.prefixes())), |why| Err(why.to_owned()));
        let mut answers = Answers { refs, relations: BTreeMap::new() };
        loop {
            match evaluate(&question, &answers) {
                Ok(SourceProof { commit, remarks }) => {
                    source.proof.commit = commit;
                    source.proof.remarks.splice(0..0, remarks);
                    return answers.relations.len();
                }
                Err((one, other)) => {
                    let relation =
                        self.no_history.map_or_else(|| Ok(self.relation(&one, &other)), |why| Err(why.into()));
                    assert!(answers.relations.insert((one, other), relation).is_none(), "it asks again");
                }
            }
        }
    }
}
