//! Upstream repositories with objects that git would not make: every id is right, and what it names is hostile.

use crate::case::Must::{Find, Pass};
use crate::git_http::{Fixture, GitServer};
use crate::lab::{CRATES, Ended, Lab};
use crate::support::lock;
use git2::{ObjectType, Oid, Repository};

cases! {
    a_right_tree: "a tree with a lock" => Pass("1 regenerated"), |lab| tree(lab, |git| vec![blob(git, "Cargo.lock")]);
    an_entry_that_climbs: "a tree with an entry that is called `..`" => Find("lock-unavailable", "an entry has a name that no checkout can have"), |lab| tree(lab, |git| vec![("40000", "..".into(), empty(git)), blob(git, "Cargo.lock")]);
    an_entry_with_slashes: "a tree with an entry whose name is a path" => Find("lock-unavailable", "an entry has a name that no checkout can have"), |lab| tree(lab, |git| vec![blob(git, "../../etc/x"), blob(git, "Cargo.lock")]);
    an_entry_of_git: "a tree with a folder that is called `.git`" => Find("lock-unavailable", "an entry has a name that no checkout can have"), |lab| tree(lab, |git| vec![("40000", ".git".into(), empty(git)), blob(git, "Cargo.lock")]);
    an_entry_without_a_name: "a tree with an entry of no name" => Find("lock-unavailable", "tried it by its id with tree:0 (aborting due to possible repository"), |lab| tree(lab, |git| vec![blob(git, ""), blob(git, "Cargo.lock")]);
    an_entry_twice: "a tree with two locks" => Find("lock-unavailable", "its entries are not in order"), |lab| tree(lab, |git| vec![blob(git, "Cargo.lock"), ("100644", "Cargo.lock".into(), text(git, b"version = 4\n"))]);
    entries_out_of_order: "a tree whose entries are not sorted" => Find("lock-unavailable", "its entries are not in order"), |lab| tree(lab, |git| vec![blob(git, "z"), blob(git, "Cargo.lock"), blob(git, "a")]);
    an_entry_of_no_mode: "a tree whose entry has a mode that is none" => Find("lock-unavailable", "tried it by its id with tree:0 (aborting due to possible repository"), |lab| tree(lab, |git| vec![("99999", "Cargo.lock".into(), text(git, b"x"))]);
    a_tree_of_garbage: "a tree that is no tree" => Find("lock-unavailable", "tried it by its id with tree:0 (aborting due to possible repository"), |lab| raw_tree(lab, b"garbage without an end");
    a_tree_that_is_cut: "a tree whose last id is cut" => Find("lock-unavailable", "tried it by its id with tree:0 (aborting due to possible repository"), |lab| raw_tree(lab, b"100644 Cargo.lock\0\x11\x11");
    a_lock_that_is_a_folder: "a lock of a tree that is a folder" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| tree(lab, |git| vec![("40000", "Cargo.lock".into(), empty(git))]);
    a_lock_that_is_a_submodule: "a lock that is a submodule" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| tree(lab, |_| vec![("160000", "Cargo.lock".into(), Oid::from_str(&"1".repeat(40)).unwrap())]);
    a_lock_that_is_a_link_out: "a lock that is a link out of the tree" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| tree(lab, |git| vec![("120000", "Cargo.lock".into(), text(git, b"../../../../etc/passwd"))]);
    a_lock_that_is_an_absolute_link: "a lock that is a link to a file of the machine" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| tree(lab, |git| vec![("120000", "Cargo.lock".into(), text(git, b"/etc/passwd"))]);
    a_lock_that_is_a_link_with_commands: "a lock that is a link whose target has line ends" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| tree(lab, |git| vec![("120000", "Cargo.lock".into(), text(git, b"/x\n::error::y\x1b[2J"))]);
    a_lock_that_links_to_itself: "a lock of a tree that is a link to itself" => Find("lock-missing", "Cargo.lock` is reached through too many links"), |lab| tree(lab, |git| vec![("120000", "Cargo.lock".into(), text(git, b"Cargo.lock"))]);
    a_link_of_megabytes: "a link whose target is a megabyte" => Find("lock-unavailable", "is broken: a symlink leads to a path that is too long"), |lab| tree(lab, |git| vec![("120000", "Cargo.lock".into(), text(git, &vec![b'a'; 1 << 20]))]);
    a_link_that_is_no_text: "a link whose target is not UTF-8" => Find("lock-unavailable", "is broken: a symlink leads to a path that is not UTF-8"), |lab| tree(lab, |git| vec![("120000", "Cargo.lock".into(), text(git, b"\xff"))]);
    a_lock_of_many_megabytes: "a lock of forty megabytes" => Find("lock-unavailable", "has 41943040 bytes, more than 33554432"), |lab| tree(lab, |git| vec![("100644", "Cargo.lock".into(), text(git, &vec![b'#'; 40 << 20]))]);
    a_tree_of_many_entries: "a tree of half a million entries" => Find("lock-unavailable", "has 18000038 bytes, more than 16777216"), |lab| tree(lab, |git| many(git, 500_000));
    a_blob_for_a_tree: "a commit whose tree is a file" => Find("lock-unavailable", "tried it by its id with tree:1 (aborting due to possible repository"), |lab| commit(lab, |git| commit_of(text(git, b"x"), ""));
    a_commit_without_a_tree: "a commit that names no tree" => Find("lock-unavailable", "tried it by its id with tree:1 (upload-pack: not our ref"), |lab| commit(lab, |_| b"author a <a> 0 +0000\n\nx\n".to_vec());
    a_commit_of_garbage: "a commit that is no commit" => Find("lock-unavailable", "tried it by its id with tree:1 (upload-pack: not our ref"), |lab| commit(lab, |_| b"\0\xff\xfe".to_vec());
    a_commit_with_two_trees: "a commit with two trees" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| commit(lab, |git| { let right = made(git, &[blob(git, "Cargo.lock")]); commit_of(empty(git), &format!("tree {right}\n")) });
    a_commit_of_megabytes: "a commit of twenty megabytes" => Find("lock-unavailable", "has 20971656 bytes, more than 16777216"), |lab| commit(lab, |git| [commit_of(empty(git), ""), vec![b'x'; 20 << 20]].concat());
    a_tree_for_a_commit: "a pin that is the id of a tree" => Find("lock-unavailable", "is a tree, not a commit"), |lab| of_kind(lab, |git| made(git, &[blob(git, "Cargo.lock")]));
    a_tag_for_a_commit: "a pin that is the id of a tag" => Find("lock-unavailable", "is a tag, not a commit"), |lab| of_kind(lab, |git| { let commit = write(git, ObjectType::Commit, &commit_of(empty(git), "")); write(git, ObjectType::Tag, format!("object {commit}\ntype commit\ntag v1\ntagger a <a@b> 0 +0000\n\nx\n").as_bytes()) });
}

type Entry = (&'static str, String, Oid);

fn write(git: &Repository, kind: ObjectType, bytes: &[u8]) -> Oid {
    git.odb().unwrap().write(kind, bytes).unwrap()
}

fn text(git: &Repository, bytes: &[u8]) -> Oid {
    write(git, ObjectType::Blob, bytes)
}

/// A file of this name that holds a right lock.
fn blob(git: &Repository, name: &str) -> Entry {
    ("100644", name.to_owned(), text(git, lock(CRATES).as_bytes()))
}

fn empty(git: &Repository) -> Oid {
    write(git, ObjectType::Tree, b"")
}

fn many(git: &Repository, count: usize) -> Vec<Entry> {
    let (_, _, id) = blob(git, "x");
    let others = (0..count).map(|n| ("100644", format!("a{n:07}"), id));
    std::iter::once(("100644", "Cargo.lock".to_owned(), id)).chain(others).collect()
}

fn made(git: &Repository, entries: &[Entry]) -> Oid {
    let one = |(mode, name, id): &Entry| [format!("{mode} {name}\0").as_bytes(), id.as_bytes()].concat();
    write(git, ObjectType::Tree, &entries.iter().flat_map(one).collect::<Vec<u8>>())
}

fn commit_of(tree: Oid, more: &str) -> Vec<u8> {
    let who = "a <a@example.org> 1700000000 +0000";
    format!("tree {tree}\n{more}author {who}\ncommitter {who}\n\nx\n").into_bytes()
}

fn tree(lab: &Lab, entries: impl Fn(&Repository) -> Vec<Entry>) -> Ended {
    commit(lab, |git| commit_of(made(git, &entries(git)), ""))
}

fn raw_tree(lab: &Lab, bytes: &[u8]) -> Ended {
    commit(lab, |git| commit_of(write(git, ObjectType::Tree, bytes), ""))
}

fn commit(lab: &Lab, bytes: impl Fn(&Repository) -> Vec<u8>) -> Ended {
    of_kind(lab, |git| write(git, ObjectType::Commit, &bytes(git)))
}

/// Regenerates an element that is pinned to an object.
fn of_kind(lab: &Lab, object: impl Fn(&Repository) -> Oid) -> Ended {
    let fixture = Fixture::new();
    // Git hands over anything that a client names.
    fixture.configure("uploadpack.allowAnySHA1InWant", "true");
    fixture.configure("uploadpack.allowFilter", "true");
    git2::opts::strict_object_creation(false);
    let id = object(&Repository::open(fixture.path()).unwrap());
    let server = GitServer::start(&fixture.path());
    lab.alias("up", &lab.server(server));
    let git = format!("- kind: git_repo\n  url: up:repo.git\n  ref: {id}\n");
    lab.write("elements/a.bst", format!("kind: make\nsources:\n{git}- kind: cargo2\n  ref: []\n"));
    let ended = lab.run(&["regenerate"]);
    assert!(!ended.out.contains('\u{1b}') && !ended.out.lines().any(|line| line.starts_with("::")), "{}", ended.out);
    ended
}
