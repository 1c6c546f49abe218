//! Texts without characters that hide, move or resemble others.

use std::fmt::Write as _;

/// Letters and marks that print as nothing, though Unicode calls them printable.
const BLANKS: [char; 5] = ['\u{115f}', '\u{1160}', '\u{2800}', '\u{3164}', '\u{ffa0}'];

/// Scripts that run from right to left: they would move their neighbours.
const RIGHT_TO_LEFT: [std::ops::RangeInclusive<char>; 5] = [
    '\u{590}'..='\u{8ff}',
    '\u{fb1d}'..='\u{fdff}',
    '\u{fe70}'..='\u{fefe}',
    '\u{10800}'..='\u{10fff}',
    '\u{1e800}'..='\u{1efff}',
];

/// The text with every character that is not plainly visible written as `\u{…}`: controls and line ends, spaces other than the plain
/// one, zero-width and directional characters, letters from right to left, marks that combine, private and unassigned characters.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ' ' || c.is_ascii_graphic() || (!c.is_ascii() && !hides(c)) {
            out.push(c);
        } else {
            let _ = write!(out, "{}", c.escape_unicode());
        }
    }
    out
}

/// The same for names of crates and versions, where a letter that is not ASCII only resembles one. Backticks are shown as `\u{60}`, so that
/// the name can be put between two.
#[must_use]
pub fn ident(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_graphic() && c != '`' {
            out.push(c);
        } else {
            let _ = write!(out, "{}", c.escape_unicode());
        }
    }
    out
}

/// A name between backticks, for texts that [`text`](super::text()) renders. Long ones lose their middle.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("`{}`", middle(&ident(&middle(name, 120)), 120))
}

/// Returns whether a character that is not ASCII prints as nothing, or changes the characters around it.
fn hides(c: char) -> bool {
    c.escape_debug().len() > 1 || BLANKS.contains(&c) || RIGHT_TO_LEFT.iter().any(|r| r.contains(&c))
}

/// The text with at most `max` characters: both ends stay, because names differ at either.
#[must_use]
pub fn middle(text: &str, max: usize) -> String {
    if text.len() <= max || text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let keep = max.saturating_sub(1);
    let head: String = text.chars().take(keep - keep / 2).collect();
    let tail: Vec<char> = text.chars().rev().take(keep / 2).collect();
    head + "…" + &tail.iter().rev().collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_shown() {
        assert_eq!(visible("a\u{200b}b\u{202e}c\nd\u{a0}e"), "a\\u{200b}b\\u{202e}c\\u{a}d\\u{a0}e");
        assert_eq!(
            visible("e\u{301}\u{3164}\u{5d0}\u{feff}\u{e0041}"),
            "e\\u{301}\\u{3164}\\u{5d0}\\u{feff}\\u{e0041}"
        );
        assert_eq!(visible("Grüße → 東京 🦀"), "Grüße → 東京 🦀");
    }

    #[test]
    fn a_name_is_ascii_and_has_no_backtick() {
        assert_eq!(ident("sеrde`x y"), "s\\u{435}rde\\u{60}x\\u{20}y");
        assert_eq!(quoted("serde_json"), "`serde_json`");
        assert!(quoted(&"`".repeat(10_000)).chars().count() < 130);
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(middle("abcdefgh", 5), "ab…gh");
        assert_eq!(middle("äbcdefgh", 8), "äbcdefgh");
        assert_eq!(middle("abc", 1), "…");
        assert_eq!(middle("abc", 0), "…");
    }
}
