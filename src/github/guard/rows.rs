//! The third proof: two versions of a tracker that differ in nothing but rows of elements that are not Rust.

use super::compare::{self, is_typed};
use super::rights::scalars;
use crate::finding::read::Read;
use crate::github::content::Side;
use crate::github::tree::Item;
use crate::yaml::{Form, Node, Value};
use std::collections::BTreeMap;

/// The key that names the element of a row.
const ELEMENT: &str = "element";

/// The keys whose values may have the element's name in them, where those of other rows have theirs.
const DERIVED: [&str; 4] = ["branch", "group", "name", "title"];

/// A row: its keys with their values, and whether each could be a number or truth value.
type Row = BTreeMap<String, (String, bool)>;

/// Returns why rows that differ are not known to be those of elements that are not Rust. None where something else differs.
///
/// What a row says becomes a part of commands. So a row must say what a row that both versions have says, with another element
/// in it: the same keys, and the same values but for the element's name.
pub(super) fn only(sides: [&Side<'_>; 2], before: &Node, after: &Node) -> Option<Result<(), String>> {
    let (mut first, mut second) = (Lists::default(), Lists::default());
    let (before, after) = (first.take(before, &mut Vec::new()), second.take(after, &mut Vec::new()));
    if first.rows.keys().ne(second.rows.keys()) || first.options.keys().ne(second.options.keys()) {
        return None;
    }
    if !compare::pins(&before, &after).is_ok_and(|moves| moves.is_empty()) {
        return None;
    }
    Some(first.differences(&second, sides, &after))
}

/// The lists in which versions may differ, by their places.
#[derive(Default)]
struct Lists {
    rows: BTreeMap<String, Vec<Node>>,
    options: BTreeMap<String, Vec<Node>>,
}

impl Lists {
    /// The tree without its rows and options, which are kept here.
    fn take(&mut self, node: &Node, path: &mut Vec<String>) -> Node {
        let Value::Map(pairs, form) = &node.value else { return node.clone() };
        let mut out = Vec::new();
        for (key, value) in pairs {
            path.push(key.as_str().unwrap_or("?").to_owned());
            let value = match self.list(node, path, value) {
                Some(list) => {
                    list.insert(path.join("\n"), value.as_list().unwrap_or_default().to_vec());
                    Node { value: Value::List(Vec::new(), Form::Block), span: value.span, file: value.file.clone() }
                }
                None => self.take(value, path),
            };
            path.pop();
            out.push((key.clone(), value));
        }
        Node { value: Value::Map(out, *form), span: node.span, file: node.file.clone() }
    }

    /// Where a list belongs: rows of a matrix that has nothing else, or the options of a choice.
    fn list(&mut self, parent: &Node, path: &[String], value: &Node) -> Option<&mut BTreeMap<String, Vec<Node>>> {
        value.as_list()?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            // With other keys beside it, a row is added to the combinations of these.
            ["jobs", _, "strategy", "matrix", "include"] if parent.as_map()?.len() == 1 => Some(&mut self.rows),
            ["on", "workflow_dispatch", "inputs", _, "options"] if parent.get_str("type") == Some("choice") => {
                Some(&mut self.options)
            }
            _ => None,
        }
    }

    fn differences(&self, other: &Self, sides: [&Side<'_>; 2], root: &Node) -> Result<(), String> {
        if scalars(root).iter().any(|(_, text)| text.to_ascii_lowercase().contains("cargo2-bot")) {
            return Err("it names cargo2-bot".into());
        }
        for (before, after) in self.options.values().zip(other.options.values()) {
            let differ = |node: &&Node, all: &[Node]| !all.iter().any(|other| other.same_value(node));
            let mut changed = before.iter().filter(|node| differ(node, after));
            let mut new = after.iter().filter(|node| differ(node, before));
            if changed.any(|node| !is_plain(node)) || new.any(|node| !is_plain(node)) {
                return Err("one of its options is no plain word".into());
            }
        }
        for (before, after) in self.rows.values().zip(other.rows.values()) {
            let [before, after] = [before, after].map(|rows| rows.iter().map(row).collect::<Option<Vec<_>>>());
            let (Some(before), Some(after)) = (before, after) else {
                return Err("a row of its matrix is no plain mapping".into());
            };
            let (gone, kept) = without(&before, &after);
            let (new, _) = without(&after, &before);
            gone.into_iter().chain(new).try_for_each(|row| check(row, &kept, sides))?;
        }
        Ok(())
    }
}

fn is_plain(node: &Node) -> bool {
    node.as_str().is_some_and(is_word)
}

/// Returns whether a text is one word to every shell and language, and no option.
fn is_word(text: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(sign)
}

/// The values of a row. None where one of them is no scalar.
fn row(node: &Node) -> Option<Row> {
    let pair = |(key, value): &(Node, Node)| match &value.value {
        Value::Scalar(text, style) => Some((key.as_str()?.to_owned(), (text.to_string(), is_typed(*style)))),
        _ => None,
    };
    node.as_map()?.iter().map(pair).collect()
}

/// The rows that are not among others as often, and the rest.
fn without<'a>(rows: &'a [Row], others: &[Row]) -> (Vec<&'a Row>, Vec<&'a Row>) {
    let mut left: Vec<&Row> = others.iter().collect();
    rows.iter().partition(|row| match left.iter().position(|other| other == row) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    })
}

/// Checks a row that differs against those that both versions have.
fn check(row: &Row, kept: &[&Row], sides: [&Side<'_>; 2]) -> Result<(), String> {
    let (element, _) = row.get(ELEMENT).ok_or("a row of its matrix names no element")?;
    let name = stem(element).ok_or("the element of a row is no plain name")?;
    for (key, value) in row.iter().filter(|(key, _)| *key != ELEMENT) {
        if value.0.contains("${{") || !kept.iter().any(|other| is_like(key, value, name, other)) {
            let value: String = value.0.chars().take(80).collect();
            return Err(format!("no other row has such a value of `{key}` as `{}`", value.escape_debug()));
        }
    }
    let whole = |other: &&Row| other.keys().eq(row.keys());
    if !kept.iter().any(whole) {
        return Err(format!("no other row has the keys of that of `{element}`"));
    }
    sides.iter().try_for_each(|side| is_not_rust(side, element))
}

/// Returns whether a value is that of another row, or that with the name of this row's element in the place of the other's.
fn is_like(key: &str, value: &(String, bool), name: &str, other: &Row) -> bool {
    let Some(known) = other.get(key).filter(|known| known.1 == value.1) else { return false };
    // The branch of another row belongs to that row, and one that is called like the element alone could be any other branch.
    let is_branch = key == "branch";
    if (known == value && !is_branch) || (matches!(key, "group" | "name") && value.0 == name) {
        return true;
    }
    let Some(from) = other.get(ELEMENT).and_then(|(element, _)| stem(element)) else { return false };
    let last = known.0.rsplit_once(from).map(|(before, after)| format!("{before}{name}{after}"));
    DERIVED.contains(&key)
        && !(is_branch && value.0 == name)
        && last.is_some_and(|last| last == value.0 || known.0.replace(from, name) == value.0)
}

/// The name of an element without its folders and its end. None where a shell or file system could read the path otherwise.
fn stem(element: &str) -> Option<&str> {
    element.split('/').all(is_word).then_some(())?;
    element.rsplit('/').next()?.strip_suffix(".bst").filter(|stem| !stem.is_empty())
}

/// Proves that no element that a tracker could mean by a name is a Rust element. The tracker may put a folder before it.
fn is_not_rust(side: &Side<'_>, name: &str) -> Result<(), String> {
    let doubt = |why: &str| Err(format!("`{name}` may be a Rust element: {why}"));
    let mut proven = Vec::new();
    for (folder, snapshot) in side.projects {
        let snapshot = match snapshot {
            Read::Known(snapshot) => snapshot,
            Read::Absent => continue,
            Read::Unreadable(_) => return doubt("a project could not be read"),
        };
        let is_rust = |element: &str| snapshot.inputs.elements.contains_key(element);
        let others = snapshot.elements.iter().filter(|element| element.parsed.is_ok() && !is_rust(&element.name));
        let slash = if folder.is_empty() { "" } else { "/" };
        proven.extend(others.map(|element| format!("{folder}{slash}{}", element.path)));
    }
    let ends = |path: &str, end: &str| {
        path.len().checked_sub(end.len()).is_some_and(|at| {
            path.is_char_boundary(at) && path[at..].eq_ignore_ascii_case(end) && (at == 0 || path[..at].ends_with('/'))
        })
    };
    let folders: Vec<&str> = name.match_indices('/').map(|(at, _)| &name[..at]).collect();
    for (path, item) in side.files.iter() {
        if ends(path, name) && !proven.iter().any(|known| known == path) {
            return doubt("it is, or is not known");
        }
        let leads = matches!(item.mode, Item::LINK | Item::SUBMODULE);
        if leads && folders.iter().any(|folder| ends(path, folder)) {
            return doubt("a link is on the way to it");
        }
    }
    Ok(())
}
