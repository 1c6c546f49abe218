//! The states of the project that a run looks at, each read once: base branches, merge bases and heads.

use crate::bst::project::clean_path;
use crate::finding::read::Read;
use crate::github::ids::CommitId;
use crate::github::tree::{Item, Listing};
use crate::io::commit::{Layered, Objects as _};
use crate::io::files::Files;
use crate::io::{Listener, Setup, Workspace, blocking};
use crate::workflows;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as AsyncMutex, OnceCell};

/// The endings of the names of files that make up a project.
const WRITTEN: [&str; 6] = [".bst", ".yml", ".yaml", ".inc", ".conf", ".refs"];

/// A state that is read once while somebody uses it.
type Shared = Arc<AsyncMutex<Weak<Workspace>>>;

/// The states that were read so far. Shared: whoever wants a state that is being read waits for it, and for no other.
pub(super) struct States {
    objects: Arc<Layered>,
    setup: Setup,
    listener: Listener,
    folder: String,
    /// The first state that could be opened. Its configuration says which hosts are trusted.
    first: OnceCell<Arc<Workspace>>,
    /// By name.
    bases: Mutex<HashMap<String, Arc<OnceCell<Base>>>>,
    /// By the heads of their base branches and their own commits; kept for as long as somebody looks at them.
    others: Mutex<HashMap<(CommitId, CommitId), Shared>>,
}

/// The place of a key in a cache.
fn place<K: Eq + Hash, V: Default>(cache: &Mutex<HashMap<K, Arc<V>>>, key: K) -> Arc<V> {
    Arc::clone(cache.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
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
        let (first, bases, others) = Default::default();
        Self { objects, setup, listener, folder, first, bases, others }
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

    /// Whether it is settled which hosts are trusted.
    pub(super) fn is_open(&self) -> bool {
        self.first.initialized()
    }

    /// A base branch at its head, which `head` looks up unless the branch was read before.
    pub(super) async fn base<F>(&self, name: &str, head: impl FnOnce() -> F) -> anyhow::Result<Base>
    where
        F: Future<Output = anyhow::Result<CommitId>>,
    {
        let base = place(&self.bases, name.to_owned());
        base.get_or_try_init(|| async { self.read_base(head().await?).await }).await.cloned()
    }

    async fn read_base(&self, sha: CommitId) -> anyhow::Result<Base> {
        let files = self.files(&sha).await?;
        let mut unopened = Some(files);
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
        let snapshot = workspace.read_snapshot().await?;
        let watched = snapshot.discovered.reads.values().flatten().map(|path| self.rooted(path)).collect();
        let known = snapshot.unread.is_empty();
        let prefix = self.prefix();
        let listing = self.listing(&sha).await?;
        let linked = listing.iter().any(|(path, item)| item.mode == Item::LINK && path.starts_with(&prefix));
        Ok(Base { sha, workspace, watched: Arc::new(watched), linked, known })
    }

    /// The project at a commit, under the configuration of a base branch.
    pub(super) async fn at(&self, base: &Base, commit: &CommitId) -> anyhow::Result<Arc<Workspace>> {
        if *commit == base.sha {
            return Ok(base.workspace.clone());
        }
        let place = place(&self.others, (base.sha.clone(), commit.clone()));
        let mut known = place.lock().await;
        if let Some(workspace) = known.upgrade() {
            return Ok(workspace);
        }
        let workspace = Arc::new(base.workspace.beside(self.files(commit).await?));
        *known = Arc::downgrade(&workspace);
        Ok(workspace)
    }

    /// The address of a crate's page. Empty where none is known, or no state was read yet.
    pub(super) fn crate_page(&self) -> String {
        self.first.get().map(|workspace| workspace.crate_page()).unwrap_or_default()
    }

    async fn files(&self, commit: &CommitId) -> anyhow::Result<Files> {
        let (objects, commit, folder) = (self.objects.clone(), commit.clone(), self.folder.clone());
        let files = blocking::run(move || Files::at(objects, commit.as_str(), &folder)).await?;
        files.map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// The files of a commit.
    pub(super) async fn listing(&self, commit: &CommitId) -> anyhow::Result<Listing> {
        let (objects, commit) = (self.objects.clone(), commit.clone());
        let listing = blocking::run(move || objects.tree(commit.as_str())).await?;
        listing.map_err(|why| anyhow::anyhow!("{why}"))
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
