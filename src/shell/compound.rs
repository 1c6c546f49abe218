//! Reserved words: loops, branches, tests and functions.

use super::commands::List;
use super::{Frame, Join, Reader, Simple, Step, Word};
use crate::text::Span;

impl Reader<'_> {
    /// Returns whether `raw` was a reserved word, which is dealt with then.
    pub(super) fn reserved(&mut self, raw: &str, list: &mut List) -> bool {
        match raw {
            "if" => self.open(list, Frame::Branch),
            "while" | "until" => self.open(list, Frame::Loop),
            "{" => self.open(list, if list.function { Frame::Function } else { Frame::Group }),
            "then" | "do" | "elif" | "else" => {
                self.shell.steps.push(if matches!(raw, "then" | "do") { Step::Body } else { Step::Branch });
                self.join = Join::Next;
            }
            "!" => list.negated = !list.negated,
            "time" => {}
            "fi" | "done" | "esac" | "}" => self.close(list),
            "for" | "select" => self.each(list),
            "case" => self.case(list),
            "[[" => self.test(list),
            "function" => {
                self.blanks();
                self.word();
                self.blanks();
                if self.starts("()") {
                    self.at += 2;
                }
                list.function = true;
                return true;
            }
            _ => return false,
        }
        list.function = false;
        true
    }

    /// `for NAME in WORDS`: the words are not a command.
    fn each(&mut self, list: &mut List) {
        self.open(list, Frame::Loop);
        self.blanks();
        if self.starts("((") {
            return self.balanced(false);
        }
        let mut named = false;
        while !matches!(self.peek(), None | Some(b'\n' | b';')) {
            if self.starts("#") {
                return self.comment();
            }
            let word = self.word();
            if !std::mem::replace(&mut named, true) {
                self.shell.steps.push(Step::Variable(word.source()));
            }
            self.blanks();
        }
    }

    /// `case WORD in`.
    fn case(&mut self, list: &mut List) {
        self.open(list, Frame::Case);
        self.blanks();
        let subject = self.word();
        self.shell.steps.push(Step::Subject(subject));
        self.blanks_and_lines();
        let word = self.word();
        if word.text().as_deref() == Some("in") {
            self.pattern(list);
        } else {
            self.unread("a `case` without its `in`");
        }
    }

    /// The patterns of a branch, or `esac`.
    pub(super) fn pattern(&mut self, list: &mut List) {
        self.blanks_and_lines();
        if self.peek() == Some(b'(') {
            self.at += 1;
        }
        loop {
            self.blanks();
            match self.peek() {
                None => return self.unread("a `case` does not end"),
                Some(b')') => {
                    self.at += 1;
                    return;
                }
                Some(b'|') => self.at += 1,
                _ => {
                    let word = self.word();
                    if word.text().as_deref() == Some("esac") {
                        return self.close(list);
                    }
                }
            }
        }
    }

    /// `[[ … ]]`: it holds operators that are none.
    fn test(&mut self, list: &mut List) {
        let negated = std::mem::take(&mut list.negated);
        let mut test = Simple { join: self.join, negated, ..Simple::default() };
        loop {
            self.blanks_and_lines();
            match self.peek() {
                None => return self.unread("a test does not end"),
                Some(b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b';') => {
                    let end = self.at + if self.starts("&&") || self.starts("||") { 2 } else { 1 };
                    let span = Span::new(self.at, end);
                    test.words.push(Word::literal(&self.text[self.at..end], span));
                    self.at = end;
                }
                _ => {
                    let word = self.word();
                    if word.text().as_deref() == Some("]]") {
                        break;
                    }
                    test.words.push(word);
                }
            }
        }
        self.shell.steps.push(Step::Test(test));
        list.joined = true;
    }

    fn blanks_and_lines(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.comment(),
                _ => return,
            }
        }
    }
}
