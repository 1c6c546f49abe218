//! The commands one after the other: what each installs, makes or takes away.

use super::arguments::Arguments;
use super::{Installs, Path, is_known, may_be_same};
use crate::lint::script::Script;
use crate::shell::{Call, Part, Simple, Word};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The variable for the folder that becomes the artifact.
const ROOT: &str = "%{install-root}";

/// The number of paths of one element that are kept.
const MAX_PATHS: usize = 5000;

/// The maximum length of a path, in bytes: Linux' own limit.
const MAX_PATH: usize = 4096;

/// Programs that install nothing themselves. Their redirections are looked at.
const QUIET: &[&str] = &[
    ":", "[", "basename", "break", "cat", "chgrp", "chmod", "chown", "command", "continue", "dirname", "echo", "exit",
    "export", "false", "grep", "local", "ls", "printf", "pwd", "read", "readonly", "realpath", "return", "sed", "set",
    "shift", "strip", "test", "true", "umask", "unset",
];

#[derive(Default)]
pub(super) struct Reader {
    paths: Vec<Path>,
    folders: BTreeSet<String>,
    complete: bool,
    script: usize,
    install: bool,
    known: BTreeMap<String, Option<String>>,
}

impl Reader {
    pub(super) fn new(complete: bool) -> Self {
        Self { complete, ..Self::default() }
    }

    /// Reads one command of the element. `known` holds its shell variables.
    pub(super) fn begin(&mut self, index: usize, script: &Script, known: BTreeMap<String, Option<String>>) {
        self.script = index;
        self.install = script.key.starts_with("install");
        self.complete &= script.shell.unread.is_empty();
        self.known = known;
        for command in &script.shell.commands {
            self.command(command);
        }
    }

    pub(super) fn done(self) -> Installs {
        Installs { paths: self.paths, complete: self.complete }
    }

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
        let end = call.args.last().map_or(call.word.span.end, |word| word.span.end);
        let whole = Span::new(call.word.span.start, end);
        match call.program.as_str() {
            "install" => {
                let long = ["--mode", "--owner", "--group", "--suffix", "--strip-program"];
                let args = self.arguments(call.args, "mogtS", &long);
                if args.flags.contains('d') { self.make_folders(&args.operands) } else { self.copy(&args, whole, sure) }
            }
            "ln" => self.copy(&self.arguments(call.args, "tS", &["--suffix"]), whole, sure),
            "cp" => {
                let args = self.arguments(call.args, "tS", &["--suffix"]);
                if args.flags.contains(['r', 'R', 'a']) { self.stays_out(call) } else { self.copy(&args, whole, sure) }
            }
            "mkdir" => self.make_folders(&self.arguments(call.args, "m", &["--mode"]).operands),
            "touch" | "tee" => self.write(&self.arguments(call.args, "drt", &["--date", "--reference"]).operands, sure),
            "rm" | "rmdir" => self.take_away(call, sure),
            "mv" => {
                self.take_away(call, sure);
                self.stays_out(call);
            }
            "cd" | "pushd" => self.stays_out(call),
            program if QUIET.contains(&program) => {}
            _ => self.complete &= !(self.install || mentions_root(call.args)),
        }
    }

    /// Skips a call whose effects are not followed: it must have nothing to do with the artifact.
    fn stays_out(&mut self, call: &Call<'_>) {
        let out = |word: &Word| self.text(word).is_some_and(|text| !text.starts_with(ROOT));
        let all = call.args.iter().all(out);
        self.complete &= all;
    }

    fn write(&mut self, words: &[&Word], sure: bool) {
        for word in words {
            match self.text(word) {
                Some(path) => self.add(&path, word.span, sure),
                None => self.complete = false,
            }
        }
    }

    /// Files that go away may have been installed before.
    fn take_away(&mut self, call: &Call<'_>, sure: bool) {
        for word in call.args.iter().filter(|word| !word.head().starts_with('-')) {
            if let Some(path) = self.text(word).filter(|_| !word.pattern) {
                let Some(path) = below(&path) else { continue };
                let inner = format!("{path}/");
                self.paths.retain(|p| !(may_be_same(&p.text, &path) || p.text.starts_with(&inner)));
                self.complete &= sure && is_known(&path);
            } else if word.head().is_empty() || word.head().starts_with("%{") {
                // Anything may be gone.
                self.paths.clear();
                self.complete = false;
            }
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
            // What was not read may have made a folder of that name.
            let file = self.complete || args.flags.contains('T');
            return self.add(&target, span, sure && file);
        }
        for source in sources {
            match self.text(source).filter(|text| !source.pattern && !text.ends_with(['/', '}'])) {
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
        let mut rest = if path.len() > MAX_PATH { "" } else { path };
        while let Some((above, _)) = rest.rsplit_once('/') {
            self.folders.insert(above.to_owned());
            rest = above;
        }
    }

    fn add(&mut self, path: &str, span: Span, sure: bool) {
        if let Some(text) = below(path) {
            self.note_folders(&text);
            if self.paths.len() >= MAX_PATHS || text.len() > MAX_PATH {
                self.complete = false;
                return;
            }
            self.paths.push(Path { text, script: self.script, span, sure });
        }
    }

    /// The text of a word, shell variables replaced. None where only running it would show.
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

    fn arguments<'a>(&self, words: &'a [Word], short: &str, long: &[&str]) -> Arguments<'a> {
        Arguments::read(words, short, long, &|word| self.text(word))
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
