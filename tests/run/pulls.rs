//! Pull requests: what each outcome leaves behind.

use super::fake_github::{Fault, Seen};
use super::world::{LOCK, NEW, OLD, TOOL, TRACKER, World, tool, tracker};
use crate::support::lock;
use std::time::Duration;

fn check(name: &str, conclusion: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(conclusion.to_owned()))
}

#[test]
fn a_right_block_is_proven_held_and_explained_once() {
    let world = World::new();
    let number = world.bump(NEW);
    let first = world.everything();
    first.ok();
    let head = world.head(number);
    assert_eq!(
        world.checks(&head),
        [check("cargo2 block", "success"), check("cargo2 manual merge", "action_required")]
    );
    let comments = world.fake.comments(number);
    assert_eq!(comments.len(), 1);
    let body = &comments[0].body;
    for part in ["<!-- cargo2-bot -->", "1.0.0", "1.1.0", "0.3.0", "bluefin/tool.bst", "--locked"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    let pull = world.fake.pull(number);
    assert_eq!(pull.labels, ["cargo2: manual merge"]);
    assert_eq!(first.output("held"), format!("[{number}]"));
    assert_eq!((first.output("errors"), first.output("drifted")), ("0", "0"));
    let sent = [
        "POST check-runs",
        "POST check-runs",
        "POST labels",
        &format!("POST issues/{number}/labels"),
        &format!("POST pulls/{number}/requested_reviewers"),
        &format!("POST issues/{number}/comments"),
    ];
    assert_eq!(first.writes, sent, "nothing else was sent");
    let second = world.everything();
    second.ok();
    assert_eq!(second.writes, [""; 0], "a second run sends no write");
    assert_eq!(world.index.asked().len(), 4, "a name that changed is asked for once a run: {:?}", world.index.asked());
}

#[test]
fn the_age_of_a_release_is_that_at_the_push_which_github_saw() {
    let world = World::new();
    world.fake.commit("main", &[(".github/cargo2-bot.yml", Some("quiet-days: {release: 60000}\n"))], "owner");
    let number = world.bump(NEW);
    world.everything().ok();
    let body = &world.fake.comments(number)[0].body;
    assert!(body.contains("was published on 2020-01-02") && body.contains("days before the bump"), "{body}");
    assert_eq!(world.everything().writes, [""; 0], "it does not change from day to day");
}

#[test]
fn drift_is_fixed_by_one_commit_on_the_branch() {
    let world = World::new();
    let number = world.bump(OLD);
    let old = world.head(number);
    let run = world.everything();
    run.ok();
    let head = world.head(number);
    assert_ne!(head, old);
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(NEW));
    assert_eq!(
        world.checks(&head),
        [check("cargo2 block", "success"), check("cargo2 manual merge", "action_required")]
    );
    assert_eq!(run.output("mended"), "1");
    assert_eq!(run.writes[0], "Commit");
    let again = world.everything();
    again.ok();
    // The comment reports the regenerated block once; then a right one.
    assert!(again.writes.len() <= 3, "{:?}", again.writes);
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn an_approval_releases_the_hold_and_a_new_content_voids_it() {
    let world = World::new();
    let number = world.bump(NEW);
    world.everything();
    world.fake.review(number, "reviewer", "APPROVED");
    let payload = format!(
        r#"{{"action":"submitted","pull_request":{{"number":{number},"head":{{"repo":{{"full_name":"owner/name"}}}},
        "base":{{"repo":{{"full_name":"owner/name"}}}}}}}}"#
    );
    let released = world.event("pull_request_review", &payload);
    released.ok();
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 manual merge", "success")));
    // What decides nothing keeps it, another content voids it.
    world.fake.commit("auto/track-tool", &[("README.md", Some("other"))], "github-actions[bot]");
    world.everything().ok();
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 manual merge", "success")));
    world.fake.commit("auto/track-tool", &[(TOOL, Some(&format!("{}# more\n", tool(NEW))))], "github-actions[bot]");
    world.everything();
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 manual merge", "action_required")));
}

#[test]
fn an_approval_follows_the_same_content_to_a_new_head_and_no_other() {
    let world = World::new();
    let first = world.bump(NEW);
    let approved = world.head(first);
    world.fake.reset("auto/track-tool", &world.fake.head("main").unwrap());
    let files = [(LOCK, lock(NEW)), (TOOL, tool(NEW))];
    let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect();
    world.fake.commit_with("auto/track-tool", &files, "github-actions[bot]", "the same again");
    let number = world.fake.open_pull("auto/track-tool", "main", "github-actions[bot]", "again");
    assert_ne!(world.head(number), approved);
    world.fake.review_of(number, "reviewer", "APPROVED", &approved);
    world.everything().ok();
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 manual merge", "success")));
    // What was approved was another text.
    world.fake.commit("auto/track-tool", &[(TOOL, Some(&format!("{}# more\n", tool(NEW))))], "github-actions[bot]");
    world.everything();
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 manual merge", "action_required")));
}

#[test]
fn a_job_with_the_name_of_the_hold_does_not_stand_for_it() {
    let world = World::new();
    let number = world.bump(NEW);
    world.everything().ok();
    let head = world.head(number);
    world.fake.check_run(&head, "github-actions", "cargo2 manual merge", Some("success"));
    world.everything().ok();
    let last =
        world.fake.checks(&head).into_iter().filter(|run| run.name == "cargo2 manual merge").max_by_key(|r| r.id);
    assert_eq!(last.unwrap().conclusion.as_deref(), Some("action_required"), "the newest is ours");
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn a_head_that_two_pull_requests_share_keeps_the_stricter_word() {
    let world = World::new();
    let number = world.bump(NEW);
    let head = world.head(number);
    // The same head against a branch from which it differs in nothing that is Rust.
    world.fake.commit("stable", &[("README.md", Some("x"))], "owner");
    world.fake.reset("stable", &head);
    world.fake.commit("auto/track-tool", &[("README.md", Some("more"))], "github-actions[bot]");
    let other = world.fake.open_pull("auto/track-tool", "stable", "github-actions[bot]", "harmless");
    for _ in 0..2 {
        world.everything().ok();
        let held = check("cargo2 manual merge", "action_required");
        assert!(world.checks(&world.head(other)).contains(&held), "{:?}", world.checks(&world.head(other)));
    }
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn a_selection_never_releases_what_it_leaves_out() {
    let world = World::new();
    let number = world.bump(NEW);
    let run = world.run("workflow_dispatch", "{}", &["--element", "bluefin/other.bst"]);
    assert_eq!(world.checks(&world.head(number)), [], "{:?}", run.run);
}

#[test]
fn a_list_that_vanishes_fails_the_check() {
    let world = World::new();
    let text = tool(NEW);
    let without = &text[..text.find("- kind: cargo2").unwrap()];
    world.fake.commit("auto/x", &[(TOOL, Some(without))], "github-actions[bot]");
    let number = world.fake.open_pull("auto/x", "main", "github-actions[bot]", "x");
    let run = world.everything();
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 block", "failure")));
    assert!(world.fake.comments(number)[0].body.contains("block-gone"), "{}", world.fake.comments(number)[0].body);
}

#[test]
fn a_pull_request_without_rust_passes_quickly() {
    let world = World::new();
    world.fake.commit("docs", &[("README.md", Some("better"))], "someone");
    let number = world.fake.open_pull("docs", "main", "someone", "docs");
    let run = world.everything();
    run.ok();
    assert_eq!(
        world.checks(&world.head(number)),
        [check("cargo2 block", "success"), check("cargo2 manual merge", "success")]
    );
    assert_eq!(run.writes, ["POST check-runs", "POST check-runs"]);
    assert_eq!(world.fake.comments(number).len(), 0);
    assert_eq!(world.index.asked(), [""; 0]);
}

#[test]
fn auto_merge_is_switched_off_and_the_queue_is_left() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.auto_merge(number, true);
    world.fake.queue(number, true);
    let run = world.everything();
    run.ok();
    assert_eq!(run.writes[..2], ["AutoMergeOff", "Dequeue"], "the hold comes first");
    assert!(!world.fake.pull(number).auto_merge);
}

#[test]
fn a_commit_of_a_person_is_left_alone_until_somebody_asks() {
    let world = World::new();
    let number = world.bump(OLD);
    world.fake.commit("auto/track-tool", &[("notes.txt", Some("by hand"))], "reviewer");
    let run = world.everything();
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 block", "failure")));
    assert!(world.fake.comments(number)[0].body.contains("/cargo2 regenerate"));
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(OLD));
}

#[test]
fn a_checksum_that_the_index_does_not_have_fails_the_check() {
    let world = World::new();
    let number = world.bump(NEW);
    world.index.publish("c", "0.3.0", &"0".repeat(64));
    let other = World::new();
    other.index.publish("zzz", "1.0.0", &"1".repeat(64));
    let crates: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "1.0.0"), ("nowhere", "1.0.0")];
    let files = [(LOCK, lock(crates)), (TOOL, tool(crates))];
    let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect();
    other.fake.commit("auto/x", &files, "github-actions[bot]");
    let second = other.fake.open_pull("auto/x", "main", "github-actions[bot]", "x");
    let run = other.everything();
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    let top: Vec<String> = other.fake.comments(second)[0].body.lines().take(10).map(str::to_owned).collect();
    assert!(top.join("\n").contains("nowhere"), "{top:?}");
    assert!(other.checks(&other.head(second)).contains(&check("cargo2 block", "failure")));
    let _ = number;
}

#[test]
fn a_base_that_cannot_be_read_keeps_its_pull_requests_held() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.commit("main", &[(".github/cargo2-bot.yml", Some("nonsense: true\n"))], "owner");
    let run = world.everything();
    assert_eq!(run.run.code, Some(1), "{:?}", run.run);
    assert!(run.run.stdout.contains("nonsense"), "{}", run.run.stdout);
    assert_eq!(
        world.checks(&world.head(number)),
        [check("cargo2 block", "failure"), check("cargo2 manual merge", "action_required")]
    );
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn an_element_that_is_a_link_is_not_written_over() {
    let world = World::new();
    // The element's name is a link to the file; the lock moves and the block does not.
    let repository = git2::Repository::open_bare(world.fake.git_dir()).unwrap();
    let base = git2::Oid::from_str(&world.fake.head("main").unwrap()).unwrap();
    let base = repository.find_commit(base).unwrap();
    let blob = |text: &str| repository.blob(text.as_bytes()).unwrap();
    let mut change = git2::build::TreeUpdateBuilder::new();
    change.upsert("elements/bluefin/real.txt", blob(&tool(OLD)), git2::FileMode::Blob);
    change.upsert(TOOL, blob("real.txt"), git2::FileMode::Link);
    change.upsert(LOCK, blob(&lock(NEW)), git2::FileMode::Blob);
    let tree = change.create_updated(&repository, &base.tree().unwrap()).unwrap();
    let who =
        git2::Signature::now("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com").unwrap();
    let tree = repository.find_tree(tree).unwrap();
    repository.commit(Some("refs/heads/auto/link"), &who, &who, "link", &tree, &[&base]).unwrap();
    let number = world.fake.open_pull("auto/link", "main", "github-actions[bot]", "link");
    let run = world.everything();
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    assert!(!run.writes.contains(&"Commit".to_owned()), "{:?}", run.writes);
    assert!(world.checks(&world.head(number)).contains(&check("cargo2 block", "failure")));
    assert_eq!(run.output("mended"), "0");
}

#[test]
fn a_tracker_that_would_merge_a_rust_element_by_itself_is_held() {
    let world = World::new();
    world.fake.commit("loose", &[(TRACKER, Some(&tracker("auto-merge")))], "someone");
    let number = world.fake.open_pull("loose", "main", "someone", "faster");
    let run = world.everything();
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    assert_eq!(
        world.checks(&world.head(number)),
        [check("cargo2 block", "failure"), check("cargo2 manual merge", "action_required")]
    );
    assert!(world.fake.comments(number)[0].body.contains("matrix-rust-auto-merge"));
    // Another change of it is held as what it is, and a comment in it is harmless.
    let renamed = tracker("manual-merge").replace("name: Track", "name: Tracker");
    world.fake.commit("renamed", &[(TRACKER, Some(&renamed))], "someone");
    let other = world.fake.open_pull("renamed", "main", "someone", "name");
    world.everything();
    assert!(world.checks(&world.head(other)).contains(&check("cargo2 manual merge", "action_required")));
    assert!(world.fake.comments(other)[0].body.contains(TRACKER), "{}", world.fake.comments(other)[0].body);
    let harmless = format!("# why\n{}", tracker("manual-merge"));
    world.fake.commit("harmless", &[(TRACKER, Some(&harmless))], "someone");
    let other = world.fake.open_pull("harmless", "main", "someone", "comment");
    world.everything();
    assert!(world.checks(&world.head(other)).contains(&check("cargo2 manual merge", "success")));
    assert_eq!(world.fake.comments(other).len(), 0);
}

#[test]
fn plans_and_notes_keep_the_order_of_the_numbers_whoever_answers_first() {
    let world = World::new();
    let mut pulls = Vec::new();
    for name in ["x", "y", "z"] {
        let files = [(LOCK, lock(NEW)), (TOOL, tool(NEW)), ("notes.txt", name.to_owned())];
        let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect();
        let branch = format!("auto/{name}");
        world.fake.commit(&branch, &files, "github-actions[bot]");
        pulls.push(world.fake.open_pull(&branch, "main", "github-actions[bot]", name));
    }
    let heads: Vec<String> = pulls.iter().map(|number| world.head(*number)).collect();
    let compares = |head: &String| {
        let head = head.clone();
        move |seen: &Seen| seen.path.contains("/compare/") && seen.path.contains(&head)
    };
    // The first is answered last, and the second never.
    world.fake.fail(1, compares(&heads[0]), Fault::Slow(Duration::from_millis(800)));
    world.fake.fail(usize::MAX, compares(&heads[1]), Fault::Status(422));
    let run = world.run("workflow_run", "{}", &["--dry-run"]);
    assert_eq!(run.run.code, Some(1), "{:?}", run.run);
    let plans: Vec<&str> = run.run.stdout.lines().filter(|line| line.starts_with('#')).collect();
    let numbered: Vec<String> = pulls.iter().map(|number| format!("#{number}:")).collect();
    assert_eq!(plans, numbered, "{}", run.run.stdout);
    assert_eq!(run.output("held"), format!("[{},{}]", pulls[0], pulls[2]), "one failure hides no other");
    assert!(run.run.stdout.contains(&format!("#{} could not be reviewed", pulls[1])), "{}", run.run.stdout);
    let requests = world.fake.requests();
    let first = |what: &str, head: &str| {
        requests.iter().position(|request| request.path.contains(what) && request.path.contains(head)).unwrap()
    };
    let trees = |head: &str| first("/git/trees/", head);
    assert!(trees(&heads[2]) < trees(&heads[0]), "the last was read while the first was waited for");
}
