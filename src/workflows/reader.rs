//! A workflow as it concerns tracking: its jobs, the entries of their matrices, the elements that scripts name.

use super::job::{Job, Tracks};
use super::matrix::{Matrix, MatrixEntry};
use super::tracking;
use super::words::{self, Target};
use crate::finding::read;
use crate::text::{Location, SourceText};
use crate::yaml::{self, Node};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// The maximum size of a workflow, in bytes. The largest real tracker has 100 KB.
pub const MAX_WORKFLOW: usize = 1 << 20;

/// The maximum number of entries that one workflow may have.
pub const MAX_ENTRIES: usize = 5_000;

/// The keys that name what an entry tracks, in the order of their right.
const ELEMENT_KEYS: [&str; 6] = ["element", "elements", "paths", "path", "bst", "target"];

/// Why a workflow is not read.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The reason.
    pub reason: Reason,
    /// Where.
    pub location: Location,
}

/// The reasons why a workflow is not read. They read as lower-case fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its file cannot be read.
    File(read::Unreadable),
    /// It has this many bytes.
    TooLarge(usize),
    /// Its matrices name too many elements.
    TooManyElements,
    /// It is no YAML, or YAML that is not read here.
    Yaml(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => write!(f, "it has {bytes} bytes; more than {MAX_WORKFLOW} are not read"),
            Self::TooManyElements => write!(f, "its matrices name more than {MAX_ENTRIES} elements"),
            Self::File(why) => why.fmt(f),
            Self::Yaml(why) => f.write_str(why),
        }
    }
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

/// Reads a workflow.
///
/// # Errors
/// When it is too large, not YAML, or written with what is not read here.
pub fn read(file: &Arc<SourceText>, element_path: &str) -> Result<Workflow, Unreadable> {
    let whole = |reason| Unreadable { reason, location: Location::file(&file.path) };
    if file.text.len() > MAX_WORKFLOW {
        return Err(whole(Reason::TooLarge(file.text.len())));
    }
    let root = yaml::parse_whole(file).map_err(|e| {
        let reason = Reason::Yaml(e.message.replace(" by BuildStream", " here"));
        Unreadable { reason, location: e.location }
    })?;
    let jobs = root.get("jobs").and_then(Node::as_map).unwrap_or_default();
    let jobs: Vec<Job> = jobs.iter().map(|(key, node)| job(key, node, element_path)).collect();
    if jobs.iter().map(|j| j.entries.iter().map(|e| e.words.len()).sum::<usize>()).sum::<usize>() > MAX_ENTRIES {
        return Err(whole(Reason::TooManyElements));
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
            tracking::read(&mut job, value, element_path);
        }
    }
    let excluded = std::mem::take(&mut job.excluded);
    job.named.retain(|name| !excluded.contains(name));
    job.excluded = excluded;
    job
}

/// Reads the entries that track something.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::matrix::Policy;

    fn workflow(text: &str) -> Workflow {
        read(&Arc::new(SourceText::new("w.yml", text)), "elements").unwrap()
    }

    /// The first job of a workflow whose job has these lines.
    fn only_job(lines: &str) -> Job {
        let lines: String = lines.lines().map(|l| format!("    {l}\n")).collect();
        workflow(&format!("jobs:\n  j:\n{lines}")).jobs.remove(0)
    }

    fn matrix(include: &str) -> Job {
        only_job(&format!(
            "strategy:\n  matrix:\n    include:\n{}",
            include.lines().map(|l| format!("    {l}\n")).collect::<String>()
        ))
    }

    #[test]
    fn groups_and_flags_say_what_merges() {
        let policy = |keys: &str| matrix(&format!("- element: a.bst\n{keys}")).entries[0].policy();
        assert_eq!(policy("  group: auto-merge\n"), Policy::Auto);
        assert_eq!(policy("  group: 'Manual_Merge'\n"), Policy::Manual);
        assert_eq!(policy("  group: bluefin\n"), Policy::Open);
        assert_eq!(policy("  group: manual-merge\n  auto_merge: true\n"), Policy::Auto);
        assert_eq!(policy("  group: elements\n  automerge: false\n"), Policy::Manual);
        assert_eq!(policy(""), Policy::Open);
    }

    #[test]
    fn a_matrix_that_is_made_while_running_is_dynamic() {
        for dynamic in [
            "matrix: ${{ fromJSON(needs.a.outputs.m) }}",
            "matrix:\n    include: ${{ fromJSON(x) }}",
            "matrix:\n    include:\n    - element: ${{ inputs.e }}",
        ] {
            let job = only_job(&format!("strategy:\n  {dynamic}\n"));
            assert!(matches!(job.matrix, Matrix::Dynamic(_)), "{dynamic}");
        }
        assert_eq!(only_job("strategy:\n  matrix:\n    arch: [a, b]\n").matrix, Matrix::None);
    }

    #[test]
    fn an_axis_of_elements_is_a_list_of_entries() {
        let job = only_job("strategy:\n  matrix:\n    element: [a.bst, elements/b.bst]\n");
        assert_eq!(job.entries.iter().flat_map(MatrixEntry::elements).collect::<Vec<_>>(), ["a.bst", "b.bst"]);
    }

    #[test]
    fn scripts_name_elements_and_leave_some_out() {
        let job = only_job(
            "steps:\n- run: |\n    # c.bst\n    F=\"elements/a.bst\"\n    TRACK_EXCLUDE=\"d.bst x/e.bst\"\n    bst source track --except f.bst x/b.bst\n    sed -i s/x/y/ \"$F\"\n",
        );
        assert_eq!(job.named.iter().collect::<Vec<_>>(), ["a.bst", "x/b.bst"]);
        assert_eq!(job.excluded.iter().collect::<Vec<_>>(), ["d.bst", "f.bst", "x/e.bst"]);
    }

    #[test]
    fn tracking_without_names_tracks_all() {
        let tracks = |command: &str| only_job(&format!("steps:\n- run: |\n    {command}\n")).tracks;
        assert_eq!(tracks("bst source track \\\n      --except a.bst"), Tracks::All);
        assert_eq!(tracks("just track-all"), Tracks::All);
        assert_eq!(tracks("bst source track $ELEMENTS"), Tracks::Named);
        assert_eq!(tracks("bst source track --deps=none a.bst"), Tracks::Named);
        assert_eq!(tracks("echo source tracking"), Tracks::Nothing);
    }

    #[test]
    fn scripts_that_look_into_folders_of_folders_are_deep() {
        let deep = |command: &str| only_job(&format!("steps:\n- run: |\n    {command}\n")).deep;
        assert!(deep("find elements -name x") && deep("shopt -s globstar") && deep("ls elements/**"));
        assert!(!deep("ls elements/*"));
    }

    #[test]
    fn what_is_too_large_or_no_yaml_is_refused() {
        let error = |text: String| read(&Arc::new(SourceText::new("w.yml", text)), "").unwrap_err().reason.to_string();
        assert!(error("# x\n".repeat(300_000)).contains("more than 1048576 are not read"));
        assert_eq!(error("a: &x 1\n".into()), "anchors and tags are not read here");
        let many = format!(
            "jobs:\n  j:\n    strategy:\n      matrix:\n        include:\n        - elements: {}\n",
            "a.bst ".repeat(6000)
        );
        assert!(error(many).contains("more than 5000 elements"));
    }

    #[test]
    fn the_groups_that_are_offered_are_found() {
        let text = "on:\n  workflow_dispatch:\n    inputs:\n      group:\n        options: [all, x]\njobs: {}\n";
        assert_eq!(workflow(text).offered.unwrap().as_list().unwrap().len(), 2);
        assert!(workflow("on: push\n").offered.is_none());
    }
}
