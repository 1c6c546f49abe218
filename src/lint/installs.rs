//! What an element's commands install, as far as they can be read.
//!
//! Paths are told below `%{install-root}`. A variable that is not known stays in a path as it is written, so that two
//! paths that are written alike are alike, and others make no claim.

use super::script::Script;
use super::shell::{Call, Part, Simple, Word};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

/// How the folder that becomes the artifact is written.
const ROOT: &str = "%{install-root}";

/// What an element installs.
#[derive(Clone, Debug, Default)]
pub struct Installs {
    /// The paths that were read.
    pub paths: Vec<Path>,
    /// Whether these are all: nothing else could install anything.
    pub complete: bool,
}

/// One installed file or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The path in the artifact, with a slash first.
    pub text: String,
    /// The command, by its number in the element.
    pub script: usize,
    /// The bytes of the command that say so.
    pub span: Span,
    /// Whether it is installed whenever the commands run.
    pub sure: bool,
}

/// Reads what commands install. `replaced` names the command lists that replace those of the `kind`.
#[must_use]
pub fn read(scripts: &[Script], replaced: &[String], kind: &str) -> Installs {
    let own = kind == "manual" || replaced.iter().any(|key| key == "install-commands");
    let mut reader = Reader { complete: own, ..Reader::default() };
    for (index, script) in scripts.iter().enumerate() {
        reader.script = index;
        reader.install = script.key.starts_with("install");
        reader.complete &= script.shell.unread.is_empty();
        reader.known = variables(&script.shell.commands);
        for command in &script.shell.commands {
            reader.command(command);
        }
    }
    Installs { paths: reader.paths, complete: reader.complete }
}

/// Whether two paths can be the same. Those with unknown variables can, unless their last parts differ.
#[must_use]
pub fn may_be_same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let (x, y) = (last(a), last(b));
    let open = |text: &str| text.contains("%{");
    (open(a) || open(b)) && (x == y || open(&x) || open(&y))
}

/// Whether a path is known to its last byte.
#[must_use]
pub fn is_known(path: &str) -> bool {
    !path.contains("%{")
}

/// The shell variables of one command that are set once, for sure, to plain text.
fn variables(commands: &[Simple]) -> BTreeMap<String, Option<String>> {
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut set = |name: &str, value: Option<String>| {
        known.entry(name.to_owned()).and_modify(|old| *old = None).or_insert(value);
    };
    for command in commands {
        if command.words.is_empty() {
            for assignment in &command.assignments {
                set(&assignment.name, assignment.value.text().filter(|_| command.sure && !assignment.value.pattern));
            }
        }
        for call in command.calls() {
            let names = matches!(call.program.as_str(), "export" | "local" | "readonly" | "declare" | "read");
            for word in call.args.iter().filter(|_| names) {
                match word.head().split_once('=') {
                    Some((name, _)) => {
                        let value = word.text().and_then(|t| Some(t.split_once('=')?.1.to_owned()));
                        set(name, value.filter(|_| command.sure));
                    }
                    None if call.program == "read" => set(word.head(), None),
                    None => {}
                }
            }
        }
    }
    known
}

#[derive(Default)]
struct Reader {
    paths: Vec<Path>,
    folders: BTreeSet<String>,
    complete: bool,
    script: usize,
    install: bool,
    known: BTreeMap<String, Option<String>>,
}

/// The options of `install`, `cp` and `ln`, as far as they matter.
#[derive(Default)]
struct Arguments<'a> {
    flags: String,
    target: Option<Option<String>>,
    operands: Vec<&'a Word>,
}

impl Reader {
    fn command(&mut self, command: &Simple) {
        for redirect in command.redirects.iter().filter(|r| r.writes) {
            match self.text(&redirect.target) {
                Some(path) => self.add(&path, redirect.target.span, command.sure),
                None => self.complete &= !self.install,
            }
        }
        for call in command.calls() {
            self.call(&call, command.sure);
        }
        let unnamed = command.calls().is_empty() && !command.words.is_empty();
        self.complete &= !(unnamed && (self.install || mentions_root(&command.words)));
    }

    fn call(&mut self, call: &Call<'_>, sure: bool) {
        let whole = Span::new(call.word.span.start, call.args.last().map_or(call.word.span.end, |w| w.span.end));
        match call.program.as_str() {
            "install" => {
                let args = self.arguments(
                    call.args,
                    "mogtS",
                    &["--mode", "--owner", "--group", "--suffix", "--strip-program"],
                );
                if args.flags.contains('d') {
                    self.make_folders(&args.operands);
                } else {
                    self.copy(&args, whole, sure);
                }
            }
            "ln" => {
                let args = self.arguments(call.args, "tS", &["--suffix"]);
                self.copy(&args, whole, sure);
            }
            "cp" => {
                let args = self.arguments(call.args, "tS", &["--suffix"]);
                if args.flags.contains(['r', 'R', 'a']) {
                    self.complete &= !mentions_root(call.args) && self.all_known(call.args);
                } else {
                    self.copy(&args, whole, sure);
                }
            }
            "mkdir" => {
                let args = self.arguments(call.args, "m", &["--mode"]);
                self.make_folders(&args.operands);
            }
            "touch" | "tee" => {
                let args = self.arguments(call.args, "drt", &["--date", "--reference"]);
                for word in &args.operands {
                    match self.text(word) {
                        Some(path) => self.add(&path, whole, sure),
                        None => self.complete = false,
                    }
                }
            }
            "rm" | "rmdir" | "mv" => self.take_away(call, sure),
            "cd" | "pushd" => self.complete &= !mentions_root(call.args) && self.all_known(call.args),
            ":" | "true" | "false" | "test" | "[" | "echo" | "printf" | "export" | "local" | "readonly" | "set"
            | "unset" | "umask" | "chmod" | "chown" | "chgrp" | "strip" | "sed" | "cat" | "grep" | "read" | "exit"
            | "continue" | "break" | "return" | "shift" | "pwd" | "command" | "ls" | "basename" | "dirname"
            | "realpath" => {}
            _ => self.complete &= !(self.install || mentions_root(call.args)),
        }
    }

    /// Files that go away may have been installed before.
    fn take_away(&mut self, call: &Call<'_>, sure: bool) {
        for word in call.args.iter().filter(|word| !word.head().starts_with('-')) {
            match self.text(word).filter(|_| !word.pattern) {
                Some(path) => match below(&path) {
                    Some(path) => {
                        let inner = format!("{path}/");
                        self.paths.retain(|p| !(may_be_same(&p.text, &path) || p.text.starts_with(&inner)));
                        self.complete &= sure && is_known(&path);
                    }
                    None => {}
                },
                None if !word.head().is_empty() && !word.head().starts_with("%{") => {}
                None => {
                    self.paths.clear();
                    self.complete = false;
                }
            }
        }
        if call.program == "mv" {
            self.complete &= !mentions_root(call.args) && self.all_known(call.args);
        }
    }

    /// `install`, `cp`, `ln`: sources, then a file or a folder.
    fn copy(&mut self, args: &Arguments<'_>, span: Span, sure: bool) {
        let (sources, target, folder) = match (&args.target, args.operands.split_last()) {
            (Some(target), _) => (args.operands.as_slice(), target.clone(), true),
            (None, Some((last, rest))) if !rest.is_empty() => {
                let target = self.text(last).filter(|_| !last.pattern);
                let known = target.as_deref().and_then(below).is_some_and(|path| self.folders.contains(&path));
                let slash = target.as_deref().is_some_and(|t| t.ends_with('/'));
                (rest, target, rest.len() > 1 || slash || (known && !args.flags.contains('T')))
            }
            // One operand: the working folder, which is not the artifact.
            _ => return,
        };
        let Some(target) = target else {
            self.complete = false;
            return;
        };
        if below(&target).is_none() {
            return;
        }
        if !folder {
            return self.add(&target, span, sure);
        }
        for source in sources {
            match self.text(source).filter(|text| !source.pattern && !text.ends_with('/')) {
                Some(text) => {
                    let name = text.rsplit('/').next().unwrap_or_default().to_owned();
                    self.add(&format!("{target}/{name}"), span, sure);
                }
                None => self.complete = false,
            }
        }
    }

    fn make_folders(&mut self, words: &[&Word]) {
        for word in words {
            if let Some(path) = self.text(word).as_deref().and_then(below) {
                self.note_folders(&format!("{path}/x"));
            }
        }
    }

    /// The folders above a path exist.
    fn note_folders(&mut self, path: &str) {
        let mut rest = path;
        while let Some((above, _)) = rest.rsplit_once('/') {
            self.folders.insert(above.to_owned());
            rest = above;
        }
    }

    fn add(&mut self, path: &str, span: Span, sure: bool) {
        if let Some(text) = below(path) {
            self.note_folders(&text);
            self.paths.push(Path { text, script: self.script, span, sure });
        }
    }

    /// The text of a word, shell variables replaced. None where only running would tell.
    fn text(&self, word: &Word) -> Option<String> {
        let mut out = String::new();
        for part in &word.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable { name, .. } => out.push_str(self.known.get(name)?.as_deref()?),
                Part::Opaque { .. } => return None,
            }
        }
        Some(out)
    }

    fn all_known(&self, words: &[Word]) -> bool {
        words.iter().all(|word| self.text(word).is_some_and(|text| !text.starts_with(ROOT)))
    }

    /// Options and operands. `short` and `long` name the options that take a value; `t` is the target.
    fn arguments<'a>(&self, words: &'a [Word], short: &str, long: &[&str]) -> Arguments<'a> {
        let mut out = Arguments::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.head();
            if text == "--" {
                out.operands.extend(words);
                break;
            }
            if let Some(name) = text.strip_prefix("--") {
                if let Some(path) = name.strip_prefix("target-directory") {
                    let whole = self.text(word);
                    out.target = Some(if path.starts_with('=') {
                        whole.and_then(|t| Some(t.split_once('=')?.1.to_owned()))
                    } else {
                        words.next().and_then(|w| self.text(w))
                    });
                } else if long.contains(&text) {
                    words.next();
                } else {
                    out.flags.push_str(match name {
                        "directory" => "d",
                        "recursive" | "archive" => "r",
                        "no-target-directory" => "T",
                        _ => "",
                    });
                }
            } else if text.len() > 1 && text.starts_with('-') {
                let at = text.char_indices().skip(1).find(|(_, c)| short.contains(*c));
                let Some((at, valued)) = at else {
                    out.flags.push_str(&text[1..]);
                    continue;
                };
                out.flags.push_str(&text[1..at]);
                let inline = self.text(word).map(|t| t[at + 1..].to_owned());
                let value = if text.len() > at + 1 || word.parts.len() > 1 {
                    inline
                } else {
                    words.next().and_then(|w| self.text(w))
                };
                if valued == 't' {
                    out.target = Some(value);
                }
            } else {
                out.operands.push(word);
            }
        }
        out
    }
}

fn mentions_root(words: &[Word]) -> bool {
    let in_part = |part: &Part| match part {
        Part::Text(text) | Part::Opaque { raw: text, .. } => text.contains(ROOT),
        Part::Variable { .. } => false,
    };
    words.iter().any(|word| word.parts.iter().any(in_part))
}

/// The path in the artifact, cleaned. None when it is elsewhere.
fn below(path: &str) -> Option<String> {
    let rest = path.strip_prefix(ROOT)?;
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return None;
    }
    // A variable for a folder brings its own slash.
    let open = rest.starts_with("%{");
    Some(format!("{}{}", if open { "" } else { "/" }, parts.join("/")))
}
