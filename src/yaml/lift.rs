//! Lifts crate lists out of a text before YAML is parsed.
//!
//! A crate list is hundreds of lines in one rigid form. Where every line of it has exactly the form that BuildStream
//! writes, and where the next line cannot belong to it, the lines are cut out and kept as text: what is left is a
//! short file. A list that differs in anything, or that is not the value of a `ref:` key when the rest was
//! parsed (it may be text of a script), is not cut: the file is then read in full. Both ways give the same tree.

use crate::text::Span;
use std::borrow::Cow;

/// A crate list that is still text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// The column of its dashes, from 0.
    pub dash: usize,
}

/// The lists that were found in a text, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cuts {
    cuts: Vec<(Span, Lifted)>,
}

/// The keys that an entry can have in the plain form, with their order.
const KEYS: [&[u8]; 6] = [b"kind", b"commit", b"repo", b"name", b"version", b"sha"];

/// Finds the crate lists of a text.
#[must_use]
pub(crate) fn cuts(text: &str) -> Cuts {
    let bytes = text.as_bytes();
    let mut cuts = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("ref:\n").map(|at| at + from) {
        from = at + "ref:\n".len();
        let line = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |p| p + 1);
        if !bytes[line..at].iter().all(|b| matches!(b, b' ' | b'-')) {
            continue;
        }
        if let Some((end, lifted)) = list(bytes, from, at - line) {
            cuts.push((Span::new(from, end), lifted));
            from = end;
        }
    }
    Cuts { cuts }
}

/// The list that begins at `from`, below a key in column `key`: its end, if every line has the plain form.
fn list(bytes: &[u8], from: usize, key: usize) -> Option<(usize, Lifted)> {
    let dash = indent(bytes, from);
    if dash < key || bytes.get(from + dash..from + dash + 2) != Some(b"- ") {
        return None;
    }
    let mut at = from;
    while let Some(end) = entry(bytes, at, dash) {
        at = end;
    }
    (at > from && ends_there(bytes, at, dash, key)).then_some((at, Lifted { dash }))
}

/// The end of the entry that begins at `at`.
fn entry(bytes: &[u8], at: usize, dash: usize) -> Option<usize> {
    if indent(bytes, at) != dash || bytes.get(at + dash..at + dash + 2) != Some(b"- ") {
        return None;
    }
    let mut seen = [false; KEYS.len() + 1];
    let first = at + dash + 2;
    let (key, mut at) = pair(bytes, first)?;
    mark(&mut seen, key)?;
    // Only entries that name their kind first are in the plain form, or old ones without a kind.
    let git = bytes[first..].starts_with(b"kind: git\n");
    if key == b"kind" && !git && !bytes[first..].starts_with(b"kind: registry\n") {
        return None;
    }
    while indent(bytes, at) == dash + 2 && bytes.get(at + dash + 2).is_some_and(u8::is_ascii_lowercase) {
        let start = at + dash + 2;
        if bytes[start..].starts_with(b"query:\n") {
            mark(&mut seen, b"query")?;
            at = query(bytes, start + b"query:\n".len(), dash + 4)?;
        } else {
            let (key, end) = pair(bytes, start)?;
            mark(&mut seen, key)?;
            if key == b"kind" {
                return None;
            }
            at = end;
        }
    }
    let [_, commit, repo, name, version, sha, query] = seen;
    if !(name && version) || (git, git, !git) != (commit, repo, sha) || (query && !git) {
        return None;
    }
    // A line further in would continue the last value.
    let inside = indent(bytes, at) > dash && bytes.get(at + indent(bytes, at)).is_some_and(|b| *b != b'\n');
    (!inside).then_some(at)
}

/// The end of a `query` mapping: at most the three pairs that cargo writes.
fn query(bytes: &[u8], mut at: usize, column: usize) -> Option<usize> {
    let mut seen: Vec<&[u8]> = Vec::new();
    while indent(bytes, at) == column {
        let (key, end) = pair(bytes, at + column)?;
        if !matches!(key, b"rev" | b"tag" | b"branch") || seen.contains(&key) {
            return None;
        }
        seen.push(key);
        at = end;
    }
    (!seen.is_empty() && indent(bytes, at) < column).then_some(at)
}

/// A `key: value` line whose value needs no YAML to be understood: its key, and where the next line begins.
fn pair(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let end = at + bytes.get(at..)?.iter().position(|b| *b == b'\n')?;
    let line = &bytes[at..end];
    let colon = line.iter().position(|b| *b == b':')?;
    let value = line.get(colon + 1..)?.strip_prefix(b" ")?;
    let simple = |b: &u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-' | b'/' | b':' | b'@' | b'~' | b'=' | b'%')
    };
    let plain =
        value.first().is_some_and(u8::is_ascii_alphanumeric) && value.iter().all(simple) && value.last() != Some(&b':');
    plain.then_some((&line[..colon], end + 1))
}

/// Notes a key. None when it is unknown or a duplicate.
fn mark(seen: &mut [bool; KEYS.len() + 1], key: &[u8]) -> Option<()> {
    let at = KEYS.iter().position(|k| *k == key).or((key == b"query").then_some(KEYS.len()))?;
    (!std::mem::replace(&mut seen[at], true)).then_some(())
}

/// Returns whether the line at `at` cannot belong to the list before it.
fn ends_there(bytes: &[u8], mut at: usize, dash: usize, key: usize) -> bool {
    loop {
        let column = indent(bytes, at);
        match bytes.get(at + column) {
            None => return true,
            Some(b'\n') => at += column + 1,
            Some(b'#') => match bytes[at..].iter().position(|b| *b == b'\n') {
                Some(end) => at += end + 1,
                None => return true,
            },
            Some(b'\t' | b'\r') => return false,
            Some(b'-') if column >= dash.min(key) => return false,
            Some(_) => return column <= key,
        }
    }
}

/// The number of spaces at `at`.
fn indent(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|b| **b == b' ').count())
}

impl Cuts {
    /// Returns the number of lists that were found.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.cuts.len()
    }

    /// Returns whether none was found.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// The text without the lists.
    #[must_use]
    pub(crate) fn reduce<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.cuts.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut from = 0;
        for (span, _) in &self.cuts {
            out.push_str(&text[from..span.start]);
            from = span.end;
        }
        out.push_str(&text[from..]);
        Cow::Owned(out)
    }

    /// The lines of a cut in the original text.
    #[must_use]
    pub(crate) fn original(&self, cut: usize) -> Span {
        self.cuts[cut].0
    }

    /// A cut's form.
    #[must_use]
    pub(crate) fn lifted(&self, cut: usize) -> Lifted {
        self.cuts[cut].1
    }

    /// The cut whose lines follow a key that ends at `end` of the original text.
    #[must_use]
    pub(crate) fn after_key(&self, end: usize) -> Option<usize> {
        self.cuts.iter().position(|(span, _)| span.start == end + ":\n".len())
    }

    /// Maps a place of the reduced text, at which something begins, to the original.
    #[must_use]
    pub(crate) fn to_original(&self, at: usize) -> usize {
        self.shift(at, |reduced, at| reduced <= at)
    }

    /// Maps a place of the reduced text, at which something ends, to the original.
    #[must_use]
    pub(crate) fn to_original_end(&self, at: usize) -> usize {
        self.shift(at, |reduced, at| reduced < at)
    }

    /// Maps a place of the original, outside the lists, to the reduced text.
    #[must_use]
    pub(crate) fn to_reduced(&self, at: usize) -> usize {
        at - self.cuts.iter().filter(|(span, _)| span.end <= at).map(|(span, _)| span.end - span.start).sum::<usize>()
    }

    fn shift(&self, at: usize, passed: impl Fn(usize, usize) -> bool) -> usize {
        let mut shift = 0;
        for (span, _) in &self.cuts {
            if !passed(span.start - shift, at) {
                break;
            }
            shift += span.end - span.start;
        }
        at + shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "  - kind: registry\n    name: a\n    version: 1.0.0\n    sha: ab\n  - kind: git\n    commit: cd\n    repo: https://x/y\n    query:\n      tag: v1\n    name: b\n    version: 0.1.0\n";

    fn found(before: &str, list: &str, after: &str) -> usize {
        cuts(&format!("{before}{list}{after}")).len()
    }

    #[test]
    fn a_plain_list_is_lifted_whatever_follows_it() {
        for after in
            ["", "\nvariables: {}\n", "config:\n", "# end\n\nconfig:\n", "- kind: patch\n", "  cargo-lock: x\n"]
        {
            assert_eq!(found("sources:\n- kind: cargo2\n  ref:\n", LIST, after), 1, "{after:?}");
        }
    }

    #[test]
    fn a_line_that_could_belong_to_the_list_prevents_lifting() {
        for after in
            ["  - kind: 'q'\n", "    x: y\n", "      more\n", "\t\n", "   x\n", "  - {}\n", "    # c\n    x: y\n"]
        {
            assert_eq!(found("sources:\n- kind: cargo2\n  ref:\n", LIST, after), 0, "{after:?}");
        }
    }

    #[test]
    fn values_that_need_yaml_prevent_lifting() {
        for (from, to) in [
            ("1.0.0", "'1.0.0'"),
            ("ab", "ab # c"),
            ("cd", "&x cd"),
            ("https://x/y", "x: y"),
            ("sha", "sha2"),
            ("    name: a\n", "    name: a\n    name: a\n"),
        ] {
            assert_eq!(found("- kind: cargo2\n  ref:\n", &LIST.replacen(from, to, 1), ""), 0, "{to:?}");
        }
    }

    #[test]
    fn places_are_the_same_in_both_texts() {
        let before = "- kind: cargo2\n  ref:\n";
        let text = format!("{before}{LIST}after: x\n");
        let cuts = cuts(&text);
        let reduced = cuts.reduce(&text);
        assert_eq!(&*reduced, "- kind: cargo2\n  ref:\nafter: x\n");
        let at = reduced.find("after").unwrap();
        assert_eq!(cuts.to_original(at), text.find("after").unwrap());
        assert_eq!(cuts.to_original_end(at), before.len());
        assert_eq!(cuts.to_reduced(text.find("after").unwrap()), at);
    }
}
