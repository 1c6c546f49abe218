//! Git refs of Rust elements that do not end in a commit.
//!
//! The rule is the core's `ref-without-commit`: where the core evaluates the sources before a cargo2 source it reports
//! the very same finding, and equal findings are reported once. Here the other git sources and the Rust elements without
//! a cargo2 source are covered.

use crate::bst::source;
use crate::finding::Finding;
use crate::lint::{Context, Subject};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    if !subject.rust {
        return Vec::new();
    }
    let git = |kind: Option<&str>| matches!(kind, Some("git_repo" | "git" | "git_tag" | "git_module"));
    let sources = subject.sources().iter().filter(|source| git(source.get_str("kind")));
    let moving = sources.filter_map(|source| {
        let node = source.get("ref")?;
        let text = subject.names.expand(node.as_str()?.trim());
        // An empty ref is one that was never tracked, and a variable may hold a commit.
        let known = !text.is_empty() && !text.contains("%{");
        (known && source::commit_of(&text).is_none()).then(|| source::without_commit(&text, node.location()))
    });
    moving.collect()
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{Project, found};
    use crate::text::SourceText;
    use std::sync::Arc;

    #[test]
    fn a_ref_that_can_move_is_reported_in_every_rust_element() {
        let call = "config:\n  build-commands:\n  - cargo build --locked\n";
        for (reference, claims) in [
            ("main", 1),
            ("v0.2.15", 1),
            ("v1.0-0-g0123456789abcdef0123456789abcdef01234567", 0),
            ("0123456789abcdef0123456789abcdef01234567", 0),
            ("'%{commit}'", 0),
            ("''", 0),
        ] {
            let text = format!("kind: manual\nsources:\n- kind: git_repo\n  ref: {reference}\n{call}");
            assert_eq!(found("ref-without-commit", &text).len(), claims, "{reference}");
        }
        let text = "kind: manual\nsources:\n- kind: git_repo\n  ref: v1 # old\n- kind: cargo2\n";
        assert_eq!(found("ref-without-commit", text), ["4:8 the ref `v1` does not end in a commit"]);
    }

    #[test]
    fn where_the_core_looks_too_the_finding_is_the_very_same() {
        let text =
            "kind: manual\nsources:\n- kind: git_repo\n  url: https://x.example/a\n  ref: main\n- kind: cargo2\n";
        let file = Arc::new(SourceText::new("x.bst", text));
        let conf = Arc::new(SourceText::new("project.conf", "name: p\n"));
        let project = crate::bst::project::parse(&conf, &|_| crate::finding::read::Read::Absent, &[]).unwrap();
        let found = crate::cargo2::element::read("x.bst", &file, &project, &|_| crate::finding::read::Read::Absent);
        let core = found.crate_lists[0].plan.as_ref().unwrap_err();
        let mut all = Project::new(&[("x.bst", text)]).lint();
        all.retain(|finding| finding.rule.id == "ref-without-commit");
        all.push((**core).clone());
        crate::finding::sort_and_dedup(&mut all);
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn elements_without_rust_are_left_alone() {
        assert!(found("ref-without-commit", "kind: import\nsources:\n- kind: git_repo\n  ref: main\n").is_empty());
    }
}
