//! Elements as BuildStream's own reader of YAML reads them: of each generated text that it reads we read the same keys and scalars, or
//! refuse it.

use crate::patch::make::Rng;
use crate::python;
use cargo2_bot::text::SourceText;
use cargo2_bot::yaml::{self, Node, Value};
use serde_json::{Value as Json, json};
use std::sync::Arc;

const PROGRAM: &str = include_str!("yaml.py");

/// What texts are made of: pieces of elements, and signs that change what is around them.
const WORDS: &[&str] = &[
    "kind",
    "sources",
    "ref",
    "cargo2",
    "make",
    "name",
    "version",
    "1.10",
    "0x1f",
    "~",
    "null",
    "yes",
    "a b",
    "a#b",
    "a: b",
    ":",
    ": ",
    "- ",
    "-",
    "? ",
    "?",
    ",",
    "[",
    "]",
    "{",
    "}",
    "[]",
    "{}",
    "#",
    " # c",
    "'",
    "''",
    "\"",
    "\\",
    "\\x41",
    "\\u0041",
    "\\\n",
    "|",
    "|-",
    ">",
    ">-",
    "|2",
    "&a",
    "*a",
    "!t",
    "!!str",
    "<<",
    "%",
    "@",
    "`",
    "---",
    "...",
    "\t",
    " ",
    "  ",
    "    ",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\u{feff}",
    "ä",
    "\u{1f600}",
    "\u{0}",
    "\u{7f}",
    "\u{fffe}",
    "(@)",
    "(?)",
    "(>)",
    "=",
    "1_0",
    "1:30",
    "2020-01-01",
    "''''",
    "\"\"",
];

/// Elements from which texts are made by small changes.
const ELEMENTS: &[&str] = &[
    "kind: make\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  url: crates:crates\n  ref:\n  - kind: registry\n    name: a\n    version: 1.0.0\n    sha: ab\n",
    "kind: manual\nvariables:\n  v: \"a \\\"b\\\" \\u00e4\"\n  w: 'it''s'\nconfig:\n  build-commands:\n  - |\n    cargo build \\\n      --release\n\n  - >-\n    one\n    two\n\n    three\n",
    "(@):\n- a.inc\n(?):\n- arch == \"x\":\n    kind: make\nsources: [{kind: git, url: 'a:b', ref: abc}, {kind: cargo2, ref: []}]\n",
    "a:\n  - b\n  -\n    c: d\n    e:\n  - - f\n    - g\n? h\n: i\n",
];

/// How many texts are compared, unless the environment says otherwise.
const CASES: usize = 4_000;

#[test]
fn elements_are_read_as_buildstream_reads_them_or_refused() {
    let Some(mut buildstream) = python::started(PROGRAM) else { return };
    let number = |name: &str| python::variable(name).and_then(|text| text.parse::<usize>().ok());
    let mut random = Rng(number("CARGO2_BOT_PEER_SEED").unwrap_or(1) as u64);
    let cases = number("CARGO2_BOT_PEER_CASES").unwrap_or(CASES);
    let (mut agreed, mut refused, mut alone, mut wrong) = (0, 0, 0, Vec::new());
    for _ in 0..cases {
        let text = text(&mut random);
        let Ok(ours) = yaml::parse_whole(&Arc::new(SourceText::new("a.bst", &*text))) else {
            refused += 1;
            continue;
        };
        let theirs = buildstream.ask(&json!(text));
        if theirs["read"] == plain(&ours) {
            agreed += 1;
        } else if theirs["read"].is_null() {
            alone += 1;
        } else {
            wrong.push(format!("{text:?}\nours   {}\ntheirs {theirs}", plain(&ours)));
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n\n"));
    assert!(agreed > cases / 10 && refused > cases / 10, "{agreed} agreed, {refused} refused");
    // BuildStream builds nothing of what it refuses: keys without a text, keys over two lines, tabs before the first key.
    assert!(alone <= cases / 20, "{alone} of {cases} are read here alone");
}

/// An element with some changes.
fn text(random: &mut Rng) -> String {
    let mut text = ELEMENTS[random.below(ELEMENTS.len())].to_owned();
    for _ in 0..=random.below(3) {
        let at = text.floor_char_boundary(random.below(text.len() + 1));
        match random.below(3) {
            0 => {
                let end = text.floor_char_boundary((at + random.below(6)).min(text.len()));
                text.replace_range(at..end, "");
            }
            1 => text.insert_str(at, WORDS[random.below(WORDS.len())]),
            _ => {
                let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
                text.insert_str(line, WORDS[random.below(WORDS.len())]);
            }
        }
    }
    text
}

/// A tree without its places.
fn plain(node: &Node) -> Json {
    match &node.value {
        Value::Scalar(text, _) => json!(text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\x1c'..='\x1f'))),
        Value::List(items, _) => items.iter().map(plain).collect(),
        Value::Map(pairs, _) => {
            let pair = |(key, value): &(Node, Node)| (key.as_str().unwrap_or_default().to_owned(), plain(value));
            Json::Object(pairs.iter().map(pair).collect())
        }
        Value::Lifted(_) => unreachable!("nothing is lifted in a text that is read whole"),
    }
}
