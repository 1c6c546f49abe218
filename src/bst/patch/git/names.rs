//! File names as git takes them from headers.

use crate::bst::patch::names::{is_space, unquote};

/// The longest `diff --git` line whose names are compared, in bytes: two of the longest paths.
pub(super) const LONGEST: usize = 8192;

pub(super) fn dev_null(text: &[u8]) -> bool {
    text.strip_prefix(b"/dev/null").is_some_and(|rest| rest.first().is_some_and(|&b| is_space(b)))
}

/// A name up to a tab or the end of the line, without `count` leading parts.
pub(super) fn plain(text: &[u8], count: u32) -> Option<Vec<u8>> {
    name(text, count, |b| is_space(b) && b != b' ')
}

/// A name up to the end of the line, without `count` leading parts.
pub(super) fn whole(text: &[u8], count: u32) -> Option<Vec<u8>> {
    name(text, count, |b| is_space(b) && b != b' ' && b != b'\t')
}

fn name(text: &[u8], count: u32, ends: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    if let Some((name, _)) = unquote(text) {
        let mut rest = name.as_slice();
        for _ in 0..count {
            let slash = rest.iter().position(|&b| b == b'/')?;
            rest = rest.get(slash + 1..)?;
        }
        return Some(squash(rest));
    }
    let end = text.iter().position(|&b| ends(b)).unwrap_or(text.len());
    let mut rest = text.get(..end)?;
    for _ in 0..count {
        let slash = rest.iter().position(|&b| b == b'/')?;
        rest = rest.get(slash + 1..)?;
    }
    (!rest.is_empty()).then(|| squash(rest))
}

/// Runs of slashes count once.
fn squash(name: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(name.len());
    for &byte in name {
        if byte != b'/' || out.last() != Some(&b'/') {
            out.push(byte);
        }
    }
    out
}

/// The name that both sides of a `diff --git` line have, without `count` leading parts.
pub(super) fn both_names(text: &[u8], count: u32) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"\n").filter(|text| text.len() <= LONGEST)?;
    if text.starts_with(b"\"") {
        let (first, rest) = unquote(text)?;
        let first = skip(&first, count)?.to_vec();
        let start = rest.iter().position(|&b| !is_space(b))?;
        let (second, _) = unquote(rest.get(start..)?)?;
        return (skip(&second, count)? == first).then_some(first);
    }
    if text.contains(&b'"') {
        return None;
    }
    let name = skip(text, count)?;
    for (at, &byte) in name.iter().enumerate() {
        if byte != b' ' && byte != b'\t' {
            continue;
        }
        let rest = name.get(at + 1..)?;
        if rest.is_empty() {
            return None;
        }
        // Only one place can split the line into two names of the same length; others cost nothing.
        if let Some(second) = skip(rest, count).filter(|second| second.len() == at)
            && name.get(..at) == Some(second)
        {
            return Some(second.to_vec());
        }
    }
    None
}

/// Removes `count` leading parts; an absolute path is none.
fn skip(text: &[u8], count: u32) -> Option<&[u8]> {
    if count == 0 {
        return (!text.starts_with(b"/")).then_some(text);
    }
    let slash = text.iter().position(|&b| b == b'/')?;
    (slash > 0).then(|| text.get(slash + 1..)).flatten()
}
