//! The branches that workflows open pull requests against, as the home project's tracker names them.

use crate::cargo2::snapshot::Snapshot;
use crate::finding::read::Read;
use crate::yaml::{self, Node, Value};
use std::collections::BTreeSet;

/// The key of a matrix entry that names the branch.
const KEY: &str = "base_branch";

/// Every branch that a workflow of the repository names as `base_branch`. Unreadable where a workflow cannot be read: it may
/// name more. What depends on an expression names nothing.
pub(crate) fn base_branches(snapshot: &Snapshot) -> Read<BTreeSet<String>> {
    let workflows = match &snapshot.workflows {
        Read::Known(workflows) => workflows,
        Read::Absent => return Read::Absent,
        Read::Unreadable(why) => return Read::Unreadable(why.clone()),
    };
    let mut branches = BTreeSet::new();
    for (path, text) in workflows {
        let text = match text {
            Read::Known(text) => text,
            Read::Absent => continue,
            Read::Unreadable(why) => return Read::Unreadable(why.clone()),
        };
        match yaml::parse_whole(text) {
            Ok(root) => collect(&root, &mut branches),
            Err(error) => return Read::unreadable(format!("`{path}`: {}", error.message)),
        }
    }
    Read::Known(branches)
}

/// Recursion is bounded by the depth that the YAML reader takes.
fn collect(node: &Node, branches: &mut BTreeSet<String>) {
    match &node.value {
        Value::Map(pairs, _) => {
            for (key, value) in pairs {
                match value.as_str().filter(|_| key.as_str() == Some(KEY)) {
                    Some(text) if !text.is_empty() && !text.contains("${{") => drop(branches.insert(text.to_owned())),
                    _ => collect(value, branches),
                }
            }
        }
        Value::List(items, _) => items.iter().for_each(|item| collect(item, branches)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bst::project;
    use crate::text::SourceText;
    use std::sync::Arc;

    fn of(workflows: Read<Vec<(&str, Read<&str>)>>) -> Read<BTreeSet<String>> {
        let text = |path: &str, text: &str| Arc::new(SourceText::new(path, text));
        let conf = text("project.conf", "name: p\n");
        let project = project::parse(&conf, &|_| Read::Absent, &[]).unwrap();
        let workflows = workflows.map(|list| {
            list.into_iter().map(|(path, read)| (path.to_owned(), read.map(|t| text(path, t)))).collect::<Vec<_>>()
        });
        base_branches(&Snapshot::new(project, Vec::new(), workflows, &|_| Read::Absent))
    }

    #[test]
    fn branches_are_found_at_any_depth_and_expressions_are_none() {
        let tracker = "jobs:\n  a:\n    strategy:\n      matrix:\n        include:\n        - {base_branch: testing}\n\
                       \x20       - base_branch: ${{ inputs.x }}\n    env: {base_branch: ''}\n";
        let found = of(Read::Known(vec![("t.yml", Read::Known(tracker)), ("x.yml", Read::Known("on: push\n"))]));
        assert_eq!(found, Read::Known(BTreeSet::from(["testing".to_owned()])));
        assert_eq!(of(Read::Absent), Read::Absent);
    }

    #[test]
    fn a_workflow_that_cannot_be_read_makes_them_unknown() {
        for bad in [Read::Known("a: [\n"), Read::unreadable("no")] {
            assert!(matches!(of(Read::Known(vec![("t.yml", bad)])), Read::Unreadable(_)));
        }
    }
}
