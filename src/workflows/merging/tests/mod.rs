mod spellings;

use super::commands::{Action, actions};
use super::*;
use crate::text::SourceText;
use crate::workflows::expressions::Lookup;
use crate::workflows::reader;
use std::sync::Arc;

/// Returns whether the one merging step of a job is reached, for an entry of each group.
fn reached(steps_text: &str) -> Vec<Tri> {
    let entry = |group: &str, flag: &str| {
        format!("        - group: {group}\n          auto_merge: {flag}\n          element: a.bst\n")
    };
    let text = format!(
        "jobs:\n  j:\n    strategy:\n      matrix:\n        include:\n{}{}    steps:\n{steps_text}",
        entry("auto-merge", "true"),
        entry("manual-merge", "false")
    );
    let file = Arc::new(SourceText::new("w.yml", text));
    let workflow = reader::read(&file, "").unwrap();
    let mut steps = steps(&workflow.jobs[0], None);
    steps.retain(|step| step.action.merges());
    assert_eq!(steps.len(), 1, "{steps_text}");
    assert!(file.text[steps[0].span.start..steps[0].span.end].contains("erge"), "{steps_text}");
    steps[0].reached.clone()
}

#[test]
fn conditions_of_steps_and_scripts_choose_entries() {
    let only_auto = [Tri::True, Tri::False];
    for steps in [
        "    - if: matrix.group == 'auto-merge'\n      run: gh pr merge 1\n",
        "    - if: ${{ matrix.auto_merge }}\n      run: gh pr merge 1\n",
        "    - env:\n        G: ${{ matrix.group }}\n      run: |\n        if [ \"$G\" = auto-merge ]; then\n          gh pr merge 1\n        fi\n",
        "    - if: matrix.auto_merge\n      uses: peter-evans/enable-pull-request-automerge@v3\n",
        "    - id: gate\n      run: |\n        if [ ${{ matrix.group }} = auto-merge ]; then\n          echo \"m=true\" >> $GITHUB_OUTPUT\n        fi\n    - if: steps.gate.outputs.m == 'true'\n      run: gh pr merge 1\n",
    ] {
        assert_eq!(reached(steps), only_auto, "{steps}");
    }
}

#[test]
fn a_step_without_condition_merges_for_all() {
    assert_eq!(reached("    - if: steps.x.outputs.y == 'true'\n      run: gh pr merge 1\n"), [Tri::Free, Tri::Free]);
    assert_eq!(
        reached("    - uses: x/github-script@v7\n      with:\n        script: await github.rest.pulls.merge({})\n"),
        [Tri::Free, Tri::Free]
    );
}

#[test]
fn a_boolean_that_is_compared_with_text_never_holds() {
    assert_eq!(reached("    - if: matrix.auto_merge == 'true'\n      run: gh pr merge 1\n"), [Tri::False, Tri::False]);
}

#[test]
fn a_key_that_an_entry_does_not_have_is_empty() {
    assert_eq!(reached("    - if: matrix.other != ''\n      run: gh pr merge 1\n"), [Tri::False, Tri::False]);
}

#[test]
fn a_quoted_word_of_a_matrix_is_a_text() {
    for word in ["true", "false", "null", "~", "0"] {
        assert_eq!(AbstractValue::scalar(word, false), AbstractValue::Text(word.into()));
        assert_ne!(AbstractValue::scalar(word, true), AbstractValue::Text(word.into()));
    }
}

#[test]
fn entries_that_are_too_much_to_look_at_may_merge() {
    let (entries, comment) = ("        - element: a.bst\n".repeat(40), "x".repeat(1 << 20));
    let text = format!(
        "jobs:\n  j:\n    strategy:\n      matrix:\n        include:\n{entries}    # {}\n    steps:\n    - run: gh pr merge 1\n",
        &comment[2_000..]
    );
    let workflow = reader::read(&Arc::new(SourceText::new("w.yml", text)), "").unwrap();
    let reached = steps(&workflow.jobs[0], None).remove(0).reached;
    assert_eq!((reached.len(), reached[0], reached[39]), (40, Tri::True, Tri::Unclear));
}

#[test]
fn a_called_workflow_that_merges_is_a_step() {
    let text = "jobs:\n  j:\n    uses: o/r/.github/workflows/reusable-automerge.yml@v1\n";
    let workflow = reader::read(&Arc::new(SourceText::new("w.yml", text)), "").unwrap();
    assert_eq!(steps(&workflow.jobs[0], None)[0].reached, [Tri::True]);
}

/// The guards of all merges of a script, for an entry of the group `manual-merge`.
fn guards(script: &str) -> Vec<Tri> {
    let lookup = |name: &str| match name {
        "matrix.group" => Some(AbstractValue::Text("manual-merge".into())),
        "matrix.auto_merge" => Some(AbstractValue::Bool(false)),
        "matrix.base_branch" => Some(AbstractValue::Text(String::new())),
        _ => None,
    };
    let environment = HashMap::from([("GROUP".to_owned(), AbstractValue::Text("manual-merge".into()))]);
    found(script, &lookup, &environment)
        .into_iter()
        .filter(|(action, _)| action.merges())
        .map(|(_, guard)| guard)
        .collect()
}

/// Lists the effects of a script, and whether they are reached.
fn found(script: &str, lookup: &Lookup<'_>, environment: &HashMap<String, AbstractValue>) -> Vec<(Action, Tri)> {
    let mut found = Vec::new();
    let mut visit = |command: &Simple, _: &str, reached: Tri| {
        found.extend(
            actions(command)
                .into_iter()
                .map(|(action, sure)| (action, if sure { reached } else { reached.and(Tri::Unclear) })),
        );
    };
    walk(script, environment.clone(), &|text| evaluate(text, lookup), &mut visit);
    found
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
    assert_eq!(guard("bash -c 'gh pr merge 1'"), Tri::True);
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
        "[[ \"$GROUP\" == \"auto[\" ]] && MERGE",
        "[ \"$GROUP\" = auto-merge ] && bash -c true && MERGE",
        "readonly G=\"$GROUP\"\n[ \"$G\" = auto-merge ] && MERGE",
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
        "read -r GROUP <<< \"$X\"\n[ \"$GROUP\" = auto-merge ] && MERGE",
        "if [ -n \"$X\" ]; then GROUP=auto-merge; fi\n[ \"$GROUP\" = auto-merge ] && MERGE",
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
        "retry 3 'echo gh pr merge 1'",
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
    let outputs =
        |script: &str| walk(script, HashMap::new(), &|text| evaluate(text, &lookup), &mut |_, _, _| {}).outputs;
    for unclear in ["echo x=y | tee -a $GITHUB_OUTPUT", "./x merge=y >> $GITHUB_OUTPUT"] {
        assert_eq!(outputs(&format!("{script}\n{unclear}")), None, "what is not understood is not known");
    }
    let outputs = outputs(script).unwrap();
    assert_eq!(outputs["merge"], AbstractValue::Text("false".into()));
    assert_eq!(outputs["run"], AbstractValue::Free);
}

#[test]
fn hostile_scripts_end() {
    for script in [
        "A=aaaaaaaa\n".to_owned() + &"A=$A$A\n".repeat(1_000),
        "eval \"eval $A; ".repeat(1_000),
        format!("A='{}'\n{}", "x ".repeat(10_000), "eval \"$A\"\n".repeat(1_000)),
        "${a:-$((`".repeat(5_000),
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
}

#[test]
fn texts_that_are_run_too_often_are_not_all_read() {
    let complete = |times: usize| {
        let script = format!("A='{}'\n{}", "x ".repeat(5_000), "eval \"$A\"\n".repeat(times));
        walk(&script, HashMap::new(), &|_| AbstractValue::Free, &mut |_, _, _| {}).complete
    };
    assert_eq!((complete(1), complete(50)), (true, false));
}

#[test]
fn a_script_that_cannot_be_read_may_merge() {
    let reach = |run: &str| reached(&format!("    - run: |\n        {run}\n"));
    assert_eq!(reach("if true; then gh 'pr merge"), [Tri::Unclear, Tri::Unclear]);
}

#[test]
fn entries_may_run_different_commands() {
    let steps =
        "    - run: |\n        merge=\"${{ matrix.auto_merge && 'gh pr merge 1' || 'true' }}\"\n        $merge\n";
    assert_eq!(reached(steps), [Tri::True, Tri::False]);
}

#[test]
fn variables_of_the_environment_are_not_known_once_a_step_changes_them() {
    let step = "    - run: gh pr merge 1\n      if: env.G == 'x'\n";
    let job = |first: &str| format!("    - run: {first}\n{step}");
    let text = |first: &str| format!("jobs:\n  j:\n    env: {{G: y}}\n    steps:\n{}", job(first));
    let one = |first: &str| {
        let workflow = reader::read(&Arc::new(SourceText::new("w.yml", text(first))), "").unwrap();
        steps(&workflow.jobs[0], None)[0].reached.clone()
    };
    assert_eq!((one("echo"), one("echo G=x >> $GITHUB_ENV")), (vec![Tri::False], vec![Tri::Free]));
}

#[test]
fn a_step_in_another_language_that_speaks_of_merging_may_merge() {
    let step = "    - shell: python\n      run: |\n        import subprocess\n        subprocess.run([\"gh\", \"pr\", \"merge\", \"1\"])\n";
    assert_eq!(reached(step), [Tri::Unclear, Tri::Unclear]);
}

#[test]
fn actions_of_the_repository_are_reported_as_scripts() {
    let text = "jobs:\n  j:\n    steps:\n    - uses: ./.github/actions/x\n    - uses: actions/checkout@v4\n";
    let workflow = reader::read(&Arc::new(SourceText::new("w.yml", text)), "").unwrap();
    let steps = steps(&workflow.jobs[0], None);
    assert_eq!(steps.into_iter().map(|s| s.action).collect::<Vec<_>>(), [Action::Script("./.github/actions/x".into())]);
}
