//! What a workflow may do by its permissions, secrets and names, whatever its steps are, and on which machines.

use super::state::File;
use crate::github::checks::BLOCK;
use crate::workflows::HOLD;
use crate::yaml::{Node, Value};
use std::collections::BTreeSet;

/// The names under which the bot's checks appear.
const CHECKS: [&str; 2] = [HOLD, BLOCK];

const WORKFLOW_KEYS: [&str; 8] = ["name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"];

/// Not among them: `environment`, `secrets`, `uses`, `snapshot`.
const JOB_KEYS: [&str; 15] = [
    "name",
    "needs",
    "permissions",
    "runs-on",
    "if",
    "env",
    "defaults",
    "steps",
    "strategy",
    "timeout-minutes",
    "continue-on-error",
    "outputs",
    "concurrency",
    "container",
    "services",
];

/// Permissions with which nothing is pushed, approved or merged on GitHub, and no check is written. What somebody else grants for
/// them is another matter: see [`Around`](super::around::Around) for what is known of that, and SECURITY.md for a cloud that
/// trusts the identity of this repository's workflows.
const OTHERS: [&str; 5] = ["attestations", "id-token", "packages", "pages", "security-events"];

/// The rights of a workflow that can neither push, approve, merge nor write checks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rights {
    /// Whether it may publish packages and images.
    pub packages: bool,
    /// Whether it may ask for a token that proves its identity to others.
    pub identity: bool,
    /// The machines of its jobs.
    pub machines: Vec<Machines>,
}

/// The machines on which a job may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Machines {
    /// New ones of GitHub, for this job alone.
    Hosted,
    /// Others with all of these labels, in lower case.
    Labelled(BTreeSet<String>),
    /// Not known.
    Unknown,
}

/// The labels that a runner of one's own has without being given any.
const DEFAULT_LABELS: [&str; 7] = ["arm", "arm64", "linux", "macos", "self-hosted", "windows", "x64"];

impl Machines {
    /// Reads `runs-on`.
    fn of(runner: &Node) -> Self {
        let one = std::slice::from_ref(runner);
        let labels: Option<Vec<&str>> = match runner.as_list() {
            Some(labels) => labels.iter().map(Node::as_str).collect(),
            None => one.iter().map(Node::as_str).collect(),
        };
        let is_literal = |label: &&str| !label.trim().is_empty() && !label.contains("${{");
        match labels {
            Some(labels) if matches!(labels.as_slice(), [label] if is_hosted(label)) => Self::Hosted,
            Some(labels) if !labels.is_empty() && labels.iter().all(is_literal) => {
                Self::Labelled(labels.iter().map(|label| label.trim().to_ascii_lowercase()).collect())
            }
            _ => Self::Unknown,
        }
    }

    /// Returns whether what one job leaves behind may be there for a job on `other`.
    pub(super) fn meet(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Hosted, _) | (_, Self::Hosted) => false,
            (Self::Unknown, _) | (_, Self::Unknown) => true,
            (Self::Labelled(own), Self::Labelled(other)) => {
                // One with only such labels is taken by every runner of one's own, whatever else that is called.
                let any = |labels: &BTreeSet<String>| labels.iter().all(|label| DEFAULT_LABELS.contains(&&**label));
                !own.is_disjoint(other) || any(own) || any(other)
            }
        }
    }
}

/// The machines of all jobs of a workflow.
pub(super) fn machines(root: &Node) -> Vec<Machines> {
    match root.get("jobs").and_then(Node::as_map) {
        Some(jobs) => jobs.iter().map(|(_, job)| job.get("runs-on").map_or(Machines::Unknown, Machines::of)).collect(),
        None => vec![Machines::Unknown],
    }
}

/// The rights of a workflow, or why it may push, approve, merge or write checks.
pub(super) fn of(file: &File) -> Result<Rights, String> {
    let root = file.root.as_ref().map_err(Clone::clone)?;
    if file.mentions(&["cargo2"]) || scalars(root).iter().any(|(_, text)| text.to_ascii_lowercase().contains("cargo2"))
    {
        return Err("it names cargo2".into());
    }
    only(root, &WORKFLOW_KEYS, "the workflow")?;
    secrets(root)?;
    let jobs = root.get("jobs").and_then(Node::as_map).ok_or("its jobs are not read")?;
    let mut rights = Rights { machines: machines(root), ..Rights::default() };
    for (key, job) in jobs {
        let id = key.as_str().unwrap_or_default();
        rights.job(id, job, root).map_err(|why| format!("in the job `{id}` {why}"))?;
    }
    Ok(rights)
}

impl Rights {
    fn job(&mut self, id: &str, job: &Node, root: &Node) -> Result<(), String> {
        only(job, &JOB_KEYS, "it")?;
        let permissions = job.get("permissions").or_else(|| root.get("permissions"));
        self.permissions(permissions.ok_or("no permissions are named")?)?;
        let name = job.get("name").map_or(Some(id), Node::as_str).ok_or("the name is not read")?;
        if CHECKS.iter().any(|check| could_be(name, check)) {
            return Err("the name could be that of a check of cargo2-bot".into());
        }
        job.get("runs-on").map(|_| ()).ok_or_else(|| "no runner is named".into())
    }

    fn permissions(&mut self, permissions: &Node) -> Result<(), String> {
        let harmless = match &permissions.value {
            Value::Scalar(all, _) => &**all == "read-all",
            Value::Map(pairs, _) => pairs.iter().all(|(name, value)| match (name.as_str(), value.as_str()) {
                (_, Some("read" | "none")) => true,
                (Some(name), Some("write")) if OTHERS.contains(&name) => {
                    self.packages |= name == "packages";
                    self.identity |= name == "id-token";
                    true
                }
                _ => false,
            }),
            _ => false,
        };
        if harmless { Ok(()) } else { Err("the permissions are not read-only".into()) }
    }
}

/// Returns whether a label is that of a runner of GitHub: a system and its version.
fn is_hosted(label: &str) -> bool {
    label.split_once('-').is_some_and(|(system, version)| {
        let mut parts = version.split('-');
        let first = parts.next().unwrap_or_default();
        let number =
            first.starts_with(|c: char| c.is_ascii_digit()) && first.chars().all(|c| c.is_ascii_digit() || c == '.');
        matches!(system, "ubuntu" | "windows" | "macos")
            && (number || matches!(first, "latest" | "slim"))
            && parts.all(|part| part == "arm" || (system == "macos" && matches!(part, "intel" | "large" | "xlarge")))
    })
}

/// All scalars of a tree, keys too, and the key of each.
pub(super) fn scalars(root: &Node) -> Vec<(Option<&str>, &str)> {
    let (mut found, mut open) = (Vec::new(), vec![(None, root)]);
    while let Some((key, node)) = open.pop() {
        match &node.value {
            Value::Scalar(text, _) => found.push((key, &**text)),
            Value::List(items, _) => open.extend(items.iter().map(|item| (key, item))),
            Value::Map(pairs, _) => {
                for (name, value) in pairs {
                    open.extend([(None, name), (name.as_str(), value)]);
                }
            }
            Value::Lifted(_) => found.push((key, node.lifted_text())),
        }
    }
    found
}

/// Refuses keys that are not understood.
pub(super) fn only(node: &Node, known: &[&str], what: &str) -> Result<(), String> {
    let pairs = node.as_map().ok_or_else(|| format!("{what} is not read"))?;
    let other = pairs.iter().find(|(key, _)| key.as_str().is_none_or(|key| !known.contains(&key)));
    other.map_or(Ok(()), |(key, _)| Err(format!("{what} has `{}`", key.as_str().unwrap_or("?"))))
}

/// Refuses every secret but the workflow's token.
pub(super) fn secrets(root: &Node) -> Result<(), String> {
    for (key, text) in scalars(root) {
        let lower = text.to_ascii_lowercase();
        let mut inside: Vec<&str> =
            lower.split("${{").skip(1).map(|part| part.split("}}").next().unwrap_or_default()).collect();
        if key == Some("if") {
            inside.push(&lower);
        }
        for part in inside {
            for (at, word) in part.match_indices("secrets") {
                let rest = &part[at + word.len()..];
                let token = rest.strip_prefix(".github_token").is_some_and(|rest| !rest.starts_with(is_name));
                let other_word = part[..at].ends_with(|c: char| is_name(c) || c == '.') || rest.starts_with(is_name);
                if !token && !other_word {
                    return Err("it gets a secret".into());
                }
            }
        }
    }
    Ok(())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Returns whether a name with expressions could become another name.
fn could_be(name: &str, wanted: &str) -> bool {
    let mut rest = wanted.to_ascii_lowercase();
    let lower = name.trim().to_ascii_lowercase();
    let mut literals = lower.split("${{").enumerate().map(|(at, part)| match at {
        0 => part,
        _ => part.split_once("}}").map_or("", |(_, after)| after),
    });
    let first = literals.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after.to_owned();
    let literals: Vec<&str> = literals.collect();
    let Some((last, middle)) = literals.split_last() else { return rest.is_empty() };
    for literal in middle {
        let Some(at) = rest.find(literal) else { return false };
        rest = rest.split_off(at + literal.len());
    }
    rest.ends_with(last)
}
