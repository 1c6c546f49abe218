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
    for key in [
        "tracker",
        "stack",
        "aliases",
        "hosts",
        "rules",
        "elements",
        "cargo-lock",
        "leave-out",
        "until",
        "reason",
        "branches",
        "approvers",
        "only",
        "allow-author",
        "guard",
        "path",
        "hold",
    ] {
        assert!(schema.contains(&format!("\"{key}\"")), "{key}");
    }
}

#[test]
fn the_hold_is_configured_with_reasons() {
    let text = "branches: [testing, next, testing]\napprovers:\n  only: [ann, Bob]\n  prow: true\n  allow-author: {reason: one maintainer}\nguard:\n- {path: 'scripts/**', hold: false, reason: 'never run in CI'}\n";
    let config = read(text).unwrap();
    assert_eq!(config.guarded_branches().into_iter().collect::<Vec<_>>(), ["next", "testing"]);
    let approvers = &config.approvers;
    assert!(approvers.admits("Ann") && approvers.admits("bob") && !approvers.admits("carol"));
    assert!(Config::default().approvers.admits("carol"));
    assert!(approvers.prow && !Config::default().approvers.prow);
    assert!(approvers.allow_author.is_some() && config.guard[0].path.covers("scripts/a/b.sh"));
}

#[test]
fn mistakes_in_the_hold_are_refused_with_their_place() {
    let error = |text: &str| read(text).unwrap_err();
    let glob = error("guard:\n- path: 'a['\n  hold: true\n  reason: x\n");
    assert!(glob.starts_with(".github/cargo2-bot.yml:2:"), "{glob}");
    assert!(glob.contains("guard[0].path: `a[` is not a pattern: "), "{glob}");
    for (text, part) in [
        ("guard:\n- {path: a, hold: true}\n", "missing field `reason`"),
        ("guard:\n- {path: a, reason: x}\n", "missing field `hold`"),
        ("guard:\n- {path: zz, hold: true, reason: ''}\n", "2:10: `zz` has an empty reason"),
        ("guard:\n- {path: /a, hold: true, reason: x}\n", "`/a` matches nothing"),
        ("approvers: {allow-author: {}}\n", "missing field `reason`"),
        ("approvers: {allow-author: {reason: ' '}}\n", "`allow-author` has an empty reason"),
        ("approvers: {allow-author: true}\n", "invalid type"),
        ("approvers: {only: ['@org/team']}\n", "`@org/team` is not the login of a person"),
        ("approvers: {prow: {reason: x}}\n", "expected a boolean"),
        ("branches: ['release/*']\n", "1:13: `release/*` is not the name of a branch"),
        ("branches: [refs/heads/main]\n", "is not the name of a branch"),
        ("branches: main\n", "invalid type"),
    ] {
        assert!(error(text).contains(part), "{text}: {}", error(text));
    }
}

#[test]
fn expired_exceptions_of_the_hold_are_reported_and_no_longer_apply() {
    let text = "approvers:\n  allow-author: {reason: x, until: 2025-01-31}\nguard:\n- {path: a, hold: false, reason: y, until: 2025-01-31}\n- {path: b, hold: false, reason: y, until: 2025-02-01}\n";
    let (config, today) = (read(text).unwrap(), Date::of_unix(1_738_368_000));
    let messages: Vec<String> = config.expired(today).into_iter().map(|f| f.message).collect();
    let expected =
        ["the permission of authors to approve expired after 2025-01-31", "the rule for `a` expired after 2025-01-31"];
    assert_eq!(messages, expected);
    let config = config.on(today);
    assert!(config.approvers.allow_author.is_none());
    assert_eq!(config.guard.iter().map(|rule| rule.path.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn a_service_is_switched_off_with_a_reason_only() {
    let read = |text: &str| parse(&SourceText::new(CONFIG, text), &[]);
    let found = read("switched-off:\n  archives: no room\n").unwrap().switched_off;
    assert_eq!((found.archives.as_deref(), found.publishers), (Some("no room"), None));
    assert!(read("switched-off:\n  archives: ' '\n").unwrap_err().message.contains("empty reason"));
    assert!(read("switched-off:\n  the-index: no\n").unwrap_err().message.contains("unknown field"));
}
