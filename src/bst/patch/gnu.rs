//! GNU patch: where a hunk goes, with offsets and fuzz, and what it writes.

use super::PatchError;
use super::hunk::Hunk;
use super::text::{Line, Work, lines};

/// Context lines at each end of a hunk that `patch` ignores if need be.
const FUZZ: i64 = 2;

/// The file as the hunks make it.
pub(super) fn apply(hunks: &[Hunk<'_>], input: &[u8], work: &mut Work) -> Result<Vec<u8>, PatchError> {
    let mut file = File { lines: lines(input).collect(), offset: 0, frozen: 0, out: Vec::new(), complete: true };
    for (index, hunk) in hunks.iter().enumerate() {
        let at = file.place(hunk, index == 0, work)?;
        file.write(hunk, at).map_err(|why| hunk.failed(why))?;
    }
    file.copy_till(file.count().max(file.frozen));
    Ok(file.out)
}

/// The lines that a hunk looks for: its old side, or its new side to see whether it is reversed.
struct Pattern<'a> {
    first: i64,
    lines: Vec<Line<'a>>,
    prefix: i64,
    suffix: i64,
}

impl<'a> Pattern<'a> {
    /// An empty side counts as after its line.
    fn new(hunk: &Hunk<'a>, side: (i64, i64), lines: impl Iterator<Item = Line<'a>>) -> Self {
        let (prefix, suffix) = hunk.context();
        Self { first: side.0 + i64::from(side.1 == 0), lines: lines.collect(), prefix, suffix }
    }
}

/// A file while hunks are applied to it. Lines are counted from 1.
struct File<'a> {
    lines: Vec<Line<'a>>,
    /// How far hunks were off so far.
    offset: i64,
    /// The last line that is written or dropped.
    frozen: i64,
    out: Vec<u8>,
    /// Whether what is written so far ends with a line feed.
    complete: bool,
}

fn len<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

impl<'a> File<'a> {
    fn count(&self) -> i64 {
        len(&self.lines)
    }

    /// A line by its number; outside the file, no bytes.
    fn line(&self, number: i64) -> Line<'a> {
        let index = usize::try_from(number - 1).ok();
        index.and_then(|index| self.lines.get(index)).copied().unwrap_or(Line::NOTHING)
    }

    /// Finds the place of a hunk, with more and more fuzz. A first hunk that fits the other way round makes `patch`
    /// prompt, and skip the file.
    fn place(&mut self, hunk: &Hunk<'_>, first: bool, work: &mut Work) -> Result<i64, PatchError> {
        let old = Pattern::new(hunk, hunk.old, hunk.before());
        let new = Pattern::new(hunk, hunk.new, hunk.after());
        for fuzz in 0..=FUZZ.min(old.prefix.max(old.suffix)) {
            if let Some((at, offset)) = self.locate(&old, fuzz, work)? {
                self.offset += offset;
                // A place before the file is none, but GNU patch goes on from there.
                return if at == 0 { Err(hunk.failed("it fits only before the file")) } else { Ok(at) };
            }
            if first && self.locate(&new, fuzz, work)?.is_some() {
                return Err(hunk.failed("it is already applied, or reversed"));
            }
        }
        Err(hunk.failed("its lines are not in the file"))
    }

    /// Finds the line where the pattern matches with `fuzz` context lines ignored at each end, and how far that is
    /// from where it was expected. Hunks that overlap may yield lines before the file.
    fn locate(&self, p: &Pattern<'_>, fuzz: i64, work: &mut Work) -> Result<Option<(i64, i64)>, PatchError> {
        let (size, count) = (len(&p.lines), self.count());
        let guess = p.first + self.offset;
        if size == 0 {
            return Ok((guess != 0).then_some((guess, 0)));
        }
        let context = p.prefix.max(p.suffix);
        let (prefix, suffix) = (fuzz + p.prefix - context, fuzz + p.suffix - context);
        let (min_where, max_where) = (self.frozen + 1, count - (size - suffix) + 1);
        let max_pos = max_where - guess;
        let max_neg = (guess - min_where).min(guess - 1);
        if prefix < 0 && p.first <= 1 {
            // Only the start of the file, and with less context after, only the whole of it.
            if suffix < 0 && (size != count || p.prefix < self.frozen) {
                return Ok(None);
            }
            let offset = 1 - guess;
            let fits = self.frozen <= p.prefix && offset <= max_pos;
            return Ok((fits && self.matches(p, 1, 0, suffix, work)?).then_some((1, offset)));
        }
        let prefix = prefix.max(0);
        if suffix < 0 {
            // Only the end of the file.
            let offset = guess - (count - size + 1);
            let fits = offset <= max_neg && self.matches(p, guess - offset, prefix, 0, work)?;
            return Ok(fits.then_some((guess - offset, -offset)));
        }
        let start = match (max_pos < 0, max_neg < 0) {
            (true, _) => guess - max_where,
            (false, true) => guess - min_where,
            (false, false) => 0,
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

    fn matches(&self, p: &Pattern<'_>, at: i64, prefix: i64, suffix: i64, work: &mut Work) -> Result<bool, PatchError> {
        work.spend(1)?;
        for (number, line) in (0..len(&p.lines) - suffix.max(0)).zip(&p.lines) {
            if number >= prefix && !work.same(self.line(at + number), *line)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes the file up to a hunk and the hunk. Context is the file's own, not the patch's.
    fn write(&mut self, hunk: &Hunk<'_>, at: i64) -> Result<(), &'static str> {
        if !self.complete {
            return Err("it comes after a line without line feed");
        }
        let mut olds = hunk.before().count();
        // The line of the file before the next old line.
        let mut line = at - 1;
        for row in &hunk.rows {
            if row.kind != b' ' {
                if self.frozen > line {
                    return Err("it overlaps an earlier hunk");
                }
                self.copy_till(line);
                if !self.complete && olds > 0 {
                    return Err("it changes something after a line without line feed");
                }
            }
            match row.kind {
                b'+' => self.put(row.line),
                kind => {
                    line += 1;
                    olds -= 1;
                    self.frozen += i64::from(kind == b'-');
                }
            }
        }
        Ok(())
    }

    /// Copies lines of the file up to this one.
    fn copy_till(&mut self, last: i64) {
        for number in self.frozen + 1..=last.min(self.count()) {
            self.put(self.line(number));
        }
        self.frozen = last;
    }

    fn put(&mut self, line: Line<'_>) {
        if line == Line::NOTHING {
            return;
        }
        if !self.complete {
            self.out.push(b'\n');
        }
        line.write(&mut self.out);
        self.complete = line.newline;
    }
}
