//! The list of all rules, and the rules as text: a page for the documentation, and one rule for the terminal.

use crate::finding::{self, Rule};
use crate::{lint, review, workflows};
use std::fmt::Write as _;

/// Every rule, in the order of their ids.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    let mut all = [finding::rules::CORE, lint::rules::ALL, workflows::rules::ALL, review::rules::ALL].concat();
    all.sort_by_key(|rule| rule.id);
    all
}

/// All rules as a page of Markdown. `docs/rules.md` is this text.
#[must_use]
pub fn document() -> String {
    let all = all();
    let mut out = String::from("# Rules\n\n");
    out.push_str("These are the rules that cargo2-bot checks. Their ids are stable; `cargo2-bot explain RULE` prints one of them.\n");
    out.push_str(
        "This page is generated from the rules themselves: after a change of a rule, run the tests with `BLESS=1`.\n\n",
    );
    out.push_str("| Rule | Severity |\n|---|---|\n");
    for rule in &all {
        let _ = writeln!(out, "| [`{0}`](#{0}) | {1} |", rule.id, rule.severity.name());
    }
    for rule in &all {
        let _ = write!(
            out,
            "\n## {}\n\nSeverity: {}.\n\n{}\n\n**To fix:** {}\n",
            rule.id,
            rule.severity.name(),
            rule.means,
            rule.remedy
        );
    }
    out
}

/// One rule as plain text. None when there is no rule of that id.
#[must_use]
pub fn explain(id: &str) -> Option<String> {
    let rule: &Rule = all().into_iter().find(|rule| rule.id == id)?;
    Some(format!("{} ({})\n\n{}\n\nTo fix: {}\n", rule.id, rule.severity.name(), rule.means, rule.remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_and_explained() {
        let page = document();
        for rule in all() {
            assert!(page.contains(&format!("\n## {}\n", rule.id)), "{}", rule.id);
            assert!(explain(rule.id).unwrap().contains(rule.means));
            let sentence = |text: &str| text.ends_with(['.', ')']) || text.ends_with("./");
            assert!(sentence(rule.means) && sentence(rule.remedy), "{}", rule.id);
        }
        assert_eq!(explain("no-such-rule"), None);
    }

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let all = all();
        assert!(all.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(all.iter().all(|r| r.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())));
    }
}
