//! For code scanning: SARIF 2.1.0, one run with all rules and one result for each finding.
//!
//! The format is OASIS' "Static Analysis Results Interchange Format (SARIF) Version 2.1.0". Paths are relative to the
//! project's folder, columns count characters.

use super::Report;
use crate::encode;
use crate::finding::{Finding, Fix, Rule, Severity};
use crate::text::{Location, SourceText, Span};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// The name of the folder to which paths are relative.
const BASE: &str = "%SRCROOT%";

/// The maximum number of notes of one finding that are part of its message.
const MAX_NOTES: usize = 24;

/// Renders a report. `all` are the rules that the tool has.
#[must_use]
pub fn report(report: &Report, all: &[&Rule]) -> String {
    let index: HashMap<&str, usize> = all.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let results: Vec<Value> = report.findings.iter().map(|finding| result(finding, &index, &mut seen)).collect();
    let rules: Vec<Value> = all
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": sentence(rule.means) },
                "fullDescription": { "text": rule.means },
                "help": { "text": rule.remedy, "markdown": rule.remedy },
                "defaultConfiguration": { "level": level(rule.severity) },
            })
        })
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "cargo2-bot", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { BASE: { "description": { "text": "The folder of the BuildStream project." } } },
            "results": results,
        }],
    });
    // Plain data cannot fail to be written.
    serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
}

/// The first sentence of a text.
fn sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |at| &text[..=at])
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

fn result(finding: &Finding, index: &HashMap<&str, usize>, seen: &mut BTreeMap<String, usize>) -> Value {
    let mut out = Map::new();
    out.insert("ruleId".into(), finding.rule.id.into());
    if let Some(at) = index.get(finding.rule.id) {
        out.insert("ruleIndex".into(), (*at).into());
    }
    out.insert("level".into(), level(finding.severity).into());
    out.insert("message".into(), json!({ "text": message(finding) }));
    let mut location = Map::new();
    if let Some(place) = &finding.location {
        location.insert("physicalLocation".into(), physical(place));
    }
    let logical: Vec<Value> = [(&finding.element, "module"), (&finding.krate, "package")]
        .iter()
        .filter_map(|(name, kind)| Some(json!({ "fullyQualifiedName": name.as_ref()?, "kind": kind })))
        .collect();
    if !logical.is_empty() {
        location.insert("logicalLocations".into(), logical.into());
    }
    if !location.is_empty() {
        out.insert("locations".into(), json!([location]));
    }
    out.insert("partialFingerprints".into(), json!({ "finding/v1": fingerprint(finding, seen) }));
    if let Some(fix) = &finding.fix {
        out.insert("fixes".into(), json!([change(fix, finding.rule.remedy)]));
    }
    Value::Object(out)
}

/// The message with its facts.
fn message(finding: &Finding) -> String {
    let mut text = match &finding.element {
        Some(element) => format!("{element}: {}", finding.message),
        None => finding.message.clone(),
    };
    for line in finding.notes.iter().take(MAX_NOTES).chain(&finding.help) {
        text.push('\n');
        text.push_str(line);
    }
    text
}

fn physical(place: &Location) -> Value {
    let mut out = Map::new();
    out.insert("artifactLocation".into(), artifact(&place.path));
    if place.line > 0 {
        let mut region = Map::new();
        region.insert("startLine".into(), place.line.into());
        if place.column > 0 {
            let marked = place.excerpt.get(place.mark.start..place.mark.end).unwrap_or_default().chars().count();
            region.insert("startColumn".into(), place.column.into());
            region.insert("endColumn".into(), (place.column + marked).into());
        }
        out.insert("region".into(), region.into());
    }
    out.into()
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": BASE })
}

/// A path as a relative reference of RFC 3986: all but unreserved characters and slashes is escaped.
fn uri(path: &str) -> String {
    encode::url_path(path.trim_start_matches('/'))
}

/// Computes a fingerprint that does not change when lines move: rule, text of the line, element and crate. Duplicates are numbered.
fn fingerprint(finding: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let (path, line) = finding.location.as_ref().map_or(("", ""), |place| (&*place.path, place.excerpt.trim()));
    let mut bytes = Vec::new();
    let none = String::new();
    let parts = [
        finding.rule.id,
        path,
        line,
        finding.element.as_ref().unwrap_or(&none),
        finding.krate.as_ref().unwrap_or(&none),
    ];
    for part in parts {
        bytes.extend_from_slice(part.as_bytes());
        bytes.push(0);
    }
    let mut text = encode::sha256(bytes);
    text.truncate(32);
    let count = seen.entry(text.clone()).or_default();
    *count += 1;
    format!("{text}:{count}")
}

fn change(fix: &Fix, description: &str) -> Value {
    let replacements: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            let mut out = Map::new();
            out.insert("deletedRegion".into(), region(&fix.file, edit.span));
            if !edit.text.is_empty() {
                out.insert("insertedContent".into(), json!({ "text": edit.text }));
            }
            Value::Object(out)
        })
        .collect();
    json!({
        "description": { "text": description },
        "artifactChanges": [{ "artifactLocation": artifact(&fix.file.path), "replacements": replacements }],
    })
}

fn region(file: &SourceText, span: Span) -> Value {
    let (from, to) = (file.locate(Span::new(span.start, span.start)), file.locate(Span::new(span.end, span.end)));
    json!({ "startLine": from.line, "startColumn": from.column, "endLine": to.line, "endColumn": to.column })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::rules;
    use crate::text::Edit;
    use std::sync::Arc;

    fn rendered(findings: Vec<Finding>) -> Value {
        let text = report(&Report { findings, ..Report::default() }, rules::CORE);
        serde_json::from_str(&text).unwrap()
    }

    fn sample() -> Finding {
        let file = Arc::new(SourceText::new("elements/a b.bst", "x: 1\nä: wide\n"));
        let at = file.text.find("wide").unwrap();
        let span = Span::new(at, at + 4);
        Finding::new(&rules::LOCK_UNREADABLE, "no")
            .at(file.locate(span))
            .of("a b.bst")
            .about("serde")
            .note("lock: here")
            .help("look")
            .fix(&file, vec![Edit { span, text: "wider".into() }])
    }

    #[test]
    fn a_result_has_rule_place_message_and_fix() {
        let document = rendered(vec![sample()]);
        let run = &document["runs"][0];
        let result = &run["results"][0];
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(
            (&document["version"], &rule["id"], &result["level"]),
            (&json!("2.1.0"), &json!("lock-unreadable"), &json!("error"))
        );
        assert_eq!(result["message"]["text"], "a b.bst: no\nlock: here\nlook");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"], json!({ "uri": "elements/a%20b.bst", "uriBaseId": "%SRCROOT%" }));
        assert_eq!(place["region"], json!({ "startLine": 2, "startColumn": 4, "endColumn": 8 }));
        let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(
            change,
            &json!({
                "deletedRegion": { "startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 8 },
                "insertedContent": { "text": "wider" },
            })
        );
    }

    #[test]
    fn every_rule_is_there_once_with_a_short_text() {
        let document = rendered(Vec::new());
        let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), crate::finding::rules::CORE.len());
        assert!(rules.iter().all(|r| r["shortDescription"]["text"].as_str().is_some_and(|t| t.ends_with('.'))));
        assert_eq!(document["runs"][0]["results"], json!([]));
    }

    #[test]
    fn fingerprints_do_not_depend_on_the_line_and_differ_for_twins() {
        let prints = |text: &str| -> Vec<String> {
            let file = SourceText::new("a", text);
            let finding =
                |at: usize| Finding::new(&rules::LOCK_UNREADABLE, "no").at(file.locate(Span::new(at, at + 1)));
            let all: Vec<Finding> = text.match_indices("bad").map(|(at, _)| finding(at)).collect();
            let document = rendered(all);
            let results = document["runs"][0]["results"].as_array().unwrap().clone();
            results.iter().map(|r| r["partialFingerprints"]["finding/v1"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(prints("bad\n"), prints("new\n\nbad\n"));
        let twins = prints("bad\nbad\n");
        assert_ne!(twins[0], twins[1]);
        assert_ne!(prints("bad\n"), prints("bad too\n"));
    }

    #[test]
    fn findings_without_a_place_are_results_too() {
        let place = Finding::new(&rules::LOCK_UNREADABLE, "no").at(Location::file("c:\\x%\n.bst"));
        let document = rendered(vec![Finding::new(&rules::LOCK_UNREADABLE, "no"), place]);
        let results = &document["runs"][0]["results"];
        assert!(results[0].get("locations").is_none());
        let place = &results[1]["locations"][0]["physicalLocation"];
        assert_eq!(place, &json!({ "artifactLocation": { "uri": "c%3A%5Cx%25%0A.bst", "uriBaseId": "%SRCROOT%" } }));
    }
}
