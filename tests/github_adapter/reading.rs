//! What is read is what is there.

use super::{Fake, connect, connection, with_pull};
use crate::fake_github::{Access, Fault, Grouping, Token};
use cargo2_bot::finding::read::Read;
use cargo2_bot::github::ids::{CommitId, Conclusion, PullNumber, ReviewState};
use cargo2_bot::github::rules::{BranchRules, Bypass, PullRule, Reporter, RequiredCheck};
use cargo2_bot::io::github::{Connection, GitHub, GitHubError, Permission, Token as Secret};

#[tokio::test]
async fn a_pull_request_is_read_with_all_that_hangs_on_it() {
    let (fake, number) = with_pull();
    fake.permission("ann", "write");
    fake.permission("bob", "read");
    fake.set_body(number, "text");
    fake.auto_merge(number, true);
    fake.queue(number, true);
    fake.set_draft(number, true);
    fake.label(number, "rust");
    let comment = fake.comment(number, "github-actions[bot]", "hello");
    fake.review(number, "ann", "APPROVED");
    fake.review(number, "bob", "CHANGES_REQUESTED");
    let head = fake.head("track").unwrap();
    fake.check_run(&head, "github-actions", "cargo2 block", Some("action_required"));
    fake.status(&head, "ann", "ci", "success");
    let overview = connect(&fake, "workflow").pulls().await.unwrap();
    assert_eq!((overview.viewer.login.as_str(), overview.viewer.bot), ("github-actions[bot]", true));
    assert_eq!(
        (overview.repository.full_name.as_str(), overview.repository.default_branch.as_str()),
        ("owner/name", "main")
    );
    assert_eq!(overview.head.map(|id| id.to_string()), fake.head("main"));
    let [pull] = overview.pulls.as_slice() else { panic!("{:?}", overview.pulls) };
    assert_eq!((pull.number.0, pull.title.as_str(), pull.body.as_str()), (number, "Track a", "text"));
    assert!(pull.open && pull.auto_merge && pull.queued && pull.draft);
    assert_eq!((&*pull.head_ref, pull.head_sha.as_str(), &*pull.base_ref), ("track", &*head, "main"));
    assert_eq!(pull.head_repository.as_deref(), Some("owner/name"));
    assert_eq!((pull.paths.clone(), pull.paths_complete), (vec!["a.bst".to_owned()], true));
    assert_eq!(pull.labels, ["rust"]);
    assert_eq!((pull.comments[0].id.0, pull.comments[0].author.login.as_str()), (comment, "github-actions[bot]"));
    assert!(pull.comments[0].author.bot);
    let reviews: Vec<_> =
        pull.reviews.iter().map(|r| (r.author.login.as_str(), r.state.clone(), r.may_write)).collect();
    assert_eq!(reviews, [("ann", ReviewState::Approved, true), ("bob", ReviewState::ChangesRequested, false)]);
    assert_eq!(pull.reviews[0].commit.as_ref().map(CommitId::as_str), Some(&*head));
    assert_eq!(
        (pull.checks[0].app.as_str(), pull.checks[0].conclusion.as_ref().map(Conclusion::as_str)),
        ("github-actions", Some("action_required"))
    );
    assert_eq!((pull.statuses[0].context.as_str(), pull.statuses[0].state.as_str()), ("ci", "success"));
    assert_eq!(fake.requests().len(), 1, "one request for all of it");
}

#[tokio::test]
async fn all_pages_are_read_and_only_where_there_are_more() {
    let fake = Fake::new();
    let names: Vec<String> = (0..7).map(|n| format!("f{n}.bst")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), Some("x"))).collect();
    for branch in ["t1", "t2", "t3", "t4", "t5"] {
        fake.commit(branch, &[(branch, Some("x"))], "tracker");
        fake.open_pull(branch, "main", "tracker", branch);
    }
    fake.commit("t5", &files, "tracker");
    for n in 0..5 {
        fake.comment(5, "ann", &n.to_string());
        fake.review(5, "ann", "COMMENTED");
    }
    let head = fake.head("t5").unwrap();
    for n in 0..4 {
        fake.check_run(&head, "ci", &format!("c{n}"), Some("success"));
    }
    fake.page_size(2);
    let github = connect(&fake, "workflow");
    let overview = github.pulls().await.unwrap();
    let numbers: Vec<u64> = overview.pulls.iter().map(|p| p.number.0).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let pull = &overview.pulls[4];
    assert_eq!((pull.paths.len(), pull.paths_complete), (8, true));
    let bodies: Vec<&str> = pull.comments.iter().map(|c| c.body.as_str()).collect();
    assert_eq!(bodies, ["0", "1", "2", "3", "4"]);
    assert_eq!((pull.reviews.len(), pull.checks.len()), (5, 4));
    assert_eq!(github.pull(PullNumber(5)).await.unwrap().pulls[0], *pull);
    assert!(fake.unknown().is_empty(), "{:?}", fake.unknown());
}

#[tokio::test]
async fn one_request_for_twenty_pull_requests() {
    let fake = Fake::new();
    for n in 0..41 {
        let branch = format!("t{n}");
        fake.commit(&branch, &[(&branch, Some("x"))], "tracker");
        fake.open_pull(&branch, "main", "tracker", &branch);
    }
    let github = connect(&fake, "workflow");
    assert_eq!(github.pulls().await.unwrap().pulls.len(), 41);
    assert_eq!(github.requests(), (3, 0));
}

#[tokio::test]
async fn both_names_of_a_renamed_file_are_read() {
    let fake = Fake::new();
    let text = "one\ntwo\nthree\nfour\n";
    fake.commit("main", &[("old.bst", Some(text))], "owner");
    fake.commit("move", &[("old.bst", None), ("new.bst", Some(text))], "owner");
    let number = fake.open_pull("move", "main", "owner", "Move");
    let overview = connect(&fake, "workflow").pull(number.into()).await.unwrap();
    let mut paths = overview.pulls[0].paths.clone();
    paths.sort();
    assert_eq!((paths, overview.pulls[0].paths_complete), (vec!["new.bst".to_owned(), "old.bst".to_owned()], true));
}

#[tokio::test]
async fn a_pull_request_that_is_not_there_is_none_and_a_closed_one_is_there() {
    let (fake, number) = with_pull();
    let github = connect(&fake, "workflow");
    let none = github.pull(PullNumber(999)).await.unwrap();
    assert!(none.pulls.is_empty());
    assert_eq!(none.repository.full_name, "owner/name");
    fake.close(number);
    assert!(!github.pull(number.into()).await.unwrap().pulls[0].open);
    assert!(github.pulls().await.unwrap().pulls.is_empty());
}

#[tokio::test]
async fn a_fork_is_named_and_one_that_is_gone_is_not() {
    let fake = Fake::new();
    fake.fork_commit("stranger", "patch", &[("x", Some("x"))], "stranger");
    let number = fake.open_fork_pull("stranger", "patch", "main", "stranger", "Mine");
    let github = connect(&fake, "workflow");
    assert_eq!(github.pull(number.into()).await.unwrap().pulls[0].head_repository.as_deref(), Some("stranger/name"));
    fake.delete_fork(number);
    assert_eq!(github.pull(number.into()).await.unwrap().pulls[0].head_repository, None);
}

#[tokio::test]
async fn branches_are_compared_as_git_does() {
    let (fake, _) = with_pull();
    let base = fake.head("main").unwrap();
    fake.commit("main", &[("b", Some("b"))], "owner");
    fake.commit_with("track", &[("c", Some("c"))], "ann", "fix: by hand\n\nmore");
    fake.merge("track", "main", "ann");
    let github = connect(&fake, "workflow");
    let comparison = github.compare(&base, "track").await.unwrap();
    assert_eq!((comparison.merge_base.as_str(), comparison.ahead, comparison.complete), (&*base, 4, true));
    let merge = comparison.commits.last().unwrap();
    let parents: Vec<String> = merge.parents.iter().map(ToString::to_string).collect();
    let main = fake.head("main").unwrap();
    assert!(merge.is_merge() && parents.len() == 2 && parents[1] == main, "{parents:?}");
    let commits: Vec<_> = comparison.commits.iter().map(|c| (c.author.login.as_str(), c.parents.len())).collect();
    assert!(commits.contains(&("tracker", 1)) && commits.contains(&("ann", 2)), "{commits:?}");
    assert!(comparison.commits.iter().any(|c| c.subject() == "fix: by hand"));
    assert!(matches!(github.compare("main", "nowhere").await, Err(GitHubError::NotFound { .. })));
}

#[tokio::test]
async fn the_tree_and_its_files_are_read() {
    let fake = Fake::new();
    fake.commit("main", &[("d/e/f.bst", Some("deep\n")), ("g", Some("ü\0\n"))], "owner");
    let github = connect(&fake, "workflow");
    let tree = github.tree(&fake.head("main").unwrap()).await.unwrap();
    let entry = |path: &str| tree.iter().find(|e| e.path == path).unwrap();
    assert_eq!((entry("d/e").mode, entry("d/e/f.bst").mode, entry("g").size), (0o040_000, 0o100_644, Some(4)));
    assert_eq!(github.blob(&entry("d/e/f.bst").id).await.unwrap(), b"deep\n");
    assert_eq!(github.blob(&entry("g").id).await.unwrap(), "ü\0\n".as_bytes());
}

#[tokio::test]
async fn a_branch_is_found_by_its_whole_name() {
    let fake = Fake::new();
    fake.commit("cargo2-bot/a/b.bst", &[("x", Some("x"))], "owner");
    let github = connect(&fake, "workflow");
    assert_eq!(
        github.branch("cargo2-bot/a/b.bst").await.unwrap().map(|id| id.to_string()),
        fake.head("cargo2-bot/a/b.bst")
    );
    assert_eq!(github.branch("cargo2-bot/a").await.unwrap(), None);
    let number = fake.open_pull("cargo2-bot/a/b.bst", "main", "github-actions[bot]", "Mend");
    assert_eq!(github.pull_of_branch("cargo2-bot/a/b.bst").await.unwrap(), Some(number.into()));
    assert_eq!(github.pull_of_branch("main").await.unwrap(), None);
    fake.close(number);
    assert_eq!(github.pull_of_branch("cargo2-bot/a/b.bst").await.unwrap(), None);
}

#[tokio::test]
async fn a_branch_of_that_name_in_a_fork_is_not_ours() {
    let fake = Fake::new();
    fake.fork_commit("stranger", "cargo2-bot/a", &[("x", Some("x"))], "stranger");
    fake.open_fork_pull("stranger", "cargo2-bot/a", "main", "stranger", "Mine");
    assert_eq!(connect(&fake, "workflow").pull_of_branch("cargo2-bot/a").await.unwrap(), None);
}

#[tokio::test]
async fn required_checks_come_from_rulesets_and_from_protection() {
    let fake = Fake::new();
    let github = connect(&fake, "app");
    let nothing = github.rules("main").await;
    assert_eq!(nothing, BranchRules { branch: "main".into(), ..BranchRules::default() });
    fake.rule_checks("main", &[("hold", Some(15368)), ("other", None)]);
    fake.rule_reviews("main", 1);
    let rules = github.rules("main").await;
    let check = |name: &str, app| RequiredCheck { name: name.into(), app, on_create: true };
    assert_eq!(rules.checks, [check("hold", Some(15368)), check("other", None)]);
    assert_eq!(rules.pulls.unwrap().approvals, 1);
    assert_eq!((rules.strict, rules.queue, rules.no_deletion, rules.no_force_push), (false, None, false, false));
    assert_eq!(rules.unread, [""; 0]);
}

#[tokio::test]
async fn every_rule_of_a_branch_is_read_and_whether_the_token_may_bypass_it() {
    let fake = Fake::new();
    fake.rule_strict_checks("main", &[("hold", Some(4242))]);
    fake.rule_pull_request("main", 2, true, true);
    fake.rule_queue("main", Grouping::HeadGreen);
    fake.rule("main", "deletion", serde_json::Value::Null);
    fake.rule("main", "non_fast_forward", serde_json::Value::Null);
    let rules = connect(&fake, "app").rules("main").await;
    let pulls = PullRule { approvals: 2, dismiss_stale: true, last_push: true, ..PullRule::default() };
    assert_eq!((rules.strict, rules.queue, rules.pulls), (true, Some("HEADGREEN".into()), Some(pulls)));
    assert!(rules.no_deletion && rules.no_force_push);
    let bypass = |rules: BranchRules| rules.rulesets.into_iter().map(|set| set.own_bypass).collect::<Vec<_>>();
    assert_eq!(bypass(connect(&fake, "app").rules("main").await), [Read::Known(Bypass::Never)]);
    fake.bypass("cargo2[bot]");
    assert_eq!(bypass(connect(&fake, "app").rules("main").await), [Read::Known(Bypass::Always)]);
}

#[tokio::test]
async fn the_id_of_an_app_is_public() {
    let fake = Fake::new();
    let github = connect(&fake, "workflow");
    assert_eq!(github.reporter("github-actions").await, Reporter::App { slug: "github-actions".into(), id: 15368 });
    assert!(matches!(github.reporter("nobody").await, Reporter::Unknown(_)));
}

#[tokio::test]
async fn what_may_not_be_read_of_a_protection_is_said() {
    let fake = Fake::new();
    fake.protect("main", &[("hold", None)], true);
    let rules = connect(&fake, "workflow").rules("main").await;
    let hold = RequiredCheck { name: "hold".into(), ..RequiredCheck::default() };
    assert_eq!(rules.checks, [hold], "everyone sees this much");
    assert!(rules.unread[0].contains("administration: read"), "{:?}", rules.unread);
    let rules = connect(&fake, "pat").rules("main").await;
    assert_eq!((rules.checks.len(), rules.pulls.unwrap().approvals, rules.unread.len()), (1, 1, 0));
    assert!(rules.no_deletion && rules.no_force_push);
}

#[tokio::test]
async fn permissions_are_those_of_the_role() {
    let fake = Fake::new();
    for role in ["admin", "maintain", "write", "triage", "read", "none"] {
        fake.permission(role, role);
    }
    let github = connect(&fake, "workflow");
    let of = async |login: &str| github.permission(login).await.unwrap();
    assert_eq!(
        (of("admin").await, of("maintain").await, of("write").await),
        (Permission::Admin, Permission::Write, Permission::Write)
    );
    assert_eq!(
        (of("triage").await, of("read").await, of("none").await),
        (Permission::Read, Permission::Read, Permission::None)
    );
    assert_eq!(
        (of("nobody-at-all").await, of("").await, of("../../user").await),
        (Permission::None, Permission::None, Permission::None)
    );
}

#[tokio::test]
async fn checks_statuses_and_reactions_of_other_commits_are_read() {
    let (fake, number) = with_pull();
    let sha = fake.head("main").unwrap();
    fake.check_run(&sha, "ci", "build", None);
    fake.status(&sha, "ann", "s", "failure");
    fake.status(&sha, "ann", "s", "success");
    let comment = fake.comment(number, "ann", "/cargo2 recheck");
    let github = connect(&fake, "workflow");
    let id = CommitId::parse(&sha).unwrap();
    let run = &github.check_runs(&id).await.unwrap()[0];
    assert_eq!((run.name.as_str(), run.app.as_str(), run.conclusion.clone()), ("build", "ci", None));
    let statuses = github.statuses(&id).await.unwrap();
    assert_eq!((statuses.len(), statuses[0].state.as_str(), statuses[0].creator.login.as_str()), (1, "success", "ann"));
    assert!(github.reactions(comment.into()).await.unwrap().is_empty());
}

#[tokio::test]
async fn enterprise_is_read_at_its_own_addresses() {
    let (fake, number) = with_pull();
    let github = GitHub::connect(Connection {
        api: fake.enterprise_api_url(),
        graphql: fake.enterprise_graphql_url(),
        token: Secret::new("workflow"),
        repository: "owner/name".to_owned(),
        ..Connection::default()
    })
    .unwrap();
    assert_eq!(github.pulls().await.unwrap().pulls[0].number, number.into());
    assert_eq!(github.branch("track").await.unwrap().map(|id| id.to_string()), fake.head("track"));
}

#[tokio::test]
async fn another_repository_and_a_wrong_token_are_told_apart() {
    let fake = Fake::new();
    let other = GitHub::connect(Connection {
        api: fake.api_url(),
        graphql: fake.graphql_url(),
        token: Secret::new("workflow"),
        repository: "owner/other".to_owned(),
        ..Connection::default()
    });
    assert!(matches!(other.unwrap().pulls().await, Err(GitHubError::NotFound { .. })));
    assert!(matches!(connect(&fake, "wrong").pulls().await, Err(GitHubError::Unauthorized { .. })));
}

#[tokio::test]
async fn reads_go_on_after_failures_and_limits() {
    let (fake, number) = with_pull();
    fake.fail(1, |_| true, Fault::Status(502));
    fake.fail(1, |_| true, Fault::ResetBefore);
    fake.fail(1, |_| true, Fault::Secondary { status: 403, retry_after: Some(1) });
    fake.fail(1, |_| true, Fault::Primary { status: 403, reset: 0 });
    let github = connect(&fake, "workflow");
    assert_eq!(github.pulls().await.unwrap().pulls[0].number, number.into());
    assert_eq!((fake.pending(), github.requests()), (0, (5, 0)));
}

#[tokio::test]
async fn a_token_without_checks_still_reads_the_pull_request() {
    let (fake, number) = with_pull();
    fake.token("weak", Token::workflow().with("checks", Access::None));
    assert_eq!(connect(&fake, "weak").pull(number.into()).await.unwrap().pulls[0].number, number.into());
}

#[tokio::test(start_paused = true)]
async fn a_service_in_place_of_the_network_is_waited_for_without_time() {
    let (fake, number) = with_pull();
    fake.fail(1, |_| true, Fault::ResetBefore);
    fake.fail(1, |_| true, Fault::Secondary { status: 403, retry_after: Some(3600) });
    let wait = Connection { budget: std::time::Duration::from_secs(7200), ..connection(&fake, "workflow") };
    let github = GitHub::over(wait, fake.exchange()).unwrap();
    let begin = tokio::time::Instant::now();
    assert_eq!(github.pulls().await.unwrap().pulls[0].number, number.into());
    assert_eq!((fake.pending(), github.requests(), begin.elapsed().as_secs()), (0, (3, 0), 3600));
}
