//! `init` on checkouts as people have them: what it finds, writes, refuses and brings up to date, and that `doctor` agrees.

use crate::support::{self, Project, Run, block, lock, tracker};
use cargo2_bot::config;

const CRATES: &[(&str, &str)] = &[("a", "1.0.0")];
pub(crate) const WORKFLOW: &str = ".github/workflows/cargo2-bot.yml";
pub(crate) const RELAY: &str = ".github/workflows/cargo2-bot-relay.yml";

/// A clone of a project below `folder`, with a tracker of this path at the root of the repository.
pub(crate) fn clone(folder: &str, tracker_path: &str, remote: &str) -> Project {
    let tool = format!(
        "kind: make\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref:\n{}",
        block(CRATES, 2)
    );
    let project = Project::new(&[(
        tracker_path,
        &tracker(&[("manual-merge", "tool")])
            .replace("group: manual", "base_branch: testing\n            group: manual"),
    )]);
    std::fs::remove_file(project.path().join("project.conf")).unwrap();
    project.write(&format!("{folder}project.conf"), "name: p\nmin-version: 2.5\nelement-path: elements\n");
    project.write(&format!("{folder}elements/bluefin/tool.bst"), tool);
    project.write(&format!("{folder}elements/bluefin/deps.bst"), "kind: stack\n");
    project.write(&format!("{folder}files/up/Cargo.lock"), lock(CRATES));
    let repository = git2::Repository::init(project.path()).unwrap();
    repository.remote("origin", remote).unwrap();
    project
}

pub(crate) fn at(project: &Project, folder: &str, args: &[&str]) -> Run {
    let mut program = support::program();
    support::ended(&program.current_dir(project.path().join(folder)).args(args).output().unwrap())
}

#[test]
fn a_clone_is_set_up_by_one_command_and_a_second_changes_nothing() {
    let project = clone("", ".github/workflows/update.yml", "git@github.com:own/p.git");
    let dry = at(&project, "", &["init", "--dry-run"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (Some(0), ""), "{dry:?}");
    assert!(
        dry.stdout.contains("+mode: report\n") && dry.stdout.contains("would write .github/workflows/cargo2-bot.yml"),
        "{}",
        dry.stdout
    );
    assert!(!project.path().join(WORKFLOW).exists());
    let done = at(&project, "elements/bluefin", &["init"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    for line in [
        "found    project `p`, 2 elements, 1 of them Rust",
        "found    tracker `.github/workflows/update.yml`, named `Track`",
        "found    repository `own/p` on github.com, default branch `main`, also guarded: `testing`",
        "wrote    .github/cargo2-bot.yml",
        "wrote    .github/workflows/cargo2-bot.yml",
        "wrote    .github/workflows/cargo2-bot-relay.yml",
        "gh workflow run cargo2-bot.yml --repo own/p",
    ] {
        assert!(done.stdout.contains(line), "{line}: {}", done.stdout);
    }
    assert!(project.read(config::CONFIG).contains("\ntracker: .github/workflows/update.yml\n"));
    assert!(project.read(config::CONFIG).contains("\nstack: bluefin/deps.bst\n"));
    assert!(project.read(WORKFLOW).contains(r#"workflows: ["cargo2-bot relay", "Track"]"#));
    assert!(project.read(RELAY).contains("    branches: [\"testing\"]\n"));
    let doctor = at(&project, "", &["doctor"]);
    assert!(!doctor.stdout.contains("wrong"), "{}", doctor.stdout);
    let again = at(&project, "", &["init"]);
    assert!(again.code == Some(0) && !again.stdout.contains("wrote"), "{again:?}");
}

#[test]
fn what_is_there_is_not_written_over_and_what_was_written_is_updated() {
    let project = clone("", ".github/workflows/update.yml", "git@github.com:own/p.git");
    project.write(WORKFLOW, "name: mine\n");
    let refused = at(&project, "", &["init", "--update"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.stderr.contains("was not written by `cargo2-bot init`") && !project.path().join(RELAY).exists());
    std::fs::remove_file(project.path().join(WORKFLOW)).unwrap();
    project.write(config::CONFIG, "mode: enforce\n");
    let kept = at(&project, "", &["init", "--app"]).stdout;
    assert!(kept.contains("kept     .github/cargo2-bot.yml: yours, and left as it is (`mode: enforce`)"), "{kept}");
    // The tracker gets another name: that is what an update is for.
    let renamed = project.read(".github/workflows/update.yml").replace("name: Track\n", "name: Track anew\n");
    project.write(".github/workflows/update.yml", renamed);
    assert_eq!(at(&project, "", &["init"]).code, Some(2));
    let updated = at(&project, "", &["init", "--update"]);
    assert!(updated.stdout.contains("+    workflows: [\"cargo2-bot relay\", \"Track anew\"]"), "{}", updated.stdout);
    assert!(project.read(WORKFLOW).contains("environment:"), "an update keeps the App");
    assert_eq!(project.read(config::CONFIG), "mode: enforce\n");
}

#[test]
fn a_project_in_a_folder_and_one_on_gitlab_get_what_fits_them() {
    let project = clone("sub/", ".github/workflows/update.yml", "https://github.com/own/p");
    let done = at(&project, "sub/elements", &["init"]);
    assert!(done.stdout.contains("wrote    sub/.github/cargo2-bot.yml"), "{done:?}");
    assert!(project.read(WORKFLOW).contains("\n          project: \"sub\"\n"), "{}", project.read(WORKFLOW));
    let gitlab = clone("", "unrelated.yml", "git@gitlab.gnome.org:GNOME/p.git");
    let done = at(&gitlab, "", &["init"]);
    assert!(
        done.stdout.contains("wrote    .gitlab/cargo2-bot.yml") && !gitlab.path().join(WORKFLOW).exists(),
        "{done:?}"
    );
    let jobs: serde_yaml::Value = serde_yaml::from_str(&gitlab.read(".gitlab/cargo2-bot.yml")).unwrap();
    assert_eq!(jobs["cargo2-check"]["artifacts"]["reports"]["codequality"], "cargo2-check.json");
}

#[test]
fn the_ruleset_is_ready_to_be_sent() {
    let project = clone("", ".github/workflows/update.yml", "git@github.com:own/p.git");
    let printed = at(&project, "", &["init", "--ruleset=7"]);
    let ruleset: serde_json::Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(ruleset["conditions"]["ref_name"]["include"][1], "refs/heads/testing");
    assert_eq!(at(&project, "", &["init", "--action", "o/n"]).code, Some(2));
}
