//! The crates that require a crate, and whether only other platforms do.

use super::evidence::{DependencyKind, IndexCrate};
use super::{Attention, ElementReview};
use crate::finding::read::Unreadable;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

mod manifest;
mod platform;

use manifest::Manifest;
pub(super) use platform::maybe_linux;

/// The number of parents that are named.
const PARENTS: usize = 5;

/// The dependencies between the packages of a lock.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    packages: Vec<Package>,
    by_name: HashMap<String, Vec<usize>>,
    by_version: HashMap<(String, String), Vec<usize>>,
    /// For each package, the packages that it needs.
    needs: Vec<Vec<usize>>,
    /// For each package, the packages that need it.
    parents: Vec<Vec<usize>>,
}

/// The reason why a text has no graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphError {
    /// It has so many bytes, which is too many.
    TooLarge(usize),
    /// It is not UTF-8 at this byte.
    NotUtf8(usize),
    /// It is not a lock, and why.
    NoLock(String),
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => write!(f, "the lock has {bytes} bytes, which is too many"),
            Self::NotUtf8(byte) => write!(f, "the lock is not UTF-8 at byte {byte}"),
            Self::NoLock(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for GraphError {}

/// A package of the lock.
#[derive(Clone, Debug)]
struct Package {
    name: String,
    version: String,
    /// Whether it comes from the registry. Only those are in the index.
    registry: bool,
    /// Whether it is of the workspace: it has no source.
    root: bool,
}

/// A lock as TOML has it, with nothing but the graph.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, default)]
    package: Vec<RawPackage<'a>>,
    /// Version 1 of locks keeps the root apart.
    #[serde(borrow)]
    root: Option<RawPackage<'a>>,
}

#[derive(Deserialize)]
struct RawPackage<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    dependencies: Vec<Cow<'a, str>>,
}

impl Graph {
    /// Reads the graph of a lock. Dependencies on what the lock does not have are left out.
    ///
    /// # Errors
    /// When it is not a lock, or larger than a lock may be.
    pub fn read(lock: impl AsRef<[u8]>) -> Result<Self, GraphError> {
        let text = std::str::from_utf8(lock.as_ref()).map_err(|e| GraphError::NotUtf8(e.valid_up_to()))?;
        if text.len() > crate::cargo2::lock::MAX_LOCK {
            return Err(GraphError::TooLarge(text.len()));
        }
        let raw: Raw<'_> = toml::from_str(text).map_err(|e| GraphError::NoLock(e.message().to_owned()))?;
        let all: Vec<RawPackage<'_>> = raw.root.into_iter().chain(raw.package).collect();
        let mut graph = Self::default();
        for package in &all {
            let at = graph.packages.len();
            let version = (package.name.to_string(), package.version.to_string());
            graph.by_name.entry(package.name.to_string()).or_default().push(at);
            graph.by_version.entry(version).or_default().push(at);
            graph.packages.push(Package {
                name: package.name.to_string(),
                version: package.version.to_string(),
                registry: package.source.as_ref().is_some_and(|s| s.starts_with("registry+")),
                root: package.source.is_none(),
            });
        }
        graph.parents = vec![Vec::new(); all.len()];
        for (at, package) in all.iter().enumerate() {
            let needs: BTreeSet<usize> = package.dependencies.iter().flat_map(|d| graph.resolve(d)).collect();
            needs.iter().for_each(|need| graph.parents[*need].push(at));
            graph.needs.push(needs.into_iter().collect());
        }
        Ok(graph)
    }

    /// The packages that a dependency may mean: `NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)`. Of two sources, both.
    fn resolve(&self, dependency: &str) -> Vec<usize> {
        let mut words = dependency.split(' ');
        let name = words.next().unwrap_or_default();
        let meant = match words.next() {
            Some(version) => self.by_version.get(&(name.to_owned(), version.to_owned())),
            None => self.by_name.get(name),
        };
        // As many as this have one name only in locks that nobody uses; each dependency would cost as much time.
        meant.into_iter().flatten().take(8).copied().collect()
    }

    fn find(&self, name: &str, version: &str) -> Option<usize> {
        self.by_version.get(&(name.to_owned(), version.to_owned()))?.first().copied()
    }

    /// The names of the packages that need a crate, in alphabetical order, and how many more there are.
    #[must_use]
    pub fn brought_by(&self, name: &str, version: &str) -> Vec<String> {
        let Some(at) = self.find(name, version) else { return Vec::new() };
        let names: BTreeSet<&str> = self.parents[at].iter().map(|p| self.packages[*p].name.as_str()).collect();
        let mut shown: Vec<String> = names.iter().take(PARENTS).map(ToString::to_string).collect();
        if names.len() > PARENTS {
            shown.push(format!("{} more", names.len() - PARENTS));
        }
        shown
    }

    /// The packages that are built for Linux, or may be: those that are reached over dependencies of which nothing else
    /// is known. `manifest` is the text of the root's `Cargo.toml`; `index` knows the dependencies of some crates.
    fn reached(&self, manifest: &Manifest, index: &BTreeMap<String, Result<IndexCrate, Unreadable>>) -> Vec<bool> {
        let mut reached = vec![false; self.packages.len()];
        let mut open: Vec<usize> = (0..self.packages.len()).filter(|at| self.packages[*at].root).collect();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut reached[at], true) {
                continue;
            }
            let parent = &self.packages[at];
            let elsewhere = if parent.root {
                manifest.elsewhere(&parent.name)
            } else if parent.registry {
                index_elsewhere(index, parent)
            } else {
                BTreeSet::new()
            };
            open.extend(self.needs[at].iter().filter(|need| !elsewhere.contains(self.packages[**need].name.as_str())));
        }
        reached
    }

    /// The crates of the lock that only other platforms need, as far as that is certain.
    fn elsewhere(
        &self,
        manifest: &Manifest,
        index: &BTreeMap<String, Result<IndexCrate, Unreadable>>,
    ) -> BTreeSet<(&str, &str)> {
        let reached = self.reached(manifest, index);
        let is_reached = |at: usize| reached[at];
        // What nothing leads to at all says nothing about platforms: a damaged lock, for instance.
        let led_to: Vec<usize> =
            (0..reached.len()).filter(|at| !is_reached(*at) && !self.parents[*at].is_empty()).collect();
        let pairs = led_to.into_iter().map(|at| (self.packages[at].name.as_str(), self.packages[at].version.as_str()));
        let here: BTreeSet<(&str, &str)> = (0..reached.len())
            .filter(|at| is_reached(*at))
            .map(|at| (self.packages[at].name.as_str(), self.packages[at].version.as_str()))
            .collect();
        pairs.filter(|pair| !here.contains(pair)).collect()
    }
}

/// The names that a crate of the registry needs on other platforms only, by its index entry.
fn index_elsewhere<'a>(
    index: &'a BTreeMap<String, Result<IndexCrate, Unreadable>>,
    parent: &Package,
) -> BTreeSet<&'a str> {
    let found = index.get(&parent.name).and_then(|c| c.as_ref().ok()).and_then(|c| c.version(&parent.version));
    let Some(version) = found else { return BTreeSet::new() };
    // Dependencies of tests are in no lock of others.
    let all = || version.dependencies.iter().filter(|d| d.kind != DependencyKind::Dev);
    let here: BTreeSet<&str> =
        all().filter(|d| d.target.as_deref().is_none_or(platform::maybe_linux)).map(|d| d.name.as_str()).collect();
    all().map(|d| d.name.as_str()).filter(|name| !here.contains(name)).collect()
}

/// Fills in which crates require each changed one, and which changes only other platforms see.
///
/// `graph` is that of the new lock, `manifest` the text of the `Cargo.toml` beside it, `index` what the index says about the
/// changed crates. A crate of which they say nothing counts as built here.
pub fn explain(
    element: &mut ElementReview,
    graph: &Graph,
    manifest: Option<&str>,
    index: Option<&BTreeMap<String, Result<IndexCrate, Unreadable>>>,
) {
    let manifest = manifest.map(Manifest::read).unwrap_or_default();
    let none = BTreeMap::new();
    let elsewhere = graph.elsewhere(&manifest, index.unwrap_or(&none));
    for change in &mut element.changes {
        let Some(after) = &change.after else { continue };
        change.brought_by = graph.brought_by(&after.name, &after.version);
        if elsewhere.contains(&(after.name.as_str(), after.version.as_str())) {
            change.attention = Attention::Elsewhere;
        }
    }
}

#[cfg(test)]
mod tests;
