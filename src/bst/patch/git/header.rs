//! Headers of git's own diffs and of plain unified diffs.

use super::names::{LONGEST, both_names, dev_null, plain, whole};
use crate::bst::patch::PatchError;
use crate::bst::patch::names::{Stamp, git_epoch, is_space};
use crate::bst::patch::text::Cursor;

/// What the headers of a section say.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Header {
    pub(super) old: Option<Vec<u8>>,
    pub(super) new: Option<Vec<u8>>,
    /// Whether it creates or deletes the file; `None` where only the files can tell.
    pub(super) creates: Option<bool>,
    pub(super) deletes: Option<bool>,
    pub(super) rename: bool,
    pub(super) copy: bool,
    pub(super) old_mode: Option<u32>,
    pub(super) new_mode: Option<u32>,
    pub(super) binary: bool,
    /// Why the section is not evaluated, if it is not.
    pub(super) odd: Option<&'static str>,
}

/// How many leading parts of names are removed: 1, unless the first plain diff has names without
/// folders on both sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strip {
    pub(super) count: u32,
    known: bool,
}

impl Strip {
    pub(super) fn new() -> Self {
        Self { count: 1, known: false }
    }

    /// Only the name behind `+++ ` decides: git lets it stand for both when the other has folders.
    fn guess(&mut self, second: &[u8]) {
        let flat = !dev_null(second) && plain(second, 0).is_some_and(|name| !name.contains(&b'/'));
        if flat && !self.known {
            *self = Self { count: 0, known: true };
        }
    }
}

impl Header {
    /// The headers of a plain diff: the text behind `--- ` and behind `+++ `.
    pub(super) fn traditional(first: &[u8], second: &[u8], strip: &mut Strip, line: u32) -> Result<Self, PatchError> {
        strip.guess(second);
        let mut header = Self { odd: odd_date(first).or(odd_date(second)), ..Self::default() };
        let count = strip.count;
        let name = if dev_null(first) {
            header.creates = Some(true);
            header.deletes = Some(false);
            header.new = plain(second, count);
            header.new.is_some()
        } else if dev_null(second) {
            header.creates = Some(false);
            header.deletes = Some(true);
            header.old = plain(first, count);
            header.old.is_some()
        } else {
            let old = plain(first, count);
            let new = plain(second, count);
            let name = match (old, new) {
                // A name that only goes on where the other ends is a variation of it.
                (Some(old), Some(new)) if new.len() > old.len() && new.starts_with(&old) => Some(old),
                (old, new) => new.or(old),
            };
            header.by_time(first, second, name.clone());
            name.is_some()
        };
        if name { Ok(header) } else { Err(PatchError::Malformed { line, why: "a header names no file" }) }
    }

    fn by_time(&mut self, first: &[u8], second: &[u8], name: Option<Vec<u8>>) {
        let (before, after) = (git_epoch(first), git_epoch(second));
        if before == Stamp::Unknown || after == Stamp::Unknown {
            self.odd = Some("a time in a header that is not understood");
        }
        if before == Stamp::Epoch {
            self.creates = Some(true);
            self.deletes = Some(false);
            self.new = name;
        } else if after == Stamp::Epoch {
            self.creates = Some(false);
            self.deletes = Some(true);
            self.old = name;
        } else {
            self.old.clone_from(&name);
            self.new = name;
        }
    }

    /// The headers after a `diff --git` line. Git lets the names of such a line without headers
    /// leak into the next one; that is refused.
    pub(super) fn git(first: &[u8], cursor: &mut Cursor<'_>, strip: Strip) -> Result<Self, PatchError> {
        let line = cursor.line.saturating_sub(1);
        let both = both_names(first, strip.count);
        let mut header = Self { creates: Some(false), deletes: Some(false), ..Self::default() };
        if both.is_none() && (first.contains(&b'"') || first.len() > LONGEST) {
            header.odd = Some("a quoted or long name in a `diff --git` line");
        }
        let start = cursor.pos;
        let mut names = 0;
        loop {
            let before = *cursor;
            let Some(text) = cursor.next() else {
                *cursor = before;
                break;
            };
            if !header.git_line(text, both.as_deref(), strip.count, before.line)? {
                *cursor = before;
                break;
            }
            in_order(text, &mut names, before.line)?;
        }
        let alone = cursor.pos == start;
        if header.old.is_none() && header.new.is_none() {
            header.old.clone_from(&both);
            header.new = both;
        }
        let named = (header.new.is_some() || header.deletes == Some(true))
            && (header.old.is_some() || header.creates == Some(true));
        match (named, alone) {
            (false, _) => Err(PatchError::Malformed { line, why: "a header names no file" }),
            (true, true) => Err(PatchError::Malformed { line, why: "a `diff --git` line without headers" }),
            (true, false) => Ok(header),
        }
    }

    /// One header line; `false` ends the headers.
    fn git_line(&mut self, text: &[u8], both: Option<&[u8]>, count: u32, line: u32) -> Result<bool, PatchError> {
        let less = count.saturating_sub(1);
        if let Some(rest) = text.strip_prefix(b"--- ") {
            let creates = self.creates == Some(true);
            check_name(&mut self.old, rest, creates, count, line)?;
        } else if let Some(rest) = text.strip_prefix(b"+++ ") {
            let deletes = self.deletes == Some(true);
            check_name(&mut self.new, rest, deletes, count, line)?;
        } else if let Some(rest) = text.strip_prefix(b"old mode ") {
            self.old_mode = Some(mode(rest, line)?);
        } else if let Some(rest) = text.strip_prefix(b"new mode ") {
            self.new_mode = Some(mode(rest, line)?);
        } else if let Some(rest) = text.strip_prefix(b"deleted file mode ") {
            self.deletes = Some(true);
            self.old = both.map(<[u8]>::to_vec);
            self.old_mode = Some(mode(rest, line)?);
        } else if let Some(rest) = text.strip_prefix(b"new file mode ") {
            self.creates = Some(true);
            self.new = both.map(<[u8]>::to_vec);
            self.new_mode = Some(mode(rest, line)?);
        } else if let Some(rest) = text.strip_prefix(b"copy from ") {
            self.copy = true;
            self.old = whole(rest, less);
        } else if let Some(rest) = text.strip_prefix(b"copy to ") {
            self.copy = true;
            self.new = whole(rest, less);
        } else if let Some(rest) = text.strip_prefix(b"rename from ").or_else(|| text.strip_prefix(b"rename old ")) {
            self.rename = true;
            self.old = whole(rest, less);
        } else if let Some(rest) = text.strip_prefix(b"rename to ").or_else(|| text.strip_prefix(b"rename new ")) {
            self.rename = true;
            self.new = whole(rest, less);
        } else if let Some(rest) = text.strip_prefix(b"index ") {
            self.index(rest, line)?;
        } else if !text.starts_with(b"similarity index ") && !text.starts_with(b"dissimilarity index ") {
            return Ok(false);
        }
        let kinds = [self.creates == Some(true), self.deletes == Some(true), self.rename, self.copy];
        if kinds.iter().filter(|&&kind| kind).count() > 1 {
            return Err(PatchError::Malformed { line, why: "the header lines contradict each other" });
        }
        Ok(true)
    }

    fn index(&mut self, rest: &[u8], line: u32) -> Result<(), PatchError> {
        let Some(space) = rest.iter().position(|&b| b == b' ') else {
            return Ok(());
        };
        let (ids, tail) = rest.split_at(space);
        let dots = ids.windows(2).position(|pair| pair == b"..");
        if dots.is_some_and(|at| at <= 40 && ids.len() - at - 2 <= 40) {
            self.old_mode = Some(mode(tail.get(1..).unwrap_or_default(), line)?);
        }
        Ok(())
    }
}

/// Git's own diffs end their headers with `---` and `+++`. In another order git lets lines pass that
/// break it later, so that is refused.
fn in_order(text: &[u8], names: &mut u8, line: u32) -> Result<(), PatchError> {
    let expected = match *names {
        0 => !text.starts_with(b"+++ "),
        1 => text.starts_with(b"+++ "),
        _ => false,
    };
    if !expected {
        return Err(PatchError::Malformed { line, why: "the header lines are out of order" });
    }
    *names += u8::from(text.starts_with(b"--- ") || text.starts_with(b"+++ "));
    Ok(())
}

/// A `---` or `+++` line of a git diff must agree with what is known.
fn check_name(name: &mut Option<Vec<u8>>, text: &[u8], absent: bool, count: u32, line: u32) -> Result<(), PatchError> {
    let fail = |why| Err(PatchError::Malformed { line, why });
    match name {
        // Git takes it for a file of that name.
        None if !absent && dev_null(text) => return fail("`/dev/null` where a name belongs"),
        None if !absent => *name = plain(text, count),
        Some(_) if absent => return fail("a name where `/dev/null` belongs"),
        Some(known) if plain(text, count).as_ref() != Some(known) => {
            return fail("the names in the header contradict each other");
        }
        None if !dev_null(text) => return fail("a name where `/dev/null` belongs"),
        _ => {}
    }
    Ok(())
}

fn mode(text: &[u8], line: u32) -> Result<u32, PatchError> {
    let end = text.iter().position(|b| !matches!(b, b'0'..=b'7')).unwrap_or(text.len());
    let digits = text.get(..end).unwrap_or_default();
    let ended = text.get(end).is_some_and(|&b| is_space(b));
    let value = std::str::from_utf8(digits).ok().and_then(|text| u32::from_str_radix(text, 8).ok());
    match value {
        Some(value) if ended => Ok(value),
        _ => Err(PatchError::Malformed { line, why: "a file mode is broken" }),
    }
}

/// A date that follows a name without a tab is cut off by git with rules of its own.
fn odd_date(text: &[u8]) -> Option<&'static str> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let dated = text.last().is_some_and(u8::is_ascii_digit) && text.contains(&b' ') && !text.starts_with(b"\"");
    let tab = text.iter().filter(|&&b| b == b'\t').count();
    let spaced = text.split(|&b| b == b'\t').next().is_some_and(|name| name.contains(&b' '));
    (dated && (tab != 1 || spaced)).then_some("a time in a header that is not behind a tab")
}
