//! Sequences: made from a seed, and made shorter.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::actions::Action;
use crate::choose::{action, edit, few, pusher};
use crate::driver::{BotRun, Event, Figures, Signature, Step, carry_out};
use crate::fake_github::Grouping;
use crate::world::Rules;

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
#[allow(clippy::too_many_lines, reason = "one line or two for each phrase")]
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
        // What was approved on the second branch goes on to the first, perhaps with something else.
        (1_u8..3, edit(), prop::option::of(edit()), 0_u8..3, prop::option::weighted(0.4, edit()), prop::bool::ANY)
            .prop_map(move |(who, one, more, method, other, again)| {
                let mut steps = vec![push(0, 0, one)];
                steps.extend(more.map(|edit| push(0, 0, edit)));
                steps.extend([
                    Step::Do(Action::Open { branch: 0, base: 1, who: 0 }),
                    review(0, who, 0),
                    all(),
                    Step::Do(Action::Merge { pull: 0, method }),
                ]);
                steps.extend(other.map(|edit| Step::Do(Action::Base { branch: u8::from(again), edit })));
                steps.extend([Step::Do(Action::Promote), all()]);
                steps.extend(again.then_some(Step::Do(Action::Merge { pull: 0, method })));
                steps
            }),
        // A version that the bot tracks itself is approved, perhaps pushed to, and merged.
        (few(), 1_u8..3, pusher(), prop::option::of(edit()), 0_u8..3).prop_map(
            move |(pull, who, pusher, edit, method)| {
                let mut steps = vec![all(), review(pull, who, 0)];
                steps.extend(edit.map(|edit| push(3, pusher, edit)));
                steps.extend([all(), Step::Do(Action::Merge { pull, method }), all()]);
                steps
            }
        ),
        // Prow's words and labels, in either order with a push.
        (few(), 1_u8..3, 0_u8..7, edit(), prop::bool::ANY).prop_map(move |(pull, who, words, edit, first)| {
            let mut steps = vec![Step::Do(Action::Words { pull, who, words })];
            steps.insert(usize::from(!first), push(pull, 0, edit));
            steps.extend((0..2).map(|label| Step::Do(Action::Label { pull, label, on: true })));
            steps.push(all());
            steps
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
    let tracks = prop::bool::weighted(0.3);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), tracks);
    (flags, queue, approvals).prop_map(|((app, strict, dismiss_stale, second, prow, tracks), queue, approvals)| Rules {
        app,
        strict,
        queue,
        approvals,
        dismiss_stale,
        second,
        prow,
        tracks,
    })
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
        Rules { prow: false, ..rules },
        Rules { tracks: false, ..rules },
        Rules::PLAIN,
    ];
    for simpler in simpler {
        if fails(simpler, &steps) {
            rules = simpler;
        }
    }
    (rules, steps)
}
