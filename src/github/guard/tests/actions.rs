//! Local actions: their definitions, and the files beside them.

use super::*;

const ACTION: &str = ".github/actions/a/action.yml";

fn action(step: &str) -> String {
    format!("name: a\nruns:\n  using: composite\n  steps:\n  - {step}\n")
}

fn user(permission: &str, uses: &str) -> String {
    format!(
        "on: push\npermissions: {{contents: {permission}}}\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: {uses}\n"
    )
}

fn of(user: &str, before: &str, after: &str) -> Verdict {
    changed(&[(".github/workflows/u.yml", user)], ACTION, before, after)
}

#[test]
fn an_action_may_what_the_workflows_that_use_it_may() {
    let (old, new) = (action("{run: make, shell: bash}"), action("{run: make check, shell: bash}"));
    assert!(is_harmless(&of(&user("read", "./.github/actions/a"), &old, &new)));
    for uses in [
        "./.github/actions/a",
        "./.github/actions/a/",
        "./trusted/.github/actions/a",
        "o/r/.github/actions/a@main",
        "./.github/actions/b/../a",
    ] {
        assert!(is_held(&of(&user("write", uses), &old, &new)), "{uses}");
    }
    assert!(
        is_held(&of(&user("write", "./.github/actions/b"), &old, &new)),
        "nothing uses it, and what writes may later"
    );
    assert!(is_held(&of("a: [", &old, &new)), "not known");
}

#[test]
fn a_workflow_may_what_its_local_actions_may() {
    let path = ".github/workflows/u.yml";
    let reads = user("read", "./.github/actions/a");
    let with_action = |text: &str| changed(&[(ACTION, text)], path, "", &reads);
    assert!(is_harmless(&with_action(&action("{run: make, shell: bash}"))));
    for bad in ["uses: actions/cache@v4", "uses: ./.github/actions/a", "run: x ${{ secrets.A }}"] {
        assert!(is_held(&with_action(&action(bad))), "{bad}");
    }
    assert!(is_held(&with_action("runs:\n  using: node20\n  main: index.js\n")), "a program of its own");
}

#[test]
fn comments_and_pins_of_actions_are_as_those_of_workflows() {
    let writes = user("write", "./.github/actions/a");
    let uses = |commit: &str| action(&format!("uses: o/r@{commit}"));
    assert!(matches!(of(&writes, &uses(OLD), &uses(NEW)), Verdict::Pins(moves) if moves.len() == 1));
    assert!(is_harmless(&of(&writes, &uses(OLD), &format!("# x\n{}", uses(OLD)))));
}

#[test]
fn other_files_of_an_action_hold_unless_a_shell_reads_them() {
    let others = [(ACTION, &*action("{run: ./x.sh, shell: bash}"))];
    for path in [
        ".github/actions/a/index.js",
        ".github/actions/a/dist/index.js",
        ".github/actions/a/Dockerfile",
        ".github/actions/a/data.json",
    ] {
        assert!(is_held(&changed(&others, path, "a", "b")), "{path}");
    }
    assert!(is_harmless(&changed(&others, ".github/actions/a/x.sh", "make", "make check")));
    assert!(is_suspicious(&changed(&others, ".github/actions/a/x.sh", "make", "git push")));
}

#[test]
fn an_action_at_the_root_holds_and_its_project_does_not() {
    let others = [("action.yml", &*action("{run: make, shell: bash}"))];
    assert!(is_held(&changed(&[], "action.yml", &action("{run: a, shell: bash}"), &action("{run: b, shell: bash}"))));
    assert_eq!(changed(&others, "elements/a.bst", "a", "b"), Verdict::NotGuarded);
    assert!(is_held(&changed(&others, "dist/index.js", "a", "b")));
}

#[test]
fn an_action_that_changes_with_its_workflow_is_read_in_its_own_state() {
    let path = ".github/workflows/u.yml";
    let uses = user("read", "./.github/actions/a");
    let (good, bad) = (action("{run: make, shell: bash}"), action("uses: actions/cache@v4"));
    let with = |before: &str, after: &str| {
        verdict(&[(ACTION, Item::FILE, before)], &[(ACTION, Item::FILE, after), (path, Item::FILE, &uses)], path)
    };
    assert!(is_harmless(&with(&bad, &good)));
    assert!(is_held(&with(&good, &bad)));
}
