//! The refs that a bump of a source is about.

use crate::bst::source::described;
use crate::bst::track::fixed_beginning;
use crate::review::{Pin, SourceMove};

pub(super) const HEADS: &str = "refs/heads/";
pub(super) const TAGS: &str = "refs/tags/";

/// No file system holds a longer name as a file, give or take a few folders.
const NAME_BYTES: usize = 1024;

/// A source whose commit or `ref` changed, and what it says of its new commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    /// The pin before, where it is of the same repository.
    pub(super) old: Option<&'a Pin>,
    pub(super) new: &'a Pin,
    /// The new commit.
    pub(super) commit: &'a str,
    /// The tag that the `ref` names, and how many commits it counts after the tag.
    pub(super) label: Option<(&'a str, usize)>,
    pub(super) track: Track<'a>,
}

/// What a source tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Track<'a> {
    /// Nothing that leads to commits: no `track`, a commit, a ref that is neither a branch nor a tag.
    Nothing,
    /// The branch or the tag of a name, or only one of them.
    Name { branch: Option<&'a str>, tag: Option<&'a str> },
    /// All branches and tags that match a pattern.
    Pattern(&'a str),
}

impl<'a> Track<'a> {
    fn of(pin: &'a Pin) -> Self {
        let Some(track) = pin.track.as_deref().filter(|track| !track.is_empty()) else { return Self::Nothing };
        if is_commit(track) {
            return Self::Nothing;
        }
        if pin.is_pattern && fixed_beginning(track) != track {
            return Self::Pattern(track);
        }
        match (track.strip_prefix(HEADS), track.strip_prefix(TAGS)) {
            (Some(branch), _) => Self::Name { branch: Some(branch), tag: None },
            (_, Some(tag)) => Self::Name { branch: None, tag: Some(tag) },
            _ if track.starts_with("refs/") => Self::Nothing,
            // Other kinds track a branch.
            _ => Self::Name { branch: Some(track), tag: pin.is_pattern.then_some(track) },
        }
    }
}

impl<'a> Question<'a> {
    /// The question that a source's move raises; none where its `ref` did not change, or is no commit.
    pub(crate) fn of(source: &'a SourceMove) -> Option<Self> {
        let (old, new) = (source.old.as_ref(), source.new.as_ref()?);
        let commit = new.commit.as_deref()?;
        if old.is_some_and(|old| old.pinned == new.pinned && old.url == new.url) {
            return None;
        }
        Some(Self {
            old: old.filter(|old| old.commit.is_some() && old.home() == new.home()),
            new,
            commit,
            label: label(new),
            track: Track::of(new),
        })
    }

    /// The repository.
    pub(crate) fn url(&self) -> &'a str {
        &self.new.url
    }

    /// The beginnings of the full names that have to be listed; `HEAD` for the default branch.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        let mut names: Vec<String> = self.label.iter().map(|(tag, _)| format!("{TAGS}{tag}")).collect();
        let at_the_tag = self.label.is_some_and(|(_, count)| count == 0);
        match self.track {
            Track::Nothing => {}
            Track::Name { branch, tag } => {
                names.extend(branch.map(|name| format!("{HEADS}{name}")));
                names.extend(tag.map(|name| format!("{TAGS}{name}")));
            }
            // The pattern can be matched with the tag itself.
            Track::Pattern(_) if at_the_tag => {}
            Track::Pattern(pattern) => {
                let beginning = fixed_beginning(pattern);
                let full = |prefix: &str| match beginning.strip_prefix("refs/") {
                    None => Some(format!("{prefix}{beginning}")),
                    Some(_) if beginning.starts_with(prefix) => Some(beginning.to_owned()),
                    Some(_) if prefix.starts_with(beginning) => Some(prefix.to_owned()),
                    Some(_) => None,
                };
                names.extend(full(HEADS));
                names.extend(full(TAGS).filter(|_| self.label.is_none()));
            }
        }
        names.extend((!at_the_tag).then(|| "HEAD".to_owned()));
        names.retain(|name| is_name(name));
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The tag that a ref names, and the number of commits after it.
pub(super) fn label(pin: &Pin) -> Option<(&str, usize)> {
    let (tag, count) = described(&pin.pinned)?;
    // A number that is too large is wrong in any case.
    Some((tag, count.parse().unwrap_or(usize::MAX)))
}

pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns whether a repository can have a ref of this name, as far as that matters to a request for it.
fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES && !name.contains(|c: char| c.is_control() || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(pinned: &str, track: Option<&str>) -> Vec<String> {
        let commit = Some("a".repeat(40));
        let pinned = pinned.replace("SHA", &"a".repeat(40));
        let new = Some(Pin { pinned, commit, track: track.map(Into::into), is_pattern: true, ..Pin::default() });
        let source = SourceMove { new, ..SourceMove::default() };
        Question::of(&source).unwrap().prefixes()
    }

    #[test]
    fn only_the_refs_that_matter_are_listed() {
        for (pinned, track, expected) in [
            ("v1-0-gSHA", Some("v*"), &["refs/tags/v1"][..]),
            ("v1-0-gSHA", None, &["refs/tags/v1"]),
            ("v1-0-gSHA", Some("main"), &["refs/heads/main", "refs/tags/main", "refs/tags/v1"]),
            ("v1-3-gSHA", Some("main"), &["HEAD", "refs/heads/main", "refs/tags/main", "refs/tags/v1"]),
            ("v1-3-gSHA", Some("v*"), &["HEAD", "refs/heads/v", "refs/tags/v1"]),
            ("SHA", Some("v*"), &["HEAD", "refs/heads/v", "refs/tags/v"]),
            ("SHA", Some("main"), &["HEAD", "refs/heads/main", "refs/tags/main"]),
            ("SHA", Some("refs/heads/main"), &["HEAD", "refs/heads/main"]),
            ("SHA", Some("refs/heads/g*"), &["HEAD", "refs/heads/g"]),
            ("SHA", Some("refs/*"), &["HEAD", "refs/heads/", "refs/tags/"]),
            ("SHA", Some("refs/pull/1/head"), &["HEAD"]),
            ("SHA", None, &["HEAD"]),
            ("v 1-0-gSHA", Some("v*"), &[]),
        ] {
            assert_eq!(prefixes(pinned, track), expected, "{pinned} {track:?}");
        }
        assert_eq!(prefixes("SHA", Some(&"b".repeat(40))), ["HEAD"]);
    }

    #[test]
    fn only_commits_that_moved_raise_a_question() {
        let pin = |pinned: &str, commit: Option<&str>, url: &str| {
            let commit = commit.map(Into::into);
            Some(Pin { url: url.into(), pinned: pinned.into(), commit, ..Pin::default() })
        };
        let asked = |old: Option<Pin>, new: Option<Pin>| {
            let source = SourceMove { old, new, ..SourceMove::default() };
            Question::of(&source).map(|question| question.old.is_some())
        };
        let (a, b) = ("https://x.example/a", "https://y.example/a");
        assert_eq!(asked(pin("1", Some("1"), a), pin("2", Some("2"), a)), Some(true));
        assert_eq!(asked(pin("1", Some("1"), a), pin("v-0-g1", Some("1"), a)), Some(true));
        assert_eq!(asked(pin("1", Some("1"), a), pin("1", Some("1"), b)), Some(false));
        assert_eq!(asked(None, pin("1", Some("1"), a)), Some(false));
        assert_eq!(asked(pin("1", Some("1"), a), pin("1", Some("1"), a)), None);
        assert_eq!(asked(pin("1", None, a), pin("2", None, a)), None);
        assert_eq!(asked(pin("1", Some("1"), a), None), None);
    }
}
