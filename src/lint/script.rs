//! The commands of an element as text that the shell reader reads, with the way back to the file.

use super::names::{Names, find};
use crate::shell::{self, Part, Shell, Word};
use crate::text::{Location, SourceText, Span};
use crate::yaml::{Node, Style, Value};
use std::sync::Arc;

/// The number of commands of one element that are looked at.
const MAX_SCRIPTS: usize = 2000;

/// One command of an element: an entry of `build-commands` and the like.
#[derive(Clone, Debug)]
pub struct Script {
    /// The key under `config`, as `build-commands`.
    pub key: String,
    /// The text with its variables replaced.
    pub text: String,
    /// The text as the shell would take it.
    pub shell: Shell,
    node: Node,
    pieces: Vec<Piece>,
}

/// A part of the expanded text, and where it comes from.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it begins in the expanded text. It ends where the next begins.
    from: usize,
    /// The bytes of the file. They are the same bytes when `verbatim`.
    place: Span,
    verbatim: bool,
}

impl Script {
    /// Reads one command.
    #[must_use]
    pub fn read(key: &str, node: &Node, names: &Names) -> Self {
        let mut text = String::new();
        let mut pieces = Vec::new();
        let decoded = node.as_str().unwrap_or_default();
        for (line, place) in lines(node, decoded) {
            let mut at = 0;
            while at < line.len() {
                let (from, to) = find(&line[at..]).map_or((line.len(), line.len()), |(f, t)| (at + f, at + t));
                let mut piece = |from: usize, to: usize, value: &str| {
                    if value.is_empty() {
                        return;
                    }
                    let same = value == &line[from..to];
                    let span = place.map_or(node.span, |start| Span::new(start + from, start + to));
                    pieces.push(Piece { from: text.len(), place: span, verbatim: same && place.is_some() });
                    text.push_str(value);
                };
                piece(at, from, &line[at..from]);
                piece(from, to, &names.expand(&line[from..to]));
                at = to;
            }
        }
        let shell = shell::read(&text);
        Self { key: key.to_owned(), text, shell, node: node.clone(), pieces }
    }

    /// The place of a part of the text in its file.
    #[must_use]
    pub fn location(&self, span: Span) -> Location {
        let place = match self.piece(span.start) {
            Some((piece, end)) if piece.verbatim => {
                let start = piece.place.start + (span.start - piece.from);
                Span::new(start, start + span.end.min(end).saturating_sub(span.start))
            }
            Some((piece, _)) => piece.place,
            None => self.node.span,
        };
        self.node.file.locate(place)
    }

    /// Returns where in the file something could be written behind `at`. None where the text comes from a variable, or is
    /// written in a way that is not byte by byte in the file.
    #[must_use]
    pub fn insertion(&self, at: usize) -> Option<usize> {
        let (piece, _) = self.piece(at.checked_sub(1)?)?;
        piece.verbatim.then(|| piece.place.start + (at - piece.from))
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Arc<SourceText> {
        &self.node.file
    }

    /// The scalar.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    fn piece(&self, at: usize) -> Option<(Piece, usize)> {
        let index = self.pieces.partition_point(|piece| piece.from <= at).checked_sub(1)?;
        let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.from);
        Some((self.pieces[index], end))
    }
}

/// Returns whether the shell, or a variable of BuildStream that is not known, could make other words of a word.
#[must_use]
pub(crate) fn could_be_words(word: &Word) -> bool {
    // Quotes that open a word leave an empty text there.
    let begin = word.parts.iter().find(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    let splits = match begin {
        Some(Part::Variable { name, quoted }) => !quoted || name == "@",
        Some(Part::Opaque { raw, quoted }) => !quoted || raw.contains("[@]"),
        Some(Part::Text(text)) => text.starts_with("%{"),
        None => false,
    };
    splits || (word.pattern && word.head().starts_with('{'))
}

/// A scalar's text in lines with their line ends, and where each begins in the file when it is there as it is.
fn lines<'a>(node: &Node, decoded: &'a str) -> Vec<(&'a str, Option<usize>)> {
    let raw = &node.file.text[node.span.start..node.span.end];
    let style = match &node.value {
        Value::Scalar(_, style) => *style,
        _ => Style::Empty,
    };
    let quote = usize::from(style == Style::Quoted);
    let inner = raw.get(quote..raw.len().saturating_sub(quote)).unwrap_or_default();
    if style != Style::Block {
        return vec![(decoded, (inner == decoded).then_some(node.span.start + quote))];
    }
    let mut at = raw.find('\n').map_or(raw.len(), |at| at + 1);
    let mut out = Vec::new();
    for line in decoded.split_inclusive('\n') {
        let rest = &raw[at.min(raw.len())..];
        let there = rest.split_inclusive('\n').next().unwrap_or_default();
        let body = line.trim_end_matches('\n');
        let place = there.trim_end_matches(['\r', '\n']).strip_suffix(body).filter(|head| head.trim().is_empty());
        out.push((line, place.map(|head| node.span.start + at + head.len())));
        at += there.len();
    }
    out
}

/// The commands in `config`, in the order in which BuildStream runs them as far as the names show, and the keys that
/// replace what the element's kind would run.
#[must_use]
pub(crate) fn scripts(root: &Node, names: &Names) -> (Vec<Script>, Vec<String>) {
    let mut scripts = Vec::new();
    let mut replaced = Vec::new();
    let config = root.get("config").and_then(Node::as_map).unwrap_or_default();
    for (key, value) in config {
        let Some(key) = key.as_str().filter(|key| key.ends_with("commands")) else { continue };
        let lists = match &value.value {
            Value::List(items, _) => {
                replaced.push(key.to_owned());
                vec![items.as_slice()]
            }
            _ => ["(<)", "(=)", "(>)"].iter().filter_map(|part| value.get(part)?.as_list()).collect(),
        };
        if value.get("(=)").is_some() {
            replaced.push(key.to_owned());
        }
        let texts = lists.into_iter().flatten().filter(|node| node.as_str().is_some());
        scripts.extend(texts.take(MAX_SCRIPTS).map(|node| Script::read(key, node, names)));
    }
    let order = |script: &Script| {
        ["configure-commands", "build-commands", "install-commands"].iter().position(|k| *k == script.key)
    };
    scripts.sort_by_key(|script| order(script).unwrap_or(3));
    (scripts, replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    /// The places of a word in every command that has it.
    fn places(text: &str, word: &str) -> Vec<String> {
        let file = Arc::new(SourceText::new("a.bst", text));
        let root = yaml::parse(&file).unwrap();
        let (scripts, _) = scripts(&root, &Names::default());
        let place = |script: &Script| {
            let at = script.text.find(word)?;
            let place = script.location(Span::new(at, at + word.len()));
            Some(format!("{}:{} {}", place.line, place.column, script.insertion(at + word.len()).is_some()))
        };
        scripts.iter().filter_map(place).collect()
    }

    #[test]
    fn words_are_found_in_every_style() {
        let plain = "config:\n  build-commands:\n  - make it\n  - 'a make'\n  - \"b\\tmake\"\n";
        assert_eq!(places(plain, "make"), ["3:5 true", "4:8 true", "5:5 false"]);
        let block =
            "config:\n  build-commands:\n  - |\n    x\n\n      y make\n  - |2-\n      z\r\n  - >\n    a\n    make\n";
        assert_eq!(places(block, "make"), ["6:9 true", "9:5 false"]);
    }

    #[test]
    fn commands_of_list_directives_are_commands_but_do_not_replace() {
        let text =
            "config:\n  build-commands:\n    (<):\n    - a\n    (>): [b]\n  install-commands:\n  - c\n  layout: [d]\n";
        let root = yaml::parse(&Arc::new(SourceText::new("a.bst", text))).unwrap();
        let (scripts, replaced) = scripts(&root, &Names::default());
        let all: Vec<&str> = scripts.iter().map(|s| s.text.as_str()).collect();
        assert_eq!((all, replaced), (vec!["a", "b", "c"], vec!["install-commands".to_owned()]));
    }
}
