//! The elements that an entry names: one, several in a text or a list, folders, patterns.

use super::script::matches;
use crate::text::Span;
use crate::yaml::{Node, Style, Value};

/// The meaning of a word of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An element, by the name that BuildStream uses.
    Element(String),
    /// The elements in a folder below the element path; empty for that path itself.
    Folder(String),
    /// A pattern of the shell.
    Pattern(String),
    /// It is only known when the workflow runs.
    Dynamic,
}

/// A word of an entry, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its meaning.
    pub target: Target,
    /// Its text without quotes.
    pub text: String,
    /// Where that text is.
    pub span: Span,
}

impl Word {
    /// Returns whether it brings this element. `deep`: folders count with all that is below them.
    #[must_use]
    pub fn brings(&self, element: &str, deep: bool) -> bool {
        match &self.target {
            Target::Element(name) => name == element,
            Target::Folder(folder) if deep && folder.is_empty() => true,
            Target::Folder(folder) => {
                let parent = element.rsplit_once('/').map_or("", |(parent, _)| parent);
                parent == folder || (deep && parent.strip_prefix(folder.as_str()).is_some_and(|r| r.starts_with('/')))
            }
            Target::Pattern(pattern) => {
                matches(element, pattern) && (deep || element.matches('/').count() == pattern.matches('/').count())
            }
            Target::Dynamic => false,
        }
    }
}

/// The words of a value.
#[must_use]
pub(crate) fn read(value: &Node, element_path: &str) -> Vec<Word> {
    match &value.value {
        Value::List(items, _) => {
            items.iter().filter(|n| n.as_str().is_some()).flat_map(|n| read(n, element_path)).collect()
        }
        Value::Scalar(_, style) => scalar(value, *style, element_path),
        _ => Vec::new(),
    }
}

/// The text of a scalar as it is written in the file: with its quotes, without the comment behind it.
#[must_use]
pub(crate) fn raw(node: &Node) -> &str {
    node.file.text.get(node.span.start..node.span.end).unwrap_or_default()
}

fn scalar(node: &Node, style: Style, element_path: &str) -> Vec<Word> {
    let raw = raw(node);
    if raw.contains("${{") {
        return vec![Word { target: Target::Dynamic, text: raw.to_owned(), span: node.span }];
    }
    // The header of a block scalar is no word.
    let from = if style == Style::Block { raw.find('\n').unwrap_or(raw.len()) } else { 0 };
    let quotes: &[char] = if style == Style::Quoted { &['\'', '"'] } else { &[] };
    let mut out = Vec::new();
    let mut at = from;
    for piece in raw[from..].split(char::is_whitespace) {
        let text = piece.trim_matches(quotes);
        let start = node.span.start + at + (piece.len() - piece.trim_start_matches(quotes).len());
        at += piece.len() + raw[at + piece.len()..].chars().next().map_or(0, char::len_utf8);
        if !text.is_empty() {
            out.push(Word {
                target: target(text, element_path),
                text: text.to_owned(),
                span: Span::new(start, start + text.len()),
            });
        }
    }
    out
}

/// Returns the meaning of a word. It may begin with the element path or not.
#[must_use]
pub(crate) fn target(text: &str, element_path: &str) -> Target {
    if text.contains('$') {
        return Target::Dynamic;
    }
    let text = text.trim_start_matches("./");
    let below = |t: &str| if element_path.is_empty() { None } else { t.strip_prefix(element_path).map(str::to_owned) };
    let name = match below(text) {
        Some(rest) if rest.is_empty() => String::new(),
        Some(rest) if rest.starts_with('/') => rest.trim_start_matches('/').to_owned(),
        _ => text.to_owned(),
    };
    if name.contains(['*', '?']) {
        Target::Pattern(name)
    } else if name.ends_with(".bst") {
        Target::Element(name)
    } else {
        Target::Folder(name.trim_end_matches('/').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;
    use std::sync::Arc;

    /// The words of `v`, as their target and the bytes of their span.
    fn words(text: &str) -> Vec<String> {
        let file = Arc::new(SourceText::new("w.yml", text));
        let root = crate::yaml::parse_whole(&file).unwrap();
        let show = |w: Word| format!("{:?} {}", w.target, &file.text[w.span.start..w.span.end]);
        read(root.get("v").unwrap(), "elements").into_iter().map(show).collect()
    }

    #[test]
    fn every_way_to_write_elements_is_read_with_its_place() {
        let both = ["Element(\"a/b.bst\") a/b.bst", "Element(\"c.bst\") elements/c.bst"];
        for text in [
            "v: a/b.bst elements/c.bst\n",
            "v: \"a/b.bst elements/c.bst\"\n",
            "v: 'a/b.bst   elements/c.bst' # d.bst\n",
            "v: >-\n  a/b.bst\n  elements/c.bst\n",
            "v: |\n  a/b.bst\n\n  elements/c.bst\nw: x\n",
            "v: [a/b.bst, 'elements/c.bst']\n",
            "v:\n- a/b.bst\n- elements/c.bst\n",
            "v: >-\r\n  a/b.bst\r\n  elements/c.bst\r\n",
        ] {
            assert_eq!(words(text), both, "{text}");
        }
    }

    #[test]
    fn a_quoted_text_ends_at_its_own_quote() {
        for text in [r"'a\'", r#""a\" b""#, "'it''s'", r#""a\\""#] {
            let file = Arc::new(SourceText::new("w.yml", format!("v: {text} # 'b\"\n")));
            assert_eq!(raw(crate::yaml::parse_whole(&file).unwrap().get("v").unwrap()), text);
        }
    }

    #[test]
    fn folders_and_patterns_bring_what_is_in_them() {
        let brings = |word: &str, element: &str, deep| {
            let target = target(word, "elements");
            Word { target, text: String::new(), span: Span::default() }.brings(element, deep)
        };
        assert!(brings("elements/core", "core/a.bst", false) && brings("core/", "core/a.bst", false));
        assert!(!brings("elements/core", "core/x/a.bst", false) && brings("elements/core", "core/x/a.bst", true));
        assert!(!brings("elements/core", "core-deps/a.bst", true));
        assert!(brings("elements", "a.bst", false) && !brings("elements", "x/a.bst", false));
        assert!(brings("core/*.bst", "core/a.bst", false) && !brings("core/*.bst", "core/x/a.bst", false));
        assert_eq!(words("v: ${{ inputs.element }}\n"), ["Dynamic ${{ inputs.element }}"]);
    }
}
