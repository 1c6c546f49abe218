//! The surroundings of the program: the environment, the terminal, and the project that the command line names.

use super::args::{Color, Common, Locks};
use super::{Context, Usage};
use crate::io::{Listener, Setup, Times, Workspace, files};
use crate::registry;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The environment, as it was when the program started.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    variables: BTreeMap<String, String>,
}

impl Surroundings {
    /// An environment with these variables.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { variables: variables.into_iter().collect() }
    }

    /// The value of a variable. One that is empty counts as missing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// The proxy, and the hosts that are reached without it.
    pub(super) fn proxy(&self) -> (Option<String>, Vec<String>) {
        let hosts = |all: String| all.split(',').map(|host| host.trim().to_owned()).collect();
        let proxy = self.get("https_proxy").or_else(|| self.get("HTTPS_PROXY"));
        (proxy, self.get("no_proxy").or_else(|| self.get("NO_PROXY")).map_or_else(Vec::new, hosts))
    }

    /// The folder for fetched files, unless the command line names one.
    fn cache(&self, common: &Common) -> Option<PathBuf> {
        match &common.cache {
            Some(path) if path == Path::new("none") => None,
            Some(path) => Some(path.clone()),
            None => {
                let home = || self.get("HOME").map(|home| Path::new(&home).join(".cache"));
                let base = self.get("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
                base.map(|base| base.join("cargo2-bot"))
            }
        }
    }
}

/// No options of its own.
const PLAIN: Locks = Locks { lock: Vec::new(), jobs: 1 };

impl Context<'_> {
    /// Returns whether colours are used on a stream.
    pub(super) fn colored(self, to: &impl std::io::IsTerminal) -> bool {
        match self.common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => to.is_terminal() && self.surroundings.get("NO_COLOR").is_none(),
        }
    }

    /// The settings of the outside world, from the command line and the environment.
    pub(super) fn setup(self, locks: &Locks) -> Setup {
        let absolute = |(name, url): &(String, String)| (name.clone(), files::absolute(url));
        let aliases: Vec<(String, String)> = self.common.alias.iter().map(absolute).collect();
        let (proxy, no_proxy) = self.surroundings.proxy();
        Setup {
            project: self.common.project.clone(),
            cache: self.surroundings.cache(self.common),
            offline: self.common.offline,
            trusted: aliases.iter().map(|(_, url)| url.clone()).collect(),
            aliases,
            locks: locks.lock.iter().map(|(element, path)| (element.clone(), PathBuf::from(path))).collect(),
            proxy,
            no_proxy,
            jobs: locks.jobs.into(),
            index: None,
            advisories: None,
            publishers: None,
            services: false,
            rules: registry::all(),
            times: Times::default(),
        }
    }

    /// Opens the project that the command line names.
    pub(super) fn open(self, locks: &Locks, listener: Listener) -> anyhow::Result<Arc<Workspace>> {
        let mut setup = self.setup(locks);
        setup.project = self.project();
        if !files::is_folder(&setup.project) {
            let folder = setup.project.display();
            return Err(
                Usage(format!("`{folder}` is not a folder; name the project's folder with --project DIR")).into()
            );
        }
        tracing::info!("the project is in `{}`", setup.project.display());
        Ok(Arc::new(Workspace::open(setup, listener)?))
    }

    /// Opens the project for a command without options of its own.
    pub(super) fn open_plainly(self) -> anyhow::Result<Arc<Workspace>> {
        self.open(&PLAIN, Arc::new(|_| ()))
    }

    /// The settings for a command without options of its own.
    pub(super) fn plain_setup(self) -> Setup {
        self.setup(&PLAIN)
    }

    /// The project's folder: that of the command line, or the one around it that has a `project.conf`.
    pub(super) fn project(self) -> PathBuf {
        files::project_around(&self.common.project).unwrap_or_else(|| self.common.project.clone())
    }
}
