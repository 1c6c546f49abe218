//! The states of the project that a run looks at, each read once: base branches, merge bases and heads.

use crate::bst::project::clean_path;
use crate::finding::read::Read;
use crate::github::ids::CommitId;
use crate::io::commit::{Item, Layered, Listing, Objects as _};
use crate::io::files::Files;
use crate::io::{Listener, Setup, Workspace};
use crate::workflows;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The endings of the names of files that make up a project.
const WRITTEN: [&str; 6] = [".bst", ".yml", ".yaml", ".inc", ".conf", ".refs"];

/// The states that were read so far.
pub(super) struct States {
    objects: Arc<Layered>,
    setup: Setup,
    listener: Listener,
    folder: String,
    bases: BTreeMap<String, Base>,
}

/// A base branch.
#[derive(Clone)]
pub(super) struct Base {
    /// Its head.
    pub(super) sha: CommitId,
    /// The project there, under its configuration.
    pub(super) workspace: Arc<Workspace>,
    /// The files that its Rust elements are read from, from the repository's root. Folders end in `/`.
    watched: Arc<BTreeSet<String>>,
    /// Whether the project holds links: then a changed path may be read under another name.
    linked: bool,
    /// Whether all files that say which paths concern Rust elements were read.
    known: bool,
}

impl States {
    pub(super) fn new(objects: Arc<Layered>, setup: Setup, listener: Listener, folder: &str) -> Self {
        let folder = folder.trim_matches('/').trim_start_matches("./").to_owned();
        let folder = if folder == "." { String::new() } else { folder };
        Self { objects, setup, listener, folder, bases: BTreeMap::new() }
    }

    /// A path of the project, from the repository's root.
    pub(super) fn rooted(&self, path: &str) -> String {
        if self.folder.is_empty() {
            return path.to_owned();
        }
        let full = format!("{}/{path}", self.folder);
        // The repository's workflows are reached from the project through its parents.
        if path.starts_with("../") { clean_path(&full).unwrap_or(full) } else { full }
    }

    /// The folder of the project below the repository's root: empty, or with a slash at its end.
    pub(super) fn prefix(&self) -> String {
        self.rooted("")
    }

    fn files(&self, commit: &CommitId) -> anyhow::Result<Files> {
        Files::at(self.objects.clone(), commit.as_str(), &self.folder).map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// A base branch at its head.
    pub(super) fn base(&mut self, name: &str, sha: &CommitId) -> anyhow::Result<Base> {
        if let Some(base) = self.bases.get(name) {
            return Ok(base.clone());
        }
        let files = self.files(sha)?;
        let workspace = match self.bases.values().next() {
            Some(other) => other.workspace.at(files, None)?,
            None => Workspace::over(files, self.setup.clone(), self.listener.clone())?,
        };
        let snapshot = workspace.snapshot()?;
        let watched = snapshot.discovered.reads.values().flatten().map(|path| self.rooted(path)).collect();
        let known = snapshot.unread.is_empty();
        let prefix = self.prefix();
        let listing = self.listing(sha)?;
        let linked = listing.iter().any(|(path, item)| item.mode == Item::LINK && path.starts_with(&prefix));
        let base = Base { sha: sha.clone(), workspace: Arc::new(workspace), watched: Arc::new(watched), linked, known };
        self.bases.insert(name.to_owned(), base.clone());
        Ok(base)
    }

    /// The project at a commit, under the configuration of a base branch.
    pub(super) fn at(&self, base: &Base, commit: &CommitId) -> anyhow::Result<Arc<Workspace>> {
        if *commit == base.sha {
            return Ok(base.workspace.clone());
        }
        Ok(Arc::new(base.workspace.beside(self.files(commit)?)))
    }

    /// The address of a crate's page. Empty where none is known, or no state was read yet.
    pub(super) fn crate_page(&self) -> String {
        self.bases.values().next().map(|base| base.workspace.crate_page()).unwrap_or_default()
    }

    /// The files of a commit.
    pub(super) fn listing(&self, commit: &CommitId) -> anyhow::Result<Listing> {
        self.objects.tree(commit.as_str()).map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// The first of these files that is there, from the repository's root: the project may be in a folder of it.
    pub(super) fn text_of_root(&self, commit: &CommitId, paths: &[&str]) -> Read<String> {
        let listing = match self.objects.tree(commit.as_str()) {
            Ok(listing) => listing,
            Err(why) => return Read::unreadable(why),
        };
        let Some(item) = paths.iter().find_map(|path| listing.get(path)) else { return Read::Absent };
        match self.objects.blob(&item.id) {
            Ok(bytes) => String::from_utf8(bytes).map_or_else(|_| Read::unreadable("it is not UTF-8"), Read::Known),
            Err(why) => Read::unreadable(why),
        }
    }
}

impl Base {
    /// Returns whether a changed path, from the repository's root, can concern a Rust element: it is one that they are
    /// read from, or of a kind that elements and what they include are written in, or reached through a link. Every path
    /// can where not all of the base could be read.
    pub(super) fn concerns(&self, path: &str) -> bool {
        let folder = |(at, _): (usize, &str)| path.get(..=at).is_some_and(|folder| self.watched.contains(folder));
        let written = WRITTEN.iter().any(|end| path.ends_with(end)) && !path.starts_with(".github/");
        // A workflow may let Rust elements merge by themselves.
        let workflow = path.contains(workflows::WORKFLOWS);
        !self.known
            || self.linked
            || written
            || workflow
            || self.watched.contains(path)
            || path.match_indices('/').any(folder)
    }
}
