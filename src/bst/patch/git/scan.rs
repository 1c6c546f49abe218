//! One pass over a patch file: its sections and their hunks.

use super::header::{Header, Strip};
use super::{Script, Section, hunk};
use crate::bst::patch::text::Cursor;
use crate::bst::patch::touch::Touch;
use crate::bst::patch::{PatchError, PatchLimits};

/// Reads a patch file as `git apply` does: one broken part refuses the whole.
pub(in crate::bst::patch) fn scan<'a>(text: &'a [u8], limits: &PatchLimits) -> Result<Script<'a>, PatchError> {
    let mut script = Script { sections: Vec::new(), hunks: Vec::new(), touch: Touch::default() };
    let mut cursor = Cursor::new(text);
    let mut strip = Strip::new();
    while let Some((line, header)) = find(&mut cursor, &mut strip)? {
        script.push(line, header, &mut cursor, limits)?;
    }
    if script.sections.is_empty() {
        return Err(PatchError::NoPatch);
    }
    Ok(script)
}

/// Finds the next headers and reads them.
fn find(cursor: &mut Cursor<'_>, strip: &mut Strip) -> Result<Option<(u32, Header)>, PatchError> {
    loop {
        let line = cursor.line;
        let Some(raw) = cursor.next() else {
            return Ok(None);
        };
        if raw.len() < 6 {
            continue;
        }
        if raw.starts_with(b"@@ -") && hunk::header(raw).is_some() {
            return Err(PatchError::Malformed { line, why: "a hunk without a header before it" });
        }
        if raw.starts_with(b"diff --git ") {
            let rest = raw.get(11..).unwrap_or_default();
            return Ok(Some((line, Header::git(rest, cursor, *strip)?)));
        }
        let Some(first) = raw.strip_prefix(b"--- ") else {
            continue;
        };
        let mut ahead = *cursor;
        let Some(second) = ahead.next().and_then(|raw| raw.strip_prefix(b"+++ ")) else {
            continue;
        };
        if ahead.rest().len() >= 14 && ahead.rest().starts_with(b"@@ -") {
            let header = Header::traditional(first, second, strip, line)?;
            *cursor = ahead;
            return Ok(Some((line, header)));
        }
    }
}

impl<'a> Script<'a> {
    fn push(
        &mut self,
        line: u32,
        mut header: Header,
        cursor: &mut Cursor<'a>,
        limits: &PatchLimits,
    ) -> Result<(), PatchError> {
        let first = self.hunks.len();
        while let Some(fragment) = hunk::read(cursor)? {
            if self.hunks.len() >= limits.hunks {
                let limit = u64::try_from(limits.hunks).unwrap_or(u64::MAX);
                return Err(PatchError::TooLarge { what: "its number of hunks", limit });
            }
            self.hunks.push(fragment);
        }
        let hunks = self.hunks.get(first..).unwrap_or_default();
        let old = hunks.iter().any(|hunk| hunk.oldlines > 0);
        let new = hunks.iter().any(|hunk| hunk.newlines > 0);
        if header.creates.is_none() && (old || hunks.len() > 1) {
            header.creates = Some(false);
        }
        if header.deletes.is_none() && (new || hunks.len() > 1) {
            header.deletes = Some(false);
        }
        if header.creates == Some(true) && old {
            return Err(PatchError::Malformed { line, why: "a new file depends on old contents" });
        }
        if header.deletes == Some(true) && new {
            return Err(PatchError::Malformed { line, why: "a deleted file still has contents" });
        }
        if hunks.is_empty() {
            binary(&mut header, cursor)?;
            if !header.binary && !header.says_something() {
                return Err(PatchError::Malformed { line: cursor.line, why: "a header is followed by no change" });
            }
        }
        self.touch.push(line, header.old.iter().chain(&header.new).map(Vec::as_slice));
        self.sections.push(Section { line, header, hunks: first..self.hunks.len() });
        Ok(())
    }
}

impl Header {
    /// Whether the headers alone change something.
    fn says_something(&self) -> bool {
        let modes = self.old_mode.zip(self.new_mode).is_some_and(|(old, new)| old != 0 && new != 0 && old != new);
        modes || self.rename || self.copy || self.creates == Some(true) || self.deletes != Some(false)
    }
}

/// Passes over what stands in the place of hunks in a binary patch.
fn binary(header: &mut Header, cursor: &mut Cursor<'_>) -> Result<(), PatchError> {
    let next = cursor.peek();
    if next == b"GIT binary patch\n" {
        let _ = cursor.next();
        if !binary_hunk(cursor)? {
            return Err(PatchError::Malformed { line: cursor.line, why: "a binary patch is broken" });
        }
        // The way back is optional.
        binary_hunk(cursor)?;
        header.binary = true;
    } else if next.ends_with(b" differ\n") && (next.starts_with(b"Binary files ") || next.starts_with(b"Files ")) {
        let _ = cursor.next();
        header.binary = true;
    }
    Ok(())
}

fn binary_hunk(cursor: &mut Cursor<'_>) -> Result<bool, PatchError> {
    let next = cursor.peek();
    if !next.starts_with(b"delta ") && !next.starts_with(b"literal ") {
        return Ok(false);
    }
    let _ = cursor.next();
    loop {
        let line = cursor.line;
        let raw = cursor.next().unwrap_or_default();
        if raw == b"\n" {
            return Ok(true);
        }
        if raw.len() < 7 || !(raw.len() - 2).is_multiple_of(5) {
            return Err(PatchError::Malformed { line, why: "a binary patch is broken" });
        }
    }
}
