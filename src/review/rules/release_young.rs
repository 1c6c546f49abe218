//! A release that nobody had time to look at.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, DAY, day};
use crate::review::evidence::IndexVersion;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "release-young",
    severity: Severity::Warning,
    means: "A crate's version was published less than a day before (a notice: less than three days). Malicious releases are mostly found within days. It is an error where all older releases are yanked at the same time, which pushes everybody to the new one.",
    remedy: "Wait some days, or read the difference between the two versions.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(published) = case.indexed().and_then(|v| v.published) else { return Vec::new() };
    let age = case.age(published);
    if age >= 3 * DAY {
        return Vec::new();
    }
    let mut finding =
        case.finding(&RULE, format!("{} was published on {}, {} ago", case.who(), day(published), days(age)));
    if age >= DAY {
        finding.severity = Severity::Notice;
    }
    let older = older(case, published);
    if older.len() >= 2 && older.iter().all(|v| v.yanked) {
        finding.severity = Severity::Error;
        finding.message = format!("{}, and all {} older releases are yanked", finding.message, older.len());
    }
    vec![finding.help("wait some days, or read the difference between the two versions")]
}

/// In whole days, so that the same facts give the same text all day long.
fn days(age: i64) -> &'static str {
    match age / DAY {
        0 => "less than a day",
        1 => "less than two days",
        _ => "less than three days",
    }
}

/// The releases before, those without a date among them if the index has them before this one.
fn older<'a>(case: &ChangeContext<'a>, published: i64) -> Vec<&'a IndexVersion> {
    let Some(own) = case.indexed() else { return Vec::new() };
    let all = case.index().map(|c| c.versions.as_slice()).unwrap_or_default();
    let at = all.iter().position(|v| v.version == own.version).unwrap_or(0);
    let before = |(i, v): &(usize, &IndexVersion)| v.published.map_or(*i < at, |time| time < published);
    all.iter().enumerate().filter(before).map(|(_, v)| v).collect()
}
