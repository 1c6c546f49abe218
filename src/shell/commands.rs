//! Lists of commands: separators, redirections, reserved words and functions.

use super::{Assignment, Heredoc, MAX_COMMANDS, Part, Reader, Redirect, Simple, Word};
use crate::text::Span;

/// What a list is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Branch,
    Loop,
    Case,
    Group,
    Subshell,
    Function,
}

/// A list that is being read.
#[derive(Default)]
pub(super) struct List {
    command: Simple,
    pub(super) frames: Vec<Frame>,
    /// The next command runs only if the one before fails.
    or: bool,
    /// The next group is a function's body.
    pub(super) function: bool,
}

impl Reader<'_> {
    /// Reads the whole text.
    pub(super) fn whole(&mut self) {
        self.list(None);
        if !self.heredocs.is_empty() {
            self.heredoc_bodies();
        }
    }

    /// Reads commands up to the end, or up to a closing byte, which is consumed.
    pub(super) fn list(&mut self, close: Option<u8>) {
        let mut list = List::default();
        loop {
            self.blanks();
            let Some(byte) = self.peek() else {
                self.finish(&mut list);
                if close.is_some() {
                    self.unread("a bracket does not end");
                } else if !list.frames.is_empty() {
                    self.unread("a compound command does not end");
                }
                return;
            };
            match byte {
                b'#' => self.comment(),
                b'\n' => {
                    self.at += 1;
                    self.finish(&mut list);
                    list.or = false;
                    self.heredoc_bodies();
                }
                b';' | b'&' | b'|' => self.separator(&mut list),
                b'(' => self.open(&mut list),
                b')' => {
                    self.finish(&mut list);
                    self.at += 1;
                    if list.frames.last() == Some(&Frame::Subshell) {
                        list.frames.pop();
                    } else if close == Some(b')') {
                        return;
                    } else {
                        self.unread("a bracket closes nothing");
                    }
                }
                b'<' | b'>' => self.redirect(&mut list.command),
                _ => self.next_word(&mut list),
            }
        }
    }

    fn separator(&mut self, list: &mut List) {
        if self.starts("&>") {
            self.at += 1;
            return self.redirect(&mut list.command);
        }
        let case = self.starts(";;") || self.starts(";&");
        let or = self.starts("||");
        self.at += if case || or || self.starts("&&") || self.starts("|&") { 2 } else { 1 };
        if case && self.peek() == Some(b'&') {
            self.at += 1;
        }
        self.finish(list);
        list.or = or;
        if case && list.frames.last() == Some(&Frame::Case) {
            self.pattern(list);
        }
    }

    /// `(`: a subshell, an arithmetic command or the brackets of a function.
    fn open(&mut self, list: &mut List) {
        let command = &mut list.command;
        if self.starts("((") && command.words.is_empty() {
            self.brackets();
        } else if command.words.is_empty() && command.assignments.is_empty() {
            self.at += 1;
            list.frames.push(Frame::Subshell);
        } else if command.words.len() == 1 {
            self.at += 1;
            self.blanks();
            if self.peek() == Some(b')') {
                self.at += 1;
                list.command = Simple::default();
                list.function = true;
            } else {
                self.unread("a bracket that is not understood");
            }
        } else {
            self.unread("a bracket that is not understood");
            self.at += 1;
        }
    }

    /// A redirection. The digits before it are a word that was taken off already.
    fn redirect(&mut self, command: &mut Simple) {
        if self.starts("<(") || self.starts(">(") {
            let start = self.at;
            self.at += 2;
            self.nested(b')');
            let raw = self.text[start..self.at].to_owned();
            let parts = vec![Part::Opaque { raw, quoted: true }];
            command.words.push(Word { span: Span::new(start, self.at), parts, pattern: false });
            return;
        }
        let heredoc = self.starts("<<") && !self.starts("<<<");
        let tabs = self.starts("<<-");
        let writes = self.peek() == Some(b'>') || self.starts("<>");
        while matches!(self.peek(), Some(b'<' | b'>')) {
            self.at += 1;
        }
        let copies = !heredoc && self.peek() == Some(b'&');
        if tabs || copies || self.peek() == Some(b'|') {
            self.at += 1;
        }
        self.blanks();
        if self.peek().is_none_or(|b| matches!(b, b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')) {
            return self.unread("a redirection without a file");
        }
        let target = self.word();
        if heredoc {
            match target.text() {
                Some(delimiter) => self.heredocs.push(Heredoc { delimiter, tabs }),
                None => self.unread("a here-document whose end is not text"),
            }
        } else if !copies {
            command.redirects.push(Redirect { writes, target });
        }
    }

    fn next_word(&mut self, list: &mut List) {
        let word = self.word();
        let raw = &self.text[word.span.start..word.span.end];
        let first = list.command.words.is_empty();
        if raw.bytes().all(|b| b.is_ascii_digit()) && matches!(self.peek(), Some(b'<' | b'>')) {
            return;
        }
        if first && list.command.assignments.is_empty() && self.reserved(raw, list) {
            return;
        }
        if first && let Some(assignment) = assignment(raw, &word) {
            list.command.assignments.push(assignment);
            return;
        }
        list.command.words.push(word);
    }

    /// The command that was read so far is whole.
    fn finish(&mut self, list: &mut List) {
        let mut command = std::mem::take(&mut list.command);
        if command.words.is_empty() && command.assignments.is_empty() && command.redirects.is_empty() {
            return;
        }
        if self.shell.commands.len() >= MAX_COMMANDS {
            self.unread("there are too many commands");
            self.at = self.end;
            return;
        }
        let plain = list.frames.iter().all(|frame| matches!(frame, Frame::Group | Frame::Subshell));
        command.sure = plain && !list.or && self.depth == 0;
        let inner = self.shell_text(&command);
        self.shell.commands.push(command);
        if let Some(span) = inner {
            self.inside(span.start, span.end);
        }
    }

    /// The text of `sh -c '…'`, when it stands there as it is.
    fn shell_text(&mut self, command: &Simple) -> Option<Span> {
        let call = command.calls().into_iter().next()?;
        if call.program == "eval" {
            self.unread("`eval` runs what only running would tell");
            return None;
        }
        if !matches!(call.program.as_str(), "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh") {
            return None;
        }
        let is_c =
            |word: &Word| word.text().is_some_and(|t| t.starts_with('-') && !t.starts_with("--") && t.ends_with('c'));
        let at = call.args.iter().position(is_c)?;
        let word = call.args.get(at + 1)?;
        let raw = &self.text[word.span.start..word.span.end];
        let inside = |quote: char| {
            let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inner.contains(quote) && (quote == '\'' || !inner.contains('\\'))).then_some(())
        };
        if raw.len() >= 2 && (inside('\'').is_some() || inside('"').is_some()) {
            return Some(Span::new(word.span.start + 1, word.span.end - 1));
        }
        self.unread("a shell that runs what only running would tell");
        None
    }
}

/// `NAME=value` or `NAME+=value`.
fn assignment(raw: &str, word: &Word) -> Option<Assignment> {
    let length = raw.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_'))?;
    let (name, rest) = raw.split_at(length);
    let sign = if rest.starts_with('=') {
        1
    } else if rest.starts_with("+=") {
        2
    } else {
        return None;
    };
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut value = word.clone();
    value.span.start += length + sign;
    if let Some(Part::Text(text)) = value.parts.first_mut() {
        *text = text.get(length + sign..).unwrap_or_default().to_owned();
    }
    if sign == 2 {
        // What is added to is not known here.
        value.parts.insert(0, Part::Opaque { raw: String::new(), quoted: true });
    }
    Some(Assignment { name: name.to_owned(), value })
}
