//! Builds a tree with byte spans from the events of the YAML parser.

use super::characters::strange;
use super::lift::{self, Cuts};
use super::{Form, Node, Style, Value};
use crate::text::{Location, SourceText, Span};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashSet;
use std::sync::Arc;

/// The maximum nesting depth of collections. Real elements need six levels.
pub const MAX_DEPTH: usize = 64;

/// The maximum size of a file, in bytes. The largest real element has 1.5 MB.
pub const MAX_FILE: usize = 32 << 20;

/// The reason why BuildStream would not read a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The problem, as a lower-case fragment.
    pub message: String,
    /// The place.
    pub location: Location,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.location, self.message)
    }
}

impl std::error::Error for Error {}

/// Reads a file. Crate lists in the writer's own plain form stay text until they are needed.
///
/// # Errors
/// When the text is not one YAML document of the kind that BuildStream reads.
pub fn parse(file: &Arc<SourceText>) -> Result<Node, Error> {
    let cuts = lift::cuts(&file.text);
    if !cuts.is_empty()
        && let Ok((tree, claimed)) = Builder::read(file, &cuts)
        && claimed == cuts.len()
    {
        return Ok(tree);
    }
    parse_whole(file)
}

/// Reads a file, crate lists included.
///
/// # Errors
/// As [`parse`].
pub fn parse_whole(file: &Arc<SourceText>) -> Result<Node, Error> {
    Builder::read(file, &Cuts::default()).map(|(tree, _)| tree)
}

/// A collection that is being read.
struct Open {
    form: Form,
    start: usize,
    end: usize,
    items: Vec<Node>,
    keys: Option<HashSet<Box<str>>>,
}

/// Builds the tree from the events, with its own stack.
struct Builder<'a> {
    file: &'a Arc<SourceText>,
    cuts: &'a Cuts,
    text: &'a str,
    chars: Option<Vec<u32>>,
    open: Vec<Open>,
    root: Option<Node>,
    claimed: usize,
}

impl<'a> Builder<'a> {
    fn read(file: &'a Arc<SourceText>, cuts: &'a Cuts) -> Result<(Node, usize), Error> {
        if file.text.len() > MAX_FILE {
            let message = format!("the file has {} bytes; more than {MAX_FILE} are not read", file.text.len());
            return Err(Error { message, location: Location::file(&file.path) });
        }
        if let Some((span, message)) = strange(&file.text) {
            return Err(Error { message: message.to_owned(), location: file.locate(span) });
        }
        let reduced = cuts.reduce(&file.text);
        let bom = if reduced.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = &reduced[bom..];
        let chars = (!text.is_ascii()).then(|| char_table(text));
        let mut builder = Builder { file, cuts, text, chars, open: Vec::new(), root: None, claimed: 0 };
        builder.run(bom)?;
        let claimed = builder.claimed;
        Ok((builder.root.unwrap_or_else(|| Node::empty_map(file)), claimed))
    }

    fn run(&mut self, bom: usize) -> Result<(), Error> {
        let text = self.text;
        let mut parser = Parser::new_from_str(text);
        while let Some(next) = parser.next_event() {
            let (event, span) = next.map_err(|e| {
                let at = self.byte(e.marker().index()) + bom;
                self.error(e.info(), Span::new(at, at + 1))
            })?;
            let span = Span::new(self.byte(span.start.index()) + bom, self.byte(span.end.index()) + bom);
            self.event(event, span, bom)?;
            self.check_keys()?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, span: Span, bom: usize) -> Result<(), Error> {
        match event {
            Event::Alias(_) => Err(self.error("aliases are not read by BuildStream", span)),
            Event::Scalar(_, _, anchor, ref tag)
            | Event::SequenceStart(anchor, ref tag)
            | Event::MappingStart(anchor, ref tag)
                if anchor != 0 || tag.is_some() =>
            {
                Err(self.error("anchors and tags are not read by BuildStream", span))
            }
            Event::Scalar(ref text, ScalarStyle::Plain, ..)
                if text.starts_with(['?', ':']) && self.open.iter().any(|open| open.form == Form::Flow) =>
            {
                Err(self.error("`?` or `:` begins this text in brackets, which BuildStream takes for a sign", span))
            }
            Event::DocumentStart(_) if self.root.is_some() => Err(self.error("a second document begins here", span)),
            Event::Scalar(text, style, ..) => {
                let style = match style {
                    ScalarStyle::Plain if text.is_empty() || span.start == span.end => Style::Empty,
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let text = if style == Style::Empty { "".into() } else { text.into() };
                self.leaf(text, style, span)
            }
            Event::SequenceStart(..) => self.begin(span, bom, false),
            Event::MappingStart(..) => self.begin(span, bom, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, span: Span, bom: usize, map: bool) -> Result<(), Error> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.error("collections nest too deeply", span));
        }
        let first = self.text.as_bytes().get(span.start - bom);
        let flow = span.end > span.start && matches!(first, Some(b'[' | b'{'));
        let form = if flow { Form::Flow } else { Form::Block };
        let keys = map.then(HashSet::new);
        let end = self.cuts.to_original(span.start);
        self.open.push(Open { form, start: span.start, end, items: Vec::new(), keys });
        Ok(())
    }

    fn leaf(&mut self, text: Box<str>, style: Style, span: Span) -> Result<(), Error> {
        let cut = (style == Style::Empty).then(|| self.cut_of_value()).flatten();
        let node = if let Some(cut) = cut {
            self.claimed += 1;
            let lines = self.cuts.original(cut);
            Node { value: Value::Lifted(self.cuts.lifted(cut)), span: lines, file: self.file.clone() }
        } else {
            let span = self.widen(style, span);
            Node { value: Value::Scalar(text, style), span: self.original(span), file: self.file.clone() }
        };
        self.add(node)
    }

    /// Finds the end of a quoted scalar's own quotes. The parser's mark can lie behind a comment.
    fn quotes(&self, span: Span) -> Span {
        let from = self.file.text.len() - self.file.text.trim_start_matches('\u{feff}').len();
        let bytes = self.text.as_bytes();
        let start = span.start - from.min(span.start);
        let quote = bytes.get(start).copied().unwrap_or_default();
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if quote == b'"' => at += 1,
                byte if *byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
                byte if *byte == quote => return Span::new(span.start, at + 1 + span.start - start),
                _ => {}
            }
            at += 1;
        }
        span
    }

    /// A block scalar's span leaves its `|` header out: take the header's line in.
    fn widen(&self, style: Style, span: Span) -> Span {
        if style == Style::Quoted {
            return self.quotes(span);
        }
        if style != Style::Block {
            return span;
        }
        let from =
            self.open.last().and_then(|open| open.items.last()).map_or(0, |key| self.cuts.to_reduced(key.span.end));
        let from = from.min(span.start);
        let header = self.file_reduced_find(from, span.start);
        Span::new(header.unwrap_or(span.start), span.end)
    }

    /// Finds a `|` or `>` between two places of the reduced text.
    fn file_reduced_find(&self, from: usize, to: usize) -> Option<usize> {
        let bom = self.file.text.len().saturating_sub(self.file.text.trim_start_matches('\u{feff}').len());
        let slice = self.text.get(from.saturating_sub(bom)..to.saturating_sub(bom))?;
        slice.rfind(['|', '>']).map(|at| at + from)
    }

    /// The crate list that was cut out in place of this key's value.
    fn cut_of_value(&self) -> Option<usize> {
        let open = self.open.last()?;
        let key = open.items.last().filter(|_| open.keys.is_some() && open.items.len() % 2 == 1)?;
        (open.form == Form::Block && key.as_str() == Some("ref")).then(|| self.cuts.after_key(key.span.end))?
    }

    /// One past the bracket that closes a collection. The parser's own mark can lie behind a comment.
    fn closing(&self, start: usize, last: usize) -> usize {
        let bytes = self.file.text.as_bytes();
        let mut at = last.max(start + 1);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b']' | b'}' => return at + 1,
                b'#' => at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at),
                _ => at += 1,
            }
        }
        at
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let end =
            if open.form == Form::Flow { self.closing(self.cuts.to_original(open.start), open.end) } else { open.end };
        let start = match (open.form, open.items.first()) {
            (Form::Block, Some(first)) => first.span.start,
            _ => self.cuts.to_original(open.start),
        };
        let value = if open.keys.is_some() {
            let mut pairs = Vec::with_capacity(open.items.len() / 2);
            let mut items = open.items.into_iter();
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                pairs.push((key, value));
            }
            Value::Map(pairs, open.form)
        } else {
            Value::List(open.items, open.form)
        };
        self.add(Node { value, span: Span::new(start, end.max(start)), file: self.file.clone() })
    }

    fn add(&mut self, node: Node) -> Result<(), Error> {
        let Some(parent) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        if !node.is_empty_scalar() {
            parent.end = parent.end.max(node.span.end);
        }
        parent.items.push(node);
        Ok(())
    }

    /// Keys are scalars and unique in their mapping.
    fn check_keys(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        let Some(keys) = &mut open.keys else {
            return Ok(());
        };
        if open.items.len() % 2 == 0 {
            return Ok(());
        }
        let Some(key) = open.items.last() else {
            return Ok(());
        };
        let span = key.span;
        match key.as_str() {
            None => Err(self.error("a key that is not text", span)),
            Some(text) if keys.len() * 2 == open.items.len() - 1 => {
                let message = format!("the key `{}` is defined twice in this mapping", text.escape_debug());
                if keys.insert(text.into()) { Ok(()) } else { Err(self.error(&message, span)) }
            }
            Some(_) => Ok(()),
        }
    }

    /// The byte of a character index.
    fn byte(&self, index: usize) -> usize {
        match &self.chars {
            None => index.min(self.text.len()),
            Some(table) => table.get(index).map_or(self.text.len(), |at| *at as usize),
        }
    }

    /// An error at a place of the reduced text.
    fn error(&self, message: &str, span: Span) -> Error {
        Error { message: message.to_owned(), location: self.file.locate(self.original(span)) }
    }

    /// Maps a span of the reduced text to the original. One of no length behind a list does not end before it.
    fn original(&self, span: Span) -> Span {
        let start = self.cuts.to_original(span.start);
        Span::new(start, self.cuts.to_original_end(span.end).max(start))
    }
}

/// The byte at which each character begins.
#[allow(clippy::cast_possible_truncation, reason = "files are bounded by MAX_FILE")]
fn char_table(text: &str) -> Vec<u32> {
    text.char_indices().map(|(at, _)| at as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Arc<SourceText> {
        Arc::new(SourceText::new("a.bst", text))
    }

    fn error(text: &str) -> String {
        parse(&file(text)).unwrap_err().to_string()
    }

    /// The raw text of every scalar, in order.
    fn scalars(node: &Node, out: &mut Vec<String>) {
        match &node.value {
            Value::Scalar(..) => out.push(node.file.text[node.span.start..node.span.end].to_owned()),
            Value::List(items, _) => items.iter().for_each(|n| scalars(n, out)),
            Value::Map(pairs, _) => pairs.iter().for_each(|(k, v)| {
                scalars(k, out);
                scalars(v, out);
            }),
            Value::Lifted(_) => out.push(node.lifted_text().to_owned()),
        }
    }

    #[test]
    fn spans_are_the_raw_text_of_each_scalar() {
        let file = file("\u{feff}ä: 'quoted '' é' # c\nb: [1.10, \"x\"]\nc: |\n  block\nd:\n- plain # comment\n");
        let mut out = Vec::new();
        scalars(&parse(&file).unwrap(), &mut out);
        assert_eq!(out, ["ä", "'quoted '' é'", "b", "1.10", "\"x\"", "c", "|\n  block\n", "d", "plain"]);
    }

    #[test]
    fn scalars_are_text_whatever_they_look_like() {
        let tree = parse(&file("a: 0.20\nb: null\nc: 0123\nd:\n")).unwrap();
        assert_eq!(["a", "b", "c", "d"].map(|k| tree.get_str(k).unwrap()), ["0.20", "null", "0123", ""]);
        assert!(tree.get("d").unwrap().is_empty_scalar() && !tree.get("b").unwrap().is_empty_scalar());
    }

    #[test]
    fn what_buildstream_refuses_is_refused_with_its_place() {
        assert_eq!(error("a: 1\nb: 2\na: 3\n"), "a.bst:3:1: the key `a` is defined twice in this mapping");
        assert_eq!(error("a: &x 1\n"), "a.bst:1:4: anchors and tags are not read by BuildStream");
        assert_eq!(error("a: 1\n---\nb: 2\n"), "a.bst:2:1: a second document begins here");
        assert!(error("a:\n\t- b\n").starts_with("a.bst:2:"));
        assert!(error("url: crates:\n  x: 1\n").starts_with("a.bst:1:"));
    }

    #[test]
    fn deep_nesting_is_an_error_and_nothing_worse() {
        let block: String = (0..3000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        assert!(error(&block).contains("nest too deeply"));
        assert!(error(&"[".repeat(100_000)).contains("a.bst:1:"));
    }

    #[test]
    fn what_is_empty_behind_a_lifted_list_is_there_and_nowhere_before() {
        let list = "  - kind: registry\n    name: a\n    version: 0.0.0\n    sha: ab\n";
        let text = format!("a:\n- kind: cargo2\n  ref:\n{list}: x\n");
        let spans = [parse(&file(&text)), parse_whole(&file(&text))]
            .map(|tree| tree.unwrap().as_map().unwrap().iter().map(|(key, _)| key.span).collect::<Vec<_>>());
        assert_eq!(spans[0], spans[1]);
    }

    #[test]
    fn an_empty_file_is_an_empty_mapping() {
        assert!(parse(&file("# nothing\n")).unwrap().as_map().unwrap().is_empty());
    }
}
