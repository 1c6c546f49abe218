//! The outside workspace: the only folder that may name the network, git, the file system and the clock.

pub mod actions;
pub(crate) mod advisories;
pub mod archive;
pub(crate) mod blocking;
mod bounded;
mod cache;
pub mod commit;
mod configuration;
pub(crate) mod crates;
pub mod demo;
mod documents;
pub(crate) mod downloads;
pub mod evidence;
pub mod files;
pub mod git;
pub mod github;
pub(crate) mod history;
pub mod http;
pub mod index;
mod locks;
pub(crate) mod pace;
mod pins;
mod proofs;
mod publishers;
pub(crate) mod stage;
pub mod temporary;
#[cfg(test)]
mod testing;
mod times;

use crate::bst::project;
use crate::cargo2::generated_lock;
use crate::cargo2::snapshot::Snapshot;
use crate::config::{Config, Date};
use crate::finding::read::{Read, Unreadable};
use crate::finding::{Finding, Rule};
use crate::text::SourceText;
pub use advisories::AdvisorySource;
use advisories::WebAdvisories;
use configuration::configured;
use downloads::Downloads;
use files::Files;
use git::{GitLimits, GitUpstreams};
use history::HistoryLimits;
use http::{HttpClient, HttpSettings, Trust};
use index::{Index, IndexSettings};
use publishers::WebPublishers;
use stage::Stage;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
pub use times::{NotInTime, Times};
use tokio::sync::Semaphore;

/// The number of crate lists that wait for their upstreams at once, at least.
const SIDE_BY_SIDE: usize = 32;

/// The settings of the workspace, from the command line and the environment.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The project's folder.
    pub project: PathBuf,
    /// Aliases of the command line: `(name, URL)`. They win over the project's and the configuration's.
    pub aliases: Vec<(String, String)>,
    /// Where fetched objects are kept. None keeps nothing.
    pub cache: Option<PathBuf>,
    /// Nothing is fetched.
    pub offline: bool,
    /// URLs that the command line named: they may be local.
    pub trusted: Vec<String>,
    /// Locks that are handed in: `(element, file or folder)`.
    pub locks: Vec<(String, PathBuf)>,
    /// A proxy, and the hosts that are reached without it.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy.
    pub no_proxy: Vec<String>,
    /// The number of crate lists that are verified side by side, and of pull requests that are read side by side.
    pub jobs: usize,
    /// The sparse index of crates. None for that of crates.io.
    pub index: Option<String>,
    /// Where advisories come from. None for what the configuration says.
    pub advisories: Option<AdvisorySource>,
    /// Whether the registry's web API is asked who published crates. None for what the configuration says.
    pub publishers: Option<bool>,
    /// Whether services are asked about which neither of them says anything.
    pub services: bool,
    /// The rules that a configuration may name.
    pub rules: Vec<&'static Rule>,
    /// The limits of time.
    pub times: Times,
}

/// A report of progress while a run is long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many of so many crate lists are verified, and the last one is that of this element.
    Verified(usize, usize, String),
    /// An upstream is being fetched.
    Fetching(String),
}

/// The receiver of progress reports.
pub type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// The outside workspace, as one run sees it: one state of the project, and what all its states share.
pub struct Workspace {
    /// The project's files.
    pub files: Files,
    /// The configuration, as far as it holds today.
    pub config: Config,
    /// Exceptions of the configuration that are past their day.
    pub expired: Vec<Finding>,
    /// The state of the project, once it was read.
    snapshot: Mutex<Option<Arc<Snapshot>>>,
    shared: Arc<Shared>,
}

/// The parts that all states of a project share: upstreams and what was fetched from them, the trust in hosts, the day.
struct Shared {
    stage: Stage,
    aliases: Vec<(String, String)>,
    locks: Vec<(String, PathBuf)>,
    jobs: usize,
    /// A place for each job.
    computing: Semaphore,
    listener: Listener,
    today: Date,
    /// In seconds since 1970.
    now: i64,
    index: Index,
    advisories: AdvisorySource,
    web_advisories: WebAdvisories,
    publishers: Option<WebPublishers>,
    rules: Vec<&'static Rule>,
    times: Times,
}

impl Workspace {
    /// Opens the workspace, with the project in the folder of `setup`.
    ///
    /// # Errors
    /// When the project's folder does not exist, or its configuration cannot be read.
    pub fn open(setup: Setup, listener: Listener) -> anyhow::Result<Self> {
        let files = Files::new(&setup.project)
            .map_err(|e| anyhow::anyhow!("the project's folder `{}`: {e}", setup.project.display()))?;
        Self::over(files, setup, listener)
    }

    /// Opens the workspace with these files of the project instead of those in the folder of `setup`. Their configuration says
    /// which hosts are trusted, in all states of the project that come from this one.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn over(files: Files, setup: Setup, listener: Listener) -> anyhow::Result<Self> {
        let config = configured(&files, &setup.rules)?;
        let seconds =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let today = Date::of_unix(seconds);
        let trust = Trust { prefixes: setup.trusted, hosts: config.hosts.clone() };
        let (proxy, no_proxy, host_time) = (setup.proxy, setup.no_proxy, setup.times.host);
        let settings = HttpSettings { trust, proxy, no_proxy, host_time, ..HttpSettings::default() };
        let http = HttpClient::new(settings)?;
        let own = IndexSettings::default();
        let index = IndexSettings {
            url: setup.index.unwrap_or(own.url),
            cache: setup.cache.as_ref().map(|cache| cache.join("index")),
            offline: setup.offline,
        };
        let index = Index::new(http.clone(), index);
        let configured = config.bot.advisories.as_deref().map(AdvisorySource::named);
        let usual = if setup.services { AdvisorySource::Services } else { AdvisorySource::None };
        let advisories = setup.advisories.or(configured).unwrap_or(usual);
        let mirror = match &advisories {
            AdvisorySource::Mirror(url) => Some(url.as_str()),
            AdvisorySource::None | AdvisorySource::Services | AdvisorySource::Folder(_) => None,
        };
        let kept = setup.cache.as_ref().map(|cache| cache.join("index"));
        let asked = setup.publishers.or(config.bot.publishers).unwrap_or(setup.services);
        let publishers = asked.then(|| WebPublishers::new(&http, kept.clone(), setup.offline));
        let web_advisories = WebAdvisories::new(&http, mirror, kept.as_deref(), setup.offline);
        let downloads = Downloads::new(setup.cache.as_ref().map(|cache| cache.join("downloads")), setup.offline);
        let git = GitUpstreams::new(setup.cache, http.clone(), GitLimits::default(), setup.offline);
        let receiver = listener.clone();
        git.on_progress(move |p| {
            receiver(Progress::Fetching(format!("fetching {}: {} KiB", p.url, p.received_bytes >> 10)));
        });
        let stage = Stage::new(git, downloads, http);
        let shared = Shared {
            stage,
            aliases: setup.aliases,
            locks: setup.locks,
            jobs: setup.jobs.max(1),
            computing: Semaphore::new(setup.jobs.clamp(1, blocking::cores())),
            listener,
            today,
            now: i64::try_from(seconds).unwrap_or(i64::MAX),
            index,
            advisories,
            web_advisories,
            publishers,
            rules: setup.rules,
            times: setup.times,
        };
        Ok(Self::of(files, &config, Arc::new(shared)))
    }

    /// Another state of the project, over the same upstreams, caches and trust. Without a `config`, its own counts.
    ///
    /// Which hosts are trusted stays as it was when the workspace was opened, whatever the configuration says.
    ///
    /// # Errors
    /// When its configuration cannot be read.
    pub fn at(&self, files: Files, config: Option<Config>) -> anyhow::Result<Self> {
        let config = config.map_or_else(|| configured(&files, &self.shared.rules), Ok)?;
        Ok(Self::of(files, &config, self.shared.clone()))
    }

    /// Another state of the project under the very configuration of this one, expired exceptions included: the head of a
    /// pull request beside its base.
    #[must_use]
    pub fn beside(&self, files: Files) -> Self {
        let (config, expired) = (self.config.clone(), self.expired.clone());
        Self { files, config, expired, snapshot: Mutex::default(), shared: self.shared.clone() }
    }

    fn of(files: Files, config: &Config, shared: Arc<Shared>) -> Self {
        let expired = config.expired(shared.today);
        Self { files, config: config.clone().on(shared.today), expired, snapshot: Mutex::default(), shared }
    }

    /// Returns whether two states share trust, upstreams and caches.
    #[cfg(test)]
    pub(crate) fn shares_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// The state of the project, read and parsed at the first call and shared by all later ones.
    ///
    /// # Errors
    /// When there is no project that can be read ([`project::Error`]), or the folder of its elements cannot be listed.
    pub fn snapshot(&self) -> anyhow::Result<Arc<Snapshot>> {
        let mut known = self.snapshot.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(snapshot) = &*known {
            return Ok(snapshot.clone());
        }
        let read = |path: &str| self.files.text(path);
        let project = project::read(&read, &self.aliases())?;
        let file = |path: String| {
            let text = read(&path);
            (path, text)
        };
        // A commit has no folder without files; on a checkout a wrong folder is worth an error.
        let none = self.files.commit().is_some() && matches!(self.files.names(&project.element_path), Read::Absent);
        let elements = if none { Vec::new() } else { self.files.elements(&project.element_path)? };
        let files = elements.into_iter().map(file).collect();
        let snapshot = Arc::new(Snapshot::new(project, files, self.files.workflows(), &read));
        *known = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// As [`Workspace::snapshot`], where reading and parsing keep nobody waiting.
    ///
    /// # Errors
    /// As [`Workspace::snapshot`].
    pub async fn read_snapshot(self: &Arc<Self>) -> anyhow::Result<Arc<Snapshot>> {
        let workspace = self.clone();
        blocking::run(move || workspace.snapshot()).await?
    }

    /// Replaces a file's text, if it still is what was read; the state of the project is read again after that.
    ///
    /// # Errors
    /// As `Files::replace`.
    pub fn replace(&self, old: &SourceText, new: &SourceText) -> anyhow::Result<()> {
        self.files.replace(old, new)?;
        self.forget();
        Ok(())
    }

    /// Writes a new file; the state of the project is read again after that.
    ///
    /// # Errors
    /// As `Files::create`.
    pub fn create(&self, new: &SourceText) -> anyhow::Result<()> {
        self.files.create(new)?;
        self.forget();
        Ok(())
    }

    fn forget(&self) {
        *self.snapshot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// The aliases that win over the project's: the command line's over the configuration's.
    fn aliases(&self) -> Vec<(String, String)> {
        let configured = self.config.aliases.iter().map(|(name, url)| (name.clone(), url.clone()));
        configured.chain(self.shared.aliases.iter().cloned()).collect()
    }

    /// Returns earlier versions of files of the project, newest first: the last commit, then its history as far as it
    /// is there. Empty where there is no repository. A history that cannot be read is one failure.
    pub fn earlier(&self, paths: &[String]) -> impl Iterator<Item = Result<generated_lock::Texts, Unreadable>> + use<> {
        let (versions, failure) = match self.files.earlier(paths, HistoryLimits::default()) {
            Ok(versions) => (versions, None),
            Err(why) => (None, Some(Err(why))),
        };
        failure.into_iter().chain(versions.into_iter().flatten().map(|version| Ok(version.files)))
    }

    /// The branches and tags of a repository: `(full name, commit)`.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn refs(&self, url: &str) -> Result<Vec<(String, String)>, git::GitError> {
        Ok(self.shared.stage.git().refs(url).await?.into_iter().map(|r| (r.name, r.commit)).collect())
    }

    /// Does `work` for each item, many side by side: they wait for upstreams most of the time. The results keep the order of
    /// the items. Each that is done is reported by its name.
    ///
    /// # Errors
    /// When `work` panics: the bot's own failure.
    pub async fn in_pool<T, R, F>(
        self: &Arc<Self>,
        items: Vec<T>,
        name: impl Fn(&T) -> String,
        work: impl Fn(Arc<Self>, T) -> F,
    ) -> anyhow::Result<Vec<R>>
    where
        R: Send + 'static,
        F: Future<Output = R> + Send + 'static,
    {
        let total = items.len();
        let done = Arc::new(AtomicUsize::new(0));
        let places = Arc::new(Semaphore::new(self.shared.jobs.max(SIDE_BY_SIDE)));
        let mut tasks = tokio::task::JoinSet::new();
        for (index, item) in items.into_iter().enumerate() {
            let place = places.clone().acquire_owned().await?;
            let (workspace, done, name, work) = (self.clone(), done.clone(), name(&item), work(self.clone(), item));
            tasks.spawn(async move {
                let result = work.await;
                drop(place);
                (workspace.shared.listener)(Progress::Verified(done.fetch_add(1, Ordering::Relaxed) + 1, total, name));
                (index, result)
            });
        }
        let mut results = Vec::with_capacity(total);
        while let Some(result) = tasks.join_next().await {
            results.push(result?);
        }
        results.sort_by_key(|(index, _)| *index);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }

    /// Does work that computes on a thread of its own, as much at a time as there are jobs.
    ///
    /// # Errors
    /// When `work` panics: the bot's own failure.
    pub async fn compute<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> anyhow::Result<R> {
        let _place = self.shared.computing.acquire().await?;
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}

#[cfg(test)]
mod tests;
