//! The edit of a git source's `ref`: nothing else changes, and the result is read again before it counts.

use super::{keep_open_end, same_pairs};
use crate::cargo2::block::Problem;
use crate::text::{Edit, SourceText, Span};
use crate::yaml::splice::{self, EditError};
use crate::yaml::{Node, Style, Value, quote};
use std::sync::Arc;

/// A source, and the ref that it gets.
#[derive(Clone, Debug)]
pub(crate) struct Pin<'a> {
    /// The source.
    pub source: &'a Node,
    /// The place of its `ref` key, or of the source where it has none.
    pub at: usize,
    /// The new ref.
    pub to: &'a str,
}

/// Writes refs into the file that holds them, as BuildStream writes them: quotes that are there stay, and others come only where
/// they are needed.
///
/// # Errors
/// When a source is written in a way that cannot be edited, or the file would be read otherwise than it should.
pub(crate) fn repin(file: &Arc<SourceText>, pins: &[Pin<'_>]) -> Result<Arc<SourceText>, EditError> {
    let mut edits = Vec::new();
    for pin in pins {
        edits.push(edit(pin).map_err(|_| EditError::Differs)?);
    }
    splice::apply_checked(file, &edits, |before, after, _| agree(before, after, pins))
}

/// The edit for one source.
fn edit(pin: &Pin<'_>) -> Result<Edit, Problem> {
    let (source, value) = (pin.source, quote::scalar(pin.to));
    let Some((key, old)) = source.pair("ref") else { return Ok(added(source, &value)) };
    match &old.value {
        Value::Scalar(_, Style::Plain) => Ok(Edit { span: old.span, text: value }),
        Value::Scalar(_, Style::Quoted) => {
            let single = old.file.text[old.span.start..].starts_with('\'');
            let text = if single { pin.to.replace('\'', "''") } else { pin.to.replace('"', "\\\"") };
            let quote = if single { '\'' } else { '"' };
            Ok(Edit { span: old.span, text: format!("{quote}{text}{quote}") })
        }
        Value::Scalar(_, Style::Empty) => {
            let colon = key.file.text[key.span.end..].find(':').map(|at| key.span.end + at + 1);
            let colon = colon.ok_or_else(|| ("this `ref` has no colon".to_owned(), key.span))?;
            Ok(Edit { span: Span::new(colon, colon), text: format!(" {value}") })
        }
        _ => Err(("this `ref` is no text on one line".into(), old.span)),
    }
}

/// A source without a ref gets one as its last key. Where it has no line of its own, the file would be read otherwise.
fn added(source: &Node, value: &str) -> Edit {
    let file = &*source.file;
    let (column, at) = (source.span.start - file.line_start(source.span.start), file.line_end(source.span.end));
    let newline = file.newline_at(source.span.start);
    let open = if file.text[..at].ends_with('\n') { "" } else { newline };
    let text = format!("{open}{:column$}ref: {value}{newline}", "");
    Edit { span: Span::new(at, at), text: keep_open_end(file, at, text) }
}

/// Returns whether the sources have their new refs and the two trees agree in all else.
fn agree(before: &Node, after: &Node, pins: &[Pin<'_>]) -> bool {
    match (&before.value, &after.value) {
        (Value::Map(a, _), Value::Map(b, _)) => {
            let key = before.pair("ref").map_or(before.span.start, |(key, _)| key.span.start);
            if let Some(pin) = pins.iter().find(|pin| pin.at == key && before.get_str("kind").is_some()) {
                let others = |pairs: &[(Node, Node)]| -> Vec<(Node, Node)> {
                    pairs.iter().filter(|(key, _)| key.as_str() != Some("ref")).cloned().collect()
                };
                return same_pairs(&others(a), &others(b)) && after.get("ref").and_then(Node::as_str) == Some(pin.to);
            }
            a.len() == b.len() && a.iter().zip(b).all(|((ka, va), (kb, vb))| ka.same_value(kb) && agree(va, vb, pins))
        }
        (Value::List(a, _), Value::List(b, _)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b, pins)),
        _ => before.same_value(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    /// The file after the first source of its list, or its only mapping, got a ref.
    fn pinned(text: &str, to: &str) -> Result<String, String> {
        let file = Arc::new(SourceText::new("a.bst", text));
        let root = yaml::parse(&file).unwrap();
        let source = root.get("sources").and_then(Node::as_list).map_or(&root, |list| &list[0]);
        let at = source.pair("ref").map_or(source.span.start, |(key, _)| key.span.start);
        let new = repin(&file, &[Pin { source, at, to }]).map_err(|why| why.to_string())?;
        Ok(new.text.to_string())
    }

    const TEXT: &str = "sources:\n- kind: git_repo\n  ref: v1 # old\n  url: x\n- kind: cargo2\n  ref: []\n";

    #[test]
    fn only_the_ref_changes_and_comments_stay() {
        assert_eq!(pinned(TEXT, "v2-0-gab").unwrap(), TEXT.replace("v1", "v2-0-gab"));
        assert_eq!(pinned(&TEXT.replace("v1", "'v1'"), "v'2").unwrap(), TEXT.replace("v1", "'v''2'"));
        assert_eq!(pinned(&TEXT.replace("v1", "\"v1\""), "v\"2").unwrap(), TEXT.replace("v1", "\"v\\\"2\""));
        assert_eq!(pinned(&TEXT.replace("v1 # old", ""), "v2").unwrap(), TEXT.replace("v1 # old", "v2 "));
        assert_eq!(pinned(TEXT, "@a/b-0-gab").unwrap(), TEXT.replace("v1", "'@a/b-0-gab'"));
        assert_eq!(pinned("kind: git_repo\nref: v1\n", "v2").unwrap(), "kind: git_repo\nref: v2\n");
    }

    #[test]
    fn a_source_without_a_ref_gets_one_as_its_last_key() {
        let text = TEXT.replace("  ref: v1 # old\n", "");
        assert_eq!(pinned(&text, "v2").unwrap(), text.replace("url: x\n", "url: x\n  ref: v2\n"));
        assert_eq!(
            pinned("sources:\n  - kind: git_repo\n    url: x", "v2").unwrap(),
            "sources:\n  - kind: git_repo\n    url: x\n    ref: v2"
        );
    }

    #[test]
    fn what_cannot_be_edited_is_refused() {
        for text in [
            "sources:\n- {kind: git_repo, url: x}\n",
            "sources:\n- {kind: git_repo,\n   url: x}\n- kind: cargo2\n",
            "sources: [{kind: git_repo, url: x}]\n",
            "{kind: git_repo, url: x}\n",
            "sources:\n- kind: git_repo\n  ref: |\n    v1\n",
            "sources:\n- kind: git_repo\n  ref: [v1]\n",
        ] {
            assert!(pinned(text, "v2").is_err(), "{text}");
        }
        assert!(pinned("sources:\n- {kind: git_repo, ref: v1}\n", "a, b").is_err());
        assert_eq!(
            pinned("sources:\n- {kind: git_repo, ref: v1}\n", "v2").unwrap(),
            "sources:\n- {kind: git_repo, ref: v2}\n"
        );
    }
}
