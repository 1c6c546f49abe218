//! The inputs of all Rust elements in one state of the repository, by their paths from its root.

use super::hidden;
use super::links::{Followed, follow, links_below};
use super::paths::{is_below, join, rooted};
use crate::cargo2::inputs::{Inputs, Role};
use crate::cargo2::snapshot::Snapshot;
use crate::finding::read::Read;
use crate::github::content::Side;
use crate::github::tree::Listing;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// The number of elements that a reason names.
const NAMED: usize = 3;

/// Something that is not known of a state.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// The file that is not known.
    pub path: String,
    /// Why.
    pub why: String,
    /// Whether its text is known, and is none that BuildStream reads.
    pub refused: bool,
    /// The elements that it concerns.
    pub elements: Vec<String>,
}

/// What a path is to Rust elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    role: Role,
    pub elements: BTreeSet<String>,
}

impl Hit {
    /// What a path is in either of two states.
    pub(super) fn merged(hits: [Option<Self>; 2]) -> Option<Self> {
        hits.into_iter().flatten().reduce(|mut hit, other| {
            hit.add(&other);
            hit
        })
    }

    fn add(&mut self, other: &Self) {
        self.role = self.role.min(other.role);
        self.elements.extend(other.elements.iter().cloned());
    }

    /// The reason why the path holds.
    pub(super) fn why(&self) -> String {
        let named: Vec<&str> = self.elements.iter().take(NAMED).map(String::as_str).collect();
        let more = self.elements.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{} {}{more}", self.role, named.join(", "))
    }
}

/// An input, by the path as it is written.
struct Input {
    path: String,
    hit: Hit,
}

/// The inputs of one state. Paths that differ only in the case of letters are one path: on some machines they are one file.
#[derive(Default)]
pub(super) struct SideInputs {
    files: BTreeMap<String, Input>,
    /// Everything below these is an input. The repository's root has the empty path.
    folders: BTreeMap<String, Input>,
    /// The element files that were read and looked at with all that they include.
    known: BTreeSet<String>,
    /// What is not known.
    pub doubts: Vec<Doubt>,
}

impl SideInputs {
    pub(super) fn new(side: &Side<'_>) -> Self {
        let mut out = Self::default();
        let mut projects: Vec<(&str, &Snapshot)> = Vec::new();
        for (folder, snapshot) in side.projects {
            match snapshot {
                Read::Known(snapshot) => projects.push((folder, snapshot)),
                Read::Absent => {}
                Read::Unreadable(why) => {
                    let path = rooted(folder, "project.conf").unwrap_or_default();
                    let why = format!("this project could not be read: {why}");
                    out.doubts.push(Doubt { path, why, refused: false, elements: Vec::new() });
                }
            }
        }
        for (folder, snapshot) in &projects {
            out.project(side, folder, snapshot, &projects);
        }
        out.follow_links(side);
        out
    }

    fn project(&mut self, side: &Side<'_>, folder: &str, snapshot: &Snapshot, all: &[(&str, &Snapshot)]) {
        let listed = snapshot.elements.iter().filter_map(|element| rooted(folder, &element.path)).collect();
        let (hidden, paths) = hidden::inputs(side, folder, &snapshot.project, &listed);
        self.known.extend(listed.into_iter().chain(paths));
        let elements = || snapshot.inputs.elements.iter().chain(&hidden.elements);
        for (name, own) in elements() {
            self.add(folder, own, &BTreeSet::from([name.clone()]));
        }
        let names: BTreeSet<String> = elements().map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return;
        }
        self.add(folder, &snapshot.inputs.project, &names);
        for (other, snapshot) in all.iter().filter(|(other, _)| *other != folder) {
            // Refs of a subproject's elements are kept in the project that uses it, which also sets its options.
            let refs = BTreeMap::from([("junction.refs".to_owned(), Role::Refs)]);
            self.add(other, &Inputs { paths: refs, unread: BTreeMap::new() }, &names);
            for junction in &snapshot.inputs.junctions {
                let folders: Vec<String> = junction.folders.iter().filter_map(|path| rooted(other, path)).collect();
                if folders.iter().any(|path| is_below(folder, path.trim_end_matches('/'))) {
                    self.add(other, &junction.inputs, &names);
                }
            }
        }
    }

    fn add(&mut self, folder: &str, inputs: &Inputs, elements: &BTreeSet<String>) {
        for (path, role) in &inputs.paths {
            match rooted(folder, path) {
                Some(path) => self.insert(&path, &Hit { role: *role, elements: elements.clone() }),
                None => self.doubt(path, "the path leaves the repository".into(), false, elements),
            }
        }
        for (path, unknown) in &inputs.unread {
            let path = rooted(folder, path).unwrap_or_else(|| path.clone());
            let why = format!("what Rust elements are built from is not known: {}", unknown.why);
            self.doubt(&path, why, unknown.refused, elements);
        }
    }

    fn doubt(&mut self, path: &str, why: String, refused: bool, elements: &BTreeSet<String>) {
        let elements = elements.iter().cloned().collect();
        self.doubts.push(Doubt { path: path.to_owned(), why, refused, elements });
    }

    /// Adds an input.
    fn insert(&mut self, path: &str, hit: &Hit) {
        let (map, path) = match path.strip_suffix('/') {
            Some(folder) => (&mut self.folders, folder),
            None => (&mut self.files, path),
        };
        match map.get_mut(&path.to_lowercase()) {
            Some(known) => known.hit.add(hit),
            None => drop(map.insert(path.to_lowercase(), Input { path: path.to_owned(), hit: hit.clone() })),
        }
    }

    /// Draws in the links on the way to each input and below each folder, and what they lead to.
    fn follow_links(&mut self, side: &Side<'_>) {
        let folder = |input: &Input| (format!("{}/", input.path), input.hit.clone());
        let mut open: Vec<(String, Hit)> = self.folders.values().map(folder).collect();
        open.extend(self.files.values().map(|input| (input.path.clone(), input.hit.clone())));
        let mut seen = BTreeSet::new();
        while let Some((path, hit)) = open.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            let Followed { links, end, doubt } = follow(side, path.trim_end_matches('/'));
            if let Some((link, why)) = doubt {
                self.doubt(&link, why, false, &hit.elements);
            }
            links.iter().for_each(|link| self.insert(link, &hit));
            let Some(end) = end else { continue };
            if !links.is_empty() {
                let target = if path.ends_with('/') { format!("{end}/") } else { end.clone() };
                self.insert(&target, &hit);
                open.push((target, hit.clone()));
            }
            if path.ends_with('/') {
                for (link, target) in links_below(side, &end) {
                    match target {
                        Ok(target) => {
                            let both = [target.clone(), format!("{target}/")];
                            both.iter().for_each(|path| self.insert(path, &hit));
                            open.extend(both.map(|path| (path, hit.clone())));
                        }
                        Err(why) => self.doubt(&link, why, false, &hit.elements),
                    }
                }
            }
        }
    }

    /// What a path is to Rust elements. None where it is no input.
    pub(super) fn hit(&self, path: &str) -> Option<Hit> {
        let path = path.to_lowercase();
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        let folders = std::iter::once("").chain(above).filter_map(|folder| self.folders.get(folder));
        self.files.get(&path).into_iter().chain(folders).map(|input| &input.hit).fold(None, |all: Option<Hit>, hit| {
            match all {
                Some(mut all) => {
                    all.add(hit);
                    Some(all)
                }
                None => Some(hit.clone()),
            }
        })
    }

    /// Whether an element file was looked at with all that it includes.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.known.contains(path)
    }

    /// Whether an input is in or below a folder, or the folder is below one that is an input.
    pub(super) fn reach(&self, folder: &str) -> bool {
        let folder = folder.to_lowercase();
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let range = (Bound::Included(start.clone()), Bound::Unbounded);
        [&self.files, &self.folders].iter().any(|map| {
            map.contains_key(&folder)
                || map.range(range.clone()).next().is_some_and(|(path, _)| path.starts_with(&start))
        }) || self.hit(&folder).is_some()
    }

    /// Whether two states have the same inputs.
    pub(super) fn same_paths(&self, other: &Self) -> bool {
        self.files.keys().eq(other.files.keys()) && self.folders.keys().eq(other.folders.keys())
    }

    /// The files of a listing that are inputs, by their paths as they are written.
    pub(super) fn files_in(&self, files: &Listing) -> BTreeSet<String> {
        let single =
            self.files.values().filter(|input| files.get(&input.path).is_some()).map(|input| input.path.clone());
        let below = self.folders.values().flat_map(|input| {
            let join = |(below, _): (&str, _)| join(&input.path, below);
            files.below(&input.path).map(join).collect::<Vec<_>>()
        });
        single.chain(below).collect()
    }
}
