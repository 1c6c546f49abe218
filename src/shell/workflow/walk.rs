//! The way through a script: which commands are reached.

use super::lines::Op;
use super::{Effects, MAX_MERGES, Merge, merges};
use crate::workflows::expr::{AbstractValue, Lookup, Tri};
use std::collections::HashMap;

/// A construct that is open.
struct Frame {
    kind: Kind,
    /// Whether its commands run.
    guard: Tri,
    /// Whether an earlier branch of it ran.
    past: Tri,
    /// Whether its condition is being read.
    header: bool,
    /// Whether commands outside it are reached.
    outside: Tri,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    If,
    Loop,
    Case,
    /// `{ … }`.
    Group,
    /// The body of a function: when it runs is not followed.
    Function,
}

pub(super) struct Walker<'a> {
    pub(super) lookup: &'a Lookup<'a>,
    pub(super) variables: HashMap<String, AbstractValue>,
    frames: Vec<Frame>,
    /// What early exits leave.
    reached: Tri,
    /// The value of the commands joined so far.
    chain: Tri,
    pub(super) effects: Effects,
}

impl<'a> Walker<'a> {
    pub(super) fn new(lookup: &'a Lookup<'a>, variables: HashMap<String, AbstractValue>) -> Self {
        Self {
            lookup,
            variables,
            frames: Vec::new(),
            reached: Tri::True,
            chain: Tri::True,
            effects: Effects::default(),
        }
    }

    /// Follows one command.
    pub(super) fn command(&mut self, op: Op, text: &str) {
        let mut op = op;
        let mut text = text;
        // Keywords stand before a command; a command may follow each of them. The text shrinks in every turn.
        while !text.is_empty() {
            let word = text.split_ascii_whitespace().next().unwrap_or_default();
            let rest = text[word.len()..].trim_start();
            match word {
                "if" => self.open(Kind::If, op, true),
                "while" | "until" | "for" | "select" => self.open(Kind::Loop, op, true),
                "case" => {
                    let (subject, first) = rest.split_once(" in ").unwrap_or((rest, ""));
                    let guard = if self.mentions(subject) { Tri::Unclear } else { Tri::Free };
                    self.open(Kind::Case, op, false);
                    self.limit(guard);
                    text = first.trim_start();
                    op = Op::Next;
                    continue;
                }
                "{" => self.brace(op),
                "then" | "do" => self.enter(),
                "elif" => self.branch(true),
                "else" => self.branch(false),
                "fi" | "done" | "esac" | "}" => return self.close(word),
                _ if self.frames.last().is_some_and(|f| f.kind == Kind::Case) && pattern(text).is_some() => {
                    text = pattern(text).unwrap_or_default();
                    continue;
                }
                _ if word.ends_with("()") || word == "function" => {
                    self.open(Kind::Function, Op::Next, !rest.contains('{'));
                    self.limit(Tri::Unclear);
                    text = rest.split_once('{').map_or("", |(_, body)| body.trim_start());
                    op = Op::Next;
                    continue;
                }
                _ => return self.simple(op, text),
            }
            op = Op::Next;
            text = rest;
        }
    }

    /// Whether a command is reached that stands behind `op`.
    fn reached_by(&self, op: Op) -> Tri {
        match op {
            Op::Next | Op::Pipe => Tri::True,
            Op::And => self.chain,
            Op::Or => self.chain.negate(),
        }
    }

    fn guard(&self) -> Tri {
        self.frames.iter().filter(|f| !f.header).fold(self.reached, |all, f| all.and(f.guard))
    }

    fn open(&mut self, kind: Kind, op: Op, header: bool) {
        let guard = self.reached_by(op);
        self.frames.push(Frame { kind, guard, past: Tri::False, header, outside: self.reached });
        self.chain = Tri::True;
    }

    fn limit(&mut self, guard: Tri) {
        if let Some(frame) = self.frames.last_mut() {
            frame.guard = frame.guard.and(guard);
        }
    }

    /// `{`: a group, or the body of the function whose name was read.
    fn brace(&mut self, op: Op) {
        match self.frames.last_mut().filter(|f| f.kind == Kind::Function && f.header) {
            Some(function) => function.header = false,
            None => self.open(Kind::Group, op, false),
        }
    }

    /// `then` and `do`: the condition is read.
    fn enter(&mut self) {
        let chain = std::mem::replace(&mut self.chain, Tri::True);
        if let Some(frame) = self.frames.last_mut().filter(|f| f.header) {
            frame.header = false;
            let taken = if frame.kind == Kind::If { chain } else { Tri::Free };
            frame.guard = taken.and(frame.past.negate());
            frame.past = frame.past.or(taken);
        }
    }

    /// `elif` and `else`.
    fn branch(&mut self, condition: bool) {
        self.chain = Tri::True;
        if let Some(frame) = self.frames.last_mut().filter(|f| f.kind == Kind::If) {
            frame.header = condition;
            frame.guard = frame.past.negate();
        }
    }

    fn close(&mut self, word: &str) {
        self.chain = Tri::Free;
        let kinds: &[Kind] = match word {
            "fi" => &[Kind::If],
            "done" => &[Kind::Loop],
            "esac" => &[Kind::Case],
            _ => &[Kind::Group, Kind::Function],
        };
        if self.frames.last().is_some_and(|f| kinds.contains(&f.kind))
            && let Some(frame) = self.frames.pop()
            && frame.kind == Kind::Loop
        {
            self.reached = frame.outside;
        }
    }

    /// A command without keywords.
    fn simple(&mut self, op: Op, text: &str) {
        let joined = self.reached_by(op);
        let guard = self.guard().and(joined);
        let value = self.value(text);
        self.chain = match op {
            Op::Next => value,
            Op::Pipe => Tri::Free,
            Op::And => self.chain.and(value),
            Op::Or => self.chain.or(value),
        };
        self.assignment(text, guard);
        self.output(text, guard);
        let merging = merges(text).filter(|_| self.effects.merges.len() < MAX_MERGES);
        if let Some(sure) = merging {
            let guard = if sure || guard == Tri::False { guard } else { guard.and(Tri::Unclear) };
            let command = text.lines().next().unwrap_or_default().to_owned();
            self.effects.merges.push(Merge { command, guard });
        }
        let first = text.split_ascii_whitespace().next().unwrap_or_default();
        let chosen = op != Op::Next || self.frames.iter().any(|f| f.kind == Kind::If);
        let chosen = chosen && !self.frames.iter().any(|f| f.kind == Kind::Function);
        if matches!(first, "exit" | "return" | "continue" | "break") && chosen {
            self.reached = self.reached.and(guard.negate());
        }
    }
}

/// The command behind the pattern of a `case`.
fn pattern(text: &str) -> Option<&str> {
    let end = text.find(')')?;
    (!text[..end].contains(['(', ' '])).then(|| text[end + 1..].trim_start())
}
