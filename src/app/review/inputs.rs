//! The files of Rust elements that differ between two states of the project.

use super::state::State;
use crate::encode;
use crate::finding::read::Read;
use crate::io::Workspace;
use crate::io::files::{Files, TreeEntry};
use crate::review::SourceMove;
use crate::review::inputs::{InputChange, InputDiff, InputText, compare};
use crate::text::{SourceText, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The number of files that are compared. A change of more is said to be too large to be shown.
const MAX_FILES: usize = 2_000;

/// How deep folders are looked into.
const MAX_DEPTH: usize = 32;

/// A file that differs, in both states.
pub(super) struct Differing {
    path: String,
    elements: Vec<String>,
    before: InputText,
    after: InputText,
}

/// Reads the inputs of the touched elements that differ, in code that blocks.
pub(super) fn differing(
    base: &Workspace,
    head: &Workspace,
    (old, new): (Option<&State>, &State),
    touched: &BTreeSet<String>,
) -> Vec<Differing> {
    let mut by_path: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (element, paths) in old.into_iter().chain([new]).flat_map(|state| &state.found.reads) {
        for path in paths.iter().filter(|_| touched.contains(element)) {
            by_path.entry(path.clone()).or_default().insert(element.clone());
        }
    }
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, elements) in by_path {
        if base.files.same(&head.files, &path) {
            continue;
        }
        let mut below = BTreeSet::new();
        match path.strip_suffix('/') {
            Some(folder) => {
                [&base.files, &head.files].iter().for_each(|files| walk(files, folder, MAX_DEPTH, &mut below));
            }
            None => drop(below.insert(path)),
        }
        below.into_iter().for_each(|file| files.entry(file).or_default().extend(elements.iter().cloned()));
    }
    let generated = (old.map(generated).unwrap_or_default(), generated(new));
    let mut out: Vec<Differing> = Vec::new();
    for (path, elements) in files {
        let elements = elements.into_iter().collect();
        if out.len() == MAX_FILES {
            let why = InputText::Unreadable(format!("more than {MAX_FILES} files differ"));
            out.push(Differing { path, elements, before: why.clone(), after: why });
            break;
        }
        let before = if old.is_some() { read(&base.files, &path, &generated.0) } else { InputText::Absent };
        let after = read(&head.files, &path, &generated.1);
        if before != after {
            out.push(Differing { path, elements, before, after });
        }
    }
    out
}

/// What differs beside what the crate lists and the moves of the sources say. `locks` are the sha256 of the locks that the lists
/// were compared with.
pub(super) fn changes(differing: &[Differing], moves: &[SourceMove], locks: &BTreeSet<String>) -> Vec<InputChange> {
    let is_lock = |text: &InputText| match text {
        InputText::Text(text, _) => locks.contains(&encode::sha256(text.text.as_bytes())),
        InputText::Absent | InputText::Bytes(_) | InputText::Unreadable(_) => false,
    };
    let change = |file: &Differing| {
        if is_lock(&file.after) {
            return None;
        }
        let diff: InputDiff = compare(&file.before, &file.after, moves)?;
        Some(InputChange { path: file.path.clone(), elements: file.elements.clone(), diff })
    };
    differing.iter().filter_map(change).collect()
}

/// The files below a folder. What cannot be listed is a file of its own: comparing it says why.
fn walk(files: &Files, folder: &str, depth: usize, out: &mut BTreeSet<String>) {
    if out.len() > MAX_FILES {
        return;
    }
    match (files.entry(folder), files.names(folder)) {
        (Ok(TreeEntry::Folder), Read::Known(names)) if depth > 0 => {
            for name in names {
                walk(files, &if folder.is_empty() { name } else { format!("{folder}/{name}") }, depth - 1, out);
            }
        }
        (Ok(TreeEntry::Absent), _) => {}
        _ => drop(out.insert(folder.to_owned())),
    }
}

type Generated = BTreeMap<String, Vec<Span>>;

/// The entries of all crate lists, by their files.
fn generated(state: &State) -> Generated {
    let mut out: Generated = BTreeMap::new();
    for crate_list in &state.found.crate_lists {
        let path = crate_list.place().0.path.to_string();
        match crate_list.current() {
            Ok(current) => out.entry(path).or_default().extend(current.entries.iter().map(|entry| entry.span)),
            // It has no entries then: all of its lines are shown.
            Err((why, _)) => tracing::debug!("{path}: {why}"),
        }
    }
    out
}

fn read(files: &Files, path: &str, generated: &Generated) -> InputText {
    let link = match files.entry(path) {
        Ok(TreeEntry::Absent) => return InputText::Absent,
        Ok(TreeEntry::Folder) => return InputText::Text(SourceText::new(path, "(a folder)\n"), Vec::new()),
        Ok(TreeEntry::Symlink(target)) => Some(format!("(a link to {target})\n")),
        Ok(TreeEntry::File(_)) => None,
        // A folder on the way may be a link: what is behind it is compared.
        Err(why) => Some(format!("({why})\n")),
    };
    match (files.bytes(path), link) {
        (Read::Known(bytes), link) => match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => {
                let spans = if link.is_none() { generated.get(path).cloned().unwrap_or_default() } else { Vec::new() };
                InputText::Text(SourceText::new(path, link.unwrap_or_default() + &text), spans)
            }
            Ok(text) => InputText::Bytes(text.into_bytes()),
            Err(error) => InputText::Bytes(error.into_bytes()),
        },
        (Read::Absent, Some(link)) => InputText::Text(SourceText::new(path, link), Vec::new()),
        (Read::Absent, None) => InputText::Absent,
        (Read::Unreadable(why), _) => InputText::Unreadable(why.to_string()),
    }
}
