//! Code that runs while the crate is built.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, listed};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-build-script",
    severity: Severity::Warning,
    means: "A crate that ran nothing while it was built now has a build script or became a procedural macro, its build script, or code that the script includes or runs, changed within a patch release, or a new crate with few versions brings one. It runs on the build machine. It is a notice where a script that was there before changed and, by its words, reaches for nothing that it did not before: no other files, processes, hosts, variables or crates.",
    remedy: "Read the build script or the macro in the new version of the crate.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = case.archive() else { return Vec::new() };
    let in_patch = if is_patch(case) { " in a patch release" } else { "" };
    let both = case.archive_before().is_some_and(|before| before.build_script && after.build_script);
    let news = case.script_news().filter(|_| both);
    let quiet = news.is_some_and(<[String]>::is_empty);
    let what = match case.archive_before() {
        Some(before) if after.build_script && !before.build_script => "now runs a build script".to_owned(),
        Some(before) if after.proc_macro && !before.proc_macro => "became a procedural macro".to_owned(),
        Some(before) if both && (is_patch(case) || quiet) => match after.helpers_since(before).is_empty() {
            _ if before.build_script_digest != after.build_script_digest => {
                format!("has another build script{in_patch}")
            }
            false => format!("runs other code with its build script{in_patch}"),
            true => return Vec::new(),
        },
        None if case.unproven() && after.build_script => {
            "is new, has hardly a history and runs a build script".to_owned()
        }
        None if case.unproven() && after.proc_macro => {
            "is new, has hardly a history and is a procedural macro".to_owned()
        }
        _ => return Vec::new(),
    };
    let mut finding = case.finding(&RULE, format!("{} {what}", case.who()));
    let helpers = case.archive_before().map(|before| after.helpers_since(before)).unwrap_or_default();
    // That the script itself runs is no news.
    if after.build_script && (helpers.len() > 1 || what.starts_with("runs other code")) {
        finding.notes.insert(0, format!("runs at the build: {}", listed(&helpers, 5)));
    }
    if quiet {
        finding.message.push_str(", which reaches for nothing new");
        finding.severity = Severity::Notice;
    } else if let Some(news) = news {
        finding.notes.insert(0, format!("new in it: {}", listed(news, 8)));
    }
    vec![finding.help("read what it does: it runs on the machine that builds")]
}

fn is_patch(case: &ChangeContext<'_>) -> bool {
    use crate::review::{ChangeKind, Semver};
    matches!(case.change.kind, ChangeKind::Up(Semver::Patch) | ChangeKind::Checksum)
}

#[cfg(test)]
mod tests {
    use crate::review::change_context::DAY;
    use crate::review::evidence::ArchiveFacts;
    use crate::review::testing::*;
    use std::slice::from_ref;

    #[test]
    fn the_script_of_a_new_crate_is_news_where_the_crate_has_hardly_a_history() {
        let found = |build_script: bool, proven: bool| {
            let new = registry("a", "1.0.0");
            let mut all = evidence(index(from_ref(&new)));
            if !proven {
                let known = of(&mut all, "a");
                known.versions.retain(|version| version.version == "1.0.0");
                known.versions[0].published = Some(NOW - 100 * DAY);
            }
            let facts = ArchiveFacts { build_script, ..licensed() };
            all.archives.facts.insert(("a".into(), "1.0.0".into()), Ok(facts));
            messages(&mut [element(&[], from_ref(&new))], &all).join("\n")
        };
        let warning = "warning crate-build-script: `a 1.0.0` is new, has hardly a history and runs a build script";
        assert_eq!(
            (found(true, false).as_str(), found(true, true), found(false, false)),
            (warning, "".into(), "".into())
        );
    }
}
