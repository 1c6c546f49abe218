//! Workflows that look as if they could write nothing, and configurations that are somewhere else.

use crate::scene::texts::{read_only, workflow};
use crate::scene::{Entry, Scene, gone, link, text};
use crate::world::{HOLD, TRACKER, tracker};

/// A new workflow that is held until somebody approves it.
#[track_caller]
fn counts(flow: &str) {
    let scene = Scene::new();
    let number = scene.tracked(&[text(".github/workflows/w.yaml", flow)]);
    scene.held_until_approved(number);
}

/// Files that are held until somebody approves them, on a base that has others.
#[track_caller]
fn held(base: &[Entry], files: &[Entry]) {
    let scene = Scene::on(base);
    let number = scene.tracked(files);
    scene.held_until_approved(number);
}

fn with_job(line: &str) -> String {
    read_only("true").replace("  job:\n", &format!("  job:\n    {line}\n"))
}

#[test]
fn a_job_with_more_permissions_than_its_workflow_counts() {
    counts(&with_job("permissions: write-all"));
    counts(&with_job("permissions: {actions: write}"));
    counts(&with_job("permissions: {id-token: write, contents: write}"));
}

#[test]
fn an_identity_to_which_the_repository_gives_rights_counts() {
    let policy = "issuer: https://token.actions.githubusercontent.com\npermissions: {contents: write}\n";
    held(
        &[text(".github/chainguard/release.sts.yaml", policy)],
        &[text(".github/workflows/w.yaml", with_job("permissions: {id-token: write}"))],
    );
}

#[test]
fn packages_of_which_a_workflow_that_writes_runs_one_count() {
    let container = "    container: ghcr.io/o/tools:latest\n    steps:\n";
    held(
        &[text(
            ".github/workflows/o.yaml",
            workflow("push", "{contents: write}", "true").replace("    steps:\n", container),
        )],
        &[text(".github/workflows/w.yaml", with_job("permissions: {packages: write}"))],
    );
}

#[test]
fn a_job_in_an_environment_counts() {
    counts(&with_job("environment: cargo2-bot"));
}

#[test]
fn a_job_on_a_runner_on_which_others_write_counts() {
    let there = |flow: String, runner: &str| flow.replace("ubuntu-latest", runner);
    for runner in ["[self-hosted, linux]", "${{ vars.RUNNER }}"] {
        let writes = there(workflow("push", "{contents: write}", "true"), runner);
        let reads = there(read_only("true"), "[self-hosted, big]");
        held(&[text(".github/workflows/o.yaml", writes)], &[text(".github/workflows/w.yaml", reads)]);
    }
}

#[test]
fn a_row_of_a_tracker_that_brings_a_command_counts() {
    let row = |title: &str| {
        format!(
            "          - group: manual-merge\n            element: bluefin/new.bst\n            branch: auto/track-new\n            title: {title}\n    steps:\n"
        )
    };
    let add = |title: &str| tracker("manual-merge").replacen("    steps:\n", &row(title), 1);
    counts_in_tracker(&add("'x\" && gh pr merge --admin 1 #'"));
    counts_in_tracker(&add("chore(deps) ${{ github.event.issue.title }}"));
}

/// Another version of the tracker, which is held until somebody approves it.
#[track_caller]
fn counts_in_tracker(text_of: &str) {
    assert_ne!(text_of, tracker("manual-merge"));
    held(&[text(TRACKER, tracker("manual-merge"))], &[text(TRACKER, text_of)]);
}

#[test]
fn a_job_whose_name_becomes_ours_counts() {
    counts(&with_job(&format!("strategy: {{matrix: {{n: ['{HOLD}']}}}}\n    name: ${{{{ matrix.n }}}}")));
    counts(&with_job("name: cargo2 ${{ 'manual' }} merge"));
}

#[test]
fn a_workflow_that_saves_a_cache_counts() {
    let cache = format!("      uses: actions/cache@{}\n      with: {{path: x, key: y}}\n", "1".repeat(40));
    counts(&read_only("true").replace("      run: true\n", &cache));
}

#[test]
fn a_workflow_that_calls_another_with_its_secrets_counts() {
    counts(
        "name: W\non: pull_request\npermissions: {contents: read}\njobs:\n  job:\n    uses: ./.github/workflows/other.yml\n    secrets: inherit\n",
    );
}

#[test]
fn a_workflow_that_runs_after_another_counts() {
    counts(&workflow("{workflow_run: {workflows: [Track], types: [completed]}}", "{contents: read}", "true"));
}

#[test]
fn a_workflow_that_takes_the_place_of_one_that_others_run_after_counts() {
    let listener = workflow("{workflow_run: {workflows: [Build], types: [completed]}}", "{contents: write}", "true");
    held(
        &[text(".github/workflows/after.yml", listener)],
        &[text(".github/workflows/w.yml", read_only("true").replace("name: W", "name: Build"))],
    );
}

#[test]
fn a_workflow_that_is_not_yaml_counts() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(".github/workflows/w.yml", "on: [\n")]);
    scene.run();
    scene.held(number);
}

#[test]
fn the_target_of_a_link_to_the_configuration_counts() {
    let base = [link(".github/cargo2-bot.yml", "../config/bot.yml"), text("config/bot.yml", "licenses: [MIT]\n")];
    let scene = Scene::on(&base);
    let number = scene.tracked(&[text("config/bot.yml", "licenses: [MIT, 0BSD]\n")]);
    scene.run();
    scene.held(number);
}

#[test]
fn the_target_of_a_link_to_the_owners_counts() {
    let base = [link(".github/CODEOWNERS", "../config/owners"), text("config/owners", "* @ann\n")];
    let scene = Scene::on(&base);
    let number = scene.tracked(&[text("config/owners", "* @mallory\n")]);
    scene.run();
    scene.held(number);
}

#[test]
fn a_tracker_under_the_name_of_the_configuration_counts() {
    let path = ".github/workflows/own.yml";
    let base = [
        text(".github/cargo2-bot.yml", format!("tracker: {path}\n")),
        gone(TRACKER),
        text(path, tracker("manual-merge")),
    ];
    held(&base, &[text(path, tracker("auto-merge"))]);
}

#[test]
fn a_configuration_that_names_approvers_counts_only_when_it_is_merged() {
    let scene = Scene::new();
    let mut files = crate::scene::bumped(1);
    let config = "approvers:\n  allow-author:\n    reason: it is me\n  only: [mallory]\n";
    files.push(text(".github/cargo2-bot.yml", config));
    let number = scene.pull_by("bob", "topic", &files);
    scene.run();
    scene.held(number);
    scene.say(number, "bob", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
}
