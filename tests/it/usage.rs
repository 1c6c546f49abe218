//! How the command line is used: from where, with which names and formats, and what is said about mistakes.
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use crate::support::{self, Project, Run, block, lock, run};

const CRATES: &[(&str, &str)] = &[("a", "1.0.0")];

/// A project with a Rust element in a folder, and one that is none.
fn project() -> Project {
    let rust = format!(
        "kind: make\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref:\n{}",
        block(CRATES, 2)
    );
    Project::new(&[
        ("elements/core/bootc.bst", &rust),
        ("elements/core/other.bst", &rust),
        ("elements/core/font.bst", "kind: import\n"),
        ("files/up/Cargo.lock", &lock(CRATES)),
    ])
}

fn at(project: &Project, folder: &str, args: &[&str]) -> Run {
    let mut program = support::program();
    support::ended(&program.current_dir(project.path().join(folder)).args(args).output().unwrap())
}

#[test]
fn the_project_is_found_from_a_folder_below_it() {
    let project = project();
    for args in [&["regenerate", "--check"][..], &["check", "--format", "json"], &["plan"], &["doctor"]] {
        let above = at(&project, "", args);
        assert_eq!(
            (above.code, &above.stdout),
            (
                Some(if args[0] == "check" { above.code.unwrap() } else { 0 }),
                &at(&project, "elements/core", args).stdout
            )
        );
    }
    // A repository of its own in between is another project.
    std::fs::create_dir_all(project.path().join("elements/own/.git")).unwrap();
    assert_eq!(at(&project, "elements/own", &["plan"]).code, Some(2));
}

#[test]
fn elements_are_named_as_hooks_and_people_do_it() {
    let project = project();
    let one = at(&project, "", &["regenerate", "--check", "elements/core/bootc.bst", "elements/core/font.bst"]);
    assert_eq!(one.code, Some(0), "{one:?}");
    assert!(
        one.stdout
            .contains("notice[element-skipped]: core/font.bst: `core/font.bst` is not a Rust element: it is skipped"),
        "{one:?}"
    );
    assert!(one.stdout.ends_with("1 cargo2 block: 1 right\n"), "{one:?}");
    for name in ["core/bootc", "bootc.bst"] {
        let meant = at(&project, "", &["check", name]);
        assert!(meant.code == Some(3) && meant.stdout.contains("did you mean `core/bootc.bst`?"), "{meant:?}");
    }
    let all = at(&project, "", &["check", "--format", "json"]).stdout;
    let some = at(&project, "", &["check", "core/bootc.bst", "--format", "json"]).stdout;
    assert!(
        all.contains("core/other.bst") && !some.contains("core/other.bst") && some.contains("core/bootc.bst"),
        "{some}"
    );
    let rule = run(&["explain", "block-drfit"]);
    assert!(rule.code == Some(2) && rule.stderr.contains("did you mean `block-drift`?"), "{rule:?}");
}

#[test]
fn a_format_is_honoured_or_refused() {
    let project = project();
    for command in [
        &["check"][..],
        &["plan"],
        &["doctor"],
        &["rules"],
        &["explain", "block-drift"],
        &["init", "--dry-run"],
        &["regenerate", "--check"],
    ] {
        let json = at(&project, "", &[command, &["--format", "json"]].concat());
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&json.stdout);
        assert!(parsed.is_ok(), "{command:?}: {json:?}");
        let refused = at(&project, "", &[command, &["--format", "markdown"]].concat());
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{command:?}");
        assert!(
            refused.stderr.contains("this command does not write the format `markdown`, but: human, json"),
            "{refused:?}"
        );
    }
    let issues: serde_json::Value =
        serde_json::from_str(&at(&project, "", &["check", "--format", "gitlab"]).stdout).unwrap();
    assert!(issues.as_array().unwrap().iter().all(|issue| issue["location"]["lines"]["begin"].is_u64()), "{issues}");
}

#[test]
fn mistakes_are_bad_usage_everywhere() {
    let project = project();
    let file = project.path().join("project.conf");
    for args in [
        &["check", "--nonsense"][..],
        &["check", "--project", "nowhere"],
        &["check", "--project", file.to_str().unwrap()],
        &["review", "--base", "no-such-branch"],
        &["review", "--as-of", "2025-02-30"],
        &["generate", "nowhere.lock"],
        &["new", "x.bst", "--url", "file:///etc", "--track", "v*"],
        &["init", "--action", "nonsense"],
        &["init", "--ruleset", "7", "--app"],
        &["man", "nowhere"],
        &["completions", "cmd"],
        &["-q", "-v", "plan"],
        &["run"],
    ] {
        let run = at(&project, "", args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}: {run:?}");
    }
}

#[test]
fn aliases_are_folders_relative_to_where_one_is() {
    let project = project();
    std::fs::create_dir_all(project.path().join("mirror")).unwrap();
    let element = project.read("elements/core/bootc.bst").replace(
        "- kind: local\n  path: files/up\n",
        "- kind: git_repo\n  url: up:x.git\n  ref: 0123456789012345678901234567890123456789\n",
    );
    project.write("elements/core/bootc.bst", element);
    let shown =
        at(&project, "", &["regenerate", "--check", "core/bootc.bst", "--offline", "--alias", "up=mirror"]).stdout;
    let real = project.path().canonicalize().unwrap();
    assert!(shown.contains(&format!("{}/mirror/x.git", real.display())), "{shown}");
}

#[test]
fn quiet_is_quiet_and_verbose_says_what_is_looked_at() {
    let project = project();
    assert_eq!(at(&project, "", &["regenerate", "--check", "-q"]).stderr, "");
    let verbose = at(&project, "elements", &["regenerate", "--check", "-v"]).stderr;
    assert!(verbose.contains("the project is in `") && verbose.contains("core/bootc.bst: the lock is "), "{verbose}");
    assert!(!verbose.contains('\x1b') && !verbose.contains("tracing"), "{verbose}");
}

#[test]
fn completions_manual_and_version_are_there() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(run(&["completions", shell]).stdout.contains("regenerate"), "{shell}");
    }
    assert!(run(&["man"]).stdout.starts_with(".ie"), "roff");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&["man", folder.path().to_str().unwrap()]).code, Some(0));
    let page = std::fs::read_to_string(folder.path().join("cargo2-bot-check.1")).unwrap();
    assert!(page.contains("cargo2\\-bot") && page.contains("tracker"), "{page}");
    let version = run(&["--version"]).stdout;
    assert!(version.starts_with(concat!("cargo2-bot ", env!("CARGO_PKG_VERSION"))), "{version}");
}
