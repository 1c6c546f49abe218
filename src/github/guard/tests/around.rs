//! Workflows that cannot write themselves, and what they could hand to one that can.

use super::*;

const WRITER: &str = ".github/workflows/writer.yml";

/// A workflow with these permissions, runner and further lines of its job.
fn workflow(permissions: &str, runner: &str, more: &str) -> String {
    format!(
        "name: w\non: push\npermissions: {permissions}\njobs:\n  j:\n    runs-on: {runner}\n{more}    steps:\n    - run: make\n"
    )
}

/// The verdicts on a workflow that appears, and goes, beside others.
fn beside(others: &[(&str, &str)], text: &str) -> [Verdict; 2] {
    [changed(others, PATH, "", text), changed(others, PATH, text, "")]
}

fn foreign(runner: &str) -> String {
    workflow("read-all", runner, "")
}

fn writer(runner: &str) -> String {
    workflow("{contents: write}", runner, "")
}

#[test]
fn a_runner_that_no_writing_workflow_uses_is_harmless() {
    for runner in
        ["self-hosted", "[self-hosted, linux]", "ubuntu-big", "ubuntu-24.04-large", "'${{ inputs.x }}'", "{group: x}"]
    {
        for other in [writer("ubuntu-24.04"), workflow("read-all", runner, "")] {
            let verdicts = beside(&[(WRITER, &other)], &foreign(runner));
            assert!(verdicts.iter().all(is_harmless), "{runner}: {verdicts:?}");
        }
    }
    assert!(beside(&[(WRITER, &writer("fast"))], &foreign("big")).iter().all(is_harmless));
}

#[test]
fn a_runner_on_which_a_writing_workflow_may_run_holds() {
    for (own, other) in [
        ("self-hosted", "self-hosted"),
        ("[self-hosted, big]", "[self-hosted, fast]"),
        ("big", "BIG"),
        ("big", "[fast, big]"),
        ("big", "[self-hosted, linux]"),
        ("[linux, x64]", "big"),
        ("big", "'${{ matrix.runner }}'"),
        ("big", "[\"${{ inputs.x }}\", fast]"),
        ("big", "{group: x}"),
        ("'${{ inputs.x }}'", "fast"),
        ("{group: x}", "fast"),
    ] {
        for verdict in beside(&[(WRITER, &writer(other))], &foreign(own)) {
            assert!(is_held(&verdict), "{own} {other}");
        }
    }
}

#[test]
fn every_workflow_that_may_write_counts_and_those_of_both_states() {
    let own = foreign("big");
    for other in [
        workflow("write-all", "big", ""),
        workflow("{pull-requests: write}", "big", ""),
        workflow("read-all", "big", "    environment: release\n"),
        workflow("read-all", "big", "    env: {T: '${{ secrets.TOKEN }}'}\n"),
        workflow("read-all", "big", "    name: cargo2 manual merge\n"),
        workflow("read-all", "big", "").replace("permissions: read-all\n", ""),
        "on: push\njobs:\n  j:\n    uses: o/r/.github/workflows/x.yml@v1\n".to_owned(),
        "a: [".to_owned(),
        "?".to_owned(),
    ] {
        assert!(beside(&[(WRITER, &other)], &own).iter().all(is_held), "{other}");
    }
    let (without, with) = ([(PATH, Item::FILE, &*own)], writer("big"));
    let both = [(PATH, Item::FILE, "name: w"), (WRITER, Item::FILE, &*with)];
    assert!(is_held(&verdict(&both, &without, PATH)), "the writer goes with this change");
    assert!(is_held(&verdict(&[(WRITER, Item::FILE, &*with)], &without, PATH)), "it was there");
    let second = [(PATH, Item::FILE, &*own), (WRITER, Item::FILE, &*with)];
    assert!(is_held(&verdict(&[], &second, PATH)), "it comes with this change");
}

#[test]
fn rights_that_write_nothing_on_github_are_harmless() {
    for permissions in [
        "{packages: write}",
        "{id-token: write}",
        "{attestations: write, pages: write, security-events: write, contents: read}",
    ] {
        let pinned = format!("    container: ghcr.io/o/i@sha256:{}\n", "a".repeat(64));
        for more in ["", "    container: alpine\n", &pinned] {
            let other = workflow("{contents: write}", "ubuntu-24.04", more);
            let verdicts = beside(&[(WRITER, &other)], &workflow(permissions, "ubuntu-24.04", ""));
            assert!(verdicts.iter().all(is_harmless), "{permissions} {more}: {verdicts:?}");
        }
    }
}

#[test]
fn packages_that_a_writing_workflow_runs_hold() {
    let own = workflow("{packages: write}", "ubuntu-24.04", "");
    for more in [
        "    container: ghcr.io/o/i:latest\n",
        "    container: {image: GHCR.io/o/i}\n",
        "    container: ghcr.io/o/i@sha256:aa\n",
        "    container: '${{ inputs.image }}'\n",
        "    container: {image: '${{ inputs.image }}'}\n",
        "    services: {a: {image: ghcr.io/o/i}}\n",
        "    services: {a: {image: '${{ vars.IMAGE }}'}}\n",
        "    env: {IMAGE: 'docker://ghcr.io/o/i:1'}\n",
        "    env: {REGISTRY: 'https://npm.pkg.github.com'}\n",
    ] {
        let other = workflow("{contents: write}", "ubuntu-24.04", more);
        assert!(beside(&[(WRITER, &other)], &own).iter().all(is_held), "{more}");
        let reads = workflow("read-all", "ubuntu-24.04", more);
        assert!(beside(&[(WRITER, &reads)], &own).iter().all(is_harmless), "{more}");
    }
    let steps = |step: &str| workflow("{contents: write}", "ubuntu-24.04", "").replace("run: make", step);
    for step in ["uses: docker://ghcr.io/o/i:v1", "run: podman run ghcr.io/o/i bash"] {
        assert!(beside(&[(WRITER, &steps(step))], &own).iter().all(is_held), "{step}");
    }
    let action = (".github/actions/a/action.yml", "runs: {using: docker, image: 'docker://ghcr.io/o/i'}");
    let uses = steps("uses: ./.github/actions/a");
    assert!(beside(&[(WRITER, &uses), action], &own).iter().all(is_held), "by an action");
    assert!(beside(&[(WRITER, "a: [")], &own).iter().all(is_held), "not known");
}

#[test]
fn an_identity_to_which_this_repository_gives_rights_holds() {
    let own = workflow("{id-token: write}", "ubuntu-24.04", "");
    for path in [".github/chainguard/push.sts.yaml", ".GitHub/Chainguard/x"] {
        assert!(beside(&[(path, "permissions: {contents: write}")], &own).iter().all(is_held), "{path}");
        let policy = (path, Item::FILE, "x");
        assert!(is_held(&verdict(&[], &[policy, (PATH, Item::FILE, &*own)], PATH)), "it comes with this change");
        assert!(is_held(&verdict(&[policy], &[(PATH, Item::FILE, &*own)], PATH)), "it goes with this change");
        let packages = workflow("{packages: write}", "ubuntu-24.04", "");
        assert!(beside(&[(path, "x")], &packages).iter().all(is_harmless), "no identity");
    }
}

#[test]
fn workflows_that_are_too_many_to_be_read_may_write() {
    let reads = workflow("read-all", "ubuntu-24.04", "");
    let names: Vec<String> = (0..1_001).map(|number| format!(".github/workflows/x{number}.yml")).collect();
    let others: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &*reads)).collect();
    for own in [foreign("big"), workflow("{packages: write}", "ubuntu-24.04", "")] {
        assert!(is_harmless(&changed(&others[..900], PATH, "", &own)));
        assert!(is_held(&changed(&others, PATH, "", &own)));
    }
}
