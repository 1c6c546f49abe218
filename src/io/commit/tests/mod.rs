//! Commits made with git2, read through every kind of objects, and against the checkout they came from.

mod agree;

use super::local::list;
use super::*;
use crate::github::tree::{Item, Listing, ListingError};
use git2::{Oid, Repository};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A repository with a checkout.
pub(super) fn repository() -> (tempfile::TempDir, Repository) {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::init(dir.path()).unwrap();
    (dir, repository)
}

/// Commits everything in the checkout.
pub(super) fn commit(repository: &Repository) -> Oid {
    let mut index = repository.index().unwrap();
    index.clear().unwrap();
    index.add_all(["*"], git2::IndexAddOption::FORCE, None).unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::now("a", "a@example.org").unwrap();
    let parent = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
    repository.commit(Some("HEAD"), &who, &who, "c", &tree, &parent.iter().collect::<Vec<_>>()).unwrap()
}

/// Writes files into the checkout and commits it.
#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
fn with(repository: &Repository, files: &[(&str, &str)]) -> String {
    for (path, text) in files {
        let full = repository.workdir().unwrap().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }
    commit(repository).to_string()
}

fn around(folder: &Path) -> LocalObjects {
    LocalObjects::around(folder).unwrap().unwrap()
}

fn paths(listing: &Listing) -> Vec<&str> {
    listing.iter().map(|(path, _)| path).collect()
}

#[test]
fn a_commit_is_named_by_branch_tag_id_or_ancestry() {
    let (dir, repository) = repository();
    let one = with(&repository, &[("a", "1")]);
    let two = with(&repository, &[("a", "2")]);
    let object = repository.find_object(Oid::from_str(&one).unwrap(), None).unwrap();
    let who = git2::Signature::now("a", "a@example.org").unwrap();
    repository.tag("v1", &object, &who, "annotated", false).unwrap();
    repository.reference("refs/remotes/origin/main", object.id(), false, "").unwrap();
    let local = around(dir.path());
    for (text, id) in [("HEAD", &two), ("HEAD~1", &one), ("v1", &one), ("origin/main", &one), (&one[..9], &one)] {
        assert_eq!(local.rev(text).as_ref(), Ok(id), "{text}");
    }
    assert_eq!(local.head().unwrap(), two);
    assert_eq!(local.merge_base(&one, &two), Ok(Some(one)));
    assert!(local.rev("gone").unwrap_err().to_string().starts_with("`gone` names no commit of this repository:"));
    let error = local.merge_base(&two, &"0".repeat(40)).unwrap_err().to_string();
    assert!(error.contains("cannot be read from the local repository"), "{error}");
}

#[test]
fn the_default_base_is_what_origin_says_before_what_is_usual() {
    let (dir, repository) = repository();
    let local = around(dir.path());
    assert_eq!(local.default_base(), None);
    let id = Oid::from_str(&with(&repository, &[("a", "1")])).unwrap();
    let usual = |name: &str| repository.reference(name, id, true, "").map(drop).unwrap();
    for (name, base) in [
        ("refs/heads/main", "main"),
        ("refs/remotes/origin/master", "origin/master"),
        ("refs/remotes/origin/main", "origin/main"),
    ] {
        usual(name);
        assert_eq!(local.default_base().as_deref(), Some(base));
    }
    let origin_head =
        |to: &str| repository.reference_symbolic("refs/remotes/origin/HEAD", to, true, "").map(drop).unwrap();
    origin_head("refs/remotes/origin/gone");
    assert_eq!(local.default_base().as_deref(), Some("origin/main"));
    usual("refs/remotes/origin/trunk");
    origin_head("refs/remotes/origin/trunk");
    assert_eq!(local.default_base().as_deref(), Some("origin/trunk"));
}

#[test]
fn a_shallow_clone_has_its_commits_and_says_that_it_is_shallow() {
    let (dir, repository) = repository();
    let one = with(&repository, &[("a", "1")]);
    let two = with(&repository, &[("a", "2")]);
    std::fs::remove_file(dir.path().join(".git/objects").join(&one[..2]).join(&one[2..])).unwrap();
    std::io::Write::write_all(
        &mut std::fs::File::create(dir.path().join(".git/shallow")).unwrap(),
        format!("{two}\n").as_bytes(),
    )
    .unwrap();
    let local = around(dir.path());
    assert_eq!(paths(&local.tree(&two).unwrap()), ["a"]);
    assert!(local.tree(&one).is_err());
    assert!(local.rev("HEAD~1").unwrap_err().to_string().contains("this clone is shallow"));
    assert_eq!(local.merge_base(&two, &two), Ok(Some(two)));
}

#[test]
fn a_linked_worktree_is_a_checkout_of_its_own() {
    let (dir, repository) = repository();
    let one = with(&repository, &[("p/a", "1")]);
    let elsewhere = tempfile::tempdir().unwrap();
    let linked = elsewhere.path().join("w");
    repository.worktree("w", &linked, None).unwrap();
    with(&repository, &[("p/a", "2")]);
    let local = around(&linked.join("p"));
    assert_eq!(local.head().unwrap(), one);
    assert_eq!(local.prefix_of(&linked.join("p")).unwrap(), "p");
    assert_eq!(local.prefix_of(&linked).unwrap(), "");
    assert!(local.prefix_of(dir.path()).is_err());
    let again = local.again().unwrap();
    assert_eq!(again.head().unwrap().target().unwrap().to_string(), one, "not the head of the main checkout");
}

#[test]
fn without_a_checkout_around_it_there_is_no_repository() {
    let dir = tempfile::tempdir().unwrap();
    assert!(LocalObjects::around(dir.path()).unwrap().is_none());
    Repository::init_bare(dir.path()).unwrap();
    assert!(LocalObjects::around(dir.path()).unwrap().is_none());
}

#[test]
fn folders_that_hold_each_other_many_times_end_at_the_limit() {
    let (_dir, repository) = repository();
    let mut tree = repository.treebuilder(None).unwrap().write().unwrap();
    for _ in 0..12 {
        let mut builder = repository.treebuilder(None).unwrap();
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            builder.insert(name, tree, 0o040_000).unwrap();
        }
        tree = builder.write().unwrap();
    }
    let error = list(&repository, repository.find_tree(tree).unwrap(), 1_000).unwrap_err().to_string();
    assert_eq!(error, "the commit holds more than 1000 files and folders");
}

#[test]
fn a_name_that_is_not_utf_8_is_listed_and_what_differs_there_is_seen() {
    let (dir, repository) = repository();
    let who = git2::Signature::now("a", "a@example.org").unwrap();
    let commits = [b"echo\n".as_slice(), b"gh pr merge 1\n"].map(|text| {
        let mut builder = repository.treebuilder(None).unwrap();
        builder.insert(b"x\xff.sh".as_slice(), repository.blob(text).unwrap(), 0o100_755).unwrap();
        let tree = repository.find_tree(builder.write().unwrap()).unwrap();
        repository.commit(None, &who, &who, "c", &tree, &[]).unwrap().to_string()
    });
    let local = around(dir.path());
    let [one, two] = commits.map(|id| local.tree(&id).unwrap());
    assert_eq!(one.changed(&two), ["x\\xff.sh"]);
}

#[test]
fn a_listing_refuses_paths_that_no_checkout_can_have() {
    let item = || Item { mode: Item::FILE, id: "0".repeat(40) };
    let listing = |paths: &[&str]| Listing::new(paths.iter().map(|path| ((*path).to_owned(), item())));
    for wrong in ["../a", "a/./b", "/a", "a//b", "a/", "", "a\0b", &"a/".repeat(300), &"x".repeat(5_000)] {
        assert!(listing(&[wrong]).is_err(), "{wrong:?}");
    }
    assert_eq!(listing(&["a", "a-b", "a/b"]), Err(ListingError::FileAndFolder("a".to_owned())));
    assert_eq!(listing(&["a", "a"]), Err(ListingError::ListedTwice));
    let fine = listing(&["a-b", "a/b", "a/c/d", "b"]).unwrap();
    assert_eq!(fine.below("a").map(|(path, _)| path).collect::<Vec<_>>(), ["b", "c/d"]);
    assert!(fine.is_folder("a/c") && fine.is_folder("") && !fine.is_folder("b") && !fine.is_folder("a/"));
}

#[test]
fn the_paths_at_which_commits_differ_are_those_that_are_new_gone_or_other() {
    let (dir, repository) = repository();
    let one = with(&repository, &[("a", "1"), ("b", "1"), ("c/d", "1")]);
    std::fs::remove_file(dir.path().join("b")).unwrap();
    let two = with(&repository, &[("c/d", "2"), ("e", "1")]);
    let local = around(dir.path());
    let [one, two] = [one, two].map(|id| local.tree(&id).unwrap());
    assert_eq!(one.changed(&two), ["b", "c/d", "e"]);
    assert_eq!(two.changed(&one), one.changed(&two));
    assert!(one.changed(&one).is_empty());
}

/// Another place: what a repository has, with given contents, and how often it was queried.
#[derive(Default)]
struct Elsewhere {
    from: Option<LocalObjects>,
    lie: bool,
    queries: AtomicUsize,
}

impl Objects for Elsewhere {
    fn tree(&self, commit: &str) -> Result<Listing, Unreadable> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        self.from.as_ref().map_or_else(|| Err(Unreadable::new("nothing here")), |from| from.tree(commit))
    }

    fn blob(&self, id: &str) -> Result<Vec<u8>, Unreadable> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        let mut bytes =
            self.from.as_ref().map_or_else(|| Err(Unreadable::new("nothing here")), |from| from.blob(id))?;
        if self.lie {
            bytes.push(b'!');
        }
        Ok(bytes)
    }
}

#[test]
fn what_is_here_is_not_requested_elsewhere() {
    let (dir, repository) = repository();
    let id = with(&repository, &[("a", "1")]);
    let elsewhere = Arc::new(Elsewhere::default());
    let layered = Layered::new(Some(Arc::new(around(dir.path()))), elsewhere.clone());
    let listing = layered.tree(&id).unwrap();
    assert_eq!(layered.blob(&listing.get("a").unwrap().id).unwrap(), b"1");
    assert_eq!(elsewhere.queries.load(Ordering::Relaxed), 0);
}

#[test]
fn what_is_elsewhere_is_requested_once_and_believed_only_when_its_hash_is_right() {
    let (here, _mine) = repository();
    let (there, theirs) = repository();
    let id = with(&theirs, &[("a", "1")]);
    let at = |lie| Arc::new(Elsewhere { from: Some(around(there.path())), lie, ..Elsewhere::default() });
    for local in [None, Some(Arc::new(around(here.path())))] {
        let honest = at(false);
        let layered = Layered::new(local.clone(), honest.clone());
        let blob = layered.tree(&id).unwrap().get("a").unwrap().id.clone();
        assert_eq!([layered.blob(&blob), layered.blob(&blob)], [Ok(b"1".to_vec()), Ok(b"1".to_vec())]);
        assert_eq!(honest.queries.load(Ordering::Relaxed), 2);
        let error = Layered::new(local, at(true)).blob(&blob).unwrap_err().to_string();
        assert_eq!(error, format!("what was sent for the file `{blob}` is another content"));
    }
}

#[test]
fn a_damaged_object_is_an_error() {
    let (dir, repository) = repository();
    let id = with(&repository, &[("a", "1"), ("b", "2")]);
    let listing = around(dir.path()).tree(&id).unwrap();
    let place = |name: &str| {
        let id = &listing.get(name).unwrap().id;
        dir.path().join(".git/objects").join(&id[..2]).join(&id[2..])
    };
    std::fs::remove_file(place("a")).unwrap();
    std::fs::copy(place("b"), place("a")).unwrap();
    assert!(around(dir.path()).blob(&listing.get("a").unwrap().id).is_err());
}
