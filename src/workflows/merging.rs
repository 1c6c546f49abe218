//! Which steps of a job merge pull requests, and for which entries of its matrix.

use super::expr::{AbstractValue, Lookup, Tri, evaluate};
use super::workflow::{Job, MatrixEntry};
use crate::shell::workflow as shell;
use crate::text::Span;
use crate::yaml::{Node, Style, Value};
use std::cell::RefCell;
use std::collections::HashMap;

/// How much text is read for the entries of one job, in bytes: scripts are read once for each entry.
const MAX_WORK: usize = 32 << 20;

/// A step that merges pull requests, or enables their auto-merge.
#[derive(Clone, Debug)]
pub struct MergeStep {
    /// Where.
    pub span: Span,
    /// What it runs or uses.
    pub command: String,
    /// Whether it is reached, for each entry of the job; for a job without entries, one answer.
    pub reached: Vec<Tri>,
}

/// Actions whose whole purpose is to merge or to enable auto-merge, by a part of their name.
const ACTIONS: [&str; 5] = ["automerge", "auto-merge", "merge-me", "merge-pull-request", "merge-pr"];

/// The steps of a job that merge. `environment` is the `env:` of the workflow.
#[must_use]
pub fn steps(job: &Job, environment: Option<&Node>) -> Vec<MergeStep> {
    let none = [None];
    let all: Vec<Option<&MatrixEntry>> =
        if job.entries.is_empty() { none.to_vec() } else { job.entries.iter().map(Some).collect() };
    let size = job.node.span.end - job.node.span.start;
    let affordable = MAX_WORK / size.max(1);
    let mut out: Vec<MergeStep> = Vec::new();
    for (index, entry) in all.iter().enumerate() {
        if index >= affordable {
            // Too much to look at: what merges for others may merge for this one.
            out.iter_mut().for_each(|step| step.reached.push(Tri::Unclear));
            continue;
        }
        for (at, (span, command, reached)) in one(job, environment, *entry).into_iter().enumerate() {
            match out.get_mut(at) {
                Some(step) => step.reached.push(reached),
                None => out.push(MergeStep { span, command, reached: vec![reached] }),
            }
        }
    }
    out
}

/// What one run of the job merges.
fn one(job: &Job, environment: Option<&Node>, entry: Option<&MatrixEntry>) -> Vec<(Span, String, Tri)> {
    let outputs: RefCell<HashMap<String, AbstractValue>> = RefCell::default();
    let variables: RefCell<HashMap<String, AbstractValue>> = RefCell::default();
    let lookup = |name: &str| -> Option<AbstractValue> {
        if let Some(key) = name.strip_prefix("matrix.") {
            return Some(value(entry, key));
        }
        if let Some(name) = name.strip_prefix("env.") {
            return variables.borrow().get(name).cloned();
        }
        outputs.borrow().get(name).cloned()
    };
    let condition = |node: &Node| node.get_str("if").map_or(Tri::True, |text| evaluate(text, &lookup).truth());
    extend(&variables, environment, &lookup);
    extend(&variables, job.node.get("env"), &lookup);
    let whole = condition(&job.node);
    let mut out = Vec::new();
    if let Some(uses) = job.node.get("uses").filter(|n| is_merging(n)) {
        out.push((uses.span, uses.as_str().unwrap_or_default().to_owned(), whole));
    }
    let outer = variables.borrow().clone();
    for step in job.node.get("steps").and_then(Node::as_list).unwrap_or_default() {
        extend(&variables, step.get("env"), &lookup);
        let guard = whole.and(condition(step));
        if let Some(run) = step.get("run") {
            let effects = shell::read(run.as_str().unwrap_or_default(), &lookup, &variables.borrow());
            let mut from = run.span.start;
            for merge in effects.merges {
                let span = place(run, from, &merge.command);
                from = span.end;
                out.push((span, merge.command, guard.and(merge.guard)));
            }
            let id = step.get_str("id").unwrap_or_default();
            for (name, value) in effects.outputs {
                let value = match guard {
                    Tri::True => value,
                    Tri::False => AbstractValue::Text(String::new()),
                    _ if value == AbstractValue::Unclear => value,
                    other => AbstractValue::from(other),
                };
                outputs.borrow_mut().insert(format!("steps.{id}.outputs.{name}"), value);
            }
        }
        out.extend(used(step, guard));
        variables.replace(outer.clone());
    }
    out
}

/// A step that merges with an action, or with a script of `actions/github-script`.
fn used(step: &Node, guard: Tri) -> Option<(Span, String, Tri)> {
    let uses = step.get("uses")?;
    if is_merging(uses) {
        return Some((uses.span, uses.as_str().unwrap_or_default().to_owned(), guard));
    }
    let script = step.get("with")?.get("script")?;
    let text = script.as_str()?;
    let calls = ["pulls.merge(", "enablePullRequestAutoMerge", "mergePullRequest", "enqueuePullRequest"];
    let call = calls.iter().find(|call| text.contains(**call))?;
    // Its own conditions are not read.
    let guard = if text.contains("matrix") { guard.and(Tri::Unclear) } else { guard.and(Tri::Free) };
    Some((place(script, script.span.start, call), (*call).trim_end_matches('(').to_owned(), guard))
}

/// Whether an action or a reusable workflow has merging as its purpose, by its name.
fn is_merging(uses: &Node) -> bool {
    let name = uses.as_str().unwrap_or_default().split('@').next().unwrap_or_default().to_ascii_lowercase();
    ACTIONS.iter().any(|part| name.contains(part)) && !name.contains("disable")
}

/// The value of a key of an entry. A missing key is the empty text.
fn value(entry: Option<&MatrixEntry>, key: &str) -> AbstractValue {
    let Some(entry) = entry else {
        return AbstractValue::Free;
    };
    match entry.node.get(key).map(|n| &n.value) {
        Some(Value::Scalar(text, style)) => AbstractValue::scalar(text, *style == Style::Plain),
        None if entry.node.as_map().is_some() => AbstractValue::Text(String::new()),
        _ => AbstractValue::Unclear,
    }
}

fn extend(variables: &RefCell<HashMap<String, AbstractValue>>, node: Option<&Node>, lookup: &Lookup<'_>) {
    for (name, value) in node.and_then(Node::as_map).unwrap_or_default() {
        if let (Some(name), Some(text)) = (name.as_str(), value.as_str()) {
            let plain = matches!(value.value, Value::Scalar(_, Style::Plain));
            let known = if text.contains("${{") { evaluate(text, lookup) } else { AbstractValue::scalar(text, plain) };
            variables.borrow_mut().insert(name.to_owned(), known);
        }
    }
}

/// Where a command stands in a script, looked for from `from` on.
fn place(script: &Node, from: usize, command: &str) -> Span {
    let text = script.file.text.get(from..script.span.end).unwrap_or_default();
    let needle = command.lines().next().unwrap_or_default().trim();
    let found =
        [needle, "gh pr merge"].into_iter().filter(|n| !n.is_empty()).find_map(|n| Some((text.find(n)?, n.len())));
    found.map_or(script.span, |(at, len)| Span::new(from + at, from + at + len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;
    use crate::workflows::workflow;
    use std::sync::Arc;

    /// Whether the one merging step of a job is reached, for an entry of each group.
    fn reached(steps_text: &str) -> Vec<Tri> {
        let entry = |group: &str, flag: &str| {
            format!("        - group: {group}\n          auto_merge: {flag}\n          element: a.bst\n")
        };
        let text = format!(
            "jobs:\n  j:\n    strategy:\n      matrix:\n        include:\n{}{}    steps:\n{steps_text}",
            entry("auto-merge", "true"),
            entry("manual-merge", "false")
        );
        let file = Arc::new(SourceText::new("w.yml", text));
        let workflow = workflow::read(&file, "").unwrap();
        let steps = steps(&workflow.jobs[0], None);
        assert_eq!(steps.len(), 1, "{steps_text}");
        assert!(file.text[steps[0].span.start..steps[0].span.end].contains("erge"), "{steps_text}");
        steps[0].reached.clone()
    }

    #[test]
    fn conditions_of_steps_and_scripts_choose_entries() {
        let only_auto = [Tri::True, Tri::False];
        for steps in [
            "    - if: matrix.group == 'auto-merge'\n      run: gh pr merge 1\n",
            "    - if: ${{ matrix.auto_merge }}\n      run: gh pr merge 1\n",
            "    - env:\n        G: ${{ matrix.group }}\n      run: |\n        if [ \"$G\" = auto-merge ]; then\n          gh pr merge 1\n        fi\n",
            "    - if: matrix.auto_merge\n      uses: peter-evans/enable-pull-request-automerge@v3\n",
            "    - id: gate\n      run: |\n        if [ ${{ matrix.group }} = auto-merge ]; then\n          echo \"m=true\" >> $GITHUB_OUTPUT\n        fi\n    - if: steps.gate.outputs.m == 'true'\n      run: gh pr merge 1\n",
        ] {
            assert_eq!(reached(steps), only_auto, "{steps}");
        }
    }

    #[test]
    fn a_step_without_condition_merges_for_all() {
        assert_eq!(
            reached("    - if: steps.x.outputs.y == 'true'\n      run: gh pr merge 1\n"),
            [Tri::Free, Tri::Free]
        );
        assert_eq!(
            reached("    - uses: x/github-script@v7\n      with:\n        script: await github.rest.pulls.merge({})\n"),
            [Tri::Free, Tri::Free]
        );
    }

    #[test]
    fn a_boolean_that_is_compared_with_text_never_holds() {
        assert_eq!(
            reached("    - if: matrix.auto_merge == 'true'\n      run: gh pr merge 1\n"),
            [Tri::False, Tri::False]
        );
    }

    #[test]
    fn a_called_workflow_that_merges_is_a_step() {
        let text = "jobs:\n  j:\n    uses: o/r/.github/workflows/reusable-automerge.yml@v1\n";
        let workflow = workflow::read(&Arc::new(SourceText::new("w.yml", text)), "").unwrap();
        assert_eq!(steps(&workflow.jobs[0], None)[0].reached, [Tri::True]);
    }
}
