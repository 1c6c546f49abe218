//! Lists of commands: separators, redirections, reserved words and functions.

use super::{Assignment, Frame, Join, MAX_COMMANDS, Part, Reader, Redirect, Script, Simple, Step, Word};
use crate::text::Span;

/// Why a text that a command runs as commands is not read.
pub(super) const RUNS_TEXT: [&str; 2] =
    ["`eval` runs a text that is only known at run time", "a shell runs a text that is only known at run time"];

/// A list that is being read.
#[derive(Default)]
pub(super) struct List {
    pub(super) command: Simple,
    frames: Vec<Frame>,
    /// The number of frames that may not run, or run more than once.
    unsure: usize,
    /// Whether a command was read since the last operator.
    pub(super) joined: bool,
    pub(super) negated: bool,
    /// The next group is a function's body.
    pub(super) function: bool,
}

impl Reader<'_> {
    /// Reads commands up to the end, or up to a closing bracket, which is consumed.
    pub(super) fn list(&mut self, bracket: bool) {
        let mut list = List::default();
        loop {
            self.blanks();
            let Some(byte) = self.peek() else {
                self.finish(&mut list);
                if bracket {
                    self.unread("a bracket does not end");
                } else if !list.frames.is_empty() {
                    self.unread("a compound command does not end");
                }
                break;
            };
            match byte {
                b'#' => self.comment(),
                b'\n' => {
                    self.gap(1);
                    self.finish(&mut list);
                    if std::mem::take(&mut list.joined) {
                        self.join = Join::Next;
                    }
                    self.heredoc_bodies();
                }
                b';' | b'&' | b'|' => self.separator(&mut list),
                b'(' => self.bracket(&mut list),
                b')' => {
                    self.finish(&mut list);
                    self.at += 1;
                    if matches!(list.frames.last(), Some(Frame::Subshell | Frame::Function)) {
                        self.close(&mut list);
                    } else if bracket {
                        break;
                    } else {
                        self.unread("a bracket closes nothing");
                    }
                }
                b'<' | b'>' => self.redirect(&mut list.command),
                _ => self.next_word(&mut list),
            }
        }
        while !list.frames.is_empty() {
            self.close(&mut list);
        }
    }

    /// A construct begins.
    pub(super) fn open(&mut self, list: &mut List, frame: Frame) {
        list.frames.push(frame);
        list.unsure += usize::from(!matches!(frame, Frame::Group | Frame::Subshell));
        let join = std::mem::take(&mut self.join);
        self.shell.steps.push(Step::Open(frame, join));
        (list.joined, list.negated) = (false, false);
    }

    /// The innermost construct ends, if there is one.
    pub(super) fn close(&mut self, list: &mut List) {
        if let Some(frame) = list.frames.pop() {
            list.unsure -= usize::from(!matches!(frame, Frame::Group | Frame::Subshell));
            self.shell.steps.push(Step::Close);
            list.joined = true;
        }
    }

    fn separator(&mut self, list: &mut List) {
        if self.starts("&>") {
            self.at += 1;
            return self.redirect(&mut list.command);
        }
        let case = self.starts(";;") || self.starts(";&");
        let (join, width) = match self.peek() {
            _ if self.starts("&&") => (Join::And, 2),
            _ if self.starts("||") => (Join::Or, 2),
            Some(b'|') => (Join::Pipe, if self.starts("|&") { 2 } else { 1 }),
            _ => (Join::Next, if case { 2 } else { 1 }),
        };
        self.at += width;
        if case && self.peek() == Some(b'&') {
            self.at += 1;
        }
        self.finish(list);
        (self.join, list.joined) = (join, false);
        if case && list.frames.last() == Some(&Frame::Case) {
            self.pattern(list);
        }
    }

    /// `(`: a subshell, an arithmetic command or the brackets of a function.
    fn bracket(&mut self, list: &mut List) {
        let empty = list.command.words.is_empty();
        if self.starts("((") && empty {
            self.balanced(false);
            list.joined = true;
        } else if empty && list.command.assignments.is_empty() {
            self.at += 1;
            let frame = if std::mem::take(&mut list.function) { Frame::Function } else { Frame::Subshell };
            self.open(list, frame);
        } else {
            self.at += 1;
            self.blanks();
            if list.command.words.len() == 1 && self.peek() == Some(b')') {
                self.at += 1;
                list.command = Simple::default();
                list.function = true;
            } else {
                self.unread("a bracket that is not understood");
            }
        }
    }

    /// A redirection. The digits before it are a word that was taken off already.
    fn redirect(&mut self, command: &mut Simple) {
        if self.starts("<(") || self.starts(">(") {
            let start = self.at;
            self.at += 2;
            self.nested(None);
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
            let Some(delimiter) = target.text() else {
                return self.unread("a here-document whose end is not text");
            };
            let number = self.shell.documents.len();
            self.shell.documents.push(Span::default());
            self.heredocs.push((delimiter, tabs, number));
            command.documents.push(number);
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
        if command.words.is_empty()
            && command.assignments.is_empty()
            && !command.has_input()
            && command.redirects.is_empty()
        {
            return;
        }
        if self.shell.commands.len() >= MAX_COMMANDS {
            self.unread("there are too many commands");
            self.at = self.end;
            return;
        }
        command.sure = list.unsure == 0 && self.join != Join::Or && self.depth == 0;
        (command.join, command.negated) = (self.join, std::mem::take(&mut list.negated));
        list.joined = true;
        let inner = self.shell_text(&command);
        self.shell.steps.push(Step::Command(self.shell.commands.len()));
        self.shell.commands.push(command);
        if let Some(span) = inner {
            // The walk reads the text of such commands once the variables are replaced in it.
            let steps = self.shell.steps.len();
            self.nested(Some(span));
            self.shell.steps.truncate(steps);
        }
    }

    /// The text of `sh -c '…'`, when it is written out.
    fn shell_text(&mut self, command: &Simple) -> Option<Span> {
        let calls = command.calls();
        let call = calls.first()?;
        let Script::Text(_, word) = call.script()? else { return None };
        let span = word.map_or_else(Span::default, |word| word.span);
        let raw = &self.text[span.start..span.end];
        let plain = |quote: char| {
            let inner = raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
            inner.is_some_and(|inner| !inner.contains(quote) && (quote == '\'' || !inner.contains('\\')))
        };
        if plain('\'') || plain('"') {
            return Some(Span::new(span.start + 1, span.end - 1));
        }
        match (word, call.program.as_str()) {
            (Some(_), _) => self.unread(RUNS_TEXT[1]),
            (None, "eval") => self.unread(RUNS_TEXT[0]),
            _ => {}
        }
        None
    }
}

/// `NAME=value` or `NAME+=value`.
fn assignment(raw: &str, word: &Word) -> Option<Assignment> {
    let length = raw.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_'))?;
    let (name, rest) = raw.split_at(length);
    let sign = match rest.as_bytes() {
        [b'=', ..] => 1,
        [b'+', b'=', ..] => 2,
        _ => return None,
    };
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut value = word.without_head(length + sign);
    value.span.start += length + sign;
    if sign == 2 {
        // What is added to is not known here.
        value.parts.insert(0, Part::Opaque { raw: String::new(), quoted: true });
    }
    Some(Assignment { name: name.to_owned(), value })
}

impl Word {
    /// The word without the first bytes of the text with which it begins.
    #[must_use]
    pub fn without_head(&self, length: usize) -> Self {
        let mut rest = self.clone();
        if let Some(Part::Text(text)) = rest.parts.first_mut() {
            *text = text.get(length..).unwrap_or_default().to_owned();
        }
        rest
    }
}
