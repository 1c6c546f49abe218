//! The judge of the safety finds what is wrong, and nothing else: it is only worth something if it can say both.

use crate::fake_github::Pushed;
use crate::safety::{Danger, Way, Why, dangers};
use crate::world::{HOLD, LOCK, Rules, World, lock_of};

const TWO: Rules = Rules { second: true, ..Rules::PLAIN };

fn push(world: &World, branch: &str, state: u8, who: &str) -> String {
    let text = lock_of(state);
    let files = [(LOCK, Some(text.as_str()))];
    world.fake.push(&Pushed { branch, files: &files, author: who, pusher: who, ..Pushed::default() }).unwrap()
}

/// A green pull request that changes the lock; nobody approved it.
fn green(rules: Rules) -> (World, u64, String) {
    let world = World::new(rules);
    let sha = push(&world, "topic", 1, "tracker[bot]");
    let number = world.fake.open_pull("topic", "main", "tracker[bot]", "Bump");
    world.fake.check_run(&sha, "cargo2", HOLD, Some("success"));
    (world, number, sha)
}

fn judged(world: &World) -> Vec<Danger> {
    world.fake.inspect(|state| dangers(state, world.rules.guarded(), world.rules.bot()))
}

fn on_main(world: &World) -> Vec<(Way, Why)> {
    judged(world).into_iter().filter(|danger| danger.branch == "main").map(|danger| (danger.way, danger.why)).collect()
}

#[test]
fn a_green_commit_that_nobody_approved_is_a_danger_on_each_branch() {
    let (world, number, _) = green(TWO);
    let found: Vec<(String, Way)> = judged(&world).into_iter().map(|danger| (danger.branch, danger.way)).collect();
    assert_eq!(found, [("main".to_owned(), Way::Merge), ("stable".to_owned(), Way::Elsewhere)]);
    // Its other pull request is about a branch that nobody guards.
    world.fake.commit("loose", &[("README.md", Some("loose\n"))], "owner");
    world.fake.retarget("ann", number, "loose").unwrap();
    let found: Vec<(String, Way)> = judged(&world).into_iter().map(|danger| (danger.branch, danger.way)).collect();
    assert_eq!(found, [("main".to_owned(), Way::Ticket), ("stable".to_owned(), Way::Ticket)]);
}

#[test]
fn what_is_not_green_or_not_rust_is_none() {
    let world = World::new(Rules::PLAIN);
    let sha = push(&world, "topic", 1, "tracker[bot]");
    world.fake.open_pull("topic", "main", "tracker[bot]", "Bump");
    assert_eq!(judged(&world), []);
    world.fake.check_run(&sha, "github-actions", HOLD, Some("success"));
    assert_eq!(judged(&world), [], "another app's check does not count");
    let files = [("README.md", Some("better\n"))];
    let docs = world
        .fake
        .push(&Pushed { branch: "docs", files: &files, author: "ann", pusher: "ann", ..Pushed::default() })
        .unwrap();
    world.fake.check_run(&docs, "cargo2", HOLD, Some("success"));
    assert_eq!(judged(&world), []);
}

#[test]
fn an_approval_of_just_that_by_somebody_who_may_is_enough() {
    let (world, number, _) = green(Rules::PLAIN);
    world.fake.review(number, "ann", "APPROVED");
    assert_eq!(judged(&world), []);
    // The same content on another commit.
    world.fake.commit("main", &[("README.md", Some("new\n"))], "owner");
    let merged = world.fake.push_merge("tracker[bot]", "topic", "main", &[]).unwrap();
    world.fake.check_run(&merged, "cargo2", HOLD, Some("success"));
    assert_eq!(judged(&world), []);
}

/// Why the green pull request must not merge after this; None where it may.
fn why(prepare: impl Fn(&World, u64)) -> Option<Why> {
    let (world, number, _) = green(Rules::PLAIN);
    prepare(&world, number);
    world.fake.check_run(&world.fake.pull(number).head_sha, "cargo2", HOLD, Some("success"));
    on_main(&world).into_iter().find(|(way, _)| *way == Way::Merge).map(|(_, why)| why)
}

fn approve(world: &World, number: u64, who: &str) {
    world.fake.review(number, who, "APPROVED");
}

#[test]
fn people_who_may_not_approve_are_told_apart() {
    assert_eq!(why(|w, n| approve(w, n, "mallory")), Some(Why::NoWriter));
    assert_eq!(why(|w, n| approve(w, n, "tracker[bot]")), Some(Why::NoWriter));
    assert_eq!(
        why(|w, n| {
            approve(w, n, "ann");
            push(w, "topic", 2, "tracker[bot]");
        }),
        Some(Why::OtherContent)
    );
    assert_eq!(
        why(|w, n| {
            push(w, "topic", 2, "ann");
            approve(w, n, "ann");
        }),
        Some(Why::Pusher)
    );
    assert_eq!(
        why(|w, n| {
            approve(w, n, "ann");
            w.fake.review(n, "bob", "CHANGES_REQUESTED");
        }),
        Some(Why::ChangesRequested)
    );
    assert_eq!(
        why(|w, n| {
            approve(w, n, "ann");
            w.fake.permission("ann", "read");
        }),
        Some(Why::NoWriter)
    );
}

#[test]
fn approvals_that_do_not_fit_are_told_apart() {
    assert_eq!(
        why(|w, n| {
            let review = w.fake.review(n, "ann", "APPROVED");
            w.fake.dismiss_by("bob", review).unwrap();
        }),
        Some(Why::NoApproval)
    );
    assert_eq!(
        why(|w, n| {
            w.fake.retarget("bob", n, "stable").unwrap();
            approve(w, n, "ann");
            w.fake.retarget("bob", n, "main").unwrap();
        }),
        Some(Why::OtherBase)
    );
    // Part of what was approved was taken back.
    assert_eq!(
        why(|w, n| {
            let files = [("project.conf", Some("name: q\n"))];
            w.fake
                .push(&Pushed {
                    branch: "topic",
                    files: &files,
                    author: "t",
                    pusher: "tracker[bot]",
                    ..Pushed::default()
                })
                .unwrap();
            approve(w, n, "ann");
            let conf = w.fake.file("main", "project.conf").unwrap();
            let files = [("project.conf", Some(conf.as_str()))];
            w.fake
                .push(&Pushed {
                    branch: "topic",
                    files: &files,
                    author: "t",
                    pusher: "tracker[bot]",
                    ..Pushed::default()
                })
                .unwrap();
        }),
        Some(Why::OtherContent)
    );
}

#[test]
fn an_author_cannot_get_his_own_approval_counted_by_a_state_of_any_kind() {
    let world = World::new(Rules::PLAIN);
    let sha = push(&world, "topic", 1, "bob");
    let number = world.fake.open_pull("topic", "main", "ann", "Bump");
    world.fake.check_run(&sha, "cargo2", HOLD, Some("success"));
    world.fake.review(number, "ann", "APPROVED");
    assert!(on_main(&world).contains(&(Way::Merge, Why::Author)));
    // A change request that the author dismissed still counts.
    let review = world.fake.review(number, "owner", "CHANGES_REQUESTED");
    world.fake.dismiss_by("ann", review).unwrap();
    world.fake.permission("eve", "write");
    world.fake.review(number, "eve", "APPROVED");
    assert!(on_main(&world).contains(&(Way::Merge, Why::ChangesRequested)));
}

#[test]
fn an_unedited_comment_approves_what_was_there() {
    let (world, number, _) = green(Rules::PLAIN);
    let id = world.fake.comment(number, "ann", "/cargo2 approve 1234567");
    assert_eq!(judged(&world), []);
    world.fake.edit_comment("bob", id, "/cargo2 approve 7654321");
    assert_eq!(on_main(&world), [(Way::Merge, Why::NoApproval)]);
    world.fake.comment(number, "mallory", "/cargo2 approve 1234567");
    assert_eq!(on_main(&world), [(Way::Merge, Why::NoWriter)]);
}

#[test]
fn a_promotion_brings_what_was_approved_on_the_other_branch() {
    let promoted = |approved: bool| {
        let world = World::new(TWO);
        let sha = push(&world, "topic", 1, "tracker[bot]");
        let number = world.fake.open_pull("topic", "stable", "tracker[bot]", "Bump");
        world.fake.check_run(&sha, "cargo2", HOLD, Some("success"));
        if approved {
            world.fake.review(number, "ann", "APPROVED");
        }
        world.fake.ask_merge("ann", number, "merge").unwrap();
        crate::actions::perform(crate::actions::Action::Promote, &world.fake, TWO);
        let head = world.fake.head("auto/promote").unwrap();
        world.fake.check_run(&head, "cargo2", HOLD, Some("success"));
        on_main(&world).into_iter().filter(|(way, _)| *way == Way::Merge).count()
    };
    assert_eq!((promoted(true), promoted(false)), (0, 1));
}

#[test]
fn a_closed_pull_request_leaves_its_ticket() {
    let (world, number, _) = green(Rules::PLAIN);
    world.fake.close(number);
    assert_eq!(on_main(&world), [(Way::Past, Why::NoApproval)]);
    // Where a pull request with an approval is required, a commit alone lands nowhere.
    world.fake.rule_pull_request("main", 1, false, false);
    assert_eq!(on_main(&world), []);
}

#[test]
fn strict_checks_close_what_is_behind() {
    let (world, ..) = green(Rules { strict: true, ..Rules::PLAIN });
    assert_eq!(on_main(&world).len(), 1);
    world.fake.commit("main", &[("README.md", Some("new\n"))], "owner");
    assert_eq!(on_main(&world), []);
}

#[test]
fn a_group_brings_what_its_pull_requests_were_approved_with() {
    use crate::fake_github::Grouping::HeadGreen;
    let (world, number, _) = green(Rules { queue: Some(HeadGreen), ..Rules::PLAIN });
    let files = [("README.md", Some("better\n"))];
    world
        .fake
        .push(&Pushed { branch: "docs", files: &files, author: "ann", pusher: "ann", ..Pushed::default() })
        .unwrap();
    let docs = world.fake.open_pull("docs", "main", "ann", "Docs");
    world.fake.enqueue("ann", number).unwrap();
    world.fake.enqueue("ann", docs).unwrap();
    let head = world.fake.inspect(|state| state.queues["main"][1].head.clone());
    assert!(!on_main(&world).iter().any(|(way, _)| *way == Way::Queue));
    // Only the last one of the group is green, and brings the other along.
    world.fake.check_run(&head, "cargo2", HOLD, Some("success"));
    assert!(on_main(&world).contains(&(Way::Queue, Why::NoApproval)));
    world.fake.review(number, "ann", "APPROVED");
    assert!(!on_main(&world).iter().any(|(way, _)| *way == Way::Queue));
}

#[test]
fn a_group_that_left_the_queue_leaves_its_ticket_for_other_branches() {
    use crate::fake_github::Grouping::HeadGreen;
    let (world, number, _) = green(Rules { queue: Some(HeadGreen), ..TWO });
    world.fake.enqueue("ann", number).unwrap();
    let head = world.fake.inspect(|state| state.queues["main"][0].head.clone());
    world.fake.check_run(&head, "cargo2", HOLD, Some("success"));
    world.fake.dequeue("ann", number);
    let found = || judged(&world).into_iter().filter(|danger| danger.commit == head).map(|d| (d.branch, d.way));
    assert_eq!(
        found().collect::<Vec<_>>(),
        [("stable".to_owned(), Way::Group)],
        "the queue is the one way into its own"
    );
    world.fake.rule_pull_request("stable", 1, false, false);
    assert_eq!(found().count(), 0);
}

#[test]
fn words_of_prow_approve_together_with_its_labels() {
    let rules = Rules { prow: true, ..Rules::PLAIN };
    let (world, number, _) = green(rules);
    world.fake.label(number, "lgtm");
    world.fake.label(number, "approved");
    assert_eq!(on_main(&world), [(Way::Merge, Why::NoApproval)]);
    world.fake.comment(number, "mallory", "/lgtm\n/approve");
    assert_eq!(on_main(&world), [(Way::Merge, Why::NoWriter)]);
    let words = world.fake.comment(number, "ann", "/lgtm\n/approve");
    assert_eq!(on_main(&world), []);
    world.fake.unlabel(number, "lgtm");
    assert_eq!(on_main(&world).len(), 1);
    world.fake.label(number, "lgtm");
    world.fake.label(number, "do-not-merge/hold");
    assert_eq!(on_main(&world), [(Way::Merge, Why::ChangesRequested)]);
    world.fake.unlabel(number, "do-not-merge/hold");
    world.fake.comment(number, "bob", "/lgtm cancel");
    assert_eq!(on_main(&world).len(), 1);
    world.fake.comment(number, "ann", "/lgtm");
    assert_eq!(on_main(&world), []);
    world.fake.edit_comment("ann", words, "/lgtm\n/approve\n");
    assert_eq!(on_main(&world).len(), 1);
    world.fake.comment(number, "ann", "/approve");
    push(&world, "topic", 2, "tracker[bot]");
    world.fake.check_run(&world.fake.pull(number).head_sha, "cargo2", HOLD, Some("success"));
    assert!(on_main(&world).contains(&(Way::Merge, Why::OtherContent)));
    // Where the configuration does not let it in, its words are none.
    let (world, number, _) = green(Rules::PLAIN);
    world.fake.label(number, "lgtm");
    world.fake.label(number, "approved");
    world.fake.comment(number, "ann", "/lgtm\n/approve");
    assert_eq!(on_main(&world).len(), 1);
}
