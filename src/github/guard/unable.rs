//! The second proof: a version of a workflow or action that can write nothing. What is not understood may write.

use super::state::{File, State};
use crate::github::checks::BLOCK;
use crate::workflows::HOLD;
use crate::yaml::{Node, Value};
use std::collections::BTreeSet;

/// The names under which the bot's checks appear.
const CHECKS: [&str; 2] = [HOLD, BLOCK];

/// The events that start no workflow with more rights than its file says.
const EVENTS: [&str; 5] = ["push", "pull_request", "schedule", "workflow_dispatch", "merge_group"];

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

const STEP_KEYS: [&str; 10] =
    ["id", "if", "name", "uses", "run", "with", "env", "continue-on-error", "timeout-minutes", "shell"];

const ACTION_KEYS: [&str; 7] = ["name", "description", "author", "inputs", "outputs", "runs", "branding"];

/// The nesting depth of local actions.
const MAX_DEPTH: usize = 5;

/// The actions that are known to save no cache, and the input that must be off for it. Others may save one, which workflows
/// with more rights restore.
const ACTIONS: &[(&str, Option<&str>)] = &[
    ("actions/cache/restore", None),
    ("actions/checkout", None),
    ("actions/dependency-review-action", None),
    ("actions/download-artifact", None),
    ("actions/github-script", None),
    ("actions/upload-artifact", None),
    // These save one by default.
    ("actions/setup-go", Some("cache")),
    ("actions/setup-node", Some("package-manager-cache")),
    ("astral-sh/setup-uv", Some("enable-cache")),
    ("docker/setup-buildx-action", Some("cache-binary")),
    ("jdx/mise-action", Some("cache")),
    // And these only with `cache`, which is looked at for all.
    ("actions/setup-dotnet", None),
    ("actions/setup-java", None),
    ("actions/setup-python", None),
    ("crate-ci/typos", None),
    ("dtolnay/rust-toolchain", None),
    ("extractions/setup-just", None),
    ("jlumbroso/free-disk-space", None),
    ("sigstore/cosign-installer", None),
    ("ublue-os/remove-unwanted-software", None),
];

/// One version of a file, and what is around it.
pub(super) struct Version<'a> {
    /// The state that it is in.
    pub state: &'a State,
    /// The state before the change: which pins are known.
    pub before: &'a State,
    /// Whether other workflows of either state may read artifacts.
    pub artifacts: bool,
}

impl Version<'_> {
    /// Returns why a workflow may write something.
    pub(super) fn workflow(&self, file: &File) -> Result<(), String> {
        let root = file.root.as_ref().map_err(Clone::clone)?;
        if file.mentions(&["cargo2"])
            || scalars(root).iter().any(|(_, text)| text.to_ascii_lowercase().contains("cargo2"))
        {
            return Err("it names cargo2".into());
        }
        only(root, &WORKFLOW_KEYS, "the workflow")?;
        events(root.get("on"))?;
        secrets(root)?;
        let jobs = root.get("jobs").and_then(Node::as_map).ok_or("its jobs are not read")?;
        jobs.iter().try_for_each(|(key, job)| {
            let id = key.as_str().unwrap_or_default();
            self.job(id, job, root).map_err(|why| format!("in the job `{id}` {why}"))
        })
    }

    fn job(&self, id: &str, job: &Node, root: &Node) -> Result<(), String> {
        only(job, &JOB_KEYS, "it")?;
        let permissions = job.get("permissions").or_else(|| root.get("permissions"));
        read_only(permissions.ok_or("no permissions are named")?)?;
        let name = job.get("name").map_or(Some(id), Node::as_str).ok_or("the name is not read")?;
        if CHECKS.iter().any(|check| could_be(name, check)) {
            return Err("the name could be that of a check of cargo2-bot".into());
        }
        hosted(job.get("runs-on").ok_or("no runner is named")?)?;
        self.steps(job.get("steps"), 0)
    }

    fn steps(&self, steps: Option<&Node>, depth: usize) -> Result<(), String> {
        let steps = steps.and_then(Node::as_list).ok_or("the steps are not read")?;
        steps.iter().try_for_each(|step| self.step(step, depth))
    }

    fn step(&self, step: &Node, depth: usize) -> Result<(), String> {
        only(step, &STEP_KEYS.iter().copied().chain(["working-directory"]).collect::<Vec<_>>(), "a step")?;
        let Some(uses) = step.get("uses") else {
            return step.get_str("run").map(|_| ()).ok_or_else(|| "a step is not read".into());
        };
        let uses = uses.as_str().ok_or("a step is not read")?;
        if let Some(path) = uses.strip_prefix("./").or_else(|| uses.strip_prefix("$/")) {
            return self.local(path, depth);
        }
        let (name, pin) = uses.split_once('@').ok_or_else(|| format!("`{uses}` is not read"))?;
        let lower = name.to_ascii_lowercase();
        let Some((_, switch)) = ACTIONS.iter().find(|(known, _)| *known == lower) else {
            return Err(format!("`{name}` is not known to save no cache"));
        };
        let input = |key: &str| {
            let inputs = step.get("with").and_then(Node::as_map).unwrap_or_default();
            inputs.iter().find(|(own, _)| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(key))).map(|(_, v)| v)
        };
        let off = |value: Option<&Node>| value.and_then(Node::as_str).is_some_and(|text| matches!(text, "false" | ""));
        if switch.is_some_and(|key| !off(input(key))) || input("cache").is_some_and(|value| !off(Some(value))) {
            return Err(format!("`{name}` saves a cache"));
        }
        if lower == "actions/upload-artifact" && self.artifacts {
            return Err("an artifact is uploaded, and another workflow may read it".into());
        }
        // Commits of forks and pull requests are served under this name as well.
        let may_be_foreign = pin.contains('/') || (pin.len() >= 7 && pin.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if may_be_foreign && !self.known(uses) {
            return Err(format!("the ref of `{name}` is new"));
        }
        Ok(())
    }

    /// Returns whether the state before has an action at the same ref.
    fn known(&self, uses: &str) -> bool {
        let has = |file: &File| file.root.as_ref().is_ok_and(|root| used(root).contains(uses));
        self.before.files().iter().any(has)
    }

    fn local(&self, path: &str, depth: usize) -> Result<(), String> {
        let folder = path.trim_end_matches('/');
        let file = self.state.action(folder).ok_or_else(|| format!("the action `./{path}` is not found"))?;
        self.action(file, depth + 1)
    }

    /// Returns why an action may write something that its workflow may not.
    pub(super) fn action(&self, file: &File, depth: usize) -> Result<(), String> {
        let root = file.root.as_ref().map_err(Clone::clone)?;
        if depth > MAX_DEPTH {
            return Err("actions use each other".into());
        }
        only(root, &ACTION_KEYS, "the action")?;
        secrets(root)?;
        let runs = root.get("runs").ok_or("the action is not read")?;
        if runs.get_str("using") != Some("composite") {
            return Err(format!("`{}` is a program of its own", file.path));
        }
        only(runs, &["using", "steps"], "the action")?;
        self.steps(runs.get("steps"), depth)
    }
}

/// What a workflow or action uses.
pub(super) fn used(root: &Node) -> BTreeSet<&str> {
    scalars(root).into_iter().filter(|(key, _)| *key == Some("uses")).map(|(_, text)| text).collect()
}

/// All scalars of a tree, keys too, and the key of each.
fn scalars(root: &Node) -> Vec<(Option<&str>, &str)> {
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
fn only(node: &Node, known: &[&str], what: &str) -> Result<(), String> {
    let pairs = node.as_map().ok_or_else(|| format!("{what} is not read"))?;
    let other = pairs.iter().find(|(key, _)| key.as_str().is_none_or(|key| !known.contains(&key)));
    other.map_or(Ok(()), |(key, _)| Err(format!("{what} has `{}`", key.as_str().unwrap_or("?"))))
}

fn events(on: Option<&Node>) -> Result<(), String> {
    let names: Option<Vec<&str>> = match on.map(|on| &on.value) {
        Some(Value::Scalar(name, _)) => Some(vec![name]),
        Some(Value::List(names, _)) => names.iter().map(Node::as_str).collect(),
        Some(Value::Map(pairs, _)) => pairs.iter().map(|(name, _)| name.as_str()).collect(),
        _ => None,
    };
    let names = names.filter(|names| !names.is_empty()).ok_or("its events are not read")?;
    let other = names.iter().find(|name| !EVENTS.contains(name));
    other.map_or(Ok(()), |name| Err(format!("it runs on `{name}`")))
}

fn read_only(permissions: &Node) -> Result<(), String> {
    let reads = match &permissions.value {
        Value::Scalar(all, _) => &**all == "read-all",
        Value::Map(pairs, _) => pairs.iter().all(|(_, value)| matches!(value.as_str(), Some("read" | "none"))),
        _ => false,
    };
    if reads { Ok(()) } else { Err("the permissions are not read-only".into()) }
}

/// A runner of GitHub, by its label: a system and its version.
fn hosted(runner: &Node) -> Result<(), String> {
    let label = match runner.as_list() {
        Some([label]) => label.as_str(),
        _ => runner.as_str(),
    };
    let is_hosted = label.and_then(|label| label.split_once('-')).is_some_and(|(system, version)| {
        let mut parts = version.split('-');
        let first = parts.next().unwrap_or_default();
        let number =
            first.starts_with(|c: char| c.is_ascii_digit()) && first.chars().all(|c| c.is_ascii_digit() || c == '.');
        matches!(system, "ubuntu" | "windows" | "macos")
            && (number || matches!(first, "latest" | "slim"))
            && parts.all(|part| part == "arm" || (system == "macos" && matches!(part, "intel" | "large" | "xlarge")))
    });
    if is_hosted { Ok(()) } else { Err("the runner is not known to be one of GitHub's".into()) }
}

/// Refuses every secret but the workflow's token.
fn secrets(root: &Node) -> Result<(), String> {
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
