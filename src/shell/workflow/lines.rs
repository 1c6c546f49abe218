//! A shell script as logical lines and the commands in them. Nothing is expanded here.

/// A line with what continues it: after a backslash, or inside quotes. Comments and here-documents are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The text.
    pub(crate) text: String,
}

/// What joins a command to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Nothing: it runs next.
    Next,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
}

/// The logical lines of a script.
#[must_use]
pub(crate) fn lines(script: &str) -> Vec<Line> {
    // Quotes that never close would swallow the rest: then every line stands for itself.
    read(script, true).unwrap_or_else(|| read(script, false).unwrap_or_default())
}

fn read(script: &str, join: bool) -> Option<Vec<Line>> {
    let mut out = Vec::new();
    let mut reader = Reader::default();
    let mut rest = script.lines();
    let mut unended = false;
    while let Some(line) = rest.next() {
        reader.line(line);
        for word in std::mem::take(&mut reader.documents) {
            let mut ahead = rest.clone();
            if !unended && ahead.any(|l| l.trim() == word) {
                rest = ahead;
            } else {
                unended = true;
            }
        }
        if !join {
            reader.quote = None;
        }
        if reader.quote.is_some() {
            reader.text.push('\n');
        } else if !std::mem::take(&mut reader.continues) || !join {
            out.push(Line { text: std::mem::take(&mut reader.text) });
        }
    }
    if join && reader.quote.is_some() {
        return None;
    }
    if !reader.text.is_empty() {
        out.push(Line { text: reader.text });
    }
    Some(out)
}

/// Reads physical lines into one logical line.
#[derive(Default)]
struct Reader {
    text: String,
    quote: Option<char>,
    continues: bool,
    documents: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let mut before = ' ';
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match (self.quote, c) {
                (None | Some('"'), '\\') => {
                    let Some((_, next)) = chars.next() else {
                        self.continues = true;
                        self.text.push(' ');
                        return;
                    };
                    self.text.extend([c, next]);
                    before = next;
                    continue;
                }
                (None, '#') if before.is_whitespace() || before == ';' => return,
                (None, '\'' | '"') => self.quote = Some(c),
                (Some(open), c) if open == c => self.quote = None,
                (None | Some('"'), '<') if before != '<' => self.documents.extend(document(&line[at..])),
                _ => {}
            }
            self.text.push(c);
            before = c;
        }
    }
}

/// The word that ends a here-document, when one begins here.
fn document(text: &str) -> Option<String> {
    let text = text.strip_prefix("<<")?;
    let text = text.strip_prefix('-').unwrap_or(text).trim_start().trim_start_matches(['\'', '"', '\\']);
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let word = &text[..end];
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then(|| word.to_owned())
}

/// The commands of a logical line. `[[ … ]]` is one command.
#[must_use]
pub(crate) fn commands(line: &str) -> Vec<(Op, &str)> {
    let mut out = Vec::new();
    let bytes = line.as_bytes();
    let (mut from, mut at, mut op) = (0, 0, Op::Next);
    let mut quote = None;
    let mut test = false;
    while at < bytes.len() {
        let width = match (quote, bytes[at]) {
            (None | Some(b'"'), b'\\') => {
                at += 2;
                continue;
            }
            (None, c @ (b'\'' | b'"')) => {
                quote = Some(c);
                0
            }
            (Some(open), c) if open == c => {
                quote = None;
                0
            }
            (None, b'[') if bytes[at..].starts_with(b"[[ ") => {
                test = true;
                0
            }
            (None, b']') if bytes[at..].starts_with(b"]]") => {
                test = false;
                0
            }
            (None, _) if !test => operator(&bytes[at..], at.checked_sub(1).map(|b| bytes[b])),
            _ => 0,
        };
        if width > 0 {
            out.push((op, line[from..at].trim()));
            op = match &bytes[at..at + width] {
                b"&&" => Op::And,
                b"||" => Op::Or,
                b"|" => Op::Pipe,
                _ => Op::Next,
            };
            from = at + width;
        }
        at += width.max(1);
    }
    out.push((op, line.get(from..).unwrap_or_default().trim()));
    out.retain(|(_, text)| !text.is_empty());
    out
}

/// How many bytes of an operator begin here.
fn operator(bytes: &[u8], before: Option<u8>) -> usize {
    match bytes {
        [b'&', b'&', ..] | [b'|', b'|', ..] | [b';', b';', ..] => 2,
        [b'&', next, ..] if *next == b'>' => 0,
        [b'&', ..] if matches!(before, Some(b'>' | b'<')) => 0,
        [b'|' | b';' | b'&' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// The words of a command, quotes kept. An expansion is part of one word, blanks inside it included.
#[must_use]
pub(crate) fn words(command: &str) -> Vec<&str> {
    let bytes = command.as_bytes();
    let mut out = Vec::new();
    let (mut from, mut at) = (None, 0);
    let mut quote = None;
    while at < bytes.len() {
        let byte = bytes[at];
        if quote.is_none() && byte.is_ascii_whitespace() {
            out.extend(from.take().map(|start| &command[start..at]));
            at += 1;
            continue;
        }
        from.get_or_insert(at);
        match (quote, byte) {
            (None | Some(b'"'), b'\\') => at += 1,
            (None | Some(b'"'), b'$') => at = expansion(command, at).unwrap_or(at),
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        at += 1;
    }
    out.extend(from.map(|start| &command[start..]));
    out
}

/// The last byte of the `${{ … }}` or `${…}` that begins at `at`.
pub(crate) fn expansion(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let end = if rest.starts_with("${{") { rest.find("}}").map(|end| end + 1) } else { rest.find('}') };
    rest.starts_with("${").then_some(at + end?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<String> {
        lines(script).into_iter().map(|l| l.text).collect()
    }

    #[test]
    fn lines_continue_after_a_backslash_and_inside_quotes() {
        assert_eq!(texts("a \\\n  b\nc 'd\ne' f\n"), ["a    b", "c 'd\ne' f"]);
    }

    #[test]
    fn comments_and_here_documents_are_left_out() {
        assert_eq!(texts("a # b\nc <<'EOF'\nit's\nEOF\nd ${e##*/} <<< f"), ["a ", "c <<'EOF'", "d ${e##*/} <<< f"]);
        assert_eq!(texts("x=\"$(cat <<'EOF'\nit's a \"thing\nEOF\n)\"\ny"), ["x=\"$(cat <<'EOF'\n)\"", "y"]);
    }

    #[test]
    fn quotes_and_documents_that_never_end_swallow_nothing() {
        assert_eq!(texts("a 'b\nc\n"), ["a 'b", "c"]);
        assert_eq!(texts("a <<X\nb\n"), ["a <<X", "b"]);
    }

    #[test]
    fn commands_are_split_at_operators_outside_quotes() {
        let of = |line| commands(line).into_iter().map(|(o, t)| format!("{o:?} {t}")).collect::<Vec<_>>();
        assert_eq!(of("a && b || 'c && d'; e | f"), ["Next a", "And b", "Or 'c && d'", "Next e", "Pipe f"]);
        assert_eq!(of("[[ a == b && c ]] && d 2>&1"), ["Next [[ a == b && c ]]", "And d 2>&1"]);
    }

    #[test]
    fn an_expression_is_one_word() {
        assert_eq!(words("[ \"${{ m.g || 'x y' }}\" = 'a b' ]"), ["[", "\"${{ m.g || 'x y' }}\"", "=", "'a b'", "]"]);
        assert_eq!(words("a ${{ b c }} d\\ e ${F:-g h}i"), ["a", "${{ b c }}", "d\\ e", "${F:-g h}i"]);
    }
}
