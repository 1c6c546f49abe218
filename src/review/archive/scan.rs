//! What is counted in each file while its archive is read, so that no archive has to be kept.

use super::{lexer, odd};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What was counted in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Its lines that are not empty, each as a hash without the space around it. Of files that nobody reviews: none.
    pub lines: Vec<u64>,
    /// Where it leaves what the compiler proves.
    pub unsafe_uses: u32,
}

/// Extensions of texts that are no code.
const WORDS: [&str; 8] = ["adoc", "lock", "markdown", "md", "orig", "rst", "svg", "txt"];

/// Counts in a file, by its path with the folder that everything is in. At most so many lines are counted.
#[must_use]
pub fn scan(path: &str, content: &[u8], most: usize) -> Scan {
    let inside = path.split_once('/').map_or("", |(_, inside)| inside);
    let name = inside.rsplit('/').next().unwrap_or(inside);
    let kind = odd::extension(inside);
    let words = kind.as_deref().is_some_and(|kind| WORDS.contains(&kind));
    let legal = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "UNLICENSE"].iter().any(|word| name.starts_with(word));
    let rust = kind.as_deref() == Some("rs");
    // A module may be in a folder of any name, and the compiler takes a NUL in a comment.
    let aside = odd::is_aside(if rust { &inside[..inside.find('/').map_or(0, |at| at + 1)] } else { inside });
    if aside || words || legal || name.starts_with('.') || (!rust && content.contains(&0)) {
        return Scan::default();
    }
    let Ok(text) = std::str::from_utf8(content) else { return Scan::default() };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(most).map(|line| {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        hasher.finish()
    });
    let unsafe_uses = if rust { lexer::unsafe_uses(text) } else { 0 };
    Scan { lines: lines.collect(), unsafe_uses }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_counted_and_words_tests_and_data_are_not() {
        let lines = |path: &str, content: &[u8]| scan(&format!("a-1.0.0/{path}"), content, 100).lines.len();
        assert_eq!((lines("src/a.rs", b"a\n\n  b\n"), lines("c/x.c", b"a"), lines("Makefile", b"a\r\nb")), (2, 1, 2));
        for (path, content) in [("README.md", &b"a"[..]), ("tests/a.rs", b"a"), (".x", b"a"), ("LICENSE-MIT", b"a")] {
            assert_eq!(lines(path, content), 0, "{path}");
        }
        assert_eq!((lines("x.c", b"a\0"), lines("x.rs", b"\xff")), (0, 0));
        for (path, content) in [("src/testing/mod.rs", &b"a"[..]), ("src/docs/a.rs", b"a"), ("x.rs", b"// \0")] {
            assert_eq!(lines(path, content), 1, "{path}: the compiler may read it");
        }
        assert_eq!(scan("a-1.0.0/x.rs", b"a\nb\nc", 2).lines.len(), 2);
        assert_eq!(scan("a-1.0.0/x.rs", b"unsafe {}", 0).unsafe_uses, 1);
    }
}
