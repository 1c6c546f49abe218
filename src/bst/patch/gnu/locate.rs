//! Where a hunk goes: GNU patch's search, offsets and fuzz included.

use super::hunk::{Hunk, Row};
use crate::bst::patch::PatchError;
use crate::bst::patch::text::{Line, Work};

/// The lines that a hunk looks for: its old side, or its new side to see whether it is reversed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern<'h, 'a> {
    first: i64,
    rows: &'h [Row<'a>],
    prefix: i64,
    suffix: i64,
}

impl<'h, 'a> Pattern<'h, 'a> {
    pub(super) fn old(hunk: &'h Hunk<'a>) -> Self {
        Self { first: hunk.first, rows: &hunk.old, prefix: hunk.prefix, suffix: hunk.suffix }
    }

    pub(super) fn new(hunk: &'h Hunk<'a>) -> Self {
        Self { first: hunk.newfirst, rows: &hunk.new, prefix: hunk.prefix, suffix: hunk.suffix }
    }
}

/// The state of a file while hunks are applied to it.
#[derive(Debug)]
pub(super) struct Input<'f> {
    pub(super) lines: Vec<Line<'f>>,
    /// How far hunks were off so far.
    pub(super) offset: i64,
    /// The last line that is written or dropped.
    pub(super) frozen: i64,
}

impl<'f> Input<'f> {
    pub(super) fn count(&self) -> i64 {
        i64::try_from(self.lines.len()).unwrap_or(i64::MAX)
    }

    /// A line by its number from 1; outside the file, no bytes.
    pub(super) fn line(&self, number: i64) -> Line<'f> {
        let index = usize::try_from(number - 1).ok();
        index.and_then(|index| self.lines.get(index)).copied().unwrap_or(Line::NOTHING)
    }

    /// Finds the line where the pattern matches with `fuzz` context lines ignored at each end, and
    /// how far that is from where it was expected. Hunks that overlap may yield lines before the file.
    pub(super) fn locate(
        &self,
        p: Pattern<'_, '_>,
        fuzz: i64,
        work: &mut Work,
    ) -> Result<Option<(i64, i64)>, PatchError> {
        let guess = p.first + self.offset;
        let size = i64::try_from(p.rows.len()).unwrap_or(i64::MAX);
        if size == 0 {
            return Ok((guess != 0).then_some((guess, 0)));
        }
        let context = p.prefix.max(p.suffix);
        let (prefix, suffix) = (fuzz + p.prefix - context, fuzz + p.suffix - context);
        let max_where = self.count() - (size - suffix) + 1;
        let min_where = self.frozen + 1;
        let max_pos = max_where - guess;
        let max_neg = (guess - min_where).min(guess - 1);
        if prefix < 0 && p.first <= 1 {
            // Only the start of the file, and with less context after, only the whole of it.
            if suffix < 0 && (size != self.count() || p.prefix < self.frozen) {
                return Ok(None);
            }
            let offset = 1 - guess;
            let fits = self.frozen <= p.prefix && offset <= max_pos;
            return Ok((fits && self.matches(p, guess + offset, 0, suffix, work)?).then_some((1, offset)));
        }
        let prefix = prefix.max(0);
        if suffix < 0 {
            // Only the end of the file.
            let offset = guess - (self.count() - size + 1);
            let fits = offset <= max_neg && self.matches(p, guess - offset, prefix, 0, work)?;
            return Ok(fits.then_some((guess - offset, -offset)));
        }
        let start = if max_pos < 0 {
            guess - max_where
        } else if max_neg < 0 {
            guess - min_where
        } else {
            0
        };
        for offset in start..=max_pos.max(guess - min_where) {
            if offset <= max_pos && self.matches(p, guess + offset, prefix, suffix, work)? {
                return Ok(Some((guess + offset, offset)));
            }
            if offset <= max_neg && self.matches(p, guess - offset, prefix, suffix, work)? {
                return Ok(Some((guess - offset, -offset)));
            }
        }
        Ok(None)
    }

    fn matches(
        &self,
        p: Pattern<'_, '_>,
        at: i64,
        prefix: i64,
        suffix: i64,
        work: &mut Work,
    ) -> Result<bool, PatchError> {
        let size = i64::try_from(p.rows.len()).unwrap_or(i64::MAX);
        work.spend(1)?;
        for number in prefix..size - suffix.max(0) {
            let Some(row) = usize::try_from(number).ok().and_then(|index| p.rows.get(index)) else {
                return Ok(false);
            };
            if !work.same(self.line(at + number), row.line)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
