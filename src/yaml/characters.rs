//! Characters that readers of YAML take differently.

use crate::text::Span;

/// Finds a character that BuildStream's reader refuses, or ends a line at where others read on: text behind it must not be taken
/// for a comment.
pub(super) fn strange(text: &str) -> Option<(Span, &'static str)> {
    let bytes = text.as_bytes();
    let at = |(at, byte): (usize, &u8)| match (byte, bytes.get(at + 1), bytes.get(at + 2)) {
        (b'\t' | b'\n' | b'\r', ..) => None,
        (0, ..) => Some((Span::new(at, at + 1), "the file holds a NUL byte")),
        (..0x20 | 0x7f, ..) => Some((Span::new(at, at + 1), "the file holds a control character")),
        (0xc2, Some(0x85), _) => Some((Span::new(at, at + 2), LINE_END)),
        (0xc2, Some(0x80..0xa0), _) => Some((Span::new(at, at + 2), "the file holds a control character")),
        (0xe2, Some(0x80), Some(0xa8 | 0xa9)) => Some((Span::new(at, at + 3), LINE_END)),
        (0xef, Some(0xbf), Some(0xbe | 0xbf)) => {
            Some((Span::new(at, at + 3), "the file holds a character that is none"))
        }
        _ => None,
    };
    bytes.iter().enumerate().find_map(at).or_else(|| directive(text))
}

/// Finds a directive before the document. Readers do not agree on which versions of YAML they take.
fn directive(text: &str) -> Option<(Span, &'static str)> {
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let bare = line.trim_start_matches('\u{feff}');
        if bare.starts_with('%') {
            return Some((Span::new(at, at + line.trim_end().len()), "directives are not read here"));
        }
        if !bare.trim().is_empty() && !bare.trim_start().starts_with('#') {
            return None;
        }
        at += line.len();
    }
    None
}

/// The message on a line that only some readers end.
const LINE_END: &str = "the file holds a character that ends a line for BuildStream alone";

#[cfg(test)]
mod tests {
    use super::LINE_END;
    use crate::text::SourceText;
    use crate::yaml::parse;
    use std::sync::Arc;

    fn file(text: &str) -> Arc<SourceText> {
        Arc::new(SourceText::new("a.bst", text))
    }

    fn error(text: &str) -> String {
        parse(&file(text)).unwrap_err().to_string()
    }

    #[test]
    fn characters_that_other_readers_take_otherwise_are_refused() {
        for strange in ["\u{85}", "\u{2028}", "\u{2029}"] {
            assert_eq!(error(&format!("a: b # c{strange}d: e\n")), format!("a.bst:1:9: {LINE_END}"));
        }
        for control in ["\u{b}", "\u{c}", "\u{1c}", "\u{7f}", "\u{80}"] {
            assert_eq!(error(&format!("a: 'b{control}'\n")), "a.bst:1:6: the file holds a control character");
        }
        for sign in ["[{?kind: a}]", "{a: [?b]}", "[{? ?kind: a}]"] {
            assert!(error(&format!("a: {sign}\n")).contains("BuildStream takes for a sign"), "{sign}");
        }
        assert_eq!(error("a: \u{0}\n"), "a.bst:1:4: the file holds a NUL byte");
        assert_eq!(error("a: \u{ffff}\n"), "a.bst:1:4: the file holds a character that is none");
        for directive in ["%YAML 1.2\n---\n", "\u{feff}# c\n\n%TAG ! x\n---\n", "# c\r%YAML 9.9\r---\r"] {
            assert!(error(&format!("{directive}a: b\n")).ends_with("directives are not read here"), "{directive:?}");
        }
        assert!(parse(&file("a: |\n  x\n# %\nb: 'c\n  %d'\n")).is_ok());
        assert!(parse(&file("a: 'b\u{a0}\u{2026}ä'\t# \r\n")).is_ok());
    }
}
