//! For merge requests on GitLab: its Code Quality report, a list of issues.

use super::Report;
use crate::encode;
use crate::finding::{Finding, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Renders a report.
#[must_use]
pub fn report(report: &Report) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let issues: Vec<Value> = report.findings.iter().map(|finding| issue(finding, &mut seen)).collect();
    format!("{:#}\n", Value::Array(issues))
}

fn issue(finding: &Finding, seen: &mut BTreeMap<String, usize>) -> Value {
    let severity = match finding.severity {
        Severity::Error => "critical",
        Severity::Warning => "minor",
        Severity::Notice => "info",
    };
    let (path, line) = match &finding.location {
        Some(place) => (place.path.to_string(), place.line.max(1)),
        None => ("project.conf".to_owned(), 1),
    };
    let about = finding.element.iter().filter(|element| !finding.message.contains(element.as_str()));
    let mut description: String = about.map(|element| format!("{element}: ")).collect();
    description.push_str(&finding.message);
    if let Some(help) = &finding.help {
        description.push_str(&format!(" ({help})"));
    }
    // Without the line, so that an issue stays the same one when lines above it move; a second one of its kind is numbered.
    let parts =
        [finding.rule.id, &path, finding.element.as_deref().unwrap_or(""), finding.krate.as_deref().unwrap_or("")];
    let key = parts.join("\n");
    let number = seen.entry(key.clone()).and_modify(|number| *number += 1).or_insert(0);
    json!({
        "description": description,
        "check_name": finding.rule.id,
        "fingerprint": encode::sha256(format!("{key}\n{number}")),
        "severity": severity,
        "location": { "path": path, "lines": { "begin": line } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::rules;
    use crate::text::Location;

    #[test]
    fn an_issue_stays_the_same_when_its_line_moves_and_no_two_are_the_same() {
        let at = |line| Location { line, ..Location::file("elements/a.bst") };
        let drift = |line| Finding::new(&rules::BLOCK_DRIFT, "it drifted").of("a.bst").at(at(line)).help("run it");
        let of = |findings: Vec<Finding>| -> Vec<Value> {
            serde_json::from_str(&report(&Report { findings, ..Report::default() })).unwrap()
        };
        let [one, two] = &of(vec![drift(4), drift(9)])[..] else { panic!() };
        assert_eq!(one["description"], "a.bst: it drifted (run it)");
        assert_eq!(one["location"], json!({ "path": "elements/a.bst", "lines": { "begin": 4 } }));
        assert_eq!((&one["severity"], &one["check_name"]), (&json!("critical"), &json!("block-drift")));
        assert_ne!(one["fingerprint"], two["fingerprint"]);
        assert_eq!(of(vec![drift(5)])[0]["fingerprint"], one["fingerprint"]);
        let bare = of(vec![Finding::new(&rules::OVERRIDE_UNUSED, "x")]);
        assert_eq!(bare[0]["location"]["lines"]["begin"], 1);
        assert_eq!(of(vec![]), [Value::Null; 0]);
    }
}
