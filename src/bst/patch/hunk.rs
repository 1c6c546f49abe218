//! Hunks of unified diffs, in the form that GNU patch and git read alike.

use super::text::{Cursor, Line};
use super::{PatchError, unsupported};

/// The longest hunk text that an error carries, in bytes; the rest is cut.
const SHOWN: usize = 4096;

/// A line of a hunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// `-`, `+` or a space.
    pub(super) kind: u8,
    pub(super) line: Line<'a>,
}

/// A hunk: the place that it claims, and its lines.
#[derive(Debug)]
pub(super) struct Hunk<'a> {
    line: u32,
    /// First line and number of lines before the change, as the hunk says.
    pub(super) old: (i64, i64),
    /// The same after the change.
    pub(super) new: (i64, i64),
    pub(super) rows: Vec<Row<'a>>,
    /// The whole hunk, header line included.
    pub(super) text: &'a [u8],
}

impl<'a> Hunk<'a> {
    /// The error that says why it does not apply.
    pub(super) fn failed(&self, why: &'static str) -> PatchError {
        let text = self.text.get(..SHOWN).unwrap_or(self.text);
        PatchError::Failed { line: self.line, why, hunk: String::from_utf8_lossy(text).into_owned() }
    }

    /// The lines before the change.
    pub(super) fn before(&self) -> impl Iterator<Item = Line<'a>> {
        self.rows.iter().filter(|row| row.kind != b'+').map(|row| row.line)
    }

    /// The lines after the change.
    pub(super) fn after(&self) -> impl Iterator<Item = Line<'a>> {
        self.rows.iter().filter(|row| row.kind != b'-').map(|row| row.line)
    }

    /// Context lines before the first and after the last change.
    pub(super) fn context(&self) -> (i64, i64) {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let prefix = self.rows.iter().take_while(|row| row.kind == b' ').count();
        let suffix = self.rows.iter().rev().take_while(|row| row.kind == b' ').count();
        (count(prefix), count(suffix))
    }
}

/// Reads the hunk at `cursor`, if there is one.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Hunk<'a>>, PatchError> {
    let start = *cursor;
    let Some(head) = cursor.peek().filter(|head| head.starts_with(b"@@ -")) else {
        return Ok(None);
    };
    let (old, new) = ranges(head).ok_or(unsupported(start.line, "the line numbers of a hunk are not understood"))?;
    cursor.next();
    let mut rows: Vec<Row<'_>> = Vec::new();
    let (mut olds, mut news) = (0, 0);
    while (olds, news) != (old.1, new.1) {
        let line = cursor.line;
        let raw = cursor.next().ok_or(unsupported(line, "it ends in the middle of a hunk"))?;
        let (kind, body) = match raw.split_first() {
            // Context whose only space was cut off.
            None => (b' ', raw),
            Some((&kind @ (b' ' | b'-' | b'+'), body)) => (kind, body),
            Some(_) => return Err(unsupported(line, "a line of a hunk starts with none of ` `, `+`, `-`")),
        };
        olds += i64::from(kind != b'+');
        news += i64::from(kind != b'-');
        let last = (kind == b'+' || olds == old.1) && (kind == b'-' || news == new.1);
        let incomplete = incomplete(cursor)?;
        if olds > old.1 || news > new.1 || (incomplete && (!last || body.is_empty())) {
            return Err(unsupported(line, "a hunk does not have the lines that it says"));
        }
        rows.push(Row { kind, line: Line { body, newline: !incomplete } });
    }
    if rows.iter().all(|row| row.kind == b' ') {
        return Err(unsupported(start.line, "a hunk changes nothing"));
    }
    Ok(Some(Hunk { line: start.line, old, new, rows, text: start.up_to(cursor) }))
}

/// Takes a `\ No newline at end of file` line, if it is next; it may lack a line feed itself. The two programs differ in
/// other lines that start with a backslash.
fn incomplete(cursor: &mut Cursor<'_>) -> Result<bool, PatchError> {
    if !cursor.rest().starts_with(b"\\") {
        return Ok(false);
    }
    let line = cursor.peek().unwrap_or(cursor.rest());
    if !line.starts_with(b"\\ ") || line.len() <= 12 {
        return Err(unsupported(cursor.line, "an unknown line that starts with a backslash"));
    }
    if cursor.next().is_none() {
        cursor.finish();
    }
    Ok(true)
}

/// The two ranges of `@@ -1,2 +3,4 @@`.
fn ranges(head: &[u8]) -> Option<((i64, i64), (i64, i64))> {
    let text = String::from_utf8_lossy(head);
    let (ranges, _) = text.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    // Numbers below 10^12 are more than any file that is read here has lines.
    let digits = |text: &&str| text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| Some(text).filter(digits)?.parse().ok();
    let range = |text: &str| {
        let (first, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((number(first)?, number(count)?))
    };
    Some((range(old)?, range(new)?))
}
