//! Walks over a file and all that it includes, through every branch of every condition: nothing is evaluated.

mod answer;
mod trees;

use crate::bst::project::normal_path;
use crate::yaml::{Node, Value, stripped};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use answer::RustSource;
pub(crate) use trees::{Tree, Trees, Unknown};

/// The maximum length of a text that is taken for a path.
const MAX_PATH: usize = 1024;

/// The kinds of sources of which only the key `path` can name a file of the project.
const KNOWN_KINDS: [&str; 17] = [
    "local",
    "patch",
    "patch_queue",
    "git_repo",
    "git",
    "git_tag",
    "git_module",
    "tar",
    "zip",
    "remote",
    "deb",
    "ostree",
    "docker",
    "oci",
    "cargo",
    "cargo2",
    "gen_cargo_lock",
];

/// What a mapping or list is, by its place in an element or in `project.conf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The element itself.
    Element,
    /// Its list of sources.
    Sources,
    /// One of its sources.
    Source,
    /// Its variables, or those of a project.
    Variables,
    /// Its configuration.
    Config,
    /// Anything in `project.conf`.
    Project,
    /// Anything else of an element.
    Elsewhere,
}

/// What a file and all that it includes hold, over all branches.
#[derive(Default)]
pub(crate) struct Walk {
    /// Whether it has the source of a Rust element.
    pub rust: RustSource,
    /// The files that it includes, as paths from the project's folder that may begin with `../`.
    pub files: BTreeSet<String>,
    /// The junctions whose files it includes, or whose plugins it uses.
    pub junctions: BTreeSet<String>,
    /// What it includes and is not known.
    pub unread: BTreeMap<String, Unknown>,
    /// The texts that may be paths of the project: of sources, and of plugins in `project.conf`.
    pub paths: BTreeSet<String>,
    /// All values of all variables.
    pub variables: BTreeMap<String, BTreeSet<String>>,
    /// The kinds that it can have as an element.
    pub kinds: BTreeSet<String>,
    /// The names of elements in its configuration: the targets of links, and what junctions override.
    pub targets: BTreeSet<String>,
    queue: Vec<(String, Place)>,
    seen: BTreeSet<(String, Place)>,
}

impl Walk {
    /// Walks over a tree that is at a place.
    pub(crate) fn add(&mut self, root: &Node, place: Place, trees: &Trees<'_>) {
        if place == Place::Element && root.as_map().is_none() {
            self.rust.suspect(|| "it is not a mapping".into());
        }
        self.node(root, place);
        while let Some((path, place)) = self.queue.pop() {
            match trees.get(&path) {
                Tree::Known(tree) => self.node(&tree, place),
                Tree::Absent => {}
                Tree::Unknown(unknown) => {
                    let path = normal_path(&path).unwrap_or(path);
                    if is_source(place) {
                        self.rust.suspect(|| format!("it includes `{}`: {}", path.escape_debug(), unknown.why));
                    }
                    self.unread.insert(path, unknown);
                }
            }
        }
    }

    fn node(&mut self, node: &Node, place: Place) {
        match &node.value {
            Value::Map(pairs, _) => self.mapping(node, pairs, place),
            Value::List(items, _) => {
                let place = if place == Place::Sources { Place::Source } else { place };
                items.iter().for_each(|item| self.node(item, place));
            }
            Value::Scalar(..) => match place {
                Place::Sources => self.rust.suspect(|| "its `sources` are not a list".into()),
                Place::Source => self.rust.suspect(|| "one of its sources is not a mapping".into()),
                Place::Config => {
                    self.targets.extend(text(node).filter(|name| name.ends_with(".bst")).map(str::to_owned));
                }
                _ => {}
            },
            Value::Lifted(_) => {}
        }
    }

    fn mapping(&mut self, node: &Node, pairs: &[(Node, Node)], place: Place) {
        // No element has this kind: wherever it is, it may be a source.
        if node.get("kind").and_then(text) == Some("cargo2") && place != Place::Project {
            self.rust = RustSource::Present;
        }
        if place == Place::Source {
            self.source(node, pairs);
        }
        for (key, value) in pairs {
            match key.as_str().unwrap_or_default() {
                "(@)" => self.includes(value, place),
                "(?)" => self.conditions(value, place),
                "(!)" => {}
                "(>)" | "(<)" | "(=)" => self.node(value, place),
                key => self.entry(key, value, place),
            }
        }
    }

    fn entry(&mut self, key: &str, value: &Node, place: Place) {
        let below = match (place, key) {
            (Place::Element, "kind") => {
                self.kinds.extend(text(value).map(str::to_owned));
                Place::Elsewhere
            }
            (Place::Element, "sources") => Place::Sources,
            (Place::Element | Place::Project, "variables") => Place::Variables,
            (Place::Element, "config") => Place::Config,
            (Place::Project, "path") => {
                self.paths.extend(text(value).filter(|path| is_path(path)).map(str::to_owned));
                Place::Project
            }
            (Place::Project, "junction") => {
                self.junctions.extend(text(value).map(str::to_owned));
                Place::Project
            }
            (Place::Sources, _) => {
                self.rust.suspect(|| "its `sources` are not a list".into());
                Place::Elsewhere
            }
            (Place::Variables, name) => {
                let values = self.variables.entry(name.to_owned()).or_default();
                values.extend(text(value).map(str::to_owned));
                Place::Elsewhere
            }
            (Place::Project | Place::Config, _) => place,
            _ => Place::Elsewhere,
        };
        self.node(value, below);
    }

    /// The conditions of a mapping: every branch counts.
    fn conditions(&mut self, conditions: &Node, place: Place) {
        match &conditions.value {
            Value::List(items, _) => items.iter().for_each(|item| self.conditions(item, place)),
            Value::Map(pairs, _) => pairs.iter().for_each(|(_, branch)| self.node(branch, place)),
            _ if is_source(place) => self.rust.suspect(|| "one of its conditions is not a mapping".into()),
            _ => {}
        }
    }

    fn includes(&mut self, include: &Node, place: Place) {
        match &include.value {
            Value::List(items, _) => items.iter().for_each(|item| self.includes(item, place)),
            Value::Scalar(path, _) => match stripped(path).split_once(':') {
                Some((junction, _)) => {
                    self.junctions.insert(junction.to_owned());
                    if is_source(place) {
                        self.rust.suspect(|| format!("it includes `{}`, which is in a junction", path.escape_debug()));
                    }
                }
                None => {
                    let path = stripped(path);
                    self.files.insert(normal_path(path).unwrap_or_else(|| path.to_owned()));
                    if self.seen.insert((path.to_string(), place)) {
                        self.queue.push((path.to_string(), place));
                    }
                }
            },
            _ => {
                let unknown = Unknown { why: "what it includes is not a text".into(), refused: true };
                self.unread.insert(include.file.path.to_string(), unknown);
                if is_source(place) {
                    self.rust.suspect(|| "what it includes is not a text".into());
                }
            }
        }
    }

    /// One source, or a part of one: its kind, and the paths in it.
    fn source(&mut self, node: &Node, pairs: &[(Node, Node)]) {
        let kind = node.get("kind");
        match kind.map(text) {
            Some(Some("cargo" | "cargo2")) => self.rust = RustSource::Present,
            Some(None) => self.rust.suspect(|| "the kind of a source is not a text".into()),
            Some(Some(kind)) if kind.contains("%{") => {
                self.rust.suspect(|| "the kind of a source is a variable".into());
            }
            Some(Some(_)) | None => {}
        }
        let known = kind.and_then(text).is_some_and(|kind| KNOWN_KINDS.contains(&kind));
        for (key, value) in pairs {
            match key.as_str().unwrap_or_default() {
                "kind" | "(@)" | "(?)" => {}
                "path" => self.texts(value),
                _ if !known => self.texts(value),
                _ => {}
            }
        }
    }

    /// Takes all texts below a key for paths.
    fn texts(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(path, _) if is_path(path) => {
                self.paths.insert(stripped(path).to_owned());
            }
            Value::List(items, _) => items.iter().for_each(|item| self.texts(item)),
            Value::Map(pairs, _) => pairs.iter().for_each(|(_, value)| self.texts(value)),
            Value::Scalar(..) | Value::Lifted(_) => {}
        }
    }
}

/// The text of a scalar, as BuildStream takes it.
fn text(node: &Node) -> Option<&str> {
    node.as_str().map(stripped)
}

/// Returns whether the source of a Rust element can be in a tree at this place.
const fn is_source(place: Place) -> bool {
    matches!(place, Place::Element | Place::Sources | Place::Source)
}

/// Returns whether a text can be a path of the project.
fn is_path(text: &str) -> bool {
    let text = stripped(text);
    !text.is_empty() && text.len() <= MAX_PATH && !text.contains("://") && !text.contains(['\0', '\n'])
}
