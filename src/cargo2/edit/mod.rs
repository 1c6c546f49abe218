//! The edit of a block: only its bytes change, and the result is read again before it counts.

pub(crate) mod pin;

use crate::cargo2::block::{self, BlockEntry, CurrentBlock, CurrentEntry, Layout, Problem, Shape};
use crate::text::{Edit, SourceText, Span};
use crate::yaml::splice::{self, EditError};
use crate::yaml::{Form, Node, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The target of an edit: a cargo2 source and the block in it.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The cargo2 source. For the layout `per-crate` the first of them.
    pub source: &'a Node,
    /// The current block.
    pub current: &'a CurrentBlock,
    /// The layout of the block.
    pub layout: Layout,
    /// For the layout `per-crate`: the base URL of the crates.
    pub base: &'a str,
}

/// The edit that makes the block hold `expected`.
///
/// # Errors
/// When the source is written in a way that cannot be edited without touching more than the block.
pub fn plan(target: Target<'_>, expected: &[BlockEntry]) -> Result<Edit, Problem> {
    let source = target.source;
    let file = &*source.file;
    if matches!(source.value, Value::Map(_, Form::Flow)) {
        return Err(("a cargo2 source in braces cannot be edited; write it as a block".into(), source.span));
    }
    if target.layout == Layout::PerCrate {
        return block_list(file, target, expected, None);
    }
    let Some((key, value)) = source.pair("ref") else {
        return insert_key(file, target, expected);
    };
    // The list may be in a file that the source includes.
    let file = &*key.file;
    match &value.value {
        Value::Scalar(..) => Ok(insert_items(file, target, key, Span::new(key.span.end, key.span.end), expected)),
        Value::List(items, Form::Flow) => {
            let inside = &file.text[value.span.start..value.span.end];
            if !items.is_empty() && inside.contains('#') {
                return Err(("this list in brackets holds `#`; write it as a block list".into(), value.span));
            }
            Ok(insert_items(file, target, key, value.span, expected))
        }
        _ => block_list(file, target, expected, Some(key)),
    }
}

/// The source has no `ref:` yet: it becomes its last key.
fn insert_key(file: &SourceText, target: Target<'_>, expected: &[BlockEntry]) -> Result<Edit, Problem> {
    let source = target.source;
    let column = source.span.start - file.line_start(source.span.start);
    // Include keys are there too: the span covers them, the composed pairs do not.
    let at = file.line_end(source.span.end);
    let newline = file.newline_at(source.span.start);
    let shape = Shape { kinds: target.layout != Layout::Cargo, ..fresh_shape(file, source) };
    let open = if file.text[..at].ends_with('\n') { "" } else { newline };
    let list = block::render_list(expected, shape);
    let text = format!("{open}{:column$}ref:{newline}{list}", "");
    if file.text[file.line_start(source.span.start)..source.span.start].contains(|c: char| c != ' ' && c != '-') {
        return Err(("this source does not begin on a line of its own".into(), source.span));
    }
    Ok(Edit { span: Span::new(at, at), text: keep_open_end(file, at, text) })
}

/// `ref:`, `ref: []` or a list in brackets becomes a block list.
fn insert_items(file: &SourceText, target: Target<'_>, key: &Node, value: Span, expected: &[BlockEntry]) -> Edit {
    let colon = key.span.end + file.text[key.span.end..].find(':').map_or(0, |at| at + 1);
    let end = file.line_end(value.end.max(colon));
    let rest = file.text[value.end.max(colon)..end].trim_end_matches(['\r', '\n']);
    let newline = file.newline_at(colon);
    let shape = if key.file.path == target.source.file.path {
        fresh_shape(file, target.source)
    } else {
        Shape { newline, ..Shape::at(key.span.start - file.line_start(key.span.start)) }
    };
    let list = block::render_list(expected, Shape { kinds: target.layout != Layout::Cargo, ..shape });
    let text =
        if expected.is_empty() { format!(" []{rest}{newline}") } else { format!("{}{newline}{list}", rest.trim_end()) };
    Edit { span: Span::new(colon, end), text: keep_open_end(file, end, text) }
}

/// A file without a newline at its end stays without one.
fn keep_open_end(file: &SourceText, end: usize, mut text: String) -> String {
    if end == file.text.len() && !file.text.ends_with('\n') {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    text
}

/// The shape of a list that the file does not have yet: dashes are indented like those of the list of sources.
fn fresh_shape(file: &SourceText, source: &Node) -> Shape {
    let start = file.line_start(source.span.start);
    let key = source.span.start - start;
    let own = file.text[start..source.span.start].find('-').unwrap_or(0);
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let above = |line: &&str| {
        let text = line.trim_start();
        let item = text.starts_with("- ") && indent(line) == own;
        !text.is_empty() && !text.starts_with('#') && !item && indent(line) <= own
    };
    let parent = file.text[..start].lines().rev().find(above).map_or(0, indent);
    let dash = key + own.saturating_sub(parent);
    Shape { newline: file.newline_at(source.span.start), ..Shape::at(dash) }
}

/// A block list: entries that stay keep their lines.
fn block_list(
    file: &SourceText,
    target: Target<'_>,
    expected: &[BlockEntry],
    key: Option<&Node>,
) -> Result<Edit, Problem> {
    let current = &target.current.entries;
    let (Some(first), Some(last)) = (current.first(), current.last()) else {
        return Err(("this list cannot be edited".into(), target.source.span));
    };
    let mut lines = Vec::with_capacity(current.len());
    let mut from = dash_line(file, first)?.0;
    for entry in current {
        dash_line(file, entry)?;
        let end = file.line_end(entry.span.end);
        lines.push(Span::new(from, end));
        from = end;
    }
    let (start, dash) = dash_line(file, first)?;
    let region = Span::new(start, file.line_end(last.span.end));
    if expected.is_empty() {
        let Some(key) = key else {
            return Err(("no crate would be left; remove the sources by hand".into(), region));
        };
        let colon = key.span.end + 1;
        let text = format!(" []{}", &file.text[colon..start]);
        return Ok(Edit { span: Span::new(colon, region.end), text: keep_open_end(file, region.end, text) });
    }
    let kinds = target.layout != Layout::Cargo;
    let shape = Shape { dash, key: first.span.start - start, newline: file.newline_at(first.span.start), kinds };
    let text = entries(file, target, &lines, expected, shape);
    Ok(Edit { span: region, text: keep_open_end(file, region.end, text) })
}

/// The new lines of the list.
fn entries(file: &SourceText, target: Target<'_>, lines: &[Span], expected: &[BlockEntry], shape: Shape) -> String {
    let current = &target.current.entries;
    let provenance: BTreeMap<&str, &Node> =
        current.iter().filter_map(|h| Some((h.entry.name.as_str(), h.provenance.as_ref()?))).collect();
    let mut stays: HashMap<&BlockEntry, usize> = HashMap::new();
    for (at, entry) in current.iter().enumerate().rev() {
        let noted = provenance.get(entry.entry.name.as_str());
        let same_note = match (noted, &entry.provenance) {
            (Some(a), Some(b)) => a.same_value(b),
            (None, None) => true,
            _ => false,
        };
        if same_note && entry.flaw.is_none() {
            stays.insert(&entry.entry, at);
        }
    }
    let mut out = String::new();
    for entry in expected {
        match stays.get(entry) {
            Some(at) => keep(file, &current[*at], lines[*at], shape, target.layout == Layout::List, &mut out),
            None if target.layout == Layout::PerCrate => {
                out.push_str(&block::render_per_crate(std::slice::from_ref(entry), target.base, shape));
            }
            None => block::render_entry(entry, provenance.get(entry.name.as_str()).copied(), shape, &mut out),
        }
    }
    out
}

/// Copies an entry's lines. One of the old form gains its kind.
fn keep(file: &SourceText, current: &CurrentEntry, lines: Span, shape: Shape, upgrade: bool, out: &mut String) {
    let text = &file.text[lines.start..lines.end];
    if current.old_form && upgrade {
        let column = current.span.start - file.line_start(current.span.start);
        out.push_str(&file.text[lines.start..current.span.start]);
        out.push_str("kind: registry");
        out.push_str(shape.newline);
        out.push_str(&" ".repeat(column));
        out.push_str(&file.text[current.span.start..lines.end]);
    } else {
        out.push_str(text);
    }
    if !text.ends_with('\n') {
        out.push_str(shape.newline);
    }
}

/// The line on which an entry begins, and the column of its dash.
fn dash_line(file: &SourceText, entry: &CurrentEntry) -> Result<(usize, usize), Problem> {
    let start = file.line_start(entry.span.start);
    let lead = &file.text[start..entry.span.start];
    let dash =
        lead.find('-').filter(|at| lead[..*at].bytes().all(|b| b == b' ') && lead[at + 1..].bytes().all(|b| b == b' '));
    dash.map(|at| (start, at)).ok_or_else(|| ("this entry does not begin on the line of its dash".into(), entry.span))
}

/// The content that an edited block must have.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The position of the `ref` key in the old text, or of the source that had none. For the layout `per-crate` the first source.
    pub at: usize,
    /// The entries that its block must have.
    pub expected: &'a [BlockEntry],
    /// The layout of the block.
    pub layout: Layout,
}

/// Applies edits to a file, and reads the result again: the blocks must match, and all else must be unchanged.
///
/// # Errors
/// When the result is anything else. Then no edit is made.
pub fn apply(file: &Arc<SourceText>, edits: &[Edit], expected: &[Expected<'_>]) -> Result<Arc<SourceText>, EditError> {
    splice::apply_checked(file, edits, |before, after, _| agree(before, after, expected))
}

/// Returns whether the edited blocks have the expected entries and the two trees agree in all else.
fn agree(before: &Node, after: &Node, expected: &[Expected<'_>]) -> bool {
    match (&before.value, &after.value) {
        (Value::Map(a, _), Value::Map(b, _)) => {
            let key = before.pair("ref").map_or(before.span.start, |(key, _)| key.span.start);
            let edited = expected.iter().find(|e| e.at == key && e.layout != Layout::PerCrate);
            if let Some(edited) = edited.filter(|_| before.get("ref").is_some() || before.get_str("kind").is_some()) {
                let others = |pairs: &[(Node, Node)]| -> Vec<(Node, Node)> {
                    pairs.iter().filter(|(k, _)| k.as_str() != Some("ref")).cloned().collect()
                };
                return same_pairs(&others(a), &others(b)) && after.get("ref").is_some_and(|r| holds(r, edited));
            }
            a.len() == b.len()
                && a.iter().zip(b).all(|((ka, va), (kb, vb))| ka.same_value(kb) && agree(va, vb, expected))
        }
        (Value::List(a, _), Value::List(b, _)) => {
            match expected.iter().find(|e| e.layout == Layout::PerCrate && a.iter().any(|n| n.span.start == e.at)) {
                Some(edited) => agree_per_crate(a, b, edited.expected),
                None => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b, expected)),
            }
        }
        _ => before.same_value(after),
    }
}

/// The layout `per-crate`: the crates are the expected ones, and the other sources are unchanged.
fn agree_per_crate(before: &[Node], after: &[Node], expected: &[BlockEntry]) -> bool {
    let rest = |nodes: &[Node]| -> Vec<Node> {
        nodes.iter().filter(|n| n.get_str("kind") != Some("cargo2")).cloned().collect()
    };
    let (a, b) = (rest(before), rest(after));
    let crates: Option<Vec<BlockEntry>> = after
        .iter()
        .filter(|n| n.get_str("kind") == Some("cargo2"))
        .map(|n| block::per_crate(n).ok().map(|(e, _)| e))
        .collect();
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.same_value(b)) && crates.is_some_and(|c| c == expected)
}

fn same_pairs(a: &[(Node, Node)], b: &[(Node, Node)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((ka, va), (kb, vb))| ka.same_value(kb) && va.same_value(vb))
}

/// Returns whether a `ref:` holds these entries, in this order.
fn holds(node: &Node, expected: &Expected<'_>) -> bool {
    let form = |e: &CurrentEntry| e.flaw.is_none() && (!e.old_form || expected.layout == Layout::Cargo);
    block::read(node).is_ok_and(|current| current.values().eq(expected.expected) && current.entries.iter().all(form))
}

#[cfg(test)]
mod tests;
