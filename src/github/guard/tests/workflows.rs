//! Workflows: what is proven harmless, and what only looks so.

use super::*;

/// A workflow that can write nothing, with these lines in its only step.
fn reading(step: &str) -> String {
    format!(
        "name: check\non: [push, pull_request]\npermissions: {{contents: read}}\njobs:\n  check:\n    runs-on: ubuntu-24.04\n    steps:\n    - uses: actions/checkout@v4\n    - {step}\n"
    )
}

/// A workflow that may push.
fn writing(step: &str) -> String {
    reading(step).replace("contents: read", "contents: write")
}

fn of(before: &str, after: &str) -> Verdict {
    changed(&[], PATH, before, after)
}

/// What the reader knows of a workflow that can write nothing, with one thing replaced, before and after.
fn replaced(from: &str, to: &str) -> [Verdict; 2] {
    let good = reading("run: make");
    let bad = good.replace(from, to);
    assert_ne!(good, bad, "{from}");
    [of(&good, &bad), of(&bad, &good)]
}

#[test]
fn comments_and_names_of_steps_are_harmless_in_a_workflow_that_writes() {
    let after = format!("# a comment\n{}", writing("{name: Make, run: make}"));
    assert_eq!(of(&writing("run: make"), &after), Verdict::Harmless("only comments and names of steps differ".into()));
}

#[test]
fn pins_that_move_are_to_be_proven() {
    let uses = |commit: &str| writing(&format!("uses: o/r/sub@{commit}"));
    let moved = PinMove { repository: "o/r".into(), from: OLD.into(), to: NEW.into() };
    assert_eq!(of(&uses(OLD), &uses(NEW)), Verdict::Pins(vec![moved]));
    assert!(is_held(&of(&uses(OLD), &uses("v2"))));
    assert!(is_held(&of(&uses(OLD), &uses(NEW).replace("o/r", "o/fork"))));
    assert!(is_held(&of(&uses(OLD), &uses(NEW).replace("name: check", "name: other"))), "and another change");
}

#[test]
fn a_workflow_that_can_write_nothing_before_and_after_is_harmless() {
    assert!(is_harmless(&of(&reading("run: make"), &reading("run: make check"))));
    assert!(is_harmless(&of("", &reading("run: make"))));
    assert!(is_harmless(&of(&reading("run: make"), "")));
    let token = reading("{run: make, env: {T: '${{ secrets.GITHUB_TOKEN }}', U: '${{ github.token }}'}}");
    assert!(is_harmless(&of("", &token)), "{:?}", of("", &token));
}

#[test]
fn a_workflow_that_could_write_before_or_after_holds() {
    let (reads, writes) = (reading("run: make"), writing("run: make check"));
    for (before, after) in [("", &*writes), (&writes, ""), (&reads, &writes), (&writes, &reads)] {
        assert!(is_held(&of(before, after)));
    }
    assert!(is_held(&of(&writes, &writing("run: make"))));
}

#[test]
fn every_way_to_write_holds() {
    let permissions = "permissions: {contents: read}\n";
    for (from, to) in [
        (permissions, ""),
        (permissions, "permissions: write-all\n"),
        (permissions, "permissions: {checks: write}\n"),
        (permissions, "permissions: {statuses: write}\n"),
        (permissions, "permissions: {actions: write}\n"),
        (permissions, "permissions: {pull-requests: write}\n"),
        (permissions, "permissions: {deployments: write}\n"),
        (permissions, "permissions: {packages: admin}\n"),
        (permissions, "permissions: {id-token: write, contents: write}\n"),
        (permissions, "permissions: ${{ inputs.x }}\n"),
        ("    runs-on: ubuntu-24.04\n", "    runs-on: ubuntu-24.04\n    permissions: {contents: write}\n"),
        ("    runs-on: ubuntu-24.04\n", "    runs-on: ubuntu-24.04\n    environment: release\n"),
        ("    runs-on: ubuntu-24.04\n", "    runs-on: ubuntu-24.04\n    secrets: inherit\n"),
        ("    runs-on: ubuntu-24.04\n", "    runs-on: ubuntu-24.04\n    new-key: x\n"),
        ("    runs-on: ubuntu-24.04\n", ""),
        ("run: make", "run: echo ${{ secrets.DEPLOY_KEY }}"),
        ("run: make", "run: echo ${{ SECRETS . X }}"),
        ("run: make", "run: echo ${{ toJSON(secrets) }}"),
        ("run: make", "run: echo ${{ secrets['X'] }}"),
        ("run: make", "run: echo ${{ secrets.GITHUB_TOKEN_2 }}"),
        ("run: make", "run: make\n      if: secrets.X"),
        ("run: make", "uses: actions/cache@v4"),
        ("run: make", "uses: actions/cache/save@v4"),
        ("run: make", "uses: someone/unknown@v1"),
        ("run: make", "{uses: actions/setup-python@v5, with: {cache: pip}}"),
        ("run: make", "{uses: actions/setup-python@v5, with: {CACHE: pip}}"),
        ("run: make", "uses: jdx/mise-action@v2"),
        ("run: make", "uses: docker://alpine"),
        ("run: make", "uses: ./nowhere"),
        ("run: make", "{run: make, background: true}"),
        ("  check:\n", "  'cargo2 block':\n"),
        ("    runs-on", "    name: Cargo2 Manual Merge\n    runs-on"),
        ("    runs-on", "    name: ${{ matrix.name }}\n    runs-on"),
        ("    runs-on", "    name: car${{ matrix.a }}ock\n    runs-on"),
        ("    steps:\n", "    uses: o/r/.github/workflows/x.yml@v1\n    steps:\n"),
        ("name: check\n", "name: check\nunknown: key\n"),
        ("run: make", "run: Cargo2-bot check"),
        ("run: make", "run: \"c\\x61rgo2-bot check\""),
        ("run: make", "{uses: actions/setup-go@v5}"),
        ("run: make", "{run: make, with: {x: '${{ toJSON(secrets) }}'}}"),
    ] {
        for verdict in replaced(from, to) {
            assert!(is_held(&verdict), "{to}: {verdict:?}");
        }
    }
}

#[test]
fn only_events_that_give_no_more_rights_are_harmless() {
    for event in [
        "pull_request_target",
        "workflow_run",
        "issue_comment",
        "workflow_call",
        "repository_dispatch",
        "pull_request_review",
        "check_run",
        "status",
        "label",
        "deployment",
    ] {
        for events in [event.to_owned(), format!("[push, {event}]"), format!("{{push: {{}}, {event}: {{}}}}")] {
            for verdict in replaced("[push, pull_request]", &events) {
                assert!(is_held(&verdict), "{events}");
            }
        }
    }
    for events in ["push", "[schedule]", "{schedule: [{cron: '0 6 * * *'}], merge_group: {}, workflow_dispatch: {}}"] {
        assert!(replaced("[push, pull_request]", events).iter().all(is_harmless), "{events}");
    }
}

#[test]
fn caches_that_are_off_and_names_that_cannot_be_ours_are_harmless() {
    for (from, to) in [
        ("run: make", "{uses: jdx/mise-action@v2, with: {cache: false}}"),
        ("run: make", "uses: actions/cache/restore@v4"),
        ("run: make", "{uses: actions/setup-python@v5, with: {python-version: '3.13'}}"),
        ("run: make", "uses: actions/upload-artifact@v4"),
        ("    runs-on", "    name: build (${{ matrix.arch }})\n    runs-on"),
        ("runs-on: ubuntu-24.04", "runs-on: ubuntu-24.04-arm"),
        ("runs-on: ubuntu-24.04", "runs-on: [macos-latest]"),
        ("permissions: {contents: read}", "permissions: {}"),
        ("permissions: {contents: read}", "permissions: read-all"),
    ] {
        for verdict in replaced(from, to) {
            assert!(is_harmless(&verdict), "{to}: {verdict:?}");
        }
    }
}

#[test]
fn an_action_at_a_commit_is_one_that_the_base_has_already() {
    let uses = format!("uses: actions/checkout@{OLD}");
    let other = [(".github/workflows/other.yml", &*reading(&uses))];
    let step = reading(&format!("{{{uses}, with: {{path: x}}}}"));
    assert!(is_harmless(&changed(&other, PATH, "", &step)));
    for foreign in [NEW, "ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD", "refs/pull/1/head", "pull/1/merge", "abcdef1"] {
        assert!(is_held(&changed(&other, PATH, "", &step.replace(OLD, foreign))), "{foreign}");
    }
}

#[test]
fn an_artifact_that_another_workflow_reads_holds() {
    let upload = reading("uses: actions/upload-artifact@v4");
    for reader in
        ["uses: actions/download-artifact@v4", "run: gh run download 1", "run: gh api repos/o/r/actions/artifacts"]
    {
        let other = writing(reader);
        assert!(is_held(&changed(&[(".github/workflows/o.yml", &other)], PATH, "", &upload)), "{reader}");
    }
    assert!(is_held(&changed(&[(".github/workflows/o.yml", "?")], PATH, "", &upload)), "not known");
}

#[test]
fn what_the_bot_or_a_renamed_workflow_triggers_holds() {
    let listener = |name: &str, step: &str| {
        format!("on:\n  workflow_run:\n    workflows: [{name}]\njobs:\n  j:\n    steps:\n    - {step}\n")
    };
    let (bot, other) = (listener("check", "uses: o/cargo2-bot@v1"), listener("Build", "run: gh pr merge"));
    let (old, new) = (reading("run: make"), reading("run: make check"));
    assert!(is_held(&changed(&[(".github/workflows/bot.yml", &bot)], PATH, &old, &new)), "the relay of the bot");
    let build = |text: &str| text.replace("name: check", "name: Build");
    let others = [(".github/workflows/merge.yml", &*other)];
    assert!(is_harmless(&changed(&others, PATH, &build(&old), &build(&new))), "it has had that name");
    assert!(is_held(&changed(&others, PATH, &old, &build(&old))), "renamed");
    assert!(is_held(&changed(&others, PATH, "", &build(&old))), "new");
    assert!(is_held(&changed(&[(".github/workflows/x.yml", "? x: [")], PATH, &old, &build(&old))), "not known");
}

#[test]
fn what_cannot_be_read_holds() {
    let good = reading("run: make");
    for text in ["?", "a: [", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", "- a", "\u{0}", "on: push\njobs: []\n"] {
        assert!(is_held(&of(&good, text)) && is_held(&of(text, &good)), "{text:?}");
    }
    let long = format!("{good}{}", "# comment\n".repeat(200_000));
    assert!(is_held(&of(&good, &long)));
}

#[test]
fn links_submodules_and_changes_of_both_branches_hold() {
    let good = reading("run: make");
    let (file, none) = ([(PATH, Item::FILE, &*good)], GuardRules::default());
    for mode in [Item::LINK, Item::SUBMODULE] {
        let other = [(PATH, mode, NEW)];
        assert!(is_held(&verdict(&file, &other, PATH)) && is_held(&verdict(&other, &file, PATH)));
    }
    let comment = format!("# x\n{good}");
    let after = [(PATH, Item::FILE, &*comment)];
    assert!(is_harmless(&verdict(&file, &after, PATH)));
    assert!(is_held(&with(&file, &after, PATH, &none, true)));
}

#[test]
fn more_workflows_than_are_read_hold() {
    let names: Vec<String> = (0..1_001).map(|number| format!(".github/workflows/a{number}.yml")).collect();
    let others: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "on: push")).collect();
    let (before, after) = (reading("run: make"), format!("# x\n{}", reading("run: make")));
    assert!(is_harmless(&changed(&others[..10], PATH, &before, &after)));
    assert!(is_held(&changed(&others, PATH, &before, &after)), "its place is behind the others");
    assert!(is_suspicious(&changed(&others, "tool", "a", "git push")), "it may be named");
}
