//! Generated locks and elements in many styles: what must hold for all of them.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use cargo2_bot::cargo2::block::{self, BlockEntry, Config, CurrentBlock, Layout, Origin};
use cargo2_bot::cargo2::drift;
use cargo2_bot::cargo2::edit::{self, Expected, Target};
use cargo2_bot::cargo2::lock;
use cargo2_bot::text::{SourceText, Span};
use cargo2_bot::yaml::{self, Node};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Crates by name and version, each from the registry or from git.
fn crates() -> impl Strategy<Value = Vec<BlockEntry>> {
    let name = "[a-zA-Z][a-zA-Z0-9_-]{0,6}";
    let version = "[0-9]\\.[0-9]{1,2}\\.[0-9](-rc\\.[0-9])?(\\+[a-z0-9.]{1,5})?";
    let sha = "[0-9a-f]{64}".prop_map(|sha| Origin::Registry { sha });
    let query = prop_oneof![
        Just(vec![]),
        ("(rev|tag|branch)", "[a-z0-9 .:#'\"/-]{1,12}").prop_map(|(k, v)| vec![(k, v.trim().to_owned())]),
    ];
    let git = ("[0-9a-f]{40}", "(https://h\\.example/[a-z%.;-]{1,12}|github:[a-z/]{1,8}\\.git)", query).prop_map(
        |(commit, repo, mut query)| {
            query.retain(|(_, v)| !v.is_empty());
            Origin::Git { commit, repo, query }
        },
    );
    let entry = (name, version, prop_oneof![3 => sha, 1 => git]).prop_map(|(name, version, from)| BlockEntry {
        name,
        version,
        from,
    });
    prop::collection::vec(entry, 0..12).prop_map(|all| {
        let unique: BTreeMap<_, _> = all.into_iter().map(|e| ((e.name.clone(), e.version.clone()), e)).collect();
        let mut all: Vec<BlockEntry> = unique.into_values().collect();
        all.sort_by(BlockEntry::order);
        all
    })
}

/// How an element is written around its block.
#[derive(Debug, Clone)]
struct Style {
    indented: bool,
    crlf: bool,
    bom: bool,
    open_end: bool,
    quoted: bool,
    comments: bool,
    old_form: bool,
    after: usize,
    empty: usize,
}

fn style() -> impl Strategy<Value = Style> {
    let flags =
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (flags, 0..6_usize, 0..3_usize).prop_map(
        |((indented, crlf, bom, open_end, quoted, comments, old_form), after, empty)| Style {
            indented,
            crlf,
            bom,
            open_end,
            quoted,
            comments,
            old_form,
            after,
            empty,
        },
    )
}

/// The parts before, in and after the block.
fn element(current: &[BlockEntry], style: &Style) -> [String; 3] {
    let pad = if style.indented { "  " } else { "" };
    let before = format!(
        "kind:   make # x\n\nsources:\n{pad}- kind: local\n{pad}  path: 'q'\n\n{pad}- kind: cargo2 # generated\n"
    );
    let mut list = String::new();
    for entry in current {
        let mut lines = String::new();
        block::render_entry(entry, None, block::Shape::at(if style.indented { 6 } else { 2 }), &mut lines);
        if let (true, Origin::Registry { .. }) = (style.old_form, &entry.from) {
            lines = lines.replacen("kind: registry\n", "", 1).replacen("- ", "-", 1);
            let rest = lines.trim_start_matches(['-', ' ']).to_owned();
            let column = if style.indented { 6 } else { 2 };
            lines = format!("{:column$}- {rest}", "");
        }
        if style.quoted {
            lines = lines.replacen(&format!("name: {}", entry.name), &format!("name: \"{}\"", entry.name), 1);
        }
        if style.comments {
            lines = format!("    # about {}\n{lines}", entry.name);
        }
        list.push_str(&lines);
    }
    let reference = match (current.is_empty(), style.empty) {
        (true, 0) => String::new(),
        (true, 1) => format!("{pad}  ref: []\n"),
        _ => format!("{pad}  ref:\n"),
    };
    let after = [
        "",
        "config: {a: [1]}\n",
        "\n# the end",
        "- kind: patch\n  path: x\n",
        "  cargo-lock: 'Cargo.lock'\n",
        "public:\n  x: |\n    ref:\n      - kind: registry\n",
    ][style.after];
    // A key behind a list that is not there would not stay behind it.
    let after = if style.after == 4 && current.is_empty() && style.empty == 0 { "" } else { after };
    let after = if style.after == 3 || style.after == 4 {
        after.lines().map(|l| format!("{pad}{l}\n")).collect()
    } else {
        after.to_owned()
    };
    let end = |text: String| if style.crlf { text.replace('\n', "\r\n") } else { text };
    let bom = if style.bom { "\u{feff}" } else { "" };
    let mut parts = [format!("{bom}{}", end(before)), end(reference + &list), end(after)];
    if style.open_end {
        let last = if parts[2].is_empty() { 1 } else { 2 };
        let cut = parts[last].trim_end().len();
        if last == 2 || cut > 0 {
            parts[last].truncate(cut);
        }
    }
    parts
}

fn source(file: &Arc<SourceText>) -> Node {
    let tree = yaml::parse(file).unwrap();
    tree.get("sources")
        .unwrap()
        .as_list()
        .unwrap()
        .iter()
        .find(|n| n.get_str("kind") == Some("cargo2"))
        .unwrap()
        .clone()
}

fn held_of(source: &Node) -> CurrentBlock {
    source.get("ref").map_or_else(CurrentBlock::default, |node| block::read(node).unwrap())
}

fn edited(file: &Arc<SourceText>, expected: &[BlockEntry]) -> Arc<SourceText> {
    let source = source(file);
    let current = held_of(&source);
    if drift::compare(current.values(), expected, Layout::List).is_empty() {
        return file.clone();
    }
    let edit =
        edit::plan(Target { source: &source, current: &current, layout: Layout::List, base: "" }, expected).unwrap();
    edit::apply(
        file,
        &[edit],
        &[Expected {
            at: source.pair("ref").map_or(source.span.start, |(key, _)| key.span.start),
            expected,
            layout: Layout::List,
        }],
    )
    .unwrap()
}

/// A lock that asks for these entries; repositories stand in it as they are.
fn lock_of(entries: &[BlockEntry]) -> String {
    let mut text = "version = 4\n\n[[package]]\nname = \"root\"\nversion = \"0.1.0\"\n".to_owned();
    for entry in entries {
        let _ = write!(text, "\n[[package]]\nname = {:?}\nversion = {:?}\n", entry.name, entry.version);
        let _ = match &entry.from {
            Origin::Registry { sha } => {
                write!(text, "source = \"{}\"\nchecksum = {sha:?}\n", cargo_lock::SourceId::default())
            }
            Origin::Git { commit, repo, query } => {
                let encode = |v: &str| v.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
                let query: Vec<String> = query.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
                let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
                writeln!(text, "source = \"git+{repo}{query}#{commit}\"")
            }
        };
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_lock_gives_the_block_that_it_was_made_from(entries in crates()) {
        let entries: Vec<BlockEntry> = entries.into_iter().filter(|e| !matches!(&e.from, Origin::Git { repo, .. } if repo.ends_with(';'))).collect();
        let text = lock_of(&entries);
        let parsed = lock::parse(&text).unwrap();
        lock::second_opinion(&text, &parsed).unwrap();
        let expected = block::expected(&parsed, &Config::default()).map_err(|f| TestCaseError::fail(format!("{f:?} {text}")))?;
        prop_assert_eq!(expected, entries);
    }

    #[test]
    fn an_edit_changes_the_block_and_no_other_byte(current in crates(), expected in crates(), style in style()) {
        let [before, list, after] = element(&current, &style);
        let file = Arc::new(SourceText::new("a.bst", format!("{before}{list}{after}")));
        let new = edited(&file, &expected);
        prop_assert!(new.text.starts_with(&before), "{}", new.text);
        prop_assert!(new.text.ends_with(&after), "{}", new.text);
        prop_assert_eq!(held_of(&source(&new)).values().cloned().collect::<Vec<_>>(), expected.clone());
        // Once more changes nothing.
        let again = edited(&new, &expected);
        prop_assert_eq!(&*again.text, &*new.text);
    }

    #[test]
    fn entries_that_stay_keep_their_lines(current in crates(), expected in crates(), style in style()) {
        let style = Style { old_form: false, open_end: false, ..style };
        let [before, list, after] = element(&current, &style);
        let file = Arc::new(SourceText::new("a.bst", format!("{before}{list}{after}")));
        let new = edited(&file, &expected);
        let source = source(&file);
        for entry in held_of(&source).entries.iter().filter(|e| expected.contains(&e.entry)) {
            let Span { start, end } = entry.span;
            prop_assert!(new.text.contains(&file.text[start..end]));
        }
    }

    #[test]
    fn lifted_lists_are_read_as_whole_ones(current in crates(), style in style()) {
        let [before, list, after] = element(&current, &style);
        let file = Arc::new(SourceText::new("a.bst", format!("{before}{list}{after}")));
        let whole = yaml::parse_whole(&file).unwrap();
        let whole = whole.get("sources").unwrap().as_list().unwrap()[1].clone();
        let (lifted, whole) = (held_of(&source(&file)), held_of(&whole));
        let shape = |h: &CurrentBlock| h.entries.iter().map(|e| (e.entry.clone(), e.span, e.old_form)).collect::<Vec<_>>();
        prop_assert_eq!(shape(&lifted), shape(&whole));
    }

    #[test]
    fn damaged_texts_never_panic_and_lifting_never_changes_what_is_read(current in crates(), style in style(), at in any::<prop::sample::Index>(), junk in "[ \\-#:a-z'\"\n\t{}\\[\\]&*|>]{0,6}") {
        let [before, list, after] = element(&current, &style);
        let text = format!("{before}{list}{after}");
        let mut cut = at.index(text.len() + 1);
        while !text.is_char_boundary(cut) { cut -= 1; }
        let file = Arc::new(SourceText::new("a.bst", format!("{}{junk}{}", &text[..cut], &text[cut..])));
        let (lifted, whole) = (yaml::parse(&file), yaml::parse_whole(&file));
        prop_assert_eq!(lifted.is_ok(), whole.is_ok());
        if let (Ok(lifted), Ok(whole)) = (lifted, whole) {
            same(&lifted, &whole)?;
        }
    }
}

/// The same tree, lifted lists compared as the lists that they stand for.
fn same(lifted: &Node, whole: &Node) -> Result<(), TestCaseError> {
    use yaml::Value;
    match (&lifted.value, &whole.value) {
        (Value::Lifted(_), _) => {
            let shape = |n: &Node| {
                block::read(n).map(|h| h.entries.into_iter().map(|e| (e.entry, e.span, e.flaw)).collect::<Vec<_>>())
            };
            prop_assert_eq!(shape(lifted), shape(whole));
        }
        (Value::List(a, _), Value::List(b, _)) => {
            prop_assert_eq!(a.len(), b.len());
            a.iter().zip(b).try_for_each(|(a, b)| same(a, b))?;
        }
        (Value::Map(a, _), Value::Map(b, _)) => {
            prop_assert_eq!(a.len(), b.len());
            a.iter().zip(b).try_for_each(|((ka, va), (kb, vb))| same(ka, kb).and_then(|()| same(va, vb)))?;
        }
        _ => {
            prop_assert_eq!(lifted.as_str(), whole.as_str());
            prop_assert_eq!(lifted.span, whole.span);
        }
    }
    Ok(())
}
