//! A workflow as it concerns tracking: its jobs, the entries of their matrices, the elements that scripts name.

use super::words::{self, Target, Word};
use crate::shell::workflow as shell;
use crate::text::{Location, SourceText, Span};
use crate::yaml::{self, Node, Style, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How large a workflow may be, in bytes. The largest real tracker has 100 KB.
pub const MAX_WORKFLOW: usize = 1 << 20;

/// How many entries one workflow may have.
pub const MAX_ENTRIES: usize = 5_000;

/// Why a workflow is not read.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// A workflow.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Its file.
    pub file: Arc<SourceText>,
    /// The whole tree.
    pub root: Node,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// The groups that `workflow_dispatch` offers: a list.
    pub offered: Option<Node>,
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub name: String,
    /// Where its id stands.
    pub key: Span,
    /// All of it.
    pub node: Node,
    /// What its matrix is.
    pub matrix: Matrix,
    /// The entries that track something.
    pub entries: Vec<MatrixEntry>,
    /// The elements that its scripts name.
    pub named: BTreeSet<String>,
    /// The elements that its scripts leave out.
    pub excluded: BTreeSet<String>,
    /// What its scripts track by themselves.
    pub tracks: Tracks,
    /// Whether its scripts look into folders below folders.
    pub deep: bool,
}

/// The kinds of matrices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// None, or one that tracks nothing.
    None,
    /// Entries that stand in the file.
    Static,
    /// It is made when the workflow runs: this says how.
    Dynamic(Span),
}

/// What the scripts of a job track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracks {
    /// Nothing, or what entries name.
    Nothing,
    /// The elements that they name.
    Named,
    /// All elements of the project.
    All,
}

/// An entry of a matrix.
#[derive(Clone, Debug)]
pub struct MatrixEntry {
    /// All of it.
    pub node: Node,
    /// Which key names the elements.
    pub key: Option<String>,
    /// What it tracks.
    pub words: Vec<Word>,
}

/// What is said about merging an entry's pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It merges by itself.
    Auto,
    /// A human merges it.
    Manual,
    /// Nothing is said.
    Open,
}

/// The keys that name what an entry tracks, in the order of their right.
const ELEMENT_KEYS: [&str; 6] = ["element", "elements", "paths", "path", "bst", "target"];

/// The keys that say whether an entry merges by itself.
const FLAG_KEYS: [&str; 5] = ["auto_merge", "automerge", "auto-merge", "autoMerge", "merge"];

/// What a group's name says. Groups in the wild are called `auto-merge` and `manual-merge`.
#[must_use]
pub fn policy_of_group(name: &str) -> Policy {
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    if name.contains("manual") || name.contains("review") {
        Policy::Manual
    } else if name.contains("automerge") || name == "auto" || name == "automatic" {
        Policy::Auto
    } else {
        Policy::Open
    }
}

impl Job {
    /// Whether its scripts open pull requests.
    #[must_use]
    pub fn opens(&self) -> bool {
        let text = self.node.file.text.get(self.node.span.start..self.node.span.end).unwrap_or_default();
        text.contains("gh pr create") || text.contains("create-pull-request")
    }
}

impl MatrixEntry {
    /// The node that names the group.
    #[must_use]
    pub fn group(&self) -> Option<&Node> {
        self.node.get("group").filter(|n| n.as_str().is_some())
    }

    /// The node that says whether it merges by itself, and what it says.
    #[must_use]
    pub fn flag(&self) -> Option<(&Node, bool)> {
        let node = FLAG_KEYS.iter().find_map(|key| self.node.get(key))?;
        match node.as_str()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some((node, true)),
            "false" | "no" | "off" => Some((node, false)),
            _ => None,
        }
    }

    /// What its group and its flag say. A flag that is on wins: it is what scripts look at.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let group = self.group().and_then(Node::as_str).map_or(Policy::Open, policy_of_group);
        match self.flag() {
            Some((_, true)) => Policy::Auto,
            Some((_, false)) if group == Policy::Open => Policy::Manual,
            _ => group,
        }
    }

    /// The text of a key.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.node.get_str(key)
    }

    /// The elements that it names, folders and patterns aside.
    pub fn elements(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(|w| if let Target::Element(name) = &w.target { Some(name.as_str()) } else { None })
    }
}

/// Reads a workflow.
///
/// # Errors
/// When it is too large, not YAML, or written with what is not read here.
pub fn read(file: &Arc<SourceText>, element_path: &str) -> Result<Workflow, Unreadable> {
    let whole = |message: String| Unreadable { message, location: Location::file(&file.path) };
    if file.text.len() > MAX_WORKFLOW {
        return Err(whole(format!("it has {} bytes; more than {MAX_WORKFLOW} are not read", file.text.len())));
    }
    let root = yaml::parse_whole(file).map_err(|e| {
        let message = e.message.replace(" by BuildStream", " here");
        Unreadable { message, location: e.location }
    })?;
    let jobs = root.get("jobs").and_then(Node::as_map).unwrap_or_default();
    let jobs: Vec<Job> = jobs.iter().map(|(key, node)| job(key, node, element_path)).collect();
    if jobs.iter().map(|j| j.entries.iter().map(|e| e.words.len()).sum::<usize>()).sum::<usize>() > MAX_ENTRIES {
        return Err(whole(format!("its matrices name more than {MAX_ENTRIES} elements")));
    }
    let offered = offered(&root);
    Ok(Workflow { file: file.clone(), root, jobs, offered })
}

/// The options of the input that chooses the group.
fn offered(root: &Node) -> Option<Node> {
    let inputs = root.get("on")?.get("workflow_dispatch")?.get("inputs")?;
    let choice = |input: &Node| input.get("options").filter(|o| o.as_list().is_some()).cloned();
    inputs.get("group").and_then(choice)
}

fn job(key: &Node, node: &Node, element_path: &str) -> Job {
    let mut job = Job {
        name: key.as_str().unwrap_or_default().to_owned(),
        key: key.span,
        node: node.clone(),
        matrix: Matrix::None,
        entries: Vec::new(),
        named: BTreeSet::new(),
        excluded: BTreeSet::new(),
        tracks: Tracks::Nothing,
        deep: false,
    };
    if let Some(matrix) = node.get("strategy").and_then(|s| s.get("matrix")) {
        read_matrix(&mut job, matrix, element_path);
    }
    for (name, value) in node.as_map().unwrap_or_default() {
        if name.as_str() != Some("strategy") {
            read_scripts(&mut job, value, element_path);
        }
    }
    let excluded = std::mem::take(&mut job.excluded);
    job.named.retain(|name| !excluded.contains(name));
    job.excluded = excluded;
    job
}

fn read_matrix(job: &mut Job, matrix: &Node, element_path: &str) {
    let dynamic = |n: &Node| n.as_str().is_some_and(|t| t.contains("${{"));
    let mut parts = vec![matrix];
    parts.extend(matrix.as_map().unwrap_or_default().iter().map(|(_, v)| v));
    for part in parts {
        if dynamic(part) {
            job.matrix = Matrix::Dynamic(part.span);
        }
    }
    for item in matrix.get("include").and_then(Node::as_list).unwrap_or_default() {
        let found = ELEMENT_KEYS.iter().find_map(|key| Some((*key, item.get(key)?)));
        if let Some((key, value)) = found {
            let words = words::read(value, element_path);
            job.entries.push(MatrixEntry { node: item.clone(), key: Some(key.to_owned()), words });
        }
    }
    for (key, axis) in matrix.as_map().unwrap_or_default() {
        if key.as_str().is_some_and(|k| ELEMENT_KEYS.contains(&k)) {
            let items = axis.as_list().unwrap_or_default().iter();
            let entries =
                items.map(|i| MatrixEntry { node: i.clone(), key: None, words: words::read(i, element_path) });
            job.entries.extend(entries);
        }
    }
    if !job.entries.is_empty() && job.matrix == Matrix::None {
        job.matrix = Matrix::Static;
    }
    let undecided = job.entries.iter().flat_map(|e| &e.words).find(|w| w.target == Target::Dynamic);
    if let (Some(word), Matrix::Static) = (undecided, &job.matrix) {
        job.matrix = Matrix::Dynamic(word.span);
    }
}

/// Notes the elements that the texts of a job name. Recursion is bounded by the depth of the tree.
fn read_scripts(job: &mut Job, node: &Node, element_path: &str) {
    match &node.value {
        Value::Scalar(text, style) if *style == Style::Block || text.contains(".bst") || text.contains("track") => {
            for line in shell::logical_lines(text) {
                read_line(job, &line, element_path);
            }
        }
        Value::List(items, _) => items.iter().for_each(|n| read_scripts(job, n, element_path)),
        Value::Map(pairs, _) => pairs.iter().for_each(|(_, v)| read_scripts(job, v, element_path)),
        _ => {}
    }
}

fn read_line(job: &mut Job, line: &str, element_path: &str) {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '+' | '@' | '-' | '$' | '=');
    let words = || line.split(|c: char| !part(c)).filter(|word| !word.is_empty());
    // `TRACK_EXCLUDE="a.bst b.bst"` and `--except a.bst` are what trackers write.
    let left_out = words().any(|word| word.contains("EXCLUDE=") || word.contains("SKIP="));
    let mut except = false;
    for word in words() {
        except |= word.starts_with("--except");
        if let Target::Element(name) = words::target(word.rsplit('=').next().unwrap_or_default(), element_path) {
            if left_out || except {
                job.excluded.insert(name)
            } else {
                job.named.insert(name)
            };
        }
        except = word == "--except";
    }
    job.deep |= line.contains("find ") || line.contains("globstar") || line.contains("/**");
    if line.trim_start().starts_with("echo") {
        return;
    }
    if let Some((_, arguments)) = line.split_once("source track") {
        let arguments: Vec<&str> =
            arguments.split_whitespace().take_while(|a| !a.starts_with([';', '|', '&'])).collect();
        let value = |i: usize| i > 0 && arguments[i - 1].starts_with("--") && !arguments[i - 1].contains('=');
        let named = arguments.iter().enumerate().any(|(i, a)| !a.starts_with(['-', '>', '2']) && !value(i));
        if job.tracks != Tracks::All {
            job.tracks = if named { Tracks::Named } else { Tracks::All };
        }
    } else if line.contains("track-all") {
        job.tracks = Tracks::All;
    }
}

#[cfg(test)]
mod tests;
