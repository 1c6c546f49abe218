//! Every request of a run fails once, in every way: afterwards clean runs reach the state that an undisturbed run reaches, the
//! next one writes nothing, and no check ever said more than is true.
//!
//! A sample is tried. `CARGO2_BOT_FAULTS=all` tries all, a number so many of them, `from..to` those of these numbers.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports")]

#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "faults/known.rs"]
mod known;
#[path = "model/safety.rs"]
mod safety;
#[path = "faults/scenarios.rs"]
mod scenarios;
mod support;
#[path = "model/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fake_github::{Fault, Seen};
use scenarios::{Event, Scenario, right};
use serde_json::json;
use world::{HOLD, World};

const BLOCK: &str = "cargo2 block";

/// More runs than it takes to come to rest.
const MOST: usize = 4;

/// How many cases the sample holds.
const SAMPLE: usize = 150;

/// The ways in which a request fails.
fn kinds() -> Vec<(String, Fault)> {
    let mut kinds: Vec<(String, Fault)> = Vec::new();
    for status in [401, 403, 404, 409, 422, 500, 502] {
        kinds.push((format!("{status} before"), Fault::Status(status)));
        kinds.push((format!("{status} after"), Fault::StatusAfter(status)));
    }
    let reset = 4_102_444_800;
    let more = [
        ("reset before", Fault::ResetBefore),
        ("reset after", Fault::ResetAfter),
        ("truncated", Fault::Truncated),
        ("malformed", Fault::Text("{\"data\":")),
        ("empty", Fault::Text("")),
        ("empty before", Fault::TextBefore("")),
        ("{}", Fault::Text("{}")),
        ("{} before", Fault::TextBefore("{}")),
        ("null", Fault::Text("null")),
        ("data null", Fault::TextBefore("{\"data\":null}")),
        ("[] before", Fault::TextBefore("[]")),
        ("primary limit", Fault::Primary { status: 403, reset }),
        ("secondary limit", Fault::Secondary { status: 429, retry_after: Some(60) }),
        ("graphql limit", Fault::GraphqlLimit { reset }),
        ("denied", Fault::Answer { status: 403, body: json!({ "message": "Resource not accessible by integration" }) }),
        ("stall", Fault::Slow(Duration::from_millis(20))),
    ];
    kinds.extend(more.map(|(name, fault)| (name.to_owned(), fault)));
    kinds
}

/// What a run left, without what differs from time to time.
#[derive(Debug, PartialEq, Eq)]
struct End {
    pulls: Vec<String>,
    branches: BTreeMap<String, String>,
}

fn end(world: &World) -> End {
    let fake = &world.fake;
    let tree = |sha: &str| fake.inspect(|state| state.tree_of(sha).map(|id| id.to_string())).unwrap_or_default();
    let of_pull = |pull: fake_github::Pull| {
        let head = &pull.head_sha;
        let comments: Vec<String> =
            fake.comments(pull.number).iter().map(|c| format!("{}: {}", c.author, without_ids(&c.body))).collect();
        format!(
            "#{} open {} into {} tree {} labels {:?} auto-merge {} {:?}\n{}",
            pull.number,
            pull.open,
            pull.base_ref,
            tree(head),
            pull.labels,
            pull.auto_merge,
            checks(world, head),
            comments.join("\n")
        )
    };
    let branches = fake.branches().into_iter().filter(|name| !name.starts_with("gh-readonly-queue/"));
    let mut branches: BTreeMap<String, String> =
        branches.map(|name| (name.clone(), fake.head(&name).map(|sha| tree(&sha)).unwrap_or_default())).collect();
    for group in fake.inspect(|state| state.queues.values().flatten().map(|e| e.head.clone()).collect::<Vec<_>>()) {
        branches.insert("the group".into(), format!("{:?}", checks(world, &group)));
    }
    End { pulls: fake.pulls().into_iter().map(of_pull).collect(), branches }
}

/// All that the checks at a commit say, whether as runs or as statuses: a token that may write no runs writes statuses, and
/// where both are there they have to agree.
fn checks(world: &World, sha: &str) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut all: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    let mut newest: BTreeMap<String, (String, String)> = BTreeMap::new();
    for run in world.fake.checks(sha) {
        newest.insert(run.name, (run.conclusion.unwrap_or_default(), without_ids(&run.title.unwrap_or_default())));
    }
    let statuses = world.fake.statuses(sha).into_iter().map(|status| {
        let state = if status.state == "pending" { "action_required".to_owned() } else { status.state };
        (status.context, (state, without_ids(&status.description.unwrap_or_default())))
    });
    for (name, says) in newest.into_iter().chain(statuses) {
        all.entry(name).or_default().insert(says);
    }
    all
}

/// A text with its long hex numbers taken out: commits have other ids each time.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let plain = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let id = plain.len() >= 7 && plain.chars().all(|c| c.is_ascii_hexdigit());
        out.push_str(if id { "#" } else { word });
    }
    out
}

/// Runs the bot and notes each success that was not true when it was written.
fn watched(world: &World, event: &Event) -> Vec<String> {
    let lies: Arc<Mutex<Vec<String>>> = Arc::default();
    let (seen_by, rules) = (lies.clone(), world.rules);
    world.fake.watch(move |fake, seen| {
        let success = seen.body["conclusion"] == "success" || seen.body["state"] == "success";
        if seen.method == "GET" || !success {
            return;
        }
        let found = fake.inspect(|state| safety::dangers(state, rules.guarded(), rules.bot()));
        seen_by
            .lock()
            .unwrap()
            .extend(found.iter().map(|d| format!("merges: {:?} {:?} {} {:?}", d.why, d.way, d.branch, d.paths)));
    });
    // How a disturbed run ends is not the question.
    let _ = world.run(event.0, event.1.clone());
    world.fake.calm();
    let mut lies = lies.lock().unwrap().clone();
    let heads = world.fake.pulls().into_iter().map(|pull| pull.head_sha);
    for sha in heads {
        let runs = world.fake.checks(&sha);
        let says = |name: &str| runs.iter().any(|run| run.name == name && run.conclusion.as_deref() == Some("success"));
        if says(BLOCK) && !right(world, &sha) {
            lies.push("the block is called right".into());
        }
        let last = runs.iter().filter(|run| run.name == HOLD).max_by_key(|run| run.id);
        if says(HOLD) && last.is_some_and(|run| run.conclusion.as_deref() != Some("success")) {
            lies.push("an older run still says success".into());
        }
    }
    lies
}

/// What an undisturbed bot does: the state in which it comes to rest, after how many runs, and the requests of its first run.
struct Undisturbed {
    end: End,
    runs: usize,
    requests: Vec<String>,
}

fn undisturbed(scenario: &Scenario) -> Undisturbed {
    let world = World::new(scenario.rules);
    let event = (scenario.prepare)(&world.fake);
    world.fake.clear_log();
    let mut requests = Vec::new();
    for runs in 0..MOST {
        assert_eq!(watched(&world, &event), [""; 0], "{}", scenario.name);
        if runs == 0 {
            requests = world.fake.requests().iter().map(|r| name_of(&r.method, &r.path)).collect();
        } else if world.fake.writes().is_empty() {
            return Undisturbed { end: end(&world), runs, requests };
        }
        world.fake.clear_log();
    }
    panic!("{}: it does not come to rest", scenario.name);
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

/// What is broken after a request failed. Empty: nothing.
fn broken(scenario: &Scenario, calm: &Undisturbed, request: usize, fault: Fault) -> Vec<String> {
    let world = World::new(scenario.rules);
    let event = (scenario.prepare)(&world.fake);
    let at = world.fake.sent() + request + 1;
    world.fake.fail(1, move |seen: &Seen| seen.number == at, fault);
    let mut broken = watched(&world, &event);
    for _ in 0..calm.runs {
        broken.extend(watched(&world, &event));
    }
    let now = end(&world);
    if now != calm.end {
        broken.push(format!("another end: {now:#?}\ninstead of {:#?}", calm.end));
    }
    world.fake.clear_log();
    broken.extend(watched(&world, &event));
    let writes = world.fake.writes();
    if !writes.is_empty() {
        let names: Vec<String> = writes.iter().map(|(method, path, _)| name_of(method, path)).collect();
        broken.push(format!("writes again: {names:?}"));
    }
    broken.sort();
    broken.dedup();
    broken
}

#[allow(clippy::disallowed_methods, reason = "a test asks its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The numbers of the cases that are tried.
fn tried(total: usize) -> Vec<usize> {
    let given = variable("CARGO2_BOT_FAULTS").unwrap_or_default();
    let range = given.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse::<usize>().ok()?));
    match range {
        Some(range) => range.filter(|number| *number < total).collect(),
        None if given == "all" => (0..total).collect(),
        // Spread over all scenarios, requests and faults.
        None => {
            let sample = given.parse().unwrap_or(SAMPLE).clamp(1, total);
            (0..sample).map(|n| n * total / sample + n * 7 % (total / sample)).collect()
        }
    }
}

#[test]
fn whatever_fails_clean_runs_reach_the_same_end() {
    let start = Instant::now();
    let calm: Vec<Undisturbed> = scenarios::ALL.iter().map(undisturbed).collect();
    let kinds = kinds();
    let mut cases = Vec::new();
    for (scenario, calm) in scenarios::ALL.iter().zip(&calm) {
        for request in 0..calm.requests.len() {
            cases.extend(kinds.iter().map(|kind| (scenario, calm, request, kind)));
        }
    }
    let numbers = tried(cases.len());
    let (mut failed, mut expected) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for number in &numbers {
        let (scenario, calm, request, (kind, fault)) = cases[*number];
        let name = &calm.requests[request];
        for what in broken(scenario, calm, request, fault.clone()) {
            match known(scenario.name, name, kind, &what) {
                Some(why) => *expected.entry(why).or_default() += 1,
                None => failed.push(format!("{number}: {} | {name} ({request}) | {kind} | {what}", scenario.name)),
            }
        }
    }
    eprintln!("{} of {} cases in {:.1} s", numbers.len(), cases.len(), start.elapsed().as_secs_f64());
    expected.iter().for_each(|(why, times)| eprintln!("known, {times} times: {why}"));
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

/// The reason of a failure that is listed; with `CARGO2_BOT_MODEL=1` none is.
fn known(scenario: &str, request: &str, kind: &str, what: &str) -> Option<&'static str> {
    let matches = |known: &&known::Known| {
        (known.scenario.is_empty() || known.scenario == scenario)
            && request.starts_with(known.request)
            && kind.starts_with(known.fault)
            && what.starts_with(known.broken)
    };
    let whole = variable("CARGO2_BOT_MODEL").is_some_and(|value| value == "1");
    known::KNOWN.iter().find(matches).filter(|_| !whole).map(|known| known.why)
}
