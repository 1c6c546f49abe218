//! The promises that the rules of a branch keep.

use super::{ACTIONS, BranchRules, Bypass, Reporter, RequiredCheck, Ruleset};
use crate::finding::read::Read;
use crate::github::checks::{BLOCK, HOLD};

/// One thing that the rules of a branch should promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The thing that it is about.
    pub about: String,
    /// The promise.
    pub text: String,
    /// Whether it is kept.
    pub kept: Kept,
    /// How to have it kept.
    pub remedy: String,
}

/// Whether a promise is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// By the rules that were read.
    Kept,
    /// Not, and why.
    NotKept(String),
    /// It cannot be seen, and why.
    NotSeen(String),
}

/// Returns what the rules of a branch promise of the hold, and what they do not. The first that is not kept matters most.
#[must_use]
pub fn promises(rules: &BranchRules, reporter: &Reporter) -> Vec<Promise> {
    let mut all = Vec::new();
    for name in [HOLD, BLOCK] {
        let required = rules.required(name);
        let there = required.kept == Kept::Kept;
        all.push(required);
        // Of a check that is not required, nothing more is to be said.
        all.extend(there.then(|| rules.tied(name, reporter)));
    }
    if rules.entries(HOLD).next().is_some() {
        all.push(rules.created());
    }
    all.extend([rules.by_pull_request(), rules.last_push(), rules.stale(), rules.current()]);
    all.extend([rules.undeleted(), rules.unforced()]);
    if !rules.rulesets.is_empty() {
        all.push(rules.bypass());
    }
    all
}

impl BranchRules {
    /// The entries for a check.
    fn entries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a RequiredCheck> {
        self.checks.iter().filter(move |check| check.name == name)
    }

    /// The verdict on a rule: what was not read may hold it.
    fn verdict(&self, kept: bool, why: impl Into<String>) -> Kept {
        match (kept, self.unread.is_empty()) {
            (true, _) => Kept::Kept,
            (false, true) => Kept::NotKept(why.into()),
            (false, false) => Kept::NotSeen(self.unread.join("; ")),
        }
    }

    /// Whether what is in this branch was held until it was approved, whoever pushed it: the check is required from the bot's
    /// app, also of a new branch, and the branch can neither be deleted nor rewritten nor pushed to.
    ///
    /// # Errors
    /// The first promise that is not kept.
    pub fn vouches(&self, reporter: &Reporter) -> Result<(), Promise> {
        let needed = [
            self.required(HOLD),
            self.tied(HOLD, reporter),
            self.created(),
            self.by_pull_request(),
            self.undeleted(),
            self.unforced(),
        ];
        needed.into_iter().find(|promise| promise.kept != Kept::Kept).map_or(Ok(()), Err)
    }

    fn promise(&self, about: &str, text: String, kept: Kept, remedy: &str) -> Promise {
        Promise { about: about.to_owned(), text, kept, remedy: remedy.replace("BRANCH", &format!("`{}`", self.branch)) }
    }

    fn required(&self, name: &str) -> Promise {
        let branch = &self.branch;
        let kept = self.verdict(self.entries(name).next().is_some(), format!("not required on `{branch}`"));
        let remedy =
            "add it to the required checks of a ruleset for BRANCH; until then it has no effect on merges by people";
        self.promise(&format!("check `{name}`"), format!("required on `{branch}`"), kept, remedy)
    }

    fn tied(&self, name: &str, reporter: &Reporter) -> Promise {
        let branch = &self.branch;
        let (text, kept) = match reporter {
            Reporter::Unknown(why) => {
                let text = format!("only the bot's app may report it on `{branch}`");
                let fixed = self.entries(name).any(|check| check.app.is_some());
                let open = || self.verdict(false, format!("any workflow and any app may report it on `{branch}`"));
                (text, if fixed { Kept::NotSeen(why.clone()) } else { open() })
            }
            Reporter::App { slug, id } => {
                let text = format!("only the app `{slug}` may report it on `{branch}`");
                let other = self.entries(name).filter_map(|check| check.app).find(|app| app != id);
                let fixed = self.entries(name).any(|check| check.app == Some(*id));
                let kept = match other {
                    Some(app) => Kept::NotKept(format!(
                        "must be reported on `{branch}` by the app {app}, and `{slug}` is the app {id}"
                    )),
                    None if fixed && slug == ACTIONS => Kept::NotKept(format!(
                        "any workflow may report it on `{branch}`: its app is that of all workflows"
                    )),
                    None => self.verdict(fixed, format!("any workflow and any app may report it on `{branch}`")),
                };
                (text, kept)
            }
        };
        let remedy =
            "run the bot with the token of a GitHub App of its own, and name that App as the source of the check";
        self.promise(&format!("check `{name}`"), text, kept, remedy)
    }

    fn created(&self) -> Promise {
        let branch = &self.branch;
        let on_create = |name: &str| self.entries(name).any(|check| check.on_create);
        let kept = self.verdict(
            on_create(HOLD),
            format!("not required when `{branch}` is created: whoever deletes it may put anything there"),
        );
        let text = format!("required when `{branch}` is created, too");
        self.promise(&format!("check `{HOLD}`"), text, kept, "set `do_not_enforce_on_create` to false")
    }

    fn by_pull_request(&self) -> Promise {
        let kept = self.verdict(
            self.pulls.is_some(),
            "not required: a commit whose checks passed for another branch may be pushed as it is",
        );
        let remedy = "add the rule `pull_request` to a ruleset for BRANCH";
        self.promise(&self.about("pull requests"), "nothing comes in without one".into(), kept, remedy)
    }

    fn last_push(&self) -> Promise {
        let kept = self.verdict(
            self.pulls.as_ref().is_some_and(|rule| rule.last_push),
            "the rules do not look at who pushed last; the check of the bot does, as far as GitHub shows it",
        );
        let text = "who pushed last does not approve alone".into();
        self.promise(&self.about("approvals"), text, kept, "set `require_last_push_approval` to true")
    }

    fn stale(&self) -> Promise {
        let kept = self.verdict(
            self.pulls.as_ref().is_some_and(|rule| rule.dismiss_stale),
            "approvals of earlier content stay; the check of the bot does not count them",
        );
        let text = "void after a push".into();
        self.promise(&self.about("approvals"), text, kept, "set `dismiss_stale_reviews_on_push` to true")
    }

    fn current(&self) -> Promise {
        let text = match &self.queue {
            Some(grouping) => format!("a merge queue judges what is merged ({grouping})"),
            None => "a head must hold the tip of the branch".into(),
        };
        let kept = self.verdict(
            self.strict || self.queue.is_some(),
            "a head may be behind: what is merged right after a push to the branch was judged against the tip before it",
        );
        let remedy = "set `strict_required_status_checks_policy` to true, or add a merge queue";
        self.promise(&self.about("merges"), text, kept, remedy)
    }

    fn undeleted(&self) -> Promise {
        let kept = self.verdict(self.no_deletion, "the branch can be deleted, and made again with anything in it");
        self.promise(&self.about("history"), "the branch cannot be deleted".into(), kept, "add the rule `deletion`")
    }

    fn unforced(&self) -> Promise {
        let kept = self.verdict(self.no_force_push, "the branch can be force-pushed");
        self.promise(
            &self.about("history"),
            "the branch cannot be force-pushed".into(),
            kept,
            "add the rule `non_fast_forward`",
        )
    }

    fn bypass(&self) -> Promise {
        let named = |ruleset: &Ruleset| match ruleset.name.as_str() {
            "" => format!("ruleset {}", ruleset.id),
            name => format!("ruleset `{name}`"),
        };
        let open = self.rulesets.iter().find_map(|ruleset| match ruleset.own_bypass {
            Read::Known(Bypass::Always) => Some(format!("this token may bypass the {}", named(ruleset))),
            Read::Known(Bypass::PullRequests) => {
                Some(format!("this token may merge pull requests past the {}", named(ruleset)))
            }
            _ => None,
        });
        let unseen = self.rulesets.iter().find_map(|ruleset| match &ruleset.own_bypass {
            Read::Known(_) => None,
            Read::Absent => Some(format!("GitHub does not say it for the {}", named(ruleset))),
            Read::Unreadable(why) => Some(why.to_string()),
        });
        let kept = match (open, unseen) {
            (Some(why), _) => Kept::NotKept(why),
            (None, Some(why)) => Kept::NotSeen(why),
            (None, None) => Kept::Kept,
        };
        let text = "this token may not bypass the rulesets".into();
        self.promise(&self.about("bypass"), text, kept, "take the account of this token out of the bypass list")
    }

    fn about(&self, what: &str) -> String {
        format!("{what} of `{}`", self.branch)
    }
}

impl Promise {
    /// One line on it.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.kept {
            Kept::Kept => format!("{}: {}", self.about, self.text),
            Kept::NotKept(why) => format!("{}: {why}", self.about),
            Kept::NotSeen(why) => format!("{}: not promised: {}; cannot see: {why}", self.about, self.text),
        }
    }
}
