//! A Rust element that nothing ships.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::{Context, Subject};
use crate::yaml::Node;
use std::collections::{BTreeSet, HashMap};

/// The stack does not reach the element.
pub(crate) static RULE: Rule = Rule {
    id: "not-in-stack",
    severity: Severity::Warning,
    means: "The element cannot be reached from the stack of what is shipped, so no image contains it and no build of the stack notices when it breaks.",
    remedy: "Add it to the stack, or name the element that is built for itself as a target.",
};

pub(crate) fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(stack) = context.stack else { return Vec::new() };
    let Some(reached) = reached(context, stack) else { return Vec::new() };
    let outside = |subject: &&Subject| subject.rust && !reached.contains(subject.name.as_str());
    let finding = |subject: &Subject| {
        let message = format!("`{}` is not reachable from `{}`", subject.name.escape_debug(), stack.escape_debug());
        Finding::new(&RULE, message).at(subject.place()).of(&subject.name)
    };
    context.subjects.iter().filter(outside).map(finding).collect()
}

/// Returns whether it is known what the stack reaches: else the rule makes no claim.
#[must_use]
pub(crate) fn is_known(context: &Context<'_>) -> bool {
    context.stack.is_some_and(|stack| reached(context, stack).is_some())
}

/// Returns the elements that the stack, the targets and the junctions that use this project reach. None when that is
/// not known in full.
fn reached<'a>(context: &Context<'a>, stack: &'a str) -> Option<BTreeSet<&'a str>> {
    let by_name: HashMap<&str, &Subject> = context.subjects.iter().map(|s| (s.name.as_str(), s)).collect();
    let mut open: Vec<&str> = vec![stack];
    open.extend(context.targets.iter().filter(|target| by_name.contains_key(**target)));
    for junction in context.subjects.iter().filter(|s| s.kind == "junction") {
        // An element that overrides one of a junction is reached through that junction.
        let overrides = junction.root.get("config").and_then(|node| node.get("overrides")).and_then(Node::as_map);
        let own = overrides.unwrap_or_default().iter().filter_map(|(_, to)| to.as_str());
        open.extend(own.filter(|to| by_name.contains_key(to)));
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !reached.insert(name) {
            continue;
        }
        // What an element that cannot be read depends on is not known.
        let subject = by_name.get(name).filter(|subject| subject.dependencies_known)?;
        open.extend(subject.dependencies.iter().filter(|d| d.junction.is_none()).map(|d| d.name.as_str()));
        if subject.kind == "link" {
            let target = subject.root.get("config").and_then(|node| node.get_str("target"));
            open.extend(target.filter(|target| !target.contains(':')));
        }
    }
    Some(reached)
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{Project, messages};

    const RUST: &str = "kind: make\nsources:\n- kind: cargo2\n";

    fn project(stack: &str, more: &[(&str, &str)]) -> Vec<String> {
        let mut files = vec![("bluefin/deps.bst", stack), ("a.bst", RUST)];
        files.extend_from_slice(more);
        messages("not-in-stack", &Project::new(&files).lint())
    }

    #[test]
    fn an_element_outside_the_stack_is_reported() {
        assert_eq!(
            project("kind: stack\ndepends:\n- j.bst:a.bst\n- b.bst\n", &[("b.bst", "kind: make\n")]),
            ["a.bst 1:1 `a.bst` is not reachable from `bluefin/deps.bst`"]
        );
    }

    #[test]
    fn every_kind_of_dependency_reaches() {
        for stack in [
            "depends: [b.bst]\n",
            "build-depends:\n- filename: [c.bst, b.bst]\n",
            "runtime-depends:\n- filename: b.bst\n  type: runtime\n",
            "depends:\n  (>):\n  - l.bst\n",
        ] {
            let more = [
                ("b.bst", "kind: stack\nruntime-depends: [a.bst]\n"),
                ("l.bst", "kind: link\nconfig:\n  target: b.bst\n"),
            ];
            assert!(project(&format!("kind: stack\n{stack}"), &more).is_empty(), "{stack}");
        }
    }

    #[test]
    fn overrides_of_junctions_and_targets_count() {
        let junction = "kind: junction\nconfig:\n  overrides:\n    x/a.bst: a.bst\n";
        assert!(project("kind: stack\n", &[("j.bst", junction)]).is_empty());
        let files = [
            ("bluefin/deps.bst", "kind: stack\n"),
            ("a.bst", RUST),
            ("oci.bst", "kind: script\nbuild-depends: [a.bst]\n"),
        ];
        let mut project = Project::new(&files);
        project.targets = vec!["oci.bst"];
        assert!(messages("not-in-stack", &project.lint()).is_empty());
    }

    #[test]
    fn what_is_not_known_in_full_makes_no_claim() {
        assert!(project("kind: stack\n(@): j.bst:deps.yml\n", &[]).is_empty());
        assert!(messages("not-in-stack", &Project::new(&[("a.bst", RUST)]).lint()).is_empty());
        let elsewhere = "kind: stack\nvariables:\n  (@): j.bst:x.yml\n";
        assert_eq!(project(elsewhere, &[]).len(), 1);
    }
}
