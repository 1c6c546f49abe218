//! The report on the crate lists of one file.

use super::{BlockReport, Report, Status};
use crate::cargo2::drift::Drift;
use crate::cargo2::plan::{Planned, VerifiedList};
use crate::cargo2::verify::{self, Verdict};
use crate::finding::{Finding, rules};

/// Builds the report on the crate lists of one file. `written` says whether its change was made.
#[must_use]
pub(crate) fn of_plan(planned: Planned, written: bool) -> Report {
    let mut out = Report { findings: planned.findings, ..Report::default() };
    for list in planned.group {
        block(list, written, &mut out);
    }
    out.changes.extend(planned.change);
    out
}

/// Adds the report on one crate list.
fn block(list: VerifiedList, written: bool, out: &mut Report) {
    let VerifiedList { crate_list, verdict, origin, .. } = list;
    let mut report = BlockReport {
        file: crate_list.place().0.path.to_string(),
        line: crate_list.location().line,
        elements: crate_list.elements.clone(),
        layout: crate_list.layout,
        status: Status::Unverified,
        crates: None,
        drift: Drift::default(),
        lock: origin,
    };
    match verdict {
        Verdict::Right { crates } => (report.status, report.crates) = (Status::Right, Some(crates)),
        Verdict::Drifted { drift, expected, edit } => {
            report.crates = Some(expected.len());
            report.status = if written && edit.is_ok() { Status::Regenerated } else { Status::Drifted };
            if report.status == Status::Drifted {
                let mut finding =
                    verify::drift_finding(&crate_list, &drift, report.lock.as_deref().unwrap_or_default());
                finding.fixable = edit.is_ok();
                out.findings.push(finding);
            }
            if let Err((message, span)) = edit {
                let finding = Finding::new(&rules::BLOCK_UNREADABLE, message);
                out.findings.push(finding.at(crate_list.place().0.locate(span)).of(crate_list.name()));
            }
            report.drift = drift;
        }
        Verdict::Exempt => report.status = Status::Exempt,
        Verdict::Unverified { findings } => out.findings.extend(findings),
    }
    out.blocks.push(report);
}
