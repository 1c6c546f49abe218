//! The program as a user runs it: exit codes, what is written and what is not, what is printed where.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use crate::support;

use support::{Project, block, lock, program, run, sha};

const OLD: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "1.0.0")];
const NEW: &[(&str, &str)] = &[("a", "1.1.0"), ("b", "1.0.0"), ("c", "0.1.0")];

/// An element over a local source, with this block.
fn element(crates: &[(&str, &str)]) -> String {
    format!("kind: make\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref:\n{}", block(crates, 2))
}

/// A project with one element whose lock moved on.
fn drifted() -> Project {
    Project::new(&[("elements/a.bst", &element(OLD)), ("files/up/Cargo.lock", &lock(NEW))])
}

#[test]
fn exit_0_when_nothing_is_to_do_and_nothing_is_written() {
    let project = Project::new(&[("elements/a.bst", &element(OLD)), ("files/up/Cargo.lock", &lock(OLD))]);
    let run = project.run(&["regenerate"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "1 cargo2 block: 1 right\n", ""));
}

#[test]
fn exit_0_when_all_is_regenerated_and_a_second_run_finds_nothing() {
    let project = drifted();
    let first = project.run(&["regenerate"]);
    assert_eq!(first.code, Some(0));
    assert_eq!(first.stdout, "regenerated elements/a.bst: 1 moved, 1 missing\n1 cargo2 block: 1 regenerated\n");
    assert_eq!(project.read("elements/a.bst"), element(NEW));
    assert_eq!(project.run(&["regenerate", "--check"]).code, Some(0));
}

#[test]
fn exit_3_on_drift_under_check_and_nothing_is_written() {
    let project = drifted();
    let run = project.run(&["regenerate", "--check", "a.bst"]);
    assert_eq!(run.code, Some(3));
    assert_eq!(project.read("elements/a.bst"), element(OLD));
    insta::assert_snapshot!(run.stdout, @r"
    error[block-drift]: the crate list does not match Cargo.lock: 1 moved, 1 missing
     --> elements/a.bst:6:3
      |
    6 | - kind: cargo2
      |   ^^^^^^^^^^^^
      |
      = note: lock: files/up/Cargo.lock of this project
      = note: ~ a 1.0.0 → 1.1.0
      = note: + c 0.1.0
      = help: run `cargo2-bot regenerate a.bst`

    1 cargo2 block: 1 drifted; 1 error
    ");
}

#[test]
fn exit_2_on_bad_usage_and_on_a_project_that_cannot_be_read() {
    assert_eq!(run(&["regenerate", "--no-such-flag"]).code, Some(2));
    assert_eq!(run(&["regenerate", "--alias", "x"]).code, Some(2));
    let nowhere = run(&["regenerate", "--project", "/nonexistent/folder"]);
    assert_eq!((nowhere.code, nowhere.stdout.as_str()), (Some(2), ""));
    let project = Project::new(&[("project.conf", "name: a\nname: b\n")]);
    let twice = project.run(&["regenerate"]);
    assert_eq!(twice.code, Some(2));
    assert_eq!(twice.stderr, "error: project.conf:2:1: the key `name` is defined twice in this mapping\n");
    let empty = Project::new(&[]);
    std::fs::remove_file(empty.path().join("project.conf")).unwrap();
    let missing = empty.run(&["regenerate"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("there is no project.conf here; name the project's folder with --project DIR"));
}

#[test]
fn exit_1_when_the_bot_itself_fails() {
    let project = drifted();
    // What it found cannot be said.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = program();
    command.args(["regenerate", "--check", "--project"]).arg(project.path()).stdout(full);
    let run = support::ended(&command.output().unwrap());
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.starts_with("error: "), "{run:?}");
}

#[test]
fn one_broken_element_does_not_keep_the_others_from_being_regenerated() {
    let project = drifted();
    project.write("elements/broken.bst", "sources:\n- kind: cargo2\n  url: crates:\n    x: y\n");
    project.write("elements/gone.bst", "sources:\n- kind: local\n  path: files/none\n- kind: cargo2\n");
    project.write("elements/bytes.bst", b"kind: cargo2 \xff\n");
    let run = project.run(&["regenerate"]);
    assert_eq!(run.code, Some(3));
    assert_eq!(project.read("elements/a.bst"), element(NEW));
    assert!(run.stdout.contains("regenerated elements/a.bst"));
    assert!(run.stdout.contains("elements/broken.bst:3:"), "{}", run.stdout);
    assert!(
        run.stdout.contains("error[lock-unavailable]: the local source `files/none` does not exist"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("the file is not UTF-8: line 1 holds the byte 0xff"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_vendored_is_refused_by_name_and_nothing_is_written() {
    let project = drifted();
    let other =
        "[[package]]\nname = \"elsewhere\"\nversion = \"1.0.0\"\nsource = \"registry+https://other.example/index\"\n";
    project.write("files/up/Cargo.lock", format!("{}\n{other}", lock(NEW)));
    let run = project.run(&["regenerate"]);
    assert_eq!((run.code, project.read("elements/a.bst")), (Some(3), element(OLD)));
    assert!(
        run.stdout.contains("elsewhere 1.0.0 comes from another registry, `https://other.example/index`"),
        "{}",
        run.stdout
    );
}

#[test]
fn elements_are_named_as_buildstream_names_them_or_by_path() {
    let project = drifted();
    project.write("elements/sub/b.bst", element(OLD));
    assert!(project.run(&["regenerate", "--check", "sub/b.bst"]).stdout.contains("elements/sub/b.bst:6:3"));
    assert!(
        project
            .run(&["regenerate", "--check", "elements/sub/b.bst"])
            .stdout
            .ends_with("1 cargo2 block: 1 drifted; 1 error\n")
    );
    let unknown = project.run(&["regenerate", "c.bst", "a.bst"]);
    assert_eq!(unknown.code, Some(3));
    assert!(
        unknown.stdout.contains("error[element-unknown]: c.bst: `c.bst` is not a Rust element of this project"),
        "{}",
        unknown.stdout
    );
    assert_eq!(project.read("elements/a.bst"), element(NEW));
}

#[test]
fn a_lock_can_be_handed_in_as_file_or_folder() {
    let project = drifted();
    project.write("other/Cargo.lock", lock(OLD));
    for path in ["other/Cargo.lock", "other"] {
        let lock = format!("a.bst={}", project.path().join(path).display());
        assert_eq!(project.run(&["regenerate", "--check", "--lock", &lock]).code, Some(0), "{path}");
    }
    let stray = format!("b.bst={}", project.path().join("other").display());
    assert!(project.run(&["regenerate", "--check", "--lock", &stray]).stdout.contains("element-unknown"));
}

#[test]
fn sources_that_are_not_evaluated_are_refused_and_a_lock_handed_in_counts() {
    let zip = format!("- kind: zip\n  url: https://example.invalid/up.zip\n  ref: {}\n", "0".repeat(64));
    let patch = "- kind: local\n  path: files/up\n- kind: patch\n  path: files/lock.patch\n";
    let context = "*** a/Cargo.lock\n--- b/Cargo.lock\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n";
    for (sources, found) in [
        (zip.as_str(), "error[cannot-evaluate]: what the `zip` source https://example.invalid/up.zip stages"),
        (patch, "error[patch-failed]: the patch `files/lock.patch`: it cannot be evaluated at line 1: a context diff"),
    ] {
        let project = drifted();
        project.write("files/lock.patch", context);
        let text = format!("kind: make\n\nsources:\n{sources}- kind: cargo2\n  ref:\n{}", block(OLD, 2));
        project.write("elements/a.bst", &text);
        let run = project.run(&["regenerate"]);
        assert_eq!((run.code, project.read("elements/a.bst")), (Some(3), text));
        assert!(run.stdout.contains(found), "{}", run.stdout);
        assert!(run.stdout.contains("hand the lock in with `--lock ELEMENT=PATH`"), "{}", run.stdout);
        project.write("other/Cargo.lock", lock(OLD));
        let lock = format!("a.bst={}", project.path().join("other").display());
        assert_eq!(project.run(&["regenerate", "--check", "--lock", &lock]).code, Some(0), "{found}");
    }
}

#[test]
fn a_block_in_an_include_is_regenerated_once_for_all_its_elements() {
    let project = Project::new(&[
        ("elements/a.bst", "kind: make\n(@): include/up.inc\n"),
        ("elements/b.bst", "kind: meson\n(@): include/up.inc\n"),
        ("include/up.inc", &element(OLD).replace("kind: make\n\n", "")),
        ("files/up/Cargo.lock", &lock(NEW)),
    ]);
    let run = project.run(&["regenerate"]);
    assert_eq!(
        run.stdout,
        "regenerated include/up.inc: 1 moved, 1 missing\n       used by a.bst, b.bst\n1 cargo2 block: 1 regenerated\n"
    );
    assert_eq!(project.read("include/up.inc"), element(NEW).replace("kind: make\n\n", ""));
    assert_eq!(project.read("elements/a.bst"), "kind: make\n(@): include/up.inc\n");
}

#[test]
fn elements_that_ask_one_block_for_different_content_are_told_and_it_stays() {
    let include =
        format!("sources:\n- kind: local\n  path: 'files/%{{up}}'\n- kind: cargo2\n  ref:\n{}", block(OLD, 2));
    let project = Project::new(&[
        ("elements/a.bst", "variables: {up: one}\n(@): up.inc\n"),
        ("elements/b.bst", "variables: {up: two}\n(@): up.inc\n"),
        ("up.inc", &include),
        ("files/one/Cargo.lock", &lock(OLD)),
        ("files/two/Cargo.lock", &lock(NEW)),
    ]);
    let run = project.run(&["regenerate"]);
    assert_eq!((run.code, project.read("up.inc")), (Some(3), include));
    assert!(
        run.stdout
            .contains("error[block-contested]: these elements need different content in the same block: a.bst, b.bst"),
        "{}",
        run.stdout
    );
}

#[test]
fn caches_of_buildstream_in_the_checkout_are_left_alone() {
    let project = Project::new(&[
        ("project.conf", "name: p\n"),
        (".bst/staged-junctions/x/a.bst", &element(OLD)),
        ("kind.bst", "kind: cargo\n# kind: cargo2\n"),
    ]);
    assert_eq!(project.run(&["regenerate"]).stdout, "no cargo2 block found\n");
}

#[test]
fn a_lock_behind_links_inside_the_sources_is_found_and_one_outside_is_not() {
    use std::os::unix::fs::symlink;
    let project = drifted();
    std::fs::rename(project.path().join("files/up/Cargo.lock"), project.path().join("files/up/real.lock")).unwrap();
    symlink("real.lock", project.path().join("files/up/Cargo.lock")).unwrap();
    assert_eq!(project.run(&["regenerate"]).code, Some(0));
    std::fs::remove_file(project.path().join("files/up/Cargo.lock")).unwrap();
    symlink("../../project.conf", project.path().join("files/up/Cargo.lock")).unwrap();
    let outside = project.run(&["regenerate"]);
    assert_eq!(outside.code, Some(3));
    assert!(outside.stdout.contains("the link `Cargo.lock` leaves the staged tree"), "{}", outside.stdout);
}

#[test]
fn a_source_without_lock_and_a_ref_without_commit_are_told_apart() {
    let project = drifted();
    std::fs::rename(project.path().join("files/up/Cargo.lock"), project.path().join("files/up/other")).unwrap();
    assert!(
        project.run(&["regenerate"]).stdout.contains("error[lock-missing]: the sources stage no file `Cargo.lock`")
    );
    project.write(
        "elements/a.bst",
        "sources:\n- kind: git_repo\n  url: https://x.example/y\n  ref: v0.2.15 # v0.2.13\n- kind: cargo2\n",
    );
    let run = project.run(&["regenerate"]);
    insta::assert_snapshot!(run.stdout, @r"
    error[ref-without-commit]: the ref `v0.2.15` does not end in a commit
     --> elements/a.bst:4:8
      |
    4 |   ref: v0.2.15 # v0.2.13
      |        ^^^^^^^
      |
      = help: run `bst source track`, or hand the lock in with `--lock ELEMENT=PATH`

    1 cargo2 block: 1 not verified; 1 error
    ");
}

#[test]
fn generate_prints_the_block_and_nothing_when_it_refuses() {
    let project =
        Project::new(&[("Cargo.lock", &lock(OLD)), ("bad.lock", &lock(OLD).replacen(&sha("a", "1.0.0"), "abc", 1))]);
    let path = |name: &str| project.path().join(name).display().to_string();
    let list = run(&["generate", &path("Cargo.lock")]);
    assert_eq!((list.code, list.stdout), (Some(0), format!("- kind: cargo2\n  ref:\n{}", block(OLD, 2))));
    let single = run(&[
        "generate",
        &path("Cargo.lock"),
        "--layout",
        "per-crate",
        "--crates-url",
        "https://crates.example/crates",
    ]);
    assert_eq!(
        single.stdout,
        format!(
            "# ── GENERATED: do not edit below this line ──\n- kind: cargo2\n  url: \"https://crates.example/crates/a/a-1.0.0.crate\"\n  ref: {}\n- kind: cargo2\n  url: \"https://crates.example/crates/b/b-1.0.0.crate\"\n  ref: {}\n",
            sha("a", "1.0.0"),
            sha("b", "1.0.0")
        )
    );
    let bad = run(&["generate", &path("bad.lock")]);
    assert_eq!((bad.code, bad.stdout.as_str()), (Some(3), ""));
    assert!(
        bad.stderr.contains("error[crate-bad-checksum]: the checksum of a 1.0.0 is not 64 hex digits: `abc`"),
        "{}",
        bad.stderr
    );
    assert!(bad.stderr.contains("bad.lock:8:1"), "{}", bad.stderr);
    assert_eq!(run(&["generate", "/nonexistent.lock"]).code, Some(2));
}

#[test]
fn the_layout_with_one_source_per_crate_is_kept() {
    let one = |(name, version): &(&str, &str)| {
        format!(
            "- kind: cargo2\n  url: \"crates:crates/{name}/{name}-{version}.crate\"\n  ref: {}\n",
            sha(name, version)
        )
    };
    let text = |crates: &[(&str, &str)]| {
        let all: String = crates.iter().map(one).collect();
        format!(
            "kind: make\nsources:\n- kind: local\n  path: files/up\n# ── GENERATED: do not edit below this line ──\n{all}"
        )
    };
    let project = Project::new(&[("elements/a.bst", &text(OLD)), ("files/up/Cargo.lock", &lock(NEW))]);
    assert_eq!(project.run(&["regenerate", "--check"]).code, Some(3));
    assert_eq!(project.run(&["regenerate"]).code, Some(0));
    assert_eq!(project.read("elements/a.bst"), text(NEW));
}

#[test]
fn reports_for_machines_say_the_same() {
    let project = drifted();
    let json = project.run(&["regenerate", "--check", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &value["schema"], &value["exit"]), (Some(3), &1.into(), &3.into()));
    assert_eq!(value["blocks"][0]["status"], "drifted");
    assert_eq!(value["blocks"][0]["drift"]["changed"][0]["wanted"]["version"], "1.1.0");
    assert_eq!(value["findings"][0]["location"]["line"], 6);
    let github = project.run(&["regenerate", "--check", "--format", "github"]);
    assert_eq!(
        github.stdout,
        "::error file=elements/a.bst,line=6,col=3,title=block-drift::a.bst: the crate list does not match Cargo.lock: 1 moved, 1 missing%0Alock: files/up/Cargo.lock of this project%0A~ a 1.0.0 → 1.1.0%0A+ c 0.1.0%0Arun `cargo2-bot regenerate a.bst`\n"
    );
}

#[test]
fn colours_are_for_terminals_only_unless_asked_for() {
    let project = drifted();
    assert!(!project.run(&["regenerate", "--check"]).stdout.contains('\x1b'));
    assert!(project.run(&["regenerate", "--check", "--color", "always"]).stdout.contains('\x1b'));
}

#[test]
fn help_has_examples_and_the_exit_codes() {
    let help = run(&["regenerate", "--help"]);
    assert!(help.stdout.contains("Examples:\n  cargo2-bot regenerate "), "{}", help.stdout);
    assert!(run(&["--help"]).stdout.contains("3  findings of severity error"));
    assert!(run(&["generate", "--help"]).stdout.contains("--git-mirror https://github.com/=github:"));
}

#[test]
fn a_kill_at_any_moment_leaves_every_file_whole() {
    let files: Vec<(String, String)> = (0..60).map(|i| (format!("elements/e{i}.bst"), element(OLD))).collect();
    let mut all: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let new = lock(NEW);
    all.push(("files/up/Cargo.lock", &new));
    let (old_text, new_text) = (element(OLD), element(NEW));
    for moment in 0..12_u64 {
        let project = Project::new(&all);
        let mut child = program()
            .args(["regenerate", "--cache", "none", "--project"])
            .arg(project.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(moment * 2));
        // The last ones are asked to stop as a person does, the others are killed.
        if moment % 3 == 2 {
            std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        } else {
            child.kill().unwrap();
        }
        child.wait().unwrap();
        for (path, _) in &files {
            let text = project.read(path);
            assert!(text == old_text || text == new_text, "{path} is torn");
        }
        assert_eq!(project.run(&["regenerate"]).code, Some(0), "the next run ends the work");
        assert!(files.iter().all(|(path, _)| project.read(path) == new_text));
    }
}
