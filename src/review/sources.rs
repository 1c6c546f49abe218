//! The differences between the pinned sources of an element before and after.

use super::ref_proof::Remark;
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
    let mut all: Vec<SourceMove> = all
        .map(|(old, new)| SourceMove { old: old.map(|p| p.pin), new: new.map(|p| p.pin), ..SourceMove::default() })
        .collect();
    files_of_other_commits(&mut all, after);
    all
}

/// Notes which files are downloaded from another commit or tag of a repository than the element pins: with the file where
/// it moved, else with the source of the repository that did.
fn files_of_other_commits(all: &mut [SourceMove], after: &[Layer]) {
    let pins: Vec<Pin> = after.iter().filter_map(Pinned::of).map(|source| source.pin).collect();
    let files = pins.iter().filter(|pin| pin.commit.is_none() && pin.url.contains("://"));
    for file in files {
        let repositories: Vec<&Pin> = pins.iter().filter(|pin| pin.commit.is_some() && is_of(file, pin)).collect();
        let moved = |all: &[SourceMove], pin: &Pin| all.iter().position(|source| source.new.as_ref() == Some(pin));
        let at = moved(all, file).or_else(|| repositories.iter().find_map(|pin| moved(all, pin)));
        let Some(at) = at else { continue };
        let before: Vec<&Pin> = all.iter().filter_map(|source| source.old.as_ref()).collect();
        if let Some(names) = other_commit(&file.url, &repositories, &before) {
            all[at].proof.remarks.push(Remark::OtherCommit { url: file.url.clone(), names });
        }
    }
}

/// Returns whether a file is downloaded from a repository.
fn is_of(file: &Pin, repository: &Pin) -> bool {
    let place = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest).to_ascii_lowercase();
        // The hosts from which GitHub hands out files.
        let files = ["raw.githubusercontent.com/", "codeload.github.com/"];
        match files.iter().find_map(|host| rest.strip_prefix(host)) {
            Some(path) => format!("github.com/{path}"),
            None => rest,
        }
    };
    let (file, home) = (place(&file.url), repository.home().to_ascii_lowercase());
    file.strip_prefix(&home).is_some_and(|rest| rest.starts_with('/') || rest.starts_with(".git/"))
}

/// The commit that a URL names, or the tag that was pinned before, where none of the repositories is pinned there.
fn other_commit(url: &str, repositories: &[&Pin], before: &[&Pin]) -> Option<String> {
    let parts: Vec<&str> = url.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let is_commit = |part: &&&str| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(commit) = parts.iter().find(is_commit) {
        let pinned = |pin: &&Pin| pin.commit.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(commit));
        return (!repositories.iter().any(pinned)).then(|| (*commit).to_owned());
    }
    let names = |tag: &str| url.split('/').any(|part| part == tag || part.strip_suffix(".tar.gz") == Some(tag));
    let old = before.iter().filter(|old| repositories.iter().any(|new| new.home() == old.home()));
    let mut old = old.filter_map(|old| old.tag()).filter(|tag| names(tag));
    old.find(|tag| !repositories.iter().any(|new| new.tag() == Some(tag))).map(str::to_owned)
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
        let file = |url: &str, pinned: &str| Pin { url: url.to_owned(), pinned: pinned.to_owned(), ..Pin::default() };
        let (kind, pin) = match &layer.content {
            Content::Git(git) => {
                let pin = Pin {
                    url: git.url.clone(),
                    pinned: git.pinned.clone(),
                    commit: Some(git.commit.clone()),
                    track: git.track.clone(),
                    exclude: git.exclude.clone(),
                    is_pattern: git.is_pattern,
                };
                ("git", pin)
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
            pinned: tag.map_or_else(|| commit.clone(), |tag| format!("{tag}-0-g{commit}")),
            commit,
            track: Some("v*".into()),
            exclude: Vec::new(),
            is_pattern: true,
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
    fn a_file_of_another_commit_than_the_repository_is_noticed_once() {
        let others = |before: &[Layer], after: &[Layer]| {
            let all = sources(before, after);
            let remarks = all.into_iter().flat_map(|source| {
                let at = source.new.map(|pin| pin.url).unwrap_or_default();
                source.proof.remarks.into_iter().map(move |remark| match remark {
                    Remark::OtherCommit { names, .. } => format!("{}: {}", at.len(), &names[..2]),
                    other => format!("{other:?}"),
                })
            });
            remarks.collect::<Vec<_>>()
        };
        let repository = |commit, tag| git("https://github.com/o/r.git", commit, tag);
        let commit = |digit: char| digit.to_string().repeat(40);
        let raw = |names: &str| archive(&format!("https://raw.githubusercontent.com/O/r/{names}/Cargo.lock"), 'e');
        let (a, b) = (raw(&commit('a')), raw(&commit('b')));
        let (old, new) = (repository('a', None), repository('b', None));
        // The repository moved and the file did not; then the file alone; then both, to different commits.
        assert_eq!(others(&[old.clone(), a.clone()], &[new.clone(), a.clone()]), ["26: aa"]);
        assert_eq!(others(&[old.clone(), a.clone()], &[old.clone(), b.clone()]), ["89: bb"]);
        let c = raw(&commit('c'));
        assert_eq!(others(&[old.clone(), a.clone()], &[new.clone(), c]), ["89: cc"]);
        assert_eq!(others(&[old.clone(), a.clone()], &[new.clone(), b.clone()]), [""; 0]);
        let plain = archive(&format!("https://github.com/o/r.git/plain/Cargo.lock?id={}", commit('a')), 'e');
        assert_eq!(others(&[old.clone(), plain.clone()], &[new.clone(), plain]), ["26: aa"]);
        // The tag that was pinned before stayed in the URL.
        let (v1, v2) = (repository('a', Some("v1")), repository('b', Some("v2")));
        assert_eq!(others(&[v1.clone(), raw("v1")], &[v2.clone(), raw("v1")]), ["26: v1"]);
        assert_eq!(others(&[v1.clone(), raw("v1")], &[v2.clone(), raw("v2")]), [""; 0]);
        // Other repositories, and files that name no commit.
        let elsewhere = archive(&format!("https://raw.githubusercontent.com/o/s/{}/Cargo.lock", commit('a')), 'e');
        assert_eq!(others(&[old.clone(), elsewhere.clone()], &[new.clone(), elsewhere]), [""; 0]);
        let near = archive(&format!("https://github.com/o/r2/archive/{}.tar.gz", commit('a')), 'e');
        assert_eq!(others(&[old.clone(), near.clone()], &[new.clone(), near]), [""; 0]);
        assert_eq!(others(&[old, raw("main")], &[new, raw("main")]), [""; 0]);
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
