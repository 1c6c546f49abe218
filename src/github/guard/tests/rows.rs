//! Rows of a tracker's matrix.

use super::*;
use crate::bst::project;
use crate::cargo2::snapshot::Snapshot;

const PROJECT: &str = "name: p\nelement-path: elements\n";
const RUST: &str = "sources:\n- kind: cargo2\n";

fn row(group: &str, element: &str) -> String {
    let stem = element.rsplit('/').next().unwrap().trim_end_matches(".bst");
    format!("{{group: {group}, element: {element}, branch: auto/track-{stem}, title: 'chore(deps): update {stem}'}}")
}

/// A tracker that pushes, with these rows and options.
fn tracker(rows: &[&str], options: &str) -> String {
    let rows: String = rows.iter().map(|row| format!("        - {row}\n")).collect();
    format!(
        "name: track\non:\n  workflow_dispatch:\n    inputs:\n      group:\n        type: choice\n        options: {options}\njobs:\n  track:\n    runs-on: ubuntu-24.04\n    permissions: {{contents: write, pull-requests: write}}\n    strategy:\n      matrix:\n        include:\n{rows}    steps:\n    - run: bst source track \"${{{{ matrix.element }}}}\" && git push origin \"${{{{ matrix.branch }}}}\"\n"
    )
}

fn projects(files: Files<'_>) -> Vec<(String, Read<Arc<Snapshot>>)> {
    let text = |path: &str| {
        let found = files.iter().find(|(own, ..)| *own == path);
        found.map_or(Read::Absent, |(path, _, text)| match *text {
            "?" => Read::unreadable("no"),
            text => Read::Known(Arc::new(SourceText::new(path, text))),
        })
    };
    if text("project.conf") == Read::unreadable("no") {
        return vec![(String::new(), Read::unreadable("no"))];
    }
    let project = project::read(&text, &[]).unwrap();
    let elements = files.iter().filter(|(path, ..)| path.starts_with("elements/") && path.ends_with(".bst"));
    let elements = elements.map(|(path, ..)| ((*path).to_owned(), text(path))).collect();
    vec![(String::new(), Read::Known(Arc::new(Snapshot::new(project, elements, Read::Absent, &text))))]
}

/// The verdict on a tracker that changes, beside these files of both states.
fn between(first: Files<'_>, second: Files<'_>, before: &str, after: &str) -> Verdict {
    let own = [before, after].map(|text| (PATH, Item::FILE, text));
    let all = [[first, &own[..1]].concat(), [second, &own[1..]].concat()];
    let listings = all.each_ref().map(|files| listing(files));
    let projects = all.each_ref().map(|files| projects(files));
    let [before, after] = [0, 1].map(|at| Side { files: &listings[at], projects: &projects[at], blob: &blob });
    let item = |side: &Side<'_>| side.files.get(PATH).cloned();
    let change = Change { path: PATH.into(), before: item(&before), after: item(&after), conflict: false };
    evaluate(&change, &before, &after, &GuardRules::default())
}

fn project() -> Vec<(&'static str, u32, &'static str)> {
    [
        ("project.conf", PROJECT),
        ("elements/a.bst", "kind: make\n"),
        ("elements/b.bst", "kind: make\n"),
        ("elements/core/c.bst", "kind: make\n"),
        ("elements/core/rust.bst", RUST),
        ("elements/broken.bst", "a: ["),
        ("elements/unread.bst", "?"),
        ("elements/maybe.bst", "sources:\n- (@): j.bst:x.yml\n"),
        ("other/elements/x.bst", "kind: make\n"),
    ]
    .map(|(path, text)| (path, Item::FILE, text))
    .to_vec()
}

fn of(before: &str, after: &str) -> Verdict {
    let files = project();
    between(&files, &files, before, after)
}

/// What a row brings that is added, taken away, or put in the place of another.
fn with_row(new: &str) -> [Verdict; 3] {
    let [a, b] = [row("all", "a.bst"), row("all", "b.bst")];
    let (with, without) = (tracker(&[&a, &b, new], "[all]"), tracker(&[&a, &b], "[all]"));
    [of(&without, &with), of(&with, &without), of(&without, &tracker(&[&a, new], "[all]"))]
}

#[test]
fn rows_of_elements_that_are_not_rust_are_harmless() {
    for new in [row("all", "core/c.bst"), row("all", "new.bst"), row("c", "c.bst")] {
        let group = row("a", "a.bst");
        let (before, after) = (
            tracker(&[&group, &row("all", "b.bst")], "[all]"),
            tracker(&[&group, &row("all", "b.bst"), &new], "[all, c]"),
        );
        for verdict in [of(&before, &after), of(&after, &before)] {
            assert_eq!(
                verdict,
                Verdict::Harmless("only matrix rows of elements that are not Rust differ".into()),
                "{new}"
            );
        }
    }
    let rows = [row("all", "a.bst"), row("all", "b.bst")];
    assert!(is_harmless(&of(&tracker(&[&rows[0], &rows[1]], "[x]"), &tracker(&[&rows[1], &rows[0]], "[y, x]"))));
}

#[test]
fn rows_of_elements_that_are_or_may_be_rust_hold() {
    for element in [
        "core/rust.bst",
        "rust.bst",
        "elements/core/rust.bst",
        "Core/Rust.bst",
        "broken.bst",
        "unread.bst",
        "maybe.bst",
        "x.bst",
        "core/../core/rust.bst",
        "./core/rust.bst",
        "-x.bst",
        "j.bst:rust.bst",
        "core/rust",
        "'a.bst core/rust.bst'",
        "'${{ inputs.x }}.bst'",
        "'$(x).bst'",
        "'x;y.bst'",
        ".bst",
    ] {
        assert!(with_row(&row("all", element)).iter().all(is_held), "{element}: {:?}", with_row(&row("all", element)));
    }
}

#[test]
fn an_element_counts_in_both_states_and_behind_links() {
    let (before, after) =
        (tracker(&[&row("all", "a.bst")], "[all]"), tracker(&[&row("all", "a.bst"), &row("all", "b.bst")], "[all]"));
    let mut rust = project();
    rust[2].2 = RUST;
    assert!(
        is_held(&between(&rust, &project(), &before, &after)) && is_held(&between(&project(), &rust, &before, &after))
    );
    assert!(is_harmless(&between(&project(), &project(), &before, &after)));
    let mut unread = project();
    unread[0].2 = "?";
    assert!(is_held(&between(&project(), &unread, &before, &after)), "a project is not known");
    let mut link = project();
    link.push(("elements/l", Item::LINK, "core"));
    let through = tracker(&[&row("all", "a.bst"), &row("all", "l/rust.bst")], "[all]");
    assert!(is_held(&between(&link, &link, &before, &through)), "a link");
}

#[test]
fn a_row_says_what_other_rows_say() {
    let good = row("all", "new.bst");
    assert!(with_row(&good).iter().all(is_harmless), "{:?}", with_row(&good));
    for (from, to) in [
        ("auto/track-new", "main"),
        ("auto/track-new", "new"),
        ("auto/track-new", "auto/track-a"),
        ("auto/track-new", "'auto/track-new; gh pr merge'"),
        ("update new", "update new\" && gh pr merge 1"),
        ("update new", "${{ github.event.inputs.x }} new"),
        ("group: all", "group: auto-merge"),
        ("group: all", "group: [all]"),
        ("group: all, ", ""),
        ("group: all", "group: all, base_branch: next"),
        ("group: all", "group: all, runner: big"),
        ("element: new.bst, ", ""),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from}");
        // The last of the verdicts is about a row that is replaced: what is left of others is less.
        assert!(with_row(&bad).iter().all(is_held), "{to}: {:?}", with_row(&bad));
    }
    assert!(is_held(&of(&tracker(&[&row("all", "a.bst")], "[all]"), &tracker(&[&row("all", "b.bst")], "[all]"))));
}

#[test]
fn an_expression_holds_even_where_another_row_has_it() {
    let title =
        |element: &str| row("all", element).replace(&format!("update {}", &element[..1]), "${{ inputs.title }}");
    let [a, b] = [title("a.bst"), title("b.bst")];
    assert!(a.contains("${{"));
    assert!(is_held(&of(&tracker(&[&a], "[all]"), &tracker(&[&a, &b], "[all]"))));
}

#[test]
fn a_branch_that_one_row_alone_is_opened_against_stays_guarded() {
    let [a, b] = [row("all", "a.bst"), row("all", "b.bst").replace("{", "{base_branch: next, ")];
    assert!(is_held(&of(&tracker(&[&a, &b], "[all]"), &tracker(&[&a], "[all]"))));
}

#[test]
fn a_branch_that_is_called_like_the_element_alone_holds() {
    let free = |element: &str| row("all", element).replace("auto/track-", "");
    let [a, main] = [free("a.bst"), free("main.bst")];
    assert!(is_held(&of(&tracker(&[&a], "[all]"), &tracker(&[&a, &main], "[all]"))));
}

#[test]
fn options_of_an_input_that_is_no_choice_hold() {
    let text = |options: &str| tracker(&[&row("all", "a.bst")], options).replace("type: choice", "type: string");
    assert!(is_held(&of(&text("[all]"), &text("[all, b]"))));
}

#[test]
fn any_other_difference_holds() {
    let [a, b] = [row("all", "a.bst"), row("all", "b.bst")];
    let (before, after) = (tracker(&[&a], "[all]"), tracker(&[&a, &b], "[all]"));
    for (from, to) in [
        ("git push", "git push --force"),
        ("contents: write", "contents: write, checks: write"),
        ("type: choice", "type: string"),
        ("      matrix:\n", "      max-parallel: 1\n      matrix:\n"),
        ("options: [all]", "options: [all, 'x\"; gh pr merge 1']"),
        ("options: [all]", "options: [all, '${{ x }}']"),
        ("options: [all]", "options: [all]\n        default: all"),
        ("name: track\n", "name: other\n"),
    ] {
        assert!(after.contains(from), "{from}");
        assert!(is_held(&of(&before, &after.replace(from, to))), "{to}");
    }
    let axis = |text: &str| text.replace("        include:\n", "        element: [core/rust.bst]\n        include:\n");
    assert!(is_held(&of(&axis(&before), &axis(&after))), "a row is added to the combinations of others");
    let bot = |text: &str| text.replace("bst source track", "cargo2-bot check");
    assert!(is_held(&of(&bot(&before), &bot(&after))));
}
