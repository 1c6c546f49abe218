//! The rules of a branch: rulesets, and the older branch protection. Read here, evaluated in `github/rules`.

use super::GitHub;
use super::error::GitHubError;
use super::rest::{segment, value};
use super::wire::nullable;
use crate::finding::read::Read;
use crate::github::rules::{BranchRules, Bypass, PullRule, Reporter, RequiredCheck, Ruleset};
use serde::Deserialize;

/// A rule of a ruleset: `GET rules/branches/{branch}`.
#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    ruleset_id: Option<u64>,
    #[serde(default, deserialize_with = "nullable")]
    parameters: Parameters,
}

/// The parameters of the rules that are evaluated, all of them together.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    #[serde(default, deserialize_with = "nullable")]
    required_status_checks: Vec<Check>,
    #[serde(default, deserialize_with = "nullable")]
    strict_required_status_checks_policy: bool,
    #[serde(default, deserialize_with = "nullable")]
    do_not_enforce_on_create: bool,
    #[serde(default, deserialize_with = "nullable")]
    grouping_strategy: String,
    #[serde(flatten)]
    reviews: Reviews,
}

/// What is required of reviews. A protection has other names for two of them.
#[derive(Debug, Default, Deserialize)]
struct Reviews {
    #[serde(default, deserialize_with = "nullable")]
    required_approving_review_count: u64,
    #[serde(default, alias = "dismiss_stale_reviews", deserialize_with = "nullable")]
    dismiss_stale_reviews_on_push: bool,
    #[serde(default, alias = "require_code_owner_reviews", deserialize_with = "nullable")]
    require_code_owner_review: bool,
    #[serde(default, deserialize_with = "nullable")]
    require_last_push_approval: bool,
    #[serde(default, deserialize_with = "nullable")]
    required_reviewers: Vec<serde::de::IgnoredAny>,
}

/// A check that must pass. A ruleset calls the app `integration_id`, a protection `app_id`; there, -1 means any.
#[derive(Debug, Deserialize)]
struct Check {
    context: String,
    #[serde(alias = "app_id")]
    integration_id: Option<i64>,
}

/// A ruleset: `GET rulesets/{id}`.
#[derive(Debug, Deserialize)]
struct Named {
    #[serde(default, deserialize_with = "nullable")]
    name: String,
    current_user_can_bypass: Option<String>,
}

/// A branch: `GET branches/{branch}`. Everyone who reads the repository sees this much of its protection.
#[derive(Debug, Deserialize)]
struct Branch {
    #[serde(default, deserialize_with = "nullable")]
    protected: bool,
    protection: Option<Protection>,
}

/// A classic protection: in short as everyone sees it, or whole.
#[derive(Debug, Default, Deserialize)]
struct Protection {
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    required_status_checks: Checks,
    required_pull_request_reviews: Option<Reviews>,
    allow_force_pushes: Option<Switch>,
    allow_deletions: Option<Switch>,
}

#[derive(Debug, Deserialize)]
struct Switch {
    enabled: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Checks {
    #[serde(default, deserialize_with = "nullable")]
    strict: bool,
    #[serde(default, deserialize_with = "nullable")]
    contexts: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    checks: Vec<Check>,
}

impl GitHub {
    /// The rules of a branch. What the token may not see is said in `unread`.
    pub async fn rules(&self, branch: &str) -> BranchRules {
        let mut rules = BranchRules { branch: branch.to_owned(), ..BranchRules::default() };
        if let Err(error) = self.rulesets(&mut rules).await {
            rules.unread.push(error.to_string());
        }
        if let Err(error) = self.protection(&mut rules).await {
            rules.unread.push(error.to_string());
        }
        rules
    }

    /// The app that reports checks under this slug.
    pub async fn reporter(&self, slug: &str) -> Reporter {
        #[derive(Deserialize)]
        struct App {
            id: u64,
        }
        let request = self.client.get_app(&value(slug), format!("read the app `{slug}`"));
        match self.client.json::<App>(&request).await {
            Ok(App { id }) => Reporter::App { slug: slug.to_owned(), id },
            Err(error) => Reporter::Unknown(error.to_string()),
        }
    }

    async fn rulesets(&self, rules: &mut BranchRules) -> Result<(), GitHubError> {
        let branch = &rules.branch;
        let what = format!("read the rules of the branch `{branch}`");
        let read: Vec<Rule> = self.client.list(&format!("rules/branches/{}", segment(branch)), &what).await?;
        let mut ids: Vec<u64> = read.iter().filter_map(|rule| rule.ruleset_id).collect();
        for rule in read {
            add_rule(rules, rule);
        }
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            rules.rulesets.push(self.ruleset(id).await);
        }
        Ok(())
    }

    async fn ruleset(&self, id: u64) -> Ruleset {
        let request =
            self.client.get(&format!("rulesets/{id}?includes_parents=true"), format!("read the ruleset {id}"));
        match self.client.json::<Named>(&request).await {
            Ok(Named { name, current_user_can_bypass }) => {
                let own_bypass = match current_user_can_bypass.as_deref() {
                    None => Read::Absent,
                    Some("never") => Read::Known(Bypass::Never),
                    Some("pull_requests_only") => Read::Known(Bypass::PullRequests),
                    Some("always" | "exempt") => Read::Known(Bypass::Always),
                    Some(other) => Read::unreadable(format!("GitHub says `{}` of it", other.escape_debug())),
                };
                Ruleset { id, name, own_bypass }
            }
            Err(error) => Ruleset { id, name: String::new(), own_bypass: Read::unreadable(error.to_string()) },
        }
    }

    async fn protection(&self, rules: &mut BranchRules) -> Result<(), GitHubError> {
        let branch = &rules.branch;
        let path = format!("branches/{}", segment(branch));
        let seen: Branch = self.client.json(&self.client.get(&path, format!("read the branch `{branch}`"))).await?;
        let short = seen.protection.unwrap_or_default();
        // A branch counts as protected because of rulesets too; `enabled` is about its own protection.
        if !short.enabled.unwrap_or(seen.protected) {
            return Ok(());
        }
        let what = format!("read the protection of the branch `{branch}`");
        add_checks(rules, short.required_status_checks);
        let request = self.client.get(&format!("{path}/protection"), what).needs("administration: read");
        match self.client.json::<Protection>(&request).await {
            Ok(whole) => add_protection(rules, whole),
            // This is GitHub's answer for "Branch not protected".
            Err(GitHubError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn add_rule(rules: &mut BranchRules, rule: Rule) {
    let parameters = rule.parameters;
    match rule.kind.as_str() {
        "required_status_checks" => {
            let on_create = !parameters.do_not_enforce_on_create;
            rules.strict |= parameters.strict_required_status_checks_policy;
            parameters.required_status_checks.into_iter().for_each(|check| add_check(rules, check, on_create));
        }
        "pull_request" => add_reviews(rules, &parameters.reviews),
        "merge_queue" => rules.queue = Some(parameters.grouping_strategy),
        "deletion" => rules.no_deletion = true,
        "non_fast_forward" => rules.no_force_push = true,
        _ => {}
    }
}

fn add_protection(rules: &mut BranchRules, protection: Protection) {
    rules.no_force_push |= protection.allow_force_pushes.is_some_and(|switch| !switch.enabled);
    rules.no_deletion |= protection.allow_deletions.is_some_and(|switch| !switch.enabled);
    if let Some(reviews) = &protection.required_pull_request_reviews {
        add_reviews(rules, reviews);
    }
    add_checks(rules, protection.required_status_checks);
}

/// The checks of a protection. Whether they bind a branch that is created is not documented, so it is not promised.
fn add_checks(rules: &mut BranchRules, all: Checks) {
    let Checks { strict, contexts, checks } = all;
    rules.strict |= strict;
    let named: Vec<String> = checks.iter().map(|check| check.context.clone()).collect();
    let bare = contexts.into_iter().filter(|name| !named.contains(name));
    let bare = bare.map(|context| Check { context, integration_id: None });
    checks.into_iter().chain(bare).for_each(|check| add_check(rules, check, false));
}

fn add_check(rules: &mut BranchRules, check: Check, on_create: bool) {
    let app = check.integration_id.and_then(|id| u64::try_from(id).ok());
    let check = RequiredCheck { name: check.context, app, on_create };
    if !rules.checks.contains(&check) {
        rules.checks.push(check);
    }
}

fn add_reviews(rules: &mut BranchRules, reviews: &Reviews) {
    let rule = rules.pulls.get_or_insert_default();
    *rule = PullRule {
        approvals: rule.approvals.max(reviews.required_approving_review_count),
        dismiss_stale: rule.dismiss_stale | reviews.dismiss_stale_reviews_on_push,
        code_owners: rule.code_owners | reviews.require_code_owner_review,
        last_push: rule.last_push | reviews.require_last_push_approval,
        teams: rule.teams + reviews.required_reviewers.len(),
    };
}
