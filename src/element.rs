//! Elements and the crate lists in them: each with the layers below it, so that its lock can be looked for.

use crate::block::{self, Held, HeldEntry, Layout};
use crate::config::{Config, CrateOverride};
use crate::finding::Finding;
use crate::project::compose::{self, Composed, Gap, ReadFile};
use crate::project::options::Options;
use crate::project::{Project, clean_path};
use crate::rules;
use crate::source::{self, Layer};
use crate::text::{Location, SourceText, Span};
use crate::yaml::{self, Node, Value};
use std::sync::Arc;

/// Where a lock is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LockPlan {
    /// The path of the lock in the staged tree.
    pub path: String,
    /// What is staged before the crate list, in order.
    pub layers: Vec<Layer>,
}

/// A crate list in an element, or in a file that elements include.
#[derive(Clone, Debug)]
pub struct Site {
    /// The elements that hold it, by the names that BuildStream uses.
    pub elements: Vec<String>,
    /// The source that holds it; for the layout `per-crate` the first of them.
    pub source: Node,
    /// What it holds, or why that cannot be read.
    pub held: Result<Held, block::Problem>,
    /// How it is written.
    pub layout: Layout,
    /// For the layout `per-crate`: the URL below which the crates stand.
    pub base: String,
    /// What shapes the block.
    pub config: block::Config,
    /// Where its lock is.
    pub plan: Result<LockPlan, Box<Finding>>,
    /// Whether git mirrors may come from a file that is not read.
    pub mirrors_unsure: bool,
    /// Crates that are knowingly not what the lock says.
    pub overrides: Vec<CrateOverride>,
    /// Why its elements are exempt, if they are.
    pub exempt: Option<String>,
}

impl Site {
    /// The file that holds the block, and where in it: at the `ref` key, which may stand in an include of the source, or at
    /// the source where it has none yet.
    #[must_use]
    pub fn place(&self) -> (&Arc<SourceText>, usize) {
        match self.source.pair("ref").filter(|_| self.layout != Layout::PerCrate) {
            Some((key, _)) => (&key.file, key.span.start),
            None => (&self.source.file, self.source.span.start),
        }
    }

    /// Where the block is shown: at its source, or at the `ref` key that stands in another file.
    #[must_use]
    pub fn location(&self) -> Location {
        let (file, at) = self.place();
        if file.path != self.source.file.path {
            return file.locate(Span::new(at, at + "ref".len()));
        }
        let first = self.source.as_map().and_then(|pairs| pairs.first());
        file.locate(first.map_or(self.source.span, |(k, v)| Span::new(k.span.start, v.span.end)))
    }

    /// What makes two sites one: the file, the place in it.
    #[must_use]
    pub fn key(&self) -> (Arc<str>, usize) {
        let (file, at) = self.place();
        (file.path.clone(), at)
    }

    /// Takes over what is configured for its elements.
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

/// What was found in an element.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Its crate lists.
    pub sites: Vec<Site>,
    /// What keeps it from being judged.
    pub findings: Vec<Finding>,
}

/// Whether a text can hold or include a crate list at all. Cheap: most elements are not Rust.
#[must_use]
pub fn may_hold_crates(text: &str) -> bool {
    text.contains("cargo") || text.contains("(@)")
}

/// Reads an element: its sources, its crate lists, the layers below each.
#[must_use]
pub fn read(name: &str, file: &Arc<SourceText>, project: &Project, read: &ReadFile<'_>) -> Found {
    let root = match yaml::parse(file) {
        Ok(root) => root,
        Err(e) => {
            let finding = Finding::new(&rules::ELEMENT_UNREADABLE, e.message).at(e.location).of(name);
            return Found { sites: Vec::new(), findings: vec![finding] };
        }
    };
    let mut all: Vec<(String, Found)> = Vec::new();
    for (arch, project) in &project.variants {
        let composed = compose::compose(&root, &project.options, read);
        all.push((arch.clone(), one(name, &composed, project, &project.options)));
    }
    if project.variants.is_empty() {
        for (arch, options) in project.options.for_each_arch() {
            let composed = compose::compose(&root, &options, read);
            all.push((arch, one(name, &composed, project, &options)));
            if !composed.conditional {
                break;
            }
        }
    }
    agree(name, file, all)
}

/// What all architectures agree on; where they differ, a finding.
fn agree(name: &str, file: &Arc<SourceText>, all: Vec<(String, Found)>) -> Found {
    let mut all = all.into_iter();
    let Some((first_arch, mut first)) = all.next() else {
        return Found::default();
    };
    let shape = |found: &Found| -> Vec<_> {
        let plan = |s: &Site| s.plan.as_ref().ok().cloned();
        found.sites.iter().map(|s| (s.key(), s.config.clone(), plan(s))).collect()
    };
    for (arch, found) in all {
        if found.sites.is_empty() && first.sites.is_empty() {
            continue;
        }
        if shape(&found) != shape(&first) {
            let message = format!("the crate lists or the sources before them differ between {first_arch} and {arch}");
            let finding =
                Finding::new(&rules::CANNOT_EVALUATE, message).at(crate::text::Location::file(&file.path)).of(name);
            return Found { sites: Vec::new(), findings: vec![finding] };
        }
        first.findings.extend(found.findings);
    }
    first
}

/// Reads an element for one architecture.
fn one(name: &str, composed: &Composed, project: &Project, options: &Options) -> Found {
    let root = &composed.root;
    let mut found = Found::default();
    let sources = match root.get("sources").map(|n| (n, &n.value)) {
        None => &[][..],
        Some((_, Value::List(items, _))) => items.as_slice(),
        Some((node, _)) => {
            // List directives with no list to apply them to, or no list at all.
            let message = "`sources` is not a list, also with all that is included";
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
        element.sites(&mut found);
    }
    found
}

/// A gap as a finding. What an element without crates includes from elsewhere is its own affair.
fn gap_finding(gap: &Gap, rust: bool) -> Option<Finding> {
    match gap {
        Gap::Junction { include, location } => {
            let message = format!("`{}` stands in a junction, which is not read", include.escape_debug());
            rust.then(|| Finding::new(&rules::INCLUDE_IN_JUNCTION, message).at(location.clone()))
        }
        Gap::Unreadable { message, location } => {
            Some(Finding::new(&rules::INCLUDE_UNREADABLE, message.clone()).at(location.clone()))
        }
        Gap::Condition { message, location } => rust.then(|| {
            let message = format!("this condition cannot be told: {message}");
            Finding::new(&rules::CANNOT_EVALUATE, message).at(location.clone())
        }),
    }
}

/// Reads the crate lists of one element.
struct ElementReader<'a> {
    name: &'a str,
    sources: &'a [Node],
    project: &'a Project,
    variables: crate::project::variables::Variables,
}

impl ElementReader<'_> {
    fn sites(&self, found: &mut Found) {
        let crates: Vec<usize> =
            (0..self.sources.len()).filter(|i| self.sources[*i].get_str("kind") == Some("cargo2")).collect();
        let per_crate = |i: &&usize| {
            let source = &self.sources[**i];
            source.get("ref").is_some_and(|r| r.as_str().is_some_and(|t| !t.is_empty()))
                || source.get_str("url").is_some_and(|u| u.ends_with(".crate"))
        };
        let single: Vec<usize> = crates.iter().filter(per_crate).copied().collect();
        if single.is_empty() {
            found.sites.extend(crates.iter().map(|i| self.list(*i, Layout::List)));
        } else if single.len() == crates.len() && single.windows(2).all(|w| w[0] + 1 == w[1]) {
            found.sites.push(self.per_crate(&single));
        } else {
            let place = self.sources[single[0]].location();
            let message = "`ref:` lists and sources for single crates are mixed here";
            found.findings.push(Finding::new(&rules::LAYOUT_MIXED, message).at(place).of(self.name));
        }
        let first_version = (0..self.sources.len()).filter(|i| self.sources[*i].get_str("kind") == Some("cargo"));
        found.sites.extend(first_version.map(|i| self.list(i, Layout::Cargo)));
    }

    /// A source with a `ref:` list.
    fn list(&self, index: usize, layout: Layout) -> Site {
        let source = &self.sources[index];
        let held = source.get("ref").map_or_else(|| Ok(Held::default()), block::read);
        self.site(index, layout, held, String::new())
    }

    /// One source for each crate.
    fn per_crate(&self, indexes: &[usize]) -> Site {
        let mut held = Held::default();
        let mut base = String::new();
        let mut problem = None;
        for index in indexes {
            match block::per_crate(&self.sources[*index]) {
                Ok((entry, folder)) => {
                    base = folder;
                    let span = self.sources[*index].span;
                    held.entries.push(HeldEntry { entry, span, old_form: false, provenance: None, flaw: None });
                }
                Err(e) => problem = problem.or(Some(e)),
            }
        }
        self.site(indexes[0], Layout::PerCrate, problem.map_or(Ok(held), Err), base)
    }

    fn site(&self, index: usize, layout: Layout, held: Result<Held, block::Problem>, base: String) -> Site {
        let source = self.sources[index].clone();
        let config = self.config(&source);
        let apart = self.project.refs_apart && source.get("ref").is_none();
        let plan = match &config {
            Err(finding) => Err(finding.clone()),
            Ok(_) if apart => Err(self.cannot("the block is kept in project.refs, which is not read", &source)),
            Ok(_) => self.plan(index),
        };
        let mirrors_unsure = self.project.gaps.iter().any(|gap| matches!(gap, Gap::Junction { .. }));
        let config = config.unwrap_or_default();
        Site {
            elements: vec![self.name.to_owned()],
            source,
            held,
            layout,
            base,
            config,
            plan,
            mirrors_unsure,
            overrides: Vec::new(),
            exempt: None,
        }
    }

    /// The source's own git mirrors over those of the project.
    fn config(&self, source: &Node) -> Result<block::Config, Box<Finding>> {
        let mut git_mirrors: Vec<(String, String)> = Vec::new();
        let places = [self.project.source_config("cargo2"), Some(source)];
        for node in places.into_iter().flatten().filter_map(|n| n.get("git-mirrors")) {
            for (prefix, value) in node.as_map().unwrap_or_default() {
                let (Some(prefix), Some(value)) = (prefix.as_str(), value.as_str()) else {
                    continue;
                };
                let value = self.variables.expand(value).map_err(|why| self.cannot(&why, node))?;
                match git_mirrors.iter_mut().find(|(p, _)| p == prefix) {
                    Some(known) => known.1 = value,
                    None => git_mirrors.push((prefix.to_owned(), value)),
                }
            }
        }
        Ok(block::Config { git_mirrors })
    }

    fn cannot(&self, why: &str, node: &Node) -> Box<Finding> {
        let finding = Finding::new(&rules::CANNOT_EVALUATE, why).at(node.location());
        Box::new(finding.of(self.name).help("hand the lock in with `--lock ELEMENT=PATH`"))
    }

    /// Where the lock of a source is looked for.
    fn plan(&self, index: usize) -> Result<LockPlan, Box<Finding>> {
        let source = &self.sources[index];
        let of = |finding: Box<Finding>| Box::new(finding.of(self.name));
        let kind = source.get_str("kind").unwrap_or_default();
        let named = source.get("cargo-lock").or_else(|| self.project.source_config(kind)?.get("cargo-lock"));
        let name = match named.map(|n| (n, n.as_str())) {
            None => "Cargo.lock".to_owned(),
            Some((node, Some(text))) => self.variables.expand(text).map_err(|why| self.cannot(&why, node))?,
            Some((node, None)) => return Err(self.cannot("`cargo-lock` is not text", node)),
        };
        let directory = source::directory(source, self.project, &self.variables).map_err(of)?;
        let path = clean_path(format!("{directory}/{name}").trim_start_matches('/'));
        let path = path.ok_or_else(|| self.cannot("`cargo-lock` leaves the staged tree", source))?;
        let mut layers = Vec::new();
        for node in &self.sources[..index] {
            match source::layer(node, self.project, &self.variables) {
                Ok(layer) => layers.push(layer),
                Err(finding) if self.matters(node, &path) => return Err(of(finding)),
                Err(_) => {}
            }
        }
        Ok(LockPlan { path, layers })
    }

    /// Whether a source could stage something at `path`.
    fn matters(&self, node: &Node, path: &str) -> bool {
        match source::directory(node, self.project, &self.variables) {
            Ok(directory) => below(path, &directory).is_some(),
            Err(_) => true,
        }
    }
}

/// The rest of `path` below `directory`.
#[must_use]
pub fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    if directory.is_empty() { Some(path) } else { path.strip_prefix(directory)?.strip_prefix('/') }
}

#[cfg(test)]
mod tests;
