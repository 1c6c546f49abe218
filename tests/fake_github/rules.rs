//! What the rules of a branch let through. Where GitHub's behaviour is not settled, the reading that lets more through is
//! taken: see `README.md` in this folder.

use serde_json::Value;

use super::state::{CheckRun, Pull, Review, State};

/// The rules of all rulesets of a branch and of its classic protection, added up: the strictest counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Names of checks, with the app that must report them where that is fixed.
    pub checks: Vec<(String, Option<u64>)>,
    /// The head must hold the tip of the base.
    pub strict: bool,
    /// Checks count for new branches, too.
    pub on_create: bool,
    pub reviews: Option<Reviews>,
    pub queue: Option<Grouping>,
    pub no_force: bool,
    pub no_deletion: bool,
}

/// The rule `pull_request`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reviews {
    pub count: u64,
    pub dismiss_stale: bool,
    pub last_push: bool,
    /// None for all.
    pub methods: Option<Vec<String>>,
}

/// Which entries of a merge queue need passing checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// Each entry.
    AllGreen,
    /// The last one of those that merge together.
    HeadGreen,
}

impl State {
    pub fn rules_of(&self, branch: &str) -> Rules {
        let mut rules = Rules::default();
        for rule in self.rules.get(branch).into_iter().flatten() {
            let parameters = &rule["parameters"];
            match rule["type"].as_str().unwrap_or("") {
                "required_status_checks" => {
                    rules.strict |= parameters["strict_required_status_checks_policy"] == true;
                    rules.on_create |= parameters["do_not_enforce_on_create"] != true;
                    for check in parameters["required_status_checks"].as_array().into_iter().flatten() {
                        let name = check["context"].as_str().unwrap_or("").to_owned();
                        rules.checks.push((name, check["integration_id"].as_u64()));
                    }
                }
                "pull_request" => rules.reviews = Some(add(rules.reviews.take(), parameters)),
                "merge_queue" => {
                    let all = parameters["grouping_strategy"] != "HEADGREEN";
                    rules.queue = Some(if all { Grouping::AllGreen } else { Grouping::HeadGreen });
                }
                "non_fast_forward" => rules.no_force = true,
                "deletion" => rules.no_deletion = true,
                _ => {}
            }
        }
        if let Some(protection) = self.protections.get(branch) {
            rules.checks.extend(protection.checks.iter().cloned());
            (rules.no_force, rules.no_deletion) = (true, true);
            if protection.reviews {
                let reviews = rules.reviews.get_or_insert_default();
                reviews.count = reviews.count.max(1);
            }
        }
        rules
    }

    /// The required checks that do not pass at a commit.
    pub fn unmet_checks(&self, rules: &Rules, sha: &str) -> Vec<String> {
        let unmet = rules.checks.iter().filter(|(name, app)| !self.passes(sha, name, *app));
        unmet.map(|(name, _)| name.clone()).collect()
    }

    /// Whether a check passes at a commit. Runs and statuses of one name must both pass; of several runs of one name it is
    /// not settled which counts: one reading that lets it pass is enough.
    fn passes(&self, sha: &str, name: &str, app: Option<u64>) -> bool {
        let by_app = |slug: &str| app.is_none_or(|id| self.app_id(slug) == id);
        let runs: Vec<&CheckRun> =
            self.checks_at(sha).into_iter().filter(|run| run.name == name && by_app(&run.app)).collect();
        let by_creator = |login: &str| app.is_none() || login.strip_suffix("[bot]").is_some_and(by_app);
        let status = self.statuses.iter().rev().find(|s| s.sha == sha && s.context == name && by_creator(&s.creator));
        let good = |run: &CheckRun| matches!(run.conclusion.as_deref(), Some("success" | "skipped" | "neutral"));
        let latest = runs.iter().max_by_key(|run| run.id).is_some_and(|run| good(run));
        let last_done = runs.iter().max_by_key(|run| run.completed.unwrap_or(run.started)).is_some_and(|run| good(run));
        let run_passes = runs.is_empty() || latest || last_done;
        let status_passes = status.is_none_or(|status| status.state == "success");
        (!runs.is_empty() || status.is_some()) && run_passes && status_passes
    }

    /// The last opinion of each person whose opinion GitHub counts: those who may push, but the author.
    pub fn opinions(&self, pull: &Pull) -> Vec<&Review> {
        let mut last: Vec<&Review> = Vec::new();
        let counts = |r: &&Review| {
            r.pull == pull.number
                && r.author != pull.author
                && self.may_push(&r.author)
                && matches!(r.state.as_str(), "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED")
        };
        for review in self.reviews.iter().filter(counts) {
            match last.iter_mut().find(|r| r.author == review.author) {
                Some(older) => *older = review,
                None => last.push(review),
            }
        }
        last
    }

    /// Who pushed the head of a pull request last.
    pub fn last_pusher(&self, pull: &Pull) -> Option<&str> {
        let owner = pull.head_owner.as_deref()?;
        let last = self.activity.iter().rev().find(|a| a.owner == owner && a.branch == pull.head_ref);
        last.map(|a| a.actor.as_str())
    }

    /// What the rule about reviews lacks.
    fn unmet_reviews(&self, rule: &Reviews, pull: &Pull) -> Vec<String> {
        let opinions = self.opinions(pull);
        let approved: Vec<&str> =
            opinions.iter().filter(|r| r.state == "APPROVED").map(|r| r.author.as_str()).collect();
        let mut unmet = Vec::new();
        if (approved.len() as u64) < rule.count {
            unmet.push(format!("At least {} approving review is required by reviewers with write access.", rule.count));
        }
        if rule.count > 0 && opinions.iter().any(|r| r.state == "CHANGES_REQUESTED") {
            unmet.push("Changes were requested".into());
        }
        let pusher = self.last_pusher(pull);
        if rule.last_push && !approved.iter().any(|login| Some(*login) != pusher) {
            unmet.push("New changes require approval from someone other than the last pusher.".into());
        }
        unmet
    }

    /// The first thing that the rule about reviews lacks.
    pub fn blocked_by_reviews(&self, rule: &Reviews, pull: &Pull) -> Option<String> {
        self.unmet_reviews(rule, pull).into_iter().next()
    }

    /// What keeps a pull request from being merged now by somebody whom the rules bind; the queue aside.
    pub fn blocked(&self, pull: &Pull) -> Vec<String> {
        let rules = self.rules_of(&pull.base_ref);
        let named = |name: String| format!("Required status check \"{name}\" is expected.");
        let mut blocked: Vec<String> = self.unmet_checks(&rules, &pull.head_sha).into_iter().map(named).collect();
        if let Some(rule) = &rules.reviews {
            blocked.extend(self.unmet_reviews(rule, pull));
        }
        if rules.strict && self.is_behind(pull) {
            blocked.push("The head branch is not up to date with the base branch.".into());
        }
        blocked
    }

    pub fn is_behind(&self, pull: &Pull) -> bool {
        self.tip(&self.owner, &pull.base_ref).is_some_and(|tip| !self.is_ancestor(&tip, &pull.head_sha))
    }

    /// `mergeable` and `mergeStateStatus`.
    pub fn merge_state(&self, pull: &Pull) -> (&'static str, &'static str) {
        if !pull.open {
            return ("UNKNOWN", "UNKNOWN");
        }
        let Some(tip) = self.tip(&self.owner, &pull.base_ref) else { return ("UNKNOWN", "UNKNOWN") };
        if self.merged_tree(&tip, &pull.head_sha).is_none() {
            return ("CONFLICTING", "DIRTY");
        }
        let rules = self.rules_of(&pull.base_ref);
        let bad = |run: &&CheckRun| !matches!(run.conclusion.as_deref(), Some("success" | "skipped" | "neutral"));
        let state = match () {
            () if pull.draft => "DRAFT",
            () if rules.strict && self.is_behind(pull) => "BEHIND",
            () if !self.blocked(pull).is_empty() => "BLOCKED",
            () if self.checks_at(&pull.head_sha).iter().any(bad) => "UNSTABLE",
            () => "CLEAN",
        };
        ("MERGEABLE", state)
    }

    /// Whether rules let `actor` move a branch of the repository to a commit, or delete it. Err: GitHub's sentence.
    ///
    /// A commit is a ticket: where the required checks pass at it, it may be pushed without a pull request, unless the rules
    /// ask for one. Where they do, the head of an open pull request that meets them may be pushed, and its merge if it is
    /// the one that GitHub would make.
    pub fn may_move(&self, actor: &str, branch: &str, to: Option<&str>) -> Result<(), String> {
        let rules = self.rules_of(branch);
        let refused = |what: &str| Err(format!("Repository rule violations found\n\n{what}"));
        if self.bypass.contains(actor) {
            return Ok(());
        }
        let before = self.tip(&self.owner, branch);
        let Some(to) = to else {
            return if rules.no_deletion { refused("Cannot delete this protected ref.") } else { Ok(()) };
        };
        if before.as_ref().is_some_and(|before| rules.no_force && !self.is_ancestor(before, to)) {
            return refused("Cannot force-push to this branch");
        }
        if before.is_none() && !rules.on_create {
            return Ok(());
        }
        if let Some(name) = self.unmet_checks(&rules, to).first() {
            return refused(&format!("Required status check \"{name}\" is expected."));
        }
        if rules.queue.is_some() {
            return refused("Changes must be made through the merge queue");
        }
        if rules.reviews.is_some() && !self.is_of_a_ready_pull(branch, before.as_deref(), to) {
            return refused("Changes must be made through a pull request.");
        }
        Ok(())
    }

    fn is_of_a_ready_pull(&self, branch: &str, before: Option<&str>, to: &str) -> bool {
        let Some(before) = before else { return false };
        let commit = self.commit_of(to);
        let tree = commit.as_ref().map(git2::Commit::tree_id);
        let merges = |head: &str| {
            let parents: Vec<String> =
                commit.iter().flat_map(git2::Commit::parent_ids).map(|id| id.to_string()).collect();
            parents == [before, head] && self.merged_tree(before, head) == tree
        };
        self.pulls.values().any(|pull| {
            let is_it = (pull.head_sha == to && self.is_ancestor(before, to)) || merges(&pull.head_sha);
            pull.open && !pull.draft && pull.base_ref == branch && is_it && self.blocked(pull).is_empty()
        })
    }
}

fn add(to: Option<Reviews>, parameters: &Value) -> Reviews {
    let mut rule = to.unwrap_or_default();
    rule.count = rule.count.max(parameters["required_approving_review_count"].as_u64().unwrap_or(0));
    rule.dismiss_stale |= parameters["dismiss_stale_reviews_on_push"] == true;
    rule.last_push |= parameters["require_last_push_approval"] == true;
    let methods = parameters["allowed_merge_methods"].as_array();
    let methods = methods.map(|all| all.iter().filter_map(|m| Some(m.as_str()?.to_owned())).collect::<Vec<_>>());
    rule.methods = match (rule.methods.take(), methods) {
        (Some(mut old), Some(new)) => {
            old.retain(|method| new.contains(method));
            Some(old)
        }
        (old, new) => old.or(new),
    };
    rule
}
