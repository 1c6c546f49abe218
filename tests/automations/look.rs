//! What automations see of a pull request, each in its own way.

use crate::scene::Scene;

/// A check run or a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub name: String,
    /// The conclusion of a run, the state of a status; None while it runs.
    pub verdict: Option<String>,
    pub is_run: bool,
    /// When it was started: the later one is the newer one.
    pub at: u64,
}

impl Context {
    pub fn is(&self, verdicts: &[&str]) -> bool {
        self.verdict.as_deref().is_some_and(|verdict| verdicts.contains(&verdict))
    }

    /// What required checks ask for.
    pub fn passes(&self) -> bool {
        self.is(&["success", "neutral", "skipped"])
    }
}

/// All check runs and the newest status of each context at the head.
pub fn contexts(scene: &Scene, number: u64) -> Vec<Context> {
    let sha = scene.sha(number);
    let runs = scene.checks(&sha).into_iter();
    let runs = runs.map(|run| Context { name: run.name, verdict: run.conclusion, is_run: true, at: run.started });
    let statuses = scene.statuses(&sha).into_iter();
    let state = |state: String| (state != "pending").then_some(state);
    let statuses = statuses.map(|s| Context { name: s.context, verdict: state(s.state), is_run: false, at: s.created });
    runs.chain(statuses).collect()
}

/// The names that rulesets and the classic protection require for the base branch.
pub fn required(scene: &Scene, number: u64) -> Vec<String> {
    let base = scene.pull(number).base_ref;
    scene.inspect(|state| state.rules_of(&base).checks.into_iter().map(|(name, _)| name).collect())
}

/// The names that the classic protection alone requires.
pub fn classic(scene: &Scene, number: u64) -> Vec<String> {
    let base = scene.pull(number).base_ref;
    scene.inspect(|state| {
        state
            .protections
            .get(&base)
            .map(|p| p.checks.iter().map(|(name, _)| name.clone()).collect())
            .unwrap_or_default()
    })
}

/// `mergeStateStatus`.
pub fn merge_state(scene: &Scene, number: u64) -> &'static str {
    scene.inspect(|state| state.merge_state(&state.pulls[&number]).1)
}
