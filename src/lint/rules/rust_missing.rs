//! Cargo without a dependency that brings it.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::depends::Dependency;
use crate::lint::{Context, Subject, cargo};
use crate::text::Span;

/// Nothing brings the compiler.
pub(crate) static RULE: Rule = Rule {
    id: "rust-not-a-dependency",
    severity: Severity::Warning,
    means: "The element calls cargo, but nothing that it depends on when it is built brings Rust.",
    remedy: "Add `freedesktop-sdk.bst:components/rust.bst` to `build-depends`.",
};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    if !subject.complete || !subject.dependencies_known {
        return Vec::new();
    }
    if subject.dependencies.iter().filter(|d| d.build).any(may_bring_rust) {
        return Vec::new();
    }
    let Some(call) = cargo::calls(subject).next() else {
        return Vec::new();
    };
    let span = Span::new(call.program.span.start, call.word.span.end);
    let message = "cargo is called, but no dependency brings Rust";
    vec![Finding::new(&RULE, message).at(call.script.location(span))]
}

/// Returns whether Rust may come with a dependency. Of another project only what is known to bring none is ruled out.
fn may_bring_rust(dependency: &Dependency) -> bool {
    const WITHOUT: &[&str] = &[
        "public-stacks/runtime-minimal.bst",
        "public-stacks/runtime-gnu.bst",
        "public-stacks/buildsystem-make.bst",
        "public-stacks/buildsystem-meson.bst",
        "public-stacks/buildsystem-cmake.bst",
        "public-stacks/buildsystem-autotools.bst",
        "bootstrap-import.bst",
    ];
    let name = dependency.name.as_str();
    if dependency.junction.is_none() || ["rust", "cargo", "maturin"].iter().any(|word| name.contains(word)) {
        return true;
    }
    let plain = name.starts_with("components/") || name.starts_with("bootstrap/") || WITHOUT.contains(&name);
    !plain
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    fn messages(depends: &str) -> usize {
        let text = format!(
            "kind: manual\nsources:\n- kind: cargo2\nconfig:\n  build-commands:\n  - cargo build --locked\n{depends}"
        );
        found("rust-not-a-dependency", &text).len()
    }

    #[test]
    fn a_build_without_rust_is_reported() {
        assert_eq!(messages(""), 1);
        assert_eq!(
            messages(
                "build-depends:\n- f.bst:public-stacks/buildsystem-make.bst\ndepends:\n- f.bst:components/zstd.bst\n"
            ),
            1
        );
        assert_eq!(messages("runtime-depends:\n- f.bst:components/rust.bst\n"), 1);
    }

    #[test]
    fn whatever_may_bring_rust_is_enough() {
        for depends in [
            "build-depends:\n- f.bst:components/rust.bst\n",
            "depends:\n- filename: components/rust.bst\n  junction: f.bst\n",
            "build-depends:\n- filename:\n  - components/zstd.bst\n  - components/rust.bst\n  junction: f.bst\n",
            "build-depends:\n- local.bst\n",
            "build-depends:\n- f.bst:public-stacks/buildsystem-python-maturin.bst\n",
            "build-depends:\n- other.bst:core-deps/sandbox-tools.bst\n",
            "build-depends:\n  (@): j.bst:x.yml\n",
        ] {
            assert_eq!(messages(depends), 0, "{depends}");
        }
    }

    #[test]
    fn an_element_that_does_not_call_cargo_itself_is_left_alone() {
        assert!(found("rust-not-a-dependency", "kind: meson\nsources:\n- kind: cargo2\n").is_empty());
    }
}
