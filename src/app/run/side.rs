//! One state of the repository, as a whole.

use crate::cargo2::snapshot::Snapshot;
use crate::finding::read::Read;
use crate::github::content::Side;
use crate::github::tree::{Item, Listing};
use crate::io::Workspace;
use std::sync::Arc;

/// One state of the repository, with every project in it.
pub(super) struct Sided {
    /// All files.
    pub(super) files: Listing,
    /// The folder of each project, and what is known of it.
    projects: Vec<(String, Read<Arc<Snapshot>>)>,
    /// The project that the run is about.
    pub(super) workspace: Arc<Workspace>,
}

impl Sided {
    pub(super) fn new(files: Listing, projects: Vec<(String, Read<Arc<Snapshot>>)>, workspace: Arc<Workspace>) -> Self {
        Self { files, projects, workspace }
    }

    /// The state, for those who classify its paths.
    pub(super) fn borrowed<'a>(&'a self, blob: &'a (dyn Fn(&Item) -> Read<Arc<[u8]>> + Sync)) -> Side<'a> {
        Side { files: &self.files, projects: &self.projects, blob }
    }
}
