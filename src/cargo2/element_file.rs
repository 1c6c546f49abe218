//! Element files, each parsed once.

use crate::bst::project::Project;
use crate::finding::Finding;
use crate::finding::read::Read;
use crate::finding::rules;
use crate::text::{Location, SourceText};
use crate::yaml::{self, Node};
use std::sync::Arc;

/// A path below the project folder, and the text of that file.
pub(crate) type ProjectFile = (String, Read<Arc<SourceText>>);

/// An element file, parsed.
#[derive(Clone, Debug)]
pub struct Element {
    /// The name that BuildStream uses.
    pub name: String,
    /// Its path below the project folder.
    pub path: String,
    /// Its content, or the finding that says why it cannot be read.
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
