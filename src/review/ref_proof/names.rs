//! The names of branches and tags: which of them a source follows, and what they say of versions.

use super::question::{HEADS, Question, TAGS, Track, label};
use super::tags::{compare, pre_release_words};
use super::{Refs, Remark};
use crate::bst::track::{choose, follows};
use crate::review::Pin;
use std::cmp::Ordering;

impl<'a> Question<'a> {
    /// The tag that the `ref` gives the commit as its own.
    pub(super) fn tag(&self) -> Option<&'a str> {
        self.label.and_then(|(tag, count)| (count == 0).then_some(tag))
    }

    /// The tag at or before the old commit.
    pub(super) fn old_tag(&self, refs: Option<&'a Refs>) -> Option<&'a str> {
        let old = self.old?;
        label(old).map(|(tag, _)| tag).or_else(|| refs?.tracked_tag(old.commit.as_deref()?, self.new))
    }

    /// Returns whether the old commit is that of a tag.
    pub(super) fn was_tagged(&self, refs: &Refs) -> bool {
        let Some(old) = self.old else { return false };
        let tracked = || old.commit.as_deref().and_then(|commit| refs.tracked_tag(commit, self.new));
        label(old).map_or_else(|| tracked().is_some(), |(_, count)| count == 0)
    }

    /// Returns whether the source follows a branch by its name; what cannot be listed counts as one unless it is the tag's own
    /// name.
    pub(super) fn follows_branch(&self, refs: Option<&Refs>, own: Option<&str>) -> bool {
        let Track::Name { branch: Some(branch), tag } = self.track else { return false };
        refs.map_or_else(|| tag.is_none() || tag != own, |refs| refs.branch(branch).is_some())
    }

    /// Whether the source follows a branch or tag, by its full name.
    pub(super) fn follows(&self, name: &str) -> bool {
        self.new.track.as_deref().is_some_and(|track| follows(name, track, &self.new.exclude))
    }

    pub(super) fn off_track(&self) -> Option<Remark> {
        let track = self.new.track.clone()?;
        Some(Remark::OffTrack { tag: self.tag().map(str::to_owned), track })
    }
}

impl Refs {
    pub(super) fn tag(&self, name: &str) -> Option<&String> {
        self.commits.get(&format!("{TAGS}{name}"))
    }

    pub(super) fn branch(&self, name: &str) -> Option<&String> {
        self.commits.get(&format!("{HEADS}{name}"))
    }

    /// The latest tag of a commit that a pin may follow.
    pub(super) fn tracked_tag(&self, commit: &str, pin: &Pin) -> Option<&str> {
        let track = pin.track.as_deref().filter(|_| pin.is_pattern)?;
        let own = self.commits.iter().filter(|(name, of)| *of == commit && name.starts_with(TAGS));
        let followed = own.filter(|(name, _)| follows(name, track, &pin.exclude)).map(|(name, _)| &name[TAGS.len()..]);
        followed.max_by(|one, other| compare(one, other).unwrap_or(Ordering::Equal))
    }

    /// The branch that a pattern chooses, and its newest commit.
    pub(super) fn chosen_branch(&self, pattern: &str, exclude: &[String]) -> Option<(String, String)> {
        let branches = self.commits.iter().filter(|(name, _)| name.starts_with(HEADS));
        let branches: Vec<_> = branches.map(|(name, commit)| (name.clone(), commit.clone())).collect();
        let name = choose(&branches, pattern, exclude)?.name;
        Some((name[HEADS.len()..].to_owned(), self.commits.get(&name)?.clone()))
    }
}

/// What the names of the tags say; without `refs`, it is not known whether what is tracked is a branch.
pub(super) fn of_the_names(
    question: &Question<'_>,
    refs: Option<&Refs>,
    own: Option<&str>,
    old: Option<&str>,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let Some(own) = own else { return remarks };
    let is_pattern = matches!(question.track, Track::Pattern(_));
    if is_pattern && !question.follows(&format!("{TAGS}{own}")) {
        remarks.extend(question.off_track());
    }
    let words = pre_release_words(own);
    let requested = pre_release_words(question.new.track.as_deref().unwrap_or_default());
    let before = old.is_some_and(|old| !pre_release_words(old).is_empty());
    // Whoever tracks a name has asked for what it leads to.
    let chosen = is_pattern || question.track == Track::Nothing;
    if chosen && !before && words.iter().any(|word| !requested.contains(word)) {
        remarks.push(Remark::PreRelease { tag: own.to_owned() });
    }
    let lower = old.filter(|old| compare(own, old) == Some(Ordering::Less));
    if let Some(old) = lower.filter(|_| !question.follows_branch(refs, Some(own))) {
        remarks.push(Remark::LowerVersion { from: old.to_owned(), to: own.to_owned() });
    }
    remarks
}
