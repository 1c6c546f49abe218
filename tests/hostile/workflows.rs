//! Workflows and elements as `check` reads them: YAML, expressions, shell.

use crate::case::Must::{Find, Pass};
use crate::lab::{CRATES, Ended, Lab};
use crate::support::{block, lock, tracker};

cases! {
    a_right_tracker: "a tracker with the Rust element" => Pass("1 cargo2 block: 1 right"), |lab| checked(lab, &right());
    a_tracker_that_is_no_yaml: "a tracker that is cut" => Find("workflow-unreadable", "this workflow is not verified: while parsing a node, did not find"), |lab| checked(lab, "jobs: [");
    anchors_that_double: "a tracker with anchors that double" => Find("workflow-unreadable", "this workflow is not verified: anchors and tags are not read here"), |lab| checked(lab, &anchors());
    a_tracker_of_brackets: "a tracker of a hundred thousand brackets" => Find("workflow-unreadable", "this workflow is not verified: recursion limit exceeded"), |lab| checked(lab, &"[".repeat(100_000));
    a_tracker_of_megabytes: "a tracker of two megabytes" => Find("workflow-unreadable", "this workflow is not verified: it has 2097594 bytes; more than"), |lab| checked(lab, &format!("# {}\n{}", "x".repeat(2 << 20), right()));
    a_key_twice: "a tracker with its jobs twice" => Find("workflow-unreadable", "this workflow is not verified: the key `jobs` is defined twice in"), |lab| checked(lab, &format!("{}jobs: {{}}\n", right()));
    a_tracker_of_bytes: "a tracker that is not UTF-8" => Find("workflow-unreadable", "this workflow is not verified: the file is not UTF-8: line 20 holds"), |lab| bytes(lab);
    a_matrix_that_multiplies: "a matrix of a hundred million jobs" => Pass("1 right"), |lab| checked(lab, &product());
    a_matrix_of_many_entries: "a matrix of six thousand entries" => Find("workflow-unreadable", "this workflow is not verified: its matrices name more than 5000"), |lab| checked(lab, &entries(6_000));
    an_expression_of_brackets: "an expression of two thousand brackets" => Find("matrix-manual-merged", "this merges pull requests that a human should merge"), |lab| merging(lab, &format!("${{{{ {}true{} }}}}", "(".repeat(2_000), ")".repeat(2_000)), "gh pr merge --auto 1");
    an_expression_of_megabytes: "an expression of half a megabyte" => Find("matrix-manual-merged", "this merges pull requests that a human should merge"), |lab| merging(lab, &format!("${{{{ '{}' }}}}", "x".repeat(500_000)), "gh pr merge --auto --squash 1");
    a_script_of_brackets: "a step whose merge is forty substitutions deep" => Pass("it is unknown whether this merges what a human should merge"), |lab| merging(lab, "true", &format!("{}gh pr merge --auto 1{}", "$(".repeat(40), ")".repeat(40)));
    a_script_of_quotes: "a step whose quote is never closed" => Find("matrix-manual-merged", "this merges pull requests that a human should merge"), |lab| merging(lab, "true", "echo \"$(gh pr merge --auto 1");
    a_script_that_is_built: "a step that builds its command from pieces" => Find("matrix-manual-merged", "this merges pull requests that a human should merge"), |lab| merging(lab, "true", "x=mer; eval \"gh pr ${x}ge --auto 1\"");
    a_script_with_escapes: "a step that writes its command in escapes" => Find("matrix-manual-merged", "this merges pull requests that a human should merge: those of"), |lab| merging(lab, "true", "g\\h p\"\"r me''rge --auto 1");
    commands_in_names: "a workflow with commands for the runner in its names" => Find("matrix-manual-merged", "this merges pull requests that a human should merge: those of"), |lab| named(lab);
    a_pattern_without_an_end: "branches of a hundred thousand stars" => Pass("1 cargo2 block: 1 right"), |lab| checked(lab, &right().replacen("on:\n", &format!("on:\n  push:\n    branches: ['{}x']\n", "*a".repeat(50_000)), 1));
    a_script_in_an_element: "an element whose command has fifty thousand substitutions" => Pass("1 cargo2 block: 1 right"), |lab| built(lab, &format!("'{}'", "$(".repeat(50_000)));
    a_command_of_megabytes: "an element with a command of two megabytes" => Pass("1 cargo2 block: 1 right"), |lab| built(lab, &format!("\"{}\"", "a && ".repeat(400_000)));
    words_that_multiply: "an element whose command has braces that multiply" => Pass("1 cargo2 block: 1 right"), |lab| built(lab, &format!("'cargo build --locked {}'", "{a,b,c,d,e,f,g,h}".repeat(40)));
    here_documents: "an element whose command has ten thousand here-documents" => Pass("1 cargo2 block: 1 right"), |lab| built(lab, &format!("|\n    {}", "cat <<A <<B\n    ".repeat(10_000)));
    a_command_with_escape_sequences: "an element whose command moves the cursor" => Pass("1 right"), |lab| built(lab, "\"cargo build # \\e[2J\\n::error::x\"");
}

fn right() -> String {
    tracker(&[("manual-merge", "tool")])
}

fn project(lab: &Lab, command: &str, tracker: impl AsRef<[u8]>) -> Ended {
    lab.write(
        "project.conf",
        "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n",
    );
    lab.write("elements/freedesktop-sdk.bst", "kind: junction\n");
    lab.write("elements/bluefin/deps.bst", "kind: stack\n\ndepends:\n- bluefin/tool.bst\n");
    lab.write("files/up/Cargo.lock", lock(CRATES));
    let install = "install -Dm755 target/release/tool \"%{install-root}%{bindir}/tool\"";
    lab.write(
        "elements/bluefin/tool.bst",
        format!(
            "kind: make\n\nbuild-depends:\n- freedesktop-sdk.bst:components/rust.bst\n\nconfig:\n  build-commands:\n  - {command}\n  \
             install-commands:\n  - {install}\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
            block(CRATES, 2)
        ),
    );
    lab.write(".github/workflows/track-bst-sources.yml", tracker);
    for format in ["github", "sarif", "json"] {
        let ended = lab.run(&["check", "--format", format]);
        let bad = |line: &str| format != "github" && line.trim_start().starts_with("::");
        assert!(!ended.out.contains('\u{1b}') && !ended.out.lines().any(bad), "{}", ended.out);
    }
    lab.run(&["check"])
}

fn checked(lab: &Lab, tracker: &str) -> Ended {
    project(lab, "cargo build --release --locked", tracker)
}

fn built(lab: &Lab, command: &str) -> Ended {
    project(lab, command, right())
}

fn bytes(lab: &Lab) -> Ended {
    project(lab, "cargo build --release --locked", [right().as_bytes(), b"# \xff\n"].concat())
}

/// A tracker with a step that merges, under a condition and by a script.
fn merging(lab: &Lab, condition: &str, script: &str) -> Ended {
    let script = serde_json::to_string(script).unwrap();
    let condition = serde_json::to_string(condition).unwrap();
    checked(lab, &format!("{}    - if: {condition}\n      run: {script}\n", right()))
}

fn named(lab: &Lab) -> Ended {
    let name = "x\\n::error::y\\u001b[2J<img src=x>@everyone";
    let step = format!("    - name: \"{name}\"\n      run: gh pr merge --auto 1\n");
    checked(lab, &format!("{}{step}", right()).replacen("name: Track", &format!("name: \"{name}\""), 1))
}

fn anchors() -> String {
    let first = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    let next = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "));
    right() + &(1..30).fold(first, |text, n| text + &next(n))
}

fn product() -> String {
    let list = format!("[{}]", (0..10).map(|n| n.to_string()).collect::<Vec<_>>().join(", "));
    let more: String = (0..8).map(|n| format!("        k{n}: {list}\n")).collect();
    right().replacen("        include:\n", &format!("{more}        include:\n"), 1)
}

fn entries(count: usize) -> String {
    let all: Vec<String> = (0..count).map(|n| format!("t{n}")).collect();
    let entries: Vec<(&str, &str)> = all.iter().map(|name| ("manual-merge", name.as_str())).collect();
    tracker(&entries)
}
