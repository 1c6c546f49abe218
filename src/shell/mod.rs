//! A small reader of shell text: simple commands with their words and places. Nothing is ever executed.
//!
//! It knows quotes, comments, line continuations, lists, pipes, redirections, here-documents (whose content is
//! skipped), compound commands, functions and substitutions. What it cannot read it says in [`Shell::unread`]; a rule
//! that needs the whole text makes no claim then. Sizes, counts and depths are bounded.

mod call;
mod commands;
mod compound;
mod word;
pub mod workflow;

use crate::text::Span;

pub use call::Call;

/// How long a text may be, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// How many commands one text may have.
const MAX_COMMANDS: usize = 20_000;

/// How deep substitutions may nest.
const MAX_DEPTH: usize = 24;

/// A shell text as far as it is understood.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The simple commands in the order in which they stand; those of substitutions too.
    pub commands: Vec<Simple>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// Something that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where, in bytes.
    pub at: usize,
    /// Why: a lower-case fragment.
    pub why: &'static str,
}

/// One command: assignments, words, redirections.
#[derive(Clone, Debug, Default)]
pub struct Simple {
    /// `NAME=value` before the first word.
    pub assignments: Vec<Assignment>,
    /// The program and its arguments. Empty where only variables are set.
    pub words: Vec<Word>,
    /// `> file` and the like, without here-documents.
    pub redirects: Vec<Redirect>,
    /// Whether it runs once whenever the text runs: it stands in no loop, branch, function or substitution.
    pub sure: bool,
}

/// `NAME=value`.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The name.
    pub name: String,
    /// What stands behind the `=`.
    pub value: Word,
}

/// A redirection to or from a file.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// Whether the file is written.
    pub writes: bool,
    /// The file.
    pub target: Word,
}

/// A word, quotes taken off.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Word {
    /// The raw bytes, quotes included.
    pub span: Span,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// Whether the shell would expand it as a pattern or as braces.
    pub pattern: bool,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that is what it is.
    Text(String),
    /// `$NAME` or `${NAME}`.
    Variable {
        /// The name; a special parameter by its sign.
        name: String,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
    /// What only running would tell: a substitution, an arithmetic expression.
    Opaque {
        /// Its raw text.
        raw: String,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
}

impl Word {
    /// The text, when the word is nothing but text. It may still be a pattern.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            let Part::Text(text) = part else { return None };
            out.push_str(text);
        }
        Some(out)
    }

    /// The text with which the word begins.
    #[must_use]
    pub fn head(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// Whether the shell, or a variable of BuildStream that is not known, could make other words of it.
    #[must_use]
    pub fn could_be_words(&self) -> bool {
        // Quotes that open a word leave an empty text there.
        let begin = self.parts.iter().find(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        let splits = match begin {
            Some(Part::Variable { name, quoted }) => !quoted || name == "@",
            Some(Part::Opaque { raw, quoted }) => !quoted || raw.contains("[@]"),
            Some(Part::Text(text)) => text.starts_with("%{"),
            None => false,
        };
        splits || (self.pattern && self.head().starts_with('{'))
    }
}

/// Reads a shell text.
#[must_use]
pub fn read(text: &str) -> Shell {
    let mut shell = Shell::default();
    if text.len() > MAX_TEXT {
        shell.unread.push(Unread { at: 0, why: "the text is too long" });
        return shell;
    }
    Reader { text, at: 0, end: text.len(), depth: 0, heredocs: Vec::new(), shell: &mut shell }.whole();
    shell
}

/// A here-document whose content is still to come.
struct Heredoc {
    delimiter: String,
    tabs: bool,
}

/// Reads one text from `at` to `end`.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    depth: usize,
    heredocs: Vec<Heredoc>,
    shell: &'a mut Shell,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.byte(0)
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes()[..self.end].get(self.at + ahead).copied()
    }

    fn starts(&self, with: &str) -> bool {
        self.text.as_bytes()[self.at.min(self.end)..self.end].starts_with(with.as_bytes())
    }

    fn unread(&mut self, why: &'static str) {
        if self.shell.unread.len() < 100 {
            self.shell.unread.push(Unread { at: self.at, why });
        }
    }

    /// Skips blanks and line continuations.
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.byte(1) == Some(b'\n') => self.at += 2,
                _ => return,
            }
        }
    }

    /// Skips a comment up to its line's end.
    fn comment(&mut self) {
        let rest = &self.text.as_bytes()[self.at..self.end];
        self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    }

    /// Skips the content of the here-documents that were announced on the line before.
    fn heredoc_bodies(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let mut closed = false;
            while self.at < self.end && !closed {
                let rest = &self.text[self.at..self.end];
                let line = rest.find('\n').map_or(rest, |at| &rest[..at]);
                self.at = (self.at + line.len() + 1).min(self.end);
                let line = line.trim_end_matches('\r');
                let line = if heredoc.tabs { line.trim_start_matches('\t') } else { line };
                closed = line == heredoc.delimiter;
            }
            if !closed {
                self.unread("a here-document does not end");
            }
        }
    }
}

#[cfg(test)]
mod tests;
