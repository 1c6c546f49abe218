//! The workflows and local actions of one state of the repository, and what they name.

use super::paths;
use crate::finding::read::Read;
use crate::github::content::Side;
use crate::github::tree::Item;
use crate::text::SourceText;
use crate::workflows::reader::MAX_WORKFLOW;
use crate::yaml::{self, Node};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// The maximum number of workflows and actions that one state may have.
const MAX_FILES: usize = 1_000;

/// The maximum number of scripts whose texts are searched for names of others.
const MAX_SCRIPTS: usize = 500;

/// The folder of the policies of octo-sts, in lower case.
const POLICIES: &str = ".github/chainguard/";

/// How often scripts that scripts name are looked up.
const MAX_ROUNDS: usize = 4;

/// A workflow, or the definition of an action.
pub(super) struct File {
    /// Its path.
    pub path: String,
    /// Its text, or why it cannot be read.
    pub text: Result<Arc<str>, String>,
    /// Its tree, or why it cannot be read.
    pub root: Result<Node, String>,
}

/// The workflows and local actions of one state.
pub(super) struct State {
    files: Vec<File>,
    /// The parts of all paths that they and their scripts name. None where something could not be read.
    named: Option<BTreeSet<String>>,
    /// Whether all workflows and actions are among the files.
    pub complete: bool,
    /// Whether it has policies by which octo-sts gives rights on GitHub for the identity of a workflow.
    pub trusts: bool,
}

/// Why a file is not read as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoText {
    /// It is a link or a submodule.
    Irregular,
    /// It has this many bytes, and whether its first line names an interpreter.
    TooLarge(usize, bool),
    /// It is not UTF-8, and whether its first line names an interpreter.
    Binary(bool),
    /// Its content is not known, for this reason.
    Unknown(String),
}

impl fmt::Display for NoText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Irregular => f.write_str("it is a link or a submodule"),
            Self::TooLarge(bytes, _) => write!(f, "it is too large to be read: {bytes} bytes"),
            Self::Binary(_) => f.write_str("it is not UTF-8"),
            Self::Unknown(why) => write!(f, "it cannot be read: {why}"),
        }
    }
}

/// Reads a file as text: at most `most` bytes of UTF-8.
pub(super) fn text(side: &Side<'_>, item: &Item, most: usize) -> Result<Arc<str>, NoText> {
    if matches!(item.mode, Item::LINK | Item::SUBMODULE) {
        return Err(NoText::Irregular);
    }
    match (side.blob)(item) {
        Read::Known(bytes) if bytes.len() > most => Err(NoText::TooLarge(bytes.len(), bytes.starts_with(b"#!"))),
        Read::Known(bytes) => match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(NoText::Binary(bytes.starts_with(b"#!"))),
        },
        Read::Absent => Err(NoText::Unknown("its content is not there".into())),
        Read::Unreadable(why) => Err(NoText::Unknown(why.to_string())),
    }
}

impl File {
    fn read(side: &Side<'_>, path: &str, item: &Item) -> Self {
        let text = text(side, item, MAX_WORKFLOW).map_err(|why| why.to_string());
        let root = text.clone().and_then(|text| {
            let file = Arc::new(SourceText::new(path, text));
            yaml::parse_whole(&file).map_err(|e| e.message.replace(" by BuildStream", " here"))
        });
        Self { path: path.to_owned(), text, root }
    }

    /// The names of the workflows after which it runs. None where that is not known.
    fn listens(&self) -> Option<Vec<&str>> {
        let root = self.root.as_ref().ok()?;
        let Some(run) = root.get("on").and_then(|on| on.get("workflow_run")) else { return Some(Vec::new()) };
        let names = run.get("workflows")?;
        match names.as_list() {
            Some(names) => names.iter().map(Node::as_str).collect(),
            None => names.as_str().map(|name| vec![name]),
        }
    }

    /// Returns whether its text has one of these words, in any case. One that cannot be read may have them.
    pub(super) fn mentions(&self, words: &[&str]) -> bool {
        self.text.as_ref().map_or(true, |text| {
            let lower = text.to_ascii_lowercase();
            words.iter().any(|word| lower.contains(word))
        })
    }
}

impl State {
    /// Reads the workflows and actions of a state.
    pub(super) fn read(side: &Side<'_>) -> Self {
        let guarded = |(path, _): &(&str, &Item)| paths::is_workflow(path) || paths::is_action(path);
        let found: Vec<(&str, &Item)> = side.files.iter().filter(guarded).take(MAX_FILES + 1).collect();
        let complete = found.len() <= MAX_FILES;
        let files: Vec<File> = found.into_iter().map(|(path, item)| File::read(side, path, item)).collect();
        let named = if complete { names(side, &files) } else { None };
        let trusts = side.files.iter().any(|(path, _)| path.to_ascii_lowercase().starts_with(POLICIES));
        Self { files, named, complete, trusts }
    }

    /// A workflow or action by its path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The local action in a folder.
    pub(super) fn action(&self, folder: &str) -> Option<&File> {
        let slash = if folder.is_empty() { "" } else { "/" };
        ["action.yml", "action.yaml"].iter().find_map(|name| self.file(&format!("{folder}{slash}{name}")))
    }

    /// The workflows.
    pub(super) fn workflows(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| paths::is_workflow(&file.path))
    }

    /// All workflows and actions.
    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    /// Returns whether a workflow, an action or one of their scripts names a file, perhaps by its last part alone. What is
    /// not known is named.
    pub(super) fn names(&self, path: &str) -> bool {
        let last = path.rsplit('/').next().unwrap_or(path);
        self.named.as_ref().is_none_or(|named| named.contains(last))
    }

    /// Returns whether another workflow than that of `path` may read artifacts.
    pub(super) fn downloads_beside(&self, path: &str) -> bool {
        const WORDS: [&str; 4] = ["download-artifact", "run download", "downloadartifact", "/artifacts"];
        self.files.iter().any(|file| file.path != path && file.mentions(&WORDS))
    }

    /// Returns whether a workflow may run after every run of the one with this name; `all`: one that does not name
    /// cargo2-bot too.
    pub(super) fn listens_to(&self, name: &str, all: bool) -> bool {
        let relevant = |file: &&File| all || file.mentions(&["cargo2"]);
        let listens = |file: &File| file.listens().is_none_or(|names| names.contains(&name));
        self.workflows().filter(relevant).any(listens)
    }
}

/// The parts of the paths that workflows, actions and the scripts that they call name. None where a text is missing.
fn names(side: &Side<'_>, files: &[File]) -> Option<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for file in files {
        parts(file.text.as_ref().ok()?, &mut named);
    }
    let (mut read, mut links): (BTreeSet<&str>, BTreeSet<&str>) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..MAX_ROUNDS {
        let before = named.len();
        let script = |(path, item): &(&str, &Item)| super::scripts::is_script(path, item);
        for (path, item) in side.files.iter().filter(script) {
            let last = path.rsplit('/').next().unwrap_or(path);
            if named.contains(last) && !read.contains(path) {
                read.insert(path);
                if read.len() > MAX_SCRIPTS {
                    return None;
                }
                // One that is no text names nothing that is read here; a change of it is held for itself.
                if let Ok(text) = text(side, item, super::scripts::MAX_SCRIPT) {
                    parts(&text, &mut named);
                }
            }
        }
        for (path, item) in side.files.iter().filter(|(_, item)| item.mode == Item::LINK) {
            let last = path.rsplit('/').next().unwrap_or(path);
            if named.contains(last) && links.insert(path) {
                // Whoever names the link runs what it leads to.
                let Read::Known(target) = (side.blob)(item) else { return None };
                parts(&String::from_utf8_lossy(&target), &mut named);
            }
        }
        if named.len() == before {
            break;
        }
    }
    Some(named)
}

/// Adds the parts of everything in a text that could be a path.
fn parts(text: &str, named: &mut BTreeSet<String>) {
    let sign = |c: char| c.is_alphanumeric() || "_.-+@~%".contains(c);
    for part in text.split(|c| !sign(c)) {
        let part = part.trim_end_matches('.');
        if part.len() > 1 && !named.contains(part) {
            named.insert(part.to_owned());
        }
    }
}
