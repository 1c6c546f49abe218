//! Just enough of Rust's grammar to tell code from comments and strings, and to follow `use` trees.

/// The code without comments, and with the content of strings and characters gone.
pub(crate) fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| quoted(rest, out.chars().next_back()));
        if let Some(len) = skipped {
            out.push(' ');
            rest = &rest[len..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The length of the comment that begins here. Block comments nest.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let mut depth = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (change, len) = match rest {
            _ if rest.starts_with("/*") => (1, 2),
            _ if rest.starts_with("*/") => (-1, 2),
            _ => (0, rest.chars().next().map_or(1, char::len_utf8)),
        };
        depth += change;
        at += len;
        if depth == 0 {
            break;
        }
    }
    text.starts_with("/*").then_some(at)
}

/// The length of the string or character that begins here, `r"…"` and `r#"…"#` among them.
fn quoted(text: &str, before: Option<char>) -> Option<usize> {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let raw = text.strip_prefix('r').filter(|_| !in_word || before == Some('b') || before == Some('c'));
    if let Some(raw) = raw {
        let marks = raw.len() - raw.trim_start_matches('#').len();
        if raw[marks..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(marks));
            let open = 1 + marks + 1;
            return Some(text[open..].find(&close).map_or(text.len(), |at| open + at + close.len()));
        }
    }
    let mark = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if mark == '\'' && !is_character(&text[1..]) {
        return None;
    }
    let mut escaped = false;
    let end = text[1..].char_indices().find(|(_, c)| {
        let closes = *c == mark && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    Some(end.map_or(text.len(), |(at, c)| 1 + at + c.len_utf8()))
}

/// Whether a character follows, and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('\\') || chars.next() == Some('\'')
}

/// Every path of the code as its names: `std::fs::read`, and each leaf of a `use` tree with what stands before it.
pub(crate) fn names(code: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let mut outer: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut joined = false;
    for token in tokens(code) {
        match token.as_str() {
            "::" => joined = true,
            "{" => {
                // A `{` after `::` opens a tree; any other opens a block, which continues no path.
                outer.push(if joined { path.clone() } else { Vec::new() });
                finish(&mut path, &mut out);
                path = outer.last().cloned().unwrap_or_default();
                joined = true;
            }
            "}" => {
                finish(&mut path, &mut out);
                outer.pop();
                joined = false;
            }
            "," => {
                finish(&mut path, &mut out);
                path = outer.last().cloned().unwrap_or_default();
                joined = true;
            }
            word if word.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                if !joined {
                    finish(&mut path, &mut out);
                }
                path.push(token);
                joined = false;
            }
            _ => {
                finish(&mut path, &mut out);
                joined = false;
            }
        }
    }
    finish(&mut path, &mut out);
    out
}

fn finish(path: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    if !path.is_empty() {
        out.push(std::mem::take(path));
    }
}

/// Words, `::`, and single signs.
fn tokens(code: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = code.trim_start();
    while let Some(c) = rest.chars().next() {
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let len = match word {
            0 if rest.starts_with("::") => 2,
            0 => c.len_utf8(),
            word => word,
        };
        out.push(rest[..len].to_owned());
        rest = rest[len..].trim_start();
    }
    out
}

/// What says that work is left, or that a test does not run.
pub(crate) fn unfinished(code: &str) -> Vec<String> {
    let tokens = tokens(code);
    let is =
        |at: usize, words: &[&str]| tokens[at..].iter().map(String::as_str).take(words.len()).eq(words.iter().copied());
    let left = |at: usize| {
        let marks: [&[&str]; 5] = [
            &["todo", "!"],
            &["unimplemented", "!"],
            &["dbg", "!"],
            &["#", "[", "ignore", "]"],
            &["#", "[", "ignore", "="],
        ];
        marks.iter().find(|mark| is(at, mark)).map(|mark| mark.concat())
    };
    (0..tokens.len()).filter_map(left).collect()
}
