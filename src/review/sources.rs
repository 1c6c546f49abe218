//! The differences between the pinned sources of an element before and after.

use super::{Pin, SourceMove};
use crate::bst::place;
use crate::bst::source::{Content, Layer};
use crate::encode;

/// The sources that differ, in their new order; those that are gone come last.
///
/// Sources are the same where kind, folder and repository are; of the others, those of the same kind and folder are one
/// source that moved. Patches and local files are compared by their paths only.
#[must_use]
pub fn sources(before: &[Layer], after: &[Layer]) -> Vec<SourceMove> {
    let pinned = |layers: &[Layer]| -> Vec<Pinned> { layers.iter().filter_map(Pinned::of).collect() };
    let (mut old, new) = (pinned(before), pinned(after));
    let mut partners: Vec<Option<Pinned>> = new.iter().map(|_| None).collect();
    let same: [fn(&Pinned, &Pinned) -> bool; 3] = [
        |a, b| a == b,
        |a, b| (a.kind, &a.directory, &a.pin.url) == (b.kind, &b.directory, &b.pin.url),
        |a, b| (a.kind, &a.directory) == (b.kind, &b.directory),
    ];
    for same in same {
        for (new, partner) in new.iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            *partner = old.iter().position(|old| same(old, new)).map(|at| old.remove(at));
        }
    }
    let moves = new.into_iter().zip(partners).map(|(new, old)| (old, Some(new)));
    let all = moves.chain(old.into_iter().map(|old| (Some(old), None))).filter(|(old, new)| old != new);
    all.map(|(old, new)| SourceMove { old: old.map(|p| p.pin), new: new.map(|p| p.pin) }).collect()
}

/// A source with what makes it the same source.
#[derive(PartialEq)]
struct Pinned {
    kind: &'static str,
    directory: String,
    pin: Pin,
}

impl Pinned {
    fn of(layer: &Layer) -> Option<Self> {
        let file =
            |url: &str, pinned: &str| Pin { url: url.to_owned(), pinned: pinned.to_owned(), commit: None, track: None };
        let (kind, pin) = match &layer.content {
            Content::Git(git) => {
                let pinned =
                    git.tag.as_ref().map_or_else(|| git.commit.clone(), |tag| format!("{tag}-0-g{}", git.commit));
                let (commit, track) = (Some(git.commit.clone()), git.track.clone());
                ("git", Pin { url: git.url.clone(), pinned, commit, track })
            }
            Content::Remote(download, _) => ("remote", file(&download.url, &download.sha256)),
            Content::Archive(archive) => ("archive", file(&archive.file.url, &archive.file.sha256)),
            Content::Local(path) => ("local", file(path, "")),
            Content::Patch(path, _) => ("patch", file(path, "")),
            Content::PatchQueue(path) => ("patches", file(path, "")),
            Content::GeneratedLock(text) => ("lock", file("Cargo.lock", &encode::sha256(text.as_bytes()))),
            Content::Crates => return None,
        };
        Some(Self { kind, directory: layer.directory.clone(), pin })
    }
}

impl Pin {
    /// The tag that is pinned, where the `ref` names it as its own: `v1.2-0-g<commit>`.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.pinned.strip_suffix(self.commit.as_deref()?)?.strip_suffix("-0-g")
    }

    /// Returns the part that must stay when a new release is tracked: the repository of a git source or on a well-known
    /// forge, else the host.
    #[must_use]
    pub fn home(&self) -> String {
        home(&self.url, self.commit.is_some())
    }
}

/// Returns the part of a place that must stay: all of a repository's, else owner and repository on a well-known forge,
/// else the host.
#[must_use]
pub fn home(url: &str, repository: bool) -> String {
    let place = place::repository(url);
    if repository || !url.contains("://") {
        return place;
    }
    let (host, path) = place.split_once('/').unwrap_or((&place, ""));
    let depth = if FORGES.contains(&host) { 2 } else { 0 };
    std::iter::once(host).chain(path.split('/').take(depth)).collect::<Vec<_>>().join("/")
}

/// Hosts on which owner and repository come first in the path.
const FORGES: [&str; 7] = [
    "github.com",
    "codeload.github.com",
    "gitlab.com",
    "gitlab.gnome.org",
    "gitlab.freedesktop.org",
    "codeberg.org",
    "git.sr.ht",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bst::source::{Archive, Download, Git, Submodules};
    use std::slice::from_ref;

    fn git(url: &str, commit: char, tag: Option<&str>) -> Layer {
        let commit = commit.to_string().repeat(40);
        let content = Content::Git(Git {
            url: url.into(),
            commit,
            tag: tag.map(Into::into),
            track: Some("v*".into()),
            submodules: Submodules::Ignored,
        });
        Layer { directory: String::new(), content }
    }

    fn archive(url: &str, sha: char) -> Layer {
        let file = Download { url: url.into(), sha256: sha.to_string().repeat(64) };
        Layer { directory: String::new(), content: Content::Archive(Archive { file, zip: false, base_dir: None }) }
    }

    fn messages(before: &[Layer], after: &[Layer]) -> Vec<String> {
        let show = |pin: &Option<Pin>| {
            pin.as_ref().map_or("-".into(), |p| format!("{} {}", p.url, p.tag().unwrap_or(&p.pinned[..1])))
        };
        sources(before, after).iter().map(|m| format!("{} > {}", show(&m.old), show(&m.new))).collect()
    }

    #[test]
    fn a_source_that_moves_is_one_and_what_stays_is_not_reported() {
        let (a, b) = (git("https://x.example/a", 'a', None), git("https://x.example/b", 'b', None));
        assert_eq!(messages(&[a.clone(), b.clone()], &[b.clone(), a.clone()]), [""; 0]);
        let moved = git("https://x.example/a", 'c', Some("v2"));
        assert_eq!(messages(&[a, b.clone()], &[moved, b]), ["https://x.example/a a > https://x.example/a v2"]);
    }

    #[test]
    fn another_repository_in_the_same_place_is_a_move() {
        let (a, b) = (git("https://x.example/a", 'a', None), git("https://y.example/a", 'a', None));
        assert_eq!(messages(from_ref(&a), from_ref(&b)), ["https://x.example/a a > https://y.example/a a"]);
        assert_eq!(messages(&[], from_ref(&b)), ["- > https://y.example/a a"]);
        assert_eq!(messages(&[a, b.clone()], &[b]), ["https://x.example/a a > -"]);
    }

    #[test]
    fn the_home_of_a_release_stays_from_version_to_version() {
        let home = |url: &str| Pinned::of(&archive(url, 'a')).unwrap().pin.home();
        assert_eq!(home("https://github.com/o/r/archive/v1.tar.gz"), "github.com/o/r");
        assert_eq!(home("https://x.example/pub/1.2/r-1.2.tar.xz"), "x.example");
        let of_git = |url: &str| Pinned::of(&git(url, 'a', None)).unwrap().pin.home();
        assert_eq!(of_git("https://github.com/o/r.git"), of_git("https://GitHub.com/o/r/"));
        assert_eq!(of_git("https://github.com/o/r.git"), home("https://github.com/o/r/archive/v1.tar.gz"));
    }
}
