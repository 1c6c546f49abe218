//! The files that `init` writes, as texts.

use super::Site;
use crate::github::settings::RELAY as RELAY_PATH;
use crate::workflows::TRACKER;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The home of the action while the package names none.
const HOME: &str = "projectbluefin/cargo2-bot";

/// The action, with its pin: what the build names, else the tag of this version in the package's repository.
#[must_use]
pub(crate) fn action() -> String {
    let repository = env!("CARGO_PKG_REPOSITORY").trim_start_matches("https://github.com/");
    let home = if repository.is_empty() || repository.starts_with("OWNER/") { HOME } else { repository };
    let named = option_env!("CARGO2_BOT_ACTION").filter(|action| !action.is_empty()).map(str::to_owned);
    named.unwrap_or_else(|| format!("{home}@v{}", env!("CARGO_PKG_VERSION")))
}

/// The path of the workflow that starts the bot, from the repository's root.
pub(super) const BOT_PATH: &str = ".github/workflows/cargo2-bot.yml";

/// The file for GitLab's pipelines, from the repository's root.
pub(super) const GITLAB_PATH: &str = ".gitlab/cargo2-bot.yml";

/// What every workflow says that was written here.
pub(super) const WRITTEN: &str = "# Written by `cargo2-bot init`; `cargo2-bot init --update` brings it up to date.\n";

const BOT: &str = include_str!("../../../examples/app/cargo2-bot.yml");
const RELAY: &str = include_str!("../../../examples/app/cargo2-bot-relay.yml");
const RULESET: &str = include_str!("../../../docs/ruleset.json");

/// The App of GitHub Actions itself.
const ACTIONS: u64 = 15_368;

/// The parts of the example that belong to an App of the bot's own: the environment with its key, and its token.
const ENVIRONMENT: (&str, &str) = ("    # It keeps the App's key", "    concurrency:\n");
const APP_STEP: (&str, &str) = ("      - id: app\n", "      - uses: OWNER/cargo2-bot@v1");
const APP_PERMISSIONS: &str = "      contents: read # to check out; all else is done with the App's token\n";
const APP_TOKEN: &str = "          token: ${{ steps.app.outputs.token }}\n";
const OWN_PERMISSIONS: &str = "      contents: write # to commit updated blocks
      pull-requests: write # to comment, label, request reviews, open pull requests and switch auto-merge off
      checks: write # to write the checks `cargo2 block` and `cargo2 manual merge`
      issues: write # to answer commands, and to make the label where there is none
";

/// The workflow that starts the bot.
pub(super) fn bot(site: &Site) -> String {
    let names: Vec<String> = site.listens.iter().map(|name| json!(name).to_string()).collect();
    let mut text = without(BOT, "#\n# Replace OWNER", "name: cargo2-bot\n");
    text.insert_str(text.find("name: cargo2-bot\n").unwrap_or_default(), WRITTEN);
    text = text.replace(r#"["cargo2-bot relay", "Track BuildStream Sources"]"#, &format!("[{}]", names.join(", ")));
    text = text.replace("branches: [main]", &format!("branches: [{}]", json!(site.default)));
    if !site.app {
        text = text.replace("The bot with an App of its own: every event", "The bot: every event");
        text = without(&without(&text, ENVIRONMENT.0, ENVIRONMENT.1), APP_STEP.0, APP_STEP.1);
        text = text.replace(APP_PERMISSIONS, OWN_PERMISSIONS).replace(APP_TOKEN, "");
    }
    let pinned = "OWNER/cargo2-bot@v1 # zizmor: ignore[unpinned-uses] an example: pin it to the commit of a release";
    text = text.replace(pinned, &site.action);
    if !site.folder.is_empty() {
        text = text.replace(
            "        with:\n          pull-request:",
            &format!("        with:\n          project: {}\n          pull-request:", json!(site.folder)),
        );
    }
    text
}

/// The relay.
pub(super) fn relay(site: &Site) -> String {
    let mut text = RELAY.replacen("name: cargo2-bot relay\n", &format!("#\n{WRITTEN}name: cargo2-bot relay\n"), 1);
    text = text.replacen("\n#\n#", "\n#", 1);
    let example = "  # push:\n  #   branches: [testing]\n";
    let branches: Vec<String> = site.branches.iter().map(|name| json!(name).to_string()).collect();
    if branches.is_empty() {
        text = without(&text, "  # Guarded branches other than", "\npermissions:");
    } else {
        text = text.replace(example, &format!("  push:\n    branches: [{}]\n", branches.join(", ")));
    }
    text
}

/// The configuration: what was found, and the defaults as comments.
pub(super) fn config(site: &Site) -> String {
    let mut text = String::from(
        "# The settings of cargo2-bot. For a pull request those of its base branch count, never its own.\n\n\
         # `report`: nothing is written to GitHub, and the step summary shows what would be. When that looks right, write `enforce`.\n\
         mode: report\n",
    );
    if let Some(tracker) = site.trackers.first() {
        let path = tracker.path.trim_start_matches("../");
        let mark = if path == TRACKER { "# " } else { "" };
        let _ = writeln!(text, "\n# The workflow that moves refs.\n{mark}tracker: {path}");
    }
    let stack = site.stack.as_ref().map_or("# stack: folder/deps.bst".to_owned(), |stack| format!("stack: {stack}"));
    let _ = writeln!(text, "\n# The element that brings the project's own elements.\n{stack}");
    text.push_str(
        "\n# Branches that are guarded besides the default one. Those that the tracker names are found by themselves",
    );
    let branches: Vec<&str> = site.branches.iter().map(String::as_str).collect();
    let found = if branches.is_empty() { String::new() } else { format!(":\n# {}", branches.join(", ")) };
    let _ = writeln!(text, "{found}.\n# branches: [release]");
    text.push_str(
        "\n# Whose approvals count. Without this: everybody with write permission, never the author.\n\
         # approvers:\n#   only: [ann, bob]\n\
         #   # For a project of one person, who could approve nothing else:\n\
         #   allow-author:\n#     reason: one maintainer; the evidence is read before each approval\n\
         \n# What the bot does. Each value here is the default.\n# bot:\n\
         #   label: \"cargo2: manual merge\" # `none` sets none\n\
         #   reviewers: [codeowners] # or [none], or logins and teams (org/team)\n\
         #   draft: false # make held pull requests drafts, once\n\
         #   base: pull-request # for drift on the default branch; or `grouped`, or `report`\n\
         #   limit: 2 # so many pull requests about drift at a time\n\
         #   dashboard: false # one issue that says what waits\n\
         #   deep: true # read the archives of changed crates\n",
    );
    text
}

/// A job for GitLab's pipelines.
pub(super) fn gitlab(site: &Site) -> String {
    let (repository, at) = site.action.split([' ', '#']).next().unwrap_or_default().split_once('@').unwrap_or_default();
    let is_commit = at.len() == 40 && at.bytes().all(|b| b.is_ascii_hexdigit());
    let at = format!("{} {at}", if is_commit { "--rev" } else { "--tag" });
    let folder = if site.folder.is_empty() { "." } else { &site.folder };
    format!(
        "{WRITTEN}# In .gitlab-ci.yml: include: [{{ local: {GITLAB_PATH} }}]\n\
         .cargo2-bot:\n  image: rust:1.95-bookworm\n  variables:\n    CARGO_HOME: $CI_PROJECT_DIR/.cargo-home\n    CARGO2_BOT_CACHE: $CI_PROJECT_DIR/.cargo2-bot-cache\n\
         \x20 cache:\n    key: cargo2-bot\n    paths: [.cargo-home, .cargo2-bot-cache]\n\
         \x20 before_script:\n    - cargo install --locked --git https://github.com/{repository} {at}\n    - export PATH=\"$CARGO_HOME/bin:$PATH\"\n\n\
         cargo2-check:\n  extends: .cargo2-bot\n  script:\n    - cargo2-bot check --project {folder} --format gitlab >cargo2-check.json\n\
         \x20 artifacts:\n    when: always\n    reports:\n      codequality: cargo2-check.json\n\
         \x20 rules:\n    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n\n\
         cargo2-review:\n  extends: .cargo2-bot\n  variables:\n    GIT_DEPTH: \"0\"\n\
         \x20 script:\n    - cargo2-bot review --project {folder} --base \"origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME\"\n\
         \x20 rules:\n    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"\n"
    )
}

/// The ruleset that requires the checks on these branches. With an App of the bot's own it binds everybody who may push; without
/// one, the checks are those of GitHub Actions itself. Where bots merge without a person, nothing asks for one in general.
pub(super) fn ruleset(app: Option<u64>, branches: impl Iterator<Item = String>, bots_merge: bool) -> String {
    let mut ruleset: Value = serde_json::from_str(RULESET).unwrap_or_default();
    let more = branches.map(|name| json!(format!("refs/heads/{name}")));
    let include: Vec<Value> = std::iter::once(json!("~DEFAULT_BRANCH")).chain(more).collect();
    ruleset["conditions"]["ref_name"]["include"] = include.into();
    if let Some(rules) = ruleset["rules"].as_array_mut() {
        if app.is_none() {
            rules.truncate(1);
            rules[0]["parameters"]["strict_required_status_checks_policy"] = false.into();
        }
        for rule in rules {
            for check in rule["parameters"]["required_status_checks"].as_array_mut().into_iter().flatten() {
                check["integration_id"] = app.unwrap_or(ACTIONS).into();
            }
            if bots_merge && rule["type"] == "pull_request" {
                rule["parameters"]["require_last_push_approval"] = false.into();
            }
        }
    }
    format!("{ruleset:#}\n")
}

/// The paths of the files for GitHub that are not the configuration.
pub(super) const WORKFLOWS: [&str; 2] = [BOT_PATH, RELAY_PATH];

/// A text without the part that begins with one text and ends before another.
fn without(text: &str, from: &str, to: &str) -> String {
    let Some((before, rest)) = text.split_once(from) else { return text.to_owned() };
    match rest.find(to) {
        Some(at) => format!("{before}{}", &rest[at..]),
        None => text.to_owned(),
    }
}
