//! Words: quotes, variables and substitutions.

use super::{Frame, MAX_DEPTH, Part, Reader, Step, Word};
use crate::text::Span;

/// Returns whether a byte ends a word that is not quoted.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// A word that is being read.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
    pattern: bool,
    brace: bool,
}

impl Parts {
    fn text(&mut self, text: &str) {
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Text(text.to_owned()));
        }
    }

    /// Notes what an unquoted byte means for expansion.
    fn note(&mut self, byte: u8) {
        match byte {
            b'*' | b'?' | b'[' => self.pattern = true,
            b'{' => self.brace = true,
            b'}' => self.brace = false,
            b',' if self.brace => self.pattern = true,
            _ => {}
        }
    }
}

impl Reader<'_> {
    /// The word that begins here. Something is always consumed.
    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        let mut out = Parts::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' if self.byte(1) == Some(b'\n') => self.at += 2,
                b'\\' => {
                    self.at += 1;
                    self.literal(&mut out);
                }
                b'\'' | b'"' => self.quote(&mut out, byte),
                b'$' => self.dollar(&mut out, false),
                b'`' => self.backtick(&mut out, false),
                b'(' if self.at > start && self.text.as_bytes()[self.at - 1] == b'=' => {
                    self.balanced(false);
                    let raw = self.text[start..self.at].to_owned();
                    out.parts.push(Part::Opaque { raw, quoted: false });
                }
                _ if ends_word(byte) => break,
                _ => {
                    out.note(byte);
                    self.literal(&mut out);
                }
            }
        }
        if self.at == start {
            // Never stay in one place, whatever is here.
            self.step();
        }
        Word { span: Span::new(start, self.at), parts: out.parts, pattern: out.pattern }
    }

    /// Skips one character.
    fn step(&mut self) {
        let width = self.text[self.at.min(self.end)..self.end].chars().next().map_or(0, char::len_utf8);
        self.at += width;
    }

    /// Takes one character as it is.
    fn literal(&mut self, out: &mut Parts) {
        let from = self.at;
        self.step();
        out.text(&self.text[from..self.at]);
    }

    /// Reads up to the quote that ends what the quote here begins.
    fn quote(&mut self, out: &mut Parts, quote: u8) {
        self.at += 1;
        out.text("");
        while let Some(byte) = self.peek() {
            match byte {
                _ if byte == quote => {
                    self.at += 1;
                    return;
                }
                b'$' if self.expression(out, true) => {}
                _ if quote == b'\'' => self.literal(out),
                b'\\' if self.byte(1) == Some(b'\n') => self.at += 2,
                b'\\' if matches!(self.byte(1), Some(b'"' | b'\\' | b'$' | b'`')) => {
                    self.at += 1;
                    self.literal(out);
                }
                b'$' => self.dollar(out, true),
                b'`' => self.backtick(out, true),
                _ => self.literal(out),
            }
        }
        self.unread("a quote does not end");
    }

    /// `${{ … }}`, which GitHub replaces before the shell sees any quote.
    fn expression(&mut self, out: &mut Parts, quoted: bool) -> bool {
        let rest = &self.text[self.at.min(self.end)..self.end];
        let Some(length) = rest.starts_with("${{").then(|| rest.find("}}")).flatten() else {
            return false;
        };
        out.parts.push(Part::Opaque { raw: rest[..length + 2].to_owned(), quoted });
        self.at += length + 2;
        true
    }

    /// Reads what begins with `$`.
    fn dollar(&mut self, out: &mut Parts, quoted: bool) {
        if self.expression(out, quoted) {
            return;
        }
        let start = self.at;
        let opaque = |reader: &Self| Part::Opaque { raw: reader.text[start..reader.at].to_owned(), quoted };
        match self.byte(1) {
            Some(b'(') if self.byte(2) == Some(b'(') => {
                self.at += 1;
                self.balanced(quoted);
                out.parts.push(opaque(self));
            }
            Some(b'(') => {
                self.at += 2;
                self.nested(None);
                out.parts.push(opaque(self));
            }
            Some(b'{') => {
                self.at += 1;
                self.balanced(quoted);
                let raw = self.text[start..self.at].strip_prefix("${").and_then(|raw| raw.strip_suffix('}'));
                let name = raw.unwrap_or_default();
                let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.is_empty();
                let part =
                    if plain || name == "@" { Part::Variable { name: name.to_owned(), quoted } } else { opaque(self) };
                out.parts.push(part);
            }
            Some(b) if b.is_ascii_alphabetic() || b == b'_' => {
                let rest = &self.text.as_bytes()[self.at + 1..self.end];
                let length = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_')).unwrap_or(rest.len());
                let name = self.text[self.at + 1..self.at + 1 + length].to_owned();
                self.at += 1 + length;
                out.parts.push(Part::Variable { name, quoted });
            }
            Some(b) if matches!(b, b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') || b.is_ascii_digit() => {
                self.at += 2;
                out.parts.push(Part::Variable { name: char::from(b).to_string(), quoted });
            }
            Some(b'\'') if !quoted => {
                self.at += 1;
                let mut text = Parts::default();
                self.quote(&mut text, b'\'');
                let escapes = self.text[start..self.at].contains('\\');
                if escapes { out.parts.push(opaque(self)) } else { out.parts.append(&mut text.parts) }
            }
            Some(b'"') if !quoted => {
                self.at += 1;
                self.quote(out, b'"');
            }
            _ => {
                self.at += 1;
                out.text("$");
            }
        }
    }

    fn backtick(&mut self, out: &mut Parts, quoted: bool) {
        let start = self.at;
        let bytes = &self.text.as_bytes()[..self.end];
        let mut close = self.at + 1;
        while close < bytes.len() && bytes[close] != b'`' {
            close += if bytes[close] == b'\\' { 2 } else { 1 };
        }
        if close >= bytes.len() {
            self.unread("a backtick does not end");
            self.at = self.end;
            return;
        }
        self.nested(Some(Span::new(start + 1, close)));
        self.at = close + 1;
        out.parts.push(Part::Opaque { raw: self.text[start..self.at].to_owned(), quoted });
    }

    /// Reads the commands of a substitution: up to its closing bracket, or between two places.
    pub(super) fn nested(&mut self, within: Option<Span>) {
        if self.depth >= MAX_DEPTH {
            self.unread("substitutions nest too deeply");
            self.at = if within.is_some() { self.at } else { self.end };
            return;
        }
        let (at, end) = (self.at, self.end);
        let (heredocs, join) = (std::mem::take(&mut self.heredocs), std::mem::take(&mut self.join));
        if let Some(span) = within {
            (self.at, self.end) = (span.start, span.end);
        }
        self.shell.steps.push(Step::Open(Frame::Nested, join));
        self.depth += 1;
        self.list(within.is_none());
        self.depth -= 1;
        self.shell.steps.push(Step::Close);
        if within.is_some() {
            (self.at, self.end) = (at, end);
        }
        (self.heredocs, self.join) = (heredocs, join);
    }

    /// Skips from `(` or `{` to the bracket that closes it. Substitutions inside are read.
    pub(super) fn balanced(&mut self, quoted: bool) {
        let brace = self.peek() == Some(b'{');
        let (open, close) = if brace { (b'{', b'}') } else { (b'(', b')') };
        let mut ignored = Parts::default();
        let mut depth = 0usize;
        if self.depth >= MAX_DEPTH {
            self.unread("substitutions nest too deeply");
            self.at = self.end;
            return;
        }
        self.depth += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => {
                    self.at += 1;
                    self.step();
                }
                b'\'' | b'"' if !quoted => self.quote(&mut ignored, byte),
                b'`' => self.backtick(&mut ignored, quoted),
                b'$' if self.byte(1) == Some(b'(') => self.dollar(&mut ignored, quoted),
                _ => {
                    depth = (depth + usize::from(byte == open)).saturating_sub(usize::from(byte == close));
                    self.step();
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
        self.depth -= 1;
        if depth > 0 {
            self.unread(if brace { "a brace does not end" } else { "a bracket does not end" });
        }
    }
}
