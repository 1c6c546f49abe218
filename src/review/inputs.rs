//! What differs in the inputs of Rust elements beside their crate lists: commands, variables, includes, patches, local files.
//!
//! The generated lines of a crate list are left out, for the crates are compared by themselves; and what the sources' own moves
//! explain: a `ref:` that goes from one pin to another, and a version that goes from one tag to another with it. Everything
//! else is a change that somebody has to read.

use super::SourceMove;
use crate::encode::{self, short};
use crate::text::{SourceText, Span};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

/// Lines before and after each change.
const CONTEXT: usize = 2;

/// The length of what is not generated, in bytes, from which on lines are not compared.
const MAX_TEXT: usize = 1_000_000;

/// A file that differs between two states of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputChange {
    /// The file, below the project folder.
    pub path: String,
    /// The Rust elements that are built from it, by the names that BuildStream uses.
    pub elements: Vec<String>,
    /// How it differs.
    pub diff: InputDiff,
}

/// How a file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputDiff {
    /// These lines do.
    Lines {
        /// Lines of a unified diff: each begins with a space, `-` or `+`; `…` where lines are left out between two changes.
        lines: Vec<String>,
        /// The number of lines that are new.
        added: usize,
        /// The number of lines that are gone.
        removed: usize,
    },
    /// Its content does, which is no text or too long to be compared: the sha256 before and after, where there was one.
    Content(Option<String>, Option<String>),
    /// It cannot be said how, and why.
    Unreadable(String),
}

/// A file in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputText {
    /// It is not there.
    Absent,
    /// A text, and the parts of it that are generated: entries of crate lists, in order.
    Text(SourceText, Vec<Span>),
    /// Something else than text.
    Bytes(Vec<u8>),
    /// It cannot be read, and why.
    Unreadable(String),
}

/// Compares two states of a file. None where only generated lines and what the moves explain differ.
#[must_use]
pub fn compare(before: &InputText, after: &InputText, moves: &[SourceMove]) -> Option<InputDiff> {
    let texts = match (before, after) {
        (InputText::Unreadable(why), _) | (_, InputText::Unreadable(why)) => {
            return Some(InputDiff::Unreadable(why.clone()));
        }
        (InputText::Absent, InputText::Absent) => return None,
        (InputText::Bytes(_), _) | (_, InputText::Bytes(_)) => None,
        _ => Some((lines(before), lines(after))),
    };
    let Some((old, new)) = texts.filter(|(old, new)| size(old).max(size(new)) <= MAX_TEXT) else {
        let sums = (digest(before), digest(after));
        return (sums.0 != sums.1).then_some(InputDiff::Content(sums.0, sums.1));
    };
    let plain = |lines: &[&str], side: Side| -> Vec<String> {
        lines.iter().map(|line| explained(line, moves, side).unwrap_or_else(|| (*line).to_owned())).collect()
    };
    let (was, is) = (plain(&old, Side::Before), plain(&new, Side::After));
    let ops = capture_diff_slices(Algorithm::Myers, &was, &is);
    let count = |tag: fn(&DiffOp) -> usize| ops.iter().filter(|op| op.tag() != DiffTag::Equal).map(tag).sum();
    let (removed, added): (usize, usize) = (count(|op| op.old_range().len()), count(|op| op.new_range().len()));
    (added + removed > 0).then(|| InputDiff::Lines { lines: unified(&ops, &old, &new), added, removed })
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

/// The lines of a text, without its generated ones.
fn lines(text: &InputText) -> Vec<&str> {
    let InputText::Text(text, generated) = text else { return Vec::new() };
    // A generated line begins with white space and a dash, and then the entry.
    let mut spans: Vec<Span> = generated.iter().map(|span| Span::new(text.line_start(span.start), span.end)).collect();
    spans.sort_unstable_by_key(|span| span.start);
    let mut spans = spans.into_iter().peekable();
    let (mut at, mut out) = (0, Vec::new());
    for line in text.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        while spans.next_if(|span| span.end <= start).is_some() {}
        if spans.peek().is_none_or(|span| start < span.start) {
            out.push(line.trim_end_matches(['\n', '\r']));
        }
    }
    out
}

fn size(lines: &[&str]) -> usize {
    lines.iter().map(|line| line.len() + 1).sum()
}

fn digest(text: &InputText) -> Option<String> {
    match text {
        InputText::Text(text, _) => Some(short(&encode::sha256(text.text.as_bytes()))),
        InputText::Bytes(bytes) => Some(short(&encode::sha256(bytes))),
        InputText::Absent | InputText::Unreadable(_) => None,
    }
}

/// A line that the moves explain, with what moved taken out. None where they do not.
fn explained(line: &str, moves: &[SourceMove], side: Side) -> Option<String> {
    let (head, value) = line.split_once(": ")?;
    let key = head.trim_start().trim_start_matches("- ");
    let value = value.trim().trim_matches(['"', '\'']);
    let found = moves.iter().enumerate().find(|(_, moved)| {
        let (Some(old), Some(new)) = (&moved.old, &moved.new) else { return false };
        let pin = match side {
            Side::Before => old,
            Side::After => new,
        };
        match key {
            "ref" => value == pin.pinned || Some(value) == pin.commit.as_deref(),
            "version" => {
                let number =
                    |tag: Option<&str>| tag.map(|tag| tag.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned());
                old.tag() != new.tag() && number(pin.tag()).is_some_and(|number| !number.is_empty() && number == value)
            }
            _ => false,
        }
    });
    // No YAML holds this character.
    found.map(|(at, _)| format!("{head}: \u{1}{at}"))
}

/// The changes with the lines around them.
fn unified(ops: &[DiffOp], old: &[&str], new: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    let last = ops.len().saturating_sub(1);
    for (at, op) in ops.iter().enumerate() {
        let (before, after) = (&old[op.old_range()], &new[op.new_range()]);
        if op.tag() != DiffTag::Equal {
            out.extend(before.iter().map(|line| format!("-{line}")));
            out.extend(after.iter().map(|line| format!("+{line}")));
            continue;
        }
        let head = if at == 0 { 0 } else { CONTEXT.min(after.len()) };
        let tail = if at == last { 0 } else { CONTEXT.min(after.len() - head) };
        out.extend(after[..head].iter().map(|line| format!(" {line}")));
        if head + tail < after.len() && at != 0 && at != last {
            out.push("…".to_owned());
        }
        out.extend(after[after.len() - tail..].iter().map(|line| format!(" {line}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Pin;

    fn text(text: &str) -> InputText {
        InputText::Text(SourceText::new("a.bst", text), Vec::new())
    }

    fn moves() -> Vec<SourceMove> {
        let pin = |tag: &str, c: char| {
            let commit = c.to_string().repeat(40);
            let pinned = format!("{tag}-0-g{commit}");
            Pin { url: "https://x.example/a".into(), pinned, commit: Some(commit), ..Pin::default() }
        };
        vec![SourceMove { old: Some(pin("v1.2", 'a')), new: Some(pin("v1.3", 'b')), ..SourceMove::default() }]
    }

    fn shown(diff: Option<InputDiff>) -> String {
        match diff {
            Some(InputDiff::Lines { lines, added, removed }) => format!("+{added} -{removed}\n{}", lines.join("\n")),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_ref_and_a_version_that_the_move_explains_are_no_change() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let element = |tag: &str, commit: &str, version: &str, rest: &str| {
            text(&format!(
                "variables:\n  version: '{version}'\nsources:\n- kind: git_repo\n  ref: {tag}-0-g{commit}\n{rest}"
            ))
        };
        let before = element("v1.2", &a, "1.2", "");
        assert_eq!(compare(&before, &element("v1.3", &b, "1.3", ""), &moves()), None);
        let other = element("v1.3", &b, "1.4", "  track: main\n");
        insta::assert_snapshot!(shown(compare(&before, &other, &moves())), @r"
        +2 -1
         variables:
        -  version: '1.2'
        +  version: '1.4'
         sources:
         - kind: git_repo
           ref: v1.3-0-gbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        +  track: main
        ");
    }

    #[test]
    fn a_ref_that_no_move_explains_is_a_change() {
        let (before, after) = (text("  ref: abc\n"), text("  ref: def\n"));
        assert_eq!(shown(compare(&before, &after, &moves())), "+1 -1\n-  ref: abc\n+  ref: def");
    }

    #[test]
    fn generated_lines_are_left_out_and_a_comment_between_them_is_not() {
        let element = |entry: &str, note: &str| {
            let all = format!("  ref:\n  - {entry}\n{note}  - kind: registry\n    name: b\n");
            let first = all.find("kind: registry").unwrap_or_default();
            let last = all.rfind("kind: registry").unwrap_or_default();
            let spans = vec![Span::new(first, first + entry.len()), Span::new(last, all.len() - 1)];
            InputText::Text(SourceText::new("a.bst", all.as_str()), spans)
        };
        let (before, after) = (element("kind: registry\n    name: a", ""), element("kind: registry\n    name: b", ""));
        assert_eq!(compare(&before, &after, &[]), None);
        let noted = element("kind: registry\n    name: a", "  # by hand\n");
        assert_eq!(shown(compare(&before, &noted, &[])), "+1 -0\n   ref:\n+  # by hand");
    }

    #[test]
    fn a_list_of_any_length_is_left_out_in_one_pass() {
        let list = |version: usize| {
            let entry = format!("  - kind: registry\n    version: {version}\n");
            let text = format!("kind: make\n{}", entry.repeat(100_000));
            let from = |n: usize| 11 + n * entry.len() + 4;
            let spans = (0..100_000).map(|n| Span::new(from(n), from(n) + entry.len() - 5)).collect();
            InputText::Text(SourceText::new("a.bst", text), spans)
        };
        assert_eq!(compare(&list(1), &list(2), &[]), None);
    }

    #[test]
    fn what_is_no_text_is_compared_by_its_digest() {
        let bytes = |bytes: &[u8]| InputText::Bytes(bytes.to_vec());
        assert_eq!(compare(&bytes(b"\0a"), &bytes(b"\0a"), &[]), None);
        let Some(InputDiff::Content(Some(a), Some(b))) = compare(&bytes(b"\0a"), &bytes(b"\0b"), &[]) else { panic!() };
        assert!(a != b && a.len() == 12);
        assert!(matches!(compare(&InputText::Absent, &bytes(b"\0"), &[]), Some(InputDiff::Content(None, Some(_)))));
    }

    #[test]
    fn what_cannot_be_read_is_never_the_same() {
        let lost = || InputText::Unreadable("too large".into());
        assert_eq!(compare(&lost(), &lost(), &[]), Some(InputDiff::Unreadable("too large".into())));
    }
}
