//! Two states of the project, and the Rust elements that differ between them.

use super::inputs::{self, Differing};
use super::state::{State, state};
use super::{Same, same};
use crate::app::check;
use crate::bst::project::PROJECT_CONF;
use crate::cargo2::discover::{self, Selection};
use crate::cargo2::snapshot::Snapshot;
use crate::finding::Finding;
use crate::finding::read::Read;
use crate::io::Workspace;
use std::collections::{BTreeMap, BTreeSet};

/// Both states of a change, and what it touches.
pub(super) struct Change {
    pub new: State,
    /// None where there was no project before.
    pub old: Option<State>,
    pub touched: BTreeSet<String>,
    /// Those of them of which a file differs: no other reason is one to write to them.
    pub changed: BTreeSet<String>,
    pub unknown: Vec<Finding>,
    /// The inputs of what it touches that differ.
    pub inputs: Vec<Differing>,
}

impl Change {
    /// Reads both states, in code that blocks.
    pub(super) fn read(base: &Workspace, head: &Workspace, names: Vec<String>) -> anyhow::Result<Self> {
        let new = state(head, Some(base))?;
        // Without a project before the change all that is there is new. One that cannot be read is an error.
        let old = match base.files.text(PROJECT_CONF) {
            Read::Absent => None,
            Read::Known(_) | Read::Unreadable(_) => Some(state(base, None)?),
        };
        let selected = Selection { names }.elements(&new.snapshot.project);
        let changed = touched(base, head, old.as_ref(), &new, &selected);
        let mut touched = changed.clone();
        touched.extend(newly_auto_merged(base, head, old.as_ref(), &new, &selected));
        // A file that could not be read, in either state, is not known to be the same.
        let unknown_elements = old.iter().chain([&new]).flat_map(|state| state.snapshot.unknown_elements());
        touched.extend(unknown_elements.filter(|name| selected.is_empty() || selected.contains(name)).cloned());
        let unknown = unknown(old.as_ref(), &new, &selected);
        let inputs = inputs::differing(base, head, (old.as_ref(), &new), &touched);
        Ok(Self { new, old, touched, changed, unknown, inputs })
    }
}

/// The Rust elements that the workflows would let merge by themselves from this change on.
fn newly_auto_merged(
    base: &Workspace,
    head: &Workspace,
    old: Option<&State>,
    new: &State,
    selected: &[String],
) -> BTreeSet<String> {
    if old.is_some_and(|old| same_workflows(&old.snapshot, &new.snapshot)) {
        return BTreeSet::new();
    }
    let before: BTreeSet<Same> = match old {
        Some(old) => check::matrix_errors(base, &old.snapshot).iter().map(same).collect(),
        None => BTreeSet::new(),
    };
    let mut loose = BTreeSet::new();
    for finding in check::matrix_errors(head, &new.snapshot).iter().filter(|finding| !before.contains(&same(finding))) {
        match &finding.element {
            Some(element) => loose.extend([element.clone()]),
            None => loose.extend(new.found.elements.iter().cloned()),
        }
    }
    // Elements that are not Rust are reported where the whole project is checked.
    loose.retain(|element| new.found.elements.contains(element) && (selected.is_empty() || selected.contains(element)));
    loose
}

/// Returns whether two states are known to have the same workflows.
fn same_workflows(old: &Snapshot, new: &Snapshot) -> bool {
    match (&old.workflows, &new.workflows) {
        (Read::Absent, Read::Absent) => true,
        (Read::Known(old), Read::Known(new)) => {
            old.len() == new.len()
                && old.iter().zip(new).all(|(old, new)| match (&old.1, &new.1) {
                    (Read::Known(before), Read::Known(after)) => old.0 == new.0 && before.text == after.text,
                    _ => false,
                })
        }
        _ => false,
    }
}

/// The Rust elements whose files differ between the states: an element's own file, what it includes, its patches.
fn touched(
    base: &Workspace,
    head: &Workspace,
    old: Option<&State>,
    new: &State,
    selected: &[String],
) -> BTreeSet<String> {
    let mut same: BTreeMap<&str, bool> = BTreeMap::new();
    let mut touched = BTreeSet::new();
    let states = old.into_iter().chain([new]);
    for (element, paths) in states.flat_map(|state| &state.found.reads) {
        let differs = paths.iter().any(|path| !*same.entry(path).or_insert_with(|| base.files.same(&head.files, path)));
        let appears =
            old.is_none_or(|old| old.found.reads.contains_key(element) != new.found.reads.contains_key(element));
        if differs || appears {
            touched.insert(element.clone());
        }
    }
    if !selected.is_empty() {
        touched.retain(|element| selected.contains(element));
    }
    touched
}

/// The selected elements that neither state knows as Rust.
fn unknown(old: Option<&State>, new: &State, selected: &[String]) -> Vec<Finding> {
    let known = |name: &String| old.into_iter().chain([new]).any(|state| state.found.reads.contains_key(name));
    selected.iter().filter(|name| !known(name)).map(|name| discover::unknown(name)).collect()
}
