//! A crate list in an element that builds nothing.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, Subject};

/// The element was copied from one that ships a binary built elsewhere.
pub(crate) static RULE: Rule = Rule {
    id: "crates-unused",
    severity: Severity::Warning,
    means: "The element has a cargo2 source, but none of its commands could call cargo: it is made like an element for binaries that were built elsewhere.",
    remedy: "Start from an element that builds Rust from source, as one of `kind: make` with `cargo build`; or remove the cargo2 source.",
};

/// Programs that run no other program.
const QUIET: &[&str] = &[
    ":", "[", "basename", "cat", "cd", "chmod", "chown", "cp", "cut", "dirname", "echo", "exit", "export", "grep",
    "gunzip", "gzip", "head", "install", "ln", "ls", "mkdir", "mv", "printf", "pwd", "rm", "rmdir", "sed", "set",
    "sort", "tail", "tar", "test", "touch", "tr", "true", "unzip", "xz",
];

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    let source = subject.sources().iter().find(|source| source.get_str("kind") == Some("cargo2"));
    let Some(source) = source.filter(|_| subject.commands_known()) else {
        return Vec::new();
    };
    let quiet = |text: &str| QUIET.contains(&text);
    let busy = subject.scripts.iter().flat_map(|script| &script.shell.commands).any(|command| {
        let calls = command.calls();
        (calls.is_empty() && !command.words.is_empty()) || calls.iter().any(|call| !quiet(&call.program))
    });
    if busy {
        return Vec::new();
    }
    let message = "there is a cargo2 source, but no command of this element could call cargo";
    let place = source.get("kind").map_or_else(|| source.location(), crate::yaml::Node::location);
    vec![Finding::new(&RULE, message).at(place)]
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn an_element_that_only_installs_files_needs_no_crates() {
        let text = "kind: manual\nsources:\n- kind: cargo2\nconfig:\n  install-commands:\n  - install -Dm755 x \"%{install-root}%{bindir}/x\"\n";
        assert_eq!(
            found("crates-unused", text),
            ["3:9 there is a cargo2 source, but no command of this element could call cargo"]
        );
        assert_eq!(found("crates-unused", "kind: import\nsources:\n- kind: cargo2\n").len(), 1);
    }

    #[test]
    fn whatever_could_call_cargo_is_enough() {
        for command in ["make", "just build", "./x", "'%{make} docs'", "ninja", "bash build.sh", "$RUN", "sh -c \"$X\""]
        {
            let text = format!("kind: manual\nsources:\n- kind: cargo2\nconfig:\n  build-commands:\n  - {command}\n");
            assert!(found("crates-unused", &text).is_empty(), "{command}");
        }
        for kind in ["make", "meson", "cmake", "pyproject", "cargo"] {
            assert!(found("crates-unused", &format!("kind: {kind}\nsources:\n- kind: cargo2\n")).is_empty(), "{kind}");
        }
    }
}
