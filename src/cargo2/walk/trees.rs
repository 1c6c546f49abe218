//! The files of a project, each parsed once.

use crate::bst::project::compose::ReadFile;
use crate::finding::read::Read;
use crate::yaml::{self, Node};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The content of a file that is included.
#[derive(Clone)]
pub(crate) enum Tree {
    /// The tree.
    Known(Arc<Node>),
    /// There is no such file.
    Absent,
    /// Why it is not known.
    Unknown(Unknown),
}

/// The reason why a file is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// The reason.
    pub why: String,
    /// Whether its text is known, and is none that BuildStream reads.
    pub refused: bool,
}

/// The files of a project, each parsed once.
pub(crate) struct Trees<'a> {
    read: &'a ReadFile<'a>,
    known: RefCell<BTreeMap<String, Tree>>,
}

impl<'a> Trees<'a> {
    pub(crate) const fn new(read: &'a ReadFile<'a>) -> Self {
        Self { read, known: RefCell::new(BTreeMap::new()) }
    }

    /// The tree of a file, by its path as it is written.
    pub(crate) fn get(&self, path: &str) -> Tree {
        if let Some(tree) = self.known.borrow().get(path) {
            return tree.clone();
        }
        let tree = match (self.read)(path) {
            Read::Known(text) => match yaml::parse(&text) {
                Ok(root) => Tree::Known(Arc::new(root)),
                Err(e) => {
                    let why = format!("line {}: {}", e.location.line, e.message);
                    Tree::Unknown(Unknown { why, refused: true })
                }
            },
            Read::Absent => Tree::Absent,
            Read::Unreadable(why) => Tree::Unknown(Unknown { why: why.into(), refused: false }),
        };
        self.known.borrow_mut().insert(path.to_owned(), tree.clone());
        tree
    }
}
