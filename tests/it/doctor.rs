//! `doctor` proves that events reach the bot: each mistake that people make with its files is named, and mended where that is an edit.

use crate::init::{RELAY, WORKFLOW, at, clone};
use crate::support::Project;
use cargo2_bot::config::CONFIG;

const TRACKER: &str = ".github/workflows/update.yml";

/// A clone that `init` set up.
fn set_up() -> Project {
    let project = clone("", TRACKER, "git@github.com:own/p.git");
    let pin = format!("own/cargo2-bot@{}", "a".repeat(40));
    assert_eq!(at(&project, "", &["init", "--action", &pin]).code, Some(0));
    let good = at(&project, "", &["doctor"]);
    assert!(good.code == Some(0) && !good.stdout.contains("weak") && good.stdout.contains("mode: report"), "{good:?}");
    project
}

/// Changes a file of a project that is in order; `doctor` has to say this. Returns the project.
fn broken(path: &str, from: &str, to: &str, says: &str, code: i32) -> Project {
    let project = set_up();
    let text = project.read(path);
    assert!(text.contains(from), "{from}: {text}");
    project.write(path, text.replace(from, to));
    let run = at(&project, "", &["doctor"]);
    assert!(run.stdout.lines().any(|line| line.starts_with(says)), "{says}\n{}", run.stdout);
    assert_eq!(run.code, Some(code), "{}", run.stdout);
    project
}

/// As [`broken`], and `--fix` brings back a project that is in order.
fn mended(path: &str, from: &str, to: &str, says: &str) {
    let project = broken(path, from, to, says, 3);
    let fixed = at(&project, "", &["doctor", "--fix"]);
    assert!(fixed.code == Some(0) && fixed.stdout.starts_with("--- a/"), "{fixed:?}");
    assert_eq!(at(&project, "", &["doctor", "--fix"]).stdout, at(&project, "", &["doctor"]).stdout);
}

#[test]
fn a_name_that_no_workflow_has_is_found_and_mended() {
    let wrong =
        "wrong    name: `cargo2-bot.yml` waits for the workflow `Track BST sources`, and none here has that name";
    mended(WORKFLOW, "\"Track\"", "\"Track BST sources\"", wrong);
    mended(
        TRACKER,
        "name: Track\n",
        "name: Another one\n",
        "wrong    name: `cargo2-bot.yml` waits for the workflow `Track`",
    );
    mended(WORKFLOW, ", \"Track\"]", "]", "wrong    name: no workflow of the bot waits for the tracker `Track`");
    let block = "workflows:\n      - cargo2-bot relay";
    mended(
        WORKFLOW,
        "workflows: [\"cargo2-bot relay\", \"Track\"]",
        block,
        "wrong    name: no workflow of the bot waits",
    );
}

#[test]
fn filters_and_placeholders_are_found_and_mended() {
    let filter = "  pull_request_target:\n    paths: ['elements/**']";
    let says = "wrong    filter: `cargo2-bot.yml` has `paths:` below `pull_request_target`";
    mended(WORKFLOW, "  pull_request_target:", filter, says);
    let action = format!("own/cargo2-bot@{}", "a".repeat(40));
    let project = broken(
        WORKFLOW,
        &action,
        "OWNER/cargo2-bot@v1",
        "wrong    action: `cargo2-bot.yml` names `OWNER/cargo2-bot@v1`",
        3,
    );
    assert_eq!(at(&project, "", &["doctor", "--fix"]).code, Some(0));
    assert!(!project.read(WORKFLOW).contains("OWNER/"));
}

#[test]
fn what_no_edit_puts_right_is_named() {
    broken(WORKFLOW, "- synchronize\n", "- labeled2\n", "wrong    filter: `cargo2-bot.yml` leaves synchronize out", 3);
    broken(
        WORKFLOW,
        "      checks: write",
        "      checks: read",
        "weak     workflow: `cargo2-bot.yml`, job `cargo2`",
        0,
    );
    broken(
        WORKFLOW,
        &"a".repeat(40),
        "v1",
        "weak     action: `own/cargo2-bot@v1` in `cargo2-bot.yml` is not pinned to a commit",
        0,
    );
    broken(
        WORKFLOW,
        "  schedule:\n    - cron: \"17 * * * *\"\n",
        "",
        "weak     events: nothing takes up what GitHub dropped",
        0,
    );
    broken(
        RELAY,
        "  pull_request_review:\n    types: [submitted, edited, dismissed]\n",
        "",
        "weak     events: reviews start nothing",
        0,
    );
    let project = set_up();
    std::fs::remove_file(project.path().join(RELAY)).unwrap();
    let run = at(&project, "", &["doctor", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &document["wrong"]), (Some(3), &true.into()), "{run:?}");
}

#[test]
fn a_configuration_that_is_wrong_is_a_point_like_the_others() {
    let says = "wrong    configuration: .github/cargo2-bot.yml:";
    broken(CONFIG, "mode: report\n", "mode: reporting\n", says, 3);
    broken(CONFIG, "mode: report\n", "bot: {limit: 0}\n", says, 3);
    let day = "approvers: {allow-author: {reason: x, until: 2020-01-01}}\n";
    broken(CONFIG, "mode: report\n", day, "weak     configuration: the permission of authors to approve expired", 0);
}
