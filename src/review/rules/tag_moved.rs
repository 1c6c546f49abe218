//! A tag that names another commit than before.

use crate::cargo2::block::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, short, shown};
use crate::review::settings::Relation;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-tag-moved",
    severity: Severity::Error,
    means: "A crate from git is requested by the same tag or revision as before, which now names another commit. Tags of releases do not move.",
    remedy: "Look at the commits between the two, and ask upstream why the tag was moved.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let sides = (case.change.before.as_ref().map(|e| &e.from), case.change.after.as_ref().map(|e| &e.from));
    let (Some(Origin::Git { commit: a, repo: old, query: p }), Some(Origin::Git { commit: b, repo: new, query: q })) =
        sides
    else {
        return Vec::new();
    };
    let same = || case.settings.relation(old, new) != Relation::Other;
    let Some((what, name)) = fixed(q).filter(|_| p == q && a != b && same()) else { return Vec::new() };
    let finding = case.finding(&RULE, format!("the {what} {} of {} names another commit", shown(name), case.who()));
    vec![finding.note(format!("{} → {} of {}", short(a), short(b), shown(new))).help(RULE.remedy)]
}

/// Returns what a query requests that does not move: a tag, or a revision that is no reference to a branch.
pub(super) fn fixed(query: &[(String, String)]) -> Option<(&'static str, &str)> {
    query.iter().find_map(|(key, value)| match key.as_str() {
        "tag" => Some(("tag", value.as_str())),
        "rev" if !value.starts_with("refs/") => Some(("revision", value.as_str())),
        _ => None,
    })
}
