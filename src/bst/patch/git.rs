//! `git apply`: where a hunk goes, with offsets and without fuzz, and the attributes that change what git writes.

use super::PatchError;
use super::hunk::Hunk;
use super::text::{Line, Work, joined, lines};

/// The attributes that change the bytes of a file in the work tree.
const CONVERTING: [&str; 5] = ["eol=crlf", "crlf", "filter", "ident", "working-tree-encoding"];

/// The file as the hunks make it.
pub(super) fn apply(hunks: &[Hunk<'_>], input: &[u8], work: &mut Work) -> Result<Vec<u8>, PatchError> {
    let mut image = Image { lines: lines(input).map(|line| (line, false)).collect() };
    for hunk in hunks {
        let old: Vec<Line<'_>> = hunk.before().collect();
        let at = image.find(hunk, &old, work)?;
        // The lines behind it move.
        work.spend(image.lines.len().saturating_sub(at) / 2)?;
        image.lines.splice(at..at + old.len(), hunk.after().map(|line| (line, true)));
    }
    Ok(joined(image.lines.into_iter().map(|(line, _)| line)))
}

/// A file while hunks are applied, and which of its lines come from a hunk.
struct Image<'a> {
    lines: Vec<(Line<'a>, bool)>,
}

impl Image<'_> {
    /// Git's search: from where the new side is said to be, one line down, one up, and so on. A hunk of the first
    /// line has to be at the start, one without context after it at the end.
    fn find(&self, hunk: &Hunk<'_>, old: &[Line<'_>], work: &mut Work) -> Result<usize, PatchError> {
        let last = old.last().filter(|line| !line.newline);
        let longer = |line: &Line<'_>| {
            let rest = last.and_then(|last| line.body.strip_prefix(last.body));
            Some(line) != last && rest.is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace))
        };
        if self.lines.iter().any(|(line, _)| longer(line)) {
            // Git may take the start of a line for its last one.
            return Err(hunk.failed("its last line is only the start of a line of the file"));
        }
        let count = self.lines.len();
        let start = hunk.old.0 <= 1;
        let end = hunk.context().1 == 0;
        let line = match (start, end) {
            (true, _) => 0,
            (false, true) => count.checked_sub(old.len()).unwrap_or(count),
            (false, false) => usize::try_from(hunk.new.0 - 1).unwrap_or_default().min(count),
        };
        for step in 0..=(count - line).max(line) {
            let down = Some(line + step).filter(|at| *at <= count);
            let up = line.checked_sub(step).filter(|_| step > 0);
            for at in [down, up].into_iter().flatten() {
                work.spend(1)?;
                let fits = (!start || at == 0) && (!end || at + old.len() == count);
                if fits && self.matches(at, old, work)? {
                    return Ok(at);
                }
            }
        }
        Err(hunk.failed("its lines are not in the file"))
    }

    fn matches(&self, at: usize, old: &[Line<'_>], work: &mut Work) -> Result<bool, PatchError> {
        let Some(here) = self.lines.get(at..at + old.len()) else {
            return Ok(false);
        };
        for ((line, patched), old) in here.iter().zip(old) {
            if *patched || !work.same(*line, *old)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether a line of a `.gitattributes` may make git convert the file called `name`. Folders in patterns are ignored,
/// of several stars only the outer ones count, and macros apply to all files: that only finds more.
pub(super) fn may_convert(attributes: &[u8], name: &str) -> bool {
    String::from_utf8_lossy(attributes).lines().any(|line| {
        let mut words = line.split_ascii_whitespace();
        let Some(pattern) = words.next().filter(|word| !word.starts_with('#')) else {
            return false;
        };
        let last = pattern.rsplit('/').next().unwrap_or(pattern);
        let fits = match (last.split_once('*'), last.rsplit_once('*')) {
            (Some((start, _)), Some((_, end))) => name.starts_with(start) && name.ends_with(end),
            _ => last == name,
        };
        let odd = pattern.starts_with("[attr]") || pattern.contains(['"', '[', '\\', '?']);
        (fits || odd) && words.any(|word| CONVERTING.iter().any(|one| word.starts_with(one)))
    })
}
