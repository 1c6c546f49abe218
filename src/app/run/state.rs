//! The states of the repository that a run looks at, each read once: base branches, heads, and what merging them would make.

use super::judged::Judged;
use super::side::Sided;
use crate::bst::project::{PROJECT_CONF, clean_path};
use crate::finding::read::Read;
use crate::github::guard::GuardRules;
use crate::github::ids::CommitId;
use crate::github::tree::{Item, Listing};
use crate::io::commit::{Layered, Objects as _};
use crate::io::files::Files;
use crate::io::{Listener, Setup, Times, Workspace, blocking};
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The places of things that are read once, by their keys.
pub(super) type Places<K, V> = Mutex<HashMap<K, Arc<OnceCell<V>>>>;

/// The states that were read so far. Shared: whoever wants a state that is being read waits for it, and for no other.
pub(super) struct States {
    objects: Arc<Layered>,
    setup: Setup,
    listener: Listener,
    folder: String,
    /// The first state that could be opened. Its configuration says which hosts are trusted.
    first: OnceCell<Arc<Workspace>>,
    /// By name.
    bases: Places<String, Base>,
    /// The branches that moved during the run: where they were when it began says nothing any more.
    moved: Mutex<BTreeSet<String>>,
    /// By branch, its tip, and the commit that is merged.
    judged: Places<(String, CommitId, CommitId), Arc<Judged>>,
}

/// The place of a key in a cache.
pub(super) fn place<K: Eq + Hash, V>(cache: &Places<K, V>, key: K) -> Arc<OnceCell<V>> {
    Arc::clone(cache.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
}

/// A base branch.
#[derive(Clone)]
pub(super) struct Base {
    /// Its head.
    pub(super) sha: CommitId,
    /// What is there, under the branch's own configuration.
    pub(super) side: Arc<Sided>,
    /// The configured rules for files that decide what merges.
    pub(super) guard: Arc<GuardRules>,
}

impl Base {
    /// The project there.
    pub(super) fn workspace(&self) -> &Arc<Workspace> {
        &self.side.workspace
    }
}

impl States {
    pub(super) fn new(objects: Arc<Layered>, setup: Setup, listener: Listener, folder: &str) -> Self {
        let folder = folder.trim_matches('/').trim_start_matches("./").to_owned();
        let folder = if folder == "." { String::new() } else { folder };
        let (first, bases, moved, judged) = Default::default();
        Self { objects, setup, listener, folder, first, bases, moved, judged }
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

    /// Returns whether it is settled which hosts are trusted.
    pub(super) fn is_open(&self) -> bool {
        self.first.initialized()
    }

    /// The first state that could be opened: it has the upstreams of all.
    pub(super) fn opened(&self) -> Option<&Arc<Workspace>> {
        self.first.get()
    }

    /// A base branch at its head, which `head` looks up unless the branch was read before.
    pub(super) async fn base<F>(&self, name: &str, head: impl FnOnce() -> F) -> anyhow::Result<Base>
    where
        F: Future<Output = anyhow::Result<CommitId>>,
    {
        let base = place(&self.bases, name.to_owned());
        base.get_or_try_init(|| async { self.read_base(head().await?).await }).await.cloned()
    }

    /// Forgets where a base branch is: it moved.
    pub(super) fn forget_base(&self, name: &str) {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        self.bases.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Whether a base branch moved during the run.
    pub(super) fn has_moved(&self, name: &str) -> bool {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Returns whether a base branch that was read is at this commit. True for one that was not read.
    pub(super) fn is_at(&self, name: &str, tip: Option<&CommitId>) -> bool {
        let bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        bases.get(name).and_then(|base| base.get()).is_none_or(|base| Some(&base.sha) == tip)
    }

    async fn read_base(&self, sha: CommitId) -> anyhow::Result<Base> {
        let listing = self.listing(&sha).await?;
        let mut unopened = Some(self.files(listing.clone(), &sha, &self.folder)?);
        let open = || {
            let (files, setup, listener) = (unopened.take(), self.setup.clone(), self.listener.clone());
            async {
                let files = files.ok_or_else(|| anyhow::anyhow!("a state is opened once"))?;
                blocking::run(move || Workspace::over(files, setup, listener)).await?.map(Arc::new)
            }
        };
        let first = self.first.get_or_try_init(open).await?.clone();
        let workspace = match unopened {
            Some(files) => Arc::new(blocking::run(move || first.at(files, None)).await??),
            None => first,
        };
        let guard = Arc::new(GuardRules::new(&workspace.config));
        let side = Arc::new(self.with_projects(workspace, listing, &sha).await?);
        Ok(Base { sha, side, guard })
    }

    /// The place of what merging a commit into a branch changes.
    pub(super) fn judged_place(&self, branch: &str, tip: &CommitId, commit: &CommitId) -> Arc<OnceCell<Arc<Judged>>> {
        place(&self.judged, (branch.to_owned(), tip.clone(), commit.clone()))
    }

    /// A state of these files under the configuration of another. `commit` is what it is made from.
    pub(super) async fn sided(
        &self,
        base: &Arc<Workspace>,
        files: Listing,
        commit: &CommitId,
    ) -> anyhow::Result<Sided> {
        let workspace = Arc::new(base.beside(self.files(files.clone(), commit, &self.folder)?));
        self.with_projects(workspace, files, commit).await
    }

    async fn with_projects(
        &self,
        workspace: Arc<Workspace>,
        files: Listing,
        commit: &CommitId,
    ) -> anyhow::Result<Sided> {
        let folder_of = |path: &str| match path.rsplit_once('/') {
            Some((folder, PROJECT_CONF)) => Some(folder.to_owned()),
            None if path == PROJECT_CONF => Some(String::new()),
            _ => None,
        };
        // The project that the run is about is among them even where its `project.conf` is missing.
        let mut folders: BTreeSet<String> = files.iter().filter_map(|(path, _)| folder_of(path)).collect();
        folders.insert(self.folder.clone());
        let mut projects = Vec::new();
        for folder in folders {
            let project = if folder == self.folder {
                workspace.clone()
            } else {
                Arc::new(workspace.beside(self.files(files.clone(), commit, &folder)?))
            };
            // No elements are read from a folder without one: all other projects are found by theirs.
            let conf = if folder.is_empty() { PROJECT_CONF.to_owned() } else { format!("{folder}/{PROJECT_CONF}") };
            if files.get(&conf).is_none() {
                projects.push((folder, Read::Absent));
                continue;
            }
            let snapshot = match project.read_snapshot().await {
                Ok(snapshot) => Read::Known(snapshot),
                Err(error) => Read::unreadable(format!("{error:#}")),
            };
            projects.push((folder, snapshot));
        }
        Ok(Sided::new(files, projects, workspace))
    }

    /// The address of a crate's page. Empty where none is known, or no state was read yet.
    pub(super) fn crate_page(&self) -> String {
        self.first.get().map(|workspace| workspace.crate_page()).unwrap_or_default()
    }

    /// The limits of time.
    pub(super) fn times(&self) -> &Times {
        &self.setup.times
    }

    /// The objects of the repository.
    pub(super) fn objects(&self) -> Arc<Layered> {
        self.objects.clone()
    }

    fn files(&self, listing: Listing, commit: &CommitId, folder: &str) -> anyhow::Result<Files> {
        Files::merged(self.objects.clone(), listing, commit.as_str(), folder).map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// The files of a commit.
    pub(super) async fn listing(&self, commit: &CommitId) -> anyhow::Result<Listing> {
        let (objects, commit) = (self.objects.clone(), commit.clone());
        let listing = blocking::run(move || objects.tree(commit.as_str())).await?;
        listing.map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// Those of these files that are executable in a commit.
    pub(super) async fn executable(
        &self,
        commit: &CommitId,
        files: &[(String, String)],
    ) -> anyhow::Result<Vec<String>> {
        let listing = self.listing(commit).await?;
        let is_executable = |path: &&String| listing.get(path).is_some_and(|item| item.mode == Item::EXECUTABLE);
        Ok(files.iter().map(|(path, _)| path).filter(is_executable).cloned().collect())
    }

    /// The first of these files that is there, from the repository's root: the project may be in a folder of it.
    ///
    /// # Errors
    /// When the bot itself fails.
    pub(super) async fn text_of_root(&self, commit: &CommitId, paths: &[&str]) -> anyhow::Result<Read<String>> {
        let (objects, commit) = (self.objects.clone(), commit.clone());
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        Ok(blocking::run(move || text(&objects, &commit, &paths)).await?)
    }
}

fn text(objects: &Layered, commit: &CommitId, paths: &[String]) -> Read<String> {
    let listing = match objects.tree(commit.as_str()) {
        Ok(listing) => listing,
        Err(why) => return Read::unreadable(why),
    };
    let Some(item) = paths.iter().find_map(|path| listing.get(path)) else { return Read::Absent };
    match objects.blob(&item.id) {
        Ok(bytes) => String::from_utf8(bytes).map_or_else(|_| Read::unreadable("it is not UTF-8"), Read::Known),
        Err(why) => Read::unreadable(why),
    }
}
