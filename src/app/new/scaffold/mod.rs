//! A new Rust element: its text, the edits of the stack and the tracker, and the checklist of the packaging guide.
//!
//! Values in, a plan out. What comes from the command line is checked character by character: names end in paths,
//! scripts and YAML, so that anything but a plain name is refused instead of quoted.

mod check;
mod stack;
mod text;

use crate::cargo2::block;
use crate::finding::read::Read;
use crate::text::SourceText;
use crate::workflows::{self, Facts, Project, RustElement, new_entry};
use crate::yaml::{self, Node};
use std::sync::Arc;

pub(crate) use check::{Error, plain};

/// The request for a new element.
pub(crate) struct Request<'a> {
    /// The name that BuildStream will use: `bluefin/foo.bst`.
    pub name: &'a str,
    /// The upstream repository, as it will be written: `github:owner/foo.git`.
    pub url: &'a str,
    /// The tracked branch, or pattern of tags.
    pub track: &'a str,
    /// The pinned ref: `v1.2-0-g<sha>` or a bare commit.
    pub git_ref: &'a str,
    /// The program; none for the element's own short name.
    pub bin: Option<&'a str>,
    /// Whether a systemd unit and a preset are installed.
    pub service: bool,
    /// The crate list, from [`block::render_list`] with [`block::Shape::at`]`(2)`; empty for a lock without crates.
    pub block: &'a str,
    /// The `url:` that the project's cargo2 sources have; see [`crates_url`].
    pub crates_url: Option<&'a str>,
    /// The folder of the elements; empty for the project folder itself.
    pub element_path: &'a str,
    /// Whether an element exists, by the name that BuildStream uses.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// The stack that brings the project's own elements, such as `elements/bluefin/deps.bst`.
    pub stack: Option<&'a Arc<SourceText>>,
    /// The tracker.
    pub tracker: Option<&'a Arc<SourceText>>,
    /// The Rust elements that the project has.
    pub rust: &'a [RustElement],
}

/// A file as it was read, and as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// As it was read.
    pub old: Arc<SourceText>,
    /// As it will be.
    pub new: Arc<SourceText>,
}

/// A line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Whether the plan does it.
    pub done: bool,
    /// The task.
    pub text: String,
}

/// The files to write, and the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The new element: its path below the project folder, and its text.
    pub element: SourceText,
    /// The edit of the stack, when it can be made and is needed.
    pub stack: Option<Change>,
    /// The edit of the tracker, when it can be made and is needed.
    pub tracker: Option<Change>,
    /// The checklist of the packaging guide.
    pub checklist: Vec<Item>,
}

impl Plan {
    /// The checklist for people, a line for each item.
    #[must_use]
    pub(crate) fn checklist_text(&self) -> String {
        let line = |item: &Item| format!("[{}] {}\n", if item.done { 'x' } else { ' ' }, item.text);
        self.checklist.iter().map(line).collect()
    }
}

/// The state of one item of the checklist.
enum State {
    /// It was done before.
    Already,
    /// This change does it.
    Changed(Change),
    /// A person must do it.
    Open(String),
}

impl State {
    fn split(self) -> (bool, Option<Change>, String) {
        match self {
            Self::Already => (true, None, String::new()),
            Self::Changed(change) => (true, Some(change), String::new()),
            Self::Open(why) => (false, None, format!(" ({why})")),
        }
    }
}

/// Plans a new Rust element. Nothing is written here.
///
/// # Errors
/// When the element exists, or something in the request is not a plain name; see [`Error`].
pub(crate) fn plan(request: &Request<'_>) -> Result<Plan, Error> {
    let bin = check::all(request)?;
    let path = match request.element_path {
        "" => request.name.to_owned(),
        folder => format!("{folder}/{}", request.name),
    };
    let element = SourceText::new(&path, text::element(request, bin));
    verify(request, &element)?;
    let stack_path = request.stack.map_or_else(|| "the project's stack".to_owned(), |s| format!("`{}`", s.path));
    let (in_stack, stack, why_stack) = stack::add(request.stack, request.name).split();
    let (in_matrix, tracker, why_matrix) = track(request, &path).split();
    let item = |done, text: String| Item { done, text };
    let mut checklist = vec![
        item(true, "cargo2 sources generated from the Cargo.lock at the pinned ref, not written by hand".into()),
        item(true, "`--locked` in the cargo command (`--offline` adds nothing: the sandbox has no network)".into()),
        item(true, "`strip-binaries` not set (Rust produces ELF)".into()),
        item(in_matrix, format!("tracking group set to `{}` in the tracker{why_matrix}", workflows::MANUAL_GROUP)),
        item(in_stack, format!("element added to {stack_path}{why_stack}")),
        item(false, format!("`overlap-whitelist` for `/usr/bin/{bin}`, only if another element installs it too")),
        item(false, "`just validate` passes".into()),
        item(false, format!("`just bst build {}` passes", request.name)),
    ];
    if request.service {
        checklist.insert(5, item(false, format!("`{bin}.service` reviewed: user, sandboxing, whether it is enabled")));
    }
    Ok(Plan { element, stack, tracker, checklist })
}

/// Finds the `url:` that most cargo2 sources have, for [`Request::crates_url`]. None when most have none.
#[must_use]
pub(crate) fn crates_url<'a>(sources: impl IntoIterator<Item = &'a Node>) -> Option<String> {
    let mut counts: std::collections::BTreeMap<Option<&str>, usize> = std::collections::BTreeMap::new();
    for source in sources {
        *counts.entry(source.get_str("url")).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count)?.0.map(str::to_owned)
}

/// Reads the new element again: it must have the requested keys and exactly this block.
fn verify(request: &Request<'_>, element: &SourceText) -> Result<(), Error> {
    let wrong = |what: &str| Error::Block(format!("the new element would not be read as it should: {what}"));
    let root = yaml::parse_whole(&Arc::new(element.clone())).map_err(|e| wrong(&e.to_string()))?;
    let sources = root.get("sources").and_then(Node::as_list).unwrap_or_default();
    let [git, crates] = sources else {
        return Err(wrong("its sources"));
    };
    let same = [("url", request.url), ("track", request.track), ("ref", request.git_ref)];
    if same.iter().any(|(key, value)| git.get_str(key) != Some(value)) || crates.get_str("url") != request.crates_url {
        return Err(wrong("the keys of its sources"));
    }
    let list = crates.get("ref").ok_or_else(|| wrong("its crates"))?;
    let current = block::read(list).map_err(|(message, _)| wrong(&message))?;
    let plain = current.entries.iter().all(|e| !e.old_form && e.flaw.is_none());
    let entries: Vec<_> = current.values().cloned().collect();
    if plain && block::render_list(&entries, block::Shape::at(2)) == request.block {
        Ok(())
    } else {
        Err(wrong("its crates"))
    }
}

/// Plans the entry in the tracker's matrix.
fn track(request: &Request<'_>, path: &str) -> State {
    let Some(file) = request.tracker else {
        return State::Open("there is no tracker here".into());
    };
    let mut rust = request.rust.to_vec();
    let (name, path) = (request.name.to_owned(), path.to_owned());
    rust.push(RustElement { name, tracked: true, path, untracked: None });
    let exists = |name: &str| name == request.name || (request.exists)(name);
    let project = Project {
        rust: &rust,
        exists: &exists,
        element_path: request.element_path,
        tracker: Read::Known(file),
        others: &[],
        scripts: &workflows::no_scripts,
    };
    let facts = Facts::read(&project);
    if !facts.places(request.name).is_empty() {
        let findings = workflows::lint_workflows(&project).findings;
        let of_it = findings.iter().find(|f| f.element.as_deref() == Some(request.name));
        return of_it.map_or(State::Already, |f| State::Open(f.message.clone()));
    }
    let Some(edits) = new_entry::new_entry(&facts, request.name) else {
        return State::Open("its entries do not show what a new one looks like".into());
    };
    match workflows::apply(file, &edits) {
        Ok(new) => State::Changed(Change { old: file.clone(), new }),
        Err(why) => State::Open(why.to_string()),
    }
}

#[cfg(test)]
mod tests;
