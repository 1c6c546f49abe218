//! Reserved words: loops, branches, tests and functions.

use super::Reader;
use super::commands::{Frame, List};

impl Reader<'_> {
    /// Whether `raw` was a reserved word, which is dealt with then.
    pub(super) fn reserved(&mut self, raw: &str, list: &mut List) -> bool {
        match raw {
            "if" => list.frames.push(Frame::Branch),
            "while" | "until" => list.frames.push(Frame::Loop),
            "{" => list.frames.push(if list.function { Frame::Function } else { Frame::Group }),
            "then" | "else" | "elif" | "do" | "!" | "time" => {}
            "fi" | "done" | "esac" | "}" => {
                list.frames.pop();
            }
            "for" | "select" => self.each(list),
            "case" => self.case(list),
            "[[" => self.test(),
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
        list.frames.push(Frame::Loop);
        self.blanks();
        if self.starts("((") {
            return self.brackets();
        }
        while !matches!(self.peek(), None | Some(b'\n' | b';')) {
            if self.starts("#") {
                return self.comment();
            }
            self.word();
            self.blanks();
        }
    }

    /// `case WORD in`.
    fn case(&mut self, list: &mut List) {
        list.frames.push(Frame::Case);
        self.blanks();
        self.word();
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
                        list.frames.pop();
                        return;
                    }
                }
            }
        }
    }

    /// `[[ … ]]`: it holds operators that are none.
    fn test(&mut self) {
        loop {
            self.blanks_and_lines();
            match self.peek() {
                None => return self.unread("a test does not end"),
                Some(b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b';') => self.at += 1,
                _ => {
                    let word = self.word();
                    if word.text().as_deref() == Some("]]") {
                        return;
                    }
                }
            }
        }
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
