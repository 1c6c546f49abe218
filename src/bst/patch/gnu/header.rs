//! The lines before the hunks of a section.

use super::words::{blob_says, hex, trim_start, word};
use super::{INDEX, NEW, OLD};
use crate::bst::patch::names::{Stamp, gnu_stamp, is_space, strip, unquote};

/// What the headers of a section say. Places are GNU patch's: until a hunk is seen, `---` stands
/// in `NEW` and `+++` in `OLD`.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Header {
    pub(super) names: [Option<Vec<u8>>; 3],
    stamps: [Stamp; 2],
    /// 0 for a file with content, 1 for one that is probably empty, 2 for one that does not exist.
    pub(super) says: [u8; 2],
    pub(super) modes: [Option<Mode>; 2],
    pub(super) copy: [bool; 2],
    pub(super) rename: [bool; 2],
    /// Whether a `diff --git` line was seen.
    pub(super) git: bool,
    /// Whether a line of git's extended headers was seen.
    pub(super) extended: bool,
    /// Whether no header line was seen yet.
    pub(super) bare: bool,
    /// Whether carriage returns at line ends of the hunks are dropped.
    pub(super) strip_cr: bool,
    /// Columns by which the hunks are indented.
    pub(super) indent: usize,
    /// Why the section is not evaluated, if it is not.
    pub(super) odd: Option<&'static str>,
}

/// A file mode, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Regular(u32),
    Other,
}

impl Header {
    pub(super) fn new() -> Self {
        Self {
            names: [None, None, None],
            stamps: [Stamp::Absent; 2],
            says: [0; 2],
            modes: [None; 2],
            copy: [false; 2],
            rename: [false; 2],
            git: false,
            extended: false,
            bare: true,
            strip_cr: false,
            indent: 0,
            odd: None,
        }
    }

    pub(super) fn renames(&self) -> bool {
        self.rename == [true; 2]
    }

    pub(super) fn copies(&self) -> bool {
        self.copy == [true; 2]
    }

    /// Reads one line, its indentation removed. `stars` is set after a line of stars, where
    /// `*** ` is a range of a context diff.
    pub(super) fn read(&mut self, s: &[u8], count: u32, stars: bool) {
        let cr = s.ends_with(b"\r\n");
        if let (false, Some(rest)) = (stars, s.strip_prefix(b"*** ")) {
            self.name(OLD, rest, count);
            self.bare = false;
        } else if let Some(rest) = s.strip_prefix(b"+++ ") {
            self.name(OLD, rest, count);
            self.bare = false;
            self.strip_cr = cr;
        } else if let Some(rest) = s.strip_prefix(b"Index:") {
            self.index_name(rest, count);
            self.bare = false;
            self.strip_cr = cr;
        } else if s.starts_with(b"Prereq:") {
            self.odd = Some("a `Prereq:` line");
        } else if let Some(rest) = s.strip_prefix(b"diff --git ") {
            self.git_names(rest, count);
        } else if !(self.git && self.git_line(s)) {
            let mut rest = s;
            while let Some(tail) = rest.strip_prefix(b"- ") {
                rest = tail;
            }
            if let Some(name) = rest.strip_prefix(b"--- ") {
                if rest.len() != s.len() {
                    self.odd = Some("a header quoted in the way of RFC 934");
                }
                self.name(NEW, name, count);
                self.bare = false;
                self.strip_cr = cr;
            }
        }
    }

    /// The name and time of a `---` or `+++` line. `/dev/null` leaves a name from `diff --git`.
    fn name(&mut self, place: usize, text: &[u8], count: u32) {
        let Some((name, rest)) = self.fetch(text, b'\t') else {
            return;
        };
        if name == b"/dev/null" {
            self.stamp(place, Stamp::Epoch);
            return;
        }
        let Some(name) = strip(&name, count) else {
            return;
        };
        let stamp = if rest == b"\n" { Stamp::Absent } else { gnu_stamp(rest) };
        // `---` keeps an earlier time when it has none of its own.
        if place == OLD || stamp != Stamp::Absent {
            self.stamp(place, stamp);
        }
        self.put(place, name.to_owned());
    }

    fn index_name(&mut self, text: &[u8], count: u32) {
        let Some((name, rest)) = self.fetch(text, b'\n') else {
            return;
        };
        if name != b"/dev/null"
            && rest == b"\n"
            && let Some(name) = strip(&name, count)
        {
            self.put(INDEX, name.to_owned());
        }
    }

    /// Splits a name from what follows it. A name may hold spaces when `mark` follows later.
    fn fetch<'t>(&mut self, text: &'t [u8], mark: u8) -> Option<(Vec<u8>, &'t [u8])> {
        if text.contains(&0) {
            self.odd = Some("a NUL byte in a header");
        }
        let text = trim_start(text);
        if text.starts_with(b"\"") {
            return unquote(text);
        }
        let mut end = 0;
        while let Some(&byte) = text.get(end) {
            if is_space(byte) {
                let mut last = end;
                while text.get(last) != Some(&b'\t') && text.get(last + 1).is_some_and(|&b| is_space(b)) {
                    last += 1;
                }
                let later = text.get(last + 1..).unwrap_or_default();
                if text.get(last) == Some(&b'\t') || !later.contains(&mark) {
                    break;
                }
            }
            end += 1;
        }
        let (name, rest) = text.split_at_checked(end)?;
        Some((name.to_owned(), rest))
    }

    fn git_names(&mut self, text: &[u8], count: u32) {
        if text.contains(&0) {
            self.odd = Some("a NUL byte in a header");
        }
        let names = word(text).and_then(|(old, rest)| {
            let (new, rest) = if rest.first().is_some_and(|&b| is_space(b)) {
                word(rest)?
            } else {
                return None;
            };
            let (old, new) = (strip(&old, count)?.to_owned(), strip(&new, count)?.to_owned());
            trim_start(rest).is_empty().then_some((old, new))
        });
        let (old, new) = names.unzip();
        self.put_or_clear(OLD, old);
        self.put_or_clear(NEW, new);
        self.git = true;
        self.bare = false;
    }

    /// One line of git's extended headers; whether it is one.
    fn git_line(&mut self, s: &[u8]) -> bool {
        if let Some(rest) = s.strip_prefix(b"index ") {
            self.index_line(rest);
            return true;
        }
        if let Some(rest) = s.strip_prefix(b"old mode ") {
            self.mode(OLD, rest);
        } else if let Some(rest) = s.strip_prefix(b"new mode ") {
            self.mode(NEW, rest);
        } else if let Some(rest) = s.strip_prefix(b"deleted file mode ") {
            self.mode(OLD, rest);
            self.say(NEW, 2);
        } else if let Some(rest) = s.strip_prefix(b"new file mode ") {
            self.mode(NEW, rest);
            self.say(OLD, 2);
        } else if s.starts_with(b"rename from ") {
            self.rename = [true, self.rename[NEW]];
        } else if s.starts_with(b"rename to ") {
            self.rename = [self.rename[OLD], true];
        } else if s.starts_with(b"copy from ") {
            self.copy = [true, self.copy[NEW]];
        } else if s.starts_with(b"copy to ") {
            self.copy = [self.copy[OLD], true];
        } else {
            return false;
        }
        self.extended = true;
        true
    }

    /// `index <old>..<new> [<mode>]`: zeros stand for no file, the empty blob for an empty one.
    fn index_line(&mut self, rest: &[u8]) {
        let Some((old, rest)) = hex(rest) else { return };
        let Some((new, rest)) = rest.strip_prefix(b"..").and_then(hex) else {
            return;
        };
        if !rest.is_empty() && !rest.first().is_some_and(|&b| is_space(b)) {
            return;
        }
        self.say(OLD, blob_says(old));
        self.say(NEW, blob_says(new));
        let rest = trim_start(rest);
        if !rest.is_empty() {
            self.mode(OLD, rest);
            self.mode(NEW, rest);
        }
        self.extended = true;
    }

    /// A `@@ -` line ends the headers: the sides are put right, and empty ranges are noted.
    pub(super) fn finish(&mut self, s: &[u8]) {
        self.names.swap(OLD, NEW);
        self.stamps.swap(OLD, NEW);
        let ranges = s.get(4..).unwrap_or_default();
        let zero = |range: &[u8]| range.first() == Some(&b'0') && !range.get(1).is_some_and(u8::is_ascii_digit);
        if zero(ranges) {
            self.say_by_stamp(OLD);
        }
        let gap = ranges.iter().position(|&b| b == b' ' || b == b'\n').unwrap_or(ranges.len());
        let mut new = ranges.get(gap..).unwrap_or_default();
        while let Some(tail) = new.strip_prefix(b" ") {
            new = tail;
        }
        if new.strip_prefix(b"+").is_some_and(zero) {
            self.say_by_stamp(NEW);
        }
    }

    fn say_by_stamp(&mut self, side: usize) {
        match self.stamps.get(side) {
            Some(Stamp::Epoch) => self.say(side, 2),
            Some(Stamp::Unknown) => {
                self.odd = Some("a file is created or emptied, with a time that is not understood");
            }
            _ => self.say(side, 1),
        }
    }

    fn say(&mut self, side: usize, what: u8) {
        if let Some(says) = self.says.get_mut(side) {
            *says = what;
        }
    }

    fn stamp(&mut self, place: usize, stamp: Stamp) {
        if let Some(slot) = self.stamps.get_mut(place) {
            *slot = stamp;
        }
    }

    fn put(&mut self, place: usize, name: Vec<u8>) {
        self.put_or_clear(place, Some(name));
    }

    fn put_or_clear(&mut self, place: usize, name: Option<Vec<u8>>) {
        if let Some(slot) = self.names.get_mut(place) {
            *slot = name;
        }
    }

    fn mode(&mut self, side: usize, text: &[u8]) {
        let text = trim_start(text);
        let digits = text.get(..6).unwrap_or_default();
        let rest = text.get(6..).unwrap_or_default();
        let octal = digits.len() == 6 && digits.iter().all(|b| matches!(b, b'0'..=b'7'));
        let mode = if octal && digits.starts_with(b"100") && (rest == b"\n" || rest == b"\r\n") {
            Mode::Regular(digits.iter().fold(0, |mode, b| mode * 8 + u32::from(b - b'0')))
        } else {
            Mode::Other
        };
        if let Some(slot) = self.modes.get_mut(side) {
            *slot = Some(mode);
        }
    }
}
