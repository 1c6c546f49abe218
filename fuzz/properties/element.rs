//! Whatever stands in an element: both readers agree on it, and an edit is right or refused.

use cargo2_bot::bst::project::{self, Project};
use cargo2_bot::cargo2::block::{self, BlockEntry, CurrentBlock, Layout, Origin};
use cargo2_bot::cargo2::edit::{self, Expected, Target};
use cargo2_bot::cargo2::element::{self, CrateList, Found};
use cargo2_bot::cargo2::verify::{self, LockFile, Verdict};
use cargo2_bot::finding::read::Read;
use cargo2_bot::report::{self, Report};
use cargo2_bot::text::SourceText;
use cargo2_bot::yaml::{self, Node, Value};
use std::sync::{Arc, LazyLock};

const CONF: &str = "name: p\nelement-path: elements\naliases:\n  up: https://example.org/\noptions:\n  arch:\n    type: arch\n    variable: arch\n    values: [x86_64, aarch64]\nvariables:\n  v: \"1\"\nsources:\n  cargo2:\n    config:\n      git-mirrors:\n        \"https://example.org/\": \"up:\"\n";

/// What elements may include: a crate list, and a list directive.
const INCLUDE: &str = "sources:\n- kind: cargo2\n  ref:\n  - kind: registry\n    name: i\n    version: 1.0.0\n    sha: ab\nvariables:\n  w: x\n";

const LOCK: &str = include_str!("../seeds/lock/small.lock");

fn read(path: &str) -> Read<Arc<SourceText>> {
    if path == "i.inc" { Read::Known(Arc::new(SourceText::new("i.inc", INCLUDE))) } else { Read::Absent }
}

static PROJECT: LazyLock<Project> =
    LazyLock::new(|| project::parse(&Arc::new(SourceText::new("project.conf", CONF)), &read, &[]).unwrap());

/// The property.
pub(crate) fn holds(text: &str) {
    let file = Arc::new(SourceText::new("elements/a.bst", text));
    match (yaml::parse(&file), yaml::parse_whole(&file)) {
        (Ok(lifted), Ok(whole)) => same(&lifted, &whole),
        (lifted, whole) => assert_eq!(lifted.err(), whole.err()),
    }
    let found = found(&file);
    for crate_list in &found.crate_lists {
        mended(crate_list);
        for expected in wishes(crate_list) {
            edited(crate_list, &expected);
        }
    }
    shown(found);
}

fn found(file: &Arc<SourceText>) -> Found {
    element::read("a.bst", file, &PROJECT, &read)
}

/// The crate lists that were lifted hold what the parser reads there, at the same places.
fn same(lifted: &Node, whole: &Node) {
    let file = &lifted.file;
    let lines = |node: &Node| (node.span.start, file.line_end(node.span.end.saturating_sub(1)));
    match (&lifted.value, &whole.value) {
        (Value::Map(a, form), Value::Map(b, other)) => {
            assert_eq!((a.len(), form, lines(lifted)), (b.len(), other, lines(whole)));
            for ((ka, va), (kb, vb)) in a.iter().zip(b) {
                same(ka, kb);
                same(va, vb);
            }
        }
        (Value::List(a, form), Value::List(b, other)) => {
            assert_eq!((a.len(), form, lines(lifted)), (b.len(), other, lines(whole)));
            a.iter().zip(b).for_each(|(a, b)| same(a, b));
        }
        (Value::Lifted(_), Value::List(..)) => {
            let entries = |current: CurrentBlock| -> Vec<_> {
                let plain = |e: block::CurrentEntry| (e.entry, e.span, e.old_form, e.provenance.is_none(), e.flaw);
                current.entries.into_iter().map(plain).collect()
            };
            let (a, b) = (block::read(lifted).unwrap(), block::read(whole).unwrap());
            assert_eq!(entries(a), entries(b));
        }
        (Value::Scalar(a, style), Value::Scalar(b, other)) => {
            assert_eq!((a, style, lifted.span), (b, other, whole.span));
        }
        (a, b) => panic!("{a:?}\n{b:?}"),
    }
}

/// Judged, mended, and judged again: then it is right.
fn mended(crate_list: &CrateList) {
    let lock = LockFile { bytes: LOCK.into(), origin: "here".into() };
    let (Verdict::Drifted { expected, edit: Ok(edit), drift }, _) = verify::verify_block(crate_list, Ok(&lock)) else {
        return;
    };
    let finding = verify::drift_finding(crate_list, &drift, "here");
    shown(Found { findings: vec![finding], ..Found::default() });
    let expected = Expected { at: crate_list.place().1, expected: &expected, layout: crate_list.layout };
    let Ok(new) = edit::apply(crate_list.place().0, &[edit], &[expected]) else { return };
    if in_the_element(crate_list) {
        let again = again(crate_list, &new);
        let (verdict, _) = verify::verify_block(&again, Ok(&lock));
        assert!(matches!(verdict, Verdict::Right { .. }), "{verdict:?}\n{}", new.text);
    }
}

/// Whether source and block stand in the element itself, not in an include.
fn in_the_element(crate_list: &CrateList) -> bool {
    crate_list.place().0.path.ends_with(".bst") && crate_list.source.file.path.ends_with(".bst")
}

/// The same crate list in the edited file.
fn again(crate_list: &CrateList, new: &Arc<SourceText>) -> CrateList {
    let crate_lists = found(new).crate_lists;
    let same =
        crate_lists.into_iter().find(|s| s.source.span.start == crate_list.source.span.start && in_the_element(s));
    same.unwrap_or_else(|| panic!("the crate list is gone:\n{}", new.text))
}

/// An edit to `expected` gives a file that holds it, or is refused.
fn edited(crate_list: &CrateList, expected: &[BlockEntry]) {
    let Ok(current) = crate_list.current() else { return };
    let target =
        Target { source: &crate_list.source, current: &current, layout: crate_list.layout, base: &crate_list.base };
    let Ok(edit) = edit::plan(target, expected) else { return };
    let result = Expected { at: crate_list.place().1, expected, layout: crate_list.layout };
    let Ok(new) = edit::apply(crate_list.place().0, &[edit], &[result]) else { return };
    if in_the_element(crate_list) {
        if crate_list.layout == Layout::List {
            around(crate_list, &new);
        }
        let again = again(crate_list, &new);
        let current = again.current().unwrap();
        assert!(current.values().eq(expected) && current.flaws().next().is_none(), "{}", new.text);
    }
}

/// No byte before or behind the source is another one. An item of nothing at its end is not in its span, and yet a part of it.
fn around(crate_list: &CrateList, new: &SourceText) {
    let (file, span) = (&crate_list.source.file, crate_list.source.span);
    let mut end = file.line_end(span.end.saturating_sub(1).max(span.start));
    while let Some(line) = file.text[end..].split_inclusive('\n').next().filter(|line| line.trim() == "-") {
        end += line.len();
    }
    assert!(new.text.starts_with(&file.text[..span.start]), "{}", new.text);
    assert!(new.text.ends_with(&file.text[end..]), "{}\n---\n{}", file.text, new.text);
}

/// Nothing, a few crates, and these with some that the list holds already.
fn wishes(crate_list: &CrateList) -> Vec<Vec<BlockEntry>> {
    let entry = |name: &str, from: Origin| BlockEntry { name: name.into(), version: "1.10".into(), from };
    let registry = || entry("m", Origin::Registry { sha: "12".repeat(32) });
    let query = vec![("branch".to_owned(), "a: b #'c'".to_owned()), ("tag".to_owned(), "v\u{e9}\n".to_owned())];
    let git = || entry("n", Origin::Git { commit: "34".repeat(20), repo: "@x: y".into(), query: query.clone() });
    let few = match crate_list.layout {
        Layout::List => vec![registry(), git()],
        Layout::PerCrate | Layout::Cargo => vec![registry()],
    };
    let current: Vec<BlockEntry> =
        crate_list.current().map_or_else(|_| Vec::new(), |current| current.values().cloned().collect());
    let mut mixed = few.clone();
    mixed.extend(current.iter().rev().step_by(2).cloned());
    vec![Vec::new(), few, mixed]
}

/// Findings can be shown, and each is one command for the runner.
fn shown(found: Found) {
    let report = Report { findings: found.findings, ..Report::default() };
    let _ = report::human::report(&report, true);
    let commands = report::github::report(&report);
    assert_eq!(commands.lines().count(), report.findings.len());
    assert!(commands.lines().all(|line| line.starts_with("::")), "{commands}");
}
