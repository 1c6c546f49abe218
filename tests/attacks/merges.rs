//! Files that decide what merges.

use crate::scene::texts::{read_only, workflow};
use crate::scene::{Entry, Scene, gone, text};
use crate::world::{HOLD, TRACKER, tracker};

const FLOW: &str = ".github/workflows/w.yml";

/// Files that are held until somebody approves them, on a base that has others.
#[track_caller]
fn counts(base: &[Entry], files: &[Entry]) {
    let scene = Scene::on(base);
    let number = scene.tracked(files);
    scene.held_until_approved(number);
}

/// A new workflow with write permission that runs this.
#[track_caller]
fn runs(script: &str) {
    counts(&[], &[text(FLOW, workflow("push", "{contents: write, pull-requests: write, checks: write}", script))]);
}

#[test]
fn a_workflow_that_merges_by_the_client_counts() {
    runs("gh pr merge 1 --squash --admin");
}

#[test]
fn a_workflow_that_merges_by_the_api_counts() {
    runs("gh api -X PUT repos/owner/name/pulls/1/merge");
}

#[test]
fn a_workflow_that_merges_by_curl_counts() {
    runs("curl -X PUT -H \"Authorization: Bearer $T\" https://api.github.com/repos/owner/name/pulls/1/merge");
}

#[test]
fn a_workflow_that_pushes_to_the_base_counts() {
    runs("git push origin HEAD:main");
}

#[test]
fn a_workflow_that_writes_our_check_counts() {
    runs(&format!("gh api repos/owner/name/check-runs -f name='{HOLD}' -f head_sha=$SHA -f conclusion=success"));
}

#[test]
fn a_workflow_that_approves_counts() {
    runs("gh pr review 1 --approve");
}

#[test]
fn a_read_only_workflow_with_a_job_of_our_name_counts() {
    counts(&[], &[text(FLOW, read_only("true").replace("  job:\n", &format!("  job:\n    name: {HOLD}\n")))]);
}

#[test]
fn a_workflow_of_a_privileged_event_counts() {
    counts(&[], &[text(FLOW, workflow("pull_request_target", "{contents: read}", "true"))]);
}

#[test]
fn a_workflow_whose_permissions_are_not_named_counts() {
    counts(&[], &[text(FLOW, read_only("true").replace("permissions: {contents: read}\n", ""))]);
}

#[test]
fn a_workflow_that_is_given_a_secret_counts() {
    counts(
        &[],
        &[text(
            FLOW,
            read_only("true")
                .replace("      run: true\n", "      run: true\n      env:\n        T: ${{ secrets.APP_KEY }}\n"),
        )],
    );
}

#[test]
fn the_permissions_of_a_workflow_count() {
    counts(
        &[text(FLOW, read_only("true"))],
        &[text(FLOW, read_only("true").replace("contents: read", "contents: write"))],
    );
}

fn bot() -> String {
    workflow("schedule", "{contents: write}", "cargo2-bot run")
        .replace("on: schedule", "on:\n  schedule:\n  - cron: '0 * * * *'")
}

const BOT: &str = ".github/workflows/cargo2-bot.yml";

#[test]
fn a_change_that_removes_the_bots_workflow_counts() {
    counts(&[text(BOT, bot())], &[gone(BOT)]);
}

#[test]
fn another_clock_of_the_bot_counts() {
    counts(&[text(BOT, bot())], &[text(BOT, bot().replace("0 * * * *", "0 0 1 1 *"))]);
}

#[test]
fn another_name_of_a_workflow_counts() {
    counts(&[text(BOT, bot())], &[text(BOT, bot().replace("name: W", "name: V"))]);
}

#[test]
fn a_tracker_that_lets_rust_merge_counts() {
    counts(&[], &[text(TRACKER, tracker("auto-merge"))]);
}

#[test]
fn a_tracker_that_goes_counts() {
    counts(&[], &[gone(TRACKER)]);
}

const ACTION: &str = "name: a\ndescription: a\nruns:\n  using: composite\n  steps:\n  - shell: bash\n    run: true\n";

#[test]
fn a_local_action_that_a_workflow_uses_counts() {
    let caller =
        workflow("push", "{contents: write}", "true").replace("      run: true\n", "      uses: ./.github/actions/a\n");
    let path = ".github/actions/a/action.yml";
    counts(&[text(FLOW, caller), text(path, ACTION)], &[text(path, ACTION.replace("run: true", "run: gh pr merge 1"))]);
}

#[test]
fn a_local_action_that_other_repositories_may_use_counts() {
    let path = ".github/actions/a/action.yml";
    counts(&[text(path, ACTION)], &[text(path, ACTION.replace("run: true", "run: gh pr merge 1"))]);
}

#[test]
fn a_program_beside_a_local_action_counts() {
    let path = ".github/actions/a/index.js";
    counts(&[text(".github/actions/a/action.yml", ACTION), text(path, "1\n")], &[text(path, "2\n")]);
}

#[test]
fn a_local_action_outside_of_the_usual_folder_counts() {
    let action =
        "name: a\ndescription: a\nruns:\n  using: composite\n  steps:\n  - shell: bash\n    run: gh pr merge 1\n";
    let caller = workflow("push", "{contents: write}", "true").replace("      run: true\n", "      uses: ./tools/a\n");
    counts(
        &[text(FLOW, caller), text("tools/a/action.yaml", action.replace("gh pr merge 1", "true"))],
        &[text("tools/a/action.yaml", action)],
    );
}

#[test]
fn a_script_that_a_workflow_calls_counts() {
    let base = [
        text(FLOW, workflow("push", "{contents: write}", "./scripts/tidy.sh")),
        text("scripts/tidy.sh", "#!/bin/sh\ntrue\n"),
    ];
    counts(&base, &[text("scripts/tidy.sh", "#!/bin/sh\ngh pr merge 1 --admin\n")]);
}

#[test]
fn a_script_that_pushes_counts() {
    let base = [
        text(FLOW, workflow("push", "{contents: write}", "bash scripts/tidy.sh")),
        text("scripts/tidy.sh", "#!/bin/sh\ntrue\n"),
    ];
    counts(&base, &[text("scripts/tidy.sh", "#!/bin/sh\ncd repo && git -C . push origin HEAD:main\n")]);
}

#[test]
fn a_recipe_that_a_workflow_calls_counts() {
    let base = [text(FLOW, workflow("push", "{contents: write}", "just land")), text("Justfile", "land:\n    true\n")];
    counts(&base, &[text("Justfile", "land:\n    gh pr merge 1 --admin\n")]);
}

#[test]
fn a_bump_of_an_action_that_nothing_proves_counts() {
    let uses = |sha: &str| {
        workflow("push", "{contents: write}", "true")
            .replace("      run: true\n", &format!("      uses: other/action@{sha} # v1\n"))
    };
    let scene = Scene::on(&[text(FLOW, uses(&"1".repeat(40)))]);
    let number = scene.tracked(&[text(FLOW, uses(&"2".repeat(40)))]);
    scene.held_until_approved(number);
}

#[test]
fn an_action_by_its_branch_counts() {
    let uses = |reference: &str| {
        workflow("push", "{contents: write}", "true")
            .replace("      run: true\n", &format!("      uses: other/action@{reference}\n"))
    };
    counts(&[text(FLOW, uses(&"1".repeat(40)))], &[text(FLOW, uses("main"))]);
}

#[test]
fn the_bots_configuration_counts() {
    counts(&[], &[text(".github/cargo2-bot.yml", "licenses: [MIT]\n")]);
    counts(&[text(".github/cargo2-bot.yml", "licenses: [MIT]\n")], &[gone(".github/cargo2-bot.yml")]);
}

#[test]
fn the_configuration_of_the_change_itself_frees_nothing() {
    let scene = Scene::new();
    let config = "elements:\n  tool.bst:\n    exempt:\n      reason: none of your business\n";
    let mut files = crate::scene::bumped(1);
    files.push(text(".github/cargo2-bot.yml", config));
    let number = scene.tracked(&files);
    scene.held_until_approved(number);
}

#[test]
fn the_owners_in_the_usual_place_count() {
    counts(&[], &[text(".github/CODEOWNERS", "* @mallory\n")]);
}

#[test]
fn the_owners_in_the_root_count() {
    counts(&[], &[text("CODEOWNERS", "* @mallory\n")]);
}

#[test]
fn the_owners_among_the_docs_count() {
    counts(&[], &[text("docs/CODEOWNERS", "* @mallory\n")]);
}

macro_rules! tools {
    ($($name:ident: $($path:expr),+;)*) => {
        $(#[test]
        fn $name() {
            for path in [$($path),+] {
                counts(&[], &[text(path, "merge: true\n")]);
            }
        })*
    };
}

tools! {
    the_configuration_of_mergify_counts: ".mergify.yml", ".github/mergify.yml";
    the_configuration_of_kodiak_counts: ".kodiak.toml", ".github/.kodiak.toml";
    the_configuration_of_bulldozer_counts: ".bulldozer.yml";
    the_configuration_of_policy_bot_counts: ".policy.yml";
    the_configuration_of_renovate_counts: "renovate.json", ".github/renovate.json5", ".renovaterc.json";
    the_owners_of_prow_count: "OWNERS", "elements/OWNERS", "OWNERS_ALIASES";
}
