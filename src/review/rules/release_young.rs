//! A release that nobody had time to look at.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, DAY, day};
use crate::review::evidence::IndexVersion;
use crate::review::published::ends;

/// How long a release after which all older ones are yanked is reported, whatever the quiet days are.
const PUSHED: i64 = 14 * DAY;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "release-young",
    severity: Severity::Warning,
    means: "A crate's version was published only days ago: three, or fourteen where it brings a build script that the version before did not have. Malicious releases are mostly found within days. It is an error where all older releases are yanked at the same time, which pushes everybody to the new one.",
    remedy: "Wait until the day that the finding names, or read the difference between the two versions. `quiet-days` in the configuration sets how long it is.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(published) = case.indexed().and_then(|v| v.published) else { return Vec::new() };
    let quiet = &case.settings.quiet;
    let end = case.quiet_until(published, if brings_script(case) { quiet.new } else { quiet.release });
    let older = older(case, published);
    let yanked = older.len() >= 2 && older.iter().all(|v| v.yanked) && case.age(published) < PUSHED;
    if end.is_none() && !yanked {
        return Vec::new();
    }
    let message = format!("{} was published on {}, {}", case.who(), day(published), case.age_in_words(published));
    let help = "wait some days, or read the difference between the two versions";
    if yanked {
        let message = format!("{message}, and all {} older releases are yanked", older.len());
        let mut finding = case.finding(&RULE, message).help(help);
        finding.severity = Severity::Error;
        return vec![finding];
    }
    let finding = case.finding(&RULE, message).because_of(cause(case)).help(help);
    vec![end.into_iter().fold(finding, |finding, end| finding.note(ends(end)))]
}

/// The cause of all findings that say that a release is young.
pub(super) fn cause(case: &ChangeContext<'_>) -> String {
    let version = case.change.after.as_ref().map_or("", |entry| entry.version.as_str());
    format!("young {} {version}", case.change.name)
}

/// Returns whether the release runs a build script and the one before did not.
fn brings_script(case: &ChangeContext<'_>) -> bool {
    let before = case.archive_before().is_some_and(|before| !before.build_script);
    before && case.archive().is_some_and(|after| after.build_script)
}

/// The releases before, those without a date among them if the index has them before this one.
fn older<'a>(case: &ChangeContext<'a>, published: i64) -> Vec<&'a IndexVersion> {
    let Some(own) = case.indexed() else { return Vec::new() };
    let all = case.index().map(|c| c.versions.as_slice()).unwrap_or_default();
    let at = all.iter().position(|v| v.version == own.version).unwrap_or(0);
    let before = |(i, v): &(usize, &IndexVersion)| v.published.map_or(*i < at, |time| time < published);
    all.iter().enumerate().filter(before).map(|(_, v)| v).collect()
}

#[cfg(test)]
mod tests {
    use crate::review::evaluate::review_changes;
    use crate::review::evidence::IndexVersion;
    use crate::review::settings::Settings;
    use crate::review::testing::*;

    #[test]
    fn what_says_that_one_release_is_young_has_one_cause() {
        let list = [registry("a", "1.0.0"), registry("b", "1.0.0")];
        let mut all = evidence(index(&list));
        for name in ["a", "b"] {
            let new = IndexVersion { checksum: sha(name, "1.0.0"), ..version("1.0.0", 1) };
            of(&mut all, name).versions = vec![new];
        }
        let findings = review_changes(&mut [element(&[], &list)], &all, &Settings::default());
        let mut causes: Vec<String> = findings.into_iter().filter_map(|finding| finding.cause).collect();
        causes.sort();
        assert_eq!(causes, ["young a 1.0.0", "young a 1.0.0", "young b 1.0.0", "young b 1.0.0"]);
    }
}
