//! Changes of the tracker, each with the fewest bytes: another group, another list, another entry.

use super::job::Job;
use super::matrix::{MatrixEntry, Policy};
use super::words::{self, Target, Word};
use super::{Facts, MANUAL_GROUP, Place};
use crate::text::{Edit, SourceText, Span};
use crate::yaml::{self, Form, Node, Style, Value, splice};
use std::sync::Arc;

/// The edits that make an entry one that a human merges, or that move the element of `place` to such an entry. None
/// when that cannot be done without a person.
#[must_use]
pub(crate) fn to_manual(facts: &Facts<'_>, place: Place) -> Option<Vec<Edit>> {
    let (job, entry) = facts.entry(place)?;
    let rust = |word: &Word| matches!(&word.target, Target::Element(name) if facts.is_rust(name));
    if entry.words.iter().all(rust) {
        return regroup(facts, job, entry);
    }
    let word = entry.words.get(place.word).filter(|w| rust(w))?;
    let target = job.entries.iter().rev().find(|e| e.policy() == Policy::Manual && e.words.len() > 1)?;
    let (from, to) = (entry.node.get(entry.key.as_deref()?)?, target.node.get(target.key.as_deref()?)?);
    Some(vec![remove(from, word)?, append(to, target.words.last()?, word.text.as_str())?])
}

/// The group's name becomes the manual one; a flag that says otherwise is switched off.
fn regroup(facts: &Facts<'_>, job: &Job, entry: &MatrixEntry) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    if let Some(group) =
        entry.group().filter(|g| super::matrix::policy_of_group(g.as_str().unwrap_or_default()) != Policy::Manual)
    {
        let name = manual_name(job);
        edits.push(Edit { span: inner(group)?, text: name.clone() });
        edits.extend(offer(facts, &name));
    }
    if let Some((flag, true)) = entry.flag() {
        edits.push(Edit { span: inner(flag)?, text: "false".into() });
    }
    (!edits.is_empty()).then_some(edits)
}

/// Returns the name of the manual group in a job.
#[must_use]
pub(crate) fn manual_name(job: &Job) -> String {
    let manual = job.entries.iter().filter_map(MatrixEntry::group).filter_map(Node::as_str);
    let mut manual = manual.filter(|name| super::matrix::policy_of_group(name) == Policy::Manual);
    manual.next().unwrap_or(MANUAL_GROUP).to_owned()
}

/// The edit that offers a group to `workflow_dispatch`, when there is a list of groups and it is not in it.
#[must_use]
pub(crate) fn offer(facts: &Facts<'_>, group: &str) -> Option<Edit> {
    let list = facts.tracker.as_ref()?.workflow.offered.as_ref()?;
    let Value::List(items, form) = &list.value else {
        return None;
    };
    if items.iter().any(|item| item.as_str() == Some(group)) || !is_plain_name(group) {
        return None;
    }
    let last = items.last()?;
    let end = last.span.start + words::raw(last).len();
    if *form == Form::Flow {
        return Some(Edit { span: Span::new(end, end), text: format!(", {group}") });
    }
    let file = &*list.file;
    let lead = lead(file, last.span.start)?;
    Some(add_line(file, end, &format!("{lead}{group}")))
}

/// The edit that adds an element to the end of a value that names several.
#[must_use]
pub(crate) fn append(value: &Node, last: &Word, element: &str) -> Option<Edit> {
    if !is_plain_name(element) {
        return None;
    }
    let file = &*value.file;
    let at = last.span.end;
    let line = file.line_start(last.span.start);
    let indent = &file.text[line..last.span.start];
    let alone = indent.bytes().all(|b| b == b' ') && file.text[at..file.line_end(at)].trim().is_empty();
    let text = match &value.value {
        Value::Scalar(_, Style::Block) if alone => format!("{}{indent}{element}", file.newline_at(line)),
        Value::Scalar(..) => format!(" {element}"),
        Value::List(_, Form::Flow) => format!(", {element}"),
        Value::List(..) => {
            return Some(add_line(file, at, &format!("{}{element}", lead(file, last.span.start)?)));
        }
        _ => return None,
    };
    // Behind a closing quote or a bracket there is no list to add to.
    let quoted = matches!(&value.value, Value::List(..)) && file.text[at..].starts_with(['"', '\'']);
    let at = if quoted { at + 1 } else { at };
    Some(Edit { span: Span::new(at, at), text })
}

/// The edit that takes an element out of a value that names several.
fn remove(value: &Node, word: &Word) -> Option<Edit> {
    let Value::Scalar(_, style) = &value.value else {
        return None;
    };
    let file = &*value.file;
    let (line, end) = (file.line_start(word.span.start), file.line_end(word.span.end));
    let (before, after) = (&file.text[line..word.span.start], &file.text[word.span.end..end]);
    if *style == Style::Block && before.trim().is_empty() && after.trim().is_empty() {
        return Some(Edit { span: Span::new(line, end), text: String::new() });
    }
    let blank = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let behind = blank(after);
    let span = if behind > 0 && behind < after.trim_end().len() {
        Span::new(word.span.start, word.span.end + behind)
    } else {
        Span::new(line + before.trim_end_matches(' ').len(), word.span.end)
    };
    Some(Edit { span, text: String::new() })
}

/// The edit that adds a line below the one that holds `at`.
#[must_use]
pub(crate) fn add_line(file: &SourceText, at: usize, line: &str) -> Edit {
    let newline = file.newline_at(at);
    let end = file.line_end(at);
    let text = if file.text[..end].ends_with('\n') { format!("{line}{newline}") } else { format!("{newline}{line}") };
    Edit { span: Span::new(end, end), text }
}

/// The edit that gives an entry a key that `siblings` have, behind its own keys. `value` is text of YAML. None where they do not all
/// write it in one way, which is the entry's, or where the file, read again, would differ in more than that key of that entry.
#[must_use]
pub(crate) fn add_key(entry: &Node, siblings: &[&MatrixEntry], key: &str, value: &str) -> Option<Edit> {
    let Value::Map(pairs, form) = &entry.value else { return None };
    if pairs.is_empty() || entry.get(key).is_some() {
        return None;
    }
    let file = &entry.file;
    let column = lead(file, entry.span.start).map(|lead| lead.len());
    let alike = |sibling: &&MatrixEntry| {
        let Some((name, text)) = sibling.node.pair(key) else { return false };
        let gap = file.text.get(name.span.end..text.span.start);
        let own_line = Some(name.span.start - file.line_start(name.span.start)) == column;
        matches!(&sibling.node.value, Value::Map(_, other) if other == form)
            && inner(text).is_some()
            && gap == Some(": ")
            && (*form == Form::Flow || own_line)
    };
    if !siblings.iter().all(alike) {
        return None;
    }
    let edit = match form {
        Form::Block => {
            let written = file.text.get(entry.span.start..entry.span.end)?.trim_end();
            add_line(file, entry.span.start + written.len(), &format!("{:1$}{key}: {value}", "", column?))
        }
        Form::Flow => {
            let (_, last) = pairs.last()?;
            inner(last)?;
            let end = last.span.start + words::raw(last).len();
            Edit { span: Span::new(end, end), text: format!(", {key}: {value}") }
        }
    };
    let added = yaml::parse(&Arc::new(SourceText::new(&file.path, format!("{key}: {value}\n")))).ok()?;
    let [pair] = added.as_map()? else { return None };
    let only_that = |before: &Node, after: &Node, _: &[_]| {
        let mut meant = before.clone();
        let Some(Value::Map(pairs, _)) = map_at(&mut meant, entry.span).map(|node| &mut node.value) else {
            return false;
        };
        pairs.push(pair.clone());
        meant.same_value(after)
    };
    splice::apply_checked(file, [&edit], only_that).ok().map(|_| edit)
}

/// The mapping at a place.
fn map_at(node: &mut Node, span: Span) -> Option<&mut Node> {
    if node.span == span && matches!(node.value, Value::Map(..)) {
        return Some(node);
    }
    match &mut node.value {
        Value::Map(pairs, _) => pairs.iter_mut().find_map(|(_, value)| map_at(value, span)),
        Value::List(items, _) => items.iter_mut().find_map(|item| map_at(item, span)),
        _ => None,
    }
}

/// The text of a scalar without its quotes, as a place. None for block scalars.
#[must_use]
pub(crate) fn inner(node: &Node) -> Option<Span> {
    let raw = words::raw(node);
    let span = Span::new(node.span.start, node.span.start + raw.len());
    match node.value {
        Value::Scalar(_, Style::Plain) => Some(span),
        Value::Scalar(_, Style::Quoted) if raw.len() >= 2 => Some(Span::new(span.start + 1, span.end - 1)),
        _ => None,
    }
}

/// Returns the text before an item on its line: its indentation and its dash. None when the dash is elsewhere.
#[must_use]
pub(crate) fn lead(file: &SourceText, at: usize) -> Option<String> {
    let lead = file.text.get(file.line_start(at)..at)?.trim_end_matches(['"', '\'']);
    let dash = lead.trim_start_matches(' ').strip_prefix('-')?;
    (!dash.is_empty() && dash.bytes().all(|b| b == b' ')).then(|| lead.to_owned())
}

/// Returns whether a name needs no quotes in YAML and is no more than a word to a shell.
#[must_use]
pub(crate) fn is_plain_name(name: &str) -> bool {
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'/' | b'-');
    name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') && name.bytes().all(inside)
}
