//! No tracker at all.

use crate::finding::{Finding, Rule, Severity};
use crate::text::Location;
use crate::workflows::{Facts, TRACKER};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "tracker-missing",
    severity: Severity::Notice,
    means: "There is no tracker workflow at the configured path, so nothing is verified about how Rust elements are updated and merged.",
    remedy: "Configure the tracker's path, or update the elements by hand.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.project.tracker.may_exist() {
        return Vec::new();
    }
    let finding = Finding::new(&RULE, "there is no tracker workflow here").at(Location::file(TRACKER));
    let Some(other) = facts.others.iter().find(|other| other.tracks()) else {
        return vec![finding];
    };
    let path = &other.workflow.file.path;
    vec![finding.help(format!("`{path}` tracks sources; name it as the tracker in the configuration"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn it_is_said_and_a_workflow_that_tracks_is_proposed() {
        let other = "jobs:\n  t:\n    steps:\n      - run: bst source track a.bst\n";
        let findings = lint(None, &[other], &["a.bst"]).findings;
        assert_eq!(findings.len(), 1);
        assert!(findings[0].help.as_ref().unwrap().starts_with("`o.yml` tracks sources"));
        assert_eq!(show(&RULE, &lint(None, &[], &["a.bst"]).findings).len(), 1);
    }

    #[test]
    fn without_rust_elements_nothing_is_said() {
        assert!(lint(None, &[], &[]).findings.is_empty());
    }
}
