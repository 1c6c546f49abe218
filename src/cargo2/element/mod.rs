//! Elements and the crate lists in them: each with the layers below it, so that its lock can be found.

mod reader;
pub(crate) mod tracked;

use crate::bst::project::Project;
use crate::bst::project::compose::{self, Composed, Gap, ReadFile};
use crate::bst::project::options::Options;
use crate::bst::source::Layer;
use crate::cargo2::block::{self, CurrentBlock, Layout};
use crate::config::{Config, CrateOverride};
use crate::finding::Finding;
use crate::finding::rules;
use crate::text::{Location, SourceText, Span};
use crate::yaml::{self, Node, Value};
use reader::ElementReader;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The place at which to look for a lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LockPlan {
    /// The path of the lock in the staged tree.
    pub path: String,
    /// The layers that are staged before the crate list, in order.
    pub layers: Vec<Layer>,
}

/// A crate list in an element, or in a file that elements include.
#[derive(Clone, Debug)]
pub struct CrateList {
    /// The elements that hold it, by the names that BuildStream uses.
    pub elements: Vec<String>,
    /// The source that holds it; for the layout `per-crate` the first of them.
    pub source: Node,
    /// The crates of the layout `per-crate`, or why they cannot be read. Lists in other layouts are read on demand,
    /// because those of a large project take much of its memory.
    pub per_crate_entries: Option<Result<CurrentBlock, block::Problem>>,
    /// The layout in which it is written.
    pub layout: Layout,
    /// For the layout `per-crate`: the base URL of the crates.
    pub base: String,
    /// The settings of the source that change the block.
    pub config: block::Config,
    /// The place of its lock.
    pub plan: Result<LockPlan, Box<Finding>>,
    /// Whether git mirrors may come from a file that is not read.
    pub mirrors_unsure: bool,
    /// Configured exceptions: crates that deliberately differ from the lock.
    pub overrides: Vec<CrateOverride>,
    /// The reason for which its elements are exempt, if they are.
    pub exempt: Option<String>,
}

impl CrateList {
    /// The file that holds the block, and where in it: at the `ref` key, which may be in an include of the source, or at
    /// the source where it has none yet.
    #[must_use]
    pub fn place(&self) -> (&Arc<SourceText>, usize) {
        match self.source.pair("ref").filter(|_| self.layout != Layout::PerCrate) {
            Some((key, _)) => (&key.file, key.span.start),
            None => (&self.source.file, self.source.span.start),
        }
    }

    /// Returns the place at which the block is shown: at its source, or at the `ref` key in another file.
    #[must_use]
    pub fn location(&self) -> Location {
        let (file, at) = self.place();
        if file.path != self.source.file.path {
            return file.locate(Span::new(at, at + "ref".len()));
        }
        let first = self.source.as_map().and_then(|pairs| pairs.first());
        file.locate(first.map_or(self.source.span, |(k, v)| Span::new(k.span.start, v.span.end)))
    }

    /// Reads the entries of the list.
    ///
    /// # Errors
    /// Says why they cannot be read, with the place in the file of [`CrateList::place`].
    pub fn current(&self) -> Result<Cow<'_, CurrentBlock>, block::Problem> {
        match &self.per_crate_entries {
            Some(per_crate_entries) => per_crate_entries.as_ref().map(Cow::Borrowed).map_err(Clone::clone),
            None => self.source.get("ref").map_or_else(|| Ok(CurrentBlock::default()), block::read).map(Cow::Owned),
        }
    }

    /// The identity of a crate list: its file and the place in it.
    #[must_use]
    pub fn key(&self) -> (Arc<str>, usize) {
        let (file, at) = self.place();
        (file.path.clone(), at)
    }

    /// Applies the configuration of its elements.
    pub fn configure(&mut self, config: &Config) {
        let Some(own) = self.elements.iter().find_map(|name| config.element(name)) else { return };
        self.overrides.clone_from(&own.crates);
        self.exempt = own.exempt.as_ref().map(|exempt| exempt.reason.clone());
        if let (Some(lock), Ok(plan)) = (&own.cargo_lock, &mut self.plan) {
            plan.path.clone_from(&lock.path);
        }
    }

    /// The name for messages and for `--lock`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.elements.first().map_or("", String::as_str)
    }
}

/// The crate lists of an element, and the problems found in it.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Its crate lists.
    pub crate_lists: Vec<CrateList>,
    /// The problems that prevent its verification.
    pub findings: Vec<Finding>,
    /// Files of the project that it depends on besides its own, as in [`crate::cargo2::discover::Discovered::reads`].
    pub reads: BTreeSet<String>,
}

/// Reads the text of an element, as [`of_root`] does.
#[must_use]
pub fn read(name: &str, file: &Arc<SourceText>, project: &Project, read: &ReadFile<'_>) -> Found {
    match yaml::parse(file) {
        Ok(root) => of_root(name, &root, project, read),
        Err(e) => {
            let finding = Finding::new(&rules::ELEMENT_UNREADABLE, e.message).at(e.location).of(name);
            Found { findings: vec![finding], ..Found::default() }
        }
    }
}

/// Reads a parsed element: its sources, its crate lists, the layers below each.
#[must_use]
pub fn of_root(name: &str, root: &Node, project: &Project, read: &ReadFile<'_>) -> Found {
    let mut all: Vec<(String, Found)> = Vec::new();
    for (arch, project) in &project.variants {
        let composed = compose::compose(root, &project.options, read);
        all.push((arch.clone(), one(name, &composed, project, &project.options)));
    }
    if project.variants.is_empty() {
        for (arch, options) in project.options.for_each_arch() {
            let composed = compose::compose(root, &options, read);
            all.push((arch, one(name, &composed, project, &options)));
            if !composed.conditional {
                break;
            }
        }
    }
    agree(name, &root.file, all)
}

/// Keeps the crate lists on which all architectures agree. Adds a finding where they differ.
fn agree(name: &str, file: &Arc<SourceText>, all: Vec<(String, Found)>) -> Found {
    let mut all = all.into_iter();
    let Some((first_arch, mut first)) = all.next() else {
        return Found::default();
    };
    let shape = |found: &Found| -> Vec<_> {
        let plan = |s: &CrateList| s.plan.as_ref().ok().cloned();
        found.crate_lists.iter().map(|s| (s.key(), s.config.clone(), plan(s))).collect()
    };
    for (arch, mut found) in all {
        first.reads.append(&mut found.reads);
        if found.crate_lists.is_empty() && first.crate_lists.is_empty() {
            continue;
        }
        if shape(&found) != shape(&first) {
            let message = format!("the crate lists or the sources before them differ between {first_arch} and {arch}");
            let finding =
                Finding::new(&rules::CANNOT_EVALUATE, message).at(crate::text::Location::file(&file.path)).of(name);
            return Found { crate_lists: Vec::new(), findings: vec![finding], reads: first.reads };
        }
        first.findings.extend(found.findings);
    }
    first
}

/// Reads an element for one architecture.
fn one(name: &str, composed: &Composed, project: &Project, options: &Options) -> Found {
    let root = &composed.root;
    let mut found = Found { reads: composed.included.clone(), ..Found::default() };
    let sources = match root.get("sources").map(|n| (n, &n.value)) {
        None => &[][..],
        Some((_, Value::List(items, _))) => items.as_slice(),
        Some((node, _)) => {
            // These are list directives with no list to apply them to, or no list at all.
            let message = "`sources` is not a list, even with all includes";
            found.findings.push(Finding::new(&rules::CANNOT_EVALUATE, message).at(node.location()).of(name));
            &[]
        }
    };
    let rust = sources.iter().any(|s| matches!(s.get_str("kind"), Some("cargo2" | "cargo")));
    let mentions = rust || (sources.is_empty() && root.file.text.contains("kind: cargo2"));
    for gap in &composed.gaps {
        if let Some(finding) = gap_finding(gap, mentions) {
            found.findings.push(finding.of(name));
        }
    }
    if rust {
        let variables = project.variables_of(name, root.get("variables"), options);
        let element = ElementReader { name, sources, project, variables };
        element.crate_lists(&mut found);
        element.local_files(&mut found.reads);
    }
    found
}

/// Turns a gap into a finding. Missing includes of an element without crates do not matter here.
fn gap_finding(gap: &Gap, rust: bool) -> Option<Finding> {
    match gap {
        Gap::Junction { include, location } => {
            let message = format!("`{}` is in a junction, which is not read", include.escape_debug());
            rust.then(|| Finding::new(&rules::INCLUDE_IN_JUNCTION, message).at(location.clone()))
        }
        Gap::Unreadable { message, location } => {
            Some(Finding::new(&rules::INCLUDE_UNREADABLE, message.clone()).at(location.clone()))
        }
        Gap::Condition { message, location } => rust.then(|| {
            let message = format!("this condition cannot be evaluated: {message}");
            Finding::new(&rules::CANNOT_EVALUATE, message).at(location.clone())
        }),
    }
}

/// The rest of `path` below `directory`.
#[must_use]
pub fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    if directory.is_empty() { Some(path) } else { path.strip_prefix(directory)?.strip_prefix('/') }
}

#[cfg(test)]
mod tests;
