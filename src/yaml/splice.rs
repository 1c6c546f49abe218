//! Edits that change scalars and add items to lists, and nothing else: the result is read again before it counts.

use crate::text::{Edit, Moved, SourceText, Span, SpliceError};
use crate::yaml::{self, Node, Style, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// The reason why edits of a YAML file are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// They cannot be made in its text.
    Splice(SpliceError),
    /// The file is not YAML to begin with.
    Unreadable(yaml::Error),
    /// The file would not be YAML any more.
    Breaks(yaml::Error),
    /// The file would be read otherwise than it should.
    Differs,
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Splice(e) => write!(f, "{e}"),
            Self::Unreadable(e) => write!(f, "{e}"),
            Self::Breaks(e) => write!(f, "the change would break the file: {e}"),
            Self::Differs => f.write_str("the changed file would have another meaning than intended"),
        }
    }
}

impl std::error::Error for EditError {}

/// Applies edits to a YAML file and reads the result again. Everything else must be read as before; an edit may
/// change the text of a scalar, which stays in its style, or bring whole items of a list.
///
/// Edits may come in any order; those that insert at one place keep theirs. Identical ones count once.
///
/// # Errors
/// When edits overlap, or the result would be read otherwise. Then no edit is made.
pub fn apply(file: &Arc<SourceText>, edits: &[Edit]) -> Result<Arc<SourceText>, EditError> {
    // Two findings can have the same fix.
    let mut seen = HashSet::new();
    apply_checked(file, edits.iter().filter(|edit| seen.insert(*edit)), agree)
}

/// Applies edits to a YAML file. `agree` compares the file's tree before with the one after, which is read anew.
///
/// # Errors
/// When edits overlap, the file is not YAML before or after, or the two do not agree. Then no edit is made.
pub(crate) fn apply_checked<'e>(
    file: &Arc<SourceText>,
    edits: impl IntoIterator<Item = &'e Edit>,
    agree: impl Fn(&Node, &Node, &[Moved]) -> bool,
) -> Result<Arc<SourceText>, EditError> {
    let (new, moved) = file.edited(edits).map_err(EditError::Splice)?;
    let new = Arc::new(new);
    let before = yaml::parse_whole(file).map_err(EditError::Unreadable)?;
    let after = yaml::parse_whole(&new).map_err(EditError::Breaks)?;
    if agree(&before, &after, &moved) { Ok(new) } else { Err(EditError::Differs) }
}

/// Returns the offset at which a node that began at `at` begins now.
fn moved_start(at: usize, moved: &[Moved]) -> usize {
    let before = moved.iter().rev().find(|m| m.old.start <= at && (m.old.end <= at || m.old.start < m.old.end));
    match before {
        Some(m) if m.old.end <= at => at - m.old.end + m.new.end,
        Some(m) => m.new.start,
        None => at,
    }
}

/// Returns whether an edit changes the text of a scalar. Text behind it belongs to it, unless a quote ends it.
fn touched(span: Span, style: Style, moved: &[Moved]) -> bool {
    moved.iter().any(|m| {
        let end = if style == Style::Quoted { m.old.start < span.end } else { m.old.start <= span.end };
        m.old.end > span.start && end
    })
}

/// Returns whether two trees agree, apart from the edits.
fn agree(before: &Node, after: &Node, moved: &[Moved]) -> bool {
    match (&before.value, &after.value) {
        (Value::Scalar(a, old), Value::Scalar(b, new)) => {
            let touched = touched(before.span, *old, moved);
            old == new && (a == b || touched) && after.span.start == moved_start(before.span.start, moved)
                || (*old == Style::Empty && old == new)
        }
        (Value::Map(a, _), Value::Map(b, _)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((ka, va), (kb, vb))| ka.same_value(kb) && agree(va, vb, moved))
        }
        (Value::List(a, _), Value::List(b, _)) => {
            let mut old = a.iter();
            let added = |n: &Node| {
                moved.iter().any(|m| m.new.start <= n.span.start && n.span.end <= m.new.end && !is_replacement(*m))
            };
            b.iter().all(|item| added(item) || old.next().is_some_and(|o| agree(o, item, moved)))
                && old.next().is_none()
        }
        _ => before.same_value(after),
    }
}

/// Returns whether an edit replaced text, so that what is there now is not added.
const fn is_replacement(moved: Moved) -> bool {
    moved.old.start < moved.old.end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replaces the first `old` by `new`; an `old` that ends in `^` is a place to insert behind.
    fn spliced(text: &str, changes: &[(&str, &str)]) -> Result<String, String> {
        let file = Arc::new(SourceText::new("a.yml", text));
        let edit = |(old, new): &(&str, &str)| {
            let (word, insert) = old.strip_suffix('^').map_or((*old, false), |w| (w, true));
            let at = text.find(word).unwrap();
            let span = Span::new(if insert { at + word.len() } else { at }, at + word.len());
            Edit { span, text: (*new).to_owned() }
        };
        let edits: Vec<Edit> = changes.iter().map(edit).collect();
        apply(&file, &edits).map(|new| new.text.to_string()).map_err(|e| e.to_string())
    }

    const TEXT: &str = "a: one # c\nb:\n- x: 1\n  y: >-\n    p\n    q\n- x: 2\nd: 'z'\n";

    #[test]
    fn a_scalar_changes_and_all_else_stays() {
        assert_eq!(
            spliced(TEXT, &[("one", "two"), ("z", "zz")]).unwrap(),
            TEXT.replace("one", "two").replace('z', "zz")
        );
        assert_eq!(spliced(TEXT, &[("    q^", "\n    r")]).unwrap(), TEXT.replace("q\n", "q\n    r\n"));
    }

    #[test]
    fn items_are_added_where_they_are_inserted() {
        let new = spliced(TEXT, &[("- x: 2\n^", "- x: 3\n"), ("- x: 2\n^", "- x: 4\n")]).unwrap();
        assert!(new.contains("- x: 2\n- x: 3\n- x: 4\n"));
        assert!(spliced("a: [b, c]\n", &[("c^", ", d")]).is_ok());
        assert_eq!(spliced(TEXT, &[("one^", " two")]).unwrap(), TEXT.replace("one", "one two"));
    }

    #[test]
    fn what_would_be_read_otherwise_does_not_count() {
        for wrong in [
            [("one", "two: three")],
            [("one", "'one")],
            [("one", "[x]")],
            [("one^", "\ne: f")],
            [("- x: 2\n^", "  w: 3\n")],
            [("- x: 2\n", "")],
            [("d: ", "e: ")],
            [("one", "\"one\"")],
        ] {
            assert!(spliced(TEXT, &wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn changes_that_overlap_or_stand_outside_are_refused() {
        let file = Arc::new(SourceText::new("a.yml", "a: ä\n"));
        let edit = |start, end| Edit { span: Span::new(start, end), text: "x".into() };
        for edits in [vec![edit(3, 5), edit(4, 5)], vec![edit(4, 5)], vec![edit(90, 91)], vec![edit(5, 3)]] {
            assert!(apply(&file, &edits).is_err());
        }
    }
}
