//! `plan` and `doctor`.

use super::checkout::{Checkout, registry};
use super::fake_github::Fake;
use super::support::{Run, ended, program};

pub(super) fn doctor(checkout: &Checkout, github: Option<(&Fake, &str)>) -> Run {
    let mut command = program();
    command.current_dir(checkout.path()).args(["doctor", "--cache", "none"]);
    if let Some((fake, token)) = github {
        command
            .env("GITHUB_API_URL", fake.api_url())
            .env("GITHUB_GRAPHQL_URL", fake.graphql_url())
            .env("GITHUB_REPOSITORY", "owner/name")
            .env("GITHUB_TOKEN", token);
    }
    ended(&command.output().unwrap())
}

/// Each of these is the beginning of a line, with any number of spaces between its words.
pub(super) fn says(run: &Run, lines: &[&str]) {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in lines {
        assert!(run.stdout.lines().any(|reports| words(reports).starts_with(line)), "`{line}` is not in\n{run:?}");
    }
}

pub(super) fn checkout() -> Checkout {
    Checkout::new(&[registry("a", "1.0.0")])
}

#[test]
fn plan_prints_a_matrix_of_the_rust_elements() {
    let checkout = checkout();
    let run = ended(&program().current_dir(checkout.path()).arg("plan").output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    let matrix: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let row = serde_json::json!({ "element": "bluefin/tool.bst", "file": "elements/bluefin/tool.bst", "track": false });
    assert_eq!(matrix, serde_json::json!({ "include": [row] }));
    assert_eq!(run.stdout.lines().count(), 1, "a workflow takes it as one line");
}

#[test]
fn plan_without_a_project_is_bad_usage() {
    let dir = tempfile::tempdir().unwrap();
    let run = ended(&program().current_dir(dir.path()).arg("plan").output().unwrap());
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
}

#[test]
fn doctor_without_a_token_looks_at_the_checkout() {
    let run = doctor(&checkout(), None);
    assert_eq!(run.code, Some(0), "{run:?}");
    says(&run, &["ok project: `p`, elements in `elements`", "ok elements: 3 files, 1 of them Rust", "ok tracker:"]);
    says(&run, &["weak workflow: none starts the bot", "unknown GitHub: not checked"]);
}

#[test]
fn doctor_without_a_project_says_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let run = ended(&program().current_dir(dir.path()).arg("doctor").output().unwrap());
    assert_eq!(run.code, Some(3), "{run:?}");
    says(&run, &["wrong project:"]);
}

#[test]
fn doctor_sees_a_workflow_that_may_not_do_what_it_needs() {
    let checkout = checkout();
    let workflow = "on: workflow_dispatch\njobs:\n  bot:\n    runs-on: ubuntu-latest\n    permissions:\n      contents: write\n    steps:\n    - uses: example/cargo2-bot@v1\n";
    checkout.write(".github/workflows/bot.yml", workflow);
    let run = doctor(&checkout, None);
    says(
        &run,
        &["weak workflow: `bot.yml`, job `bot`", "unless its token is an app's, add to its permissions: pull-requests"],
    );
    let all = "contents: write\n      pull-requests: write\n      checks: write\n      issues: write";
    checkout.write(".github/workflows/bot.yml", &workflow.replace("contents: write", all));
    says(&doctor(&checkout, None), &["ok workflow: `bot.yml`, job `bot`"]);
}

#[test]
fn doctor_sees_a_tracker_that_merges_by_itself() {
    let checkout = checkout();
    let path = ".github/workflows/track-bst-sources.yml";
    #[allow(clippy::disallowed_methods, reason = "tests read their own files")]
    let text = std::fs::read_to_string(checkout.path().join(path)).unwrap();
    checkout.write(path, &text.replace("group: manual-merge", "group: auto-merge"));
    let run = doctor(&checkout, None);
    assert_eq!(run.code, Some(3), "{run:?}");
    says(&run, &["wrong tracker:"]);
}

#[test]
fn doctor_tells_whose_token_it_has() {
    let (checkout, fake) = (checkout(), Fake::new());
    for (token, line) in [
        ("workflow", "weak token: the workflow's own"),
        ("pat", "weak token: of the person `owner`"),
        ("app", "ok token: of the app `cargo2"),
    ] {
        let run = doctor(&checkout, Some((&fake, token)));
        assert_eq!(run.code, Some(0), "{run:?}");
        says(&run, &[line, "ok repository: `owner/name`, 0 open pull requests"]);
    }
    assert_eq!(fake.writes().len(), 0, "doctor only looks");
}

#[test]
fn doctor_tells_whether_the_hold_is_required() {
    let (checkout, fake) = (checkout(), Fake::new());
    let looked = || doctor(&checkout, Some((&fake, "workflow")));
    says(
        &looked(),
        &["weak check `cargo2 manual merge`: not required on `main`", "weak check `cargo2 block`: not required"],
    );
    fake.rule_checks("main", &[("cargo2 manual merge", None)]);
    let run = looked();
    says(&run, &["ok check `cargo2 manual merge`: required on `main`", "weak check `cargo2 block`: not required"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn doctor_with_a_token_that_is_refused_ends_with_a_finding() {
    let fake = Fake::new();
    let run = doctor(&checkout(), Some((&fake, "not_a_real_token")));
    assert_eq!(run.code, Some(3), "{run:?}");
    says(&run, &["ok project:", "wrong GitHub:"]);
    assert!(!format!("{run:?}").contains("not_a_real_token"), "{run:?}");
}
