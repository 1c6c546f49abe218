//! What is left to be done by hand after `init`.

use super::Site;
use super::texts::GITLAB_PATH;

/// The steps: what, and the commands.
pub(super) fn steps(site: &Site, old: &[String]) -> Vec<(String, Vec<String>)> {
    let mut steps = Vec::new();
    if !old.is_empty() {
        let what = "Take away the workflows that start the bot a second time.";
        steps.push((what.to_owned(), vec![format!("git rm {}", old.join(" "))]));
    }
    if site.gitlab {
        let what = format!(
            "Name the file in .gitlab-ci.yml: include: [{{ local: {GITLAB_PATH} }}]. docs/gitlab.md says what it does not do."
        );
        steps.push((what, Vec::new()));
        return steps;
    }
    let repository = site.remote.as_ref().map_or("{owner}/{repo}", |(_, path)| path.as_str());
    steps.push(if site.app { app(site, repository) } else { token(repository) });
    let mut look = "Commit the files to the default branch".to_owned();
    if !site.branches.is_empty() {
        let names: Vec<String> = site.branches.iter().map(|name| format!("`{name}`")).collect();
        look.push_str(&format!(", the relay to {} as well", names.join(", ")));
    }
    look.push_str(", then look. Nothing is written: the summary of the run shows what would be.");
    steps.push((
        look,
        vec![
            format!("gh workflow run cargo2-bot.yml --repo {repository}"),
            format!("GITHUB_REPOSITORY={repository} GITHUB_TOKEN=$(gh auth token) cargo2-bot doctor"),
        ],
    ));
    let id = if site.app { "=APP_ID" } else { "" };
    steps.push((
        "When that looks right: write `mode: enforce` in the configuration, and require the checks.".to_owned(),
        vec![format!("cargo2-bot init --ruleset{id} | gh api repos/{repository}/rulesets --method POST --input -")],
    ));
    steps
}

/// The workflow's own token: one setting.
fn token(repository: &str) -> (String, Vec<String>) {
    let what = "Let the workflow's token open pull requests. Its hold does not bind people who may push: `cargo2-bot init --update --app` \
                changes to an App of the bot's own.";
    let command = format!(
        "gh api repos/{repository}/actions/permissions/workflow --method PUT -f default_workflow_permissions=read -F can_approve_pull_request_reviews=true"
    );
    (what.to_owned(), vec![command])
}

/// An App of the bot's own, and the environment with its key.
fn app(site: &Site, repository: &str) -> (String, Vec<String>) {
    let what = "Make a GitHub App without a webhook, with read and write for Contents, Pull requests, Checks and Issues; install it on the \
                repository, and keep its key where only the default branch gets it. docs/hold.md has every click.";
    let environment = format!("repos/{repository}/environments/cargo2-bot");
    let commands = vec![
        format!(
            "gh api {environment} --method PUT -F 'deployment_branch_policy[protected_branches]=false' -F 'deployment_branch_policy[custom_branch_policies]=true'"
        ),
        format!("gh api {environment}/deployment-branch-policies -f name={} -f type=branch", site.default),
        format!("gh secret set CARGO2_BOT_PRIVATE_KEY --env cargo2-bot --repo {repository} <key.pem"),
        format!("gh variable set CARGO2_BOT_CLIENT_ID --env cargo2-bot --repo {repository} --body CLIENT_ID"),
    ];
    (what.to_owned(), commands)
}
