//! Runs sequences of steps, with the bot's runs among them, asks for the safety of what came of it, and shrinks what fails.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::actions::{Action, action, chosen, edit, few, perform, pusher};
use crate::fake_github::{Fault, Grouping, Handle, Seen};
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

fn judged(fake: &Handle, rules: Rules) -> Vec<Danger> {
    let mut found = fake.inspect(|state| dangers(state, rules.guarded(), rules.bot()));
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
        // A run that fails is one of the things that happen; what counts is what it leaves.
        let _ = catch_unwind(AssertUnwindSafe(|| run_bot(fake, rules, event, payload)))
            .unwrap_or_else(|_| panic!("the bot panicked"));
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
    // Those that are about a branch of their own say more than those that come along with them.
    let plain = |danger: &&Danger| danger.way != Way::Elsewhere;
    let first =
        |all: &dyn Fn(&&Danger) -> bool| now.iter().find(|d| all(d) && plain(d)).or_else(|| now.iter().find(all));
    let found = first(&|danger| same(danger)).map(|danger| (When::Written, danger));
    let found = found.or_else(|| first(&|_| clean).map(|danger| (When::Left, danger)));
    found.map(|(when, danger)| Violation { when, danger: danger.clone() })
}

/// The commit at which a request wrote that the hold is released.
fn success_at(fake: &Handle, seen: &Seen) -> Option<String> {
    let text = |name: &str| seen.body[name].as_str().map(str::to_owned);
    let says = |name: &str, value: &str| text(name).is_some_and(|text| text == value);
    let (place, last) = seen.path.rsplit_once('/')?;
    match (seen.method.as_str(), place.rsplit('/').next()?) {
        (_, "name") if says("name", HOLD) && says("conclusion", "success") => text("head_sha"),
        ("PATCH", "check-runs") if says("conclusion", "success") => {
            let id = last.parse().ok()?;
            fake.inspect(|state| state.checks.get(&id).filter(|run| run.name == HOLD).map(|run| run.sha.clone()))
        }
        ("POST", "statuses") if says("context", HOLD) && says("state", "success") => Some(last.to_owned()),
        _ => None,
    }
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

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        4 => Just(Event::All),
        3 => few().prop_map(Event::Pull),
        1 => few().prop_map(Event::Command),
        2 => (0_u8..3).prop_map(Event::Group),
    ];
    let between = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec((0_u8..24, action()), 1..3),
    ];
    let fault = prop_oneof![5 => Just(None), 1 => (0_u8..24, 0_u8..8).prop_map(Some)];
    prop_oneof![
        5 => action().prop_map(Step::Do),
        2 => (event, between, fault).prop_map(|(event, between, fault)| Step::Bot(BotRun { event, between, fault })),
    ]
}

/// Steps that belong together: each begins what chance alone seldom completes.
fn phrase() -> impl Strategy<Value = Vec<Step>> {
    let all = || Step::Bot(BotRun::clean(Event::All));
    let push = |branch, who, edit| Step::Do(Action::Push { branch, who, author: who, edit });
    let review = |pull, who, verdict| Step::Do(Action::Review { pull, who, verdict, older: false });
    let base = || 0_u8..3;
    prop_oneof![
        // Somebody pushes, or has the bot write, and approves.
        (few(), 1_u8..3, edit()).prop_map(move |(n, who, edit)| vec![push(n, who, edit), review(n, who, 0)]),
        (few(), 1_u8..3).prop_map(move |(pull, who)| {
            vec![
                Step::Do(Action::Command { pull, who }),
                Step::Bot(BotRun::clean(Event::Command(pull))),
                review(pull, who, 0),
            ]
        }),
        // An approval, and another base, another pull request of the head, or another head.
        (few(), base(), 1_u8..3).prop_map(move |(pull, base, who)| {
            vec![review(pull, who, 0), Step::Do(Action::Retarget { pull, base })]
        }),
        (few(), base(), 1_u8..3).prop_map(move |(branch, base, who)| {
            vec![
                review(0, who, 0),
                Step::Do(Action::Open { branch, base, who: 3 }),
                Step::Bot(BotRun::clean(Event::Pull(0))),
            ]
        }),
        (few(), edit()).prop_map(move |(branch, edit)| {
            let back = Action::Back { branch, who: 0, to: 0 };
            vec![all(), Step::Do(Action::Dismiss { pull: 0, who: 2 }), push(branch, 0, edit), all(), Step::Do(back)]
        }),
        // A change request that is taken away by the author.
        (few(), 1_u8..3).prop_map(move |(pull, who)| {
            vec![review(pull, who, 5), Step::Do(Action::Dismiss { pull, who: 0 }), review(pull, 3 - who, 0)]
        }),
        // What the list of files does not show.
        (few(), edit())
            .prop_map(move |(n, edit)| { vec![Step::Do(Action::StaleFiles { pull: n, on: true }), push(n, 0, edit)] }),
        // A group of two.
        (edit(), edit(), 0_u8..3).prop_map(move |(one, two, group)| {
            vec![
                push(0, 0, one),
                Step::Do(Action::Open { branch: 0, base: 0, who: 0 }),
                push(2, 2, two),
                Step::Do(Action::Open { branch: 2, base: 0, who: 2 }),
                review(1, 1, 0),
                Step::Do(Action::Enqueue { pull: 0 }),
                Step::Do(Action::Enqueue { pull: 1 }),
                Step::Bot(BotRun::clean(Event::Group(group))),
            ]
        }),
        // Something happens while an approved one is looked at.
        (few(), 1_u8..3, 6_u8..16, action()).prop_map(move |(pull, who, number, action)| {
            let run = BotRun { event: Event::All, between: vec![(number, action)], fault: None };
            vec![review(pull, who, 0), Step::Bot(run)]
        }),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    let queue = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Grouping::AllGreen)),
        1 => Just(Some(Grouping::HeadGreen)),
    ];
    let approvals = prop_oneof![3 => Just(None), 1 => Just(Some(0)), 1 => Just(Some(1))];
    (any::<bool>(), any::<bool>(), queue, approvals, any::<bool>(), any::<bool>()).prop_map(
        |(app, strict, queue, approvals, dismiss_stale, second)| Rules {
            app,
            strict,
            queue,
            approvals,
            dismiss_stale,
            second,
        },
    )
}

/// The sequence of a seed: the same one always.
pub fn sequence(seed: u64) -> (Rules, Vec<Step>) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    // It begins with a pull request, often with one that is approved and released: from nothing little comes.
    let begin = (few(), pusher(), edit(), 0_u8..3, 1_u8..3, 0_u8..4);
    let steps = prop_oneof![4 => step().prop_map(|step| vec![step]), 1 => phrase()];
    let strategy = (rules(), begin, prop::collection::vec(steps, 4..16));
    let (rules, (branch, who, edit, base, reviewer, far), rest) = strategy.new_tree(&mut runner).unwrap().current();
    let first = [
        Step::Do(Action::Push { branch, who, author: who, edit }),
        Step::Do(Action::Open { branch, base, who }),
        Step::Do(Action::Review { pull: 0, who: reviewer, verdict: 0, older: false }),
        Step::Bot(BotRun::clean(Event::All)),
    ];
    (rules, first.into_iter().take(2 + usize::from(far.min(2))).chain(rest.into_iter().flatten()).collect())
}

/// Makes a failing sequence shorter, as long as it fails in the same way.
pub fn shrink(
    mut rules: Rules,
    mut steps: Vec<Step>,
    signature: &Signature,
    figures: &mut Figures,
) -> (Rules, Vec<Step>) {
    let mut fails = |rules: Rules, steps: &[Step]| {
        carry_out(rules, steps, figures).is_some_and(|violation| violation.signature() == *signature)
    };
    let mut size = steps.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + size).min(steps.len()));
            if fails(rules, &fewer) { steps = fewer } else { at += size }
        }
        size /= 2;
    }
    for at in 0..steps.len() {
        let Step::Bot(run) = steps[at].clone() else { continue };
        let calmer = [
            BotRun { between: Vec::new(), fault: None, ..run.clone() },
            BotRun { fault: None, ..run.clone() },
            BotRun { between: run.between.first().copied().into_iter().collect(), fault: None, ..run.clone() },
        ];
        for run in calmer {
            let mut simpler = steps.clone();
            simpler[at] = Step::Bot(run);
            if fails(rules, &simpler) {
                steps = simpler;
                break;
            }
        }
    }
    let simpler = [
        Rules { queue: None, ..rules },
        Rules { strict: false, ..rules },
        Rules { approvals: None, ..rules },
        Rules { dismiss_stale: false, ..rules },
        Rules { second: false, ..rules },
        Rules::PLAIN,
    ];
    for simpler in simpler {
        if fails(simpler, &steps) {
            rules = simpler;
        }
    }
    (rules, steps)
}
