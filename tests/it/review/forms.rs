//! The forms of a report.

use super::checkout::{Checkout, Crate, registry, with_sha};
use serde_json::Value;

/// A bump with a swapped checksum, whose report does not depend on the time.
fn swapped() -> Checkout {
    let old: Vec<Crate> = vec![registry("a", "1.0.0"), registry("b", "1.0.0"), registry("c", "1.0.0")];
    let new = [with_sha("a", "1.0.0", &"ab".repeat(32)), registry("b", "1.2.0"), registry("d", "2.0.0")];
    let checkout = Checkout::new(&old);
    checkout.publish(&[&old[..], &new[1..]].concat());
    checkout.bump(&new);
    checkout
}

fn of(checkout: &Checkout, format: &str) -> String {
    let run = checkout.review(&["--format", format]);
    assert_eq!(run.code, Some(3), "{run:?}");
    run.stdout
}

/// Whether a value has the keys that the schema wants, and no others, all the way down.
fn fits(value: &Value, schema: &Value, root: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return fits(value, &root["$defs"][name.rsplit('/').next().unwrap()], root, at);
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(key.as_str().unwrap()).is_some(), "{at} has no {key}");
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let inner = &schema["properties"][key];
        let choice = schema["anyOf"].is_array() || schema["oneOf"].is_array();
        assert!(choice || !inner.is_null(), "{at}.{key} is not in the schema");
        fits(value, inner, root, &format!("{at}.{key}"));
    }
    for item in value.as_array().into_iter().flatten() {
        fits(item, &schema["items"], root, &format!("{at}[]"));
    }
}

#[test]
fn json_has_the_keys_of_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/review.schema.json")).unwrap();
    let report: Value = serde_json::from_str(&of(&swapped(), "json")).unwrap();
    fits(&report, &schema, &schema, "report");
    assert_eq!(report["elements"][0]["changes"].as_array().unwrap().len(), 4);
    assert_eq!(report["findings"][0]["severity"], "error");
}

#[test]
fn each_form_is_the_same_again() {
    let checkout = swapped();
    for format in ["human", "json", "markdown", "github", "sarif"] {
        assert_eq!(of(&checkout, format), of(&checkout, format), "{format}");
    }
}

#[test]
fn the_github_form_annotates_the_element() {
    let text = of(&swapped(), "github");
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("::error ") && first.contains("file=elements/bluefin/tool.bst"), "{text}");
    assert!(first.contains("checksum"), "{text}");
}

#[test]
fn the_sarif_form_has_a_result_for_each_finding() {
    let checkout = swapped();
    let sarif: Value = serde_json::from_str(&of(&checkout, "sarif")).unwrap();
    let report: Value = serde_json::from_str(&of(&checkout, "json")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), report["findings"].as_array().unwrap().len());
    assert_eq!((&results[0]["level"], &results[0]["ruleId"]), (&"error".into(), &"crate-checksum-swapped".into()));
}

#[test]
fn the_configuration_of_the_base_weighs_and_not_that_of_the_change() {
    let quiet = "rules:\n  crate-checksum-swapped:\n    severity: off\n    reason: known\n  crate-checksum-differs:\n    severity: off\n    reason: known\n";
    let checkout = swapped();
    checkout.write(".github/cargo2-bot.yml", quiet);
    assert!(of(&checkout, "human").contains("crate-checksum-swapped"));
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    checkout.publish(&[registry("a", "1.0.0")]);
    checkout.write(".github/cargo2-bot.yml", quiet);
    checkout.commit();
    checkout.bump(&[with_sha("a", "1.0.0", &"ab".repeat(32))]);
    let run = checkout.review(&[]);
    assert_eq!(run.code, Some(0), "{run:?}");
}
