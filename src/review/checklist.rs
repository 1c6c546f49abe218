//! The checklist of the packaging guide, with what the bot knows of it.

use super::{Point, PointState};
use crate::finding::rules;
use crate::finding::{Finding, Rule, Severity};
use crate::github::facts::CheckRun;
use crate::github::ids::Conclusion;
use crate::report::{Report, SeenCargo, SeenElement, Status};
use crate::workflows::rules::rust_untracked;

/// The rules that decide about a point.
struct Rules {
    text: &'static str,
    /// A finding of one of these says no.
    against: &'static [&'static Rule],
    /// A finding of one of these says that nobody knows.
    unknown: &'static [&'static Rule],
    /// By what the point was seen, where no finding says anything; else why it was not.
    seen: fn(&Report) -> Result<String, String>,
}

/// The points that the lints and the matrix decide.
const LINTED: [Rules; 4] = [
    Rules {
        text: "builds with `--locked`",
        against: &[&crate::lint::rules::cargo_unlocked::RULE],
        unknown: &[&rules::ELEMENT_UNREADABLE],
        seen: cargo_seen,
    },
    Rules {
        text: "no empty `strip-binaries`",
        against: &[&crate::lint::rules::strip_binaries::RULE],
        unknown: &[&rules::ELEMENT_UNREADABLE],
        seen: always_seen,
    },
    Rules {
        text: "tracked in the `manual-merge` group",
        against: &[
            &rust_untracked::RULE,
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
        seen: tracking_seen,
    },
    Rules {
        text: "in the stack",
        against: &[&crate::lint::rules::not_in_stack::RULE],
        unknown: &[&rules::ELEMENT_UNREADABLE],
        seen: stack_seen,
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
    let wrong = report.blocks.iter().any(|block| matches!(block.status, Status::Drifted | Status::Unverified));
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

/// Returns the point on some lints. They say nothing where they had no element to look at, or could not see what the point is about.
fn linted(rules: &Rules, report: &Report) -> Point {
    // Where a file says why it is not tracked, that is for the reviewer.
    let excused = |finding: &&Finding| finding.rule == &rust_untracked::RULE && finding.severity == Severity::Notice;
    let against = report.findings.iter().find(|f| rules.against.contains(&f.rule) && !excused(f));
    let unknown = report
        .findings
        .iter()
        .find(|f| rules.unknown.contains(&f.rule) || (rules.against.contains(&f.rule) && excused(f)));
    // What a configuration keeps from being reported was found all the same.
    let off = |rule: &&&Rule| report.seen.switched_off.contains(rule.id);
    let switched_off = rules.against.iter().chain(rules.unknown).find(off);
    let seen = (rules.seen)(report);
    let (state, by) = match (against, unknown, seen) {
        (Some(finding), ..) => (PointState::No, finding.rule.id.to_owned()),
        (None, Some(finding), _) => (PointState::Open, finding.rule.id.to_owned()),
        (None, None, _) if let Some(rule) = switched_off => (PointState::Open, format!("{} is switched off", rule.id)),
        (None, None, _) if report.blocks.is_empty() => (PointState::Open, String::new()),
        (None, None, Err(why)) => (PointState::Open, why),
        (None, None, Ok(by)) => (PointState::Yes, by),
    };
    Point { text: rules.text.into(), state, by }
}

/// Returns by what it was seen how cargo is called, or why not.
fn cargo_seen(report: &Report) -> Result<String, String> {
    let mut files: Vec<&str> = Vec::new();
    for name in report.blocks.iter().flat_map(|block| &block.elements) {
        match report.seen.elements.get(name).map(|element| &element.cargo) {
            Some(SeenCargo::InElement) => {}
            Some(SeenCargo::InFile(file)) => files.push(file),
            Some(SeenCargo::Not(why)) => return Err(format!("not seen: {why}")),
            None => return Err("not seen".into()),
        }
    }
    files.dedup();
    Ok(if files.is_empty() { "verified".into() } else { format!("verified in upstream's {}", files.join(", ")) })
}

/// Returns whether the elements can be tracked at all, and whether all that tracks them leaves them to a person.
fn tracking_seen(report: &Report) -> Result<String, String> {
    let names = report.blocks.iter().flat_map(|block| &block.elements);
    let elements: Option<Vec<&SeenElement>> = names.map(|name| report.seen.elements.get(name)).collect();
    let elements = elements.ok_or("not seen")?;
    if !elements.iter().all(|element| element.tracked) {
        Err("no source has `track:`".into())
    } else if !elements.iter().all(|element| element.by_people) {
        Err("not seen: no entry of the tracker says that a person merges it".into())
    } else {
        Ok("verified".into())
    }
}

fn stack_seen(report: &Report) -> Result<String, String> {
    if report.seen.stack {
        Ok("verified".into())
    } else {
        Err("not known: there is no stack, or it cannot be followed".into())
    }
}

fn always_seen(_: &Report) -> Result<String, String> {
    Ok("verified".into())
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
    use crate::report::{BlockReport, Seen};
    use std::collections::BTreeSet;

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
        let seen = SeenElement { cargo: SeenCargo::InElement, tracked: true, by_people: true };
        let seen = Seen { stack: true, switched_off: BTreeSet::new(), elements: [("a.bst".to_owned(), seen)].into() };
        Report { blocks: vec![block], findings, seen, ..Report::default() }
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
    fn what_could_not_be_seen_is_never_ticked() {
        let point = |at: usize, change: fn(&mut Report)| {
            let mut report = right(Vec::new());
            change(&mut report);
            let point = points(&report, &[], ("", "")).swap_remove(at);
            format!("{:?} {}", point.state, point.by)
        };
        fn own(report: &mut Report, cargo: SeenCargo) {
            report.seen.elements.get_mut("a.bst").unwrap().cargo = cargo;
        }
        let shown = [
            point(1, |report| own(report, SeenCargo::Not("it calls cargo through `just`".into()))),
            point(1, |report| own(report, SeenCargo::InFile("justfile".into()))),
            point(1, |report| report.seen.elements.clear()),
            point(3, |report| report.seen.elements.get_mut("a.bst").unwrap().tracked = false),
            point(3, |report| report.seen.elements.get_mut("a.bst").unwrap().by_people = false),
            point(3, |report| report.seen.switched_off = ["matrix-rust-untracked"].into()),
            point(4, |report| report.seen.stack = false),
            point(3, |report| {
                let mut finding = Finding::new(&rust_untracked::RULE, "x").of("a.bst");
                finding.severity = Severity::Notice;
                report.findings.push(finding);
            }),
        ];
        insta::assert_snapshot!(shown.join("\n"), @r"
        Open not seen: it calls cargo through `just`
        Yes verified in upstream's justfile
        Open not seen
        Open no source has `track:`
        Open not seen: no entry of the tracker says that a person merges it
        Open matrix-rust-untracked is switched off
        Open not known: there is no stack, or it cannot be followed
        Open matrix-rust-untracked
        ");
    }

    #[test]
    fn a_name_is_one_word_for_a_shell() {
        let words = ["a/b-c.bst", "a$(x).bst", "it's", "-rf"].map(str::to_owned);
        assert_eq!(quoted(&words), r"a/b-c.bst 'a$(x).bst' 'it'\''s' '-rf'");
    }
}
