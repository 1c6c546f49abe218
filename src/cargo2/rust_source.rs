//! Whether a YAML text holds the source of a Rust element: under any condition, however it is written.

use crate::bst::project::compose::ReadFile;
use crate::cargo2::walk::{Place, Trees, Walk};
use crate::finding::read::Read;
use crate::text::SourceText;
use crate::yaml;
use std::sync::Arc;

pub(crate) use crate::cargo2::walk::RustSource;

/// Answers for the text of an element file. The files that it includes are not looked at: they make it a perhaps.
#[must_use]
pub(crate) fn of_element(file: &Arc<SourceText>) -> RustSource {
    of_roots(file, &[Place::Element])
}

/// Answers for the text of a file that an element may include at any place of it.
#[must_use]
pub(crate) fn of_include(file: &Arc<SourceText>) -> RustSource {
    of_roots(file, &[Place::Element, Place::Sources, Place::Source])
}

fn of_roots(file: &Arc<SourceText>, places: &[Place]) -> RustSource {
    let root = match yaml::parse_whole(file) {
        Ok(root) => root,
        Err(why) => return RustSource::MayBe(format!("it cannot be read: {}", why.message)),
    };
    let read: &ReadFile<'_> = &|_| Read::unreadable("it is not looked at here");
    let trees = Trees::new(read);
    let mut walk = Walk::default();
    for place in places {
        walk.add(&root, *place, &trees);
    }
    walk.rust
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(text: &str) -> RustSource {
        of_element(&Arc::new(SourceText::new("a.bst", text)))
    }

    fn include(text: &str) -> RustSource {
        of_include(&Arc::new(SourceText::new("a.yml", text)))
    }

    #[test]
    fn every_way_to_write_the_kind_is_the_kind() {
        for kind in [
            "cargo",
            "cargo2",
            "'cargo2'",
            "\"c\\x61rgo2\"",
            "\"\\u0063argo2\"",
            "\"car\\\n    go2\"",
            ">-\n    cargo2",
        ] {
            for text in [format!("sources:\n- kind: {kind}\n"), format!("sources:\n- \"k\\x69nd\": {kind}\n")] {
                assert_eq!(element(&text), RustSource::Present, "{text}");
            }
        }
        for flow in
            ["sources: [{kind: cargo2}]", "{sources: [{ref: [], kind: cargo2}]}", "\"sourc\\x65s\":\n- {kind: cargo}\n"]
        {
            assert_eq!(element(flow), RustSource::Present, "{flow}");
        }
        assert_eq!(element("? sources\n: - ? kind\n    : cargo2\n"), RustSource::Present);
    }

    #[test]
    fn white_space_around_a_kind_is_none_of_it() {
        for kind in ["' cargo2 '", "|\n    cargo2\n", "\"\\xa0\\u2003cargo2\\x1c\\n\"", "\"\\tcargo\\L\""] {
            assert_eq!(element(&format!("sources:\n- kind: {kind}\n")), RustSource::Present, "{kind}");
        }
        assert_eq!(element("sources:\n- kind: 'cargo 2'\n"), RustSource::No);
    }

    #[test]
    fn a_line_that_only_buildstream_ends_hides_nothing() {
        for end in ["\u{2028}", "\u{2029}", "\u{85}", "\r"] {
            let text = format!("kind: stack # x{end}sources: [{{kind: cargo2}}]\n");
            assert!(element(&text).may_be(), "{text:?}");
        }
    }

    #[test]
    fn a_source_under_any_condition_or_directive_is_present() {
        for text in [
            "(?):\n- never == \"x\":\n    sources:\n    - kind: cargo2\n",
            "sources:\n  (>):\n  - kind: cargo2\n",
            "sources:\n  (<):\n  - kind: cargo2\n",
            "sources:\n  (=):\n  - kind: cargo2\n",
            "sources:\n  (?):\n  - a:\n      (>):\n      - kind: cargo2\n",
            "sources:\n- kind: local\n  (?):\n  - a:\n      (?):\n      - b: {kind: cargo2}\n",
        ] {
            assert_eq!(element(text), RustSource::Present, "{text}");
        }
    }

    #[test]
    fn comments_element_kinds_and_other_texts_are_no_source() {
        for text in [
            "kind: cargo\n# - kind: cargo2\nsources:\n- kind: git_repo\n",
            "kind: make\nvariables:\n  x: |\n    sources:\n    - kind: cargo2\n",
            "kind: make\ndescription: 'kind: cargo2'\n",
            "variables:\n  (@): inc.yml\n",
            "",
        ] {
            assert_eq!(element(text), RustSource::No, "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_a_perhaps() {
        for text in [
            "(@): inc.yml\n",
            "sources:\n- (@): inc.yml\n",
            "sources:\n  (@): [j.bst:inc.yml]\n",
            "sources:\n- kind: [cargo2]\n",
            "sources:\n- kind: '%{kind}'\n",
            "sources:\n",
            "sources: x\n",
            "sources:\n- cargo2\n",
            "a: &x cargo2\n",
            "sources:\n- kind: *x\n",
            "a: 1\na: 2\n",
            "(?): x\n",
            "a: [\n",
            "a: 1\n---\nsources: [{kind: cargo2}]\n",
        ] {
            assert!(matches!(element(text), RustSource::MayBe(_)), "{text}");
        }
    }

    #[test]
    fn an_included_file_may_begin_anywhere() {
        for text in
            ["kind: cargo2\n", "(>):\n- kind: cargo2\n", "sources: [{kind: cargo}]\n", "(?):\n- a: {kind: cargo2}\n"]
        {
            assert_eq!(include(text), RustSource::Present, "{text}");
        }
        assert!(!matches!(include("sources:\n  cargo2:\n    config: {git-mirrors: {a: b}}\n"), RustSource::Present));
    }
}
