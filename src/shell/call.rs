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
}

/// A program that runs another: its name, its options that take a value, and how many operands it has of its own.
struct Wrapper(&'static str, &'static [&'static str], usize);

const WRAPPERS: &[Wrapper] = &[
    Wrapper("env", &["-u", "--unset", "-C", "--chdir"], 0),
    Wrapper("exec", &["-a"], 0),
    Wrapper("sudo", &["-u", "-g", "-D", "-h", "-p", "-C"], 0),
    Wrapper("command", &[], 0),
    Wrapper("builtin", &[], 0),
    Wrapper("nohup", &[], 0),
    Wrapper("setsid", &[], 0),
    Wrapper("fakeroot", &["-l", "-s", "-i", "-b"], 0),
    Wrapper("nice", &["-n"], 0),
    Wrapper("ionice", &["-c", "-n"], 0),
    Wrapper("stdbuf", &["-i", "-o", "-e"], 0),
    Wrapper("time", &["-f", "-o"], 0),
    Wrapper("timeout", &["-k", "-s"], 1),
    Wrapper("xargs", &["-n", "-I", "-P", "-L", "-d", "-a", "-E", "-s"], 0),
];

impl Simple {
    /// The programs that this command calls. Empty where it calls none, or one that only running would tell.
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

/// The program behind all wrappers.
fn unwrapped(words: &[Word]) -> Option<Call<'_>> {
    let mut words = words;
    // Every turn takes a word off.
    loop {
        let (word, args) = words.split_first()?;
        let program = name(&word.text()?);
        let Some(Wrapper(_, valued, operands)) = WRAPPERS.iter().find(|wrapper| wrapper.0 == program) else {
            return Some(Call { program, word, args });
        };
        let mut rest = args;
        let mut operands = *operands;
        loop {
            let Some((first, tail)) = rest.split_first() else {
                return Some(Call { program, word, args });
            };
            let text = first.text().unwrap_or_default();
            if program == "command" && (text.starts_with("-v") || text.starts_with("-V")) {
                return Some(Call { program, word, args });
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

/// A program's name: a path into the system's folders is the program that stands there.
fn name(text: &str) -> String {
    let system = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/local/bin/"];
    let found = system.iter().find_map(|folder| text.strip_prefix(folder));
    found.filter(|name| !name.contains('/')).unwrap_or(text).to_owned()
}
