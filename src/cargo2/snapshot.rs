//! One state of a project, read and parsed once, with the reasons for the parts that cannot be read.

use crate::bst::project::Project;
use crate::bst::project::compose::ReadFile;
use crate::cargo2::discover::{self, Discovered};
use crate::cargo2::element_file::{Element, ProjectFile};
use crate::finding::read::Read;

/// A state of a project: a checkout, or a commit.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The project, as its own files describe it.
    pub project: Project,
    /// Every element below the element path, in the order of their paths.
    pub elements: Vec<Element>,
    /// The crate lists, and all paths that decide about them.
    pub discovered: Discovered,
    /// The workflow files of the repository that holds the project: `(path from the project's folder, text)`. Absent where
    /// the repository has none.
    pub workflows: Read<Vec<ProjectFile>>,
}

impl Snapshot {
    /// Parses a state of a project: its elements, `files`, and the repository's workflows. `read` gives the files that elements
    /// include.
    #[must_use]
    pub fn new(
        project: Project,
        files: Vec<ProjectFile>,
        workflows: Read<Vec<ProjectFile>>,
        read: &ReadFile<'_>,
    ) -> Self {
        let elements: Vec<Element> = files.into_iter().filter_map(|file| Element::parse(&project, file)).collect();
        let discovered = discover::crate_lists(&project, &elements, read);
        Self { project, elements, discovered, workflows }
    }

    /// The element of this name.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.name == name)
    }
}
