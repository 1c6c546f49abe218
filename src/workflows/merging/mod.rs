//! Which steps of a job merge pull requests, and for which entries of its matrix.

pub(crate) mod commands;

use super::expressions::{evaluate, interpolate};
use super::job::Job;
use super::matrix::MatrixEntry;
use crate::shell::Simple;
use crate::text::Span;
use crate::workflows::script::walk;
use crate::workflows::values::{AbstractValue, Tri};
use crate::yaml::{Node, Style, Value};
use commands::Action;
use std::collections::HashMap;

/// The size of the text that is read for the entries of one job, in bytes: scripts are read once for each entry.
const MAX_WORK: usize = 32 << 20;

/// The number of steps of one job that are kept.
const MAX_STEPS: usize = 200;

/// A command or an action of a job that merges pull requests, or runs what is not read here.
#[derive(Clone, Debug)]
pub struct JobStep {
    /// Its place in the workflow.
    pub span: Span,
    /// Its action.
    pub action: Action,
    /// Whether it is reached, for each entry of the job; for a job without entries, one answer.
    pub reached: Vec<Tri>,
}

/// Actions whose whole purpose is to merge or to enable auto-merge, by a part of their name.
const ACTIONS: [&str; 5] = ["automerge", "auto-merge", "merge-me", "merge-pull-request", "merge-pr"];

/// The steps of a job that merge or run what is not read here. `environment` is the `env:` of the workflow.
#[must_use]
pub(crate) fn steps(job: &Job, environment: Option<&Node>) -> Vec<JobStep> {
    let none = [None];
    let all: Vec<Option<&MatrixEntry>> =
        if job.entries.is_empty() { none.to_vec() } else { job.entries.iter().map(Some).collect() };
    let size = job.node.span.end - job.node.span.start;
    let affordable = MAX_WORK / size.max(1);
    let mut out: Vec<JobStep> = Vec::new();
    for (index, entry) in all.iter().enumerate() {
        if index >= affordable {
            // Too much to look at: what merges for others may merge for this one.
            out.iter_mut().for_each(|step| step.reached.push(Tri::Unclear));
            continue;
        }
        let mut run = Run { entry: *entry, outputs: HashMap::new(), variables: HashMap::new(), found: Vec::new() };
        run.job(job, environment);
        for (span, action, reached) in run.found {
            let full = out.len() >= MAX_STEPS;
            let known = out.iter().rposition(|step| full || (step.span, &step.action) == (span, &action));
            let at = known.unwrap_or(out.len());
            if known.is_none() {
                out.push(JobStep { span, action, reached: vec![Tri::False; index] });
            }
            let step = &mut out[at];
            step.reached.resize(index + 1, Tri::False);
            step.reached[index] = step.reached[index].or(reached);
        }
        out.iter_mut().for_each(|step| step.reached.resize(index + 1, Tri::False));
    }
    out
}

/// One run of a job, for one entry.
struct Run<'a> {
    entry: Option<&'a MatrixEntry>,
    /// Outputs of steps, by their full name.
    outputs: HashMap<String, AbstractValue>,
    variables: HashMap<String, AbstractValue>,
    found: Vec<(Span, Action, Tri)>,
}

impl Run<'_> {
    fn lookup(&self, name: &str) -> Option<AbstractValue> {
        // Names of contexts are the same in capitals.
        let of = |map: &HashMap<String, AbstractValue>, name: &str| {
            let same = map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            map.get(name).or(same.map(|(_, value)| value)).cloned()
        };
        if let Some(key) = name.strip_prefix("matrix.") {
            return Some(value(self.entry, key));
        }
        match name.strip_prefix("env.") {
            Some(name) => of(&self.variables, name),
            None => of(&self.outputs, name),
        }
    }

    fn condition(&self, node: &Node) -> Tri {
        node.get_str("if").map_or(Tri::True, |text| evaluate(text, &|name| self.lookup(name)).truth())
    }

    fn job(&mut self, job: &Job, environment: Option<&Node>) {
        self.extend(environment);
        self.extend(job.node.get("env"));
        let whole = self.condition(&job.node);
        self.found.extend(job.node.get("uses").and_then(called).map(|(span, action)| (span, action, whole)));
        let mut outer = self.variables.clone();
        for step in job.node.get("steps").and_then(Node::as_list).unwrap_or_default() {
            self.extend(step.get("env"));
            let guard = whole.and(self.condition(step));
            if let Some(run) = step.get("run")
                && self.script(job, step, run, guard)
            {
                // Its variables are not followed from here on.
                outer.clear();
            }
            self.found.extend(used(step, guard));
            self.variables.clone_from(&outer);
        }
    }

    /// Follows a script. Whether it changes the environment of later steps.
    fn script(&mut self, job: &Job, step: &Node, run: &Node, guard: Tri) -> bool {
        let text = run.as_str().unwrap_or_default();
        let mut from = run.span.start;
        let mut found = Vec::new();
        let mut visit = |command: &Simple, written: &str, reached: Tri| {
            for (action, sure) in commands::actions(command) {
                let span = place(run, from, written);
                from = if span == run.span { from } else { span.start };
                let reached = if sure { reached } else { reached.and(Tri::Unclear) };
                found.push((span, action, guard.and(reached)));
            }
        };
        let evaluate = |text: &str| evaluate(text, &|name| self.lookup(name));
        let effects = walk(text, self.variables.clone(), &evaluate, &mut visit);
        let default = || job.node.get("defaults")?.get("run")?.get_str("shell");
        let shell = step.get_str("shell").or_else(default).unwrap_or("bash");
        let other = ["python", "perl", "node", "ruby", "pwsh", "${{"].iter().any(|name| shell.contains(name));
        if (other || !effects.complete) && commands::mentions_merge(text) {
            found.push((run.span, Action::Merge, guard.and(Tri::Unclear)));
        }
        self.found.append(&mut found);
        let id = step.get_str("id").unwrap_or_default();
        for (name, value) in effects.outputs.unwrap_or_default() {
            let value = match guard {
                Tri::True => value,
                Tri::False => AbstractValue::Text(String::new()),
                _ if value == AbstractValue::Unclear => value,
                other => AbstractValue::from(other),
            };
            self.outputs.insert(format!("steps.{id}.outputs.{name}"), value);
        }
        effects.exports
    }

    fn extend(&mut self, node: Option<&Node>) {
        for (name, value) in node.and_then(Node::as_map).unwrap_or_default() {
            if let (Some(name), Some(text)) = (name.as_str(), value.as_str()) {
                let plain = matches!(value.value, Value::Scalar(_, Style::Plain));
                let known = if text.contains("${{") {
                    interpolate(text, &|name| self.lookup(name))
                } else {
                    AbstractValue::scalar(text, plain)
                };
                self.variables.insert(name.to_owned(), known);
            }
        }
    }
}

/// A step that merges with an action, or with a script of `actions/github-script`.
fn used(step: &Node, guard: Tri) -> Option<(Span, Action, Tri)> {
    if let Some((span, action)) = called(step.get("uses")?) {
        return Some((span, action, guard));
    }
    let script = step.get("with")?.get("script")?;
    let text = script.as_str()?;
    let calls = ["pulls.merge(", "enablePullRequestAutoMerge", "mergePullRequest", "enqueuePullRequest"];
    let call = calls.iter().find(|call| text.contains(**call))?;
    // Its own conditions are not read.
    let guard = if text.contains("matrix") { guard.and(Tri::Unclear) } else { guard.and(Tri::Free) };
    Some((place(script, script.span.start, call), Action::Merge, guard))
}

/// An action or a reusable workflow whose purpose is merging, by its name, or one that is in this repository.
fn called(uses: &Node) -> Option<(Span, Action)> {
    let name = uses.as_str()?.split('@').next()?;
    let lower = name.to_ascii_lowercase();
    if ACTIONS.iter().any(|part| lower.contains(part)) && !lower.contains("disable") {
        return Some((uses.span, Action::Merge));
    }
    name.starts_with("./").then(|| (uses.span, Action::Script(name.to_owned())))
}

/// The value of a key of an entry. A missing key is the empty text.
fn value(entry: Option<&MatrixEntry>, key: &str) -> AbstractValue {
    let Some(entry) = entry else {
        return AbstractValue::Free;
    };
    let pairs = entry.node.as_map();
    let same = |name: &Node| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(key));
    match pairs.map(|pairs| pairs.iter().find(|(name, _)| same(name)).map(|(_, value)| &value.value)) {
        Some(Some(Value::Scalar(text, _))) if text.contains("${{") => AbstractValue::Unclear,
        Some(Some(Value::Scalar(text, style))) => AbstractValue::scalar(text, *style == Style::Plain),
        Some(None) => AbstractValue::Text(String::new()),
        _ => AbstractValue::Unclear,
    }
}

/// Returns where a command is in a script, looked for from `from` on.
fn place(script: &Node, from: usize, command: &str) -> Span {
    let text = script.file.text.get(from..script.span.end).unwrap_or_default();
    let needle = command.lines().next().unwrap_or_default().trim_end_matches('\\').trim();
    let found = (!needle.is_empty()).then(|| text.find(needle)).flatten();
    found.map_or(script.span, |at| Span::new(from + at, from + at + needle.len()))
}

#[cfg(test)]
mod tests;
