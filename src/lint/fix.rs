//! Fixes: few bytes, and only where the result, read again, differs in nothing but what was meant.

use super::script::Script;
use crate::text::{Edit, SourceText, Span};
use crate::yaml::{self, Form, Node, Value};
use std::sync::Arc;

/// A file and the edits that fix it.
pub(crate) type Fixed = (Arc<SourceText>, Vec<Edit>);

/// Writes `text` behind a place of a command.
#[must_use]
pub(crate) fn insert(script: &Script, at: usize, text: &str) -> Option<Fixed> {
    let place = script.insertion(at)?;
    let edit = Edit { span: Span::new(place, place), text: text.to_owned() };
    let span = script.node().span;
    let meant = |old: &str, new: &str| {
        let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        new.len() == old.len() + text.len()
            && new.contains(text)
            && old.as_bytes()[same..] == new.as_bytes()[same + text.len()..]
    };
    checked(script.file(), vec![edit], &|old, new| same_but(old, new, span, &meant))
}

/// Takes a key out of a mapping of an element, and the mapping's own key when nothing else is in it.
#[must_use]
pub(crate) fn remove(file: &Arc<SourceText>, outer: &str, key: &str) -> Option<Fixed> {
    let root = yaml::parse(file).ok()?;
    let (outer_key, map) = root.pair(outer)?;
    let Value::Map(pairs, Form::Block) = &map.value else { return None };
    let (name, value) = map.pair(key)?;
    let from = if pairs.len() == 1 { outer_key } else { name };
    let last = value.span.end.max(name.span.end);
    // A block scalar ends with its last line's end.
    let end = if file.text[..last].ends_with('\n') { last } else { file.line_end(last) };
    let start = file.line_start(from.span.start);
    let lines = &file.text[start..end];
    // A comment in between is somebody's: it is not taken away with the rest.
    let comment = lines.lines().skip(1).any(|line| line.trim_start().starts_with('#'));
    if comment || !file.text[start..from.span.start].trim().is_empty() {
        return None;
    }
    let mut end = end;
    let open = start == 0 || file.text[..start].ends_with("\n\n") || file.text[..start].ends_with("\n\r\n");
    if pairs.len() == 1 && open && file.text[end..].lines().next().is_some_and(|line| line.trim().is_empty()) {
        end = file.line_end(end);
    }
    let edit = Edit { span: Span::new(start, end), text: String::new() };
    checked(file, vec![edit], &|old, new| without(old, outer, key).is_some_and(|meant| meant.same_value(new)))
}

/// The file with its edits, when they yield what is meant.
fn checked(file: &Arc<SourceText>, edits: Vec<Edit>, meant: &dyn Fn(&Node, &Node) -> bool) -> Option<Fixed> {
    let mut text = file.text.to_string();
    for edit in edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    let old = yaml::parse(file).ok()?;
    let new = yaml::parse(&Arc::new(SourceText::new(&file.path, text))).ok()?;
    meant(&old, &new).then(|| (file.clone(), edits))
}

/// Returns whether two trees are the same but for one scalar, which differs as meant.
fn same_but(old: &Node, new: &Node, at: Span, meant: &dyn Fn(&str, &str) -> bool) -> bool {
    match (&old.value, &new.value) {
        (Value::Scalar(a, _), Value::Scalar(b, _)) => {
            if old.span == at {
                meant(a, b)
            } else {
                a == b
            }
        }
        (Value::List(a, _), Value::List(b, _)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_but(a, b, at, meant))
        }
        (Value::Map(a, _), Value::Map(b, _)) => {
            let pair =
                |((ka, va), (kb, vb)): (&(Node, Node), &(Node, Node))| ka.same_value(kb) && same_but(va, vb, at, meant);
            a.len() == b.len() && a.iter().zip(b).all(pair)
        }
        _ => old.same_value(new),
    }
}

/// A tree without a key of a mapping, and without the mapping when it is empty then.
fn without(root: &Node, outer: &str, key: &str) -> Option<Node> {
    let mut root = root.clone();
    let Value::Map(pairs, _) = &mut root.value else { return None };
    let at = pairs.iter().position(|(k, _)| k.as_str() == Some(outer))?;
    let Value::Map(inner, _) = &mut pairs[at].1.value else { return None };
    inner.retain(|(k, _)| k.as_str() != Some(key));
    if inner.is_empty() {
        pairs.remove(at);
    }
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(text: &str) -> Option<String> {
        let file = Arc::new(SourceText::new("a.bst", text));
        let (_, edits) = remove(&file, "variables", "x")?;
        let mut text = text.to_owned();
        edits.iter().rev().for_each(|e| text.replace_range(e.span.start..e.span.end, &e.text));
        Some(text)
    }

    #[test]
    fn a_key_is_taken_out_with_its_line_and_nothing_else() {
        assert_eq!(removed("variables:\n  x: ''\n  y: 1 # c\n").unwrap(), "variables:\n  y: 1 # c\n");
        assert_eq!(removed("a: 1\n\nvariables:\n  x: '' # c\n\nb: 2\n").unwrap(), "a: 1\n\nb: 2\n");
        assert_eq!(removed("a: 1\r\nvariables:\r\n    x: \"\"\r\nb: 2\r\n").unwrap(), "a: 1\r\nb: 2\r\n");
        assert_eq!(
            removed("a: 1\nvariables:\n  y: 1\n  x: |\n    a\n\n    b\nb: 2\n").unwrap(),
            "a: 1\nvariables:\n  y: 1\nb: 2\n"
        );
    }

    #[test]
    fn what_cannot_be_taken_out_cleanly_stays() {
        assert_eq!(removed("variables: {x: ''}\n"), None);
        assert_eq!(removed("variables:\n  # why\n  x: ''\n"), None);
        assert_eq!(removed("variables:\n  y: ''\n"), None);
    }
}
