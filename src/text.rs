//! A file's text with its name: byte spans become lines and columns here, and nowhere else.

use std::sync::Arc;

/// A range of bytes in a [`SourceText`], end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A text file of the checkout, under the name that users know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The path below the project folder, with `/`.
    pub path: Arc<str>,
    /// The whole text, a byte order mark included.
    pub text: Arc<str>,
}

/// A place in a file, self-contained: the line's text is part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The path below the project folder, with `/`.
    pub path: Arc<str>,
    /// The line, from 1. 0 where the whole file is meant.
    pub line: usize,
    /// The column in characters, from 1. 0 where the whole line or file is meant.
    pub column: usize,
    /// The line itself, without its line ending, cut at [`EXCERPT_LIMIT`] bytes.
    pub excerpt: String,
    /// The marked bytes of the excerpt.
    pub mark: Span,
}

/// How many bytes of a line are shown. A generated lock can be one line of 100 KB.
pub const EXCERPT_LIMIT: usize = 400;

impl Location {
    /// A place that is the whole file.
    #[must_use]
    pub fn file(path: &str) -> Self {
        Self { path: path.into(), line: 0, column: 0, excerpt: String::new(), mark: Span::default() }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.path),
            (line, 0) => write!(f, "{}:{line}", self.path),
            (line, column) => write!(f, "{}:{line}:{column}", self.path),
        }
    }
}

impl SourceText {
    /// Names a text.
    #[must_use]
    pub fn new(path: &str, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// The place of `span`, shown by its first line.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location {
        let text = &*self.text;
        let start = floor_char(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let full = text[line_start..line_end].trim_end_matches('\r');
        let line = text[..line_start].bytes().filter(|b| *b == b'\n').count() + 1;
        let shown = &full[..floor_char(full, EXCERPT_LIMIT)];
        let from = (start - line_start).min(shown.len());
        let to = floor_char(shown, span.end.saturating_sub(line_start)).max(from);
        Location {
            path: self.path.clone(),
            line,
            column: text[line_start..start].chars().count() + 1,
            excerpt: shown.to_owned(),
            mark: Span::new(from, to),
        }
    }

    /// The line ending in use where `at` stands: the first one from there on, else the one before.
    #[must_use]
    pub fn newline_at(&self, at: usize) -> &'static str {
        let text = self.text.as_bytes();
        let after = text[at.min(text.len())..].iter().position(|b| *b == b'\n').map(|p| at + p);
        let before = || text[..at.min(text.len())].iter().rposition(|b| *b == b'\n');
        match after.or_else(before) {
            Some(p) if p > 0 && text[p - 1] == b'\r' => "\r\n",
            _ => "\n",
        }
    }

    /// The start of the line that holds `at`.
    #[must_use]
    pub fn line_start(&self, at: usize) -> usize {
        self.text.as_bytes()[..at.min(self.text.len())].iter().rposition(|b| *b == b'\n').map_or(0, |p| p + 1)
    }

    /// One past the line that holds `at`, its line ending included.
    #[must_use]
    pub fn line_end(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        self.text.as_bytes()[at..].iter().position(|b| *b == b'\n').map_or(self.text.len(), |p| at + p + 1)
    }
}

/// The largest character boundary that is not past `at`.
fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_the_mark_counts_bytes() {
        let text = SourceText::new("a.bst", "x: 1\r\nä: wide\r\n");
        let at = text.text.find("wide").unwrap();
        let place = text.locate(Span::new(at, at + 4));
        assert_eq!((place.line, place.column, place.excerpt.as_str()), (2, 4, "ä: wide"));
        assert_eq!(&place.excerpt[place.mark.start..place.mark.end], "wide");
        assert_eq!(place.to_string(), "a.bst:2:4");
    }

    #[test]
    fn a_span_over_several_lines_is_shown_by_its_first() {
        let text = SourceText::new("a", "one\ntwo\n");
        assert_eq!(text.locate(Span::new(1, 7)).mark, Span::new(1, 3));
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        let text = SourceText::new("a", "one\n");
        assert_eq!(text.locate(Span::new(4, 4)).to_string(), "a:2:1");
        assert_eq!(text.locate(Span::new(99, 99)).to_string(), "a:2:1");
    }

    #[test]
    fn a_very_long_line_is_cut_at_a_character() {
        let text = SourceText::new("a", "ä".repeat(10_000));
        assert_eq!(text.locate(Span::new(9_000, 9_002)).excerpt.len(), EXCERPT_LIMIT);
    }

    #[test]
    fn the_line_ending_is_the_one_in_use_there() {
        let text = SourceText::new("a", "one\r\ntwo\nthree");
        assert_eq!((text.newline_at(0), text.newline_at(5), text.newline_at(10)), ("\r\n", "\n", "\n"));
    }
}
