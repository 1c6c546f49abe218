//! What a reviewer has to know of a bump beside what leads to the commit.

use super::evaluate::{Contained, Evaluation, Pair};
use super::names::of_the_names;
use super::question::{HEADS, Track, label};
use super::tags::compare;
use super::{RefProof, Relation, Remark};
use std::cmp::Ordering;

impl Evaluation<'_> {
    /// What else is to be known of the commit.
    pub(super) fn remarks(&self, commit: &RefProof, branch: Option<&str>) -> Result<Vec<Remark>, Pair> {
        let question = self.question;
        let own = match commit {
            RefProof::Tag { name } => Some(name.as_str()),
            _ => question.tag(),
        };
        let old = question.old_tag(Some(self.refs));
        let mut remarks = self.off_track(commit, branch)?;
        remarks.extend(of_the_names(question, Some(self.refs), own, old));
        if let (RefProof::Tag { name }, Some((_, named @ 1..))) = (commit, question.label) {
            remarks.push(Remark::OtherCount { tag: name.clone(), named, counted: 0 });
        }
        remarks.extend(self.other_count(commit)?);
        // On a branch the nearest tag says little about the order of commits.
        let of_branch = question.follows_branch(Some(self.refs), own);
        let by_name = own.zip(old).and_then(|(own, old)| compare(own, old)).filter(|_| !of_branch);
        if !matches!(commit, RefProof::False { .. }) && !by_name.is_some_and(Ordering::is_ne) {
            let tagged = !of_branch && (own.is_some() || question.was_tagged(self.refs));
            let unknown = |remark: &Remark| matches!(remark, Remark::NotKnown { .. });
            let reported = remarks.iter().any(unknown);
            remarks.extend(self.way(commit, tagged)?.filter(|way| !(reported && unknown(way))));
        }
        Ok(remarks)
    }

    /// Whether tracking leads elsewhere.
    fn off_track(&self, commit: &RefProof, branch: Option<&str>) -> Result<Vec<Remark>, Pair> {
        let (question, mut remarks) = (self.question, Vec::new());
        let Track::Name { branch: name, tag } = question.track else {
            let of_branch = branch.filter(|_| matches!(question.track, Track::Pattern(_)));
            let tracked = |name: &str| question.follows(&format!("{HEADS}{name}"));
            remarks.extend(of_branch.filter(|name| !tracked(name)).and_then(|_| question.off_track()));
            return Ok(remarks);
        };
        let exists = name.is_some_and(|name| self.refs.branch(name).is_some());
        let took_over = question.old.is_some_and(|old| {
            old.track == question.new.track && old.commit != question.new.commit && label(old).is_none()
        }) && question.tag().is_some()
            && question.tag() == tag;
        if let Some(tag) = tag.filter(|tag| name.is_some() && self.refs.tag(tag).is_some() && (exists || took_over)) {
            remarks.push(Remark::TagForBranch { name: tag.to_owned() });
        }
        match commit {
            RefProof::Tag { name: own } if tag != Some(own.as_str()) => {
                let tip = name.and_then(|name| self.refs.branch(name));
                let contained = tip.map(|tip| self.contained(tip)).transpose()?;
                remarks.extend(match contained {
                    Some(Contained::Yes(_)) => None,
                    Some(Contained::No) | None => question.off_track(),
                    Some(Contained::Unknown(why)) => {
                        Some(Remark::NotKnown { what: "the tracked branch contains it".to_owned(), why })
                    }
                });
            }
            _ if branch.is_some_and(|branch| name != Some(branch)) => remarks.extend(question.off_track()),
            _ => {}
        }
        Ok(remarks)
    }

    /// Whether the `ref` counts other commits after its tag than there are. Where there are merges, git and BuildStream count in
    /// different ways, by the dates of commits.
    fn other_count(&self, commit: &RefProof) -> Result<Option<Remark>, Pair> {
        let (RefProof::Describes { tag, commits }, Some((_, named))) = (commit, self.question.label) else {
            return Ok(None);
        };
        let Some(names) = self.refs.tag(tag) else { return Ok(None) };
        let relation = self.relation(self.question.commit, names)?;
        let linear = matches!(relation, Ok(Relation::Ahead { linear: true, .. }));
        let other = named != *commits && linear;
        Ok(other.then(|| Remark::OtherCount { tag: tag.clone(), named, counted: *commits }))
    }

    /// Whether the history goes forward.
    fn way(&self, commit: &RefProof, tagged: bool) -> Result<Option<Remark>, Pair> {
        let Some(old) = self.question.old.and_then(|old| old.commit.as_deref()) else { return Ok(None) };
        let unknown = |why: &str| Some(Remark::NotKnown { what: "it is newer".to_owned(), why: why.to_owned() });
        Ok(match self.relation(old, self.question.commit)? {
            Ok(Relation::Same | Relation::Behind) => None,
            Ok(Relation::Ahead { commits, .. }) => Some(Remark::OlderCommit { by: *commits }),
            Ok(Relation::Apart | Relation::Missing) if !tagged => Some(Remark::HistoryRewritten),
            Ok(Relation::Apart) => unknown("neither of the commits contains the other"),
            Ok(Relation::Missing) => unknown("the repository no longer has the commit before"),
            // The same reason is reported once.
            Err(_) if matches!(commit, RefProof::NotKnown { .. }) => None,
            Err(why) => unknown(why),
        })
    }
}
