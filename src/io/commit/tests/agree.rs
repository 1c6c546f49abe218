//! The project in a commit gives the answers that the checkout gives which it was made from.

use super::{around, commit, repository};
use crate::finding::read::Read;
use crate::io::bounded::MAX_FILE;
use crate::io::files::{Files, TreeEntry};
use crate::text::SourceText;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

/// Something in a generated project.
#[derive(Clone, Debug)]
enum Thing {
    File(Vec<u8>),
    Link(String),
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c.bst", "d.bst", ".h", "a-", "ü"]).prop_map(str::to_owned)
}

/// A path as somebody may write it.
fn written() -> impl Strategy<Value = String> {
    let part =
        prop_oneof![8 => name(), 2 => Just("..".to_owned()), 1 => Just(".".to_owned()), 1 => Just(String::new())];
    prop::collection::vec(part, 1..5).prop_map(|parts| parts.join("/")).prop_filter("relative", |p| !p.starts_with('/'))
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        3 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Thing::File),
        2 => Just(Thing::File(b"text\n".to_vec())),
        3 => written().prop_filter("not empty", |p| !p.is_empty()).prop_map(Thing::Link),
    ]
}

/// Things at their paths; later ones that are below or in the way of earlier ones are left out.
fn things() -> impl Strategy<Value = BTreeMap<String, Thing>> {
    let path = prop::collection::vec(name(), 1..4).prop_map(|parts| parts.join("/"));
    prop::collection::vec((path, thing()), 0..14).prop_map(|all| {
        let mut kept: BTreeMap<String, Thing> = BTreeMap::new();
        for (path, thing) in all {
            let below = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}/"));
            if !kept.keys().any(|known| below(known, &path) || below(&path, known)) {
                kept.insert(path, thing);
            }
        }
        kept
    })
}

#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
fn put(root: &Path, path: &str, thing: &Thing) {
    let full = root.join(path);
    std::fs::create_dir_all(full.parent().unwrap()).unwrap();
    match thing {
        Thing::File(bytes) => std::fs::write(full, bytes).unwrap(),
        Thing::Link(target) => symlink(target, full).unwrap(),
    }
}

/// Returns the value that was read.
fn known<T: std::fmt::Debug>(read: Read<T>) -> T {
    read.required("absent").unwrap()
}

/// Returns why it could not be read.
fn why<T: std::fmt::Debug>(read: Read<T>) -> String {
    read.optional().unwrap_err().into()
}

/// Asserts that both answers agree, apart from the words of errors. A path that leaves the repository is refused in a
/// commit, whether or not something is there.
fn alike<T: PartialEq + std::fmt::Debug>(
    path: &str,
    folder: Result<T, String>,
    commit: Result<T, String>,
    none: Option<&T>,
) -> Result<(), TestCaseError> {
    if let (Err(error), Ok(value)) = (&commit, &folder) {
        prop_assert!(error == "the path leaves the project" && Some(value) == none, "{path}: {value:?}, {error}");
    } else {
        let leaves =
            |result: &Result<T, String>| result.as_ref().err().is_some_and(|e| e.contains("leaves the project"));
        prop_assert!(!leaves(&folder) || leaves(&commit), "{path}: {folder:?}, {commit:?}");
        prop_assert_eq!(folder.ok(), commit.ok(), "{}", path);
    }
    Ok(())
}

/// As a result that may be nothing.
fn optional<T>(read: Read<T>) -> Result<Option<T>, String> {
    read.optional().map_err(String::from)
}

fn agree(folder: &Files, commit: &Files, path: &str, root: bool) -> Result<(), TestCaseError> {
    alike(path, optional(folder.bytes(path)), optional(commit.bytes(path)), Some(&None))?;
    let text = |files: &Files| optional(files.text(path).map(|text| text.text.to_string()));
    alike(path, text(folder), text(commit), Some(&None))?;
    let entry = |files: &Files| files.entry(path).map_err(String::from);
    alike(path, entry(folder), entry(commit), Some(&TreeEntry::Absent))?;
    prop_assert_eq!(folder.exists(path) == Ok(true), commit.exists(path) == Ok(true), "{}", path);
    let names = |files: &Files| {
        let names = files.names(path).required("no such folder").map_err(String::from);
        names.map(|names| names.into_iter().filter(|n| !root || n != ".git").collect::<Vec<_>>())
    };
    alike(path, names(folder), names(commit), None)?;
    let elements = |files: &Files| files.elements(path).map_err(|e| e.to_string());
    alike(path, elements(folder), elements(commit), None)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_commit_answers_as_its_checkout_does(
        inside in things(),
        outside in things(),
        at in prop::sample::select(vec!["", "p", "x/p"]),
        requested in prop::collection::vec(written(), 0..12),
    ) {
        let (dir, repository) = repository();
        let root = dir.path().join(at);
        std::fs::create_dir_all(&root).unwrap();
        put(&root, "project.conf", &Thing::File(b"name: p\n".to_vec()));
        inside.iter().for_each(|(path, thing)| put(&root, path, thing));
        if !at.is_empty() {
            outside.iter().for_each(|(path, thing)| put(dir.path(), path, thing));
        }
        let id = commit(&repository).to_string();
        let objects = Arc::new(around(dir.path()));
        let (folder, commit) = (Files::new(&root).unwrap(), Files::at(objects, &id, at).unwrap());
        let below = inside.keys().flat_map(|path| [path.clone(), format!("{path}/"), format!("{path}/a"), format!("{path}/..")]);
        let above = inside.keys().filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned()));
        let all = below.chain(above).chain(requested).chain([".".to_owned(), "project.conf".to_owned(), String::new()]);
        for path in all {
            agree(&folder, &commit, &path, at.is_empty())?;
        }
    }
}

#[test]
fn a_file_that_is_too_large_is_reported_alike() {
    let (dir, repository) = repository();
    let size = usize::try_from(MAX_FILE).unwrap();
    put(dir.path(), "most", &Thing::File(vec![0; size]));
    put(dir.path(), "more", &Thing::File(vec![0; size + 1]));
    let id = commit(&repository).to_string();
    let (folder, commit) = (Files::new(dir.path()).unwrap(), Files::at(Arc::new(around(dir.path())), &id, "").unwrap());
    assert_eq!(known(commit.bytes("most")).len(), size);
    assert_eq!(why(commit.bytes("more")), why(folder.bytes("more")));
    assert_eq!(commit.entry("more").unwrap_err(), folder.entry("more").unwrap_err());
}

#[test]
fn links_in_a_circle_and_out_of_the_repository_are_refused() {
    let (dir, repository) = repository();
    for (path, target) in
        [("loop", "loop"), ("one", "two"), ("two", "one"), ("out", "../../../x"), ("host", "/etc/hostname")]
    {
        put(dir.path(), path, &Thing::Link(target.into()));
    }
    put(dir.path(), "bad", &Thing::File(b"one\ntw\xff".to_vec()));
    let id = commit(&repository).to_string();
    let files = Files::at(Arc::new(around(dir.path())), &id, "").unwrap();
    for (path, reason) in [
        ("loop", "the file is reached through too many links"),
        ("two/a", "the file is reached through too many links"),
        ("out", "the path leaves the project"),
        ("host", "the path leaves the project"),
        ("/etc/hostname", "the path leaves the project"),
    ] {
        assert_eq!(why(files.bytes(path)), reason, "{path}");
    }
    assert_eq!(files.entry("host").unwrap(), TreeEntry::Symlink("/etc/hostname".into()));
    assert_eq!(why(files.text("bad")), "the file is not UTF-8: line 2 holds the byte 0xff");
}

#[test]
fn a_submodule_is_an_empty_folder_that_nothing_is_staged_from() {
    let (dir, repository) = repository();
    put(dir.path(), "e/a.bst", &Thing::File(Vec::new()));
    let id = commit(&repository);
    let head = repository.find_commit(id).unwrap();
    let mut builder = repository.treebuilder(Some(&head.tree().unwrap())).unwrap();
    builder.insert("module", id, 0o160_000).unwrap();
    let tree = repository.find_tree(builder.write().unwrap()).unwrap();
    let who = head.author().to_owned();
    let id = repository.commit(None, &who, &who, "c", &tree, &[&head]).unwrap().to_string();
    let files = Files::at(Arc::new(around(dir.path())), &id, "").unwrap();
    assert_eq!(files.elements("").unwrap(), ["e/a.bst"]);
    assert_eq!(files.elements("module").unwrap(), [""; 0]);
    assert_eq!(files.exists("module/a"), Ok(false));
    let refused = [
        files.entry("module").unwrap_err().into(),
        files.entry("module/a").unwrap_err().into(),
        why(files.bytes("module/a")),
    ];
    for reason in refused {
        assert_eq!(reason, "this is in a submodule, which is not read");
    }
}

#[test]
fn a_commit_is_not_written_and_has_the_folder_that_is_requested() {
    let (dir, repository) = repository();
    put(dir.path(), "p/a", &Thing::File(b"one".to_vec()));
    let id = commit(&repository).to_string();
    let objects = Arc::new(around(dir.path()));
    let files = Files::at(objects.clone(), &id, "p").unwrap();
    let old = known(files.text("a"));
    for outcome in [files.replace(&old, &SourceText::new("a", "two")), files.create(&SourceText::new("b", "two"))] {
        assert_eq!(outcome.unwrap_err().to_string(), "a commit cannot be written");
    }
    assert_eq!(files.commit(), Some(id.as_str()));
    let wrong = |folder: &str| Files::at(objects.clone(), &id, folder).unwrap_err().to_string();
    assert_eq!(wrong("q"), format!("the commit {id} has no folder `q`"));
    assert!(wrong("p/a").contains("has no folder"));
    assert_eq!(wrong("../p"), "the folder `../p` leaves the repository");
    assert!(Files::at(objects, &"0".repeat(40), "").is_err());
}
