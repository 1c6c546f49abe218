//! The stack that brings the elements of a project: one more line in its `depends:`.

use super::{Change, State};
use crate::text::{Edit, SourceText, Span};
use crate::workflows::fixes;
use crate::yaml::splice;
use crate::yaml::{self, Form, Node, Value};
use std::sync::Arc;

/// Adds an element to a stack: where its name belongs when the list is sorted, else at the end.
pub(super) fn add(stack: Option<&Arc<SourceText>>, element: &str) -> State {
    let Some(file) = stack else {
        return State::Open("no stack was named".into());
    };
    let root = match yaml::parse_whole(file) {
        Ok(root) => root,
        Err(e) => return State::Open(e.to_string()),
    };
    let Some(Value::List(items, form)) = root.get("depends").map(|n| &n.value) else {
        return State::Open("its `depends:` is not a list".into());
    };
    if items.iter().any(|item| name_of(item) == Some(element)) {
        return State::Already;
    }
    let Some(edit) = line(file, items, *form, element) else {
        return State::Open("its `depends:` cannot be edited safely".into());
    };
    match splice::apply(file, &[edit]) {
        Ok(new) => State::Changed(Change { old: file.clone(), new }),
        Err(why) => State::Open(why.to_string()),
    }
}

/// The element that an item names: a text, or a mapping with `filename`.
fn name_of(item: &Node) -> Option<&str> {
    item.as_str().or_else(|| item.get_str("filename"))
}

fn line(file: &SourceText, items: &[Node], form: Form, element: &str) -> Option<Edit> {
    let last = items.last()?;
    let end = |item: &Node| item.span.start + file.text[item.span.start..item.span.end].trim_end().len();
    if form == Form::Flow {
        return Some(Edit { span: Span::new(end(last), end(last)), text: format!(", {element}") });
    }
    let names: Vec<Option<&str>> = items.iter().map(name_of).collect();
    let sorted = items.len() > 1 && names.windows(2).all(|pair| pair[0] <= pair[1]) && names[0].is_some();
    let before = if sorted { names.iter().take_while(|name| **name < Some(element)).count() } else { items.len() };
    let text = format!("{}{element}", fixes::lead(file, last.span.start)?);
    if before == 0 {
        let start = file.line_start(items[0].span.start);
        return Some(Edit { span: Span::new(start, start), text: format!("{text}{}", file.newline_at(start)) });
    }
    Some(fixes::add_line(file, end(&items[before - 1]), &text))
}
