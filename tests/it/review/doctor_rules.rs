//! What `doctor` says of the rules of guarded branches, of who reports the checks, and of the workflows with an App.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read their own files, and say what they skip"
)]

use super::doctor::{checkout, doctor, says};
use super::fake_github::Fake;
use serde_json::Value;
use std::path::Path;

/// The App of the fake's token `app`.
const APP: u64 = 4242;

fn page(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A ruleset of the documentation.
fn ruleset(path: &str) -> Value {
    serde_json::from_str(&page(path)).unwrap()
}

/// Puts the rules of the documented ruleset on a branch, with the App's id, as the page says.
fn documented(fake: &Fake, branch: &str) {
    for mut rule in ruleset("docs/ruleset.json")["rules"].as_array().unwrap().clone() {
        let checks = rule.pointer_mut("/parameters/required_status_checks").and_then(Value::as_array_mut);
        checks.into_iter().flatten().for_each(|check| check["integration_id"] = APP.into());
        fake.rule(branch, rule["type"].as_str().unwrap(), rule["parameters"].clone());
    }
}

#[test]
fn the_documented_ruleset_keeps_every_promise() {
    let (checkout, fake) = (checkout(), Fake::new());
    documented(&fake, "main");
    let run = doctor(&checkout, Some((&fake, "app")));
    says(
        &run,
        &[
            "ok check `cargo2 manual merge`: required on `main`",
            "ok check `cargo2 manual merge`: only the app `cargo2` may report it on `main`",
            "ok check `cargo2 block`: only the app `cargo2` may report it on `main`",
            "ok check `cargo2 manual merge`: required when `main` is created, too",
            "ok pull requests of `main`: nothing comes in without one",
            "ok approvals of `main`: who pushed last does not approve alone",
            "ok approvals of `main`: void after a push",
            "ok merges of `main`: a head must hold the tip of the branch",
            "ok history of `main`: the branch cannot be deleted",
            "ok history of `main`: the branch cannot be force-pushed",
            "ok bypass of `main`: this token may not bypass the rulesets",
        ],
    );
    assert!(run.stdout.lines().filter(|line| line.contains("`main`")).all(|line| line.starts_with("ok")), "{run:?}");
    assert_eq!(fake.writes().len(), 0, "doctor only looks");
}

#[test]
fn the_rules_of_every_guarded_branch_are_looked_at() {
    let (checkout, fake) = (checkout(), Fake::new());
    let path = ".github/workflows/track-bst-sources.yml";
    let text = std::fs::read_to_string(checkout.path().join(path)).unwrap();
    let based = text.replace("branch: auto/track-tool", "branch: auto/track-tool\n            base_branch: testing");
    assert_ne!(based, text);
    checkout.write(path, &based);
    fake.commit("testing", &[("a", Some("a"))], "owner");
    fake.commit("next", &[("a", Some("a"))], "owner");
    checkout.write(".github/cargo2-bot.yml", "branches: [next]\n");
    documented(&fake, "main");
    let run = doctor(&checkout, Some((&fake, "app")));
    says(
        &run,
        &[
            "ok check `cargo2 manual merge`: required on `main`",
            "weak check `cargo2 manual merge`: not required on `next`",
            "weak check `cargo2 manual merge`: not required on `testing`",
            "weak pull requests of `testing`: not required: a commit whose checks passed for another branch",
        ],
    );
}

#[test]
fn a_check_that_any_workflow_can_write_binds_nobody() {
    let (checkout, fake) = (checkout(), Fake::new());
    let both = |app| [("cargo2 manual merge", app), ("cargo2 block", app)];
    fake.rule_checks("main", &both(None));
    let open = "weak check `cargo2 manual merge`: any workflow and any app may report it on `main`";
    says(&doctor(&checkout, Some((&fake, "app"))), &[open]);
    let fake = Fake::new();
    fake.rule_checks("main", &both(Some(15368)));
    says(
        &doctor(&checkout, Some((&fake, "workflow"))),
        &["weak check `cargo2 manual merge`: any workflow may report it on `main`: its app is that of all workflows"],
    );
    says(
        &doctor(&checkout, Some((&fake, "app"))),
        &["weak check `cargo2 block`: must be reported on `main` by the app 15368, and `cargo2` is the app 4242"],
    );
}

#[test]
fn what_the_token_may_not_see_is_not_promised() {
    let (checkout, fake) = (checkout(), Fake::new());
    fake.protect("main", &[("cargo2 manual merge", None)], true);
    let run = doctor(&checkout, Some((&fake, "app")));
    says(
        &run,
        &[
            "ok check `cargo2 manual merge`: required on `main`",
            "unknown pull requests of `main`: not promised: nothing comes in without one; cannot see: the token may not \
             read the protection of the branch `main`",
        ],
    );
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn a_token_that_may_bypass_the_rules_is_named() {
    let (checkout, fake) = (checkout(), Fake::new());
    documented(&fake, "main");
    fake.bypass("cargo2[bot]");
    says(
        &doctor(&checkout, Some((&fake, "app"))),
        &["weak bypass of `main`: this token may bypass the ruleset `the rules`"],
    );
}

#[test]
fn a_second_bot_with_the_same_check_is_an_error() {
    let (checkout, fake) = (checkout(), Fake::new());
    fake.commit("topic", &[("a", Some("a"))], "owner");
    let number = fake.open_pull("topic", "main", "owner", "A");
    let head = fake.head("topic").unwrap();
    fake.check_run(&head, "cargo2", "cargo2 manual merge", Some("success"));
    let alone = doctor(&checkout, Some((&fake, "app")));
    assert_eq!(alone.code, Some(0), "{alone:?}");
    // Whose check it is, a person's token sees by the one app that reports it.
    documented(&fake, "main");
    says(&doctor(&checkout, Some((&fake, "pat"))), &["ok check `cargo2 manual merge`: only the app `cargo2` may"]);
    fake.check_run(&head, "github-actions", "cargo2 block", Some("success"));
    for token in ["app", "pat"] {
        let run = doctor(&checkout, Some((&fake, token)));
        assert_eq!(run.code, Some(3), "{run:?}");
        let line =
            format!("wrong reporter: the app `github-actions` reports checks of the bot's names, too: #{number}");
        says(&run, &[&line]);
    }
}

#[test]
fn every_parameter_of_the_documented_rulesets_is_sent() {
    let reviews = [
        "dismiss_stale_reviews_on_push",
        "require_code_owner_review",
        "require_extra_approval_for_unattributed_changes",
        "require_last_push_approval",
        "required_approving_review_count",
        "required_review_thread_resolution",
    ];
    let checks = ["do_not_enforce_on_create", "required_status_checks", "strict_required_status_checks_policy"];
    let names = |value: &Value| {
        let mut names: Vec<String> = value.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect();
        names.sort();
        names
    };
    let of_set = ["bypass_actors", "conditions", "enforcement", "name", "rules", "target"];
    let (main, more) = (ruleset("docs/ruleset.json"), ruleset("docs/ruleset-reviewers.json"));
    let rules = |set: &Value| -> Vec<(String, Value)> {
        assert_eq!(names(set), of_set);
        assert_eq!(set["bypass_actors"].as_array().map(Vec::len), Some(0));
        assert_eq!((&set["target"], &set["enforcement"]), (&"branch".into(), &"active".into()));
        let rule = |rule: &Value| (rule["type"].as_str().unwrap().to_owned(), rule["parameters"].clone());
        set["rules"].as_array().unwrap().iter().map(rule).collect()
    };
    let main = rules(&main);
    let kinds: Vec<&str> = main.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["required_status_checks", "pull_request", "deletion", "non_fast_forward"]);
    assert_eq!(
        (names(&main[0].1), names(&main[1].1)),
        (checks.map(str::to_owned).to_vec(), reviews.map(str::to_owned).to_vec())
    );
    assert_eq!(main[0].1["do_not_enforce_on_create"], false);
    for on in ["require_last_push_approval", "dismiss_stale_reviews_on_push"] {
        assert_eq!(main[1].1[on], true, "{on}");
    }
    for check in main[0].1["required_status_checks"].as_array().unwrap() {
        assert_eq!(names(check), ["context", "integration_id"]);
    }
    let [(kind, parameters)] = &rules(&more)[..] else { panic!("one rule") };
    let with_teams: Vec<String> = names(parameters).into_iter().filter(|name| name != "required_reviewers").collect();
    assert_eq!((kind.as_str(), with_teams), ("pull_request", reviews.map(str::to_owned).to_vec()));
    let reviewer = &parameters["required_reviewers"][0];
    assert_eq!(names(reviewer), ["file_patterns", "minimum_approvals", "reviewer"]);
    assert_eq!(reviewer["reviewer"]["type"], "Team");
}

#[test]
fn the_id_of_the_app_is_filled_in_as_the_page_says() {
    let page = page("docs/hold.md");
    let command = page.split("jq ").nth(1).unwrap().split('|').take(2).collect::<Vec<_>>().join("|");
    let filter = command.split('\'').nth(1).unwrap();
    let out = std::process::Command::new("jq")
        .args(["--argjson", "app", "77", filter])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ruleset.json"))
        .output();
    let Ok(out) = out else {
        eprintln!("skipped: there is no jq");
        return;
    };
    let made: Value = serde_json::from_slice(&out.stdout).unwrap();
    let mut expected = ruleset("docs/ruleset.json");
    for check in expected["rules"][0]["parameters"]["required_status_checks"].as_array_mut().unwrap() {
        check["integration_id"] = 77.into();
    }
    assert_eq!(made, expected);
}

#[test]
fn the_workflows_of_the_page_are_copied_as_it_says_and_seen_by_doctor() {
    let checkout = checkout();
    for name in ["cargo2-bot.yml", "cargo2-bot-relay.yml"] {
        checkout.write(&format!(".github/workflows/{name}"), &page(&format!("examples/app/{name}")));
    }
    let run = doctor(&checkout, None);
    says(
        &run,
        &[
            "ok workflow: `cargo2-bot.yml`, job `cargo2`, in the environment `cargo2-bot`",
            "ok relay: `cargo2-bot-relay.yml`, without permissions",
        ],
    );
    let bot = page("examples/app/cargo2-bot.yml");
    let bare = bot.replace("    environment:\n      name: cargo2-bot\n      deployment: false\n", "");
    assert_ne!(bare, bot);
    checkout.write(".github/workflows/cargo2-bot.yml", &bare);
    says(&doctor(&checkout, None), &["weak workflow: `cargo2-bot.yml`, job `cargo2`: in no environment"]);
    checkout.write(".github/workflows/cargo2-bot.yml", &bot.replace("cargo2-bot relay", "another"));
    says(&doctor(&checkout, None), &["wrong relay: no workflow of the bot waits for `cargo2-bot relay`"]);
    checkout.write(".github/workflows/cargo2-bot.yml", &bot);
    let relay = page("examples/app/cargo2-bot-relay.yml");
    checkout
        .write(".github/workflows/cargo2-bot-relay.yml", &relay.replace("permissions: {}", "permissions: write-all"));
    says(&doctor(&checkout, None), &["weak relay: its workflow has permissions"]);
    checkout.remove(".github/workflows/cargo2-bot-relay.yml");
    says(&doctor(&checkout, None), &["wrong relay: none, so reviews and merge groups do not reach the bot"]);
}
