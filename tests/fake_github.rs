//! The fake GitHub of the tests, judged by itself and by GitHub's published schemas.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stderr)]

#[path = "fake_github_tests/client.rs"]
mod client;
#[path = "fake_github_tests/disturbed.rs"]
mod disturbed;
#[path = "fake_github/mod.rs"]
mod github;
#[path = "fake_github_tests/graph.rs"]
mod graph;
#[path = "fake_github_tests/life.rs"]
mod life;
#[path = "fake_github_tests/limits.rs"]
mod limits;
#[path = "fake_github_tests/people.rs"]
mod people;
#[path = "fake_github_tests/queue.rs"]
mod queue;
#[path = "fake_github_tests/routes.rs"]
mod routes;
#[path = "fake_github_tests/rules.rs"]
mod rules;

use std::process::Command;

use github::Fake;

/// A test, and what the record of its exchanges is made of.
macro_rules! scenarios {
    ($($module:ident::$name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            let fake = Fake::new();
            $module::$name(&fake);
            assert_eq!((fake.unknown(), fake.pending()), (Vec::<String>::new(), 0));
        })*

        const SCENARIOS: &[fn(&Fake)] = &[$($module::$name),*];
    };
}

scenarios! {
    life::a_pull_request_lives_and_dies_with_its_branch,
    life::a_new_head_has_no_checks_and_keeps_its_comments,
    life::a_deleted_branch_closes_and_a_merge_merges,
    life::a_merge_group_holds_base_and_head,
    life::the_head_of_a_fork_is_not_a_branch_of_the_repository,
    life::a_closed_pull_request_opens_again_only_where_it_stood,
    graph::every_document_is_answered_in_full,
    graph::every_page_is_reached_and_none_twice,
    graph::a_timeline_comes_in_pages,
    routes::activity_has_cursors_and_forks_show_it_where_a_test_says_so,
    graph::a_commit_needs_the_head_that_it_expects,
    graph::apps_have_another_login_than_in_rest,
    graph::workflow_files_need_a_right_of_their_own,
    graph::what_may_not_be_read_is_null_with_an_error,
    graph::what_is_off_cannot_be_switched_off,
    routes::git_objects_make_a_commit,
    routes::a_long_comparison_comes_in_pages,
    routes::a_ref_moves_forward_only,
    routes::comments_come_in_pages_and_can_be_changed,
    routes::labels_are_made_once,
    routes::the_author_is_not_asked_for_review,
    routes::check_runs_collect_their_annotations,
    routes::statuses_count_the_newest_of_each_context,
    routes::rules_and_people_are_shown,
    routes::an_enterprise_server_has_the_same_routes,
    limits::what_is_too_long_is_refused_and_not_kept,
    limits::a_missing_permission_is_named,
    limits::a_person_writes_no_check_runs,
    limits::a_read_only_token_writes_nothing,
    limits::a_setting_keeps_workflows_from_opening_pull_requests,
    limits::workflow_files_are_protected_from_git_objects_too,
    disturbed::a_human_pushes_between_plan_and_commit,
    disturbed::a_limit_says_when_to_come_back,
    disturbed::a_broken_connection_tells_not_whether_it_was_done,
    disturbed::the_same_answer_is_not_sent_twice,
    rules::a_required_check_blocks_a_merge_until_it_passes,
    rules::a_green_commit_is_a_ticket_for_a_push,
    rules::of_two_runs_of_one_name_one_reading_is_enough,
    rules::a_check_and_a_status_of_one_name_are_both_required,
    rules::a_check_of_another_app_does_not_count,
    rules::a_branch_that_is_behind_is_not_merged_where_checks_are_strict,
    rules::a_conflict_is_found_by_merging,
    rules::approvals_are_those_of_writers_now,
    rules::an_approval_of_another_diff_is_dismissed,
    rules::a_protected_branch_is_neither_forced_nor_deleted,
    queue::a_queue_merges_each_green_group_in_order,
    queue::where_the_head_decides_others_come_along,
    queue::what_fails_leaves_and_the_rest_is_built_anew,
    queue::a_push_takes_its_pull_request_out_of_the_queue,
    queue::auto_merge_waits_for_the_check_and_then_merges,
    people::author_committer_and_pusher_are_three,
    people::who_may_not_push_is_refused,
    people::the_base_of_a_merged_branch_is_followed,
    people::an_edited_comment_names_its_editor_in_graphql_alone,
    people::reviews_are_submitted_and_dismissed,
    people::the_list_of_files_may_lag_behind,
    people::without_a_socket_the_answers_are_the_same,
}

#[test]
fn unknown_routes_are_listed() {
    let fake = Fake::new();
    assert_eq!(client::Client::new(&fake, "app").get("/teapot").status, 404);
    assert_eq!(fake.unknown(), ["GET /repos/owner/name/teapot"]);
}

#[test]
fn a_checkout_can_be_cloned() {
    let fake = Fake::new();
    let sha = fake.commit("main", &[("elements/a.bst", Some("kind: manual\n"))], "human");
    let folder = tempfile::tempdir().unwrap();
    let clone = git2::Repository::clone(fake.git_dir().to_str().unwrap(), folder.path().join("clone")).unwrap();
    assert_eq!(clone.head().unwrap().target().unwrap().to_string(), sha);
}

/// Runs the checks of recorded exchanges; None where they are not installed and need not be.
fn checked(record: &std::path::Path) -> Option<(bool, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = std::env::var_os("CARGO2_BOT_PEERS").map(std::path::PathBuf::from);
    let place = place.unwrap_or_else(|| std::env::temp_dir().join("cargo2-bot-peers"));
    let there = place.join("node/graphql.mjs").exists() && place.join("tools/installed.txt").exists();
    if !there && std::env::var_os("CARGO2_BOT_REQUIRE_PEERS").is_none() {
        return None;
    }
    let run = Command::new(root.join(".ci/peers/github-check")).arg(record).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    Some((run.status.success(), text))
}

#[test]
fn all_answers_fit_githubs_own_descriptions() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("exchanges.jsonl");
    for scenario in SCENARIOS {
        let fake = Fake::new();
        fake.record_to(&record);
        scenario(&fake);
    }
    match checked(&record) {
        Some((passed, text)) => assert!(passed, "{text}"),
        None => eprintln!("skipped: the checks of .ci/peers/github-check are not installed"),
    }
}

/// A check that finds nothing in a wrong record is none.
#[test]
fn wrong_exchanges_are_found() {
    let comment = serde_json::json!({ "id": 1, "body": "no author" });
    let wrong = [
        serde_json::json!({ "method": "GET", "path": "/repos/o/n/issues/1/comments", "request": null, "status": 200, "response": [comment] }),
        serde_json::json!({ "method": "GET", "path": "/repos/o/n/teapot", "request": null, "status": 200, "response": {} }),
        serde_json::json!({ "method": "GET", "path": "/repos/o/n/pulls?stat=open", "request": null, "status": 200, "response": [] }),
        serde_json::json!({ "method": "POST", "path": "/graphql", "status": 200,
            "request": { "query": "query A { viewer { name login } }" }, "response": { "data": { "viewer": { "login": "a" } } } }),
        serde_json::json!({ "method": "POST", "path": "/graphql", "status": 200,
            "request": { "query": "query A { viewer { shoe } }" }, "response": { "data": { "viewer": { "shoe": 1 } } } }),
        serde_json::json!({ "method": "POST", "path": "/graphql", "status": 200,
            "request": { "query": "query A { viewer { login } }" }, "response": { "data": { "viewer": { "login": 1 } } } }),
        serde_json::json!({ "method": "POST", "path": "/graphql", "status": 200,
            "request": { "query": "query A($a: Int!) { viewer { login } }" }, "response": { "data": { "viewer": { "login": "a" } } } }),
        serde_json::json!({ "method": "POST", "path": "/repos/o/n/issues/1/labels", "request": { "label": ["a"] }, "status": 200, "response": [] }),
    ];
    let record = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(record.path(), wrong.map(|exchange| format!("{exchange}\n")).concat()).unwrap();
    match checked(record.path()) {
        Some((passed, text)) => assert!(!passed && text.contains("0 passed, 8 failed"), "{text}"),
        None => eprintln!("skipped: the checks of .ci/peers/github-check are not installed"),
    }
}
