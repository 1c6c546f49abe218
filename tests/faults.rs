//! Every request of a run fails, in every way: afterwards clean runs reach the state that an undisturbed run reaches, the next one
//! writes nothing, and at no moment a check says more than is true.
//!
//! The bot runs inside this process. With `CARGO2_BOT_PROGRAM=PATH` it is that program, of any age, over HTTP: it is held to its
//! own undisturbed runs.
//!
//! Every request of every scenario fails once, in one of the ways. `CARGO2_BOT_FAULTS=all` tries all ways, a number so many of
//! them at each request; `CARGO2_BOT_FAULTS_ONLY=TEXT;TEXT` those whose name (scenario, request, way) holds one of the texts;
//! `CARGO2_BOT_FAULTS_EVERY=N` each Nth request; `CARGO2_BOT_FAULTS_SIDE=N` that many side by side.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that reports"
)]
#![allow(clippy::disallowed_methods, reason = "a test makes its own files and asks its environment")]

#[path = "faults/cases.rs"]
mod cases;
#[path = "faults/end.rs"]
mod end;
#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "faults/kinds.rs"]
mod kinds;
#[path = "model/safety.rs"]
mod safety;
#[path = "faults/scenarios/mod.rs"]
mod scenarios;
#[path = "faults/stage.rs"]
mod stage;
mod support;
#[path = "faults/truth.rs"]
mod truth;
#[path = "model/world.rs"]
mod world;

use std::path::PathBuf;
use std::time::Instant;

use cases::{Case, Choice, Undisturbed, Verdict, lasting, side_by_side};
use stage::Driver;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The number in a variable.
fn number(name: &str) -> Option<usize> {
    variable(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, and not `{text}`")))
}

/// What the environment chooses, else `usual`.
fn choice(usual: Choice) -> Choice {
    let only = variable("CARGO2_BOT_FAULTS_ONLY").unwrap_or_default();
    let only = only.split(';').filter(|text| !text.is_empty()).map(str::to_owned).collect();
    let every = number("CARGO2_BOT_FAULTS_EVERY").unwrap_or(usual.every);
    match variable("CARGO2_BOT_FAULTS").as_deref() {
        Some("all") => Choice { each: None, only, quick: false, every },
        Some(_) => Choice { each: number("CARGO2_BOT_FAULTS"), only, quick: usual.quick, every },
        None => Choice { only, every, ..usual },
    }
}

/// Tries the cases and reports. Panics where something is broken.
fn explore(driver: &Driver, choice: &Choice, threads: usize) {
    let start = Instant::now();
    let kinds = kinds::all();
    let scenarios: Vec<_> = scenarios::all();
    let calm = side_by_side(&scenarios, threads, |scenario| (scenario.name, Undisturbed::of(scenario, driver)));
    let mut failed = Vec::new();
    let mut undisturbed = Vec::new();
    for (name, calm) in calm {
        match calm {
            Ok(calm) => undisturbed.push(calm),
            Err(why) => failed.push(format!("{name} | undisturbed | {}", why.join("; "))),
        }
    }
    let requests: usize = undisturbed.iter().map(|calm| calm.requests.len()).sum();
    let runs: usize = undisturbed.iter().map(|calm| calm.runs).max().unwrap_or_default();
    let known = undisturbed.iter().flat_map(|calm| calm.said.rules.iter().cloned()).collect();
    let cases = choice.of(&undisturbed, &kinds);
    eprintln!("{} scenarios came to rest in {:.0} s", undisturbed.len(), start.elapsed().as_secs_f64());
    let verdicts: Vec<Verdict> = side_by_side(&cases, threads, |case: &Case<'_>| {
        let verdict = case.tried(driver, &known);
        // At once: a long exploration need not come to its end.
        for what in verdict.lies.iter().chain(&verdict.astray) {
            eprintln!("{} | {what}", case.name());
        }
        verdict
    });
    let astray = verdicts.iter().filter(|verdict| !verdict.astray.is_empty()).count();
    let lies = verdicts.iter().filter(|verdict| !verdict.lies.is_empty()).count();
    for (case, Verdict { astray, lies }) in cases.iter().zip(&verdicts) {
        failed.extend(lies.iter().chain(astray).map(|what| format!("{} | {what}", case.name())));
    }
    let tried = cases.len();
    #[allow(clippy::cast_precision_loss, reason = "a share for people")]
    let share = if tried == 0 { 100.0 } else { (tried - astray) as f64 * 100.0 / tried as f64 };
    eprintln!(
        "{} scenarios of {} ({} rest after {runs} runs at most), {requests} requests, {} kinds of faults ({} for the whole run): {tried} \
         cases of {}, {share:.2} % converged, {lies} violations, in {:.0} s",
        undisturbed.len(),
        scenarios.len(),
        undisturbed.iter().filter(|calm| calm.runs == 1).count(),
        kinds.len(),
        lasting(&kinds),
        requests * kinds.len(),
        start.elapsed().as_secs_f64()
    );
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn whatever_fails_clean_runs_reach_the_same_end() {
    // `CARGO2_BOT_FAULTS_EVERY=1` tries every request.
    let usual = Choice { each: Some(1), only: Vec::new(), quick: false, every: 20 };
    let threads = number("CARGO2_BOT_FAULTS_SIDE");
    match variable("CARGO2_BOT_PROGRAM").map(PathBuf::from) {
        None => explore(&Driver::Inside, &choice(usual), threads.unwrap_or_else(cores)),
        // A program waits before it sends a request again.
        Some(program) => {
            let usual = Choice { quick: true, ..usual };
            explore(&Driver::Program(program), &choice(usual), threads.unwrap_or_else(|| 4 * cores()));
        }
    }
}

#[test]
fn over_http_the_program_reaches_the_same_end() {
    // Another program, or a choice of cases, is for the other test.
    if variable("CARGO2_BOT_PROGRAM").or_else(|| variable("CARGO2_BOT_FAULTS")).is_some() {
        return;
    }
    let program = Driver::Program(PathBuf::from(env!("CARGO_BIN_EXE_cargo2-bot")));
    let few = Choice { each: Some(1), quick: true, every: 60, only: Vec::new() };
    explore(&program, &few, 2 * cores());
}
