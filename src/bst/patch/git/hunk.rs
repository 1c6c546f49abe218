//! Hunks, read as `git apply` reads them.

use crate::bst::patch::PatchError;
use crate::bst::patch::text::{Cursor, Line};

/// A hunk: where it is said to go, and its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fragment<'a> {
    /// Line of the patch, from 1.
    pub(super) line: u32,
    pub(super) oldpos: u64,
    pub(super) newpos: u64,
    pub(super) oldlines: u64,
    pub(super) newlines: u64,
    /// Context lines after the last change.
    pub(super) trailing: u64,
    /// The whole hunk, header line included.
    pub(super) text: &'a [u8],
}

/// The two sides of a hunk.
#[derive(Debug, Default)]
pub(super) struct Sides<'a> {
    pub(super) old: Vec<Line<'a>>,
    pub(super) new: Vec<Line<'a>>,
}

const CORRUPT: &str = "a hunk does not have the lines that it says";

/// Reads the hunk at `cursor`, if there is one.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Fragment<'a>>, PatchError> {
    let start = *cursor;
    if start.rest().len() <= 4 || !start.rest().starts_with(b"@@ -") {
        return Ok(None);
    }
    let corrupt = |cursor: &Cursor<'_>| PatchError::Malformed { line: cursor.line, why: CORRUPT };
    let head = cursor.next().and_then(header).ok_or_else(|| corrupt(&start))?;
    let [oldpos, oldlines, newpos, newlines] = head;
    let mut left = (oldlines, newlines);
    let (mut trailing, mut changes) = (0, 0_u64);
    while left != (0, 0) {
        let here = *cursor;
        let raw = cursor.next().ok_or_else(|| corrupt(&here))?;
        let (old, new) = match raw.first() {
            Some(b' ' | b'\n') => (1, 1),
            Some(b'-') => (1, 0),
            Some(b'+') => (0, 1),
            Some(b'\\') if raw.len() >= 12 && raw.starts_with(b"\\ ") => continue,
            _ => return Err(corrupt(&here)),
        };
        trailing = if old == new { trailing + 1 } else { 0 };
        changes += u64::from(old != new);
        left = (
            left.0.checked_sub(old).ok_or_else(|| corrupt(&here))?,
            left.1.checked_sub(new).ok_or_else(|| corrupt(&here))?,
        );
    }
    if changes == 0 {
        return Err(PatchError::Malformed { line: start.line, why: "a hunk changes nothing" });
    }
    if cursor.rest().len() > 12 && cursor.rest().starts_with(b"\\ ") {
        // Also where this last line has no line feed.
        let _ = cursor.next();
    }
    let text = cursor.text.get(start.pos..cursor.pos).unwrap_or_default();
    Ok(Some(Fragment { line: start.line, oldpos, newpos, oldlines, newlines, trailing, text }))
}

/// The numbers of `@@ -1,2 +3,4 @@`: old place and lines, new place and lines.
pub(super) fn header(line: &[u8]) -> Option<[u64; 4]> {
    let (oldpos, oldlines, rest) = range(line.strip_prefix(b"@@ -")?)?;
    let (newpos, newlines, rest) = range(rest.strip_prefix(b" +")?)?;
    rest.starts_with(b" @@").then_some([oldpos, oldlines, newpos, newlines])
}

fn range(text: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (first, rest) = number(text)?;
    match rest.strip_prefix(b",") {
        Some(rest) => number(rest).map(|(count, rest)| (first, count, rest)),
        None => Some((first, 1, rest)),
    }
}

/// A number below 10^12, which is more than any file that is read here has lines.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let digits = std::str::from_utf8(digits).ok()?;
    let value = digits.parse().ok().filter(|value| *value < 1_000_000_000_000)?;
    Some((value, rest))
}

impl<'a> Fragment<'a> {
    /// The lines of both sides. `None` where a line without line feed is not the last of its side:
    /// git joins it with the next one, which is not followed here.
    pub(super) fn sides(&self) -> Option<Sides<'a>> {
        let mut sides = Sides::default();
        let mut last = b'@';
        for raw in self.text.split_inclusive(|&b| b == b'\n').skip(1) {
            let kind = raw.first().copied().unwrap_or(b'\n');
            let line = Line::new(raw.get(1..).unwrap_or_default());
            let full = |lines: &[Line<'_>]| lines.last().is_none_or(|line| line.newline);
            if kind == b'\\' {
                if last != b'+' {
                    sides.old.last_mut()?.newline = false;
                }
                if last != b'-' {
                    sides.new.last_mut()?.newline = false;
                }
                if !matches!(last, b' ' | b'+' | b'-') {
                    return None;
                }
                last = kind;
                continue;
            }
            let line = if kind == b'\n' { Line { body: b"", newline: true } } else { line };
            if kind != b'+' {
                full(&sides.old).then_some(())?;
                sides.old.push(line);
            }
            if kind != b'-' {
                full(&sides.new).then_some(())?;
                sides.new.push(line);
            }
            last = if kind == b'\n' { b'\n' } else { kind };
        }
        Some(sides)
    }
}
