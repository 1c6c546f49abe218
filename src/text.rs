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

/// A change of a [`SourceText`]: bytes that are replaced.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// The bytes to replace.
    pub span: Span,
    /// The text that comes in their place.
    pub text: String,
}

/// The place of an edit before and after it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The replaced bytes.
    pub old: Span,
    /// The new bytes.
    pub new: Span,
}

/// The reason why edits cannot be made in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpliceError {
    /// Two edits overlap.
    Overlap,
    /// An edit is behind the end of the text, or begins or ends within a character.
    Misplaced,
}

impl std::fmt::Display for SpliceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Overlap => "two changes of this file overlap",
            Self::Misplaced => "a change is not at whole characters of this file",
        })
    }
}

impl std::error::Error for SpliceError {}

/// The one of several words that is close to another, for "did you mean". None where none is.
#[must_use]
pub(crate) fn closest<'a>(word: &str, among: &[&'a str]) -> Option<&'a str> {
    // What is longer than any name costs nothing.
    (word.len() <= 200).then(|| similar::get_close_matches(word, among, 1, 0.7).into_iter().next()).flatten()
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

/// The maximum number of bytes of a line that are shown. A generated lock can be one line of 100 KB.
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

    /// The line ending in use at `at`: the next one, or else the one before.
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

    /// The text with edits made, and the place of each edit in it, both in the order of the text. Edits may come in any
    /// order; those that insert at one place keep theirs.
    ///
    /// # Errors
    /// When edits overlap, or are not at whole characters.
    pub fn edited<'e>(&self, edits: impl IntoIterator<Item = &'e Edit>) -> Result<(Self, Vec<Moved>), SpliceError> {
        let mut edits: Vec<&Edit> = edits.into_iter().collect();
        edits.sort_by_key(|edit| edit.span);
        let mut text = String::with_capacity(self.text.len());
        let mut moved = Vec::with_capacity(edits.len());
        let mut from = 0;
        for edit in edits {
            if edit.span.start < from {
                return Err(SpliceError::Overlap);
            }
            let kept = self.text.get(from..edit.span.start).filter(|_| self.text.is_char_boundary(edit.span.end));
            text.push_str(kept.ok_or(SpliceError::Misplaced)?);
            let start = text.len();
            text.push_str(&edit.text);
            moved.push(Moved { old: edit.span, new: Span::new(start, text.len()) });
            from = edit.span.end;
        }
        text.push_str(self.text.get(from..).ok_or(SpliceError::Misplaced)?);
        Ok((Self { path: self.path.clone(), text: text.into() }, moved))
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
    fn edits_are_made_in_the_order_of_the_text() {
        let text = SourceText::new("a", "one two");
        let edit = |start, end, new: &str| Edit { span: Span::new(start, end), text: new.into() };
        let (new, moved) = text.edited(&[edit(4, 7, "2"), edit(3, 3, "!"), edit(3, 3, "?")]).unwrap();
        assert_eq!(&*new.text, "one!? 2");
        assert_eq!(moved.last().unwrap(), &Moved { old: Span::new(4, 7), new: Span::new(6, 7) });
        let refused = |edits: &[Edit]| text.edited(edits).unwrap_err();
        assert_eq!(refused(&[edit(0, 2, ""), edit(1, 3, "")]), SpliceError::Overlap);
        assert_eq!(refused(&[edit(8, 9, "")]), SpliceError::Misplaced);
        assert_eq!(SourceText::new("a", "ä").edited(&[edit(1, 1, "")]).unwrap_err(), SpliceError::Misplaced);
    }

    #[test]
    fn the_line_ending_is_the_one_in_use_there() {
        let text = SourceText::new("a", "one\r\ntwo\nthree");
        assert_eq!((text.newline_at(0), text.newline_at(5), text.newline_at(10)), ("\r\n", "\n", "\n"));
    }
}
