//! A new entry, modelled on its siblings: their keys, order, quotes and indentation, and the pattern that their
//! branches and titles follow.

use super::Facts;
use super::fixes;
use super::job::Job;
use super::matrix::{MatrixEntry, Policy, policy_of_group};
use super::words;
use crate::text::Edit;
use crate::yaml::{Form, Node, Style, Value};
use std::collections::HashMap;

/// The edits that make the tracker track an element, merged by a human. None when its entries do not show how.
#[must_use]
pub(crate) fn new_entry(facts: &Facts<'_>, element: &str) -> Option<Vec<Edit>> {
    if !fixes::is_plain_name(element) {
        return None;
    }
    let jobs = &facts.tracker.as_ref()?.workflow.jobs;
    let manual = |job: &&Job| job.entries.iter().any(|e| e.policy() == Policy::Manual);
    let job = jobs.iter().find(manual).or_else(|| jobs.iter().find(|j| !j.entries.is_empty()))?;
    let siblings = siblings(facts, job);
    let list = job.entries.iter().rev().find(|e| e.policy() == Policy::Manual);
    if siblings.is_empty() {
        let entry = list.filter(|e| e.words.len() > 1)?;
        let last = entry.words.last()?;
        return Some(vec![fixes::append(
            entry.node.get(entry.key.as_deref()?)?,
            last,
            &spelled(last, element, facts),
        )?]);
    }
    let model = Model { facts, job, siblings: &siblings, element };
    let last = list.or(siblings.last().copied())?;
    let text = model.text()?;
    let file = &*last.node.file;
    let mut edits = vec![fixes::add_line(file, content_end(&last.node), &text)];
    if siblings.iter().any(|e| e.group().is_some()) {
        edits.extend(fixes::offer(facts, &fixes::manual_name(job)));
    }
    Some(edits)
}

/// The entries to learn from: one element each; those that a human merges, else those of Rust elements, else all.
fn siblings<'f>(facts: &Facts<'_>, job: &'f Job) -> Vec<&'f MatrixEntry> {
    let single = |e: &&MatrixEntry| e.words.len() == 1 && e.elements().count() == 1 && e.key.is_some();
    let all: Vec<&MatrixEntry> = job.entries.iter().filter(single).collect();
    let of = |keep: &dyn Fn(&MatrixEntry) -> bool| all.iter().copied().filter(|e| keep(e)).collect::<Vec<_>>();
    let manual = of(&|e| e.policy() == Policy::Manual);
    if !manual.is_empty() || job.entries.iter().any(|e| e.policy() == Policy::Manual) {
        return manual;
    }
    let rust = of(&|e| e.elements().all(|name| facts.is_rust(name)));
    if rust.is_empty() { all } else { rust }
}

/// An element as its siblings are written: with the element path or without.
fn spelled(sibling: &words::Word, element: &str, facts: &Facts<'_>) -> String {
    let path = facts.project.element_path;
    let with_path = !path.is_empty() && sibling.text.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    if with_path { format!("{path}/{element}") } else { element.to_owned() }
}

struct Model<'m, 'f> {
    facts: &'m Facts<'f>,
    job: &'m Job,
    siblings: &'m [&'m MatrixEntry],
    element: &'m str,
}

impl Model<'_, '_> {
    /// The lines of the new entry, the last without its line ending.
    fn text(&self) -> Option<String> {
        let model = self.siblings.last()?;
        let file = &*model.node.file;
        let lead = fixes::lead(file, model.node.span.start)?;
        let mut pairs = Vec::new();
        for key in self.keys() {
            pairs.push(format!("{key}{}{}", self.gap(&key), self.value(&key)?));
        }
        let Value::Map(_, form) = model.node.value else {
            return None;
        };
        if form == Form::Flow {
            let open = if file.text[model.node.span.start..].starts_with("{ ") { ("{ ", " }") } else { ("{", "}") };
            return Some(format!("{lead}{}{}{}", open.0, pairs.join(", "), open.1));
        }
        Some(format!(
            "{lead}{}",
            pairs.join(&format!("{}{:2$}", file.newline_at(model.node.span.start), "", lead.len()))
        ))
    }

    /// The keys that most siblings have, in the order of the last one.
    fn keys(&self) -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let mut keys: Vec<&str> = Vec::new();
        for entry in self.siblings.iter().rev() {
            for key in entry.node.as_map().unwrap_or_default().iter().filter_map(|(k, _)| k.as_str()) {
                *counts.entry(key).or_default() += 1;
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        let usual = |key: &&str| counts.get(key).is_some_and(|n| n * 2 > self.siblings.len());
        keys.into_iter().filter(usual).map(str::to_owned).collect()
    }

    /// The text between key and value.
    fn gap(&self, key: &str) -> &str {
        let pair = self.siblings.iter().rev().find_map(|e| e.node.pair(key));
        let gap = pair.and_then(|(k, v)| v.file.text.get(k.span.end..v.span.start));
        gap.filter(|gap| gap.trim() == ":" && !gap.contains('\n')).unwrap_or(": ")
    }

    /// The value of a key, as text of the file.
    fn value(&self, key: &str) -> Option<String> {
        let with_key: Vec<&MatrixEntry> = self.siblings.iter().copied().filter(|e| e.node.get(key).is_some()).collect();
        let last = with_key.last()?;
        let node = last.node.get(key)?;
        let raw = words::raw(node);
        if last.key.as_deref() == Some(key) {
            let word = last.words.first()?;
            let name = spelled(word, self.element, self.facts);
            // A block text would take the blank lines behind the entry for its own.
            let block = matches!(node.value, Value::Scalar(_, Style::Block));
            return Some(if block { name } else { raw.replace(&word.text, &name) });
        }
        if key == "group" {
            let manual = node.as_str().is_some_and(|name| policy_of_group(name) == Policy::Manual);
            let name = fixes::manual_name(self.job);
            return if manual { Some(raw.to_owned()) } else { Some(raw.replace(node.as_str()?, &name)) };
        }
        if last.flag().is_some_and(|(flag, _)| flag.span == node.span) {
            return Some(raw.replace(node.as_str()?, "false"));
        }
        let pattern = self.pattern(key, &with_key)?;
        let value = pattern.replace('\0', stem(self.element));
        if key == "branch" {
            let taken = self.facts.entries().filter_map(|(_, e)| e.node.get("branch")).any(|n| words::raw(n) == value);
            return (pattern.contains('\0') && !taken).then_some(value);
        }
        Some(value)
    }

    /// Returns the pattern of the values of most siblings, with `\0` for the element's short name.
    fn pattern(&self, key: &str, with_key: &[&MatrixEntry]) -> Option<String> {
        let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
        for (at, entry) in with_key.iter().enumerate() {
            let node = entry.node.get(key).filter(|n| fixes::inner(n).is_some())?;
            let raw = words::raw(node);
            let name = entry.elements().next().map(stem).unwrap_or_default();
            let seen = counts.entry(replace_word(raw, name)).or_default();
            *seen = (seen.0 + 1, at);
        }
        counts.into_iter().max_by_key(|(_, seen)| *seen).map(|(pattern, _)| pattern)
    }
}

/// The name of an element without folders and ending.
pub(crate) fn stem(element: &str) -> &str {
    let base = element.rsplit('/').next().unwrap_or(element);
    base.strip_suffix(".bst").unwrap_or(base)
}

/// Replaces a word where it is a whole word: not inside another word.
pub(crate) fn replace_word(text: &str, word: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    for (at, found) in text.match_indices(word).filter(|(_, w)| !w.is_empty()) {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !inside(text[..at].chars().next_back()) && !inside(text[at + found.len()..].chars().next()) {
            out.push_str(&text[from..at]);
            out.push('\0');
            from = at + found.len();
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Returns where the last text of a node is, line endings aside.
fn content_end(node: &Node) -> usize {
    let text = node.file.text.get(node.span.start..node.span.end).unwrap_or_default();
    node.span.start + text.trim_end().len()
}
