//! The proof from the refs of a repository and the relations of its commits.

use super::names::of_the_names;
use super::question::{Question, Track};
use super::{RefProof, Refs, Relation, SourceProof, Untruth};
use std::collections::BTreeMap;

/// Two commits whose relation has to be looked up first.
pub(crate) type Pair = (String, String);

/// The answers so far.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    /// The refs, or why they are not known.
    pub(crate) refs: Result<Refs, String>,
    /// How the first commit of a pair stands to the second, or why that is not known.
    pub(crate) relations: BTreeMap<Pair, Result<Relation, String>>,
}

/// Proves what a source says of its new commit.
///
/// # Errors
/// The commits whose relation is needed for that; asked again with it, it needs fewer.
pub(crate) fn evaluate(question: &Question<'_>, answers: &Answers) -> Result<SourceProof, Pair> {
    let refs = match &answers.refs {
        Ok(refs) => refs,
        Err(why) => {
            let remarks = of_the_names(question, None, question.tag(), question.old_tag(None));
            let commit = Some(RefProof::NotKnown { why: why.clone() });
            return Ok(SourceProof { commit, remarks });
        }
    };
    let evaluation = Evaluation { question, refs, answers };
    let (commit, branch) = evaluation.commit()?;
    let remarks = evaluation.remarks(&commit, branch.as_deref())?;
    Ok(SourceProof { commit: Some(commit), remarks })
}

/// Whether a branch leads to the commit.
enum OfBranch {
    /// It contains the commit.
    On { name: String, behind: Option<usize> },
    /// It is the tracked one, and does not contain the commit.
    Off { name: String },
    /// It is not known which branch does.
    Unknown(String),
}

/// Whether a history contains the commit.
pub(super) enum Contained {
    Yes(Option<usize>),
    No,
    Unknown(String),
}

pub(super) struct Evaluation<'a> {
    pub(super) question: &'a Question<'a>,
    pub(super) refs: &'a Refs,
    answers: &'a Answers,
}

impl Evaluation<'_> {
    /// What leads to the commit, and which branch is known to contain it.
    fn commit(&self) -> Result<(RefProof, Option<String>), Pair> {
        match self.question.label {
            Some((tag, count)) => self.labelled(tag, count),
            None => self.bare(),
        }
    }

    /// A commit with a tag in its `ref`.
    fn labelled(&self, tag: &str, count: usize) -> Result<(RefProof, Option<String>), Pair> {
        let own = tag.to_owned();
        let untrue = |why: Untruth| Ok((RefProof::False { why }, None));
        let Some(names) = self.refs.tag(tag) else { return untrue(Untruth::TagMissing { tag: own }) };
        if names == self.question.commit {
            return Ok((RefProof::Tag { name: own }, None));
        }
        if count == 0 {
            return untrue(Untruth::TagNamesOther { tag: own, commit: names.clone() });
        }
        let before = self.question.old.filter(|old| old.tag() == Some(tag)).and_then(|old| old.commit.as_ref());
        if let Some(from) = before.filter(|from| *from != names) {
            return untrue(Untruth::TagMoved { tag: own, from: from.clone(), to: names.clone() });
        }
        let commits = match self.relation(self.question.commit, names)? {
            Ok(Relation::Ahead { commits: Some(commits), .. }) => *commits,
            Ok(Relation::Ahead { commits: None, .. }) => {
                let why = "there are too many commits between it and the tag of its `ref`".to_owned();
                return Ok((RefProof::NotKnown { why }, None));
            }
            Ok(_) => return untrue(Untruth::NotAfterTag { tag: own }),
            Err(why) => return Ok((RefProof::NotKnown { why: why.clone() }, None)),
        };
        // A commit of a fork comes after the tag as well.
        Ok(match self.branch()? {
            OfBranch::On { name, .. } => (RefProof::Describes { tag: own, commits }, Some(name)),
            OfBranch::Off { name } => (RefProof::False { why: Untruth::NotOnBranch { branch: name } }, None),
            OfBranch::Unknown(why) => (RefProof::NotKnown { why }, None),
        })
    }

    /// A commit alone.
    fn bare(&self) -> Result<(RefProof, Option<String>), Pair> {
        let question = self.question;
        if let Some(name) = self.refs.tracked_tag(question.commit, question.new) {
            return Ok((RefProof::Tag { name: name.to_owned() }, None));
        }
        if let Track::Name { branch, tag: Some(tag) } = question.track
            && let Some(commit) = self.refs.tag(tag)
            && branch.is_none_or(|branch| self.refs.branch(branch).is_none())
        {
            let why = Untruth::TagNamesOther { tag: tag.to_owned(), commit: commit.clone() };
            return Ok((RefProof::False { why }, None));
        }
        Ok(match self.branch()? {
            OfBranch::On { name, behind } => (RefProof::OnBranch { name: name.clone(), behind }, Some(name)),
            OfBranch::Off { name } => (RefProof::False { why: Untruth::NotOnBranch { branch: name } }, None),
            OfBranch::Unknown(why) => (RefProof::NotKnown { why }, None),
        })
    }

    /// The tracked branch or, where none is tracked or it does not exist, the default branch.
    fn branch(&self) -> Result<OfBranch, Pair> {
        let tracked = match self.question.track {
            Track::Name { branch: Some(name), .. } => {
                self.refs.branch(name).map(|tip| (name.to_owned(), tip.clone(), true))
            }
            Track::Pattern(pattern) => {
                let chosen = self.refs.chosen_branch(pattern, &self.question.new.exclude);
                chosen.map(|(name, tip)| (name, tip, false))
            }
            _ => None,
        };
        if let Some((name, tip, alone)) = tracked {
            match self.contained(&tip)? {
                Contained::Yes(behind) => return Ok(OfBranch::On { name, behind }),
                Contained::No if alone => return Ok(OfBranch::Off { name }),
                Contained::No => {}
                Contained::Unknown(why) => return Ok(OfBranch::Unknown(why)),
            }
        }
        let Some((name, tip)) = &self.refs.default else {
            let why = "neither `ref` nor `track` leads to it, and the default branch is not known";
            return Ok(OfBranch::Unknown(why.to_owned()));
        };
        Ok(match self.contained(tip)? {
            Contained::Yes(behind) => OfBranch::On { name: name.clone(), behind },
            Contained::No => OfBranch::Unknown(
                "neither `ref` nor `track` leads to it, and the default branch does not contain it".to_owned(),
            ),
            Contained::Unknown(why) => OfBranch::Unknown(why),
        })
    }

    /// Whether the history of `tip` contains the new commit.
    pub(super) fn contained(&self, tip: &str) -> Result<Contained, Pair> {
        Ok(match self.relation(tip, self.question.commit)? {
            Ok(Relation::Same) => Contained::Yes(Some(0)),
            Ok(Relation::Ahead { commits, .. }) => Contained::Yes(*commits),
            Ok(Relation::Behind | Relation::Apart | Relation::Missing) => Contained::No,
            Err(why) => Contained::Unknown(why.clone()),
        })
    }

    pub(super) fn relation(&self, one: &str, other: &str) -> Result<&Result<Relation, String>, Pair> {
        static SAME: Result<Relation, String> = Ok(Relation::Same);
        let pair = (one.to_owned(), other.to_owned());
        if one == other { Ok(&SAME) } else { self.answers.relations.get(&pair).ok_or(pair) }
    }
}
