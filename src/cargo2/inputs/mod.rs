//! What a Rust element is built from: every path of the project that decides about its own sources and instructions.
//!
//! Nothing is evaluated here: an element is a Rust element when it is one under any value of any option, and its inputs
//! are those of all branches together. Dependencies are no inputs.

mod expand;

#[cfg(test)]
mod tests;

use crate::bst::project::compose::ReadFile;
use crate::bst::project::{Project, normal_path};
use crate::cargo2::element_file::Element;
use crate::cargo2::walk::{Place, RustSource, Tree, Trees, Unknown, Walk};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The files in which BuildStream keeps refs and workspaces beside the elements, whether they exist or not.
const KEPT: [&str; 3] = ["project.refs", "junction.refs", ".bst/workspaces.yml"];

/// What a path is to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Its own file.
    Own,
    /// A file that it includes.
    Include,
    /// A file or folder that a source of it stages or applies.
    Source,
    /// A junction from which something is included or plugins are used, or a file that decides about that junction.
    Junction,
    /// `project.conf`, or a file that it includes.
    Project,
    /// A plugin of the project.
    Plugin,
    /// Refs or workspaces.
    Refs,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "the file of",
            Self::Include => "include of",
            Self::Source => "local source of",
            Self::Junction => "junction that is read by",
            Self::Project => "project settings of",
            Self::Plugin => "plugin for",
            Self::Refs => "refs of",
        })
    }
}

/// Paths that decide about something, and what could not be found out about that.
///
/// Paths begin at the project's folder and may begin with `../`. One that ends in `/` is everything below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// The paths.
    pub paths: BTreeMap<String, Role>,
    /// The files that are not known. Further inputs may be in them.
    pub unread: BTreeMap<String, Unknown>,
}

impl Inputs {
    fn add(&mut self, path: String, role: Role) {
        let known = self.paths.entry(path).or_insert(role);
        *known = role.min(*known);
    }

    fn extend(&mut self, paths: impl IntoIterator<Item = String>, role: Role) {
        paths.into_iter().for_each(|path| self.add(path, role));
    }
}

/// A junction whose project is a folder of this one.
#[derive(Clone, Debug)]
pub(crate) struct LocalJunction {
    /// Where its project is, as paths of [`Inputs`].
    pub folders: BTreeSet<String>,
    /// What decides about it: it sets that project's options.
    pub inputs: Inputs,
}

/// The inputs of all Rust elements of a project, and of those that may be.
#[derive(Clone, Debug, Default)]
pub(crate) struct RustInputs {
    /// Those that all elements share.
    pub project: Inputs,
    /// The others, by the elements' names.
    pub elements: BTreeMap<String, Inputs>,
    /// The junctions to folders of the project.
    pub junctions: Vec<LocalJunction>,
}

impl RustInputs {
    /// Finds the inputs of a project.
    #[must_use]
    pub(crate) fn new(project: &Project, elements: &[Element], read: &ReadFile<'_>) -> Self {
        let finder = Finder::new(project, read);
        let mut out = Self { project: finder.of_project(), ..Self::default() };
        for element in elements {
            finder.element(element, &mut out);
        }
        out
    }
}

/// Finds inputs in one state of a project.
struct Finder<'a> {
    project: &'a Project,
    trees: Trees<'a>,
    conf: Walk,
}

impl<'a> Finder<'a> {
    fn new(project: &'a Project, read: &'a ReadFile<'a>) -> Self {
        let trees = Trees::new(read);
        let mut conf = Walk::default();
        conf.add(&project.tree, Place::Project, &trees);
        for (name, values) in project.options.every_variable() {
            conf.variables.entry(name).or_default().extend(values);
        }
        conf.variables.entry("project-name".into()).or_default().insert(project.name.clone());
        Self { project, trees, conf }
    }

    fn of_project(&self) -> Inputs {
        let mut out = Inputs::default();
        out.add(self.project.tree.file.path.to_string(), Role::Project);
        out.extend(self.conf.files.iter().chain(&self.project.files).cloned(), Role::Project);
        out.extend(KEPT.map(str::to_owned), Role::Refs);
        let paths = self.conf.paths.iter().flat_map(|path| expand::paths(path, &self.conf.variables));
        out.extend(paths, Role::Plugin);
        out.unread.extend(self.conf.unread.clone());
        self.junctions(&self.conf.junctions, &mut out);
        out
    }

    fn element(&self, Element { name, path, parsed }: &Element, out: &mut RustInputs) {
        let mut inputs = Inputs::default();
        inputs.add(path.clone(), Role::Own);
        let root = match parsed {
            Ok(root) => root,
            Err(finding) => {
                let refused = matches!(self.trees.get(path), Tree::Unknown(Unknown { refused: true, .. }));
                inputs.unread.insert(path.clone(), Unknown { why: finding.message.clone(), refused });
                out.elements.insert(name.clone(), inputs);
                return;
            }
        };
        let mut walk = Walk::default();
        walk.add(root, Place::Element, &self.trees);
        let folders = if walk.kinds.contains("junction") { self.local(&walk, name) } else { BTreeSet::new() };
        if walk.rust == RustSource::No && folders.is_empty() {
            return;
        }
        inputs.extend(walk.files.iter().cloned(), Role::Include);
        inputs.extend(self.local(&walk, name), Role::Source);
        self.junctions(&walk.junctions, &mut inputs);
        inputs.unread.extend(std::mem::take(&mut walk.unread));
        if !folders.is_empty() {
            out.junctions.push(LocalJunction { folders, inputs: inputs.clone() });
        }
        if walk.rust.may_be() {
            out.elements.insert(name.clone(), inputs);
        }
    }

    /// The paths of the project that the sources of an element can stage or apply.
    fn local(&self, walk: &Walk, name: &str) -> BTreeSet<String> {
        let mut values = self.conf.variables.clone();
        for (name, own) in &walk.variables {
            values.entry(name.clone()).or_default().extend(own.iter().cloned());
        }
        values.entry("element-name".into()).or_default().insert(name.trim_end_matches(".bst").to_owned());
        let mut out: BTreeSet<String> = walk.paths.iter().flat_map(|path| expand::paths(path, &values)).collect();
        if !walk.junctions.is_empty() {
            // A file of a junction may give variables other values.
            let unknown = BTreeMap::new();
            out.extend(walk.paths.iter().flat_map(|path| expand::paths(path, &unknown)));
        }
        out
    }

    /// Adds the files of junctions, and what these files are read from. Nothing inside of a remote junction is of this project.
    fn junctions(&self, names: &BTreeSet<String>, out: &mut Inputs) {
        let mut open: Vec<String> = names.iter().cloned().collect();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(name) = open.pop() {
            let name = name.split(':').next().unwrap_or_default().to_owned();
            if name.is_empty() || !seen.insert(name.clone()) {
                continue;
            }
            let written = self.project.path_of(&name);
            let path = normal_path(&written).unwrap_or_else(|| written.clone());
            let root = match self.trees.get(&written) {
                Tree::Known(root) => root,
                Tree::Absent => {
                    out.add(path, Role::Junction);
                    continue;
                }
                Tree::Unknown(unknown) => {
                    out.add(path.clone(), Role::Junction);
                    out.unread.insert(path, unknown);
                    continue;
                }
            };
            let mut walk = Walk::default();
            walk.add(&root, Place::Element, &self.trees);
            out.add(path, Role::Junction);
            out.extend(walk.files.iter().cloned(), Role::Junction);
            out.extend(self.local(&walk, &name), Role::Junction);
            out.unread.extend(std::mem::take(&mut walk.unread));
            open.extend(walk.junctions);
            open.extend(walk.targets.into_iter().filter(|target| self.is_junction(target)));
        }
    }

    /// Returns whether an element that a junction names is, or may be, a junction itself. Others are dependencies.
    fn is_junction(&self, name: &str) -> bool {
        match self.trees.get(&self.project.path_of(name.split(':').next().unwrap_or_default())) {
            Tree::Known(root) => {
                let mut walk = Walk::default();
                walk.add(&root, Place::Element, &self.trees);
                walk.kinds.contains("junction") || walk.kinds.contains("link") || walk.kinds.is_empty()
            }
            Tree::Absent => false,
            Tree::Unknown(_) => true,
        }
    }
}
