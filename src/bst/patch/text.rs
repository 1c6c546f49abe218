//! Lines of patches and files, and the work that comparing them costs.

use super::{PatchError, PatchLimits};

/// A line without its line feed, and whether it had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) body: &'a [u8],
    pub(super) newline: bool,
}

impl<'a> Line<'a> {
    /// What GNU patch reads outside the file: no bytes at all.
    pub(super) const NOTHING: Self = Line { body: b"", newline: false };

    pub(super) fn new(raw: &'a [u8]) -> Self {
        match raw.strip_suffix(b"\n") {
            Some(body) => Self { body, newline: true },
            None => Self { body: raw, newline: false },
        }
    }

    /// Length with the line feed, in bytes.
    pub(super) fn len(&self) -> usize {
        self.body.len() + usize::from(self.newline)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.body);
        if self.newline {
            out.push(b'\n');
        }
    }
}

/// The lines of a file; a last line without line feed is a line.
pub(super) fn lines(text: &[u8]) -> Vec<Line<'_>> {
    text.split_inclusive(|&b| b == b'\n').map(Line::new).collect()
}

/// A place in the patch. Lines are counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    pub(super) pos: usize,
    pub(super) line: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, pos: 0, line: 1 }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.pos..).unwrap_or_default()
    }

    /// The next line with its line feed, if it has one; empty at the end.
    pub(super) fn peek(&self) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |at| at + 1);
        rest.get(..end).unwrap_or_default()
    }

    /// Takes the next line. `None` at the end, and for a last line without line feed, which
    /// neither tool reads as a line.
    pub(super) fn next(&mut self) -> Option<&'a [u8]> {
        let raw = self.peek();
        if !raw.ends_with(b"\n") {
            self.pos = self.text.len();
            return None;
        }
        self.pos += raw.len();
        self.line += 1;
        Some(raw)
    }
}

/// What a search for places of hunks may still cost.
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
        self.left = self
            .left
            .checked_sub(amount)
            .ok_or(PatchError::TooLarge { what: "the work of finding its hunks", limit: self.limit })?;
        Ok(())
    }

    /// Whether two lines are equal, paid for.
    pub(super) fn same(&mut self, a: Line<'_>, b: Line<'_>) -> Result<bool, PatchError> {
        if a.newline != b.newline || a.body.len() != b.body.len() {
            self.spend(1)?;
            return Ok(false);
        }
        self.spend(1 + a.body.len() / 8)?;
        Ok(a.body == b.body)
    }
}

/// Holds the bounds that can be seen without reading the patch.
pub(super) fn check(text: &[u8], limits: &PatchLimits) -> Result<(), PatchError> {
    let too_large = |what, limit: usize| {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        Err(PatchError::TooLarge { what, limit })
    };
    // A line number is a `u32` everywhere: that bounds whatever the caller allows.
    let bytes = limits.bytes.min(u32::MAX as usize / 2);
    if text.len() > bytes {
        return too_large("its size in bytes", bytes);
    }
    let mut count = 0_usize;
    for line in text.split(|&b| b == b'\n') {
        count += 1;
        if line.len() > limits.line {
            return too_large("the length of a line in bytes", limits.line);
        }
    }
    if count > limits.lines.saturating_add(1) {
        return too_large("its number of lines", limits.lines);
    }
    Ok(())
}
