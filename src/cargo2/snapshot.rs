//! One state of a project, read and parsed once, with the reasons for the parts that cannot be read.

use crate::bst::project::compose::ReadFile;
use crate::bst::project::{Project, clean_path};
use crate::cargo2::discover::{self, Discovered};
use crate::cargo2::element_file::{Element, ProjectFile};
use crate::cargo2::inputs::RustInputs;
use crate::finding::read::Read;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

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
    /// What each Rust element is built from, under any value of any option.
    pub(crate) inputs: RustInputs,
    /// The files that are there, or may be, and could not be read: what depends on one of them is not known.
    pub unread: BTreeSet<String>,
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
        let unread = Mutex::new(BTreeSet::new());
        let noted = |path: &str| {
            let text = read(path);
            if matches!(text, Read::Unreadable(_)) {
                let path = clean_path(path).unwrap_or_else(|| path.to_owned());
                unread.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
            }
            text
        };
        for (path, text) in &files {
            if matches!(text, Read::Unreadable(_)) {
                unread.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
            }
        }
        let elements: Vec<Element> = files.into_iter().filter_map(|file| Element::parse(&project, file)).collect();
        let discovered = discover::crate_lists(&project, &elements, &noted);
        let inputs = RustInputs::new(&project, &elements, read);
        let unread = unread.into_inner().unwrap_or_else(PoisonError::into_inner);
        Self { project, elements, discovered, workflows, inputs, unread }
    }

    /// The element of this name.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.name == name)
    }

    /// The Rust elements, and those that may be, of which something could not be read.
    pub(crate) fn unknown_elements(&self) -> impl Iterator<Item = &String> {
        let unread = |paths: &BTreeSet<String>| paths.iter().any(|path| self.unread.contains(path));
        self.discovered.reads.iter().filter(move |(_, paths)| unread(paths)).map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bst::project;
    use crate::text::SourceText;
    use std::sync::Arc;

    #[test]
    fn what_could_not_be_read_makes_the_elements_that_need_it_unknown() {
        let text = |path: &str, text: &str| Arc::new(SourceText::new(path, text));
        let conf = text("project.conf", "name: p\nelement-path: e\n");
        let read = |path: &str| match path {
            "inc/bad.yml" => Read::unreadable("no"),
            "inc/good.yml" => Read::Known(text(path, "a: b\n")),
            _ => Read::Absent,
        };
        let project = project::parse(&conf, &read, &[]).unwrap();
        let rust = |include: &str| format!("(@): {include}\nsources:\n- kind: local\n  path: x\n- kind: cargo2\n");
        let files = vec![
            ("e/a.bst".to_owned(), Read::Known(text("e/a.bst", &rust("inc/bad.yml")))),
            ("e/b.bst".to_owned(), Read::Known(text("e/b.bst", &rust("inc/good.yml")))),
            ("e/c.bst".to_owned(), Read::unreadable("no")),
            ("e/d.bst".to_owned(), Read::Known(text("e/d.bst", "kind: stack\n"))),
        ];
        let snapshot = Snapshot::new(project, files, Read::Absent, &read);
        assert_eq!(snapshot.unknown_elements().collect::<Vec<_>>(), ["a.bst", "c.bst"]);
    }
}
