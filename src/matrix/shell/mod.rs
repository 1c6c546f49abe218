//! What a shell script of a workflow merges, and for which matrix entries. Nothing is run.
//!
//! Only what workflows use to choose is understood: `if`, `&&`, `||`, early exits, `[ ]` and `[[ ]]` on texts,
//! simple assignments and step outputs. What is not understood counts as possible, never as impossible.

mod lines;
mod test;

use super::expr::{Known, Lookup, Tri, evaluate};
use lines::{Op, commands, expansion, lines, words};
pub(crate) use test::matches;
use std::collections::HashMap;

/// How long a script may be, in bytes. GitHub refuses longer expressions than 21,000 characters.
pub const MAX_SCRIPT: usize = 64 << 10;

/// How many merges of one script are told.
const MAX_MERGES: usize = 100;

/// A command that merges a pull request, or enables its auto-merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The command.
    pub command: String,
    /// Whether it is reached.
    pub guard: Tri,
}

/// What a script does, for one entry.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// What it merges, in order.
    pub merges: Vec<Merge>,
    /// What it writes to `$GITHUB_OUTPUT`.
    pub outputs: HashMap<String, Known>,
}

/// The scripts' logical lines, for those who look for words in them.
#[must_use]
pub fn logical_lines(script: &str) -> Vec<String> {
    lines(script).into_iter().map(|line| line.text).collect()
}

/// Reads a script. `lookup` gives what `${{ }}` stands for, `environment` the variables.
#[must_use]
pub fn read(script: &str, lookup: &Lookup<'_>, environment: &HashMap<String, Known>) -> Effects {
    let mut walker = Walker {
        lookup,
        variables: environment.clone(),
        frames: Vec::new(),
        reached: Tri::True,
        chain: Tri::True,
        effects: Effects::default(),
    };
    if script.len() > MAX_SCRIPT {
        if merges(script).is_some() {
            walker.effects.merges.push(Merge { command: "gh pr merge".into(), guard: Tri::Unclear });
        }
        return walker.effects;
    }
    for line in lines(script) {
        for (op, command) in commands(&line.text) {
            walker.command(op, command);
        }
    }
    walker.effects
}

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
    /// `{ … }`, also as the body of a function.
    Group,
}

struct Walker<'a> {
    lookup: &'a Lookup<'a>,
    variables: HashMap<String, Known>,
    frames: Vec<Frame>,
    /// What early exits leave.
    reached: Tri,
    /// The value of the commands joined so far.
    chain: Tri,
    effects: Effects,
}

impl Walker<'_> {
    fn command(&mut self, op: Op, text: &str) {
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
                "{" => self.open(Kind::Group, op, false),
                "then" | "do" => self.enter(),
                "elif" => self.branch(true),
                "else" => self.branch(false),
                "fi" | "done" | "esac" | "}" => return self.close(word),
                _ if self.frames.last().is_some_and(|f| f.kind == Kind::Case) && pattern(text).is_some() => {
                    text = pattern(text).unwrap_or_default();
                    continue;
                }
                _ if word.ends_with("()") || word == "function" => {
                    self.open(Kind::Group, Op::Next, false);
                    self.limit(Tri::Free);
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
        let kind = match word {
            "fi" => Kind::If,
            "done" => Kind::Loop,
            "esac" => Kind::Case,
            _ => Kind::Group,
        };
        if self.frames.last().is_some_and(|f| f.kind == kind)
            && let Some(frame) = self.frames.pop()
            && kind == Kind::Loop
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
        if matches!(first, "exit" | "return" | "continue" | "break") && chosen {
            self.reached = self.reached.and(guard.negate());
        }
    }

    /// The value of a command as a condition.
    fn value(&self, text: &str) -> Tri {
        let (text, negated) = text.strip_prefix("! ").map_or((text, false), |rest| (rest, true));
        let words = words(text);
        let value = match words.first().copied() {
            Some("true" | ":") => Tri::True,
            Some("false") => Tri::False,
            Some("[" | "[[" | "test") => test::evaluate(&words, &|word| self.expand(word)),
            Some("grep" | "egrep" | "jq" | "awk" | "sed" | "expr" | "python3" | "python") if self.mentions(text) => {
                Tri::Unclear
            }
            _ => Tri::Free,
        };
        if negated { value.negate() } else { value }
    }

    /// Whether what the entry says stands in a text.
    fn mentions(&self, text: &str) -> bool {
        words(text).iter().any(|word| {
            let mut rest = *word;
            while let Some(at) = rest.find('$') {
                if !matches!(self.expansion(rest, at).0, Known::Free) {
                    return true;
                }
                rest = &rest[at + 1..];
            }
            false
        })
    }

    /// `NAME=value`.
    fn assignment(&mut self, text: &str, guard: Tri) {
        let words = words(text);
        let words = match words.as_slice() {
            ["export" | "local" | "readonly" | "declare", rest @ ..] => rest,
            all => all,
        };
        let [word] = words else {
            return;
        };
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_name(name)) else {
            return;
        };
        let value = self.expand(value);
        let old = self.variables.remove(name).unwrap_or(Known::Free);
        self.variables.insert(name.to_owned(), chosen(guard, value, old));
    }

    /// `echo "name=value" >> "$GITHUB_OUTPUT"`.
    fn output(&mut self, text: &str, guard: Tri) {
        let words = words(text);
        let (Some("echo" | "printf"), Some(word)) = (words.first().copied(), words.get(1)) else {
            return;
        };
        let target = text.contains("GITHUB_OUTPUT") || text.contains("GITHUB_ENV");
        let Some((name, value)) = unquoted(word).split_once('=').filter(|(name, _)| target && is_name(name)) else {
            return;
        };
        let value = self.expand(&format!("\"{value}\""));
        let old = self.effects.outputs.remove(name).unwrap_or(Known::Text(String::new()));
        self.effects.outputs.insert(name.to_owned(), chosen(guard, value, old));
    }

    /// What a word becomes.
    fn expand(&self, word: &str) -> Known {
        let single = word.len() > 1 && word.starts_with('\'') && word.ends_with('\'');
        let inner = unquoted(word);
        if single {
            // GitHub replaces expressions before the shell sees the quotes.
            return self.pieces(inner, false);
        }
        self.pieces(inner, true)
    }

    fn pieces(&self, text: &str, variables: bool) -> Known {
        let mut out = String::new();
        let mut rest = text;
        let mut all = Tri::True;
        while let Some(at) = rest.find(['$', '`']) {
            out.push_str(&rest[..at]);
            let (value, width) = if !variables && !rest[at..].starts_with("${{") {
                (Known::Text(rest[at..=at].to_owned()), 1)
            } else {
                self.expansion(rest, at)
            };
            match value.text() {
                Some(text) => out.push_str(text),
                None => all = all.and(value.truth()),
            }
            rest = &rest[at + width..];
        }
        out.push_str(rest);
        if all == Tri::True { Known::Text(out) } else { all.into() }
    }

    /// The value of what begins at the `$` or backtick at `at`, and its width.
    fn expansion(&self, text: &str, at: usize) -> (Known, usize) {
        let rest = &text[at..];
        if let Some(end) = expansion(text, at) {
            let width = end + 1 - at;
            if rest.starts_with("${{") {
                return (evaluate(&rest[..width], self.lookup), width);
            }
            let inner = &rest[2..width - 1];
            return (if is_name(inner) { self.variable(inner) } else { self.indirect(inner) }, width);
        }
        let end = rest[1..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(rest.len(), |e| e + 1);
        if end > 1 { (self.variable(&rest[1..end]), end) } else { (Known::Free, rest.len()) }
    }

    fn variable(&self, name: &str) -> Known {
        self.variables.get(name).cloned().unwrap_or(Known::Free)
    }

    /// `${NAME%…}` and the like.
    fn indirect(&self, inner: &str) -> Known {
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        match self.variable(&inner[..end]) {
            Known::Free => Known::Free,
            _ => Known::Unclear,
        }
    }
}

/// A value that is set when `guard` holds.
fn chosen(guard: Tri, new: Known, old: Known) -> Known {
    match guard {
        Tri::True => new,
        Tri::False => old,
        _ if new == old => old,
        Tri::Unclear => Known::Unclear,
        Tri::Free if new == Known::Unclear || old == Known::Unclear => Known::Unclear,
        Tri::Free => Known::Free,
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// A word without the quotes around it.
fn unquoted(word: &str) -> &str {
    let strip = |quote: char| word.strip_prefix(quote).and_then(|w| w.strip_suffix(quote));
    strip('"').or_else(|| strip('\'')).unwrap_or(word)
}

/// The command behind the pattern of a `case`.
fn pattern(text: &str) -> Option<&str> {
    let end = text.find(')')?;
    (!text[..end].contains(['(', ' '])).then(|| text[end + 1..].trim_start())
}

/// Whether a command merges: surely, or perhaps because it is a text that another command may run.
fn merges(text: &str) -> Option<bool> {
    const MUTATIONS: [&str; 3] = ["enablePullRequestAutoMerge", "mergePullRequest", "enqueuePullRequest"];
    let first = text.split_ascii_whitespace().next().unwrap_or_default();
    if matches!(first, "echo" | "printf" | "cat" | ":") || text.contains("--disable-auto") {
        return None;
    }
    let api = text.contains("gh api") || text.contains("curl");
    let put = text.contains("/merge") && text.contains("PUT");
    if api && (put || MUTATIONS.iter().any(|name| text.contains(name))) {
        return Some(true);
    }
    let at = text.find("gh pr merge")?;
    let before = text[..at].trim_end();
    let set = |word: &&str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let prefixed = words(before).iter().all(set) || words(before).len() == 1 && !before.contains(['\'', '"']);
    Some(prefixed || before.ends_with(['(', '!', '`']) || before.contains("xargs"))
}

#[cfg(test)]
mod tests;
