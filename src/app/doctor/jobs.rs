//! The workflows that start the bot, and the relay.

use super::workflow::Workflow;
use super::{Mark, Seen, events};
use crate::cargo2::snapshot::Snapshot;
use crate::finding::read::Read;
use crate::github::settings::RELAY;
use crate::workflows::trackers::openers;
use crate::yaml::{self, Node};

/// The permissions that jobs with the bot need, and their purpose.
const NEEDED: [(&str, &str); 4] = [
    ("contents", "commits that update blocks"),
    ("pull-requests", "comments, labels, reviewers"),
    ("checks", "the hold"),
    ("issues", "labels and reactions"),
];

/// Checks whether a workflow starts the bot, with what it needs, and whether events reach it.
pub(super) fn look(snapshot: &Snapshot, seen: &mut Seen) {
    let mut starters: Vec<&Workflow> = Vec::new();
    let (all, names) = read(snapshot, seen);
    let mut waits_for = None;
    for workflow in &all {
        for (job, body) in workflow.jobs() {
            let steps = body.get("steps").and_then(Node::as_list).unwrap_or_default();
            let ours = |step: &&Node| step.get_str("uses").is_some_and(|uses| uses.contains("cargo2-bot"));
            let Some(step) = steps.iter().find(ours) else { continue };
            if !starters.iter().any(|known| known.path == workflow.path) {
                starters.push(workflow);
            }
            events::action(workflow, step, seen);
            let name = format!("workflow: `{}`, job `{}`", workflow.file_name(), job.as_str().unwrap_or_default());
            if has_own_token(step) {
                app_job(&name, body, seen);
                waits_for = waits_for.or_else(|| workflow.root.get("on")?.get("workflow_run")?.get("workflows"));
            } else {
                plain_job(&name, body.get("permissions").or_else(|| workflow.root.get("permissions")), seen);
            }
        }
    }
    if starters.is_empty() {
        seen.add(Mark::Weak, "workflow: none starts the bot", Some("`cargo2-bot init` writes what is needed"));
    } else {
        let workflows = snapshot.workflows.as_ref().map(|all| openers(all, &snapshot.project.element_path));
        let openers = if let Read::Known(openers) = workflows { openers } else { Vec::new() };
        events::look(&all, &starters, &names, &openers, seen);
    }
    if let Some(waits_for) = waits_for {
        relay(&all, waits_for, seen);
    }
}

/// The workflows that name the bot, and the relay; and the names of all. What cannot be read is said.
fn read(snapshot: &Snapshot, seen: &mut Seen) -> (Vec<Workflow>, Vec<String>) {
    let files = match &snapshot.workflows {
        Read::Known(files) => files.as_slice(),
        Read::Absent => &[],
        Read::Unreadable(why) => {
            seen.add(Mark::Bad, format!("workflows: {why}"), None);
            return (Vec::new(), Vec::new());
        }
    };
    let (mut all, mut names) = (Vec::new(), Vec::new());
    for (path, text) in files {
        let name = path.rsplit('/').next().unwrap_or_default();
        let file = match text {
            Read::Known(file) => file,
            Read::Absent => continue,
            Read::Unreadable(why) => {
                seen.add(Mark::Bad, format!("workflow: `{name}`: {why}"), None);
                continue;
            }
        };
        let ours = file.text.contains("cargo2-bot") || path.ends_with(RELAY);
        match yaml::parse(file) {
            Ok(root) => {
                names.push(root.get_str("name").unwrap_or_else(|| path.trim_start_matches("../")).to_owned());
                if ours {
                    all.push(Workflow { path: path.clone(), root });
                }
            }
            Err(error) if ours => seen.add(Mark::Bad, format!("workflow: `{name}`: {}", error.message), None),
            // Its own check says what is wrong with it.
            Err(error) => tracing::debug!("{path}: {}", error.message),
        }
    }
    (all, names)
}

/// Returns whether a step gives the bot another token than the workflow's.
fn has_own_token(step: &Node) -> bool {
    let token = step.get("with").and_then(|with| with.get_str("token")).unwrap_or_default();
    !token.is_empty() && !token.contains("github.token") && !token.contains("GITHUB_TOKEN")
}

/// A job with the token of an app: its key must be out of reach for workflows of other branches.
fn app_job(name: &str, body: &Node, seen: &mut Seen) {
    let environment = body.get("environment").and_then(|node| node.as_str().or_else(|| node.get_str("name")));
    match environment {
        Some(environment) => seen.add(Mark::Good, format!("{name}, in the environment `{environment}`"), None),
        None => seen.add(
            Mark::Weak,
            format!("{name}: in no environment, so a workflow of any branch can use the app's key"),
            Some("keep the key in an environment that admits the default branch alone: docs/hold.md"),
        ),
    }
}

/// A job with the workflow's own token: it needs the permissions.
fn plain_job(name: &str, permissions: Option<&Node>, seen: &mut Seen) {
    let writes = |what: &str| match permissions {
        None => true,
        Some(node) => node.as_str() == Some("write-all") || node.get_str(what) == Some("write"),
    };
    let missing: Vec<String> =
        NEEDED.iter().filter(|(what, _)| !writes(what)).map(|(what, why)| format!("{what}: write ({why})")).collect();
    if missing.is_empty() {
        seen.add(Mark::Good, name, None);
    } else {
        let remedy = format!("unless its token is an app's, add to its permissions: {}", missing.join(", "));
        seen.add(Mark::Weak, name, Some(&remedy));
    }
}

/// The relay: reviews and merge groups reach the default branch's workflow through it alone.
fn relay(all: &[Workflow], waits_for: &Node, seen: &mut Seen) {
    let Some(relay) = all.iter().find(|workflow| workflow.path.ends_with(RELAY)) else {
        let remedy = format!("`cargo2-bot init` writes `{RELAY}`");
        return seen.add(Mark::Bad, "relay: none, so reviews and merge groups do not reach the bot", Some(&remedy));
    };
    let name = relay.root.get_str("name").unwrap_or_default();
    let waited = waits_for.as_list().unwrap_or(std::slice::from_ref(waits_for));
    if name.is_empty() || !waited.iter().any(|node| node.as_str() == Some(name)) {
        let text = format!("relay: no workflow of the bot waits for `{name}`");
        return seen.add(Mark::Bad, text, Some("name it below `workflow_run:` as its own `name:` does"));
    }
    let grants = |node: Option<&Node>| node.is_some_and(|node| node.as_map().is_none_or(|map| !map.is_empty()));
    let jobs = relay.jobs().iter().any(|(_, job)| grants(job.get("permissions")));
    let top = relay.root.get("permissions");
    if top.is_none() || grants(top) || jobs {
        let text = "relay: its workflow has permissions, and it is the pull request that says what it does";
        return seen.add(Mark::Weak, text, Some("write `permissions: {}` in it, and none in its job"));
    }
    seen.add(Mark::Good, format!("relay: `{}`, without permissions", relay.file_name()), None);
}
