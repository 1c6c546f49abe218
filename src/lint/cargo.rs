//! Calls of cargo in commands.

use super::Subject;
use super::script::{Script, could_be_words};
use crate::shell::{Simple, Word};

/// Options of cargo and its subcommands that take their value from the next word.
const VALUED: &[&str] = &[
    "-C",
    "-F",
    "-Z",
    "-j",
    "-p",
    "--bin",
    "--branch",
    "--color",
    "--config",
    "--destdir",
    "--example",
    "--exclude",
    "--features",
    "--git",
    "--index",
    "--jobs",
    "--libdir",
    "--library-type",
    "--manifest-path",
    "--message-format",
    "--package",
    "--path",
    "--prefix",
    "--profile",
    "--registry",
    "--rev",
    "--root",
    "--tag",
    "--target",
    "--target-dir",
    "--test",
    "--timings",
    "--version",
];

/// One call of cargo.
#[derive(Clone, Debug)]
pub(crate) struct Cargo<'a> {
    /// The command that it is part of.
    pub script: &'a Script,
    /// The word `cargo`.
    pub program: &'a Word,
    /// The subcommand of cargo, as `build`; of a nested subcommand the first.
    pub subcommand: String,
    /// The word that says so.
    pub word: &'a Word,
    /// All arguments up to `--`, the subcommand among them.
    pub args: &'a [Word],
}

/// Every call of cargo that names its subcommand.
pub(crate) fn calls(subject: &Subject) -> impl Iterator<Item = Cargo<'_>> {
    subject.scripts.iter().flat_map(of_script)
}

/// The calls of one command.
#[must_use]
pub(crate) fn of_script(script: &Script) -> Vec<Cargo<'_>> {
    let all = script.shell.commands.iter().flat_map(Simple::calls);
    all.filter(|call| call.program == "cargo")
        .filter_map(|call| {
            let end = call.args.iter().position(|w| w.text().as_deref() == Some("--")).unwrap_or(call.args.len());
            let args = &call.args[..end];
            let word = operands(args).find(|word| !word.head().starts_with('+'))?;
            Some(Cargo { script, program: call.word, subcommand: word.text()?, word, args })
        })
        .collect()
}

/// The words that are neither options nor their values.
fn operands(args: &[Word]) -> impl Iterator<Item = &Word> {
    let mut value = false;
    args.iter().filter(move |word| {
        let text = word.text().unwrap_or_default();
        let option = word.head().starts_with('-');
        let taken = std::mem::replace(&mut value, option && VALUED.contains(&text.as_str()));
        !taken && !option
    })
}

impl Cargo<'_> {
    /// Returns whether a flag is given.
    #[must_use]
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.args.iter().any(|word| word.text().as_deref() == Some(flag))
    }

    /// Returns whether an option is given, with its value in the same word or the next.
    #[must_use]
    pub(crate) fn gives(&self, option: &str) -> bool {
        let with_value = |word: &Word| word.head().strip_prefix(option).is_some_and(|rest| rest.starts_with('='));
        self.has(option) || self.args.iter().any(with_value)
    }

    /// The value of an option. None when it is not given or not text.
    #[must_use]
    pub(crate) fn value(&self, option: &str) -> Option<String> {
        let mut words = self.args.iter();
        while let Some(word) = words.next() {
            let text = word.text().unwrap_or_default();
            if text == option {
                return words.next()?.text();
            }
            if let Some(value) = text.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
                return Some(value.to_owned());
            }
        }
        None
    }

    /// Returns whether all flags are known: no word could expand to others.
    #[must_use]
    pub(crate) fn flags_known(&self) -> bool {
        let mut value = false;
        self.args.iter().all(|word| {
            let text = word.text().unwrap_or_default();
            let taken = std::mem::replace(&mut value, VALUED.contains(&text.as_str()));
            taken || !could_be_words(word)
        })
    }

    /// Returns its arguments that are not options: the packages of `cargo install`.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &Word> {
        operands(self.args).filter(|word| word.span != self.word.span && !word.head().starts_with('+'))
    }

    /// Returns whether it compiles, or resolves the lock in order to compile.
    #[must_use]
    pub(crate) fn builds(&self) -> bool {
        matches!(
            self.subcommand.as_str(),
            "build"
                | "b"
                | "rustc"
                | "install"
                | "run"
                | "r"
                | "test"
                | "t"
                | "bench"
                | "check"
                | "c"
                | "doc"
                | "cbuild"
                | "cinstall"
                | "ctest"
                | "capi"
                | "auditable"
                | "clippy"
                | "nextest"
        )
    }
}
