//! The second proof: a version of a workflow or action that can write nothing. What is not understood may write.

use super::around::Around;
use super::rights::{self, only, scalars, secrets};
use super::state::{File, State};
use crate::yaml::{Node, Value};
use std::collections::BTreeSet;

/// The events that start no workflow with more rights than its file says.
const EVENTS: [&str; 5] = ["push", "pull_request", "schedule", "workflow_dispatch", "merge_group"];

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
    /// The workflows of both states that can write.
    pub around: &'a Around,
    /// Whether other workflows of either state may read artifacts.
    pub artifacts: bool,
}

impl Version<'_> {
    /// Returns why a workflow may write something.
    pub(super) fn workflow(&self, file: &File) -> Result<(), String> {
        let rights = rights::of(file)?;
        let root = file.root.as_ref().map_err(Clone::clone)?;
        events(root.get("on"))?;
        self.around.allow(&rights)?;
        let jobs = root.get("jobs").and_then(Node::as_map).ok_or("its jobs are not read")?;
        jobs.iter().try_for_each(|(key, job)| {
            let id = key.as_str().unwrap_or_default();
            self.steps(job.get("steps"), 0).map_err(|why| format!("in the job `{id}` {why}"))
        })
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
