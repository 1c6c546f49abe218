//! Cargo without a crate list.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, Subject, cargo};
use crate::text::Span;

/// Nothing provides the crates.
pub(crate) static RULE: Rule = Rule {
    id: "crates-missing",
    severity: Severity::Warning,
    means: "The element calls cargo but has no cargo2 source. Unless upstream keeps all crates in its repository, the build would have to download them, and the sandbox has no network.",
    remedy: "Add a `kind: cargo2` source behind the git source and run `cargo2-bot regenerate ELEMENT`.",
};

/// Sources that bring a repository's own files or change them; an archive could bring crates.
const PLAIN: &[&str] = &["git_repo", "git", "git_tag", "git_module", "patch", "patch_queue", "gen_cargo_lock"];

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    let sources = subject.sources();
    let plain = sources.iter().all(|source| source.get_str("kind").is_some_and(|kind| PLAIN.contains(&kind)));
    if !subject.rust || subject.has_crates() || !subject.complete || !plain || sources.is_empty() {
        return Vec::new();
    }
    let call = cargo::calls(subject).find(cargo::Cargo::builds);
    let (place, message) = match call {
        Some(call) => {
            let span = Span::new(call.program.span.start, call.word.span.end);
            (
                call.script.location(span),
                format!("`cargo {}` is called, but there is no cargo2 source", call.subcommand),
            )
        }
        None if subject.kind == "cargo" => {
            (subject.place(), "the kind `cargo` calls cargo, but there is no cargo2 source".to_owned())
        }
        None => return Vec::new(),
    };
    vec![Finding::new(&RULE, message).at(place)]
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    const CALL: &str = "config:\n  build-commands:\n  - cargo build --release --locked\n";

    #[test]
    fn cargo_without_crates_is_reported() {
        let text = format!("kind: manual\nsources:\n- kind: git_repo\n- kind: patch\n{CALL}");
        assert_eq!(found("crates-missing", &text), ["7:5 `cargo build` is called, but there is no cargo2 source"]);
        assert_eq!(found("crates-missing", "kind: cargo\nsources:\n- kind: git_repo\n").len(), 1);
    }

    #[test]
    fn crates_may_come_in_other_ways() {
        for kind in ["cargo2", "cargo", "tar", "local", "something"] {
            assert!(
                found("crates-missing", &format!("kind: manual\nsources:\n- kind: git_repo\n- kind: {kind}\n{CALL}"))
                    .is_empty()
            );
        }
        assert!(found("crates-missing", &format!("kind: manual\n{CALL}")).is_empty());
        let version = "kind: manual\nsources:\n- kind: git_repo\nconfig:\n  build-commands:\n  - cargo metadata\n";
        assert!(found("crates-missing", version).is_empty());
        let include = format!("kind: manual\n(@): j.bst:x.yml\nsources:\n- kind: git_repo\n{CALL}");
        assert!(found("crates-missing", &include).is_empty());
    }
}
