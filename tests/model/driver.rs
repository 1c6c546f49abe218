//! Runs sequences of steps, with the bot's runs among them, and asks for the safety of what came of it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use crate::actions::{Action, chosen, perform};
use crate::fake_github::{Fault, Handle, Seen};
use crate::safety::{Danger, Way, Why, dangers};
use crate::world::{
    HOLD, Rules, World, payload_of_all, payload_of_comment, payload_of_group, payload_of_pull, run_bot,
};

/// A step of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Do(Action),
    Bot(BotRun),
}

/// One run of the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotRun {
    pub event: Event,
    /// What happens before its n-th request.
    pub between: Vec<(u8, Action)>,
    /// How its n-th request fails.
    pub fault: Option<(u8, u8)>,
}

/// What the bot is started for. Numbers choose among the open pull requests and the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Everything: the sweep of the schedule, and all groups of the queue.
    All,
    Pull(u8),
    Command(u8),
    Group(u8),
}

impl BotRun {
    /// A run that nothing disturbs.
    pub const fn clean(event: Event) -> Self {
        Self { event, between: Vec::new(), fault: None }
    }
}

/// When a danger was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// The bot wrote success while it was there, and left it so.
    Written,
    /// It is there after a run that looked at everything, undisturbed.
    Left,
}

/// A broken promise.
#[derive(Clone, Debug)]
pub struct Violation {
    pub when: When,
    pub danger: Danger,
}

/// What tells one kind of violation from another.
pub type Signature = (When, Why, Way, BTreeSet<&'static str>);

impl Violation {
    pub fn signature(&self) -> Signature {
        let kind = |path: &String| match path.as_str() {
            path if path.starts_with("files/") => "lock",
            path if path.starts_with(".github/workflows/") => "workflow",
            path if path.starts_with(".github/") => "configuration",
            "project.conf" => "project",
            "elements/tool.bst" => "element",
            crate::world::TRACKED => "tracked element",
            _ => "new element",
        };
        (self.when, self.danger.why, self.danger.way, self.danger.paths.iter().map(kind).collect())
    }
}

/// How much was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub sequences: usize,
    pub steps: usize,
    pub runs: usize,
    /// How often the safety was asked for.
    pub judged: usize,
}

impl Figures {
    /// Adds what another one counted.
    pub fn add(&mut self, other: &Self) {
        self.sequences += other.sequences;
        self.steps += other.steps;
        self.runs += other.runs;
        self.judged += other.judged;
    }
}

/// Carries a sequence out until its first violation.
pub fn carry_out(rules: Rules, steps: &[Step], figures: &mut Figures) -> Option<Violation> {
    let world = World::new(rules);
    figures.sequences += 1;
    for step in steps {
        figures.steps += 1;
        match step {
            Step::Do(action) => perform(*action, &world.fake, rules),
            Step::Bot(run) => {
                if let Some(violation) = bot(&world, run, figures) {
                    return Some(violation);
                }
            }
        }
    }
    assert_eq!(world.fake.unknown(), [""; 0], "a request that the fake does not know");
    bot(&world, &BotRun::clean(Event::All), figures)
}

/// The dangers that count. A pull request into a guarded branch is judged against that branch alone: that its commit lands in
/// another guarded branch is promised by the rule `pull_request` of that branch alone, which is documented with the check. The
/// same rule stops commits of merge groups that left the queue, and heads that were merged as other commits. Where it is there, all count.
fn judged(fake: &Handle, rules: Rules) -> Vec<Danger> {
    let mut found = fake.inspect(|state| dangers(state, rules.guarded(), rules.bot()));
    let approved = rules.approvals.is_some_and(|approvals| approvals > 0);
    found.retain(|danger| approved || !matches!(danger.way, Way::Elsewhere | Way::Group | Way::Merged));
    if crate::variable("CARGO2_BOT_MODEL_PATHS").is_some_and(|paths| paths == "rust") {
        let known = |path: &String| path.starts_with("files/up/") || path == crate::world::TOOL;
        found.retain(|danger| danger.paths.iter().any(known));
    }
    found
}

fn bot(world: &World, run: &BotRun, figures: &mut Figures) -> Option<Violation> {
    let (fake, rules) = (&world.fake, world.rules);
    let start = fake.sent();
    for (number, action) in run.between.clone() {
        fake.before_request(start + 1 + usize::from(number), move |fake| perform(action, fake, rules));
    }
    if let Some((number, kind)) = run.fault {
        let at = start + 1 + usize::from(number);
        fake.fail(1, move |seen| seen.number == at, fault(kind));
    }
    let written: Arc<Mutex<Vec<Danger>>> = Arc::default();
    let seen_by = written.clone();
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    fake.watch(move |fake, seen| {
        if let Some(commit) = success_at(fake, seen) {
            *count.lock().unwrap() += 1;
            let found = judged(fake, rules).into_iter().filter(|danger| danger.commit == commit);
            seen_by.lock().unwrap().extend(found);
        }
    });
    for (event, payload) in payloads(fake, run.event) {
        figures.runs += 1;
        // A disturbed run may fail: what counts is what it leaves. An undisturbed one that fails would prove nothing.
        let done = catch_unwind(AssertUnwindSafe(|| run_bot(fake, rules, event, payload)));
        let done = done.unwrap_or_else(|_| panic!("the bot panicked"));
        let clean = run.between.is_empty() && run.fault.is_none();
        assert!(done.is_ok() || !clean, "an undisturbed run failed: {:?}", done.err());
    }
    if run.event == Event::All {
        // The group's event comes once for each group.
        for (event, payload) in new_groups(fake) {
            figures.runs += 1;
            let _ = run_bot(fake, rules, event, payload);
        }
    }
    fake.calm();
    let now = judged(fake, rules);
    figures.judged += 1 + *asked.lock().unwrap();
    let clean = run.between.is_empty() && run.fault.is_none() && run.event == Event::All;
    let written = written.lock().unwrap();
    let same = |danger: &Danger| {
        written.iter().any(|w| (w.why, &w.branch, &w.commit) == (danger.why, &danger.branch, &danger.commit))
    };
    let found = now.iter().find(|danger| same(danger)).map(|danger| (When::Written, danger));
    let found = found.or_else(|| now.iter().find(|_| clean).map(|danger| (When::Left, danger)));
    found.map(|(when, danger)| Violation { when, danger: danger.clone() })
}

/// The commit at which a request wrote that the hold is released.
fn success_at(fake: &Handle, seen: &Seen) -> Option<String> {
    let text = |name: &str| seen.body[name].as_str().map(str::to_owned);
    let says = |name: &str, value: &str| text(name).is_some_and(|text| text == value);
    let (place, last) = seen.path.rsplit_once('/')?;
    if seen.method == "POST" && last == "check-runs" && says("name", HOLD) && says("conclusion", "success") {
        return text("head_sha");
    }
    if seen.method == "PATCH" && place.ends_with("/check-runs") && says("conclusion", "success") {
        let id = last.parse().ok()?;
        return fake.inspect(|state| state.checks.get(&id).filter(|run| run.name == HOLD).map(|run| run.sha.clone()));
    }
    let status = seen.method == "POST" && place.ends_with("/statuses");
    (status && says("context", HOLD) && says("state", "success")).then(|| last.to_owned())
}

/// The events that start the bot.
fn payloads(fake: &Handle, event: Event) -> Vec<(&'static str, String)> {
    match event {
        Event::All => vec![("workflow_run", payload_of_all())],
        Event::Pull(n) => {
            chosen(fake, n).map(|pull| ("pull_request_target", payload_of_pull(pull.number))).into_iter().collect()
        }
        Event::Command(n) => {
            let last = chosen(fake, n)
                .and_then(|pull| fake.comments(pull.number).into_iter().rev().find(|c| c.body.starts_with("/cargo2")));
            last.map(|c| ("issue_comment", payload_of_comment(c.issue, c.id, &c.author, &c.body))).into_iter().collect()
        }
        Event::Group(n) => {
            let groups = groups(fake);
            groups
                .get(usize::from(n) % groups.len().max(1))
                .map(|(_, payload)| ("merge_group", payload.clone()))
                .into_iter()
                .collect()
        }
    }
}

/// The groups of all queues: the head and the payload.
fn groups(fake: &Handle) -> Vec<(String, String)> {
    fake.inspect(|state| {
        let entries = state.queues.iter().flat_map(|(branch, all)| all.iter().map(move |entry| (branch, entry)));
        entries.map(|(branch, e)| (e.head.clone(), payload_of_group(&e.head, &e.base, branch, &e.branch))).collect()
    })
}

fn new_groups(fake: &Handle) -> Vec<(&'static str, String)> {
    let new = |head: &str| !fake.checks(head).iter().any(|run| run.name == HOLD);
    groups(fake).into_iter().filter(|(head, _)| new(head)).map(|(_, payload)| ("merge_group", payload)).collect()
}

fn fault(kind: u8) -> Fault {
    match kind % 8 {
        0 => Fault::Status(404),
        1 => Fault::Status(403),
        2 => Fault::Status(422),
        3 => Fault::Status(502),
        4 => Fault::StatusAfter(502),
        5 => Fault::ResetAfter,
        6 => Fault::Text("{}"),
        _ => Fault::Text("null"),
    }
}
