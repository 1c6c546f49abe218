use super::*;
use crate::github::facts::PullRequest;
use crate::github::settings::RELAY;

const HEAD: &str = "0123456789abcdef0123456789abcdef01234567";
const BASE: &str = "1123456789abcdef0123456789abcdef01234567";

fn seen(name: &str, payload: &str) -> Result<Event, Error> {
    read(&Started { name, payload, git_ref: "", relay: RELAY })
}

fn scoped(name: &str, payload: &str) -> Scope {
    scope(&seen(name, payload).unwrap(), None, "main")
}

fn pull(head: &str, sender: &str) -> String {
    format!(
        r#"{{"action":"opened","sender":{{"login":"{sender}"}},"pull_request":{{"number":7,
        "head":{{"repo":{{"full_name":"{head}"}}}},"base":{{"repo":{{"full_name":"o/r"}}}}}}}}"#
    )
}

#[test]
fn events_that_look_at_everything() {
    for name in ["workflow_run", "schedule", "workflow_dispatch"] {
        let scope = scoped(name, r#"{"workflow_run":{"conclusion":"failure","pull_requests":[]}}"#);
        assert_eq!((scope.pulls, scope.base), (Pulls::All, true), "{name}");
    }
    assert_eq!(scope(&Event::Dispatch, Some(PullNumber(3)), "main").pulls, Pulls::One(PullNumber(3)));
}

#[test]
fn a_push_judges_the_pull_requests_into_that_branch() {
    let push = |to: &str| scoped("push", &format!(r#"{{"ref":"{to}"}}"#));
    let default = push("refs/heads/main");
    assert_eq!((default.pulls, default.base), (Pulls::All, true), "all depend on its configuration");
    let other = push("refs/heads/release/1.0");
    assert_eq!(other, Scope { pulls: Pulls::Into("release/1.0".into()), ..Scope::default() });
    assert_eq!(push("refs/tags/v1"), Scope::default());
}

#[test]
fn a_fork_is_read_only_unless_the_event_runs_on_the_base() {
    let read_only = |name: &str, payload: &str| scoped(name, payload).read_only;
    assert!(read_only("pull_request", &pull("fork/r", "x")).is_some());
    assert!(read_only("pull_request_review", &pull("fork/r", "x")).is_some());
    assert!(read_only("pull_request", &pull("o/r", "dependabot[bot]")).is_some());
    assert_eq!(read_only("pull_request", &pull("o/r", "x")), None);
    assert_eq!(read_only("pull_request_target", &pull("fork/r", "x")), None);
    let gone = r#"{"pull_request":{"number":7,"head":{"repo":null},"base":{"repo":{"full_name":"o/r"}}}}"#;
    assert!(read_only("pull_request", gone).is_some());
}

#[test]
fn every_action_but_closed_judges_that_pull_request() {
    for action in ["edited", "dequeued", "enqueued", "ready_for_review", "auto_merge_enabled", "labeled"] {
        let payload = pull("o/r", "x").replace("opened", action);
        assert_eq!(scoped("pull_request_target", &payload).pulls, Pulls::One(PullNumber(7)), "{action}");
    }
}

#[test]
fn a_closed_pull_request_loses_its_release_and_a_merged_one_does_not() {
    let closed = |merged: &str| {
        let payload = pull("fork/r", "x").replace("opened", "closed").replace(r#""number":7"#, merged);
        seen("pull_request_target", &payload).unwrap()
    };
    let gone = closed(r#""number":7,"merged":false"#);
    assert_eq!(gone, Event::Closed(PullNumber(7)));
    assert_eq!(scope(&gone, None, "main"), Scope { closed: Some(PullNumber(7)), ..Scope::default() });
    assert_eq!(closed(r#""number":7"#), Event::Closed(PullNumber(7)), "not known to be merged");
    assert!(matches!(closed(r#""number":7,"merged":true"#), Event::Nothing(_)));
    let read_only = pull("fork/r", "x").replace("opened", "closed");
    assert!(matches!(seen("pull_request", &read_only).unwrap(), Event::Nothing(_)), "its token writes nothing");
}

#[test]
fn a_command_is_the_first_line_and_nothing_before_it() {
    assert_eq!(command("/cargo2 recheck\nplease"), Some(Command::Recheck));
    assert_eq!(command("/cargo2   regenerate \r\n"), Some(Command::Regenerate));
    assert_eq!(command("/cargo2 merge"), Some(Command::Unknown));
    assert_eq!(command("/cargo2 recheck now"), Some(Command::Unknown));
    for text in ["", "see /cargo2 recheck", "> /cargo2 recheck", "/cargo2x recheck", "\n/cargo2 recheck"] {
        assert_eq!(command(text), None, "{text}");
    }
}

#[test]
fn an_approval_names_the_content_by_32_to_64_hex_digits() {
    let approve = |id: &str| command(&format!("/cargo2 approve {id}"));
    let id = "0123456789abcdef0123456789abcdef";
    assert_eq!(approve(id), Some(Command::Approve(id.into())));
    assert_eq!(approve(&format!("{}\nlooks right", id.to_uppercase())), Some(Command::Approve(id.into())));
    assert_eq!(approve(&"a".repeat(64)), Some(Command::Approve("a".repeat(64))));
    for bad in ["", &id[..31], &id.replace('a', "g"), &format!("{id} {id}"), &"a".repeat(65)] {
        assert_eq!(approve(bad), Some(Command::Unknown), "{bad}");
    }
}

fn comment(action: &str, pull: &str, body: &str) -> String {
    format!(
        r#"{{"action":"{action}","issue":{{"number":4,"state":"open"{pull}}},
        "comment":{{"id":9,"body":"{body}","user":{{"login":"ann","type":"User"}}}}}}"#
    )
}

const ON_PULL: &str = r#","pull_request":{"url":"x"}"#;

#[test]
fn a_command_counts_when_it_is_new_and_on_a_pull_request() {
    let event = seen("issue_comment", &comment("created", ON_PULL, "/cargo2 regenerate")).unwrap();
    let author = Actor { login: "ann".into(), bot: false };
    assert_eq!(
        event,
        Event::Command { number: PullNumber(4), comment: CommentId(9), author, command: Command::Regenerate }
    );
    assert!(scope(&event, None, "main").insist);
    let approval =
        scoped("issue_comment", &comment("created", ON_PULL, "/cargo2 approve 0123456789abcdef0123456789abcdef"));
    assert_eq!(approval, Scope { pulls: Pulls::One(PullNumber(4)), ..Scope::default() });
    for payload in [comment("created", "", "/cargo2 recheck"), comment("created", ON_PULL, "hello")] {
        assert!(matches!(seen("issue_comment", &payload).unwrap(), Event::Nothing(_)));
    }
}

#[test]
fn an_edited_or_deleted_comment_gives_no_command_and_is_looked_at() {
    for action in ["edited", "deleted"] {
        let payload = comment(action, ON_PULL, "/cargo2 regenerate");
        let scope = scoped("issue_comment", &payload);
        assert_eq!(scope, Scope { pulls: Pulls::One(PullNumber(4)), ..Scope::default() }, "{action}");
        let closed = payload.replace(r#""state":"open""#, r#""state":"closed""#);
        assert!(matches!(seen("issue_comment", &closed).unwrap(), Event::Nothing(_)), "{action}");
        let issue = comment(action, "", "/cargo2 regenerate");
        assert!(matches!(seen("issue_comment", &issue).unwrap(), Event::Nothing(_)), "{action}");
    }
}

#[test]
fn a_merge_group_names_its_pull_request() {
    let payload = format!(
        r#"{{"action":"checks_requested","merge_group":{{"head_sha":"{HEAD}","base_sha":"{BASE}",
        "head_ref":"refs/heads/gh-readonly-queue/release/pr-1/pr-12-def","base_ref":"refs/heads/release/pr-1"}}}}"#
    );
    let Event::MergeGroup(group) = seen("merge_group", &payload).unwrap() else { panic!() };
    assert_eq!((group.number, group.base_ref.as_str()), (PullNumber(12), "release/pr-1"));
    assert!(matches!(seen("merge_group", r#"{"action":"destroyed"}"#).unwrap(), Event::Nothing(_)));
}

/// A run of the relay, of this event, by this path, of the head of this repository.
fn relayed(event: &str, path: &str, repository: &str, branch: &str) -> Event {
    let payload = format!(
        r#"{{"action":"completed","repository":{{"full_name":"o/r","default_branch":"main"}},"workflow_run":{{
        "name":"cargo2-bot relay","event":"{event}","path":"{path}","head_sha":"{HEAD}","head_branch":"{branch}",
        "head_repository":{repository},"pull_requests":[]}}}}"#
    );
    seen("workflow_run", &payload).unwrap()
}

const OURS: &str = r#"{"full_name":"o/r"}"#;
const FORK: &str = r#"{"full_name":"fork/r"}"#;

#[test]
fn the_relay_leads_to_the_pull_requests_with_that_head() {
    for event in ["pull_request", "pull_request_review"] {
        let relay = relayed(event, RELAY, FORK, "patch");
        let sha = CommitId::parse(HEAD).unwrap();
        let expected = Event::Relay {
            head_sha: sha.clone(),
            head_repository: Some("fork/r".into()),
            head_branch: "patch".into(),
            event: event.into(),
        };
        assert_eq!(relay, expected);
        let pulls = Pulls::Head { sha, repository: Some("fork/r".into()) };
        assert_eq!(scope(&relay, None, "main"), Scope { pulls, ..Scope::default() });
    }
    let versioned = relayed("pull_request", &format!("{RELAY}@refs/heads/main"), FORK, "patch");
    assert!(matches!(versioned, Event::Relay { .. }));
    let gone = relayed("pull_request", RELAY, "null", "patch");
    assert!(matches!(gone, Event::Relay { head_repository: None, .. }));
}

#[test]
fn another_workflow_of_the_relays_name_is_not_the_relay() {
    let other = relayed("pull_request", ".github/workflows/evil.yml", FORK, "patch");
    assert_eq!(other, Event::WorkflowRun);
    assert_eq!(relayed("merge_group", ".github/workflows/evil.yml", OURS, "x"), Event::WorkflowRun);
}

#[test]
fn the_relay_of_a_merge_group_is_the_group() {
    let branch = format!("gh-readonly-queue/release/pr-1/pr-12-{BASE}");
    let sha = |text: &str| CommitId::parse(text).unwrap();
    let group = MergeGroup {
        head_sha: sha(HEAD),
        base_sha: sha(BASE),
        base_ref: "release/pr-1".into(),
        number: PullNumber(12),
    };
    assert_eq!(relayed("merge_group", RELAY, OURS, &branch), Event::MergeGroup(group));
    for odd in ["main", "gh-readonly-queue/main", "gh-readonly-queue/main/pr-x-1", "gh-readonly-queue/main/pr-1-1"] {
        assert!(matches!(relayed("merge_group", RELAY, OURS, odd), Event::Nothing(_)), "{odd}");
    }
}

#[test]
fn a_fork_relays_neither_a_group_nor_a_push() {
    let branch = format!("gh-readonly-queue/main/pr-12-{BASE}");
    for repository in [FORK, "null"] {
        assert!(matches!(relayed("merge_group", RELAY, repository, &branch), Event::Nothing(_)));
        assert!(matches!(relayed("push", RELAY, repository, "next"), Event::Nothing(_)));
    }
    assert_eq!(relayed("push", RELAY, OURS, "next"), Event::Push("next".into()));
    assert!(matches!(relayed("workflow_dispatch", RELAY, OURS, "next"), Event::Nothing(_)));
}

#[test]
fn pull_requests_are_found_by_what_the_event_says() {
    let pull = PullRequest {
        number: PullNumber(7),
        head_sha: CommitId::parse(HEAD).unwrap(),
        head_repository: Some("Fork/r".into()),
        base_ref: "next".into(),
        ..PullRequest::default()
    };
    let head = |repository: Option<&str>| Pulls::Head {
        sha: CommitId::parse(HEAD).unwrap(),
        repository: repository.map(str::to_owned),
    };
    for pulls in [head(Some("fork/r")), head(None), Pulls::Into("next".into()), Pulls::All, Pulls::One(PullNumber(7))] {
        assert!(pulls.covers(&pull), "{pulls:?}");
    }
    let base = Pulls::Head { sha: CommitId::parse(BASE).unwrap(), repository: None };
    for pulls in [head(Some("o/r")), base, Pulls::Into("main".into()), Pulls::None, Pulls::One(PullNumber(8))] {
        assert!(!pulls.covers(&pull), "{pulls:?}");
    }
    let gone = PullRequest { head_repository: None, ..pull };
    assert!(!head(Some("fork/r")).covers(&gone) && head(None).covers(&gone));
}

#[test]
fn only_the_workflow_of_the_default_branch_runs_the_bot() {
    let at = |name: &str, payload: &str, git_ref: &str| {
        read(&Started { name, payload, git_ref, relay: RELAY }).map(|event| matches!(event, Event::Refused(_)))
    };
    let dispatch =
        |branch: &str| format!(r#"{{"ref":"refs/heads/{branch}","repository":{{"default_branch":"main"}}}}"#);
    assert_eq!(at("workflow_dispatch", &dispatch("mine"), ""), Ok(true));
    assert_eq!(at("workflow_dispatch", &dispatch("main"), "refs/heads/mine"), Ok(true));
    assert_eq!(at("workflow_dispatch", &dispatch("main"), "refs/heads/main"), Ok(false));
    assert_eq!(
        at("workflow_dispatch", r#"{"ref":"refs/heads/mine"}"#, ""),
        Ok(true),
        "the default branch is not known"
    );
    let repository = r#"{"repository":{"default_branch":"main"}}"#;
    for name in ["schedule", "repository_dispatch", "workflow_run", "issue_comment"] {
        assert_eq!(at(name, repository, "refs/tags/main"), Ok(true), "{name}");
    }
    assert_eq!(at("schedule", r#"{"schedule":"1 1 * * *"}"#, "refs/heads/main"), Ok(false));
    // These run at refs of their own by their nature.
    assert_eq!(at("pull_request", &pull("o/r", "x"), "refs/pull/7/merge"), Ok(false));
    let refused = read(&Started { name: "workflow_dispatch", payload: &dispatch("mine"), git_ref: "", relay: RELAY });
    let named = scope(&refused.unwrap(), Some(PullNumber(3)), "main");
    assert_eq!(named, Scope::default(), "also where a pull request is named");
}

#[test]
fn an_unknown_event_needs_no_action_and_a_broken_one_is_an_error() {
    assert!(matches!(seen("star", "{}").unwrap(), Event::Nothing(_)));
    assert!(seen("pull_request", "{}").unwrap_err().to_string().contains("pull_request.number"));
    assert!(seen("push", "[").unwrap_err().to_string().contains("not JSON"));
    let relay = format!(r#"{{"workflow_run":{{"path":"{RELAY}","event":"pull_request","head_sha":"x"}}}}"#);
    assert!(seen("workflow_run", &relay).unwrap_err().to_string().contains("workflow_run.head_sha"));
}
