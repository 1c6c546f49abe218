//! `base-dir`: which folder of an archive is staged as the root.
//!
//! The rules are `_list_tar_paths` and `_find_base_dir` of BuildStream's plugin with
//! `buildstream.utils.glob`. Folders are those that the archive lists and those that its files imply. From a
//! tar's names all leading `.` and `/` are dropped first, so that `./` before every name makes no difference; but
//! an archive that lists its own root (`tar -c .`) has the folder ``, which `*` matches and which sorts first:
//! then everything is staged.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::error::ArchiveError;

/// One token of a pattern, over code points.
#[derive(Debug)]
enum Token {
    One(u32),
    /// `?`: any but `/`.
    Any,
    /// `*`: any number of any but `/`.
    Star,
    /// `**`: any number of anything.
    Deep,
    /// `[…]`: one of the ranges, or none of them. A slash is as good as another.
    Class {
        negated: bool,
        ranges: Vec<(u32, u32)>,
    },
}

/// A glob as `buildstream.utils.glob` understands it. `*` and `?` stop at `/`, `**` does not, and nothing can be
/// escaped. A slash in front is added to pattern and path where it is missing.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    tokens: Vec<Token>,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, ArchiveError> {
        let wrong = |what| ArchiveError::Pattern { pattern: text.chars().take(200).collect(), what };
        if text.len() > super::PATTERN_MAX {
            return Err(wrong("it is too long"));
        }
        let mut chars: Vec<u32> = text.chars().map(u32::from).collect();
        if chars.first() != Some(&SLASH) {
            chars.insert(0, SLASH);
        }
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&char) = chars.get(at) {
            at += 1;
            tokens.push(match char::from_u32(char) {
                Some('*') if chars.get(at) == Some(&u32::from('*')) => {
                    at += 1;
                    Token::Deep
                }
                Some('*') => Token::Star,
                Some('?') => Token::Any,
                Some('[') => match class_end(&chars, at) {
                    Some(end) => {
                        let class = class(&chars[at..end]).ok_or_else(|| wrong("a range runs backwards"))?;
                        at = end + 1;
                        class
                    }
                    None => Token::One(char),
                },
                _ => Token::One(char),
            });
        }
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// Returns whether the whole path matches. Takes time proportional to pattern times path.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        let slash = (!path.starts_with(b"/")).then_some(SLASH);
        let mut states = vec![false; self.tokens.len() + 1];
        states[0] = true;
        self.spread(&mut states);
        for char in slash.into_iter().chain(code_points(path)) {
            let mut next = vec![false; states.len()];
            for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| states[*at]) {
                match token {
                    Token::Star | Token::Deep => next[at] |= takes(token, char),
                    _ => next[at + 1] |= takes(token, char),
                }
            }
            self.spread(&mut next);
            states = next;
        }
        states[self.tokens.len()]
    }

    /// Stars may match nothing.
    fn spread(&self, states: &mut [bool]) {
        for (at, token) in self.tokens.iter().enumerate() {
            if states[at] && matches!(token, Token::Star | Token::Deep) {
                states[at + 1] = true;
            }
        }
    }
}

const SLASH: u32 = '/' as u32;

fn takes(token: &Token, char: u32) -> bool {
    match token {
        Token::One(one) => *one == char,
        Token::Any | Token::Star => char != SLASH,
        Token::Deep => true,
        Token::Class { negated, ranges } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&char)) != *negated,
    }
}

/// Returns where the `]` is that ends a class; one directly after `[` or `[!` belongs to the class.
fn class_end(chars: &[u32], from: usize) -> Option<usize> {
    let bracket = u32::from(']');
    let mut at = from + usize::from(chars.get(from) == Some(&u32::from('!')));
    at += usize::from(chars.get(at) == Some(&bracket));
    chars.get(at..)?.iter().position(|char| *char == bracket).map(|more| at + more)
}

/// The inside of a class; `None` if a range runs backwards, which Python refuses.
fn class(inside: &[u32]) -> Option<Token> {
    let dash = u32::from('-');
    let negated = inside.first() == Some(&u32::from('!'));
    let mut rest = &inside[usize::from(negated)..];
    let mut ranges = Vec::new();
    while let Some((&from, more)) = rest.split_first() {
        match more {
            [second, to, after @ ..] if *second == dash => {
                if from > *to {
                    return None;
                }
                ranges.push((from, *to));
                rest = after;
            }
            _ => {
                ranges.push((from, from));
                rest = more;
            }
        }
    }
    Some(Token::Class { negated, ranges })
}

/// The name as Python has it: code points, and for each byte that is not UTF-8 a lone surrogate. Names are sorted
/// and matched so.
pub(super) fn code_points(name: &[u8]) -> impl Iterator<Item = u32> {
    name.utf8_chunks().flat_map(|chunk| {
        let bad = chunk.invalid().iter().map(|byte| 0xDC00 + u32::from(*byte));
        chunk.valid().chars().map(u32::from).chain(bad)
    })
}

/// Finds the root while the names go by.
pub(super) struct Chooser<'a> {
    pattern: &'a Pattern,
    /// The first match so far, in order.
    best: Option<Vec<u8>>,
    /// The same, but a listed folder implies its parents too, which it does not for BuildStream.
    tentative: Option<Vec<u8>>,
    /// Names of matching entries that are no folders: a folder of the same name is not to be trusted.
    files: HashSet<u64>,
    hasher: RandomState,
    last_parent: Option<Vec<u8>>,
}

impl<'a> Chooser<'a> {
    pub(super) fn new(pattern: &'a Pattern) -> Self {
        Self {
            pattern,
            best: None,
            tentative: None,
            files: HashSet::new(),
            hasher: RandomState::new(),
            last_parent: None,
        }
    }

    /// Takes the name of a tar entry; folders come without their slash.
    pub(super) fn see_tar(&mut self, name: &[u8], folder: bool) {
        let start = name.iter().position(|byte| !b"./".contains(byte)).unwrap_or(name.len());
        let stripped = &name[start..];
        if folder {
            self.offer(stripped, true);
        } else if self.pattern.matches(name) {
            self.files.insert(self.hasher.hash_one(name));
        }
        self.parents(stripped, !folder);
    }

    fn parents(&mut self, name: &[u8], certain: bool) {
        let end = name.iter().rposition(|byte| *byte == b'/');
        let parent = end.map(|end| &name[..end]);
        if certain && parent.is_some() && parent == self.last_parent.as_deref() {
            return;
        }
        for (at, _) in name.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            if &name[..at] != b"." {
                self.offer(&name[..at], certain);
            }
        }
        if certain {
            self.last_parent = parent.map(<[u8]>::to_vec);
        }
    }

    fn offer(&mut self, folder: &[u8], certain: bool) {
        let first =
            |than: &Option<Vec<u8>>| than.as_deref().is_none_or(|than| code_points(folder).lt(code_points(than)));
        let (best, tentative) = (certain && first(&self.best), first(&self.tentative));
        if (best || tentative) && self.pattern.matches(folder) {
            if best {
                self.best = Some(folder.to_vec());
            }
            if tentative {
                self.tentative = Some(folder.to_vec());
            }
        }
    }

    /// The root if nothing but what was seen counted, or the parent of a listed folder that may become it.
    pub(super) fn tentative(&self) -> Option<&[u8]> {
        self.tentative.as_deref()
    }

    /// The root, once all names were seen. Empty means that everything is staged.
    pub(super) fn choose(self) -> Result<Vec<u8>, ArchiveError> {
        let Some(best) = self.best else {
            return Err(ArchiveError::NoBase { pattern: self.pattern.text.clone() });
        };
        if self.files.contains(&self.hasher.hash_one(best.as_slice())) {
            return Err(ArchiveError::unsafe_entry(&best, "is a file and the base-dir at once"));
        }
        if best.windows(2).any(|pair| pair == b"//") {
            return Err(ArchiveError::unsafe_entry(&best, "is the base-dir and has an empty component"));
        }
        Ok(best)
    }
}
