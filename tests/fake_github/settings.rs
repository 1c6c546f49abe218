//! Settings of the repository: rules of its branches, tokens, limits.

use serde_json::json;

use super::Handle;
use super::rules::Grouping;
use super::state::Protection;
use super::token::Token;

impl Handle {
    /// A ruleset of the branch requires these checks; with the id of the app that must report them, where given.
    pub fn rule_checks(&self, branch: &str, checks: &[(&str, Option<u64>)]) {
        let check = |(name, app): &(&str, Option<u64>)| match app {
            Some(app) => json!({ "context": name, "integration_id": app }),
            None => json!({ "context": name }),
        };
        let checks: Vec<_> = checks.iter().map(check).collect();
        self.rule(
            branch,
            "required_status_checks",
            json!({
                "required_status_checks": checks, "strict_required_status_checks_policy": false,
            }),
        );
    }

    /// The same, where the head must hold the tip of the branch.
    pub fn rule_strict_checks(&self, branch: &str, checks: &[(&str, Option<u64>)]) {
        self.rule_checks(branch, checks);
        let mut state = self.state();
        let rule = state.rules.get_mut(branch).and_then(|rules| rules.last_mut()).unwrap();
        rule["parameters"]["strict_required_status_checks_policy"] = json!(true);
    }

    /// A ruleset of the branch has a merge queue.
    pub fn rule_queue(&self, branch: &str, grouping: Grouping) {
        let grouping = if grouping == Grouping::AllGreen { "ALLGREEN" } else { "HEADGREEN" };
        self.rule(
            branch,
            "merge_queue",
            json!({
                "check_response_timeout_minutes": 60, "grouping_strategy": grouping, "max_entries_to_build": 5,
                "max_entries_to_merge": 5, "merge_method": "MERGE", "min_entries_to_merge": 1,
                "min_entries_to_merge_wait_minutes": 5,
            }),
        );
    }

    /// A ruleset of the branch with all of the rule `pull_request`.
    pub fn rule_pull_request(&self, branch: &str, approvals: u64, dismiss_stale: bool, last_push: bool) {
        self.rule(
            branch,
            "pull_request",
            json!({
                "dismiss_stale_reviews_on_push": dismiss_stale, "require_code_owner_review": false,
                "require_last_push_approval": last_push, "required_approving_review_count": approvals,
                "required_review_thread_resolution": false,
            }),
        );
    }

    /// A ruleset of the branch requires approving reviews.
    pub fn rule_reviews(&self, branch: &str, approvals: u64) {
        self.rule(
            branch,
            "pull_request",
            json!({
                "dismiss_stale_reviews_on_push": false, "require_code_owner_review": false,
                "require_last_push_approval": false, "required_approving_review_count": approvals,
                "required_review_thread_resolution": false,
            }),
        );
    }

    /// Any other rule, as REST shows it.
    pub fn rule(&self, branch: &str, kind: &str, parameters: serde_json::Value) {
        let mut state = self.state();
        let source = state.full_name();
        let mut rule = json!({
            "type": kind, "ruleset_source_type": "Repository", "ruleset_source": source, "ruleset_id": 42,
        });
        rule["parameters"] = parameters;
        if rule["parameters"].is_null() {
            rule.as_object_mut().unwrap().remove("parameters");
        }
        state.rules.entry(branch.into()).or_default().push(rule);
    }

    /// The classic protection of a branch.
    pub fn protect(&self, branch: &str, checks: &[(&str, Option<u64>)], reviews: bool) {
        let checks = checks.iter().map(|(name, app)| ((*name).to_owned(), *app)).collect();
        self.state().protections.insert(branch.into(), Protection { checks, reviews });
    }

    /// Adds or replaces a token, by its text.
    pub fn token(&self, text: &str, token: Token) {
        let mut state = self.state();
        state.users.insert(token.login.clone());
        state.tokens.insert(text.into(), token);
    }

    /// The setting "Allow GitHub Actions to create and approve pull requests".
    pub fn workflows_open_pulls(&self, allowed: bool) {
        self.state().workflows_open_pulls = allowed;
    }

    /// From now on the activity of forks can be read.
    pub fn show_fork_activity(&self) {
        self.state().fork_activity = true;
    }

    pub fn default_branch(&self, branch: &str) {
        self.state().default_branch = branch.into();
    }

    /// At most so many entries on a page of REST and GraphQL, whatever was asked for.
    pub fn page_size(&self, entries: usize) {
        self.state().page = entries;
    }

    /// How many requests are left before the primary limit, as the headers and GraphQL say.
    pub fn remaining(&self, requests: u64) {
        self.state().remaining = requests;
    }
}
