//! Rust changes: they merge with one approval.

use super::row::{Row, approved, live};
use crate::scene::texts::{project, tool_with};
use crate::scene::{Entry, bumped, gone, text};
use crate::world::{LOCK, TOOL, TRACKER, lock_of, tool, tracker};

#[test]
fn bumps_take_one_approval() {
    let mut rows: Vec<Row> = Vec::new();
    for who in ["tracker[bot]", "renovate[bot]", "bob", "ann"] {
        for to in 1..4 {
            rows.push(approved(&format!("{who} bumps to {to}"), who, &[], &bumped(to)));
        }
        rows.push(approved(&format!("{who} reverts"), who, &bumped(2), &bumped(0)));
        rows.push(approved(
            &format!("{who} bumps with docs"),
            who,
            &[],
            &[bumped(1), vec![text("docs/x.md", "x\n")]].concat(),
        ));
        rows.push(approved(&format!("{who} changes a build command"), who, &[], &[text(TOOL, tool(0, 1))]));
        rows.push(approved(&format!("{who} adds an element"), who, &[], &[text("elements/new.bst", tool(0, 0))]));
        rows.push(approved(&format!("{who} removes the element"), who, &[], &[gone(TOOL)]));
        let moved = [gone(TOOL), text("elements/cli/tool.bst", tool(0, 0))];
        rows.push(approved(&format!("{who} moves the element"), who, &[], &moved));
    }
    live(&rows);
}

#[test]
fn what_elements_are_built_from_takes_one_approval() {
    let patched = text(TOOL, tool_with("", "- kind: patch_queue\n  path: patches/tool\n"));
    let patch = |line: &str| format!("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+{line}\n");
    let base = [patched, text("patches/tool/0001.patch", patch("b"))];
    let included =
        [text(TOOL, tool_with("(@): include/flags.yml\n", "")), text("include/flags.yml", "variables:\n  x: 1\n")];
    let moved: Vec<Entry> = vec![text("elements/more/tool.bst", tool(0, 0)), gone(TOOL), text("docs/x.md", "x\n")];
    let rows = [
        approved("a patch", "bob", &base, &[text("patches/tool/0001.patch", patch("c"))]),
        approved("one more patch", "ann", &base, &[text("patches/tool/0002.patch", patch("d"))]),
        approved("an include", "bob", &included, &[text("include/flags.yml", "variables:\n  x: 2\n")]),
        approved("the project's variables", "bob", &[], &[text("project.conf", project("variables:\n  y: 1\n"))]),
        approved(
            "the tracker's group",
            "bob",
            &[text(TRACKER, tracker("auto-merge"))],
            &[text(TRACKER, tracker("manual-merge"))],
        ),
        approved("the owners", "bob", &[], &[text(".github/CODEOWNERS", "elements/ @bob\n")]),
        approved("the bot's configuration", "bob", &[], &[text(".github/cargo2-bot.yml", "licenses: [MIT]\n")]),
        approved("a move with docs", "bob", &[], &moved),
        approved(
            "a lock by hand, with its block",
            "bob",
            &[text(LOCK, lock_of(3)), text(TOOL, tool(3, 0))],
            &bumped(1),
        ),
    ];
    live(&rows);
}
