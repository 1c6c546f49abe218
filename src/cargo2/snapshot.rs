//! One state of a project, read and parsed once: what is known of it, and why the rest is not.

use crate::bst::project::Project;
use crate::bst::project::compose::ReadFile;
use crate::cargo2::discover::{self, Discovered};
use crate::finding::Finding;
use crate::finding::read::Read;
use crate::finding::rules;
use crate::text::{Location, SourceText};
use crate::yaml::{self, Node};
use std::sync::Arc;

/// A path below the project folder, and the text that is there.
pub type ProjectFile = (String, Read<Arc<SourceText>>);

/// A state of a project: a checkout, or a commit.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The project, as its own files say.
    pub project: Project,
    /// Every element below the element path, in the order of their paths.
    pub elements: Vec<Element>,
    /// The crate lists, and all paths that decide about them.
    pub discovered: Discovered,
    /// The workflow files of the repository that holds the project: `(path from the project's folder, text)`. Absent where
    /// the repository has none.
    pub workflows: Read<Vec<ProjectFile>>,
}

/// An element file, parsed.
#[derive(Clone, Debug)]
pub struct Element {
    /// The name that BuildStream uses.
    pub name: String,
    /// Its path below the project folder.
    pub path: String,
    /// What it holds, or the finding that says why nobody knows.
    pub parsed: Result<Node, Box<Finding>>,
}

impl Element {
    /// Parses the text of an element. A path that is gone meanwhile is unreadable: it was listed a moment ago.
    #[must_use]
    pub fn parse(project: &Project, (path, text): ProjectFile) -> Option<Self> {
        let name = project.element_of(&path)?.to_owned();
        let unreadable = |message: String, at: Location| {
            Err(Box::new(Finding::new(&rules::ELEMENT_UNREADABLE, message).at(at).of(&name)))
        };
        let parsed = match text {
            Read::Known(file) => yaml::parse(&file).or_else(|e| unreadable(e.message, e.location)),
            Read::Absent => unreadable("the file is gone".into(), Location::file(&path)),
            Read::Unreadable(why) => unreadable(why.into(), Location::file(&path)),
        };
        Some(Self { name, path, parsed })
    }
}

impl Snapshot {
    /// Parses a state of a project: its elements, `files`, and the repository's workflows. `read` gives what elements include.
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
