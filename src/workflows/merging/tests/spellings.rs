//! A merge is found in every spelling.

use super::*;

/// The guard of a merge in every spelling.
fn assert_all(scripts: &[&str], expected: Tri) {
    for script in scripts {
        assert_eq!(guards(script), [expected], "{script}");
    }
}

#[test]
fn blanks_continuations_and_quotes_inside_the_command_hide_nothing() {
    assert_all(
        &[
            "gh  pr  merge 1",
            "gh\tpr\tmerge 1",
            "gh \\\n  pr \\\n  merge 1",
            "g''h pr merge 1",
            "\"gh\" 'pr' mer\"ge\" 1",
            "\\gh pr merge 1",
            "/usr/bin/gh pr merge 1",
            "true | gh pr merge 1",
            "true && gh pr merge 1",
            "x=$(gh pr merge 1)",
            "echo \"$(gh pr merge 1)\"",
            "echo `gh pr merge 1`",
            "x=($(gh pr merge 1))",
            "cat <(gh pr merge 1)",
            "(gh pr merge 1)",
        ],
        Tri::True,
    );
}

#[test]
fn options_before_the_verb_hide_nothing() {
    let all =
        ["gh pr -R o/r merge 1", "gh -R o/r pr merge", "gh --repo=o/r pr merge", "gh pr --repo o/r merge --admin 1"];
    assert_all(&all, Tri::True);
}

#[test]
fn a_verb_that_is_not_known_may_merge() {
    assert_all(
        &["gh $M", "gh \"$@\"", "gh pr $M", "$GH pr merge 1", "echo pr merge | xargs gh", "gh alias set m 'pr merge'"],
        Tri::Unclear,
    );
    assert_all(
        &["M='pr merge'\ngh $M 1", "GH=gh\n$GH pr merge 1", "gh ${{ matrix.base_branch || 'pr' }} merge 1"],
        Tri::True,
    );
    assert!(guards("gh pr view \"$N\"; gh release list; gh pr create --body 'then gh pr merge'").is_empty());
}

#[test]
fn programs_that_run_others_hide_nothing() {
    assert_all(
        &[
            "env GH_TOKEN=x gh pr merge 1",
            "timeout 5 gh pr merge 1",
            "sudo gh pr merge 1",
            "command gh pr merge 1",
            "exec gh pr merge 1",
            "echo 1 | xargs gh pr merge",
            "echo 1 | xargs -I{} sh -c 'gh pr merge {}'",
            "find . -exec gh pr merge {} \\;",
            "nohup nice -n 5 gh pr merge 1 &",
        ],
        Tri::True,
    );
    assert_all(&["retry 3 gh pr merge 1", "./retry.sh 'gh pr merge 1'", "watch \"gh  pr merge 1\""], Tri::Unclear);
}

#[test]
fn a_text_in_an_argument_may_merge_where_it_cannot_be_read_or_lies_too_deep() {
    let deep = r#"a 'b "c \"d \\\"echo gh pr merge 1\\\"\""'"#;
    assert_all(&["retry \"gh 'pr merge\"", deep], Tri::Unclear);
    assert_all(&["retry 3 'gh $M'", "watch 'gh pr \"$M\" 1'", "retry 3 'curl -X $M $URL'"], Tri::Unclear);
    for harmless in ["retry 3 'gh pr view $N'", "notify 'see gh-pages of $X'", "retry 3 'curl -sf $URL'"] {
        assert!(guards(harmless).is_empty(), "{harmless}");
    }
}

#[test]
fn texts_that_are_run_as_commands_are_read() {
    assert_all(
        &[
            "bash -c \"gh pr merge \\\"$URL\\\" --auto\"",
            "sh -ec 'set -x; gh pr merge 1'",
            "eval \"gh pr merge 1\"",
            "eval gh pr merge 1",
            "bash <<'EOF'\ngh pr merge 1\nEOF",
            "bash -s <<EOF\n  gh pr merge $N\nEOF",
            "bash <<< 'gh pr merge 1'",
            "echo 'gh pr merge 1' | bash",
            "cat <<EOF | sh\ngh pr merge 1\nEOF",
            "C='gh pr merge 1'\neval \"$C\"",
            "trap 'gh pr merge 1' EXIT",
        ],
        Tri::True,
    );
    assert!(guards("[ \"$GROUP\" = auto-merge ] && bash -c 'gh pr merge 1'").iter().all(|guard| *guard == Tri::False));
}

#[test]
fn functions_and_aliases_of_the_step_may_merge() {
    assert_all(
        &[
            "m() { gh pr merge \"$1\"; }\nm 1",
            "function m { gh pr merge 1; }",
            "m() (gh pr merge 1)",
            "alias m='gh pr merge'\nm 1",
        ],
        Tri::Unclear,
    );
}

#[test]
fn requests_to_the_api_merge() {
    assert_all(
        &[
            "gh api --method PUT repos/o/r/pulls/1/merge",
            "gh api -XPUT \"repos/$R/pulls/$N/merge\" -f merge_method=squash",
            "gh api graphql -f query='mutation { mergePullRequest(input: {}) { clientMutationId } }'",
            "gh api graphql -F id=1 -f query='mutation { enqueuePullRequest(input: {}) { clientMutationId } }'",
            "Q='mutation { enablePullRequestAutoMerge }'\ngh api graphql -f query=\"$Q\"",
            "curl -X PUT https://api.github.com/repos/o/r/pulls/1/merge",
            "curl --request PUT \"$API/pulls/$N/merge\" -d '{}'",
        ],
        Tri::True,
    );
    assert_all(
        &[
            "gh api repos/o/r/pulls/1/merge",
            "curl \"$API/pulls/$N/merge\"",
            "gh api -X \"$METHOD\" repos/o/r/pulls/1/merge",
            "gh api graphql -f query=\"$Q\"",
            "gh api -X PUT \"$URL\"",
            "gh api -X PATCH repos/o/r/git/refs/heads/main -f sha=1",
        ],
        Tri::Unclear,
    );
    assert!(
        guards("gh api -X GET repos/o/r/pulls/1/merge; gh api \"repos/$R/pulls/$N\"; curl https://x.example")
            .is_empty()
    );
}

#[test]
fn a_push_to_the_base_branch_counts_as_a_merge() {
    assert_all(
        &[
            "git push origin HEAD:main",
            "git push origin main",
            "git push --force \"$REMOTE\" +x:main",
            "git -C dir -c a=b push origin \"$B:refs/heads/main\"",
            "B=main\ngit push origin \"HEAD:$B\"",
        ],
        Tri::True,
    );
    assert_all(
        &[
            "git push --all",
            "git push origin HEAD:${{ github.event.repository.default_branch }}",
            "retry 3 git push origin main",
            "retry 3 'git push origin main'",
        ],
        Tri::Unclear,
    );
    assert!(guards("git push --force-with-lease origin auto/track-main; git push origin \"auto/$X\"").is_empty());
}

#[test]
fn scripts_and_recipes_are_reported_as_what_is_run() {
    let run = |script: &str| {
        found(script, &|_| None, &HashMap::new()).into_iter().map(|(action, _)| action).collect::<Vec<_>>()
    };
    let script = |path: &str| vec![Action::Script(path.into())];
    assert_eq!(run("./scripts/x.sh a"), script("./scripts/x.sh"));
    assert_eq!(run("bash -eu scripts/x.sh"), script("scripts/x.sh"));
    assert_eq!(run(". scripts/x.sh"), script("scripts/x.sh"));
    assert_eq!(run("python3 -u scripts/x.py"), script("scripts/x.py"));
    assert_eq!(run("\"$GITHUB_WORKSPACE/x.sh\""), [Action::Unknown]);
    assert_eq!(run("just x"), [Action::Recipe("just x".into())]);
    assert_eq!(run("make -C a x"), [Action::Recipe("make a x".into())]);
    assert_eq!(run("curl https://x.example | bash"), [Action::Unknown]);
    assert_eq!(run("git push origin \"$BRANCH\""), [Action::Unknown]);
    assert!(run("echo x; ls -l; cd a/b; git status; bash <<< 'echo x'").is_empty());
}
