mod elements;
mod inputs;
mod links;
mod unknown;

use super::hidden;
use crate::bst::project;
use crate::cargo2::element_file::ProjectFile;
use crate::cargo2::snapshot::Snapshot;
use crate::finding::read::Read;
use crate::github::content::{Class, Decisive, Side, merge};
use crate::github::tree::{Item, Listing};
use std::sync::Arc;

/// A blob that cannot be read.
const LOST: &str = "(lost)";

/// A state of a repository. The id of a file is its text.
#[derive(Clone, Default)]
struct Tree(Vec<(String, Item)>);

impl Tree {
    fn of(files: &[(&str, &str)]) -> Self {
        files.iter().fold(Self::default(), |tree, (path, text)| tree.put(path, text))
    }

    fn put(self, path: &str, text: &str) -> Self {
        self.item(path, Item::FILE, text)
    }

    fn link(self, path: &str, target: &str) -> Self {
        self.item(path, Item::LINK, target)
    }

    fn item(self, path: &str, mode: u32, id: &str) -> Self {
        let mut tree = self.without(path);
        tree.0.push((path.to_owned(), Item { mode, id: id.to_owned() }));
        tree
    }

    fn without(mut self, path: &str) -> Self {
        self.0.retain(|(known, _)| known != path);
        self
    }

    fn listing(&self) -> Listing {
        Listing::new(self.0.iter().cloned()).unwrap()
    }
}

fn blob(item: &Item) -> Read<Arc<[u8]>> {
    if item.id.starts_with(LOST) { Read::unreadable("the limit") } else { Read::Known(item.id.as_bytes().into()) }
}

/// Reads every project of a state, as the workspace does.
fn projects(files: &Listing) -> Vec<(String, Read<Arc<Snapshot>>)> {
    let side = Side { files, projects: &[], blob: &blob };
    let confs = files
        .iter()
        .filter_map(|(path, _)| if path == "project.conf" { Some("") } else { path.strip_suffix("/project.conf") });
    confs.map(|folder| (folder.to_owned(), snapshot(&side, folder))).collect()
}

fn snapshot(side: &Side<'_>, folder: &str) -> Read<Arc<Snapshot>> {
    let read = |path: &str| hidden::text(side, folder, path);
    let project = match project::read(&read, &[]) {
        Ok(project) => project,
        Err(why) => return Read::unreadable(why.to_string()),
    };
    let listed = side.files.below(folder).map(|(path, _)| path);
    let elements = listed.filter(|path| !path.split('/').any(|part| part == ".bst"));
    let elements = elements.filter(|path| project.element_of(path).is_some());
    let texts: Vec<ProjectFile> = elements.map(|path| (path.to_owned(), read(path))).collect();
    Read::Known(Arc::new(Snapshot::new(project, texts, Read::Absent, &read)))
}

fn decided(before: &Tree, after: &Tree) -> Vec<Decisive> {
    merged(before, before, after)
}

/// What merging a head into a tip decides.
fn merged(base: &Tree, tip: &Tree, head: &Tree) -> Vec<Decisive> {
    let merged = merge(&base.listing(), &tip.listing(), &head.listing()).unwrap();
    let tip = tip.listing();
    let (before, after) = (projects(&tip), projects(&merged.files));
    let before = Side { files: &tip, projects: &before, blob: &blob };
    let after = Side { files: &merged.files, projects: &after, blob: &blob };
    super::decisive(&merged, &before, &after)
}

/// The paths with their classes, by their first letters.
fn classes(found: &[Decisive]) -> Vec<String> {
    found.iter().map(|path| format!("{} {:?}", path.path, path.class)).collect()
}

/// Asserts which paths hold.
fn assert_holds(before: &Tree, after: &Tree, expected: &[&str]) {
    assert_eq!(classes(&decided(before, after)), expected);
}

fn class_of(before: &Tree, after: &Tree, path: &str) -> Option<Class> {
    decided(before, after).into_iter().find(|found| found.path == path).map(|found| found.class)
}

const CONF: &str = "name: p\nelement-path: e\n";
const RUST: &str = "kind: manual\nsources:\n- kind: cargo2\n";

/// A project with a Rust element and what it is built from.
fn repository() -> Tree {
    let rust = "(@): [inc/a.yml, j.bst:inc/x.yml]\nsources:\n- kind: local\n  path: files/a\n- kind: patch\n  path: p/1.patch\n- kind: cargo2\n";
    Tree::of(&[
        ("project.conf", &format!("{CONF}(@): inc/conf.yml\nplugins:\n- origin: local\n  path: plug\n")),
        ("inc/conf.yml", "a: b\n"),
        ("inc/a.yml", "(@): inc/deep.yml\n"),
        ("inc/deep.yml", "a: b\n"),
        ("e/a.bst", rust),
        ("e/j.bst", "kind: junction\nsources:\n- kind: patch_queue\n  path: jp\n"),
        ("e/other.bst", "kind: stack\n"),
        ("files/a/sub/x", "1"),
        ("files/b/x", "1"),
        ("p/1.patch", "1"),
        ("jp/0.patch", "1"),
        ("plug/x.py", "1"),
        ("README.md", "1"),
    ])
}
