//! Words of header lines.

use crate::bst::patch::names::{is_space, unquote};

/// The text without white space at its start.
pub(super) fn trim_start(mut text: &[u8]) -> &[u8] {
    while let Some((&first, rest)) = text.split_first() {
        if !is_space(first) {
            break;
        }
        text = rest;
    }
    text
}

/// A name of a `diff --git` line: quoted, or up to the next white space.
pub(super) fn word(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let text = trim_start(text);
    if text.starts_with(b"\"") {
        return unquote(text);
    }
    let end = text.iter().position(|&b| is_space(b)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    Some((name.to_owned(), rest))
}

/// Hex digits in lower case, and what follows them.
pub(super) fn hex(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f')).unwrap_or(text.len());
    if end == 0 { None } else { text.split_at_checked(end) }
}

/// What an object id says of its file: 2 for none, 1 for an empty one, else 0.
pub(super) fn blob_says(id: &[u8]) -> u8 {
    const EMPTY: &[u8] = b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    if id.iter().all(|&b| b == b'0') { 2 } else { u8::from(EMPTY.starts_with(id)) }
}
