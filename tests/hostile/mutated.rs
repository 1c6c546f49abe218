//! The properties of the fuzz targets on their seeds, and on seeds that are changed at random: what a fuzzer does, without one.
//!
//! Some hundred inputs each, or as many seconds as `CARGO2_BOT_FUZZ_SECONDS` says, from the number in `CARGO2_BOT_PEER_SEED` on.

use cargo2_bot::fuzzing;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../../fuzz/properties/archive.rs"]
mod archive;
#[path = "../../fuzz/properties/element.rs"]
mod element;
#[path = "../../fuzz/properties/git_protocol.rs"]
mod git_protocol;
#[path = "../../fuzz/properties/lint.rs"]
mod lint;
#[path = "../../fuzz/properties/lock.rs"]
mod lock;
#[path = "../../fuzz/properties/markdown.rs"]
mod markdown;
#[path = "../../fuzz/properties/patch.rs"]
mod patch;
#[path = "../../fuzz/properties/project.rs"]
mod project;
#[path = "../../fuzz/properties/report.rs"]
mod report;
#[path = "../../fuzz/properties/workflow.rs"]
mod workflow;

/// A test for each target: its name, its dictionary, its property.
macro_rules! targets {
    ($($name:ident: $target:literal, $words:literal, $property:expr;)*) => {$(
        #[test]
        fn $name() {
            driven($target, $words, $property);
        }
    )*};
}

targets! {
    advisories: "advisory", "toml", |input| fuzzing::advisory("a", "RUSTSEC-2020-0001", &text(input));
    archives: "archive", "tar", |input| archive::holds(choice(input));
    configurations: "configuration", "yaml", |input| fuzzing::configuration(&text(input));
    elements: "element", "yaml", |input| element::holds(&text(input));
    events: "event", "json", |input| fuzzing::event(EVENTS[usize::from(choice(input).0) % EVENTS.len()], &text(choice(input).1));
    expressions: "expression", "workflow", |input| fuzzing::expression(&text(input));
    protocols: "git_protocol", "git", |input| git_protocol::holds(choice(input));
    indexes: "index", "json", |input| fuzzing::index("a", input);
    builds: "lint", "shell", |input| lint::holds(&text(input));
    locks: "lock", "toml", |input| lock::holds(&text(input));
    documents: "markdown", "markdown", |input| { let (a, b) = halves(input); markdown::holds((&a, &b)) };
    owners: "owners", "workflow", |input| { let (a, b) = halves(input); fuzzing::owners(&a, &[b, "elements/a.bst".to_owned()]) };
    packs: "pack", "git", |input| fuzzing::pack(&[b"PACK\0\0\0\x02", input].concat(), usize::from(choice(input).0));
    patches: "patch", "patch", |input| { let (a, b) = input.split_at(input.len() / 2); patch::holds((choice(input).0, a, b)) };
    projects: "project", "yaml", |input| project::holds(&text(input));
    reports: "report", "markdown", |input| { let (a, b) = halves(input); report::holds((&a, &b, &a, input.len() / 3, input.len() / 5)) };
    shells: "shell", "shell", |input| fuzzing::shell(&text(input));
    workflows: "workflow", "workflow", |input| workflow::holds(&text(input));
}

const EVENTS: [&str; 6] =
    ["workflow_run", "pull_request", "pull_request_review", "issue_comment", "merge_group", "push"];

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// A first byte that chooses, and the rest.
fn choice(input: &[u8]) -> (u8, &[u8]) {
    input.split_first().map_or((0, input), |(first, rest)| (*first, rest))
}

fn halves(input: &[u8]) -> (String, String) {
    let (a, b) = input.split_at(input.len() / 2);
    (text(a), text(b))
}

fn driven(target: &str, words: &str, property: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let seeds: Vec<Vec<u8>> =
        files(&fuzz.join("seeds").join(target)).iter().map(|path| std::fs::read(path).unwrap()).collect();
    let words = std::fs::read_to_string(fuzz.join(format!("dictionaries/{words}.dict"))).unwrap();
    let words: Vec<Vec<u8>> = words.lines().map(word).collect();
    assert!(!seeds.is_empty() && !words.is_empty(), "{target}");
    seeds.iter().for_each(|seed| property(seed));
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let until = number("CARGO2_BOT_FUZZ_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut random = Random(number("CARGO2_BOT_PEER_SEED").unwrap_or(1));
    let mut done = 0;
    while until.map_or(done < 400, |until| Instant::now() < until) {
        let input = random.changed(&seeds, &words);
        if let Err(panic) = std::panic::catch_unwind(|| property(&input)) {
            eprintln!("{target}: {:?}", text(&input));
            std::panic::resume_unwind(panic);
        }
        done += 1;
    }
    println!("{target}: {done} inputs");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// A line of a dictionary, as libFuzzer reads it.
fn word(line: &str) -> Vec<u8> {
    let inner = line.trim_matches('"').as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < inner.len() {
        match inner[at..] {
            [b'\\', b'x', high, low, ..] => {
                let hex = [high, low];
                out.push(u8::from_str_radix(str::from_utf8(&hex).unwrap(), 16).unwrap());
                at += 4;
            }
            [b'\\', byte, ..] => {
                out.push(byte);
                at += 2;
            }
            _ => {
                out.push(inner[at]);
                at += 1;
            }
        }
    }
    out
}

/// Numbers that look random, and inputs made with them.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap()
    }

    /// A seed with some changes.
    fn changed(&mut self, seeds: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(input.len() + 1);
            let end = (at + self.below(24)).min(input.len());
            match self.below(6) {
                0 => drop(input.drain(at..end)),
                1 => {
                    let piece = input[at..end].repeat(1 + self.below(20));
                    input.splice(at..at, piece);
                }
                2 | 3 => drop(input.splice(at..at, words[self.below(words.len())].clone())),
                4 if at < input.len() => input[at] = u8::try_from(self.below(256)).unwrap(),
                _ => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    let to = (from + self.below(200)).min(other.len());
                    input.splice(at..end, other[from..to].iter().copied());
                }
            }
        }
        input.truncate(1 << 16);
        input
    }
}
