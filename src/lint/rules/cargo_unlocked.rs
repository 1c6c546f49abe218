//! `cargo build` without `--locked`.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, MAX_FIXES, MAX_TOLD, Subject, cargo, fix};
use crate::text::Span;

/// Cargo may change the lock that the crates were vendored from.
pub(crate) static RULE: Rule = Rule {
    id: "cargo-without-locked",
    severity: Severity::Notice,
    means: "Cargo is called without `--locked` (or `--frozen`), so a lock that does not fit its manifest is changed silently instead of ending the build. `--offline` is neither needed nor in the way: the sandbox has no network, and the crates are vendored.",
    remedy: "Add `--locked` to the call of cargo.",
};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    for cargo in cargo::calls(subject) {
        if !cargo.builds() || cargo.has("--locked") || cargo.has("--frozen") || !cargo.flags_known() {
            continue;
        }
        if findings.len() >= MAX_TOLD {
            break;
        }
        let message = format!("`cargo {}` is called without `--locked`", cargo.subcommand);
        let span = Span::new(cargo.program.span.start, cargo.word.span.end);
        let finding = Finding::new(&RULE, message).at(cargo.script.location(span));
        let fixed = || fix::insert(cargo.script, cargo.word.span.end, " --locked");
        findings.push(match (findings.len() < MAX_FIXES).then(fixed).flatten() {
            Some((file, edits)) => finding.fix(&file, edits),
            None => finding,
        });
    }
    if let Some(flags) = flags_of_kind(subject) {
        findings.push(flags);
    }
    findings
}

/// The kind `cargo` calls `cargo install %{cargo-install-flags}`; its default has `--frozen`.
fn flags_of_kind(subject: &Subject) -> Option<Finding> {
    let node = subject.root.get("variables")?.get("cargo-install-flags")?;
    let flags = subject.names.expand(node.as_str()?);
    let local = ["%{cargo-install-global}", "%{cargo-install-local}"];
    let flags = local.iter().fold(flags, |text, name| text.replace(name, ""));
    let known = flags.split_whitespace().all(|word| !word.starts_with("%{"));
    let locked = flags.split_whitespace().any(|word| matches!(word, "--locked" | "--frozen"));
    let finding =
        || Finding::new(&RULE, "`cargo-install-flags` has neither `--locked` nor `--frozen`").at(node.location());
    (subject.kind == "cargo" && known && !locked).then(finding)
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    const HEAD: &str = "kind: manual\nsources:\n- kind: cargo2\n";

    fn messages(commands: &str) -> Vec<String> {
        found("cargo-without-locked", &format!("{HEAD}{commands}"))
    }

    #[test]
    fn a_build_without_locked_is_reported_and_fixed_in_place() {
        let text = "config:\n  build-commands:\n  - |\n    export CARGO_HOME=x\n    cargo +stable -v build \\\n      --release\n  - 'cargo install --path .'\n";
        assert_eq!(
            messages(text),
            ["8:5 `cargo build` is called without `--locked`", "10:6 `cargo install` is called without `--locked`"]
        );
        let fixed = fixed("cargo-without-locked", &format!("{HEAD}{text}"));
        assert!(
            fixed.contains(
                "cargo +stable -v build --locked \\\n      --release\n  - 'cargo install --locked --path .'\n"
            )
        );
        assert!(found("cargo-without-locked", &fixed).is_empty());
    }

    #[test]
    fn locked_and_frozen_are_enough_wherever_they_come_from() {
        for line in
            ["cargo build --locked", "cargo --frozen build --release", "cargo build -j \"${N}\" --frozen", "cargo fmt"]
        {
            assert!(messages(&format!("config:\n  build-commands:\n  - {line}\n")).is_empty(), "{line}");
        }
        let text = "variables:\n  cargo-opts: '--release --locked'\nconfig:\n  build-commands:\n  - cargo build %{cargo-opts} --bin x\n";
        assert!(messages(text).is_empty());
        assert_eq!(messages(&text.replace(" --locked", "")), ["8:5 `cargo build` is called without `--locked`"]);
    }

    #[test]
    fn flags_that_cannot_be_read_make_no_claim() {
        for line in ["cargo build %{elsewhere}", "cargo build $FLAGS", "cargo build \"$@\"", "cargo $CMD", "just build"]
        {
            assert!(messages(&format!("config:\n  build-commands:\n  - {line}\n")).is_empty(), "{line}");
        }
        assert_eq!(messages("config:\n  build-commands:\n  - cargo build -j$(nproc) -- --locked\n").len(), 1);
    }

    #[test]
    fn a_folded_command_is_reported_without_a_fix() {
        let text = format!("{HEAD}config:\n  build-commands:\n  - >-\n    cargo build\n    --release\n");
        assert_eq!(found("cargo-without-locked", &text).len(), 1);
        assert_eq!(fixed("cargo-without-locked", &text), text);
    }

    #[test]
    fn flags_of_the_kind_cargo_are_looked_at_where_the_element_sets_them() {
        let text =
            "kind: cargo\nvariables:\n  cargo-install-flags: >-\n    %{cargo-install-local}\n    --frozen --path x\n";
        assert!(found("cargo-without-locked", text).is_empty());
        let messages = found("cargo-without-locked", &text.replace("--frozen ", ""));
        assert_eq!(messages, ["3:24 `cargo-install-flags` has neither `--locked` nor `--frozen`"]);
    }
}
