//! Reads one element's sources: its crate lists, and the layers below each.

use super::{CrateList, Found, LockPlan, below};
use crate::bst::project::compose::Gap;
use crate::bst::project::{Project, clean_path, variables::Variables};
use crate::bst::source::{self, Content};
use crate::cargo2::block::{self, CurrentBlock, CurrentEntry, Layout};
use crate::finding::Finding;
use crate::finding::rules;
use crate::yaml::Node;
use std::collections::BTreeSet;

/// Reads the crate lists of one element.
pub(super) struct ElementReader<'a> {
    pub name: &'a str,
    pub sources: &'a [Node],
    pub project: &'a Project,
    pub variables: Variables,
}

impl ElementReader<'_> {
    /// The crate lists.
    pub(super) fn crate_lists(&self, found: &mut Found) {
        let crates: Vec<usize> =
            (0..self.sources.len()).filter(|i| self.sources[*i].get_str("kind") == Some("cargo2")).collect();
        let per_crate = |i: &&usize| {
            let source = &self.sources[**i];
            source.get("ref").is_some_and(|r| r.as_str().is_some_and(|t| !t.is_empty()))
                || source.get_str("url").is_some_and(|u| u.ends_with(".crate"))
        };
        let single: Vec<usize> = crates.iter().filter(per_crate).copied().collect();
        if single.is_empty() {
            found.crate_lists.extend(crates.iter().map(|i| self.list(*i, Layout::List)));
        } else if single.len() == crates.len() && single.windows(2).all(|w| w[0] + 1 == w[1]) {
            found.crate_lists.push(self.per_crate(&single));
        } else {
            let place = self.sources[single[0]].location();
            let message = "`ref:` lists and sources for single crates are mixed here";
            found.findings.push(Finding::new(&rules::LAYOUT_MIXED, message).at(place).of(self.name));
        }
        let first_version = (0..self.sources.len()).filter(|i| self.sources[*i].get_str("kind") == Some("cargo"));
        found.crate_lists.extend(first_version.map(|i| self.list(i, Layout::Cargo)));
    }

    /// A source with a `ref:` list.
    fn list(&self, index: usize, layout: Layout) -> CrateList {
        self.crate_list(index, layout, None, String::new())
    }

    /// One source for each crate.
    fn per_crate(&self, indexes: &[usize]) -> CrateList {
        let mut current = CurrentBlock::default();
        let mut base = String::new();
        let mut problem = None;
        for index in indexes {
            match block::per_crate(&self.sources[*index]) {
                Ok((entry, folder)) => {
                    base = folder;
                    let span = self.sources[*index].span;
                    current.entries.push(CurrentEntry { entry, span, old_form: false, provenance: None, flaw: None });
                }
                Err(e) => problem = problem.or(Some(e)),
            }
        }
        self.crate_list(indexes[0], Layout::PerCrate, Some(problem.map_or(Ok(current), Err)), base)
    }

    fn crate_list(
        &self,
        index: usize,
        layout: Layout,
        per_crate_entries: Option<Result<CurrentBlock, block::Problem>>,
        base: String,
    ) -> CrateList {
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
        CrateList {
            elements: vec![self.name.to_owned()],
            source,
            per_crate_entries,
            layout,
            base,
            config,
            plan,
            mirrors_unsure,
            overrides: Vec::new(),
            exempt: None,
        }
    }

    /// Collects the files of the project that the sources stage or apply. It is not known here whether a local source is a file or
    /// a folder.
    pub(super) fn local_files(&self, reads: &mut BTreeSet<String>) {
        let kinds = ["local", "patch", "patch_queue"];
        for node in self.sources.iter().filter(|node| node.get_str("kind").is_some_and(|kind| kinds.contains(&kind))) {
            match source::layer(node, self.project, &self.variables).map(|layer| layer.content) {
                Ok(Content::Local(path)) => reads.extend([format!("{path}/"), path]),
                Ok(Content::Patch(path, _)) => reads.extend([path]),
                Ok(Content::PatchQueue(path)) => reads.extend([format!("{path}/")]),
                _ => {}
            }
        }
    }

    /// Combines git mirrors: the source's own take precedence over those of the project.
    fn config(&self, source: &Node) -> Result<block::Config, Box<Finding>> {
        let mut git_mirrors: Vec<(String, String)> = Vec::new();
        let places = [self.project.source_config("cargo2"), Some(source)];
        for node in places.into_iter().flatten().filter_map(|n| n.get("git-mirrors")) {
            for (prefix, value) in node.as_map().unwrap_or_default() {
                let (Some(prefix), Some(value)) = (prefix.as_str(), value.as_str()) else {
                    continue;
                };
                let value = self.variables.expand(value).map_err(|why| self.cannot(&why.to_string(), node))?;
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

    /// The place at which to look for the lock of a source.
    fn plan(&self, index: usize) -> Result<LockPlan, Box<Finding>> {
        let source = &self.sources[index];
        let of = |finding: Box<Finding>| Box::new(finding.of(self.name));
        let kind = source.get_str("kind").unwrap_or_default();
        let named = source.get("cargo-lock").or_else(|| self.project.source_config(kind)?.get("cargo-lock"));
        let name = match named.map(|n| (n, n.as_str())) {
            None => "Cargo.lock".to_owned(),
            Some((node, Some(text))) => {
                self.variables.expand(text).map_err(|why| self.cannot(&why.to_string(), node))?
            }
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

    /// Returns whether a source could stage something at `path`.
    fn matters(&self, node: &Node, path: &str) -> bool {
        match source::directory(node, self.project, &self.variables) {
            Ok(directory) => below(path, &directory).is_some(),
            Err(_) => true,
        }
    }
}
