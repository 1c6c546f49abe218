//! The one reader of shell text: the commands of elements and the steps of workflows. Nothing is ever executed.
//!
//! [`read`] knows quotes, comments, line continuations, lists, pipes, redirections, here-documents, compound commands,
//! functions and substitutions. What it cannot read it reports in [`Shell::unread`]; a rule that needs the whole text
//! makes no claim then. Sizes, counts and depths are bounded.

mod call;
mod commands;
mod compound;
mod word;

use crate::text::Span;

pub(crate) use call::{Call, Script};

/// The maximum length of a text, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// The maximum number of commands that one text may have.
const MAX_COMMANDS: usize = 20_000;

/// The maximum nesting depth of substitutions.
const MAX_DEPTH: usize = 24;

/// A shell text as far as it is understood.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The simple commands in the order in which they are written; those of substitutions too.
    pub commands: Vec<Simple>,
    /// Why parts of it could not be read: lower-case fragments.
    pub unread: Vec<&'static str>,
    /// The commands among the constructs that decide whether they run.
    pub steps: Vec<Step>,
    /// The bodies of the here-documents.
    pub documents: Vec<Span>,
    /// The bytes between commands: line ends, comments and here-documents.
    pub gaps: Vec<Span>,
}

impl Shell {
    /// Returns whether all of it was read, texts that commands run as commands left aside.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unread.iter().all(|why| commands::RUNS_TEXT.contains(why))
    }
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
    /// Whether it runs once whenever the text runs: it is in no loop, branch, function or substitution.
    pub sure: bool,
    /// The here-documents that it reads, by their number.
    pub documents: Vec<usize>,
    /// The operator that joins it to the command before.
    pub join: Join,
    /// Whether `!` is before it.
    pub negated: bool,
}

/// The operator that joins a command to the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// Nothing: it runs next.
    #[default]
    Next,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
}

/// A part of the way through a text. Every `Open` has its `Close`.
#[derive(Clone, Debug)]
pub enum Step {
    /// The command of this number.
    Command(usize),
    /// `[[ … ]]`, operators among its words.
    Test(Simple),
    /// A construct begins.
    Open(Frame, Join),
    /// The word that a `case` compares.
    Subject(Word),
    /// The variable that a loop sets.
    Variable(String),
    /// `then` and `do`.
    Body,
    /// `elif` and `else`.
    Branch,
    /// The innermost construct ends.
    Close,
}

/// A construct that has commands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// `if`.
    Branch,
    /// `while`, `until`, `for` and `select`.
    Loop,
    /// `case`.
    Case,
    /// `{ … }`.
    Group,
    /// `( … )`.
    Subshell,
    /// The body of a function.
    Function,
    /// A substitution, or a text that is run as commands.
    Nested,
}

/// `NAME=value`.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The name.
    pub name: String,
    /// The value behind the `=`.
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
    /// The parts that it is made of.
    pub parts: Vec<Part>,
    /// Whether the shell would expand it as a pattern or as braces.
    pub pattern: bool,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// `$NAME` or `${NAME}`.
    Variable {
        /// The name; a special parameter by its sign.
        name: String,
        /// Whether it is in double quotes.
        quoted: bool,
    },
    /// A value that is only known at run time: a substitution, an arithmetic expression, an expression `${{ … }}` of a
    /// workflow.
    Opaque {
        /// Its raw text.
        raw: String,
        /// Whether it is in quotes.
        quoted: bool,
    },
}

impl Word {
    /// A word that is this text.
    #[must_use]
    pub fn literal(text: &str, span: Span) -> Self {
        Self { span, parts: vec![Part::Text(text.to_owned())], pattern: false }
    }

    /// The text, when the word is nothing but text. It may still be a pattern.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.parts.iter().all(|part| matches!(part, Part::Text(_))).then(|| self.source())
    }

    /// The text without quotes, variables and substitutions as they are written.
    #[must_use]
    pub fn source(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) | Part::Opaque { raw: text, .. } => out.push_str(text),
                Part::Variable { name, .. } => out.extend(["${", name, "}"]),
            }
        }
        out
    }

    /// The text with which the word begins.
    #[must_use]
    pub fn head(&self) -> &str {
        if let Some(Part::Text(text)) = self.parts.first() { text } else { "" }
    }
}

impl Simple {
    /// Returns whether its input is written in the text: here-documents, here-strings, files.
    #[must_use]
    pub fn has_input(&self) -> bool {
        !self.documents.is_empty() || self.redirects.iter().any(|redirect| !redirect.writes)
    }
}

/// Reads a shell text.
#[must_use]
pub(crate) fn read(text: &str) -> Shell {
    let mut shell = Shell::default();
    if text.len() > MAX_TEXT {
        shell.unread.push("the text is too long");
        return shell;
    }
    let (end, join, heredocs) = (text.len(), Join::Next, Vec::new());
    let mut reader = Reader { text, at: 0, end, depth: 0, join, heredocs, shell: &mut shell };
    reader.list(false);
    reader.heredoc_bodies();
    shell
}

/// Reads one text from `at` to `end`.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    depth: usize,
    /// The operator that joins the next command to the one before.
    join: Join,
    /// The here-documents whose bodies are still to come: what ends each, whether it is indented, its number.
    heredocs: Vec<(String, bool, usize)>,
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
            self.shell.unread.push(why);
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
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        self.gap(length);
    }

    /// Skips bytes that belong to no command.
    fn gap(&mut self, length: usize) {
        self.shell.gaps.push(Span::new(self.at, self.at + length));
        self.at += length;
    }

    /// Skips the bodies of the here-documents that were announced on the line before.
    fn heredoc_bodies(&mut self) {
        for (delimiter, tabs, number) in std::mem::take(&mut self.heredocs) {
            let mut closed = false;
            let start = self.at;
            let mut body = self.at;
            while self.at < self.end && !closed {
                body = self.at;
                let rest = &self.text[self.at..self.end];
                let line = rest.find('\n').map_or(rest, |at| &rest[..at]);
                self.at = (self.at + line.len() + 1).min(self.end);
                let line = line.trim_end_matches('\r');
                let line = if tabs { line.trim_start_matches('\t') } else { line };
                closed = line == delimiter;
            }
            self.shell.documents[number] = Span::new(start, if closed { body } else { self.at });
            self.shell.gaps.push(Span::new(start, self.at));
            if !closed {
                self.unread("a here-document does not end");
            }
        }
    }
}

#[cfg(test)]
mod tests;
