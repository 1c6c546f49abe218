use super::*;
use crate::bst::project::compose::compose;
use crate::bst::project::options::Options;
use crate::cargo2::block::Origin;
use crate::finding::read::Read;

/// Entries as `"name version, …"`.
fn entries(text: &str) -> Vec<BlockEntry> {
    let entry = |words: &str| {
        let (name, version) = words.split_once(' ').unwrap();
        BlockEntry { name: name.into(), version: version.into(), from: Origin::Registry { sha: "ab".repeat(32) } }
    };
    text.split(", ").filter(|t| !t.is_empty()).map(entry).collect()
}

/// Where an edit of this source is expected.
fn at(source: &Node) -> usize {
    source.pair("ref").map_or(source.span.start, |(key, _)| key.span.start)
}

/// Edits the first cargo2 source of a text. `SHA` is the checksum that all crates have.
fn edited(text: &str, expected: &str) -> Result<String, String> {
    let sha = "ab".repeat(32);
    let file = Arc::new(SourceText::new("a.bst", text.replace("SHA", &sha)));
    let root = crate::yaml::parse(&file).map_err(|e| e.to_string())?;
    let source =
        root.get("sources").unwrap().as_list().unwrap().iter().find(|n| n.get_str("kind") == Some("cargo2")).unwrap();
    let current = source
        .get("ref")
        .map_or_else(|| Ok(CurrentBlock::default()), block::read)
        .map_err(|(m, s)| format!("{} {m}", file.locate(s)))?;
    let expected = entries(expected);
    let target = Target { source, current: &current, layout: Layout::List, base: "" };
    let edit = plan(target, &expected).map_err(|(m, s)| format!("{} {m}", file.locate(s)))?;
    let expected = Expected { at: at(source), expected: &expected, layout: Layout::List };
    apply(&file, &[edit], &[expected]).map(|new| new.text.replace(&sha, "SHA")).map_err(|e| e.to_string())
}

const A: &str = "  - kind: registry\n    name: a\n    version: 1.0.0\n    sha: SHA\n";
const B: &str = "  - kind: registry\n    name: b\n    version: 1.0.0\n    sha: SHA\n";

/// The same edit with `before` and `after` around the list; they must come back unchanged.
fn around(before: &str, after: &str) {
    let text = format!("{before}{B}{after}");
    assert_eq!(edited(&text, "a 1.0.0, b 1.0.0").unwrap(), format!("{before}{A}{B}{after}"));
}

#[test]
fn what_stands_around_the_block_keeps_its_bytes() {
    let before = "kind:   make  # odd\n\nsources:\n# one\n- kind: cargo2   # two\n  ref: # three\n";
    for after in [
        "",
        "\n\n",
        "# end",
        "build-depends:\n- a.bst\n",
        "\n# c\nconfig: {a: [1, 2]}\n",
        "- kind: patch\n  path: 'x'\n",
        "  cargo-lock: 'x'\n",
        "public:\n  bst: |\n    x\n",
    ] {
        around(before, after);
    }
    around("\u{feff}sources:\n- url: 'q: r'\n  kind: cargo2\n  ref:\n", "");
    around("sources:\n- kind: cargo2\n\n  ref:\n  # first\n\n", "x: y\n");
}

#[test]
fn a_missing_newline_at_the_end_stays_missing() {
    let text = format!("sources:\n- kind: cargo2\n  ref:\n{}", B.trim_end());
    assert_eq!(
        edited(&text, "a 1.0.0, b 1.0.0").unwrap(),
        format!("sources:\n- kind: cargo2\n  ref:\n{A}{}", B.trim_end())
    );
    assert_eq!(
        edited("sources:\n- kind: cargo2", "a 1.0.0").unwrap(),
        format!("sources:\n- kind: cargo2\n  ref:\n{}", A.trim_end())
    );
}

#[test]
fn entries_that_stay_keep_their_bytes_and_comments() {
    let odd = "  # kept\n  - version: '1.0.0'   # pinned\n    sha: \"SHA\"\n    kind: registry\n    name: b\n";
    let text = format!("sources:\n- kind: cargo2\n  ref:\n{A}{odd}");
    let without_a = edited(&text, "b 1.0.0").unwrap();
    assert_eq!(without_a, format!("sources:\n- kind: cargo2\n  ref:\n{odd}"));
    let with_c = edited(&text, "b 1.0.0, c 1.0.0").unwrap();
    assert!(with_c.contains(odd) && with_c.ends_with(&A.replace("name: a", "name: c")));
}

#[test]
fn a_list_that_is_not_there_yet_becomes_the_last_key() {
    for (before, after) in [
        ("- kind: cargo2\n", ""),
        ("- kind: cargo2\n  ref: []\n", ""),
        ("- kind: cargo2\n  ref:\n", ""),
        ("- kind: cargo2\n  ref: [ ]\n  url: x\n", "  url: x\n"),
    ] {
        let text = format!("sources:\n{before}variables: {{}}\n");
        assert_eq!(
            edited(&text, "a 1.0.0").unwrap(),
            format!("sources:\n- kind: cargo2\n  ref:\n{A}{after}variables: {{}}\n"),
            "{before}"
        );
    }
    assert_eq!(
        edited("sources:\n- kind: cargo2\n  ref: []  # none yet\n", "a 1.0.0").unwrap(),
        format!("sources:\n- kind: cargo2\n  ref:  # none yet\n{A}")
    );
    let flow = "sources:\n- kind: cargo2\n  ref: [{kind: registry, name: z, version: 1.0.0, sha: SHA}]\n";
    assert_eq!(edited(flow, "a 1.0.0").unwrap(), format!("sources:\n- kind: cargo2\n  ref:\n{A}"));
}

#[test]
fn indented_lists_stay_indented() {
    let deep = |text: &str| text.lines().map(|l| format!("    {l}\n")).collect::<String>();
    let text = format!("sources:\n  - kind: cargo2\n    ref:\n{}", deep(B));
    assert_eq!(
        edited(&text, "a 1.0.0, b 1.0.0").unwrap(),
        format!("sources:\n  - kind: cargo2\n    ref:\n{}{}", deep(A), deep(B))
    );
    assert_eq!(
        edited("sources:\n  - kind: cargo2\n", "a 1.0.0").unwrap(),
        format!("sources:\n  - kind: cargo2\n    ref:\n{}", deep(A))
    );
    let below = "sources:\n  - kind: local\n    path: x\n\n  # own\n  - kind: cargo2\n";
    assert_eq!(edited(below, "a 1.0.0").unwrap(), format!("{below}    ref:\n{}", deep(A)));
}

#[test]
fn a_list_in_a_file_that_the_source_includes_is_written_there() {
    let included = Arc::new(SourceText::new("r.inc", "# none yet\nref: []\n"));
    let file = Arc::new(SourceText::new("a.bst", "sources:\n- kind: cargo2\n  (@): r.inc\n"));
    let root = crate::yaml::parse(&file).unwrap();
    let composed = compose(&root, &Options::default(), &|_| Read::Known(included.clone())).root;
    let source = &composed.get("sources").unwrap().as_list().unwrap()[0];
    let (current, expected) = (CurrentBlock::default(), entries("a 1.0.0"));
    let edit = plan(Target { source, current: &current, layout: Layout::List, base: "" }, &expected).unwrap();
    let expected = Expected { at: at(source), expected: &expected, layout: Layout::List };
    let list = A.replace("SHA", &"ab".repeat(32)).lines().map(|line| format!("{}\n", &line[2..])).collect::<String>();
    assert_eq!(&*apply(&included, &[edit], &[expected]).unwrap().text, format!("# none yet\nref:\n{list}"));
}

#[test]
fn where_each_crate_is_a_source_the_others_stay_and_the_crates_are_those_expected() {
    let list = |other: &str, krate: &str| {
        let (url, sha) = (format!("x:crates/{krate}/{krate}-1.0.0.crate"), "ab".repeat(32));
        let text = format!("sources:\n- kind: {other}\n  path: x\n- kind: cargo2\n  url: {url}\n  ref: {sha}\n");
        let root = crate::yaml::parse(&Arc::new(SourceText::new("a.bst", text))).unwrap();
        root.get("sources").unwrap().as_list().unwrap().to_vec()
    };
    let agree = |other, krate| agree_per_crate(&list("local", "b"), &list(other, krate), &entries("a 1.0.0"));
    assert_eq!((agree("local", "a"), agree("local", "b"), agree("patch", "a")), (true, false, false));
}

#[test]
fn windows_line_endings_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let text = crlf(&format!("sources:\n- kind: cargo2\n  ref:\n{B}x: y\n"));
    assert_eq!(
        edited(&text, "a 1.0.0, b 1.0.0").unwrap(),
        crlf(&format!("sources:\n- kind: cargo2\n  ref:\n{A}{B}x: y\n"))
    );
}

#[test]
fn entries_of_the_old_form_gain_their_kind_when_the_block_changes() {
    let old = "  - name: b # x\n    version: 1.0.0\n    sha: SHA\n";
    let text = format!("sources:\n- kind: cargo2\n  ref:\n{old}");
    let new = "  - kind: registry\n    name: b # x\n    version: 1.0.0\n    sha: SHA\n";
    assert_eq!(edited(&text, "a 1.0.0, b 1.0.0").unwrap(), format!("sources:\n- kind: cargo2\n  ref:\n{A}{new}"));
}

#[test]
fn provenance_stays_with_the_crate_of_its_name() {
    let noted = format!("{B}    provenance:\n      homepage: 'x'\n");
    let text = format!("sources:\n- kind: cargo2\n  ref:\n{noted}");
    let new = edited(&text, "b 2.0.0").unwrap();
    assert_eq!(
        new,
        format!(
            "sources:\n- kind: cargo2\n  ref:\n{}    provenance:\n      homepage: x\n",
            B.replace("1.0.0", "2.0.0")
        )
    );
    assert_eq!(edited(&text, "a 1.0.0, b 1.0.0").unwrap(), format!("sources:\n- kind: cargo2\n  ref:\n{A}{noted}"));
}

#[test]
fn a_lock_without_crates_leaves_an_empty_list() {
    let text = format!("sources:\n- kind: cargo2\n  ref:\n{A}x: y\n");
    assert_eq!(edited(&text, "").unwrap(), "sources:\n- kind: cargo2\n  ref: []\nx: y\n");
}

#[test]
fn what_cannot_be_edited_safely_is_refused_with_its_place() {
    let refused = |text: &str| edited(text, "a 1.0.0").unwrap_err();
    assert!(refused("sources:\n- {kind: cargo2}\n").starts_with("a.bst:2:3 a cargo2 source in braces"));
    assert!(
        refused("sources:\n- kind: cargo2\n  ref: [{kind: registry, name: z, # c\n    version: 1.0.0, sha: SHA}]\n")
            .contains("holds `#`")
    );
    assert!(
        refused(
            "sources:\n- kind: cargo2\n  ref:\n  -\n    kind: registry\n    name: z\n    version: 1.0.0\n    sha: SHA\n"
        )
        .starts_with("a.bst:5:5 this entry does not begin")
    );
    assert!(refused("sources:\n- kind: cargo2\n  ref: none\n").contains("is a list of crates"));
}

#[test]
fn an_edit_whose_result_would_be_read_otherwise_does_not_count() {
    let file = Arc::new(SourceText::new(
        "a.bst",
        format!("sources:\n- kind: cargo2\n  ref:\n{}", A.replace("SHA", &"ab".repeat(32))),
    ));
    let root = crate::yaml::parse(&file).unwrap();
    let source = &root.get("sources").unwrap().as_list().unwrap()[0];
    let expected = entries("b 1.0.0");
    let expected = [Expected { at: at(source), expected: &expected, layout: Layout::List }];
    for text in ["x: y\n", "  - [\n", ""] {
        let edit = Edit { span: Span::new(file.text.len(), file.text.len()), text: text.into() };
        assert!(apply(&file, &[edit], &expected).is_err(), "{text}");
    }
}

#[test]
fn entries_that_the_plugin_could_not_read_are_replaced() {
    let flawed = "  - kind: registry\n    name: b\n    build-args: x\n    version: 1.0.0\n    sha: SHA\n  - plain\n  - {kind: path, name: b, version: 1.0.0}\n";
    let text = format!("sources:\n- kind: cargo2\n  ref:\n{A}{flawed}x: y\n");
    assert_eq!(edited(&text, "a 1.0.0, b 1.0.0").unwrap(), format!("sources:\n- kind: cargo2\n  ref:\n{A}{B}x: y\n"));
}
