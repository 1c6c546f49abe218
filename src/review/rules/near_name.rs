//! A new crate whose name is close to another's.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, DAY, day, shown};

/// From which age on, in seconds, a crate of some versions is one that has a reputation of its own.
const GROWN: i64 = 365 * DAY;

/// The number of versions that such a crate has.
const SOME: usize = 5;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-near-name",
    severity: Severity::Error,
    means: "A new crate has a name that is close to another one's, and hardly any history. Such a name may be typosquatting. Where the names differ only by a separator or a usual part (`-rs`, `-sys`, `-core`, `rust-`), as those of crates that belong together do, it is a warning, and none where the crate has a history.",
    remedy: "Make sure that the name is the one that upstream meant. A crate with a history of its own gives a warning only.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let known_before = case.change.kind != ChangeKind::Added || case.lookup.named(&case.change.name).len() > 1;
    if known_before || case.registry().is_none() || grown(case) {
        return Vec::new();
    }
    let Some(near) = case.lookup.names().near(&case.change.name) else { return Vec::new() };
    let variant = near.is_variant(&case.change.name);
    if variant && !case.unproven() {
        return Vec::new();
    }
    let message = format!("the name of the new crate {} {} {}", shown(&case.change.name), near.how, shown(&near.name));
    let mut finding = case.finding(&RULE, message);
    if variant || !case.unproven() {
        finding.severity = Severity::Warning;
    }
    if let Some(index) = case.index() {
        let since = case.born().map_or_else(String::new, |born| format!(", the first of {}", day(born)));
        finding = finding.note(format!("it has {} versions{since}", index.versions.len()));
    }
    if case.archive().is_some_and(|a| a.build_script) {
        finding = finding.note("it runs a build script");
    }
    vec![finding.help("make sure that upstream means this crate")]
}

/// Returns whether the crate has a history of its own.
fn grown(case: &ChangeContext<'_>) -> bool {
    let old = case.born().is_some_and(|born| case.age(born) >= GROWN);
    old && case.index().is_some_and(|c| c.versions.len() >= SOME)
}

#[cfg(test)]
mod tests {
    use crate::review::testing::*;

    #[test]
    fn a_near_name_that_was_there_before_is_none() {
        let list = |version: &str| [registry("arrayref", "0.3.7"), registry("arrayreff", version)];
        let mut all = evidence(index(&[list("1.0.0"), list("1.0.1")].concat()));
        of(&mut all, "arrayreff").versions.retain(|version| version.version.starts_with("1."));
        assert_eq!(messages(&mut [element(&list("1.0.0"), &list("1.0.1"))], &all), [""; 0]);
        let added = messages(&mut [element(&list("1.0.0")[..1], &list("1.0.1"))], &all);
        assert!(added[0].starts_with("warning crate-near-name: "), "{added:?}");
    }
}
