//! `strip-binaries: ""` in a Rust element.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, Subject, fix};

/// Rust makes ELF files, which the strip step is for.
pub(crate) static RULE: Rule = Rule {
    id: "strip-binaries-empty",
    severity: Severity::Notice,
    means: "The element switches the strip step off with an empty `strip-binaries`. That is for elements of binaries built elsewhere; Rust produces ordinary ELF files, so the image ships debug information that it does not need.",
    remedy: "Remove the variable.",
};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    let Some((key, value)) = subject.root.get("variables").and_then(|node| node.pair("strip-binaries")) else {
        return Vec::new();
    };
    if !subject.rust || value.as_str().is_none_or(|text| !text.trim().is_empty()) {
        return Vec::new();
    }
    let finding = Finding::new(&RULE, "`strip-binaries` is empty in an element that builds Rust").at(key.location());
    let own = key.file.path == subject.file.path;
    vec![match own.then(|| fix::remove(&subject.file, "variables", "strip-binaries")).flatten() {
        Some((file, edits)) => finding.fix(&file, edits),
        None => finding,
    }]
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn an_empty_variable_is_reported_and_taken_out() {
        let text = "kind: make\n\nvariables:\n  strip-binaries: \"\"\n\nsources:\n- kind: cargo2\n";
        assert_eq!(
            found("strip-binaries-empty", text),
            ["4:3 `strip-binaries` is empty in an element that builds Rust"]
        );
        assert_eq!(fixed("strip-binaries-empty", text), "kind: make\n\nsources:\n- kind: cargo2\n");
    }

    #[test]
    fn other_values_and_other_elements_are_not_reported() {
        assert!(
            found("strip-binaries-empty", "kind: make\nvariables:\n  strip-binaries: x\nsources:\n- kind: cargo2\n")
                .is_empty()
        );
        assert!(found("strip-binaries-empty", "kind: manual\nvariables:\n  strip-binaries: ''\n").is_empty());
    }
}
