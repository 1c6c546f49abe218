//! Lines of patches and files, and the work that comparing them costs.

use super::PatchError;

/// A line without its line feed, and whether it had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) body: &'a [u8],
    pub(super) newline: bool,
}

impl<'a> Line<'a> {
    /// The line that GNU patch reads outside the file: no bytes at all.
    pub(super) const NOTHING: Self = Line { body: b"", newline: false };

    fn new(raw: &'a [u8]) -> Self {
        let body = raw.strip_suffix(b"\n");
        Self { body: body.unwrap_or(raw), newline: body.is_some() }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.body);
        if self.newline {
            out.push(b'\n');
        }
    }
}

/// The lines of a file; a last line without line feed is a line.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    text.split_inclusive(|&byte| byte == b'\n').map(Line::new)
}

/// The bytes of these lines.
pub(super) fn joined<'a>(lines: impl Iterator<Item = Line<'a>>) -> Vec<u8> {
    let mut out = Vec::new();
    lines.for_each(|line| line.write(&mut out));
    out
}

/// Whether the bytes of `part` occur in `text`.
pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len().max(1)).any(|window| window == part)
}

/// A place in the patch. Lines are counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    pos: usize,
    pub(super) line: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, pos: 0, line: 1 }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.pos..).unwrap_or_default()
    }

    /// The text from here up to a later place.
    pub(super) fn up_to(&self, later: &Self) -> &'a [u8] {
        self.text.get(self.pos..later.pos).unwrap_or_default()
    }

    /// The next line without its line feed. `None` at the end, and for a last line without line feed, which neither
    /// tool reads as a line.
    pub(super) fn peek(&self) -> Option<&'a [u8]> {
        let rest = self.rest();
        rest.iter().position(|&byte| byte == b'\n').and_then(|end| rest.get(..end))
    }

    /// Takes the next line.
    pub(super) fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.peek()?;
        self.pos += line.len() + 1;
        self.line += 1;
        Some(line)
    }

    /// Takes the next line if it starts with `prefix`, and gives what follows that.
    pub(super) fn take(&mut self, prefix: &[u8]) -> Option<&'a [u8]> {
        let rest = self.peek()?.strip_prefix(prefix)?;
        self.next();
        Some(rest)
    }

    /// Goes to the end of the text.
    pub(super) fn finish(&mut self) {
        self.pos = self.text.len();
    }
}

/// How much a search for places of hunks may still cost.
#[derive(Debug)]
pub(super) struct Work {
    left: u64,
    limit: u64,
}

impl Work {
    pub(super) fn new(limit: u64) -> Self {
        Self { left: limit, limit }
    }

    pub(super) fn spend(&mut self, amount: usize) -> Result<(), PatchError> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        let too_large = PatchError::TooLarge { what: "the work of finding its hunks", limit: self.limit };
        self.left = self.left.checked_sub(amount).ok_or(too_large)?;
        Ok(())
    }

    /// Whether two lines are equal. The comparison is counted against the limit.
    pub(super) fn same(&mut self, a: Line<'_>, b: Line<'_>) -> Result<bool, PatchError> {
        if a.newline != b.newline || a.body.len() != b.body.len() {
            self.spend(1)?;
            return Ok(false);
        }
        self.spend(1 + a.body.len() / 8)?;
        Ok(a.body == b.body)
    }
}
