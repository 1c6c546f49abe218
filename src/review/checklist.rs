//! The checklist of the packaging guide, with what the bot knows of it.

use super::{Point, PointState};
use crate::finding::rules;
use crate::finding::{Finding, Rule, Severity};
use crate::github::facts::CheckRun;
use crate::github::ids::Conclusion;
use crate::report::{Report, Status};

/// The rules that decide about a point.
struct Rules {
    text: &'static str,
    /// A finding of one of these says no.
    against: &'static [&'static Rule],
    /// A finding of one of these says that nobody knows.
    unknown: &'static [&'static Rule],
}

/// The points that the lints and the matrix decide.
const LINTED: [Rules; 4] = [
    Rules {
        text: "builds with `--locked`",
        against: &[&crate::lint::rules::cargo_unlocked::RULE],
        unknown: &[&rules::ELEMENT_UNREADABLE],
    },
    Rules {
        text: "no empty `strip-binaries`",
        against: &[&crate::lint::rules::strip_binaries::RULE],
        unknown: &[&rules::ELEMENT_UNREADABLE],
    },
    Rules {
        text: "tracked in the `manual-merge` group",
        against: &[
            &crate::workflows::rules::rust_untracked::RULE,
            &crate::workflows::rules::rust_auto_merge::RULE,
            &crate::workflows::rules::manual_merged::RULE,
        ],
        unknown: &[
            &crate::workflows::rules::dynamic::RULE,
            &crate::workflows::rules::tracker_missing::RULE,
            &crate::workflows::rules::no_matrix::RULE,
            &crate::workflows::rules::merge_unclear::RULE,
            &crate::workflows::rules::unreadable::RULE,
        ],
    },
    Rules {
        text: "in the stack",
        against: &[&crate::lint::rules::not_in_stack::RULE],
        unknown: &[&rules::ELEMENT_UNREADABLE],
    },
];

/// The points, in the guide's order. `checks` are those of the head commit; `names` what validates and what builds the project.
#[must_use]
pub fn points(report: &Report, checks: &[CheckRun], names: (&str, &str)) -> Vec<Point> {
    let mut points = vec![generated(report)];
    points.extend(LINTED.iter().map(|rules| linted(rules, report)));
    points.push(check("`just validate` passes", names.0, checks));
    points.push(check("the build passes", names.1, checks));
    points
}

/// Words for a shell, which takes each as it is.
#[must_use]
pub fn quoted(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-+".contains(c);
    let one = |word: &String| {
        if word.chars().all(plain) && !word.starts_with('-') {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Returns the point on the blocks: only what was proven counts.
fn generated(report: &Report) -> Point {
    let wrong = report.blocks.iter().any(|b| matches!(b.status, Status::Drifted | Status::Unverified));
    let exempt = report.blocks.iter().any(|b| b.status == Status::Exempt);
    let (state, by) = match unread(report) {
        Some(finding) => (PointState::No, finding.rule.id),
        None if wrong => (PointState::No, "verified"),
        None if exempt || report.blocks.is_empty() => (PointState::Open, ""),
        None => (PointState::Yes, "verified"),
    };
    Point { text: "the block is generated: it matches `Cargo.lock` at the new ref".into(), state, by: by.into() }
}

/// Returns the error that keeps an element's blocks from being found: such an element has none in the report.
fn unread(report: &Report) -> Option<&Finding> {
    let found = |name: &String| report.blocks.iter().any(|block| block.elements.contains(name));
    let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.into_iter().find(|finding| finding.element.as_ref().is_some_and(|name| !found(name)))
}

/// Returns the point on some lints. They say nothing where they had no element to look at.
fn linted(rules: &Rules, report: &Report) -> Point {
    let against = report.findings.iter().find(|finding| rules.against.contains(&finding.rule));
    let unknown = report.findings.iter().find(|finding| rules.unknown.contains(&finding.rule));
    let (state, by) = match (against, unknown) {
        (Some(finding), _) => (PointState::No, finding.rule.id),
        (None, Some(finding)) => (PointState::Open, finding.rule.id),
        (None, None) if report.blocks.is_empty() => (PointState::Open, ""),
        (None, None) => (PointState::Yes, "verified"),
    };
    Point { text: rules.text.into(), state, by: by.into() }
}

/// Returns the point on a check of the head commit. Without one, the reviewer has to look.
fn check(text: &str, name: &str, checks: &[CheckRun]) -> Point {
    let newest = checks.iter().filter(|run| run.name == name).max_by_key(|run| run.id);
    let (state, by) = match newest.map(|run| run.conclusion.as_ref()) {
        Some(Some(Conclusion::Success)) => (PointState::Yes, format!("check {name}")),
        Some(Some(
            Conclusion::Failure
            | Conclusion::TimedOut
            | Conclusion::Cancelled
            | Conclusion::ActionRequired
            | Conclusion::StartupFailure,
        )) => (PointState::No, format!("check {name}")),
        Some(_) => (PointState::Open, format!("check {name} has not passed yet")),
        None => (PointState::Open, String::new()),
    };
    Point { text: text.into(), state, by }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo2::block::Layout;
    use crate::cargo2::drift::Drift;
    use crate::report::BlockReport;

    fn run(name: &str, id: u64, conclusion: Option<&str>) -> CheckRun {
        CheckRun {
            id: id.into(),
            name: name.into(),
            conclusion: conclusion.map(Conclusion::read),
            ..CheckRun::default()
        }
    }

    fn states(report: &Report, checks: &[CheckRun]) -> Vec<PointState> {
        points(report, checks, ("validate", "build")).into_iter().map(|point| point.state).collect()
    }

    /// A report on a right block of the element `a`.
    fn right(findings: Vec<Finding>) -> Report {
        let block = BlockReport {
            file: "a.bst".into(),
            line: 1,
            elements: vec!["a.bst".into()],
            layout: Layout::List,
            status: Status::Right,
            crates: None,
            drift: Drift::default(),
            lock: None,
        };
        Report { blocks: vec![block], findings, ..Report::default() }
    }

    #[test]
    fn what_was_not_looked_at_is_open_and_what_cannot_be_read_is_wrong() {
        use PointState::{No, Open, Yes};
        assert_eq!(states(&Report::default(), &[]), [Open; 7]);
        let unread = |name: &str| Finding::new(&rules::ELEMENT_UNREADABLE, "x").of(name);
        assert_eq!(states(&right(vec![unread("b.bst")]), &[]), [No, Open, Open, Yes, Open, Open, Open]);
        let alone = Report { findings: vec![unread("b.bst")], ..Report::default() };
        assert_eq!(states(&alone, &[]), [No, Open, Open, Open, Open, Open, Open]);
    }

    #[test]
    fn a_point_is_ticked_only_by_what_is_known() {
        use PointState::{No, Open, Yes};
        assert_eq!(states(&right(Vec::new()), &[]), [Yes, Yes, Yes, Yes, Yes, Open, Open]);
        let report = right(vec![Finding::new(&crate::lint::rules::cargo_unlocked::RULE, "x").of("a.bst")]);
        let checks = [run("validate", 1, Some("failure")), run("validate", 2, Some("success")), run("build", 3, None)];
        assert_eq!(states(&report, &checks), [Yes, No, Yes, Yes, Yes, Yes, Open]);
        let dynamic = right(vec![Finding::new(&crate::workflows::rules::dynamic::RULE, "x")]);
        assert_eq!(states(&dynamic, &[])[3], Open);
    }

    #[test]
    fn a_name_is_one_word_for_a_shell() {
        let words = ["a/b-c.bst", "a$(x).bst", "it's", "-rf"].map(str::to_owned);
        assert_eq!(quoted(&words), r"a/b-c.bst 'a$(x).bst' 'it'\''s' '-rf'");
    }
}
