//! The way through a text: which commands are reached, as far as the values of variables decide it.
//!
//! Only what workflows use to choose is understood: `if`, `&&`, `||`, early exits, `[ ]` and `[[ ]]` on texts, simple
//! assignments and step outputs. What is not understood counts as possible, never as impossible.

mod condition;
mod values;

use super::values::{AbstractValue, Tri};
use crate::shell::{Frame, Join, Script, Shell, Simple, Step, Word, read};
use crate::text::Span;
use std::collections::HashMap;

pub(super) use condition::matches;

/// The maximum nesting depth of texts that are run as commands.
const MAX_TEXTS: usize = 8;

/// Gives the value of `${{ … }}`.
pub(crate) type Evaluate<'a> = dyn Fn(&str) -> AbstractValue + 'a;

/// Gets each command with its variables replaced where they are known, its text as written, and whether it is reached.
pub(crate) type Visit<'a> = dyn FnMut(&Simple, &str, Tri) + 'a;

/// The effects of a text besides its commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effects {
    /// The step outputs that it sets. None when it writes others that are not understood.
    pub outputs: Option<HashMap<String, AbstractValue>>,
    /// Whether it changes the environment of later steps.
    pub exports: bool,
    /// Whether all of it was read.
    pub complete: bool,
}

/// A construct that is open.
struct Open {
    frame: Frame,
    /// Whether the construct is reached.
    base: Tri,
    /// Whether its current part is.
    guard: Tri,
    /// Whether an earlier branch of it ran.
    past: Tri,
    /// The reachability that early exits left, the value of the commands joined so far, and how much could be undone
    /// when it began.
    before: (Tri, Tri, usize),
    /// Whether it is in a branch of an `if`, and in a function.
    within: (bool, bool),
}

/// Follows a text. `environment` has the values of variables.
pub(crate) fn walk(
    text: &str,
    environment: HashMap<String, AbstractValue>,
    evaluate: &Evaluate<'_>,
    visit: &mut Visit<'_>,
) -> Effects {
    let effects = Effects { outputs: Some(HashMap::new()), exports: false, complete: true };
    let budget = 4 * text.len() + 4096;
    let (variables, frames, undo) = (environment, Vec::new(), Vec::new());
    let (reached, chain) = (Tri::True, Tri::True);
    let mut walk =
        Walk { evaluate, visit, variables, undo, frames, reached, chain, piped: None, texts: 0, budget, effects };
    walk.text(text);
    walk.effects
}

struct Walk<'a> {
    evaluate: &'a Evaluate<'a>,
    visit: &'a mut Visit<'a>,
    variables: HashMap<String, AbstractValue>,
    /// The values before each assignment.
    undo: Vec<(String, Option<AbstractValue>)>,
    frames: Vec<Open>,
    /// The reachability that early exits leave.
    reached: Tri,
    /// The value of the commands joined so far.
    chain: Tri,
    /// The output of the command before, when its text shows it.
    piped: Option<String>,
    texts: usize,
    budget: usize,
    effects: Effects,
}

impl Walk<'_> {
    fn text(&mut self, text: &str) {
        let shell = read(text);
        self.effects.complete &= shell.is_complete();
        for step in &shell.steps {
            match step {
                Step::Command(number) => self.command(text, &shell, &shell.commands[*number]),
                Step::Test(test) => {
                    let value = condition::evaluate(&test.words, true, &|word| self.expand(word));
                    self.joined(test, value);
                }
                Step::Open(frame, join) => self.open(*frame, self.guard().and(self.reached_by(*join))),
                Step::Subject(word) => {
                    let guard = if self.mentions([word]) { Tri::Unclear } else { Tri::Free };
                    self.change(|open| open.guard = open.base.and(guard));
                }
                Step::Variable(name) => self.set(name, AbstractValue::Free, Tri::True),
                Step::Body => self.body(),
                Step::Branch => {
                    self.chain = Tri::True;
                    self.change(|open| open.guard = open.base.and(open.past.negate()));
                }
                Step::Close => self.close(),
            }
        }
    }

    /// Returns whether the next command is reached, what joins it to the one before left aside.
    fn guard(&self) -> Tri {
        self.frames.last().map_or(Tri::True, |open| open.guard).and(self.reached)
    }

    fn reached_by(&self, join: Join) -> Tri {
        match join {
            Join::Next | Join::Pipe => Tri::True,
            Join::And => self.chain,
            Join::Or => self.chain.negate(),
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Open)) {
        if let Some(open) = self.frames.last_mut() {
            change(open);
        }
    }

    fn open(&mut self, frame: Frame, base: Tri) {
        // When functions are called is not followed.
        let guard = if frame == Frame::Function { base.and(Tri::Unclear) } else { base };
        let (branch, function) = self.frames.last().map_or((false, false), |open| open.within);
        let within = (branch || frame == Frame::Branch, function || frame == Frame::Function);
        let before = (self.reached, std::mem::replace(&mut self.chain, Tri::True), self.undo.len());
        self.frames.push(Open { frame, base, guard, past: Tri::False, before, within });
    }

    /// `then` and `do`: the condition is read.
    fn body(&mut self) {
        let chain = std::mem::replace(&mut self.chain, Tri::True);
        self.change(|open| {
            let taken = if open.frame == Frame::Branch { chain } else { Tri::Free };
            open.guard = open.base.and(taken).and(open.past.negate());
            open.past = open.past.or(taken);
        });
    }

    fn close(&mut self) {
        let Some(Open { frame, before: (reached, chain, undo), .. }) = self.frames.pop() else { return };
        self.chain = if frame == Frame::Nested { chain } else { Tri::Free };
        if matches!(frame, Frame::Loop | Frame::Subshell | Frame::Nested) {
            self.reached = reached;
        }
        while matches!(frame, Frame::Subshell | Frame::Nested) && self.undo.len() > undo {
            match self.undo.pop() {
                Some((name, Some(value))) => drop(self.variables.insert(name, value)),
                Some((name, None)) => drop(self.variables.remove(&name)),
                None => {}
            }
        }
    }

    /// The value of a command becomes part of the chain that it belongs to.
    fn joined(&mut self, command: &Simple, value: Tri) {
        let value = if command.negated { value.negate() } else { value };
        self.chain = match command.join {
            Join::Next => value,
            Join::Pipe => Tri::Free,
            Join::And => self.chain.and(value),
            Join::Or => self.chain.or(value),
        };
    }

    fn command(&mut self, text: &str, shell: &Shell, written: &Simple) {
        let guard = self.guard().and(self.reached_by(written.join));
        let mut command = written.clone();
        command.words = written.words.iter().flat_map(|word| self.resolve(word)).collect();
        let program = command.words.first().and_then(Word::text).unwrap_or_default();
        if command.words.is_empty() {
            for assignment in &written.assignments {
                self.set(&assignment.name, self.expand(&assignment.value), guard);
            }
        } else {
            self.joined(written, self.value(written, &program));
        }
        match program.as_str() {
            "export" | "local" | "readonly" | "declare" | "typeset" => self.declare(&written.words, guard),
            "read" | "mapfile" | "unset" => {
                written.words.iter().for_each(|word| self.set(word.head(), AbstractValue::Free, guard));
            }
            _ => {}
        }
        self.output(written, guard);
        let span = span(written);
        (self.visit)(&command, text.get(span.start..span.end).unwrap_or_default(), guard);
        self.run_texts(text, shell, &command, guard);
        let (branch, function) = self.frames.last().map_or((false, false), |open| open.within);
        let chosen = (written.join != Join::Next || branch) && !function;
        if chosen && matches!(program.as_str(), "exit" | "return" | "continue" | "break") {
            self.reached = self.reached.and(guard.negate());
        }
        let words = || command.words.iter().skip(1).map(Word::source).collect::<Vec<_>>().join(" ");
        self.piped = match program.as_str() {
            "echo" | "printf" => Some(words()),
            "cat" => Some(documents(text, shell, &command)),
            _ => None,
        };
    }

    /// Follows the texts that a command runs as commands.
    fn run_texts(&mut self, text: &str, shell: &Shell, command: &Simple, guard: Tri) {
        for call in command.calls() {
            let inner = match call.script() {
                Some(Script::Text(inner, _)) => inner,
                Some(Script::Input) => {
                    let piped = self.piped.take().filter(|_| command.join == Join::Pipe);
                    let read = command.redirects.iter().filter(|r| !r.writes).map(|r| r.target.source());
                    read.chain([documents(text, shell, command)]).chain(piped).collect::<Vec<_>>().join("\n")
                }
                _ => continue,
            };
            if self.texts >= MAX_TEXTS || self.budget < inner.len() {
                self.effects.complete = false;
                continue;
            }
            self.texts += 1;
            self.budget -= inner.len();
            self.open(if call.program == "alias" { Frame::Function } else { Frame::Nested }, guard);
            self.text(&inner);
            self.close();
            self.texts -= 1;
        }
    }
}

/// The bytes of a command from its first assignment or word to its last.
fn span(command: &Simple) -> Span {
    let values = command.assignments.iter().map(|a| (a.value.span.start - a.name.len() - 1, a.value.span.end));
    let words = command.words.iter().map(|word| (word.span.start, word.span.end));
    let both = values.chain(words).reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
    both.map_or_else(Span::default, |(start, end)| Span::new(start, end))
}

/// The bodies of the here-documents of a command.
fn documents(text: &str, shell: &Shell, command: &Simple) -> String {
    let spans = command.documents.iter().filter_map(|number| shell.documents.get(*number));
    spans.filter_map(|span| text.get(span.start..span.end)).collect()
}
