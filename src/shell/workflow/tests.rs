use super::*;

/// The guards of all merges of a script, for an entry of the group `manual-merge`.
fn guards(script: &str) -> Vec<Tri> {
    let lookup = |name: &str| match name {
        "matrix.group" => Some(AbstractValue::Text("manual-merge".into())),
        "matrix.auto_merge" => Some(AbstractValue::Bool(false)),
        "matrix.base_branch" => Some(AbstractValue::Text(String::new())),
        _ => None,
    };
    let environment = HashMap::from([("GROUP".to_owned(), AbstractValue::Text("manual-merge".into()))]);
    read(script, &lookup, &environment).merges.into_iter().map(|m| m.guard).collect()
}

/// The guard of the one merge in a script.
fn guard(script: &str) -> Tri {
    let guards = guards(script);
    assert_eq!(guards.len(), 1, "{script}");
    guards[0]
}

const MERGE: &str = "gh pr merge \"$URL\" --auto --squash || echo \"no\"";

#[test]
fn a_merge_without_condition_is_reached() {
    assert_eq!(guard(MERGE), Tri::True);
    assert_eq!(guard("if [ -n \"$URL\" ]; then\n  gh pr merge \"$URL\"\nfi"), Tri::Free);
    assert_eq!(guard("gh pr list --json number | xargs -n1 gh pr merge --auto"), Tri::True);
    assert_eq!(guard("for p in $(gh pr list); do gh pr merge $p; done"), Tri::Free);
    assert_eq!(guard("GH_TOKEN=\"$T\" X=y gh pr merge 1"), Tri::True);
    assert_eq!(guard("case $x in a) gh pr merge 1 ;; esac"), Tri::Free);
    assert_eq!(guard("gh api -X PUT repos/o/r/pulls/1/merge"), Tri::True);
    assert_eq!(guard("gh api graphql -f query='mutation{enablePullRequestAutoMerge(input:{})}'"), Tri::True);
}

#[test]
fn a_merge_for_another_group_is_not_reached() {
    for script in [
        "if [ \"${{ matrix.group }}\" = \"auto-merge\" ]; then\n  MERGE\nfi",
        "if [[ ${{ matrix.group }} == auto-* ]]; then MERGE; fi",
        "if [ \"$GROUP\" = \"auto-merge\" ] && [ \"${{ matrix.base_branch || 'main' }}\" != \"testing\" ]; then MERGE; fi",
        "G=\"${{ matrix.group }}\"\n[ \"$G\" = auto-merge ] && MERGE",
        "[[ \"$GROUP\" == \"auto-merge\" && -n \"$URL\" ]] && MERGE",
        "if [ \"${{ matrix.auto_merge }}\" = \"true\" ]; then\n  MERGE\nfi",
        "if [ \"$GROUP\" = \"manual-merge\" ]; then\n  echo stays\nelse\n  MERGE\nfi",
        "if [ \"$GROUP\" = \"manual-merge\" ]; then\n  exit 0\nfi\nMERGE",
        "[ \"$GROUP\" = auto-merge ] || exit 0\nMERGE",
        "AUTO=false\nif [ \"$GROUP\" = auto-merge ]; then AUTO=true; fi\nif [ \"$AUTO\" = true ]; then MERGE; fi",
        "if [ x = y ]; then :; elif [ \"$GROUP\" = auto-merge ]; then MERGE; fi",
    ] {
        assert_eq!(guard(&script.replace("MERGE", MERGE)), Tri::False, "{script}");
    }
}

#[test]
fn a_merge_for_this_group_is_reached() {
    for script in [
        "if [ \"${{ matrix.group }}\" != \"auto-merge\" ]; then MERGE; fi",
        "if [ \"$GROUP\" = \"auto-merge\" ]; then :; else MERGE; fi",
        "[ \"$GROUP\" = \"auto-merge\" ] || MERGE",
        "[ \"$GROUP\" = \"auto-merge\" ] && exit 0\nMERGE",
        "die() {\n  echo \"$1\"\n  exit 1\n}\n[ -f x ] || { echo no; exit 1; }\nMERGE",
        "f()\n{\n  if [ \"$GROUP\" = manual-merge ]; then return 1; fi\n}\nMERGE",
        "case \"$X\" in\n  a|b) echo ;;\nesac\nMERGE",
    ] {
        let guard = guard(&script.replace("MERGE", "gh pr merge 1"));
        assert!(guard.happens(), "{script}: {guard:?}");
    }
}

#[test]
fn a_condition_that_is_not_understood_is_unclear() {
    for script in [
        "if grep -q auto <<< \"${{ matrix.group }}\"; then MERGE; fi",
        "if [[ \"$GROUP\" =~ ^auto ]]; then MERGE; fi",
        "case \"$GROUP\" in\n  auto-merge) MERGE ;;\nesac",
        "bash -c 'MERGE'",
        "f() { MERGE; }\n[ \"$GROUP\" = auto-merge ] && f",
        "f()\n{\n  MERGE\n}\n[ \"$GROUP\" = auto-merge ] && f",
        "if [ \"${GROUP%-merge}\" = auto ]; then MERGE; fi",
    ] {
        assert_eq!(guard(&script.replace("MERGE", "gh pr merge 1")), Tri::Unclear, "{script}");
    }
}

#[test]
fn what_only_speaks_of_merging_merges_nothing() {
    for script in [
        "# gh pr merge 1",
        "echo 'run gh pr merge 1'",
        "gh pr merge 1 --disable-auto",
        "cat <<EOF\ngh pr merge 1\nEOF",
        "gh pr view 1",
    ] {
        assert!(guards(script).is_empty(), "{script}");
    }
}

#[test]
fn outputs_are_known_where_the_entry_decides_them() {
    let lookup = |name: &str| (name == "matrix.group").then(|| AbstractValue::Text("manual-merge".into()));
    let script = "if [ \"${{ matrix.group }}\" = auto-merge ]; then\n  echo \"merge=true\" >> \"$GITHUB_OUTPUT\"\nelse\n  echo \"merge=false\" >> \"$GITHUB_OUTPUT\"\nfi\necho \"run=$X\" >> $GITHUB_OUTPUT";
    let outputs = read(script, &lookup, &HashMap::new()).outputs;
    assert_eq!(outputs["merge"], AbstractValue::Text("false".into()));
    assert_eq!(outputs["run"], AbstractValue::Free);
}

#[test]
fn hostile_scripts_end() {
    for script in [
        "if ".repeat(20_000),
        "{ ".repeat(30_000),
        "a && b || ".repeat(5_000),
        "\"'`$(${{".repeat(5_000),
        "case x in ".repeat(5_000),
        "<<A\n".repeat(15_000),
        "fi\n}\ndone\nesac\n".repeat(3_000),
        "ä$ä\\".repeat(5_000),
    ] {
        assert!(guards(&script).is_empty());
    }
    assert_eq!(guards(&format!("gh pr merge\n{}", " ".repeat(MAX_SCRIPT))), [Tri::Unclear]);
}
