//! Hosts that are slow, and runs whose time is used up.

use std::time::{Duration, Instant};

use cargo2_bot::app::run::{Outcome, RunRequest, RunTime};
use cargo2_bot::io::{Setup, Times};

use crate::git_http::{Fault, Fixture, GitServer, Item};
use crate::scene::{Entry, Scene, bumped, text};
use crate::support::{block, lock};
use crate::world::{crates, payload_of_all, run_bot_with};

const BLOCK: &str = "cargo2 block";

/// An upstream on a host that does not answer, until it does.
struct Slow {
    server: GitServer,
    commit: String,
    _fixture: Fixture,
}

impl Slow {
    fn new() -> Self {
        let fixture = Fixture::new();
        fixture.configure("uploadpack.allowFilter", "true");
        let commit = fixture.commit("main", &[("Cargo.lock", Item::File(lock(&crates(1)).as_bytes()))]);
        let server = GitServer::start(&fixture.path());
        server.fault(Fault::Stall);
        Self { server, commit, _fixture: fixture }
    }

    /// An element of it with the block of a state.
    fn element(&self, name: &str, state: u8) -> Entry {
        let source = format!("- kind: git_repo\n  url: {}\n  ref: {}\n", self.server.url(), self.commit);
        let crates = block(&crates(state), 2);
        text(
            &format!("elements/{name}.bst"),
            format!("kind: make\n\nsources:\n{source}- kind: cargo2\n  ref:\n{crates}"),
        )
    }
}

/// A run with these limits of time.
fn run(scene: &Scene, slow: &Slow, times: Times, change: impl FnOnce(&mut RunRequest)) -> (Outcome, Duration) {
    let begin = Instant::now();
    let root = slow.server.root();
    let settings = |setup: &mut Setup, request: &mut RunRequest| {
        setup.trusted.push(root);
        setup.times = times;
        change(request);
    };
    let world = &scene.world;
    let outcome = run_bot_with(&world.fake, world.rules, "workflow_run", payload_of_all(), settings).unwrap();
    (outcome, begin.elapsed())
}

/// The conclusion and the text of a check at a head.
fn check(scene: &Scene, number: u64, name: &str) -> (Option<String>, String) {
    let checks = scene.checks(&scene.sha(number));
    let run = checks.iter().find(|run| run.name == name && run.app == "cargo2").unwrap();
    (run.conclusion.clone(), format!("{:?} {:?}", run.title, run.summary))
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn an_element_that_is_not_looked_at_in_time_holds_whoever_approved_it() {
    let (slow, scene) = (Slow::new(), Scene::new());
    scene.base("main", &[slow.element("slow", 0)]);
    let number = scene.tracked(&[slow.element("slow", 1)]);
    scene.approve(number, "ann");
    let short = Times { element: SECOND, ..Times::default() };
    let (outcome, took) = run(&scene, &slow, short, |_| {});
    assert!(took < 20 * SECOND, "{took:?}");
    scene.held(number);
    let (conclusion, said) = check(&scene, number, BLOCK);
    assert_eq!(conclusion.as_deref(), Some("failure"), "{said}");
    assert!(said.contains("not-in-time"), "{said}");
    let (_, said) = check(&scene, number, crate::world::HOLD);
    assert!(said.contains("not looked at in time: slow.bst"), "{said}");
    assert!(outcome.summary(60_000).contains("not looked at in time"), "{}", outcome.summary(60_000));
    // What is approved is released as soon as it can be looked at.
    slow.server.fault(Fault::None);
    run(&scene, &slow, Times::default(), |_| {});
    scene.released(number);
    assert_eq!(check(&scene, number, BLOCK).0.as_deref(), Some("success"));
}

#[test]
fn a_rule_that_is_switched_off_does_not_make_what_is_late_pass() {
    let (slow, scene) = (Slow::new(), Scene::new());
    let off = "rules:\n  not-in-time:\n    severity: off\n    reason: it is often slow\n";
    scene.base("main", &[slow.element("slow", 0), text(".github/cargo2-bot.yml", off)]);
    let number = scene.tracked(&[slow.element("slow", 1)]);
    scene.approve(number, "ann");
    run(&scene, &slow, Times { element: SECOND, ..Times::default() }, |_| {});
    scene.held(number);
    assert_eq!(check(&scene, number, BLOCK).0.as_deref(), Some("failure"));
}

#[test]
fn one_slow_host_gets_its_time_and_no_more_whatever_is_on_it() {
    let (slow, scene) = (Slow::new(), Scene::new());
    let names: Vec<String> = (0..40).map(|number| format!("slow{number}")).collect();
    scene.base("main", &names.iter().map(|name| slow.element(name, 0)).collect::<Vec<_>>());
    let many = scene.tracked(&names.iter().map(|name| slow.element(name, 1)).collect::<Vec<_>>());
    let other = scene.pull_by("bob", "other", &bumped(1));
    let times = Times { host: 2 * SECOND, ..Times::default() };
    let (_, took) = run(&scene, &slow, times, |_| {});
    // Both states of the project are read, and the base branch.
    assert!(took < 30 * SECOND, "{took:?}");
    scene.held(many);
    let (_, said) = check(&scene, many, BLOCK);
    assert!(said.contains("had all the time that one host gets in a run"), "{said}");
    let (conclusion, said) = check(&scene, other, BLOCK);
    assert_eq!(conclusion.as_deref(), Some("success"), "{said}");
}

#[test]
fn what_there_is_no_time_for_is_held_and_said_and_the_next_run_looks_at_it() {
    let (slow, scene) = (Slow::new(), Scene::new());
    let (bump, harmless) = (scene.bump(), scene.pull_by("bob", "plain", &[text("a.txt", "x")]));
    scene.approve(bump, "ann");
    let (outcome, _) = run(&scene, &slow, Times::default(), |request| request.time = RunTime(Duration::ZERO));
    for number in [bump, harmless] {
        scene.held(number);
        let (_, said) = check(&scene, number, crate::world::HOLD);
        assert!(said.contains("not looked at in time: the time of the run is used up"), "{said}");
        assert!(outcome.notes.iter().any(|note| note.contains(&format!("#{number}")) && note.contains("in time")));
    }
    scene.run();
    scene.released(bump);
    scene.released(harmless);
}

#[test]
fn pull_requests_of_forks_keep_those_of_the_repository_from_nothing() {
    let (slow, scene) = (Slow::new(), Scene::new());
    let forks: Vec<u64> = (0..6)
        .map(|number| {
            let (path, crate::scene::Put::Text(element)) = slow.element(&format!("slow{number}"), 1) else {
                unreachable!()
            };
            let branch = format!("patch{number}");
            scene.fork_commit("mallory", &branch, &[(&path, Some(&element))], "mallory");
            scene.open_fork_pull("mallory", &branch, "main", "mallory", "a patch")
        })
        .collect();
    let own = scene.pull_by("bob", "own", &bumped(1));
    scene.approve(own, "ann");
    // Two are read at a time, and each of the forks' takes all of its time.
    let times = Times { pull: 2 * SECOND, ..Times::default() };
    let (_, took) = run(&scene, &slow, times, |request| request.time = RunTime(5 * SECOND));
    assert!(took < 60 * SECOND, "{took:?}");
    scene.released(own);
    for number in forks {
        scene.held(number);
        assert!(check(&scene, number, BLOCK).1.contains("not looked at in time"));
    }
}
