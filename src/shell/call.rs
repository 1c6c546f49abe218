//! Which program a command really calls: through `env`, `exec`, `sudo`, `xargs` and `find -exec`.

use super::{Simple, Word};

/// A program and its arguments.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The program's name, without the folder of the system that it is in.
    pub program: String,
    /// The word that names it.
    pub word: &'a Word,
    /// Its arguments.
    pub args: &'a [Word],
    /// Whether `xargs` adds arguments that are only known at run time.
    pub open: bool,
}

/// The commands that a call of a shell runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script<'a> {
    /// This text, and the word that holds it when it is one word.
    Text(String, Option<&'a Word>),
    /// The content of a file.
    File(&'a Word),
    /// Its input.
    Input,
}

/// The programs that run another: their names, their options that take a value, and how many operands they have.
const WRAPPERS: &[(&str, &[&str], usize)] = &[
    ("command builtin nohup setsid", &[], 0),
    ("env", &["-u", "--unset", "-C", "--chdir"], 0),
    ("exec", &["-a"], 0),
    ("sudo", &["-u", "-g", "-D", "-h", "-p", "-C"], 0),
    ("fakeroot", &["-l", "-s", "-i", "-b"], 0),
    ("nice", &["-n"], 0),
    ("ionice", &["-c", "-n"], 0),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("time", &["-f", "-o"], 0),
    ("timeout", &["-k", "-s"], 1),
    ("xargs", &["-n", "-I", "-P", "-L", "-d", "-a", "-E", "-s"], 0),
];

impl Simple {
    /// The programs that this command calls. Empty where it calls none, or one that is only known at run time.
    #[must_use]
    pub fn calls(&self) -> Vec<Call<'_>> {
        let mut calls = Vec::new();
        calls.extend(unwrapped(&self.words));
        let find = calls.first().filter(|call| call.program == "find").map_or(&[][..], |call| call.args);
        for (at, word) in find.iter().enumerate() {
            if matches!(word.text().as_deref(), Some("-exec" | "-execdir" | "-ok" | "-okdir")) {
                let rest = &find[at + 1..];
                let ends = |w: &Word| matches!(w.text().as_deref(), Some(";" | "+"));
                let end = rest.iter().position(ends).unwrap_or(rest.len());
                calls.extend(unwrapped(&rest[..end]));
            }
        }
        calls
    }
}

impl Call<'_> {
    /// The commands that this call makes a shell run. None for other programs.
    #[must_use]
    pub fn script(&self) -> Option<Script<'_>> {
        let option = |word: &Word| word.head().starts_with(['-', '+']);
        let operand = self.args.iter().find(|word| !option(word));
        match self.program.as_str() {
            "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" => {}
            "." | "source" => return operand.map(Script::File),
            "trap" => return operand.map(|word| Script::Text(word.source(), None)),
            "alias" => return operand.map(|word| Script::Text(word.source().split('=').skip(1).collect(), None)),
            "eval" => return Some(Script::Text(self.args.iter().map(|word| word.source() + " ").collect(), None)),
            _ => return None,
        }
        let is_c = |word: &Word| option(word) && word.text().is_some_and(|t| !t.starts_with("--") && t.ends_with('c'));
        let text = self.args.iter().position(is_c).and_then(|at| self.args.get(at + 1));
        let other = || operand.map_or(Script::Input, Script::File);
        Some(text.map_or_else(other, |word| Script::Text(word.source(), Some(word))))
    }
}

/// The program behind all wrappers.
fn unwrapped(words: &[Word]) -> Option<Call<'_>> {
    let mut words = words;
    let mut open = false;
    // Every turn takes a word off.
    loop {
        let (word, args) = words.split_first()?;
        let program = name(&word.text()?);
        let wrapper = WRAPPERS.iter().find(|(names, ..)| names.split(' ').any(|name| name == program));
        let Some((_, valued, operands)) = wrapper else {
            return Some(Call { program, word, args, open });
        };
        open |= program == "xargs";
        let mut rest = args;
        let mut operands = *operands;
        loop {
            let Some((first, tail)) = rest.split_first() else {
                return Some(Call { program, word, args, open });
            };
            let text = first.text().unwrap_or_default();
            if program == "command" && (text.starts_with("-v") || text.starts_with("-V")) {
                return Some(Call { program, word, args, open });
            }
            if text.starts_with('-') && text.len() > 1 {
                let skip = usize::from(valued.contains(&text.as_str())).min(tail.len());
                rest = &tail[skip..];
            } else if program == "env" && first.head().split_once('=').is_some_and(|(name, _)| !name.is_empty()) {
                rest = tail;
            } else if operands > 0 {
                operands -= 1;
                rest = tail;
            } else {
                break;
            }
        }
        words = rest;
    }
}

/// A program's name: a path into the system's folders is the program that is there.
fn name(text: &str) -> String {
    match text.rsplit_once('/') {
        Some(("/usr/bin" | "/bin" | "/usr/sbin" | "/sbin" | "/usr/local/bin", name)) => name.to_owned(),
        _ => text.to_owned(),
    }
}
