//! The event that started the run, and what it requests. Field names are those of GitHub's webhook payloads.

use super::facts::Actor;
use super::ids::{CommentId, CommitId, PullNumber};
use serde_json::Value;

/// An event that may start a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A workflow ended: the tracker, whatever its conclusion.
    WorkflowRun,
    /// The clock.
    Schedule,
    /// Somebody started the workflow by hand.
    Dispatch,
    /// Something was pushed to a branch, by its name.
    Push(String),
    /// A pull request changed.
    PullRequest {
        /// Its number.
        number: PullNumber,
        /// The action on it.
        action: String,
        /// Why the token can write nothing, where that is known from the event.
        read_only: Option<String>,
    },
    /// A review was given or taken back.
    Review {
        /// The pull request.
        number: PullNumber,
        /// Why the token can write nothing, where that is known from the event.
        read_only: Option<String>,
    },
    /// A comment on a pull request that gives a command.
    Command {
        /// The pull request.
        number: PullNumber,
        /// The comment's id.
        comment: CommentId,
        /// Who wrote it.
        author: Actor,
        /// The command.
        command: Command,
    },
    /// The merge queue wants checks for a group.
    MergeGroup(MergeGroup),
    /// Nothing for the bot, and why.
    Nothing(String),
}

/// A group of the merge queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MergeGroup {
    /// The commit that would become the branch's head.
    pub head_sha: CommitId,
    /// The commit that it is based on.
    pub base_sha: CommitId,
    /// The branch.
    pub base_ref: String,
    /// The pull request that the group ends with.
    pub number: PullNumber,
}

/// A command in a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Look again.
    Recheck,
    /// Update the blocks, also over commits of people.
    Regenerate,
    /// Approve the content with this id.
    Approve(String),
    /// None that is known.
    Unknown,
}

/// Why an event cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error(String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Reads an event from its name and its payload: `GITHUB_EVENT_NAME` and the file of `GITHUB_EVENT_PATH`.
///
/// # Errors
/// When the payload of a known event lacks what that event always has.
pub(crate) fn read(name: &str, payload: &str) -> Result<Event, Error> {
    let payload: Value = serde_json::from_str(payload)
        .map_err(|e| Error(format!("the payload of the event `{name}` is not JSON: {e}")))?;
    let missing = |what: &str| Error(format!("the payload of the event `{name}` has no `{what}`"));
    let action = text(&payload, "/action").unwrap_or_default();
    Ok(match name {
        "workflow_run" => Event::WorkflowRun,
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
            if action == "closed" {
                Event::Nothing(format!("the pull request #{number} was closed"))
            } else {
                Event::PullRequest { number, action: action.to_owned(), read_only }
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

fn comment(payload: &Value, action: &str) -> Result<Event, &'static str> {
    let number = number(payload, "/issue/number").ok_or("issue.number")?;
    if payload.pointer("/issue/pull_request").is_none_or(Value::is_null) {
        return Ok(Event::Nothing("the comment is not on a pull request".into()));
    }
    if action != "created" || text(payload, "/issue/state") == Some("closed") {
        return Ok(Event::Nothing("the comment gives no new command".into()));
    }
    let Some(command) = command(text(payload, "/comment/body").unwrap_or_default()) else {
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
    Some(match rest.trim() {
        "recheck" => Command::Recheck,
        "regenerate" => Command::Regenerate,
        rest => match rest.strip_prefix("approve ").map(str::trim) {
            Some(id) if (12..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Command::Approve(id.to_ascii_lowercase())
            }
            _ => Command::Unknown,
        },
    })
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

/// The scope of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The pull requests.
    pub pulls: Pulls,
    /// Whether the base branch itself is looked at: its drift and its matrix.
    pub base: bool,
    /// A group of the merge queue.
    pub group: Option<MergeGroup>,
    /// Why nothing is written, if nothing is.
    pub read_only: Option<String>,
    /// Whether blocks are updated over commits of people: somebody requested it.
    pub insist: bool,
}

/// Which pull requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pulls {
    /// None.
    #[default]
    None,
    /// This one.
    One(PullNumber),
    /// All open ones.
    All,
}

/// Returns what an event is about; `number` is the pull request that was named by hand.
#[must_use]
pub(crate) fn scope(event: &Event, number: Option<PullNumber>, default_branch: &str) -> Scope {
    if let Some(number) = number {
        return Scope { pulls: Pulls::One(number), ..Scope::default() };
    }
    match event {
        Event::WorkflowRun | Event::Schedule | Event::Dispatch => {
            Scope { pulls: Pulls::All, base: true, ..Scope::default() }
        }
        Event::Push(branch) if branch == default_branch => Scope { pulls: Pulls::All, base: true, ..Scope::default() },
        Event::Push(_) | Event::Nothing(_) => Scope::default(),
        Event::PullRequest { number, read_only, .. } | Event::Review { number, read_only } => {
            Scope { pulls: Pulls::One(*number), read_only: read_only.clone(), ..Scope::default() }
        }
        Event::Command { number, command, .. } => {
            let insist = *command == Command::Regenerate;
            Scope { pulls: Pulls::One(*number), insist, ..Scope::default() }
        }
        Event::MergeGroup(group) => Scope { group: Some(group.clone()), ..Scope::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull(head: &str, sender: &str) -> String {
        format!(
            r#"{{"action":"opened","sender":{{"login":"{sender}"}},"pull_request":{{"number":7,
            "head":{{"repo":{{"full_name":"{head}"}}}},"base":{{"repo":{{"full_name":"o/r"}}}}}}}}"#
        )
    }

    #[test]
    fn events_that_look_at_everything() {
        for name in ["workflow_run", "schedule", "workflow_dispatch"] {
            let event = read(name, r#"{"workflow_run":{"conclusion":"failure","pull_requests":[]}}"#).unwrap();
            let scope = scope(&event, None, "main");
            assert_eq!((scope.pulls, scope.base), (Pulls::All, true), "{name}");
        }
        assert_eq!(scope(&Event::Dispatch, Some(PullNumber(3)), "main").pulls, Pulls::One(PullNumber(3)));
    }

    #[test]
    fn only_a_push_to_the_default_branch_counts() {
        let push = |to: &str| scope(&read("push", &format!(r#"{{"ref":"{to}"}}"#)).unwrap(), None, "main");
        assert!(push("refs/heads/main").base);
        assert_eq!(push("refs/heads/other"), Scope::default());
        assert_eq!(push("refs/tags/v1"), Scope::default());
    }

    #[test]
    fn a_fork_is_read_only_unless_the_event_runs_on_the_base() {
        let read_only = |name: &str, payload: &str| scope(&read(name, payload).unwrap(), None, "main").read_only;
        assert!(read_only("pull_request", &pull("fork/r", "x")).is_some());
        assert!(read_only("pull_request_review", &pull("fork/r", "x")).is_some());
        assert!(read_only("pull_request", &pull("o/r", "dependabot[bot]")).is_some());
        assert_eq!(read_only("pull_request", &pull("o/r", "x")), None);
        assert_eq!(read_only("pull_request_target", &pull("fork/r", "x")), None);
        let gone = r#"{"pull_request":{"number":7,"head":{"repo":null},"base":{"repo":{"full_name":"o/r"}}}}"#;
        assert!(read_only("pull_request", gone).is_some());
    }

    #[test]
    fn a_command_is_the_first_line_and_nothing_before_it() {
        assert_eq!(command("/cargo2 recheck\nplease"), Some(Command::Recheck));
        assert_eq!(command("/cargo2   regenerate \r\n"), Some(Command::Regenerate));
        assert_eq!(command("/cargo2 merge"), Some(Command::Unknown));
        for text in ["", "see /cargo2 recheck", "> /cargo2 recheck", "/cargo2x recheck", "\n/cargo2 recheck"] {
            assert_eq!(command(text), None, "{text}");
        }
    }

    fn comment(action: &str, pull: &str, body: &str) -> String {
        format!(
            r#"{{"action":"{action}","issue":{{"number":4,"state":"open"{pull}}},
            "comment":{{"id":9,"body":"{body}","user":{{"login":"ann","type":"User"}}}}}}"#
        )
    }

    #[test]
    fn a_comment_counts_when_it_is_new_and_on_a_pull_request() {
        let on_pull = r#","pull_request":{"url":"x"}"#;
        let event = read("issue_comment", &comment("created", on_pull, "/cargo2 regenerate")).unwrap();
        let author = Actor { login: "ann".into(), bot: false };
        assert_eq!(
            event,
            Event::Command { number: PullNumber(4), comment: CommentId(9), author, command: Command::Regenerate }
        );
        assert!(scope(&event, None, "main").insist);
        for payload in [
            comment("created", "", "/cargo2 recheck"),
            comment("edited", on_pull, "/cargo2 recheck"),
            comment("created", on_pull, "hello"),
        ] {
            assert!(matches!(read("issue_comment", &payload).unwrap(), Event::Nothing(_)));
        }
    }

    #[test]
    fn a_merge_group_names_its_pull_request() {
        let payload = r#"{"action":"checks_requested","merge_group":{"head_sha":"0123456789abcdef0123456789abcdef01234567",
            "base_sha":"1123456789abcdef0123456789abcdef01234567",
            "head_ref":"refs/heads/gh-readonly-queue/release/pr-1/pr-12-def","base_ref":"refs/heads/release/pr-1"}}"#;
        let Event::MergeGroup(group) = read("merge_group", payload).unwrap() else { panic!() };
        assert_eq!((group.number, group.base_ref.as_str()), (PullNumber(12), "release/pr-1"));
        assert!(matches!(read("merge_group", r#"{"action":"destroyed"}"#).unwrap(), Event::Nothing(_)));
    }

    #[test]
    fn an_unknown_event_needs_no_action_and_a_broken_one_is_an_error() {
        assert!(matches!(read("star", "{}").unwrap(), Event::Nothing(_)));
        assert!(read("pull_request", "{}").unwrap_err().to_string().contains("pull_request.number"));
        assert!(read("push", "[").unwrap_err().to_string().contains("not JSON"));
        let closed = r#"{"action":"closed","pull_request":{"number":7}}"#;
        assert!(matches!(read("pull_request_target", closed).unwrap(), Event::Nothing(_)));
    }
}
