//! An advisory in the form of OSV (the OSV schema, 1.7): what is known against versions of a package, in JSON.
//!
//! RustSec exports its own in this form, one list for each crate; the malicious packages of all registries are collected in it, with the
//! sha256 of their archives among what the collectors add. What is not used here is not read, and unknown fields are none of an error.

use super::advisories::{Advisory, Affected, RangeEvent, is_same_crate};
use super::advisory::{AdvisoryError, is_malicious};
use serde::Deserialize;
use serde_json::Value;

/// The name of the registry of crates among the ecosystems.
const ECOSYSTEM: &str = "crates.io";

/// The number of characters of a summary that are kept.
const TITLE: usize = 300;

/// A record, as far as it counts here.
#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    withdrawn: Option<String>,
    summary: Option<String>,
    details: Option<String>,
    #[serde(default)]
    affected: Vec<AffectedPackage>,
    #[serde(default)]
    severity: Vec<Score>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct AffectedPackage {
    package: Option<Package>,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<Event>,
}

/// One of them is there.
#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

#[derive(Deserialize)]
struct Score {
    score: String,
}

/// An advisory, or the id of a record that cannot be read, and why.
pub(crate) type ReadRecord = Result<Advisory, (String, AdvisoryError)>;

/// Reads a record, or a list of records: an advisory for each crate that it is about, in the order in which they come. Others that the
/// list holds are read though one cannot be: those come as errors, each with what is known of its id.
///
/// # Errors
/// When it is no JSON, or neither a record nor a list.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<ReadRecord>, AdvisoryError> {
    let json = |error: serde_json::Error| AdvisoryError::Json(error.to_string());
    let records = match serde_json::from_slice(bytes).map_err(json)? {
        Value::Array(records) => records,
        record @ Value::Object(_) => vec![record],
        _ => return Err(AdvisoryError::Json("it is no record".to_owned())),
    };
    let mut out = Vec::new();
    for record in records {
        let id = record.get("id").and_then(Value::as_str).unwrap_or("one without an id").to_owned();
        match serde_json::from_value::<Record>(record) {
            Ok(record) => out.extend(advisories(&record).into_iter().map(Ok)),
            Err(error) => out.push(Err((id, json(error)))),
        }
    }
    Ok(out)
}

fn advisories(record: &Record) -> Vec<Advisory> {
    let mut out: Vec<Advisory> = Vec::new();
    for part in &record.affected {
        let Some(package) = part.package.as_ref().filter(|package| package.ecosystem == ECOSYSTEM) else { continue };
        let at = out.iter().position(|known| is_same_crate(&known.krate, &package.name));
        let at = at.unwrap_or_else(|| {
            out.push(of_package(record, part, &package.name));
            out.len() - 1
        });
        add(&mut out[at], part);
    }
    out
}

/// The advisory on one crate, without what is affected.
fn of_package(record: &Record, part: &AffectedPackage, name: &str) -> Advisory {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let specific = &part.database_specific;
    let informational = specific["informational"].as_str().map(str::to_owned);
    let details = record.details.as_deref().unwrap_or_default();
    let first = details.lines().map(|line| line.trim().trim_start_matches('#').trim()).find(|line| !line.is_empty());
    let title = record.summary.as_deref().map(str::trim).filter(|summary| !summary.is_empty()).or(first);
    let title: String = title.unwrap_or(&record.id).chars().take(TITLE).collect();
    let marks = [texts(&specific["categories"]), texts(&specific["keywords"])].concat();
    Advisory {
        id: record.id.clone(),
        krate: name.to_owned(),
        malicious: record.id.starts_with("MAL-") || is_malicious(marks.iter().chain(&informational), &title),
        title,
        informational,
        withdrawn: record.withdrawn.as_deref().is_some_and(is_time),
        severity: record.severity.first().map(|severity| severity.score.clone()),
        aliases: record.aliases.clone(),
        archives: archives(&record.database_specific),
        affected: Some(Affected::default()),
        ..Advisory::default()
    }
}

/// Adds the ranges and versions of a part. A part without any is about all versions.
fn add(advisory: &mut Advisory, part: &AffectedPackage) {
    let Some(affected) = &mut advisory.affected else { return };
    affected.versions.extend(part.versions.iter().cloned());
    let ranges: Vec<&Range> = part.ranges.iter().filter(|range| range.kind != "GIT").collect();
    if ranges.is_empty() && part.versions.is_empty() {
        affected.ranges.push(vec![RangeEvent::Introduced("0".to_owned())]);
    }
    for range in ranges {
        let events: Vec<RangeEvent> = range.events.iter().filter_map(event).collect();
        for fixed in &events {
            if let RangeEvent::Fixed(version) = fixed {
                advisory.patched.push(format!(">={version}"));
            }
        }
        affected.ranges.push(events);
    }
}

fn event(event: &Event) -> Option<RangeEvent> {
    let of = |version: &Option<String>, kind: fn(String) -> RangeEvent| version.clone().map(kind);
    of(&event.introduced, RangeEvent::Introduced)
        .or_else(|| of(&event.fixed, RangeEvent::Fixed))
        .or_else(|| of(&event.last_affected, RangeEvent::LastAffected))
}

/// `withdrawn` holds a time. Anything else there is not taken for one.
fn is_time(text: &str) -> bool {
    text.len() >= 10 && text.get(..10).is_some_and(|day| day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

/// The sha256 of the files that are named as signs of the malicious code: `iocs.files[].digests.sha256`, one or several.
fn archives(specific: &Value) -> Vec<String> {
    let is_sha256 = |text: &&str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let files = specific["iocs"]["files"].as_array().into_iter().flatten();
    let sums = files.map(|file| &file["digests"]["sha256"]);
    let texts = sums
        .flat_map(|sum| sum.as_str().into_iter().chain(sum.as_array().into_iter().flatten().filter_map(Value::as_str)));
    texts.filter(is_sha256).map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> Advisory {
        parse(text.as_bytes()).unwrap().remove(0).unwrap()
    }

    #[test]
    fn ranges_and_versions_are_what_is_affected() {
        let ranges = r#"{"id":"RUSTSEC-2026-0001","summary":"reads too far","aliases":["CVE-2026-1"],"affected":[{
            "package":{"ecosystem":"crates.io","name":"a","purl":"x"},"ranges":[{"type":"SEMVER","events":[
                {"introduced":"0.0.0-0"},{"fixed":"1.0.5"},{"introduced":"1.1.0-0"},{"fixed":"1.1.2"}]}],
            "versions":[],"database_specific":{"categories":["denial-of-service"],"informational":null}}]}"#;
        let found = one(ranges);
        assert_eq!((found.title.as_str(), found.aliases.as_slice()), ("reads too far", &["CVE-2026-1".to_owned()][..]));
        assert_eq!(found.patched, [">=1.0.5", ">=1.1.2"]);
        let affected = ["0.1.0", "1.0.4", "1.0.5-rc.1", "1.1.0-rc.1", "1.1.1"];
        assert!(affected.iter().all(|version| found.affects(version)));
        assert!(["1.0.5", "1.0.9", "1.1.2", "2.0.0"].iter().all(|version| !found.affects(version)));
        let versions = one(
            r#"{"id":"MAL-2026-1","affected":[{"package":{"ecosystem":"crates.io","name":"a"},"versions":["0.3.10"]}]}"#,
        );
        assert!(versions.malicious && versions.affects("0.3.10") && !versions.affects("0.3.9"));
        let last = one(
            r#"{"id":"X","affected":[{"package":{"ecosystem":"crates.io","name":"a"},"ranges":[{"type":"SEMVER","events":[
            {"introduced":"0"},{"last_affected":"1.2.0"}]}]}]}"#,
        );
        assert!(last.affects("1.2.0") && !last.affects("1.2.1") && last.affects("0.0.0-a"));
        let all = one(
            r#"{"id":"X","details":"\n# Title\nmore","affected":[{"package":{"ecosystem":"crates.io","name":"a"}}]}"#,
        );
        assert!(all.affects("9.9.9") && all.title == "Title" && !all.malicious);
    }

    #[test]
    fn what_cannot_be_read_counts_as_affected_or_is_an_error_of_its_own() {
        let odd = one(
            r#"{"id":"X","affected":[{"package":{"ecosystem":"crates.io","name":"a"},"ranges":[{"type":"SEMVER","events":[
            {"introduced":"1"},{"fixed":"newest"}]}]}]}"#,
        );
        assert!(odd.affects("1.0.0") && odd.unreadable("1.0.0").unwrap().contains("`1`"));
        for affected in [
            r#""versions":["0.3"]"#,
            r#""versions":["v0.3.10"]"#,
            r#""ranges":[{"type":"SEMVER","events":[{"fixed":"1.2.3"}]}]"#,
            r#""ranges":[{"type":"SEMVER","events":[]}]"#,
        ] {
            let text = format!(
                r#"{{"id":"MAL-1","affected":[{{"package":{{"ecosystem":"crates.io","name":"a"}},{affected}}}]}}"#
            );
            let record = one(&text);
            assert!(record.affects("1.0.0"), "{affected}");
            assert_eq!(record.unreadable("1.0.0").is_some(), affected.contains("versions"), "{affected}");
            assert!(!affected.contains("1.2.3") || !record.affects("1.2.3"));
        }
        let list =
            br#"[{"id":"A","affected":3},{"id":"B","affected":[{"package":{"ecosystem":"crates.io","name":"b"}}]},7]"#;
        let found = parse(list).unwrap();
        assert_eq!((found[0].as_ref().unwrap_err().0.as_str(), found[1].as_ref().unwrap().id.as_str()), ("A", "B"));
        assert_eq!(found[2].as_ref().unwrap_err().0, "one without an id");
        assert!(parse(b"<html>").is_err() && parse(b"7").is_err());
    }

    #[test]
    fn other_ecosystems_are_passed_over_and_withdrawn_ones_affect_nothing() {
        let text = r#"{"id":"MAL-1","withdrawn":"2026-01-02T03:04:05Z","affected":[
            {"package":{"ecosystem":"npm","name":"a"}},{"package":{"ecosystem":"crates.io","name":"b_c"}},
            {"package":{"ecosystem":"crates.io","name":"B-c"},"versions":["1.0.0"]}]}"#;
        let found = parse(text.as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        assert!(!found[0].as_ref().unwrap().affects("1.0.0"));
    }

    #[test]
    fn archives_are_known_by_their_digests() {
        let sum = "AB".repeat(32);
        let text = format!(
            r#"{{"id":"MAL-1","affected":[{{"package":{{"ecosystem":"crates.io","name":"a"}}}}],"database_specific":{{"iocs":{{"files":[
            {{"digests":{{"sha256":"{sum}"}}}},{{"digests":{{"sha256":["{sum}","short"]}}}},{{"digests":{{"md5":"x"}}}},7]}}}}}}"#
        );
        assert_eq!(one(&text).archives, [sum.to_ascii_lowercase(), sum.to_ascii_lowercase()]);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}", key in "(id|affected|ranges|x)", value in "[\\[\\]{}0-9\":,a]{0,40}") {
            let _ = parse(text.as_bytes());
            let _ = parse(format!("[{{\"id\":\"x\",\"{key}\":{value}}}]").as_bytes());
        }
    }
}
