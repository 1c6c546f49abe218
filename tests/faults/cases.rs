//! Which cases are tried, and what is broken after one of them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::end::{End, without_ids};
use crate::kinds::{Kind, Reach};
use crate::scenarios::{Event, Scenario};
use crate::stage::{Driver, Said, Stage};
use crate::truth::{dangerous, invented, watched};

/// More runs than it takes to come to rest.
const MOST: usize = 4;

/// What an undisturbed bot does.
pub struct Undisturbed {
    pub scenario: &'static Scenario,
    /// The state in which it comes to rest.
    end: End,
    /// After how many runs.
    pub runs: usize,
    /// The requests of its first run.
    pub requests: Vec<String>,
    /// What it reported.
    pub said: Said,
}

/// A request in a few words, without ids.
fn name_of(method: &str, path: &str) -> String {
    match path.split_once('#') {
        Some((_, operation)) => operation.to_owned(),
        None => {
            let path = path.split('?').next().unwrap_or(path).trim_start_matches("/repos/owner/name/");
            format!("{method} {}", without_ids(path))
        }
    }
}

impl Undisturbed {
    /// Runs the bot until it rests.
    ///
    /// Err: what is broken although nothing was disturbed.
    pub fn of(scenario: &'static Scenario, driver: &Driver) -> Result<Self, Vec<String>> {
        let (stage, event) = Stage::of(scenario, driver);
        let (mut requests, mut first) = (Vec::new(), Said::default());
        for runs in 0..MOST {
            let (lies, said) = watched(scenario, &stage, &event);
            if !lies.is_empty() {
                return Err(lies);
            }
            if runs == 0 {
                requests = stage.requests().iter().map(|r| name_of(&r.method, &r.path)).collect();
                first = said;
            }
            if stage.writes().is_empty() || runs + 1 == MOST {
                if runs + 1 == MOST {
                    return Err(vec!["it does not come to rest".into()]);
                }
                let runs = runs.max(1);
                return Ok(Self { scenario, end: End::of(&stage), runs, requests, said: first });
            }
            stage.clear_log();
        }
        Err(vec!["it does not come to rest".into()])
    }
}

/// A request that fails, and how.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub calm: &'a Undisturbed,
    pub request: usize,
    pub kind: &'a Kind,
}

/// What a case came to.
#[derive(Default)]
pub struct Verdict {
    /// The end is not that of an undisturbed run, or the run after it writes.
    pub astray: Vec<String>,
    /// Something was said or done that must not be.
    pub lies: Vec<String>,
}

impl Case<'_> {
    pub fn name(&self) -> String {
        let Self { calm, request, kind } = self;
        let asked = calm.requests.get(*request).map_or("", String::as_str);
        format!("{} | {asked} ({request}) | {}", calm.scenario.name, kind.name)
    }

    /// Whether the fault is GitHub's last word: a token that may not make drafts, and people who cannot review, are not asked again
    /// in every run.
    fn is_final(&self) -> bool {
        let request = self.calm.requests.get(self.request).map_or("", String::as_str);
        let kind = self.kind.name.trim_end_matches(", always");
        match request {
            "Draft" => matches!(kind, "denied" | "graphql denied" | "403 before" | "403 after"),
            _ => request.ends_with("/requested_reviewers") && kind == "422 before",
        }
    }

    /// Disturbs a run, lets clean ones follow, and compares.
    ///
    /// `known` are the rules that undisturbed runs report.
    pub fn tried(&self, driver: &Driver, known: &BTreeSet<String>) -> Verdict {
        let scenario = self.calm.scenario;
        let (stage, event) = Stage::of(scenario, driver);
        let mut verdict = Verdict::default();
        // What was dangerous before is the run's to remove: one that failed may not have come to it.
        let before = dangerous(scenario, &stage);
        self.kind.strike(&stage, stage.sent() + self.request + 1);
        let run = |verdict: &mut Verdict, event: &Event| {
            let (lies, said) = watched(scenario, &stage, event);
            verdict.lies.extend(lies);
            said
        };
        let said = run(&mut verdict, &event);
        verdict.lies.extend(invented(&said, known));
        verdict.lies.extend(dangerous(scenario, &stage).difference(&before).cloned());
        for _ in 0..self.calm.runs {
            run(&mut verdict, &event);
        }
        let differs = End::of(&stage).differs(&self.calm.end).filter(|_| !self.is_final());
        verdict.astray.extend(differs.map(|what| format!("another end:\n{what}")));
        stage.clear_log();
        run(&mut verdict, &event);
        let writes = stage.writes();
        if !writes.is_empty() {
            let names: Vec<String> = writes.iter().map(|(method, path, _)| name_of(method, path)).collect();
            verdict.astray.push(format!("writes again: {names:?}"));
        }
        verdict.lies.sort();
        verdict.lies.dedup();
        verdict
    }
}

/// Which cases are tried.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// How many kinds strike each request; None for all.
    pub each: Option<usize>,
    /// Only cases whose name holds one of these texts; none for all.
    pub only: Vec<String>,
    /// Whether those that keep the real program waiting are left out.
    pub quick: bool,
    /// Of the requests of each scenario, each so many; 0 and 1 for all.
    pub every: usize,
}

impl Choice {
    /// The cases, in an order that does not depend on anything.
    pub fn of<'a>(&self, calm: &'a [Undisturbed], kinds: &'a [Kind]) -> Vec<Case<'a>> {
        let kinds: Vec<&Kind> = kinds.iter().filter(|kind| !(self.quick && kind.slow)).collect();
        let mut all = Vec::new();
        let mut turn = 0;
        for (at, calm) in calm.iter().enumerate() {
            for request in
                (0..calm.requests.len()).filter(|request| request % self.every.max(1) == at % self.every.max(1))
            {
                let each = self.each.unwrap_or(kinds.len()).min(kinds.len());
                for n in 0..each {
                    // Each kind has its turn, at another request of the next scenario.
                    let kind = if self.each.is_some() { kinds[turn % kinds.len()] } else { kinds[n] };
                    turn += 1;
                    all.push(Case { calm, request, kind });
                }
            }
        }
        all.retain(|case| self.only.is_empty() || self.only.iter().any(|text| case.name().contains(text)));
        all
    }
}

/// Does work on all cores, or on more where it waits for others. What came of it is in the order of what was given.
pub fn side_by_side<T: Sync, R: Send>(all: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(at) else { return done };
            done.push((at, work(one)));
        }
    };
    let mut all: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, done)| done).collect()
}

/// How many of the kinds strike for the whole run of a request.
pub fn lasting(kinds: &[Kind]) -> usize {
    kinds.iter().filter(|kind| kind.reach != Reach::Once).count()
}
