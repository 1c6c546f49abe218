//! Words: quotes, variables and substitutions.

use super::{MAX_DEPTH, Part, Reader, Word};
use crate::text::Span;

/// Whether a byte ends a word that is not quoted.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// A word that is being read.
#[derive(Default)]
struct Parts {
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
                    let from = self.at;
                    self.step();
                    out.text(&self.text[from..self.at]);
                }
                b'\'' => self.single(&mut out),
                b'"' => self.double(&mut out),
                b'$' => self.dollar(&mut out, false),
                b'`' => self.backtick(&mut out, false),
                b'(' if self.at > start && self.text.as_bytes()[self.at - 1] == b'=' => {
                    self.brackets();
                    let raw = self.text[start..self.at].to_owned();
                    out.parts.push(Part::Opaque { raw, quoted: false });
                }
                _ if ends_word(byte) => break,
                _ => {
                    out.note(byte);
                    let from = self.at;
                    self.step();
                    out.text(&self.text[from..self.at]);
                }
            }
        }
        if self.at == start {
            // Never stand still, whatever stands here.
            self.step();
        }
        Word { span: Span::new(start, self.at), parts: out.parts, pattern: out.pattern }
    }

    /// One character.
    pub(super) fn step(&mut self) {
        let width = self.text[self.at.min(self.end)..self.end].chars().next().map_or(0, char::len_utf8);
        self.at += width;
    }

    fn single(&mut self, out: &mut Parts) {
        let from = self.at + 1;
        let Some(length) = self.text[from.min(self.end)..self.end].find('\'') else {
            self.unread("a quote does not end");
            self.at = self.end;
            return;
        };
        out.text(&self.text[from..from + length]);
        self.at = from + length + 1;
    }

    fn double(&mut self, out: &mut Parts) {
        self.at += 1;
        out.text("");
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' if self.byte(1) == Some(b'\n') => self.at += 2,
                b'\\' if matches!(self.byte(1), Some(b'"' | b'\\' | b'$' | b'`')) => {
                    out.text(&self.text[self.at + 1..self.at + 2]);
                    self.at += 2;
                }
                b'$' => self.dollar(out, true),
                b'`' => self.backtick(out, true),
                _ => {
                    let from = self.at;
                    self.step();
                    out.text(&self.text[from..self.at]);
                }
            }
        }
        self.unread("a quote does not end");
    }

    /// What begins with `$`.
    fn dollar(&mut self, out: &mut Parts, quoted: bool) {
        let start = self.at;
        let opaque = |reader: &Self| Part::Opaque { raw: reader.text[start..reader.at].to_owned(), quoted };
        match self.byte(1) {
            Some(b'(') if self.byte(2) == Some(b'(') => {
                self.at += 1;
                self.brackets();
                out.parts.push(opaque(self));
            }
            Some(b'(') => {
                self.at += 2;
                self.nested(b')');
                out.parts.push(opaque(self));
            }
            Some(b'{') => out.parts.push(self.braced(quoted)),
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
                self.single(&mut text);
                let plain = !self.text[start..self.at].contains('\\');
                let part = if plain { text.parts.pop().unwrap_or(Part::Text(String::new())) } else { opaque(self) };
                out.parts.push(part);
            }
            Some(b'"') if !quoted => {
                self.at += 1;
                self.double(out);
            }
            _ => {
                self.at += 1;
                out.text("$");
            }
        }
    }

    /// `${…}`.
    fn braced(&mut self, quoted: bool) -> Part {
        let start = self.at;
        self.at += 2;
        let mut depth = 1usize;
        let mut quotes = Parts::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => {
                    self.at += 1;
                    self.step();
                }
                b'\'' if !quoted => self.single(&mut quotes),
                b'"' => {
                    self.at += 1;
                }
                b'`' => self.backtick(&mut quotes, quoted),
                b'$' if self.byte(1) == Some(b'(') => self.dollar(&mut quotes, quoted),
                b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => self.step(),
            }
        }
        if depth > 0 {
            self.unread("a brace does not end");
        }
        let raw = &self.text[start..self.at];
        let name = raw.strip_prefix("${").and_then(|r| r.strip_suffix('}')).unwrap_or_default();
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.is_empty();
        if plain || name == "@" {
            Part::Variable { name: name.to_owned(), quoted }
        } else {
            Part::Opaque { raw: raw.to_owned(), quoted }
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
        self.inside(start + 1, close);
        self.at = close + 1;
        out.parts.push(Part::Opaque { raw: self.text[start..self.at].to_owned(), quoted });
    }

    /// Reads commands between two places: those of a backtick, or of `sh -c '…'`.
    pub(super) fn inside(&mut self, from: usize, to: usize) {
        if self.depth >= MAX_DEPTH {
            return self.unread("substitutions nest too deeply");
        }
        let (at, end) = (self.at, self.end);
        let heredocs = std::mem::take(&mut self.heredocs);
        (self.at, self.end) = (from, to);
        self.depth += 1;
        self.list(None);
        self.depth -= 1;
        (self.at, self.end, self.heredocs) = (at, end, heredocs);
    }

    /// Reads commands up to a closing byte, which is consumed.
    pub(super) fn nested(&mut self, close: u8) {
        if self.depth >= MAX_DEPTH {
            self.unread("substitutions nest too deeply");
            self.at = self.end;
            return;
        }
        let heredocs = std::mem::take(&mut self.heredocs);
        self.depth += 1;
        self.list(Some(close));
        self.depth -= 1;
        self.heredocs = heredocs;
    }

    /// Skips from `(` to the bracket that closes it: arithmetic and arrays.
    pub(super) fn brackets(&mut self) {
        let mut depth = 0usize;
        let mut ignored = Parts::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => self.at += 1,
                b'\'' => {
                    self.single(&mut ignored);
                    continue;
                }
                b'"' => {
                    self.double(&mut ignored);
                    continue;
                }
                _ => {}
            }
            self.step();
            if depth == 0 {
                return;
            }
        }
        self.unread("a bracket does not end");
    }
}
