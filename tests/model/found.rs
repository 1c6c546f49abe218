//! What the exploration found, shrunk and named, and flows that it must never break. Each is expected to be safe: no automation
//! can merge what nobody approved. Those that are marked as failing are the work that is left: with `CARGO2_BOT_MODEL=1` they fail
//! the test, without they are listed.

use crate::actions::{Action, perform};
use crate::driver::{BotRun, Event, Figures, Step, carry_out};
use crate::edit::Edit;
use crate::fake_github::Grouping;
use crate::safety::{Way, dangers};
use crate::world::{Rules, World, payload_of_all};

/// Whether the bot keeps its promise today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Today {
    Holds,
    #[allow(dead_code, reason = "nothing is left")]
    Fails,
}
use Today::{Fails, Holds};

struct Scenario {
    name: &'static str,
    rules: Rules,
    today: Today,
    steps: fn() -> Vec<Step>,
}

const TRACKER: u8 = 0;
const ANN: u8 = 1;
const BOB: u8 = 2;
const MALLORY: u8 = 3;

const PLAIN: Rules = Rules::PLAIN;
/// With the workflow's token.
const WORKFLOW: Rules = Rules { app: false, ..PLAIN };
/// Two guarded branches.
const TWO: Rules = Rules { second: true, ..PLAIN };
/// The bot tracks an element itself.
const OWN: Rules = Rules { tracks: true, ..PLAIN };
const HEAD_GREEN: Rules = Rules { queue: Some(Grouping::HeadGreen), ..PLAIN };
const ALL_GREEN: Rules = Rules { queue: Some(Grouping::AllGreen), ..PLAIN };

fn push(branch: u8, who: u8, edit: Edit) -> Step {
    Step::Do(Action::Push { branch, who, author: who, edit })
}

/// A pull request into `main` (0), `stable` (1) or an ordinary branch (2).
fn open(branch: u8, base: u8, who: u8) -> Step {
    Step::Do(Action::Open { branch, base, who })
}

fn approve(pull: u8, who: u8) -> Step {
    Step::Do(Action::Review { pull, who, verdict: 0, older: false })
}

fn against(pull: u8, who: u8) -> Step {
    Step::Do(Action::Review { pull, who, verdict: 5, older: false })
}

fn sweep() -> Step {
    Step::Bot(BotRun::clean(Event::All))
}

fn run(event: Event) -> Step {
    Step::Bot(BotRun::clean(event))
}

/// A sweep with something before its n-th request.
fn between(number: u8, action: Action) -> Step {
    Step::Bot(BotRun { event: Event::All, between: vec![(number, action)], fault: None })
}

/// A sweep whose n-th request fails.
fn failing(number: u8, kind: u8) -> Step {
    Step::Bot(BotRun { event: Event::All, between: Vec::new(), fault: Some((number, kind)) })
}

/// A pull request of the tracker.
fn tracked(edit: Edit) -> Vec<Step> {
    vec![push(0, TRACKER, edit), open(0, 0, TRACKER)]
}

/// The same, with more steps.
fn tracked_then(edit: Edit, more: impl IntoIterator<Item = Step>) -> Vec<Step> {
    tracked(edit).into_iter().chain(more).collect()
}

macro_rules! scenarios {
    ($($name:ident, $rules:expr, $today:expr, $steps:expr;)*) => {
        const SCENARIOS: &[Scenario] = &[$(Scenario { name: stringify!($name), rules: $rules, today: $today, steps: || $steps }),*];
    };
}

scenarios! {
    // What is held today, and has to stay so.
    a_bump_is_held, PLAIN, Holds, tracked(Edit::Bump(1));
    a_lock_alone_is_held, WORKFLOW, Holds, tracked(Edit::Lock(1));
    build_commands_are_held, PLAIN, Holds, tracked(Edit::Commands(1));
    a_new_element_is_held, PLAIN, Holds, tracked(Edit::NewElement(0));
    a_tracker_that_merges_rust_is_held, PLAIN, Holds, tracked(Edit::Tracker(true));
    an_element_under_another_name_is_held, PLAIN, Holds, tracked(Edit::Move);
    an_element_that_goes_is_held, PLAIN, Holds, tracked(Edit::Remove);
    the_configuration_of_the_project_is_held, PLAIN, Holds, tracked(Edit::Project(1));
    an_approval_releases_that_content_alone, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [approve(0, ANN), sweep(), push(0, TRACKER, Edit::Bump(2)), sweep()]);
    an_approval_of_a_reader_is_none, PLAIN, Holds, tracked_then(Edit::Bump(1), [approve(0, MALLORY), sweep()]);
    an_approval_of_the_tracker_is_none, PLAIN, Holds,
        vec![push(0, BOB, Edit::Bump(1)), open(0, 0, BOB), approve(0, TRACKER), sweep()];
    an_evil_merge_is_held, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), sweep(), Step::Do(Action::Base { branch: 0, edit: Edit::Readme(1) }),
            Step::Do(Action::EvilMerge { branch: 0, who: TRACKER, edit: Edit::Commands(1) }), sweep(),
        ]);
    a_fresh_start_with_other_content_is_held, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [approve(0, ANN), sweep(), Step::Do(Action::Fresh { branch: 0, edit: Edit::Bump(2) }), sweep()]);
    a_push_before_the_check_is_written_is_held, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), between(12, Action::Push { branch: 0, who: BOB, author: BOB, edit: Edit::Commands(1) }), sweep(),
        ]);
    a_fork_is_held, PLAIN, Holds, vec![Step::Do(Action::Fork { edit: Edit::Bump(1) }), sweep()];
    a_change_request_holds, PLAIN, Holds, tracked_then(Edit::Bump(1), [approve(0, ANN), against(0, BOB), sweep()]);
    a_lost_permission_is_seen_by_the_sweep, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [approve(0, ANN), sweep(), Step::Do(Action::Permission { who: 0, level: 0 }), sweep()]);
    a_job_with_the_name_of_the_hold_is_none, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [sweep(), Step::Do(Action::Job { pull: 0 }), sweep()]);
    a_held_pull_request_leaves_the_queue, ALL_GREEN, Holds,
        tracked_then(Edit::Bump(1), [Step::Do(Action::Enqueue { pull: 0 }), sweep(), Step::Do(Action::Settle), sweep()]);

    an_element_whose_kind_is_spelled_in_yaml_is_held, PLAIN, Holds, tracked(Edit::NewElement(3));
    a_plain_cargo_source_is_held, PLAIN, Holds, tracked(Edit::NewElement(6));
    a_harmless_end_of_a_group_does_not_release_it, HEAD_GREEN, Holds,
        tracked_then(Edit::Bump(1), [
            push(2, BOB, Edit::Readme(1)), open(2, 0, BOB), Step::Do(Action::Enqueue { pull: 0 }), Step::Do(Action::Enqueue { pull: 1 }),
            run(Event::Group(1)),
        ]);
    a_group_loses_what_is_no_longer_approved, ALL_GREEN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), Step::Do(Action::Enqueue { pull: 0 }), run(Event::Group(0)), Step::Do(Action::Dismiss { pull: 0, who: BOB }), sweep(),
        ]);

    // What the bot tracks itself.
    a_version_that_the_bot_brings_is_held, OWN, Holds, vec![sweep()];
    a_version_that_the_workflow_brings_is_held, Rules { app: false, ..OWN }, Holds, vec![sweep()];
    who_pushes_to_the_bots_branch_does_not_approve, OWN, Holds,
        vec![sweep(), push(3, BOB, Edit::Readme(1)), approve(0, BOB), sweep()];
    the_next_version_is_not_the_approved_one, OWN, Holds,
        vec![sweep(), approve(0, ANN), sweep(), Step::Do(Action::Base { branch: 0, edit: Edit::Release(3) }), sweep()];
    what_is_pushed_onto_an_approved_version_is_held, OWN, Holds,
        vec![sweep(), approve(0, ANN), sweep(), push(3, TRACKER, Edit::Bump(1)), sweep()];
    an_approved_version_is_a_ticket_for_nothing_else, Rules { second: true, ..OWN }, Holds,
        vec![sweep(), approve(0, ANN), sweep(), Step::Do(Action::Base { branch: 0, edit: Edit::Release(5) }), sweep()];
    who_commands_the_bot_does_not_approve_what_it_tracks, OWN, Holds,
        vec![
            sweep(), push(3, TRACKER, Edit::Lock(1)), Step::Do(Action::Command { pull: 0, who: ANN }), run(Event::Command(0)),
            approve(0, ANN), sweep(),
        ];

    // What was found.
    the_bots_configuration_is_held, PLAIN, Holds, tracked(Edit::Config(1));
    the_owners_of_files_are_held, PLAIN, Holds, tracked(Edit::Owners(1));
    another_workflow_that_merges_is_held, PLAIN, Holds, tracked(Edit::Workflow(1));
    an_element_in_a_hidden_folder_is_held, PLAIN, Holds, tracked(Edit::NewElement(1));
    an_element_of_a_subproject_is_held, PLAIN, Holds, tracked(Edit::NewElement(2));
    the_pusher_does_not_approve, PLAIN, Holds,
        vec![push(0, BOB, Edit::Bump(1)), open(0, 0, MALLORY), approve(0, BOB), sweep()];
    who_amends_does_not_approve, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [Step::Do(Action::Amend { branch: 0, who: ANN }), approve(0, ANN), sweep()]);
    who_commands_the_bot_does_not_approve, PLAIN, Holds,
        tracked_then(Edit::Lock(1), [
            push(0, BOB, Edit::Readme(1)), Step::Do(Action::Command { pull: 0, who: ANN }), run(Event::Command(0)), approve(0, ANN), sweep(),
        ]);
    the_author_dismisses_no_change_request, PLAIN, Holds,
        vec![
            push(0, TRACKER, Edit::Bump(1)), open(0, 0, ANN), against(0, BOB), Step::Do(Action::Dismiss { pull: 0, who: ANN }),
            Step::Do(Action::Permission { who: 2, level: 1 }), approve(0, MALLORY), sweep(),
        ];
    an_approval_is_for_its_base_branch, PLAIN, Holds,
        vec![
            push(0, TRACKER, Edit::Bump(1)), open(0, 1, TRACKER), approve(0, ANN), Step::Do(Action::Retarget { pull: 0, base: 0 }), sweep(),
        ];
    two_bases_of_one_head_are_both_judged, TWO, Holds,
        vec![
            push(0, TRACKER, Edit::Bump(1)), open(0, 0, TRACKER), approve(0, ANN), open(0, 1, TRACKER), sweep(), run(Event::Pull(0)),
        ];
    into_an_ordinary_branch_is_judged_for_the_guarded_one, PLAIN, Holds,
        vec![
            push(1, BOB, Edit::Bump(1)), push(0, BOB, Edit::Readme(1)), Step::Do(Action::Share { branch: 0, other: 1, who: BOB }),
            push(0, BOB, Edit::Readme(2)), open(0, 2, BOB), sweep(),
        ];
    a_group_is_judged_as_a_whole, HEAD_GREEN, Holds,
        tracked_then(Edit::Project(1), [
            push(2, BOB, Edit::Bump(1)), open(2, 0, BOB), approve(1, ANN), Step::Do(Action::Enqueue { pull: 0 }),
            Step::Do(Action::Enqueue { pull: 1 }), run(Event::Group(1)),
        ]);
    an_old_list_of_files_releases_nothing, PLAIN, Holds,
        tracked_then(Edit::Readme(1), [Step::Do(Action::StaleFiles { pull: 0, on: true }), push(0, TRACKER, Edit::Bump(1)), sweep()]);
    a_file_of_the_base_that_cannot_be_read_releases_nothing, PLAIN, Holds,
        tracked_then(Edit::Lock(1), [failing(4, 3)]);
    an_approval_is_read_again_before_success, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [approve(0, ANN), between(11, Action::Dismiss { pull: 0, who: BOB })]);
    a_writer_who_is_none_any_more_is_read_again, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [approve(0, ANN), between(11, Action::Permission { who: 0, level: 0 })]);
    the_commit_of_a_closed_pull_request_is_no_ticket, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), sweep(), Step::Do(Action::Dismiss { pull: 0, who: BOB }), Step::Do(Action::Close { pull: 0 }), sweep(),
        ]);
    an_earlier_head_is_no_ticket, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), sweep(), push(0, TRACKER, Edit::Bump(2)), Step::Do(Action::Dismiss { pull: 0, who: BOB }), sweep(),
        ]);
    a_head_that_was_pushed_over_is_no_ticket, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), sweep(), Step::Do(Action::Fresh { branch: 0, edit: Edit::Readme(1) }),
            Step::Do(Action::Dismiss { pull: 0, who: BOB }), sweep(),
        ]);
    twins_share_what_was_approved, PLAIN, Holds,
        vec![
            push(1, TRACKER, Edit::Commands(1)), open(1, 0, TRACKER), Step::Do(Action::Share { branch: 0, other: 1, who: TRACKER }),
            approve(0, BOB), open(0, 0, MALLORY), sweep(),
        ];
    a_promotion_passes_the_queue, Rules { queue: Some(Grouping::AllGreen), strict: true, ..TWO }, Holds,
        vec![
            push(0, TRACKER, Edit::Move), open(0, 1, TRACKER), approve(0, ANN), sweep(), Step::Do(Action::Merge { pull: 0, method: 0 }),
            open(0, 0, TRACKER), Step::Do(Action::Enqueue { pull: 1 }), run(Event::Group(0)),
        ];
    a_head_below_one_that_was_pushed_over_is_no_ticket, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), sweep(), push(0, TRACKER, Edit::Readme(1)), Step::Do(Action::Dismiss { pull: 0, who: BOB }),
            Step::Do(Action::Fresh { branch: 0, edit: Edit::Commands(1) }), sweep(),
        ]);
    without_a_rust_element_the_projects_file_is_free,
        Rules { app: false, queue: Some(Grouping::HeadGreen), strict: true, ..PLAIN }, Holds,
        vec![
            push(1, TRACKER, Edit::Readme(0)), open(1, 0, TRACKER), Step::Do(Action::Base { branch: 0, edit: Edit::Remove }),
            push(1, ANN, Edit::Project(0)), sweep(), Step::Do(Action::Enqueue { pull: 0 }), sweep(),
        ];
    without_a_rust_element_a_lock_is_free, PLAIN, Holds,
        vec![
            Step::Do(Action::Base { branch: 0, edit: Edit::Remove }), push(2, BOB, Edit::Lock(3)), open(2, 0, BOB), sweep(),
        ];
    a_lock_of_no_element_is_free_beside_another_one, OWN, Holds,
        vec![
            Step::Do(Action::Base { branch: 0, edit: Edit::Remove }), push(2, BOB, Edit::Lock(3)), open(2, 0, BOB), sweep(),
        ];
    who_sets_a_merged_branch_back_wrote_nothing_of_it, Rules { strict: true, approvals: Some(0), ..TWO }, Holds,
        vec![
            push(0, ANN, Edit::Tracker(true)), push(0, TRACKER, Edit::Commands(1)), push(0, TRACKER, Edit::Lock(1)), open(0, 1, TRACKER),
            approve(0, BOB), sweep(), Step::Do(Action::Merge { pull: 0, method: 2 }), Step::Do(Action::Promote), sweep(),
            Step::Do(Action::Back { branch: 0, who: BOB, to: 1 }), sweep(),
        ];
    who_names_a_content_approves_it_whatever_the_head_is, PLAIN, Holds,
        tracked_then(Edit::Bump(3), [
            approve(0, BOB), push(0, TRACKER, Edit::Commands(2)), sweep(), Step::Do(Action::Back { branch: 0, who: TRACKER, to: 0 }),
            Step::Do(Action::ApproveBy { pull: 0, who: ANN }), sweep(),
        ]);
    an_earlier_head_of_a_closed_pull_request_is_no_ticket, PLAIN, Holds,
        tracked_then(Edit::Bump(1), [
            approve(0, ANN), sweep(), push(0, TRACKER, Edit::Bump(2)), Step::Do(Action::Dismiss { pull: 0, who: BOB }),
            Step::Do(Action::Close { pull: 0 }), sweep(),
        ]);
}

/// The ways that are open after these steps.
fn ways(rules: Rules, steps: &[Step]) -> Vec<Way> {
    let world = World::new(rules);
    for step in steps {
        match step {
            Step::Do(action) => perform(*action, &world.fake, rules),
            Step::Bot(_) => drop(world.run("workflow_run", payload_of_all()).unwrap()),
        }
    }
    let found = world.fake.inspect(|state| dangers(state, rules.guarded(), rules.bot()));
    found.into_iter().map(|danger| danger.way).collect()
}

/// A commit that is harmless for one guarded branch, and brings a change of a Rust element to another one.
fn elsewhere(rules: Rules) -> Vec<Way> {
    let base = Step::Do(Action::Base { branch: 0, edit: Edit::Bump(1) });
    ways(rules, &[base, push(0, BOB, Edit::Readme(1)), open(0, 0, BOB), sweep()])
}

#[test]
fn a_harmless_commit_brings_nothing_to_another_guarded_branch_that_requires_approved_pull_requests() {
    assert_eq!(elsewhere(Rules { approvals: Some(1), ..TWO }), []);
    // Known, and named in SECURITY.md: without that rule it does.
    assert_eq!(elsewhere(TWO), [Way::Elsewhere]);
}

/// The head of a squashed pull request, after somebody pushed over what it brought.
fn squashed(rules: Rules) -> Vec<Way> {
    let merge = Step::Do(Action::Merge { pull: 0, method: 1 });
    let over = Step::Do(Action::Base { branch: 1, edit: Edit::Bump(2) });
    ways(rules, &[push(1, ANN, Edit::Commands(1)), open(1, 1, ANN), approve(0, BOB), sweep(), merge, over, sweep()])
}

#[test]
fn a_squashed_head_lands_once_where_pull_requests_need_an_approval() {
    assert_eq!(squashed(Rules { approvals: Some(1), ..TWO }), []);
    // Known, and named in SECURITY.md: its success stays, as promotions ask for it.
    assert_eq!(squashed(TWO), [Way::Merged]);
}

#[test]
fn what_was_found_is_safe() {
    let (mut broken, mut open, mut done) = (Vec::new(), Vec::new(), Vec::new());
    for Scenario { name, rules, today, steps } in SCENARIOS {
        let violation = carry_out(*rules, &steps(), &mut Figures::default());
        match (violation, *today) {
            (Some(violation), Holds) => broken.push(format!("{name}: {violation:?}")),
            (Some(violation), Fails) => open.push(format!("{name}: {:?} {:?}", violation.when, violation.danger)),
            (None, Fails) => done.push(*name),
            (None, Holds) => {}
        }
    }
    eprintln!("{} of {} scenarios are not safe yet:\n{}", open.len(), SCENARIOS.len(), open.join("\n"));
    assert!(done.is_empty(), "these hold now; say so in the list: {done:?}");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(open.is_empty() || !crate::whole(), "{} scenarios are not safe", open.len());
}
