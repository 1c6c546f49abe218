//! Hunks of unified diffs, read as GNU patch reads them.

use super::header::Header;
use crate::bst::patch::PatchError;
use crate::bst::patch::text::{Cursor, Line};

/// A line of one side of a hunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// `-`, `+` or a space.
    pub(super) kind: u8,
    pub(super) line: Line<'a>,
}

/// A hunk. Line numbers are the patch's own, from 1; an empty side counts as after its line.
#[derive(Debug, Default)]
pub(super) struct Hunk<'a> {
    pub(super) first: i64,
    pub(super) newfirst: i64,
    pub(super) old: Vec<Row<'a>>,
    pub(super) new: Vec<Row<'a>>,
    /// Context lines before the first and after the last change.
    pub(super) prefix: i64,
    pub(super) suffix: i64,
}

/// How the lines of a section are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    indent: usize,
    strip_cr: bool,
}

impl Reader {
    pub(super) fn new(header: &Header) -> Self {
        Self { indent: header.indent, strip_cr: header.strip_cr }
    }

    /// The next line that is no comment, without the section's indentation.
    fn line<'a>(self, cursor: &mut Cursor<'a>) -> Option<Line<'a>> {
        loop {
            let raw = outdent(cursor.next()?, self.indent);
            if raw.starts_with(b"#") {
                continue;
            }
            let line = Line::new(raw);
            return Some(match line.body.strip_suffix(b"\r") {
                Some(body) if self.strip_cr => Line { body, ..line },
                _ => line,
            });
        }
    }

    /// Reads the hunk at `cursor` into `hunk`; `false`, and the cursor stays, where there is none.
    pub(super) fn hunk<'a>(self, cursor: &mut Cursor<'a>, hunk: &mut Hunk<'a>) -> Result<bool, PatchError> {
        let start = *cursor;
        let Some(head) = self.line(cursor).filter(|line| line.body.len() >= 4 && line.body.starts_with(b"@@ -")) else {
            *cursor = start;
            return Ok(false);
        };
        let malformed = |line: u32, why| PatchError::Malformed { line, why };
        let at = cursor.line - 1;
        let Some((old, new)) = ranges(head.body) else {
            return Err(malformed(at, "the line numbers of a hunk are broken"));
        };
        // Every line of a hunk takes a byte; a few at the end of the file may be missing.
        let most = i64::try_from(cursor.rest().len()).unwrap_or(i64::MAX).saturating_add(4);
        if old.1 > most || new.1 > most {
            return Err(malformed(at, "a hunk is longer than the file"));
        }
        hunk.first = old.0 + i64::from(old.1 == 0);
        hunk.newfirst = new.0 + i64::from(new.1 == 0);
        hunk.old.clear();
        hunk.new.clear();
        self.body(cursor, hunk, old.1, new.1)?;
        Ok(true)
    }

    fn body<'a>(self, cursor: &mut Cursor<'a>, hunk: &mut Hunk<'a>, old: i64, new: i64) -> Result<(), PatchError> {
        let mut context = 0;
        let mut prefix = None;
        while len(&hunk.old) < old || len(&hunk.new) < new {
            let (kind, mut line) = match self.line(cursor) {
                Some(line) => split(line),
                // Blank lines at the very end are taken for chopped off.
                None if new - len(&hunk.new) < 4 => (b' ', Line { body: b"", newline: true }),
                None => return Err(malformed(cursor, "it ends in the middle of a hunk")),
            };
            if !matches!(kind, b'-' | b' ' | b'+') {
                return Err(malformed(cursor, "a line of a hunk starts with none of ` `, `+`, `-`"));
            }
            if kind != b'+' {
                if len(&hunk.old) >= old {
                    return Err(malformed(cursor, "a hunk has more old lines than it says"));
                }
                line.newline = line.newline && !(len(&hunk.old) + 1 == old && incomplete(cursor));
                hunk.old.push(Row { kind, line });
            }
            if kind != b'-' {
                if len(&hunk.new) >= new {
                    return Err(malformed(cursor, "a hunk has more new lines than it says"));
                }
                let last = len(&hunk.new) + 1 == new;
                if last && !line.newline && cursor.rest().starts_with(b"\\") {
                    return Err(malformed(cursor, "a line is said to be incomplete twice"));
                }
                line.newline = line.newline && !(last && incomplete(cursor));
                hunk.new.push(Row { kind, line });
            }
            if kind == b' ' {
                context += 1;
            } else {
                prefix.get_or_insert(context);
                context = 0;
            }
        }
        hunk.prefix = prefix.ok_or_else(|| malformed(cursor, "a hunk changes nothing"))?;
        hunk.suffix = context;
        Ok(())
    }
}

fn malformed(cursor: &Cursor<'_>, why: &'static str) -> PatchError {
    PatchError::Malformed { line: cursor.line.saturating_sub(1), why }
}

fn len(rows: &[Row<'_>]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

/// The kind of a line and its text; a line without kind is context whose space got lost.
fn split(line: Line<'_>) -> (u8, Line<'_>) {
    match line.body.split_first() {
        None | Some((b'\t', _)) => (b' ', line),
        Some((b'=', body)) => (b' ', Line { body, ..line }),
        Some((&kind, body)) => (kind, Line { body, ..line }),
    }
}

/// Takes a `\ No newline at end of file` line, if it is next.
fn incomplete(cursor: &mut Cursor<'_>) -> bool {
    if !cursor.rest().starts_with(b"\\") {
        return false;
    }
    // Such a line ends the file even without its own line feed.
    let _ = cursor.next();
    true
}

/// Removes up to `indent` columns of spaces, tabs and `X`.
fn outdent(raw: &[u8], indent: usize) -> &[u8] {
    let mut column = 0;
    let mut rest = raw;
    while column < indent {
        let Some((&first, tail)) = rest.split_first() else {
            break;
        };
        match first {
            b' ' | b'X' => column += 1,
            b'\t' => column = (column + 8) & !7,
            _ => break,
        }
        rest = tail;
    }
    rest
}

type Range = (i64, i64);

/// The two ranges of `@@ -1,2 +3,4 @@`.
fn ranges(head: &[u8]) -> Option<(Range, Range)> {
    let (old, rest) = range(head.strip_prefix(b"@@ -")?)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let (new, rest) = range(rest.strip_prefix(b"+")?)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    rest.starts_with(b"@").then_some((old, new))
}

fn range(text: &[u8]) -> Option<(Range, &[u8])> {
    let (first, rest) = number(text)?;
    match rest.strip_prefix(b",") {
        Some(rest) => {
            let (count, rest) = number(rest)?;
            Some(((first, count), rest))
        }
        None => Some(((first, 1), rest)),
    }
}

/// A number below 10^12, which is more than any file that is read here has lines.
fn number(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let digits = String::from_utf8_lossy(digits);
    let value = digits.parse().ok().filter(|value| *value < 1_000_000_000_000)?;
    Some((value, rest))
}

/// The text of the hunk at `cursor`, as it stands in the patch.
pub(super) fn shown(reader: Reader, mut cursor: Cursor<'_>) -> &[u8] {
    let start = cursor.pos;
    let _ = reader.hunk(&mut cursor, &mut Hunk::default());
    cursor.text.get(start..cursor.pos).unwrap_or_default()
}
