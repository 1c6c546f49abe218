//! An entry for an element that is gone.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::Facts;
use crate::workflows::words::Target;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-element-missing",
    severity: Severity::Warning,
    means: "An entry of the tracker names an element that does not exist: its job fails or does nothing.",
    remedy: "Remove the entry, or fix the name.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for (_, _, word, _) in facts.words() {
        // The elements behind a junction are not known here.
        if let Target::Element(name) = &word.target
            && !name.contains(':')
            && !(facts.project.exists)(name)
        {
            let message = format!("the tracker names `{}`, which does not exist", name.escape_debug());
            out.push(Finding::new(&RULE, message).at(facts.locate(word.span)).of(name));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn the_word_that_names_it_is_shown() {
        let text = LISTS.replace("elements/bluefin/brew.bst", "elements/gone.bst j.bst:gone.bst");
        assert_eq!(
            messages(&RULE, &text, &["r.bst"]),
            ["t.yml:10:15: the tracker names `gone.bst`, which does not exist"]
        );
    }
}
