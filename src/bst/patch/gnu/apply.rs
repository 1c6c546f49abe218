//! Applying the sections that decide about a path, as `patch` does without a terminal.

use super::header::Mode;
use super::hunk::{Hunk, Reader, Row, shown};
use super::locate::{Input, Pattern};
use super::target::Target;
use super::{NEW, OLD, Opaque, Place, Script, Section};
use crate::bst::patch::error::{ApplyError, HunkError};
use crate::bst::patch::names::base;
use crate::bst::patch::text::{Work, lines};
use crate::bst::patch::tree::Tree;
use crate::bst::patch::{PatchError, target, unsupported};

/// Context lines at each end of a hunk that `patch` ignores if need be.
const FUZZ: i64 = 2;

impl Script<'_> {
    pub(in crate::bst::patch) fn apply<E>(&self, wanted: &str, tree: &mut Tree<'_, E>) -> Result<(), ApplyError<E>> {
        for index in self.touch.sections(wanted)? {
            if let Some(section) = self.sections.get(index) {
                self.section(section, tree)?;
            }
        }
        self.opaque.map_or(Ok(()), |rest| self.not_in(rest, wanted))?;
        self.no_backup(wanted)?;
        Ok(())
    }

    /// A part in another format is passed only if it cannot name the path: a name in a header holds
    /// its last part, except in quotes.
    fn not_in(&self, rest: Opaque, wanted: &str) -> Result<(), PatchError> {
        let text = self.text.get(rest.pos..).unwrap_or_default();
        let last = base(wanted).as_bytes();
        let quoted = text.split(|&b| b == b'\n').any(|line| line.contains(&b'"') && line.contains(&b'\\'));
        if quoted || text.windows(last.len()).any(|window| window == last) {
            return Err(unsupported(rest.line, wanted, rest.what));
        }
        Ok(())
    }

    /// `patch` leaves `NAME.orig` beside a file whose hunks did not fit exactly.
    fn no_backup(&self, wanted: &str) -> Result<(), PatchError> {
        let Some(file) = wanted.strip_suffix(".orig") else {
            return Ok(());
        };
        match self.touch.sections(file)?.first().and_then(|&index| self.sections.get(index)) {
            Some(section) => Err(unsupported(section.line, wanted, "it may become a backup of a patched file")),
            None => Ok(()),
        }
    }

    fn section<E>(&self, section: &Section, tree: &mut Tree<'_, E>) -> Result<(), ApplyError<E>> {
        let found = section.target(self, tree)?;
        let input = found.input.as_deref().unwrap_or_default();
        let output = self.output(section, &found, input, &mut tree.work)?;
        let gone = section.header.says[NEW] == 2;
        if output.empty && gone {
            tree.set(&found.to, None)?;
            return Ok(());
        }
        if gone {
            let why = "it deletes the file, but the file holds more than the patch removes";
            return Err(target(section.line, &found.to, why).into());
        }
        if section.hunks.is_empty() && found.from == found.to && !section.sets_mode() {
            return Ok(());
        }
        if found.from != found.to && section.header.renames() {
            tree.set(&found.from, None)?;
        }
        tree.set(&found.to, Some(output.bytes))?;
        Ok(())
    }

    fn output(&self, section: &Section, found: &Target, input: &[u8], work: &mut Work) -> Result<Output, PatchError> {
        let mut state = Input { lines: lines(input), offset: 0, frozen: 0 };
        let mut output = Output { bytes: Vec::with_capacity(input.len()), after_newline: true, empty: true };
        let reader = Reader::new(&section.header);
        let mut hunk = Hunk::default();
        let places = self.hunks.get(section.hunks.clone()).unwrap_or_default();
        for (number, place) in (1..).zip(places) {
            reader.hunk(&mut place.cursor(self.text), &mut hunk)?;
            let placed = section.place(&hunk, number, &mut state, work).map(|found| match found {
                Ok(at) if at == 1 && section.header.says[OLD] == 2 && !input.is_empty() => {
                    Err("it creates a file that is not empty")
                }
                Ok(at) => output.hunk(&mut state, &hunk, at),
                Err(reason) => Err(reason),
            })?;
            placed.map_err(|reason| self.failed(reader, *place, &found.to, number, reason))?;
        }
        let end = state.count();
        if state.frozen < end {
            output.copy_till(&mut state, end).map_err(|why| target(section.line, &found.to, why))?;
        }
        Ok(output)
    }

    fn failed(&self, reader: Reader, place: Place, path: &str, number: u32, reason: &'static str) -> PatchError {
        HunkError::error(path, place.line, number, reason, shown(reader, place.cursor(self.text)))
    }
}

impl Section {
    /// Finds the place of a hunk, with more and more fuzz. A first hunk that fits the other way
    /// round makes `patch` ask, and skip the file.
    fn place(
        &self,
        hunk: &Hunk<'_>,
        number: u32,
        state: &mut Input<'_>,
        work: &mut Work,
    ) -> Result<Result<i64, &'static str>, PatchError> {
        for fuzz in 0..=FUZZ.min(hunk.prefix.max(hunk.suffix)) {
            if let Some((at, offset)) = state.locate(Pattern::old(hunk), fuzz, work)? {
                state.offset += offset;
                // A place before the file is none, but GNU patch goes on from there.
                return Ok(if at == 0 { Err("it fits only before the file") } else { Ok(at) });
            }
            if number == 1 && state.locate(Pattern::new(hunk), fuzz, work)?.is_some() {
                return Ok(Err("it is already applied, or reversed"));
            }
        }
        Ok(Err("its lines are not in the file"))
    }

    /// Whether `patch` sets the mode of the file, which creates or rewrites it even without hunks.
    fn sets_mode(&self) -> bool {
        let bits = |mode| {
            if let Some(Mode::Regular(bits)) = mode { bits } else { 0 }
        };
        let [old, new] = self.header.modes.map(bits);
        new != 0 && new != old
    }
}

/// What is written so far.
struct Output {
    bytes: Vec<u8>,
    after_newline: bool,
    /// Whether nothing was written, not even an empty line.
    empty: bool,
}

impl Output {
    /// Writes the file up to a hunk and the hunk. Context is the file's own, not the patch's.
    fn hunk(&mut self, state: &mut Input<'_>, hunk: &Hunk<'_>, at: i64) -> Result<(), &'static str> {
        let mut old = hunk.old.iter().peekable();
        let mut new = hunk.new.iter().peekable();
        // The line of the file that stands before the next old line.
        let mut line = at - 1;
        while let Some(next) = old.peek() {
            if next.kind == b'-' {
                if !self.after_newline {
                    return Err("it removes a line after one without line feed");
                }
                self.copy_till(state, line)?;
                state.frozen += 1;
                line += 1;
                old.next();
                continue;
            }
            match new.next() {
                None => break,
                Some(row) if row.kind == b'+' => {
                    self.copy_till(state, line)?;
                    self.row(row)?;
                }
                Some(_) => {
                    line += 1;
                    old.next();
                }
            }
        }
        if new.peek().is_some() {
            self.copy_till(state, line)?;
        }
        for row in new {
            if row.kind != b'+' {
                return Err("its two sides do not belong together");
            }
            self.feed();
            self.row(row)?;
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), &'static str> {
        if row.line.len() == 0 {
            // `patch` before 2.8 takes a write of nothing for a failed one.
            return Err("it adds a line of no bytes");
        }
        row.line.write(&mut self.bytes);
        self.after_newline = row.line.newline;
        self.empty = false;
        Ok(())
    }

    fn copy_till(&mut self, state: &mut Input<'_>, last: i64) -> Result<(), &'static str> {
        if state.frozen > last {
            return Err("it overlaps an earlier hunk");
        }
        for number in state.frozen + 1..=last.min(state.count()) {
            let line = state.line(number);
            if line.len() > 0 {
                self.feed();
                line.write(&mut self.bytes);
                self.after_newline = line.newline;
                self.empty = false;
            }
        }
        state.frozen = last;
        Ok(())
    }

    fn feed(&mut self) {
        if !self.after_newline {
            self.bytes.push(b'\n');
        }
    }
}
