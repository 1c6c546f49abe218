use super::*;

fn read(text: &str) -> Result<Config, String> {
    parse(&SourceText::new(CONFIG, text), rules::CORE).map_err(|e| e.to_string())
}

#[test]
fn an_empty_configuration_is_the_default_one() {
    assert_eq!(read("").unwrap(), Config::default());
    assert_eq!(read("# nothing\n").unwrap(), Config::default());
}

#[test]
fn mistakes_are_told_with_their_place() {
    let error = |text: &str| read(text).unwrap_err();
    assert!(
        error("stak: x\n").starts_with(".github/cargo2-bot.yml:1:1: stak: unknown field `stak`"),
        "{}",
        error("stak: x\n")
    );
    let without = "rules:\n  block-drift:\n    severity: off\n";
    assert!(error(without).contains("rules.block-drift: missing field `reason`"), "{}", error(without));
    let unknown = "rules:\n  no-such:\n    severity: off\n    reason: x\n";
    assert!(error(unknown).starts_with(".github/cargo2-bot.yml:2:3: there is no rule `no-such`"), "{}", error(unknown));
    let empty = "elements:\n  a.bst:\n    exempt: {reason: ' '}\n";
    assert!(error(empty).contains("`a.bst` has an empty reason"));
    let day = "elements:\n  a.bst:\n    exempt: {reason: x, until: 2025-02-30}\n";
    assert!(error(day).contains("`2025-02-30` is not a day"), "{}", error(day));
    let outside = "elements:\n  a.bst:\n    cargo-lock: {path: ../x, reason: y}\n";
    assert!(error(outside).contains("`../x` is not a path below the staged sources"), "{}", error(outside));
    let both = "elements:\n  a.bst:\n    crates: [{name: z, leave-out: true, repo: x, reason: y}]\n";
    assert!(error(both).contains("the crate `z` is either left out (`leave-out: true`) or changed"));
}

#[test]
fn what_is_past_its_day_is_told_and_holds_no_more() {
    let text = "elements:\n  a.bst:\n    exempt: {reason: x, until: 2025-01-31}\n    crates: [{name: z, leave-out: true, reason: y, until: 2025-02-01}]\n";
    let config = read(text).unwrap();
    let today = Date::of_unix(1_738_368_000);
    assert_eq!(today.to_string(), "2025-02-01");
    let messages: Vec<String> = config.expired(today).into_iter().map(|f| f.message).collect();
    assert_eq!(messages, ["the exemption expired after 2025-01-31"]);
    let held = config.on(today);
    assert!(held.elements["a.bst"].exempt.is_none() && held.elements["a.bst"].crates.len() == 1);
}

#[test]
fn severities_of_the_element_override_those_of_the_project() {
    let text = "rules:\n  block-drift: {severity: warning, reason: x}\nelements:\n  a.bst:\n    rules:\n      block-drift: {severity: 'off', reason: x}\n";
    let config = read(text).unwrap();
    let mut findings: Vec<Finding> =
        ["a.bst", "b.bst"].iter().map(|e| Finding::new(&rules::BLOCK_DRIFT, "x").of(e)).collect();
    config.apply_severity_overrides(&mut findings);
    let left: Vec<_> = findings.iter().map(|f| (f.element.as_deref().unwrap(), f.severity)).collect();
    assert_eq!(left, [("b.bst", Severity::Warning)]);
    assert_eq!(
        config.unused_rules(&findings)[0].message,
        "the severity of the rule `block-drift` no longer has an effect"
    );
}

#[test]
fn the_schema_has_every_key() {
    let schema = schema();
    for key in
        ["tracker", "stack", "aliases", "hosts", "rules", "elements", "cargo-lock", "leave-out", "until", "reason"]
    {
        assert!(schema.contains(&format!("\"{key}\"")), "{key}");
    }
}
