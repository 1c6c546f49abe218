//! `git apply`: exact context, offsets, all or nothing.

mod apply;
mod attributes;
mod header;
mod hunk;
mod names;
mod scan;

pub(super) use scan::scan;

use std::ops::Range;

use super::touch::Touch;

/// A patch file as `git apply` reads it.
#[derive(Debug)]
pub(super) struct Script<'a> {
    sections: Vec<Section>,
    hunks: Vec<hunk::Fragment<'a>>,
    touch: Touch,
}

/// The part of a patch file that is for one file.
#[derive(Debug)]
struct Section {
    line: u32,
    header: header::Header,
    /// Its hunks, in `Script::hunks`.
    hunks: Range<usize>,
}
