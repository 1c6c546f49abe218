//! The requirements of a branch's rules: rulesets, and the older branch protection.

use super::GitHub;
use super::error::GitHubError;
use super::rest::segment;
use super::wire::nullable;
use crate::github::facts::Required;
use serde::Deserialize;

/// A rule of a ruleset: `GET rules/branches/{branch}`.
#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "nullable")]
    parameters: Parameters,
}

#[derive(Debug, Default, Deserialize)]
struct Parameters {
    #[serde(default, deserialize_with = "nullable")]
    required_status_checks: Vec<Check>,
    #[serde(default, deserialize_with = "nullable")]
    required_approving_review_count: u64,
}

/// A check that must pass. A ruleset calls the app `integration_id`, a protection `app_id`; there, -1 means any.
#[derive(Debug, Deserialize)]
struct Check {
    context: String,
    #[serde(alias = "app_id")]
    integration_id: Option<i64>,
}

/// A branch: `GET branches/{branch}`. Everyone who reads the repository sees this much of its protection.
#[derive(Debug, Deserialize)]
struct Branch {
    #[serde(default, deserialize_with = "nullable")]
    protected: bool,
    protection: Option<Protection>,
}

#[derive(Debug, Default, Deserialize)]
struct Protection {
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    required_status_checks: Checks,
    required_pull_request_reviews: Option<Parameters>,
}

#[derive(Debug, Default, Deserialize)]
struct Checks {
    #[serde(default, deserialize_with = "nullable")]
    contexts: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    checks: Vec<Check>,
}

impl GitHub {
    /// The requirements of a branch's rules. What the token may not see is said in `unknown`.
    pub async fn required(&self, branch: &str) -> Required {
        let mut required = Required::default();
        let mut unknown = Vec::new();
        if let Err(error) = self.rulesets(branch, &mut required).await {
            unknown.push(error.to_string());
        }
        if let Err(error) = self.protection(branch, &mut required).await {
            unknown.push(error.to_string());
        }
        required.unknown = (!unknown.is_empty()).then(|| unknown.join("; "));
        required
    }

    async fn rulesets(&self, branch: &str, required: &mut Required) -> Result<(), GitHubError> {
        let what = format!("read the rules of the branch `{branch}`");
        let rules: Vec<Rule> = self.client.list(&format!("rules/branches/{}", segment(branch)), &what).await?;
        for rule in rules {
            match rule.kind.as_str() {
                "required_status_checks" => add(required, rule.parameters.required_status_checks),
                "pull_request" => required.reviews |= rule.parameters.required_approving_review_count > 0,
                _ => {}
            }
        }
        Ok(())
    }

    async fn protection(&self, branch: &str, required: &mut Required) -> Result<(), GitHubError> {
        let path = format!("branches/{}", segment(branch));
        let seen: Branch = self.client.json(&self.client.get(&path, format!("read the branch `{branch}`"))).await?;
        let short = seen.protection.unwrap_or_default();
        // A branch counts as protected because of rulesets too; `enabled` is about its own protection.
        if !short.enabled.unwrap_or(seen.protected) {
            return Ok(());
        }
        take(required, short);
        let what = format!("read the protection of the branch `{branch}`");
        let request = self.client.get(&format!("{path}/protection"), what).needs("administration: read");
        match self.client.json::<Protection>(&request).await {
            Ok(whole) => take(required, whole),
            // This is GitHub's answer for "Branch not protected".
            Err(GitHubError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn take(required: &mut Required, protection: Protection) {
    let Checks { contexts, checks } = protection.required_status_checks;
    let named = |name: &String| checks.iter().any(|c| c.context == *name);
    let bare: Vec<Check> = contexts
        .into_iter()
        .filter(|name| !named(name))
        .map(|context| Check { context, integration_id: None })
        .collect();
    add(required, checks.into_iter().chain(bare));
    let reviews = protection.required_pull_request_reviews;
    required.reviews |= reviews.is_some_and(|r| r.required_approving_review_count > 0);
}

fn add(required: &mut Required, checks: impl IntoIterator<Item = Check>) {
    for check in checks {
        let check = (check.context, check.integration_id.and_then(|id| u64::try_from(id).ok()));
        if !required.checks.contains(&check) {
            required.checks.push(check);
        }
    }
}
