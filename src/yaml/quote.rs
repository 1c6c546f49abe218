//! How BuildStream's writer writes a string in a block mapping.
//!
//! Measured on BuildStream 2.8 with ruamel.yaml 0.19: every scalar of a block is a string there, and it is
//! written plain whenever YAML's plain style allows it, whatever another parser would make of it.

/// The value as BuildStream writes it after `key: `. Empty for an empty string: nothing follows the colon.
#[must_use]
pub(crate) fn scalar(value: &str) -> String {
    if value.is_empty() || is_plain(value) {
        value.to_owned()
    } else if needs_double(value) {
        double(value)
    } else {
        format!("'{value}'")
    }
}

/// Returns whether the writer leaves the value without quotes.
#[must_use]
pub(crate) fn is_plain(value: &str) -> bool {
    let mut chars = value.chars();
    let Some(first) = chars.next() else {
        return true;
    };
    if value.starts_with("---") || value.starts_with("...") {
        return false;
    }
    if matches!(first, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`') {
        return false;
    }
    let second = chars.next();
    if matches!(first, '?' | ':' | '-') && second.is_none_or(is_blank) {
        return false;
    }
    if value.starts_with(' ') || value.ends_with(' ') || value.chars().any(|c| is_break(c) || is_special(c)) {
        return false;
    }
    let all: Vec<char> = value.chars().collect();
    !all.iter().enumerate().skip(1).any(|(i, c)| match c {
        ':' => all.get(i + 1).is_none_or(|next| is_blank(*next)),
        '#' => is_blank(all[i - 1]),
        _ => false,
    })
}

/// Returns whether single quotes would not do.
fn needs_double(value: &str) -> bool {
    let mut space = false;
    for c in value.chars() {
        if c == '\'' || c == '\n' || is_special(c) || (space && is_break(c)) {
            return true;
        }
        space = c == ' ';
    }
    false
}

/// YAML's double-quoted form, everything that is not printable escaped.
fn double(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0' => out.push_str("\\0"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\x0b' => out.push_str("\\v"),
            '\x0c' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\x1b' => out.push_str("\\e"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            c if is_special(c) => out.push_str(&escape(c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The shortest numeric escape.
fn escape(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02X}"),
        0x100..=0xffff => format!("\\u{code:04X}"),
        _ => format!("\\U{code:08X}"),
    }
}

/// A character that ends a plain scalar's `:` or begins its `#`.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\0') || is_break(c)
}

/// A line break as the writer sees it. CR is special instead.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A character that must be escaped.
fn is_special(c: char) -> bool {
    let printable =
        matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    (!printable && !is_break(c)) || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn strings_that_look_like_other_types_stay_plain() {
        for plain in [
            "null",
            "true",
            "on",
            "1e5",
            "0x1f",
            "1_000",
            "01",
            "10.",
            "0.20",
            "2001-01-01",
            ".inf",
            "~x",
            "~",
            "=",
            "<<",
            "1:2",
            "-x",
            "x#y",
            "x,y",
            "with space",
            "é",
            "github:pop-os//cosmic-protocols",
            "a'b",
            "?x",
            ":x",
        ] {
            assert_eq!(scalar(plain), plain);
        }
    }

    #[test]
    fn what_plain_cannot_hold_is_single_quoted() {
        for quoted in [
            "-", "- x", "?", "? x", "#weird", "a: b", "x #y", "*", "@x", "%", "[x]", "{x}", "&a", "!t", "|", ">", "`b",
            "\"q\"", "a:", "--- a", " a", "a ",
        ] {
            assert_eq!(scalar(quoted), format!("'{quoted}'"));
        }
    }

    #[test]
    fn double_quotes_only_where_single_ones_would_not_do() {
        assert_eq!(scalar("'q'"), "\"'q'\"");
        assert_eq!(scalar("a\nb"), "\"a\\nb\"");
        assert_eq!(scalar("tab\there"), "\"tab\\there\"");
        assert_eq!(scalar("\u{feff}x\u{7f}"), "\"\\uFEFFx\\x7F\"");
        assert_eq!(scalar("#a'\\"), "\"#a'\\\\\"");
    }
}
