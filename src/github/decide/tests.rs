use super::*;
use crate::github::facts::{BranchCommit, CheckRun};
use crate::github::ids::{CheckRunId, CommentId, CommitId, Conclusion};
use crate::github::plan::WriteCheck;

fn bot() -> Actor {
    Actor { login: "github-actions[bot]".into(), bot: true }
}

fn pull() -> PullRequest {
    PullRequest {
        number: 7.into(),
        node_id: "PR_7".into(),
        author: bot(),
        open: true,
        head_ref: "track/a".into(),
        head_sha: CommitId::of("head"),
        head_repository: Some("o/r".into()),
        base_ref: "main".into(),
        ..PullRequest::default()
    }
}

fn commits(authors: &[(&str, usize)]) -> Comparison {
    let commit = |(login, parents): &(&str, usize)| BranchCommit {
        sha: CommitId::of("one"),
        author: Actor { login: (*login).into(), bot: login.ends_with("[bot]") },
        parents: vec![CommitId::of("parent"); *parents],
        ..BranchCommit::default()
    };
    Comparison {
        merge_base: CommitId::of("base"),
        ahead: authors.len() as u64,
        commits: authors.iter().map(commit).collect(),
        complete: true,
    }
}

fn change() -> Vec<(String, String)> {
    vec![("elements/a.bst".into(), "new".into())]
}

fn decided(pull: &PullRequest, commits: &Comparison, insist: bool, read_only: Option<&str>) -> BlockUpdate {
    let viewer = bot();
    let branch = Branch {
        pull,
        repository: "o/r",
        commits,
        viewer: &viewer,
        read_only,
        insist,
        default_branch: "main",
        refused: None,
    };
    block_update(&branch, change())
}

#[test]
fn drift_on_a_tracker_branch_is_updated() {
    assert_eq!(decided(&pull(), &commits(&[("github-actions[bot]", 1)]), false, None), BlockUpdate::Commit(change()));
}

#[test]
fn a_commit_of_a_person_is_not_written_over_unless_requested() {
    let commits = commits(&[("github-actions[bot]", 1), ("ann", 1)]);
    let BlockUpdate::Left(why) = decided(&pull(), &commits, false, None) else { panic!() };
    assert!(why.contains("/cargo2 regenerate"));
    assert_eq!(decided(&pull(), &commits, true, None), BlockUpdate::Commit(change()));
}

#[test]
fn a_merge_by_a_person_changes_nothing_of_that() {
    let commits = commits(&[("github-actions[bot]", 1), ("ann", 2)]);
    assert_eq!(decided(&pull(), &commits, false, None), BlockUpdate::Commit(change()));
}

#[test]
fn what_is_not_ours_to_write_is_left() {
    let commits = commits(&[("github-actions[bot]", 1)]);
    let fork = PullRequest { head_repository: Some("fork/r".into()), ..pull() };
    let gone = PullRequest { head_repository: None, ..pull() };
    for (pull, insist, read_only) in [(fork, true, None), (gone, true, None), (pull(), true, Some("fork"))] {
        assert!(matches!(decided(&pull, &commits, insist, read_only), BlockUpdate::Left(_)));
    }
    let main = PullRequest { head_ref: "main".into(), base_ref: "stable".into(), ..pull() };
    assert!(matches!(decided(&main, &commits, true, None), BlockUpdate::Left(_)));
    let many = Comparison { ahead: 300, complete: false, ..commits };
    assert!(matches!(decided(&pull(), &many, false, None), BlockUpdate::Left(_)));
}

fn subject<'a>(pull: &'a PullRequest, elements: &'a [String], hold: Hold) -> Subject<'a> {
    Subject {
        pull,
        regenerated: elements,
        hold,
        content: Some("0123".into()),
        update: BlockUpdate::Nothing,
        executable: Vec::new(),
        unknown: false,
        verified: true,
        title: "all crate lists match Cargo.lock".into(),
        summary: "summary".into(),
        annotations: Vec::new(),
        comment: format!("{MARKER}\nreport\n"),
        requested_by: None,
        reviewers: RequestedReviewers { users: vec!["ann".into()], teams: vec!["rust".into()] },
    }
}

fn held() -> Hold {
    Hold::Held("nobody approved it".into())
}

fn kinds(actions: &[Action]) -> Vec<String> {
    let kind = |a: &Action| serde_json::to_value(a).unwrap()["do"].as_str().unwrap().to_owned();
    actions.iter().map(kind).collect()
}

fn plan(pull: &PullRequest, hold: Hold, change: impl FnOnce(&mut Subject<'_>), settings: &Settings) -> Vec<Action> {
    let elements = ["a.bst".to_owned()];
    let mut subject = subject(pull, &elements, hold);
    change(&mut subject);
    let written = Written { checks: &pull.checks, statuses: &pull.statuses, viewer: bot(), statuses_only: false };
    actions(&subject, &written, settings)
}

#[test]
fn a_held_pull_request_gets_everything_and_the_hold_first() {
    let pull = PullRequest { auto_merge: true, queued: true, ..pull() };
    let settings = Settings { draft: true, ..Settings::default() };
    let actions = plan(&pull, held(), |s| s.update = BlockUpdate::Commit(change()), &settings);
    assert_eq!(
        kinds(&actions),
        ["auto-merge-off", "dequeue", "commit", "check", "check", "label", "ask-review", "draft", "comment"]
    );
    assert!(
        matches!(&actions[3], Action::Check(WriteCheck { at: At::Committed, name, conclusion: Conclusion::ActionRequired, .. })
        if name == HOLD)
    );
}

/// The pull request as it is after the actions were carried out.
fn after(mut pull: PullRequest, actions: &[Action]) -> PullRequest {
    for action in actions {
        match action.clone() {
            Action::Check(check) => pull.checks.push(CheckRun {
                id: CheckRunId(pull.checks.len() as u64 + 1),
                name: check.name,
                app: "github-actions".into(),
                conclusion: Some(check.conclusion),
                external_id: check.external_id,
                ..CheckRun::default()
            }),
            Action::Comment(comment) => {
                let body = comment.body;
                pull.comments.push(Comment { id: CommentId(1), author: bot(), body, ..Comment::default() });
            }
            Action::Label(label) => pull.labels.push(label.name),
            _ => {}
        }
    }
    pull
}

#[test]
fn a_second_run_does_nothing_even_where_nobody_could_be_requested() {
    let settings = Settings { draft: true, ..Settings::default() };
    let first = plan(&pull(), held(), |_| (), &settings);
    let second = plan(&after(pull(), &first), held(), |_| (), &settings);
    assert_eq!(second, []);
}

#[test]
fn auto_merge_of_an_approved_pull_request_stays() {
    let pull = PullRequest { auto_merge: true, ..pull() };
    let actions = plan(&pull, Hold::Released(vec!["ann".into()]), |_| (), &Settings::default());
    assert_eq!(kinds(&actions), ["check", "check", "label", "comment"]);
    assert!(matches!(&actions[0], Action::Check(WriteCheck { conclusion: Conclusion::Success, title, .. })
        if title == "approved by ann"));
}

#[test]
fn the_author_is_never_requested_and_nobody_twice() {
    let settings = Settings { label: String::new(), ..Settings::default() };
    let author = PullRequest { author: Actor { login: "Ann".into(), bot: false }, ..pull() };
    let there = PullRequest { requested_teams: vec!["rust".into()], ..author };
    assert!(!kinds(&plan(&there, held(), |_| (), &settings)).contains(&"ask-review".to_owned()));
}

#[test]
fn a_comment_with_our_marker_by_someone_else_is_not_touched() {
    let theirs = Comment {
        id: CommentId(5),
        author: Actor { login: "mallory".into(), bot: false },
        body: format!("{MARKER}\nall is well"),
        ..Comment::default()
    };
    let pull = PullRequest { comments: vec![theirs], ..pull() };
    let actions = plan(&pull, held(), |_| (), &Settings::default());
    assert!(actions.iter().any(|a| matches!(a, Action::Comment(WriteComment { id: None, .. }))));
    assert!(!kinds(&actions).contains(&"delete-comment".to_owned()));
}

#[test]
fn a_comment_that_is_there_twice_goes_and_the_first_is_changed() {
    let own_comment = |id, text: &str| Comment {
        id: CommentId(id),
        author: bot(),
        body: format!("{MARKER}\n{text}"),
        ..Comment::default()
    };
    let pull = PullRequest { comments: vec![own_comment(1, "old"), own_comment(2, "report")], ..pull() };
    let actions = plan(&pull, held(), |s| s.reviewers = RequestedReviewers::default(), &Settings::default());
    assert!(actions.iter().any(|a| matches!(a, Action::Comment(WriteComment { id: Some(CommentId(1)), .. }))));
    assert!(actions.contains(&Action::DeleteComment(DeleteComment { id: CommentId(2) })));
}

#[test]
fn a_pull_request_without_rust_gets_both_checks_once_and_no_comment() {
    let written = Written { viewer: bot(), ..Written::default() };
    let content = Content { paths: 3, ..Content::default() };
    let first = harmless(&pull(), &content, &written);
    assert_eq!(kinds(&first), ["check", "check"]);
    let there = after(pull(), &first);
    assert_eq!(harmless(&there, &content, &Written { checks: &there.checks, ..written }), []);
}

#[test]
fn a_comment_that_is_no_longer_true_is_changed() {
    let comments =
        vec![Comment { id: CommentId(1), author: bot(), body: format!("{MARKER}\nreport"), ..Comment::default() }];
    let pull = PullRequest { comments, ..pull() };
    let written = Written { viewer: bot(), ..Written::default() };
    assert_eq!(kinds(&harmless(&pull, &Content::default(), &written)), ["check", "check", "comment"]);
}

#[test]
fn what_is_not_known_is_held_and_nobody_is_asked_to_review_it() {
    let pull = pull();
    let unknown = Subject { unknown: true, ..subject(&pull, &[], Hold::Held("not known".into())) };
    let written = Written { viewer: bot(), ..Written::default() };
    assert_eq!(kinds(&actions(&unknown, &written, &Settings::default())), ["check", "check"]);
}

#[test]
fn a_request_that_was_refused_is_not_remembered() {
    let body = format!("text\n{REQUESTED}ann bob rust -->\n");
    let refused = |users: &[&str], teams: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        RequestReviews { number: 7.into(), users: list(users), teams: list(teams) }
    };
    assert_eq!(without_requests(&body, &refused(&["ann"], &["rust"])), format!("text\n{REQUESTED}bob -->\n"));
    assert_eq!(without_requests(&body, &refused(&["ann", "bob"], &["rust"])), "text\n");
    assert_eq!(without_requests(&body, &refused(&["cat"], &[])), body);
}
