//! Words and code spans.

use super::Href;
use super::visible::{middle, visible};
use std::fmt::Write as _;

/// The maximum number of characters that a code span shows.
pub const CODE_LIMIT: usize = 160;

/// The maximum number of characters that [`text`] takes.
pub const TEXT_LIMIT: usize = 400;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// Letters, digits and harmless punctuation.
    Plain(&'a str),
    /// Anything else.
    Code(&'a str),
    /// Between words.
    Space,
}

/// Renders prose from outside, one line of at most [`TEXT_LIMIT`] characters: words stay words, text between backticks is code,
/// and so is every other word that could mean something to GitHub.
#[must_use]
pub fn text(text: &str) -> String {
    text_to(text, TEXT_LIMIT)
}

/// [`text`] with another limit, in characters of the given text.
#[must_use]
pub fn text_to(text: &str, max: usize) -> String {
    render(&cut(text, max), code)
}

/// The same as HTML, for the inside of `<summary>`, where Markdown is not read.
#[must_use]
pub fn html(text: &str) -> String {
    let escape = |raw: &str| {
        let shown = middle(&visible(raw), CODE_LIMIT);
        shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    render(&cut(text, TEXT_LIMIT), |raw| format!("<code>{}</code>", escape(raw)))
}

/// Renders a text as a code span. Backticks in it are harmless; empty text is said to be empty.
#[must_use]
pub fn code(text: &str) -> String {
    let shown = middle(&visible(&middle(text, CODE_LIMIT)), CODE_LIMIT);
    if shown.is_empty() {
        return "(empty)".to_owned();
    }
    let mark = "`".repeat(longest_run(&shown) + 1);
    let edge = |c: char| c == '`' || c == ' ';
    // One space at both ends belongs to the marks, if there is more than spaces.
    let pad = if shown.starts_with(edge) || shown.ends_with(edge) { " " } else { "" };
    format!("{mark}{pad}{shown}{pad}{mark}")
}

/// A link. `label` is rendered already.
#[must_use]
pub fn link(label: &str, href: &Href) -> String {
    format!("[{label}]({href})")
}

/// The length of the longest run of backticks.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The first `max` characters. A code span that is cut is closed.
fn cut(text: &str, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else { return text.to_owned() };
    let mut out = text[..end].to_owned() + "…";
    if out.matches('`').count() % 2 == 1 {
        out.push('`');
    }
    out
}

/// Puts the pieces together; `code` renders those that are not plain.
fn render(text: &str, code: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Space if out.is_empty() || out.ends_with(' ') => {}
            Piece::Space => out.push(' '),
            Piece::Code(raw) => {
                // Two code spans side by side would be read as one.
                let gap = if out.ends_with('`') { " " } else { "" };
                let _ = write!(out, "{gap}{}", code(raw));
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Takes a text apart.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let parts: Vec<&str> = text.split('`').collect();
    for (at, part) in parts.iter().enumerate() {
        let closed = at + 1 < parts.len();
        match (at % 2 == 1, closed) {
            // An empty code span shows nothing, but keeps apart what would mean something as one word: `www.``evil.example`.
            (true, true) if part.is_empty() => out.push(Piece::Space),
            (true, true) => out.push(Piece::Code(part)),
            (true, false) => {
                out.push(Piece::Code("`"));
                words(part, &mut out);
            }
            (false, _) => words(part, &mut out),
        }
    }
    out
}

/// Takes words apart.
fn words<'a>(part: &'a str, out: &mut Vec<Piece<'a>>) {
    if part.starts_with(char::is_whitespace) {
        out.push(Piece::Space);
    }
    for (at, word) in part.split_whitespace().enumerate() {
        if at > 0 {
            out.push(Piece::Space);
        }
        let first = out.iter().all(|piece| *piece == Piece::Space);
        push(word, first, out);
    }
    if part.ends_with(char::is_whitespace) {
        out.push(Piece::Space);
    }
}

/// Classifies one word: brackets and punctuation around it stay outside the code span.
fn push<'a>(word: &'a str, first: bool, out: &mut Vec<Piece<'a>>) {
    let tail_at = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '"', '…']).len();
    let core_at = tail_at - word[..tail_at].trim_start_matches(['(', '\'', '"']).len();
    let core = &word[core_at..tail_at];
    let numbered = first && !core.is_empty() && core.bytes().all(|b| b.is_ascii_digit()) && tail_at < word.len();
    if numbered {
        // At the start of a line it would begin a list.
        return out.push(Piece::Code(word));
    }
    if core.eq_ignore_ascii_case("www") && word[tail_at..].starts_with('.') {
        // The start of an address, whatever follows it.
        return out.extend([Piece::Plain(&word[..core_at]), Piece::Code(&word[core_at..])]);
    }
    let kind = if core.is_empty() || harmless(core) { Piece::Plain } else { Piece::Code };
    out.extend([Piece::Plain(&word[..core_at]), kind(core), Piece::Plain(&word[tail_at..])]);
}

/// Returns whether a word means nothing but itself, in any position.
fn harmless(word: &str) -> bool {
    if matches!(word, "→" | "—" | "–" | "·" | "×" | "≤" | "≥" | "≠") {
        return true;
    }
    if word.chars().all(|c| c.is_ascii_digit() || c == ',') && !word.starts_with(',') && word.len() < 12 {
        return word.contains(',') || word.len() < 7;
    }
    let inner = |c: char| c.is_alphanumeric() || ".-+'’%".contains(c);
    let ends = word.starts_with(char::is_alphanumeric) && word.ends_with(|c: char| c.is_alphanumeric() || c == '%');
    ends && word.chars().all(inner) && visible(word) == word && !refers(word)
}

/// Returns whether GitHub would link a word of letters, digits, dots and dashes: an address, a commit, an issue as `GH-1` or
/// of a tracker.
fn refers(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let parts: Vec<&str> = word.split(|c: char| !c.is_alphanumeric()).collect();
    let commit = |part: &&str| part.len() >= 7 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    lower.starts_with("www.")
        || lower.contains("http")
        || parts.iter().any(commit)
        || (word.contains('-') && parts.windows(2).any(|p| p[0].starts_with(char::is_alphabetic) && digits(p[1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words_and_marks_become_code() {
        for (given, expected) in [
            (
                "the block is not what the lock asks for: 1 moved, 1 missing",
                "the block is not what the lock asks for: 1 moved, 1 missing",
            ),
            ("run `cargo2-bot regenerate a.bst` now", "run `cargo2-bot regenerate a.bst` now"),
            ("ping @octocat, see #12 and GH-7", "ping `@octocat`, see `#12` and `GH-7`"),
            ("see (https://evil.example/x).", "see (`https://evil.example/x`)."),
            (
                "www.evil.example <b>x</b> a|b *x* _y_ [z](q)",
                "`www.evil.example` `<b>x</b>` `a|b` `*x*` `_y_` `[z](q`)",
            ),
            ("commit deadbeef is 12 of 1,234 and 20261122", "commit `deadbeef` is 12 of 1,234 and `20261122`"),
            ("1. first", "`1.` first"),
            ("- first + second", "`-` first `+` second"),
            ("~ a 1.0.0 → 1.1.0-rc.1+x", "`~` a 1.0.0 → `1.1.0-rc.1+x`"),
            ("two\r\n\u{a0}lines", "two lines"),
            ("zero\u{200b}width", "`zero\\u{200b}width`"),
            ("a lonely ` tick", "a lonely `` ` `` tick"),
            ("`a``b`#1", "`a` `b` `#1`"),
            (":tada: a:b 3:4", "`:tada`: `a:b` `3:4`"),
            (":``tada: www.``evil.example dead``beef1", ": tada: `www.` evil.example dead beef1"),
            ("(www. is not one)", "(`www.` is not one)"),
            ("", ""),
            ("  spaces  ", "spaces"),
        ] {
            assert_eq!(text(given), expected, "{given:?}");
        }
    }

    #[test]
    fn a_code_span_holds_any_text() {
        for (given, expected) in [
            ("serde", "`serde`"),
            ("a`b", "``a`b``"),
            ("`a", "`` `a ``"),
            ("a``", "``` a`` ```"),
            (" a ", "`  a  `"),
            ("", "(empty)"),
            ("a\nb", "`a\\u{a}b`"),
        ] {
            assert_eq!(code(given), expected, "{given:?}");
        }
        assert!(code(&"\u{10ffff}".repeat(5000)).chars().count() <= CODE_LIMIT + 4);
    }

    #[test]
    fn a_summary_is_html_without_marks() {
        assert_eq!(
            html("`a<b>`: 12 crates & @x"),
            "<code>a&lt;b&gt;</code>: 12 crates <code>&amp;</code> <code>@x</code>"
        );
    }

    #[test]
    fn a_text_that_is_cut_closes_its_code() {
        assert_eq!(text_to("run `abc def` now", 8), "run `abc…`");
        assert_eq!(text_to("run now", 3), "run…");
    }
}
