//! Our reading of a folder of advisories against a straightforward one that shares nothing with it, on bumps that are made up: nothing
//! is missing, and nothing is there too much.
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use super::of_folder;
use crate::cargo2::block::{BlockEntry, Origin};
use crate::review::evidence::Advisories;
use std::collections::BTreeSet;
use std::path::Path;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

type Version = (u64, u64, u64);

/// Made-up knowledge: which versions of a crate are affected, from each first one up to the one before the other.
struct Known {
    id: String,
    krate: String,
    intervals: Vec<(Version, Version)>,
    withdrawn: bool,
}

fn shown((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

fn version(numbers: &mut Numbers) -> Version {
    (numbers.below(3), numbers.below(5), numbers.below(4))
}

fn knowledge(numbers: &mut Numbers) -> Vec<Known> {
    let mut all = Vec::new();
    for number in 0..40 {
        for _ in 0..numbers.below(4) {
            let mut ends: Vec<Version> = (0..2 + 2 * numbers.below(2)).map(|_| version(numbers)).collect();
            ends.sort_unstable();
            ends.dedup();
            let intervals: Vec<(Version, Version)> = ends.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            if !intervals.is_empty() {
                let id = format!("RUSTSEC-2026-{:04}", all.len());
                all.push(Known { id, krate: format!("krate_{number}"), intervals, withdrawn: numbers.below(8) == 0 });
            }
        }
    }
    all
}

/// As the RustSec database has it: requirements on versions that are not affected.
fn as_rustsec(known: &Known) -> String {
    let first = known.intervals[0].0;
    let gaps = known.intervals.windows(2).map(|two| format!("\">={}, <{}\"", shown(two[0].1), shown(two[1].0)));
    let end = known.intervals.last().map(|interval| format!("\">={}\"", shown(interval.1)));
    let patched: Vec<String> = gaps.chain(end).collect();
    let withdrawn = if known.withdrawn { "withdrawn = \"2026-02-03\"\n" } else { "" };
    format!(
        "```toml\n[advisory]\nid = \"{}\"\npackage = \"{}\"\ndate = \"2026-01-31\"\n{withdrawn}\n[versions]\npatched = [{}]\nunaffected = [\"<{}\"]\n```\n\n# Words\n",
        known.id,
        known.krate,
        patched.join(", "),
        shown(first)
    )
}

/// As OSV has it: events.
fn as_osv(known: &Known) -> String {
    let event = |(from, to): &(Version, Version)| {
        format!(r#"{{"introduced":"{}-0"}},{{"fixed":"{}"}}"#, shown(*from), shown(*to))
    };
    let events: Vec<String> = known.intervals.iter().map(event).collect();
    let withdrawn = if known.withdrawn { r#""withdrawn":"2026-02-03T00:00:00Z","# } else { "" };
    format!(
        r#"{{"id":"{}",{withdrawn}"summary":"Words","affected":[{{"package":{{"ecosystem":"crates.io","name":"{}"}},"ranges":[{{"type":"SEMVER","events":[{}]}}]}}]}}"#,
        known.id,
        known.krate,
        events.join(",")
    )
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn ours(known: &Advisories, list: &[BlockEntry]) -> BTreeSet<(String, String)> {
    let of = |entry: &BlockEntry| -> Vec<(String, String)> {
        known.of(entry).map(|advisory| (entry.to_string(), advisory.id.clone())).collect()
    };
    list.iter().flat_map(of).collect()
}

#[test]
fn a_folder_is_read_as_a_straightforward_reader_reads_it() {
    let mut numbers = Numbers(7);
    let all = knowledge(&mut numbers);
    let (rustsec, osv) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for known in &all {
        write(rustsec.path(), &format!("crates/{}/{}.md", known.krate, known.id), &as_rustsec(known));
        write(osv.path(), &format!("crates/{}.json", known.id), &as_osv(known));
    }
    let (mut bumps, mut affected) = (0, 0);
    for _ in 0..60 {
        // Both sides of a bump; some names are spelled in another way, as a lock may have them.
        let (mut list, mut expected) = (Vec::new(), BTreeSet::new());
        for number in 0..40 {
            for _ in 0..2 {
                let at = version(&mut numbers);
                let name = if numbers.below(3) == 0 { format!("Krate-{number}") } else { format!("krate_{number}") };
                let entry = BlockEntry { name, version: shown(at), from: Origin::Registry { sha: String::new() } };
                let own = all.iter().filter(|known| known.krate == format!("krate_{number}") && !known.withdrawn);
                let holds = own.filter(|known| known.intervals.iter().any(|(from, to)| *from <= at && at < *to));
                expected.extend(holds.map(|known| (entry.to_string(), known.id.clone())));
                list.push(entry);
            }
        }
        let names: BTreeSet<String> = list.iter().map(|entry| entry.name.clone()).collect();
        for folder in [rustsec.path(), osv.path()] {
            let found = of_folder(folder, &names).unwrap();
            assert!(found.unreadable.is_empty() && found.missing.is_empty(), "{found:?}");
            let found = ours(&found, &list);
            let (missing, extra) = (expected.difference(&found).count(), found.difference(&expected).count());
            assert_eq!((missing, extra), (0, 0), "{}", folder.display());
        }
        bumps += 1;
        affected += expected.len();
    }
    assert!(bumps >= 50 && affected > 500, "{bumps} bumps with {affected} affected versions say little");
}
