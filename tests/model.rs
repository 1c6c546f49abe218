//! The hold, explored: random sequences of what people, bots and GitHub do, with runs of the bot in between, on a fake GitHub
//! with rules, merges and a queue. After each run it is asked whether any automation could merge what nobody approved.
//!
//! `CARGO2_BOT_MODEL_SEEDS=from..to` chooses the sequences. With `CARGO2_BOT_MODEL=1` every violation fails the test; without,
//! they are counted and listed, and only what holds today is asserted: see `model/found.rs`.
//!
//! With `CARGO2_BOT_MODEL_PATHS=rust` only changes of the project's one Rust element count, so that what is not looked at as a
//! whole (workflows, elements in other folders) does not hide the rest. `CARGO2_BOT_MODEL_SHRINK=1` shrinks one sequence of each kind.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports")]

#[path = "model/actions.rs"]
mod actions;
#[path = "model/choose.rs"]
mod choose;
#[path = "model/driver.rs"]
mod driver;
#[path = "model/edit.rs"]
mod edit;
#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "model/flows.rs"]
mod flows;
#[path = "model/found.rs"]
mod found;
#[path = "model/judge.rs"]
mod judge;
#[path = "model/mutations.rs"]
mod mutations;
#[path = "model/safety.rs"]
mod safety;
#[path = "model/sequence.rs"]
mod sequence;
mod support;
#[path = "model/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use driver::{Figures, Signature, Violation, carry_out};
use sequence::{sequence, shrink};

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whether the hold is held to its whole promise.
fn whole() -> bool {
    variable("CARGO2_BOT_MODEL").is_some_and(|value| value == "1")
}

#[allow(clippy::disallowed_methods, reason = "a test asks its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The sequences that are looked at.
fn seeds() -> std::ops::Range<u64> {
    let given = variable("CARGO2_BOT_MODEL_SEEDS");
    let parsed = given.as_deref().and_then(|text| {
        let (from, to) = text.split_once("..")?;
        Some(from.parse().ok()?..to.parse().ok()?)
    });
    assert!(given.is_none() || parsed.is_some(), "CARGO2_BOT_MODEL_SEEDS is `from..to`");
    parsed.unwrap_or(0..40)
}

/// Carries the sequences of these seeds out, on all cores. What came of each is in the order of the seeds.
fn explored(seeds: std::ops::Range<u64>) -> Vec<(u64, Option<Violation>, Figures)> {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut done = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return done;
            }
            let ((rules, steps), mut figures) = (sequence(seed), Figures::default());
            let violation = carry_out(rules, &steps, &mut figures);
            done.push((seed, violation, figures));
        }
    };
    // Two for each core: a run hands work from one thread to another, and waits meanwhile.
    let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    all.sort_by_key(|(seed, ..)| *seed);
    all
}

#[test]
fn no_sequence_lets_anything_unapproved_merge() {
    let (start, mut figures) = (Instant::now(), Figures::default());
    let mut found: BTreeMap<Signature, (usize, u64)> = BTreeMap::new();
    for (seed, violation, one) in explored(seeds()) {
        figures.add(&one);
        if let Some(violation) = violation {
            found.entry(violation.signature()).or_insert((0, seed)).0 += 1;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{} sequences, {} steps, {} runs of the bot, {} times judged, in {seconds:.1} s: {:.1} sequences a second",
        figures.sequences,
        figures.steps,
        figures.runs,
        figures.judged,
        figures.sequences as f64 / seconds
    );
    for (signature, (times, seed)) in &found {
        eprintln!("{times} times, first with seed {seed}: {signature:?}");
        if variable("CARGO2_BOT_MODEL_SHRINK").is_some() {
            let (rules, steps) = sequence(*seed);
            let (rules, steps) = shrink(rules, steps, signature, &mut Figures::default());
            eprintln!("  {rules:?}");
            steps.iter().for_each(|step| eprintln!("    {step:?},"));
            eprintln!("  {:?}", carry_out(rules, &steps, &mut Figures::default()));
        }
    }
    assert!(found.is_empty() || !whole(), "{} kinds of violations", found.len());
}
