//! One pass over a patch file: its sections and the places of their hunks.

use super::header::Header;
use super::hunk::{Hunk, Reader};
use super::{INDEX, Opaque, Place, Script, Section};
use crate::bst::patch::text::Cursor;
use crate::bst::patch::touch::Touch;
use crate::bst::patch::{PatchError, PatchLimits};

/// What the search for the next section found.
enum Found {
    /// The headers of a section; the cursor is at its first hunk, if it has one.
    Section(Header),
    /// The headers of a binary patch; the cursor is behind its first line.
    Binary(Header),
    /// A format that is not evaluated.
    Opaque(&'static str),
    /// Nothing more.
    End,
}

/// Reads a patch file as `patch -p<strip>` does.
pub(in crate::bst::patch) fn scan<'a>(
    text: &'a [u8],
    strip: u32,
    limits: &PatchLimits,
) -> Result<Script<'a>, PatchError> {
    let mut script = Script { text, sections: Vec::new(), hunks: Vec::new(), touch: Touch::default(), opaque: None };
    let mut cursor = Cursor::new(text);
    let mut hunk = Hunk::default();
    while cursor.pos == 0 || cursor.pos < text.len() {
        let base = cursor;
        match Search::new(strip).run(&mut cursor) {
            Found::Section(header) => script.push(header, &mut cursor, &mut hunk, limits)?,
            // What follows is no hunk, and is searched for the next headers.
            Found::Binary(header) => script.add(header, cursor.line, script.hunks.len())?,
            Found::Opaque(what) => {
                script.opaque = Some(Opaque { pos: base.pos, line: cursor.line.saturating_sub(1), what });
                break;
            }
            Found::End if base.pos == 0 && !text.is_empty() => return Err(PatchError::NoPatch),
            Found::End => break,
        }
    }
    Ok(script)
}

impl<'a> Script<'a> {
    /// Adds a section, and passes over its hunks.
    fn push(
        &mut self,
        header: Header,
        cursor: &mut Cursor<'a>,
        hunk: &mut Hunk<'a>,
        limits: &PatchLimits,
    ) -> Result<(), PatchError> {
        let line = cursor.line;
        let first = self.hunks.len();
        let reader = Reader::new(&header);
        loop {
            let place = Place { pos: cursor.pos, line: cursor.line };
            if !reader.hunk(cursor, hunk)? {
                break;
            }
            if self.hunks.len() >= limits.hunks {
                let limit = u64::try_from(limits.hunks).unwrap_or(u64::MAX);
                return Err(PatchError::TooLarge { what: "its number of hunks", limit });
            }
            self.hunks.push(place);
        }
        self.add(header, line, first)
    }

    fn add(&mut self, mut header: Header, line: u32, first: usize) -> Result<(), PatchError> {
        if header.names.iter().take(INDEX).any(Option::is_some) {
            // `Index:` counts only where neither side has a name.
            header.names[INDEX] = None;
        }
        if header.names.iter().all(Option::is_none) {
            // `patch` asks for a name, gets none, and fails at the end.
            return Err(PatchError::Malformed { line, why: "a part of it names no file, with this strip level" });
        }
        self.touch.push(line, header.names.iter().flatten().map(Vec::as_slice));
        self.sections.push(Section { line, header, hunks: first..self.hunks.len() });
        Ok(())
    }
}

/// The search for the headers of the next section.
struct Search {
    strip: u32,
    header: Header,
    /// Whether a line that an ed script or a normal diff may start with was seen.
    command: bool,
    /// Whether such a line is a command of an ed script.
    ed: bool,
    /// Whether a command of a normal diff was seen; GNU patch never forgets it.
    normal: bool,
    stars: bool,
}

impl Search {
    fn new(strip: u32) -> Self {
        Self { strip, header: Header::new(), command: false, ed: false, normal: false, stars: false }
    }

    fn run(mut self, cursor: &mut Cursor<'_>) -> Found {
        loop {
            let start = *cursor;
            let Some(raw) = cursor.next() else {
                if self.ed {
                    return Found::Opaque("an ed script");
                }
                if self.header.extended {
                    *cursor = start;
                    return Found::Section(self.header);
                }
                return Found::End;
            };
            if let Some(found) = self.line(raw) {
                if matches!(found, Found::Section(_)) {
                    *cursor = start;
                }
                return found;
            }
        }
    }

    fn line(&mut self, raw: &[u8]) -> Option<Found> {
        let (indent, s) = undent(raw);
        let before_normal = self.normal;
        self.normal |= normal_command(s);
        if !self.header.bare && !self.command {
            self.ed = ed_command(s);
            self.command = self.ed || self.normal;
        }
        let stars = self.stars;
        if self.header.extended && s.starts_with(b"diff --git ") {
            return Some(Found::Section(self.take()));
        }
        if self.header.git && s.starts_with(b"GIT binary patch") {
            self.header.odd = Some("a binary patch");
            return Some(Found::Binary(self.take()));
        }
        self.header.read(s, self.strip, stars);
        if self.header.bare {
            return None;
        }
        if self.command && s == b".\n" {
            return Some(Found::Opaque("an ed script"));
        }
        if s.starts_with(b"@@ -") {
            self.header.finish(s);
            self.header.indent = indent;
            if indent > 0 {
                self.header.odd = Some("an indented patch");
            }
            return Some(Found::Section(self.take()));
        }
        self.stars = s.starts_with(b"********");
        if stars && s.starts_with(b"*** ") {
            return Some(Found::Opaque("a context diff"));
        }
        let body = s.starts_with(b"< ") || s.starts_with(b"> ");
        (before_normal && body).then_some(Found::Opaque("a normal diff"))
    }

    fn take(&mut self) -> Header {
        std::mem::replace(&mut self.header, Header::new())
    }
}

/// The columns of indentation of a line, and the rest of it.
fn undent(raw: &[u8]) -> (usize, &[u8]) {
    let mut column = 0_usize;
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        match first {
            b' ' | b'X' => column += 1,
            b'\t' => column = (column + 8) & !7,
            _ => break,
        }
        rest = tail;
    }
    (column, rest)
}

fn digits(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

/// `1,2c3,4` and its like.
fn normal_command(s: &[u8]) -> bool {
    if !s.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let skip = |text: &[u8]| text.iter().position(|b| !b.is_ascii_digit() && *b != b',').unwrap_or(text.len());
    let rest = s.get(skip(s)..).unwrap_or_default();
    let Some((b'a' | b'c' | b'd', rest)) = rest.split_first() else {
        return false;
    };
    let rest = rest.get(skip(rest)..).unwrap_or_default();
    let end = rest.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(rest.len());
    let rest = rest.get(end..).unwrap_or_default();
    rest.strip_prefix(b"\r").unwrap_or(rest) == b"\n"
}

/// A command that GNU patch takes for the start of an ed script.
fn ed_command(s: &[u8]) -> bool {
    let mut rest = digits(s);
    let mut pair = false;
    if rest.len() != s.len()
        && let Some(second) = rest.strip_prefix(b",")
    {
        rest = digits(second);
        if rest.len() == second.len() {
            return false;
        }
        pair = true;
    }
    let Some((&letter, rest)) = rest.split_first() else {
        return false;
    };
    let rest = match letter {
        b'a' | b'i' if !pair => rest,
        b'c' | b'd' => rest,
        b's' => match rest.strip_prefix(b"/.//") {
            Some(rest) => rest,
            None => return false,
        },
        _ => return false,
    };
    let end = rest.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(rest.len());
    rest.get(end..) == Some(b"\n")
}
