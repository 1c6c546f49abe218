//! Which paths of a merge decide what Rust elements are built from. Nothing is left out because it was not found: what is not
//! known is of the class [`Class::Unknown`].

mod elements;
mod hidden;
mod inputs;
mod links;
mod paths;

#[cfg(test)]
mod tests;

use super::content::{Change, Class, Decisive, Merged, Side};
use super::tree::Item;
use crate::cargo2::rust_source::RustSource;
use crate::finding::read::Read;
use inputs::{Hit, SideInputs};
use std::collections::BTreeMap;

/// The files that say what git makes of other files.
const GIT_FILES: [&str; 3] = [".gitattributes", ".gitmodules", ".lfsconfig"];

/// The beginning of a file that is kept elsewhere.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The reason on a path that the head and its base branch both changed.
const CONFLICT: &str = "both branches changed it: update the branch";

/// The paths of a merge that decide what Rust elements are built from, sorted by path, each with its strictest class. Paths that
/// only become inputs by the change of others are among them.
#[must_use]
pub(crate) fn decisive(merged: &Merged, before: &Side<'_>, after: &Side<'_>) -> Vec<Decisive> {
    if merged.changes.is_empty() {
        return Vec::new();
    }
    let inputs = [SideInputs::new(before), SideInputs::new(after)];
    let mut scope = Scope { sides: [before, after], inputs, found: BTreeMap::new() };
    scope.doubts();
    for change in &merged.changes {
        scope.change(change);
    }
    scope.drawn_in(merged);
    scope.found.into_values().collect()
}

/// The two states, and what was found so far.
struct Scope<'a> {
    sides: [&'a Side<'a>; 2],
    inputs: [SideInputs; 2],
    found: BTreeMap<String, Decisive>,
}

impl Scope<'_> {
    /// Adds a path. The strictest class and its reason stay.
    fn add(&mut self, path: &str, class: Class, why: String, elements: Vec<String>) {
        let [before, after] = self.sides.map(|side| side.files.get(path).cloned());
        let new = Decisive { path: path.to_owned(), class, why, elements, before, after };
        match self.found.get_mut(path) {
            Some(known) if known.class <= class => {
                known.elements.extend(new.elements);
                known.elements.sort();
                known.elements.dedup();
            }
            Some(known) => *known = new,
            None => drop(self.found.insert(path.to_owned(), new)),
        }
    }

    /// What is not known of either state. A text that BuildStream refuses builds nothing: once it is replaced, what it was does
    /// not matter.
    fn doubts(&mut self) {
        let [before, after] = &self.inputs;
        let doubts = before.doubts.iter().filter(|doubt| !doubt.refused).chain(&after.doubts);
        let doubts: Vec<_> = doubts.cloned().collect();
        for doubt in doubts {
            self.add(&doubt.path, Class::Unknown, doubt.why, doubt.elements);
        }
    }

    fn change(&mut self, change: &Change) {
        let path = &change.path;
        if self.is_git_file(path) {
            let why = "it changes what git makes of the inputs of Rust elements".to_owned();
            self.add(path, Class::Unknown, why, Vec::new());
        }
        let hits = [0, 1].map(|at| self.inputs[at].hit(path));
        if let Some(hit) = Hit::merged(hits) {
            self.input(change, hit);
        } else if self.holds_inputs(change) {
            self.add(path, Class::Unknown, "inputs of Rust elements are below this submodule".into(), Vec::new());
        } else {
            self.element(change);
        }
    }

    /// A changed input.
    fn input(&mut self, change: &Change, hit: Hit) {
        let (class, why) = match self.doubtful(change) {
            Some(why) => (Class::Unknown, why),
            None => (Class::Input, hit.why()),
        };
        self.add(&change.path, class, why, hit.elements.into_iter().collect());
    }

    /// The reason why it is not known what a change of an input means.
    fn doubtful(&self, change: &Change) -> Option<String> {
        if change.conflict {
            return Some(CONFLICT.into());
        }
        for (side, item) in self.sides.iter().zip([&change.before, &change.after]) {
            let Some(item) = item else { continue };
            if item.mode == Item::SUBMODULE {
                return Some("it is a submodule, which is not read".into());
            }
            match (side.blob)(item) {
                Read::Known(bytes) if bytes.starts_with(LFS_POINTER) => {
                    return Some("its content is kept by Git LFS, which is not read".into());
                }
                Read::Known(_) => {}
                Read::Absent => return Some("its content is missing".into()),
                Read::Unreadable(why) => return Some(format!("it could not be read: {why}")),
            }
        }
        None
    }

    /// A changed path that is no input: it may be a Rust element, or hold a source of one.
    fn element(&mut self, change: &Change) {
        let is_module = |item: &Item| item.mode == Item::SUBMODULE;
        if [&change.before, &change.after].into_iter().flatten().any(is_module) {
            let why = "it is a submodule, which may hold elements and is not read".to_owned();
            self.add(&change.path, Class::Element, why, Vec::new());
            return;
        }
        let lower = change.path.to_lowercase();
        let is_element = lower.ends_with(".bst");
        if !is_element && (!elements::is_written(&lower) || lower.starts_with(".github/")) {
            return;
        }
        let answers = [(0, &change.before), (1, &change.after)].map(|(at, item)| match item {
            None => Ok(RustSource::No),
            Some(_) if is_element && self.inputs[at].knows(&change.path) => Ok(RustSource::No),
            Some(item) if is_element => elements::element(self.sides[at], &change.path, item),
            Some(item) => elements::include(self.sides[at], &change.path, item),
        });
        let (class, why) = match elements::together(answers, is_element) {
            Err(why) => (Class::Unknown, format!("it could not be read: {why}")),
            Ok(Some(why)) if !change.conflict => (Class::Element, why),
            Ok(None) if !(change.conflict && is_element) => return,
            Ok(_) => (Class::Unknown, CONFLICT.to_owned()),
        };
        self.add(&change.path, class, why, Vec::new());
    }

    /// Whether a changed path says what git makes of an input.
    fn is_git_file(&self, path: &str) -> bool {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = name.to_lowercase();
        GIT_FILES.contains(&name.as_str()) && self.inputs.iter().any(|inputs| inputs.reach(folder))
    }

    /// Whether a changed path is a submodule with inputs in it.
    fn holds_inputs(&self, change: &Change) -> bool {
        let modules = [&change.before, &change.after].into_iter().flatten().any(|item| item.mode == Item::SUBMODULE);
        modules && self.inputs.iter().any(|inputs| inputs.reach(&change.path))
    }

    /// The paths that become inputs by the change of others.
    fn drawn_in(&mut self, merged: &Merged) {
        let [before, after] = &self.inputs;
        if before.same_paths(after) {
            return;
        }
        let mut new = Vec::new();
        for path in after.files_in(&merged.files) {
            let changed = self.sides[0].files.get(&path) != self.sides[1].files.get(&path);
            if !changed
                && before.hit(&path).is_none()
                && let Some(hit) = after.hit(&path)
            {
                new.push((path, hit));
            }
        }
        for (path, hit) in new {
            let why = format!("it becomes the {}", hit.why());
            self.add(&path, Class::Input, why, hit.elements.into_iter().collect());
        }
    }
}
