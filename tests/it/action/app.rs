//! The two workflows for a bot with an App of its own: what they must never do, whatever is changed in them.

use super::{described, mapping, steps, uses, yaml};
use cargo2_bot::github::settings::RELAY;
use serde_yaml::Value;

const BOT: &str = "examples/app/cargo2-bot.yml";
const OF_RELAY: &str = "examples/app/cargo2-bot-relay.yml";

/// Events whose workflow is that of the default branch. Of `push` only to that branch.
const OF_DEFAULT_BRANCH: [&str; 6] =
    ["workflow_run", "pull_request_target", "issue_comment", "push", "schedule", "workflow_dispatch"];

fn job(workflow: &Value) -> Value {
    mapping(workflow, "jobs").values().next().unwrap().clone()
}

#[test]
fn the_key_is_used_by_the_default_branch_alone_and_in_the_environment() {
    let bot = yaml(BOT);
    for event in mapping(&bot, "on").keys() {
        assert!(OF_DEFAULT_BRANCH.contains(&event.as_str().unwrap()), "{event:?}");
    }
    assert_eq!(bot["on"]["push"]["branches"], serde_yaml::from_str::<Value>("[main]").unwrap());
    let job = job(&bot);
    assert_eq!(job["environment"]["name"], "cargo2-bot");
    assert_eq!(job["environment"]["deployment"], false);
    let permissions = serde_yaml::from_str::<Value>("contents: read").unwrap();
    assert!(mapping(&bot, "permissions").is_empty() && job["permissions"] == permissions);
    assert_eq!(job["concurrency"]["cancel-in-progress"], false);
    assert_eq!(job["concurrency"]["queue"], "max");
    assert!(bot.get("concurrency").is_none(), "a run that is skipped waits for none");
}

#[test]
fn nothing_of_a_pull_request_is_checked_out_or_executed_with_the_key() {
    let inputs: Vec<_> = described(&super::action(), "inputs").into_iter().map(|(name, _)| name).collect();
    let steps = steps(&yaml(BOT));
    assert!(steps.iter().all(|step| step.get("run").is_none()));
    let checkout = steps.iter().find(|step| uses(step, "actions/checkout")).unwrap();
    assert_eq!(checkout["with"]["ref"], "${{ github.event.repository.default_branch }}");
    assert_eq!(checkout["with"]["persist-credentials"], false);
    let ours = steps.iter().find(|step| uses(step, "OWNER/cargo2-bot")).unwrap();
    assert_eq!(ours["with"]["token"], "${{ steps.app.outputs.token }}");
    for name in mapping(ours, "with").keys() {
        assert!(inputs.iter().any(|input| Some(input.as_str()) == name.as_str()), "{name:?}");
    }
    for step in &steps {
        let pinned = |uses: &str| uses.split_once('@').is_some_and(|(_, at)| at.len() == 40);
        assert!(uses(step, "OWNER/cargo2-bot") || pinned(step["uses"].as_str().unwrap()), "{step:?}");
    }
}

#[test]
fn the_relay_may_do_nothing_and_does_nothing() {
    let relay = yaml(OF_RELAY);
    assert!(RELAY.ends_with("/cargo2-bot-relay.yml"), "its path is what the bot looks at");
    assert!(mapping(&relay, "permissions").is_empty());
    let job = job(&relay);
    assert!(["permissions", "environment", "env", "secrets", "uses"].iter().all(|key| job.get(*key).is_none()));
    let [step] = &steps(&relay)[..] else { panic!("one step") };
    assert_eq!(step, &serde_yaml::from_str::<Value>("run: exit 0").unwrap());
    let events: Vec<&str> = mapping(&relay, "on").keys().map(|event| event.as_str().unwrap()).collect();
    assert_eq!(events, ["pull_request", "pull_request_review", "merge_group"]);
    let waited = yaml(BOT)["on"]["workflow_run"]["workflows"].clone();
    assert!(waited.as_sequence().unwrap().contains(&relay["name"]));
}
