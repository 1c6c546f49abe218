//! `patch -pN`: which file a section is for, and what it does to it.

mod apply;
mod header;
mod hunk;
mod locate;
mod scan;
mod target;
mod words;

pub(super) use scan::scan;

use std::ops::Range;

use super::text::Cursor;
use super::touch::Touch;

/// A patch file as GNU patch reads it.
#[derive(Debug)]
pub(super) struct Script<'a> {
    text: &'a [u8],
    sections: Vec<Section>,
    hunks: Vec<Place>,
    touch: Touch,
    /// From here on the file is a format that is not evaluated.
    opaque: Option<Opaque>,
}

/// The rest of a patch file in a format that is not evaluated.
#[derive(Debug, Clone, Copy)]
struct Opaque {
    pos: usize,
    line: u32,
    what: &'static str,
}

/// Where a hunk starts.
#[derive(Debug, Clone, Copy)]
struct Place {
    pos: usize,
    line: u32,
}

impl Place {
    fn cursor(self, text: &[u8]) -> Cursor<'_> {
        Cursor { text, pos: self.pos, line: self.line }
    }
}

/// The part of a patch file that is for one file.
#[derive(Debug)]
struct Section {
    /// Line of its first hunk, or of what ended its headers.
    line: u32,
    header: header::Header,
    /// Its hunks, in `Script::hunks`.
    hunks: Range<usize>,
}

const OLD: usize = 0;
const NEW: usize = 1;
const INDEX: usize = 2;
