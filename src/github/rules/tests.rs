use super::*;
use crate::github::checks::{BLOCK, HOLD};

const APP: u64 = 4242;

fn ours() -> Reporter {
    Reporter::App { slug: "cargo2".into(), id: APP }
}

fn check(name: &str, app: Option<u64>) -> RequiredCheck {
    RequiredCheck { name: name.into(), app, on_create: true }
}

/// The rules that the page documents.
fn documented() -> BranchRules {
    let pulls = PullRule { dismiss_stale: true, last_push: true, ..PullRule::default() };
    BranchRules {
        branch: "main".into(),
        checks: vec![check(HOLD, Some(APP)), check(BLOCK, Some(APP))],
        strict: true,
        pulls: Some(pulls),
        queue: None,
        no_deletion: true,
        no_force_push: true,
        rulesets: vec![Ruleset { id: 1, name: "cargo2".into(), own_bypass: Read::Known(Bypass::Never) }],
        unread: Vec::new(),
    }
}

/// The lines about promises that are not kept.
fn broken(rules: &BranchRules, reporter: &Reporter) -> Vec<String> {
    promises(rules, reporter).iter().filter(|p| p.kept != Kept::Kept).map(Promise::line).collect()
}

#[test]
fn the_documented_rules_keep_every_promise() {
    assert_eq!(broken(&documented(), &ours()), [""; 0]);
    assert_eq!(promises(&documented(), &ours()).len(), 12);
    assert_eq!(documented().vouches(&ours()), Ok(()));
}

/// A change of the documented rules.
type Change = fn(&mut BranchRules);

#[test]
fn each_rule_that_is_missing_breaks_its_promise() {
    let without = |change: Change| {
        let mut rules = documented();
        change(&mut rules);
        let broken = broken(&rules, &ours());
        assert_eq!(broken.len(), 1, "{broken:?}");
        (broken[0].clone(), rules.vouches(&ours()).is_ok())
    };
    let cases: [(Change, &str, bool); 9] = [
        (|r| r.checks.retain(|c| c.name != BLOCK), "check `cargo2 block`: not required on `main`", true),
        (|r| r.checks[0].app = None, "check `cargo2 manual merge`: any workflow and any app may report it", false),
        (|r| r.checks[0].on_create = false, "check `cargo2 manual merge`: not required when `main` is created", false),
        (|r| r.strict = false, "merges of `main`: a head may be behind", true),
        (|r| r.no_deletion = false, "history of `main`: the branch can be deleted", false),
        (|r| r.no_force_push = false, "history of `main`: the branch can be force-pushed", false),
        (
            |r| r.pulls = r.pulls.take().map(|p| PullRule { last_push: false, ..p }),
            "approvals of `main`: the rules",
            true,
        ),
        (
            |r| r.pulls = r.pulls.take().map(|p| PullRule { dismiss_stale: false, ..p }),
            "approvals of `main`: app",
            true,
        ),
        (
            |r| r.rulesets[0].own_bypass = Read::Known(Bypass::PullRequests),
            "bypass of `main`: this token may merge pull requests past the ruleset `cargo2`",
            true,
        ),
    ];
    for (change, line, vouches) in cases {
        let (broken, vouched) = without(change);
        assert!(broken.starts_with(line), "{broken}");
        assert_eq!(vouched, vouches, "{line}");
    }
}

#[test]
fn without_the_rule_of_pull_requests_a_green_commit_is_a_ticket() {
    let rules = BranchRules { pulls: None, ..documented() };
    let broken = broken(&rules, &ours());
    assert!(broken.iter().any(|line| line.contains("a commit whose checks passed for another branch")), "{broken:?}");
    assert!(rules.vouches(&ours()).unwrap_err().line().starts_with("pull requests of `main`: not required"));
}

#[test]
fn a_queue_is_as_good_as_heads_that_are_up_to_date() {
    let rules = BranchRules { strict: false, queue: Some("HEADGREEN".into()), ..documented() };
    assert_eq!(broken(&rules, &ours()), [""; 0]);
}

#[test]
fn a_check_of_github_actions_binds_no_workflow() {
    let actions = Reporter::App { slug: ACTIONS.into(), id: 15368 };
    let checks = vec![check(HOLD, Some(15368)), check(BLOCK, Some(15368))];
    let rules = BranchRules { checks, ..documented() };
    let broken = broken(&rules, &actions);
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert!(broken[0].contains("any workflow may report it"), "{broken:?}");
    assert!(rules.vouches(&actions).is_err());
}

#[test]
fn a_check_of_another_app_is_none_of_ours() {
    let checks = vec![check(HOLD, Some(APP)), check(HOLD, Some(7)), check(BLOCK, Some(APP))];
    let broken = broken(&BranchRules { checks, ..documented() }, &ours());
    assert_eq!(broken.len(), 1);
    assert!(broken[0].contains("must be reported on `main` by the app 7, and `cargo2` is the app 4242"), "{broken:?}");
}

#[test]
fn what_cannot_be_seen_is_not_promised() {
    let unread = vec!["the token may not read the protection".to_owned()];
    let nothing = BranchRules { branch: "main".into(), unread: unread.clone(), ..BranchRules::default() };
    let all = promises(&nothing, &ours());
    assert!(all.iter().all(|promise| matches!(promise.kept, Kept::NotSeen(_))), "{all:?}");
    assert_eq!(
        all[0].line(),
        "check `cargo2 manual merge`: not promised: required on `main`; cannot see: the token may not read the protection"
    );
    // What was seen counts all the same.
    assert_eq!(broken(&BranchRules { unread, ..documented() }, &ours()), [""; 0]);
    let unknown = Reporter::Unknown("its app is not known".into());
    assert!(broken(&documented(), &unknown)[0].ends_with("cannot see: its app is not known"));
    assert!(documented().vouches(&unknown).is_err());
    let bypass = vec![Ruleset { id: 9, name: String::new(), own_bypass: Read::Absent }];
    let broken = broken(&BranchRules { rulesets: bypass, ..documented() }, &ours());
    assert!(broken[0].ends_with("GitHub does not say it for the ruleset 9"), "{broken:?}");
}

#[test]
fn a_branch_is_protected_by_any_rule() {
    let rules = |change: Change| {
        let mut rules = BranchRules::default();
        change(&mut rules);
        rules.is_protected()
    };
    assert!(!rules(|_| ()));
    assert!(rules(|r| r.checks.push(check("build", None))));
    assert!(rules(|r| r.pulls = Some(PullRule::default())));
    assert!(rules(|r| r.queue = Some("ALLGREEN".into())));
    assert!(rules(|r| r.no_force_push = true) && rules(|r| r.no_deletion = true));
}
