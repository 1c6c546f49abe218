//! Operations: merges that went around the hold, the audit trail, and what version 0.1 left behind.

use super::fake_github::Handle;
use super::world::{LOCK, NEW, OLD, TOOL, World, tool};
use crate::support::lock;
use serde_json::Value;

const HOLD: &str = "cargo2 manual merge";

fn hold(world: &World, sha: &str) -> Vec<(String, Option<String>)> {
    let runs = world.fake.checks(sha).into_iter().filter(|run| run.name == HOLD);
    runs.map(|run| (run.title.unwrap_or_default(), run.conclusion)).collect()
}

/// A pull request that changes no Rust element, and has been looked at: since then the bot is here.
fn harmless(world: &World) -> u64 {
    world.fake.commit("docs", &[("README.md", Some("better"))], "someone");
    let number = world.fake.open_pull("docs", "main", "someone", "docs");
    world.everything().ok();
    number
}

#[test]
fn a_merge_around_the_hold_is_reported_once() {
    let world = World::new();
    let number = world.bump(NEW);
    world.everything().ok();
    let head = world.head(number);
    world.fake.ask_merge("owner", number, "merge").unwrap();
    let run = world.event("push", r#"{"ref":"refs/heads/main","repository":{"default_branch":"main"}}"#);
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    let words = format!("::error title=merged-around-hold::#{number} was merged into main by owner");
    assert!(run.run.stdout.contains(&words), "{}", run.run.stdout);
    assert!(run.summary.contains("needs approval from a maintainer"), "{}", run.summary);
    let [(title, conclusion)] = &hold(&world, &head)[..] else { panic!("one check") };
    assert!(title.starts_with("merged around the hold") && conclusion.as_deref() == Some("failure"), "{title}");
    let again = world.everything();
    again.ok();
    assert_eq!(again.writes, [""; 0], "it is reported once");
    let audit = world.audit(&[]);
    assert!(
        audit.stdout.contains("merged around") && audit.stdout.contains(&format!("#{number} (merged into main)")),
        "{audit:?}"
    );
}

#[test]
fn what_was_merged_while_the_bot_did_not_run_is_looked_at_and_reported() {
    for method in ["merge", "squash", "rebase"] {
        let world = World::new();
        harmless(&world);
        let number = world.bump(NEW);
        world.fake.ask_merge("owner", number, method).unwrap();
        world.fake.commit("more", &[("docs.md", Some("x"))], "someone");
        let other = world.fake.open_pull("more", "main", "someone", "more docs");
        world.fake.ask_merge("owner", other, method).unwrap();
        let run = world.everything();
        assert_eq!(run.run.code, Some(3), "{method}: {:?}", run.run);
        assert!(
            run.run.stdout.contains("the bot had not looked at it, and input of a Rust element"),
            "{}",
            run.run.stdout
        );
        assert_eq!(run.run.stdout.matches("merged-around-hold").count(), 1, "{method}: the harmless one is none");
        assert_eq!(world.everything().ok().writes, [""; 0], "{method}");
    }
}

#[test]
fn what_was_released_or_merged_before_the_bot_came_is_not_reported() {
    let world = World::new();
    let early = world.bump(NEW);
    world.fake.ask_merge("owner", early, "squash").unwrap();
    let late = harmless(&world);
    world.fake.ask_merge("owner", late, "squash").unwrap();
    assert_eq!(world.everything().ok().run.code, Some(0));
    let files = [(LOCK, Some(lock(OLD))), (TOOL, Some(tool(OLD)))];
    let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, text.as_deref())).collect();
    world.fake.commit("back", &files, "someone");
    let released = world.fake.open_pull("back", "main", "someone", "back");
    world.fake.review(released, "reviewer", "APPROVED");
    world.everything().ok();
    world.fake.ask_merge("owner", released, "merge").unwrap();
    assert_eq!(world.everything().ok().writes, [""; 0]);
}

#[test]
fn nothing_is_reported_as_written_where_nothing_may_be_written() {
    let world = World::new();
    let number = world.bump(NEW);
    world.everything().ok();
    world.fake.ask_merge("owner", number, "merge").unwrap();
    let dry = world.run("schedule", "{}", &["--dry-run"]);
    assert_eq!((dry.run.code, dry.writes), (Some(3), Vec::new()));
    assert!(dry.run.stdout.contains("merged around the hold"), "{}", dry.run.stdout);
}

#[test]
fn every_release_says_who_released_what_and_when() {
    let world = World::new();
    let number = world.bump(NEW);
    world.everything().ok();
    world.fake.review(number, "reviewer", "APPROVED");
    let run = world.everything();
    run.ok();
    let head = world.head(number);
    let check = world.fake.checks(&head).into_iter().find(|run| run.name == HOLD).unwrap();
    let summary = check.summary.unwrap();
    let (marker, rest) = summary.split_once(" -->\nReleased: the content `").unwrap();
    let content = &rest[..32];
    assert_eq!(marker, format!("<!-- cargo2-bot released: {content} reviewer"));
    assert!(rest.contains("approved by `reviewer` (2026-"), "{rest}");
    assert!(
        run.summary.contains(&format!(
            "- released: #{number} at `{}`, the content `{content}`, approved by `reviewer`",
            &head[..9]
        )),
        "{}",
        run.summary
    );
    let listed = world.audit(&["--format", "json"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let entries: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(
        (&entry["outcome"], &entry["content"], &entry["commit"]),
        (&"released".into(), &content.into(), &head.clone().into())
    );
    assert_eq!(
        (&entry["by"][0], &entry["state"], &entry["pull"]),
        (&"reviewer".into(), &"open".into(), &number.into())
    );
    assert!(entry["at"].as_str().unwrap().starts_with("2026-"), "{entry}");
    // What is taken back is no release any more.
    world.fake.review(number, "reviewer", "CHANGES_REQUESTED");
    world.everything().ok();
    assert!(!world.audit(&[]).stdout.contains("released"), "{}", world.audit(&[]).stdout);
}

#[test]
fn audit_needs_a_repository_and_a_token() {
    let mut command = crate::support::program();
    let run = crate::support::ended(&command.arg("audit").env_remove("GITHUB_TOKEN").output().unwrap());
    assert_eq!(run.code, Some(2), "{run:?}");
}

/// What version 0.1 left on a held pull request: its checks, and its comment.
fn left_by_0_1(fake: &Handle, number: u64, head: &str) -> u64 {
    for (name, conclusion, title) in [
        (HOLD, "action_required", "held: no person with write permission approved it yet"),
        ("cargo2 block", "success", "all blocks are right"),
    ] {
        let id = fake.check_run(head, "github-actions", name, Some(conclusion));
        fake.describe_check(id, title, "cargo2-bot:0123456789abcdef0123456789abcdef");
    }
    let comment =
        "<!-- cargo2-bot -->\n## cargo2: `bluefin/tool.bst`\n\nHeld.\n\n<!-- cargo2-bot asked: reviewer -->\n";
    fake.label(number, "cargo2: manual merge");
    fake.comment(number, "github-actions[bot]", comment)
}

#[test]
fn what_version_0_1_left_is_taken_over() {
    let world = World::new();
    let number = world.bump(NEW);
    let head = world.head(number);
    let comment = left_by_0_1(&world.fake, number, &head);
    let before: Vec<u64> = world.fake.checks(&head).iter().map(|run| run.id).collect();
    let run = world.everything();
    run.ok();
    assert!(
        !run.writes.iter().any(|write| write.contains("requested_reviewers")),
        "who was asked is not asked again: {:?}",
        run.writes
    );
    let comments = world.fake.comments(number);
    assert_eq!((comments.len(), comments[0].id), (1, comment), "the comment is the same one");
    assert!(comments[0].body.contains("<!-- cargo2-bot requested: reviewer -->"), "{}", comments[0].body);
    let after: Vec<u64> = world.fake.checks(&head).iter().map(|run| run.id).collect();
    assert_eq!(after, before, "the checks are the same ones");
    assert_eq!(world.everything().writes, [""; 0]);
    // An approval that was given then counts now.
    world.fake.review(number, "reviewer", "APPROVED");
    world.everything().ok();
    assert_eq!(hold(&world, &head)[0].1.as_deref(), Some("success"));
}

#[test]
fn a_success_of_version_0_1_is_proven_anew() {
    let world = World::new();
    let number = world.bump(NEW);
    let head = world.head(number);
    let id = world.fake.check_run(&head, "github-actions", HOLD, Some("success"));
    world.fake.describe_check(id, "approved by stranger", "cargo2-bot:0123456789abcdef0123456789abcdef");
    world.fake.review(number, "stranger", "APPROVED");
    world.everything().ok();
    assert_eq!(hold(&world, &head)[0].1.as_deref(), Some("action_required"));
}

#[test]
fn a_branch_of_version_0_1_is_gone_on_with() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    world.everything();
    // Both versions name it alike; the text of the pull request was another one.
    let number = world.fake.pulls()[0].number;
    world.fake.set_body(number, "The block is not what its lock asks for.");
    world.everything();
    assert_eq!(world.fake.pulls().len(), 1, "no second one is opened");
    assert_eq!(world.everything().writes, [""; 0]);
}
