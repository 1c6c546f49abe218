//! Whether events reach the bot: the names that its workflows wait for, the events and their filters; and the action that they name.

use super::workflow::Workflow;
use super::{Mark, Seen};
use crate::app::init;
use crate::finding::Fix;
use crate::text::{Edit, Span};
use crate::workflows::fixes::{add_line, inner, lead};
use crate::workflows::trackers::Opener;
use crate::workflows::words;
use crate::yaml::{Form, Node, Value};
use serde_json::json;

/// The events that the bot needs, where one of several is enough; what is missing without; and how bad that is.
const NEEDED: [(&[&str], &str, Mark); 5] = [
    (
        &["pull_request_target", "pull_request"],
        "pull requests start nothing, so a required check never comes",
        Mark::Bad,
    ),
    (&["schedule"], "nothing takes up what GitHub dropped", Mark::Weak),
    (&["pull_request_review"], "reviews start nothing, so an approval is seen late", Mark::Weak),
    (&["issue_comment"], "commands in comments start nothing", Mark::Weak),
    (&["merge_group"], "a merge queue would wait for the checks for ever", Mark::Weak),
];

/// Looks at the workflows that start the bot, `starters`, among `all` that concern it. `names` are those of all workflows.
pub(super) fn look(all: &[Workflow], starters: &[&Workflow], names: &[String], openers: &[Opener], seen: &mut Seen) {
    let lists: Vec<(&Workflow, &Node)> =
        starters.iter().filter_map(|w| Some((*w, w.on()?.get("workflow_run")?.get("workflows")?))).collect();
    waited_for(&lists, names, openers, seen);
    for (events, missing, mark) in NEEDED {
        let listens = |workflow: &&Workflow| events.iter().any(|event| workflow.event(event));
        if !all.iter().any(|workflow| listens(&workflow)) {
            let remedy =
                format!("add `{}:` to a workflow of the bot: `cargo2-bot init` writes one with all of them", events[0]);
            seen.add(mark, format!("events: {missing}"), Some(&remedy));
        }
    }
    for workflow in starters {
        for event in ["pull_request_target", "pull_request"] {
            filters(workflow, event, seen);
        }
    }
}

/// The names in the lists, and the trackers that are in none.
fn waited_for(lists: &[(&Workflow, &Node)], names: &[String], openers: &[Opener], seen: &mut Seen) {
    let trackers: Vec<&str> =
        openers.iter().filter(|opener| opener.tracks).map(|opener| opener.name.as_str()).collect();
    let items = |node: &Node| node.as_list().map_or_else(|| vec![node.clone()], <[Node]>::to_vec);
    let mut waited: Vec<String> = Vec::new();
    for (workflow, list) in lists {
        for item in items(list) {
            let Some(name) = item.as_str() else { continue };
            if names.iter().any(|known| known == name) {
                waited.push(name.to_owned());
                continue;
            }
            let file = workflow.file_name();
            let text = format!("name: `{file}` waits for the workflow `{name}`, and none here has that name");
            let free = |tracker: &&&str| !items_have(lists, tracker) && !waited.iter().any(|name| name == **tracker);
            let fitting = trackers.iter().find(free);
            let fix = fitting.and_then(|tracker| {
                waited.push((*tracker).to_owned());
                let edit = Edit { span: inner(&item)?, text: json!(tracker).to_string().trim_matches('"').to_owned() };
                Some(Fix { file: item.file.clone(), edits: vec![edit] })
            });
            let remedy =
                fitting.map_or("take the name away".to_owned(), |tracker| format!("the tracker is named `{tracker}`"));
            seen.add_fixable(Mark::Bad, text, &remedy, fix);
        }
    }
    for tracker in trackers.iter().filter(|tracker| !waited.iter().any(|name| name == *tracker)) {
        let text = format!(
            "name: no workflow of the bot waits for the tracker `{tracker}`, so what it opens with the workflow's token is not seen"
        );
        let fix = lists.first().and_then(|(_, list)| appended(list, tracker));
        seen.add_fixable(Mark::Bad, text, &format!("add {} to `workflow_run: workflows:`", json!(tracker)), fix);
    }
}

fn items_have(lists: &[(&Workflow, &Node)], name: &str) -> bool {
    lists
        .iter()
        .any(|(_, list)| list.as_list().is_some_and(|items| items.iter().any(|item| item.as_str() == Some(name))))
}

/// The edit that adds a name to a list.
fn appended(list: &Node, name: &str) -> Option<Fix> {
    let Value::List(items, form) = &list.value else { return None };
    let last = items.last()?;
    let end = last.span.start + words::raw(last).len();
    let text = json!(name).to_string();
    let edit = match form {
        Form::Flow => Edit { span: Span::new(end, end), text: format!(", {text}") },
        Form::Block => add_line(&list.file, end, &format!("{}{text}", lead(&list.file, last.span.start)?)),
    };
    Some(Fix { file: list.file.clone(), edits: vec![edit] })
}

/// The filters of an event: where one leaves a pull request out, its required checks never come.
fn filters(workflow: &Workflow, event: &str, seen: &mut Seen) {
    let Some(node) = workflow.on().and_then(|on| on.get(event)) else { return };
    let file = workflow.file_name();
    for key in ["paths", "paths-ignore"] {
        let Some((name, value)) = node.pair(key) else { continue };
        let text =
            format!("filter: `{file}` has `{key}:` below `{event}`, so the checks of other pull requests never come");
        let lines = Span::new(name.file.line_start(name.span.start), name.file.line_end(value.span.end));
        let alone =
            node.as_map().is_some_and(|pairs| pairs.len() > 1) && matches!(node.value, Value::Map(_, Form::Block));
        let fix =
            alone.then(|| Fix { file: name.file.clone(), edits: vec![Edit { span: lines, text: String::new() }] });
        seen.add_fixable(
            Mark::Bad,
            text,
            "take the filter away: without a Rust element both checks are a quick success",
            fix,
        );
    }
    for key in ["branches", "branches-ignore"] {
        if node.get(key).is_some() {
            let text = format!("filter: `{file}` has `{key}:` below `{event}`");
            seen.add(
                Mark::Weak,
                text,
                Some(
                    "pull requests into the other branches get no checks: take it away unless none of those is guarded",
                ),
            );
        }
    }
    let types = node.get("types").and_then(Node::as_list).unwrap_or_default();
    let missing: Vec<&str> = ["opened", "synchronize", "reopened"]
        .into_iter()
        .filter(|name| !types.is_empty() && !types.iter().any(|node| node.as_str() == Some(name)))
        .collect();
    if !missing.is_empty() {
        let text = format!("filter: `{file}` leaves {} out below `{event}`", missing.join(", "));
        seen.add(Mark::Bad, text, Some("add them to `types:`, or new heads get no checks"));
    }
}

/// The action that a step names, and its pin.
pub(super) fn action(workflow: &Workflow, step: &Node, seen: &mut Seen) {
    let Some(node) = step.get("uses") else { return };
    let uses = node.as_str().unwrap_or_default();
    let file = workflow.file_name();
    if uses.starts_with("OWNER/") {
        let text = format!("action: `{file}` names `{uses}`, which is a placeholder");
        let action = init::action();
        let pinned = action.split(' ').next().unwrap_or_default();
        let fix = inner(node)
            .map(|span| Fix { file: node.file.clone(), edits: vec![Edit { span, text: pinned.to_owned() }] });
        return seen.add_fixable(Mark::Bad, text, &format!("write `{action}`"), fix);
    }
    let hex = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (text, remedy) = match (uses.strip_prefix("docker://"), uses.split_once('@')) {
        (Some(_), Some((_, digest))) if digest.strip_prefix("sha256:").is_some_and(|digest| hex(digest, 64)) => return,
        (Some(_), _) => ("names an image by a tag", "name it by its digest: the notes of each release have it"),
        (None, Some((_, at))) if hex(at, 40) => return,
        (None, _) if uses.starts_with("./") => return,
        (None, _) => (
            "is not pinned to a commit",
            "pin it to the commit in the notes of a release: who moves a branch or a tag changes what runs",
        ),
    };
    seen.add(Mark::Weak, format!("action: `{uses}` in `{file}` {text}"), Some(remedy));
}
