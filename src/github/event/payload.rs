//! Events from their names and payloads.

use super::{Command, Error, Event, MergeGroup, Started};
use crate::github::facts::Actor;
use crate::github::ids::{CommentId, CommitId, PullNumber};
use crate::github::prow;
use serde_json::Value;

/// The events whose workflow is always the default branch's, unless somebody started it elsewhere.
const OF_THE_DEFAULT_BRANCH: [&str; 5] =
    ["workflow_dispatch", "repository_dispatch", "schedule", "workflow_run", "issue_comment"];

/// Reads an event.
///
/// # Errors
/// When the payload of a known event lacks what that event always has.
pub(crate) fn read(started: &Started<'_>) -> Result<Event, Error> {
    let name = started.name;
    let payload: Value = serde_json::from_str(started.payload)
        .map_err(|e| Error(format!("the payload of the event `{name}` is not JSON: {e}")))?;
    let missing = |what: &str| Error(format!("the payload of the event `{name}` has no `{what}`"));
    if let Some(place) = other_ref(started, &payload) {
        let place = place.escape_debug();
        return Ok(Event::Refused(format!(
            "only the workflow of the default branch may run the bot, and this is that of `{place}`"
        )));
    }
    let action = text(&payload, "/action").unwrap_or_default();
    Ok(match name {
        "workflow_run" => return workflow_run(&payload, started.relay).map_err(missing),
        "schedule" => Event::Schedule,
        "workflow_dispatch" | "repository_dispatch" => Event::Dispatch,
        "push" => {
            let branch = text(&payload, "/ref").ok_or_else(|| missing("ref"))?;
            branch
                .strip_prefix("refs/heads/")
                .map_or_else(|| Event::Nothing("a tag was pushed".into()), |branch| Event::Push(branch.to_owned()))
        }
        "pull_request" | "pull_request_target" => {
            let number = number(&payload, "/pull_request/number").ok_or_else(|| missing("pull_request.number"))?;
            let read_only = if name == "pull_request" { read_only(&payload) } else { None };
            match (action, payload.pointer("/pull_request/merged")) {
                ("closed", Some(Value::Bool(true))) => Event::Nothing(format!("the pull request #{number} was merged")),
                // Nothing can be taken back with this token. The default branch's workflow gets this event as well.
                ("closed", _) if read_only.is_some() => {
                    Event::Nothing(format!("the pull request #{number} was closed"))
                }
                ("closed", _) => Event::Closed(number),
                _ => Event::PullRequest { number, action: action.to_owned(), read_only },
            }
        }
        "pull_request_review" => {
            let number = number(&payload, "/pull_request/number").ok_or_else(|| missing("pull_request.number"))?;
            Event::Review { number, read_only: read_only(&payload) }
        }
        "issue_comment" => return comment(&payload, action).map_err(missing),
        "merge_group" if action == "checks_requested" => Event::MergeGroup(group(&payload).map_err(missing)?),
        "merge_group" => Event::Nothing("the merge group is gone".into()),
        _ => Event::Nothing(format!("the event `{}` needs no action", name.escape_debug())),
    })
}

/// The default branch of the repository, as most payloads have it. Empty where it is not given.
#[must_use]
pub(crate) fn default_branch(payload: &str) -> String {
    let payload: Value = serde_json::from_str(payload).unwrap_or_default();
    text(&payload, "/repository/default_branch").unwrap_or_default().to_owned()
}

/// The ref whose workflow runs, where that is not the default branch although the event is one of the default branch.
fn other_ref(started: &Started<'_>, payload: &Value) -> Option<String> {
    if !OF_THE_DEFAULT_BRANCH.contains(&started.name) {
        return None;
    }
    let refs = [text(payload, "/ref").unwrap_or_default(), started.git_ref];
    let default = text(payload, "/repository/default_branch").unwrap_or_default();
    let other = |name: &&str| !name.is_empty() && name.strip_prefix("refs/heads/").unwrap_or(name) != default;
    // The clock's payload need not name the repository; somebody who starts a run always does so in one.
    let known = !default.is_empty() || started.name == "workflow_dispatch";
    refs.into_iter().find(other).filter(|_| known).map(str::to_owned)
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn commit(value: &Value, pointer: &str) -> Option<CommitId> {
    text(value, pointer).and_then(|text| CommitId::parse(text).ok())
}

fn number(value: &Value, pointer: &str) -> Option<PullNumber> {
    value.pointer(pointer).and_then(Value::as_u64).map(PullNumber)
}

/// On `pull_request` the token reads only when the head is in a fork, and for Dependabot.
fn read_only(payload: &Value) -> Option<String> {
    let head = text(payload, "/pull_request/head/repo/full_name");
    let base = text(payload, "/pull_request/base/repo/full_name");
    if head != base || base.is_none() {
        return Some("the pull request comes from a fork, so the token can write nothing".into());
    }
    let dependabot = text(payload, "/sender/login") == Some("dependabot[bot]");
    dependabot.then(|| "Dependabot's token can write nothing".to_owned())
}

/// A workflow that ended: the relay by its path, since any workflow can have its name; every other is the tracker.
fn workflow_run(payload: &Value, relay: &str) -> Result<Event, &'static str> {
    let path = text(payload, "/workflow_run/path").unwrap_or_default();
    if path.split('@').next() != Some(relay) || relay.is_empty() {
        return Ok(Event::WorkflowRun);
    }
    let event = text(payload, "/workflow_run/event").ok_or("workflow_run.event")?;
    let head_sha = || commit(payload, "/workflow_run/head_sha").ok_or("workflow_run.head_sha");
    let head_branch = text(payload, "/workflow_run/head_branch").unwrap_or_default();
    let head_repository = text(payload, "/workflow_run/head_repository/full_name");
    let own = text(payload, "/repository/full_name");
    let ours = own.is_some_and(|own| head_repository.is_some_and(|head| head.eq_ignore_ascii_case(own)));
    Ok(match event {
        "pull_request" | "pull_request_review" => Event::Relay {
            head_sha: head_sha()?,
            head_repository: head_repository.map(str::to_owned),
            head_branch: head_branch.to_owned(),
            event: event.to_owned(),
        },
        // Queues and guarded branches are those of this repository: a fork's branch can have any name.
        "merge_group" | "push" if !ours => {
            Event::Nothing(format!("the relay ran for the event `{event}` of another repository"))
        }
        "merge_group" => match queue_branch(head_branch) {
            Some((base_ref, number, base_sha)) => {
                Event::MergeGroup(MergeGroup { head_sha: head_sha()?, base_sha, base_ref, number })
            }
            None => Event::Nothing("the relay ran for a branch that is none of a merge queue".into()),
        },
        "push" if head_branch.is_empty() => Event::Nothing("a tag was pushed".into()),
        "push" => Event::Push(head_branch.to_owned()),
        other => {
            Event::Nothing(format!("the relay ran for the event `{}`, which needs no action", other.escape_debug()))
        }
    })
}

/// The base, the pull request and the commit before it, of a branch `gh-readonly-queue/<base>/pr-<number>-<sha>`.
fn queue_branch(name: &str) -> Option<(String, PullNumber, CommitId)> {
    let (base, tail) = name.strip_prefix("gh-readonly-queue/")?.rsplit_once("/pr-")?;
    let (number, sha) = tail.split_once('-')?;
    Some((base.to_owned(), PullNumber(number.parse().ok()?), CommitId::parse(sha).ok()?))
}

fn comment(payload: &Value, action: &str) -> Result<Event, &'static str> {
    let number = number(payload, "/issue/number").ok_or("issue.number")?;
    if payload.pointer("/issue/pull_request").is_none_or(Value::is_null) {
        return Ok(Event::Nothing("the comment is not on a pull request".into()));
    }
    if text(payload, "/issue/state") == Some("closed") {
        return Ok(Event::Nothing("the comment is on a closed pull request".into()));
    }
    if matches!(action, "edited" | "deleted") {
        return Ok(Event::CommentChanged(number));
    }
    let body = text(payload, "/comment/body").unwrap_or_default();
    let Some(command) = command(body).filter(|_| action == "created") else {
        // It may be an approval, or hold: nobody is answered for that.
        if action == "created" && !prow::anywhere(body).is_empty() {
            return Ok(Event::CommentChanged(number));
        }
        return Ok(Event::Nothing("the comment gives no command".into()));
    };
    let id = payload.pointer("/comment/id").and_then(Value::as_u64).map(CommentId).ok_or("comment.id")?;
    let login = text(payload, "/comment/user/login").ok_or("comment.user.login")?.to_owned();
    let bot = text(payload, "/comment/user/type") == Some("Bot");
    Ok(Event::Command { number, comment: id, author: Actor { login, bot }, command })
}

/// The command in a comment: its first line, and nothing before it. None where the comment is none.
#[must_use]
pub(crate) fn command(body: &str) -> Option<Command> {
    let line = body.lines().next()?.trim_end();
    let rest = line.strip_prefix("/cargo2")?;
    if !rest.is_empty() && !rest.starts_with(' ') {
        return None;
    }
    let mut words = rest.split_ascii_whitespace();
    Some(match (words.next(), words.next(), words.next()) {
        (Some("recheck"), None, None) => Command::Recheck,
        (Some("regenerate"), None, None) => Command::Regenerate,
        (Some("approve"), Some(id), None) if is_content_id(id) => Command::Approve(id.to_ascii_lowercase()),
        _ => Command::Unknown,
    })
}

/// Returns whether a word can be the id of a content, in full or its beginning.
fn is_content_id(word: &str) -> bool {
    (32..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn group(payload: &Value) -> Result<MergeGroup, &'static str> {
    let head_ref = text(payload, "/merge_group/head_ref").ok_or("merge_group.head_ref")?;
    let base_ref = text(payload, "/merge_group/base_ref").ok_or("merge_group.base_ref")?;
    let base_ref = base_ref.strip_prefix("refs/heads/").unwrap_or(base_ref).to_owned();
    // `refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha>`.
    let tail = head_ref.rsplit_once("/pr-").map_or("", |(_, tail)| tail);
    let number = tail
        .split('-')
        .next()
        .and_then(|n| n.parse().ok())
        .map(PullNumber)
        .ok_or("merge_group.head_ref of a pull request")?;
    Ok(MergeGroup {
        head_sha: commit(payload, "/merge_group/head_sha").ok_or("merge_group.head_sha")?,
        base_sha: commit(payload, "/merge_group/base_sha").ok_or("merge_group.base_sha")?,
        base_ref,
        number,
    })
}
