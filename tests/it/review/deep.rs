//! What archives, advisories and the registry's web API say, from the lock to the comment.
#![allow(clippy::disallowed_methods, reason = "a test asks its environment and makes its own files")]
#![allow(clippy::print_stdout, reason = "a test that cannot run says so")]

use super::attacks::{packed, sum_of};
use super::checkout::{Checkout, Crate, at_once, registry, with_sha};
use super::support::{self, corpus, unfolded};
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

const LICENCE: &str = "license = \"MIT\"";

/// A checkout where `a` goes from 1.0.0 to 1.0.1, with these files in its archives.
fn bumped(before: &[(&str, &str)], after: &[(&str, &str)]) -> Checkout {
    let checkout = Checkout::new(&[]);
    let old = packed(&checkout, "a", "1.0.0", LICENCE, before);
    let new = packed(&checkout, "a", "1.0.1", LICENCE, after);
    checkout.publish(&[old.clone(), new.clone()]);
    checkout.bump(&[old]);
    checkout.commit();
    checkout.bump(&[new]);
    checkout
}

#[test]
fn a_build_script_that_changes_is_shown_as_a_difference() {
    let before = [("build.rs", "fn main() {\n    a();\n}\n")];
    let after = [("build.rs", "fn main() {\n    a();\n    evil(\"\u{202e}```\");\n}\n")];
    let checkout = bumped(&before, &after);
    let [comment, human] = checkout.reports(0, &["--deep"]);
    at_once(&[comment.clone(), human], &["crate-build-script", "has another build script in a patch release"]);
    let fold =
        comment.split("1 build script: what runs at the build").nth(1).unwrap().split("</details>").next().unwrap();
    assert!(fold.contains("\n````diff\n") && fold.contains("\n+    evil(\"\\u{202e}```\");\n"), "{fold}");
    let json = checkout.review(&["--deep", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["scripts"][0]["path"], &json["scripts"][0]["crate"]), (&"build.rs".into(), &"a".into()));
    let without = checkout.reports(0, &["--deep=false"]);
    assert!(without[0].contains("archives (switched off)") && !without[0].contains("build script"));
}

#[test]
fn a_long_build_script_is_counted_and_not_shown() {
    let long: String = (0..200).map(|n| format!("// {n}\n")).collect();
    let [comment, _] = bumped(&[("build.rs", "")], &[("build.rs", &long)]).reports(0, &["--deep"]);
    assert!(comment.contains("**+200 −0 lines**, not shown here") && !comment.contains("// 77"), "{comment}");
}

#[test]
fn code_that_a_build_script_includes_is_followed() {
    let files = |text| [("build.rs", "mod help;\nfn main() {}\n"), ("help.rs", text)];
    let reports = bumped(&files("fn a() {}\n"), &files("fn a() { evil() }\n")).reports(0, &["--deep"]);
    at_once(&reports, &["runs other code with its build script in a patch release", "`help.rs`"]);
}

#[test]
fn a_malicious_crate_in_another_spelling_fails_by_the_services() {
    let checkout =
        Checkout::bumped(&[registry("b", "1.0.0")], &[registry("b", "1.0.0"), registry("evil-one", "1.0.0")]);
    let record = r#"{"id":"MAL-2026-1","affected":[{"package":{"ecosystem":"crates.io","name":"Evil_One"}}]}"#;
    checkout.index.answer("/osv/modified_id.csv", "2026-08-21T00:00:00Z,MAL-2026-1\n");
    checkout.index.answer("/osv/MAL-2026-1.json", record);
    let place = checkout.index.url();
    let reports = checkout.reports(3, &["--advisories", &place]);
    at_once(&reports, &["`evil-one 1.0.0` is known to be malicious", "crate-malicious", "MAL-2026-1"]);
    let reports = checkout.reports(0, &["--advisories", "none"]);
    assert!(reports[0].contains("not looked at: advisories (switched off)"), "{}", reports[0]);
}

#[test]
fn an_advisory_that_is_fixed_is_in_the_headline_with_its_page() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.1")]);
    let record = r#"[{"id":"RUSTSEC-2026-0001","summary":"reads too far","aliases":["CVE-2026-7"],"affected":[{
        "package":{"ecosystem":"crates.io","name":"a"},"ranges":[{"type":"SEMVER","events":[
        {"introduced":"0.0.0-0"},{"fixed":"1.0.1"}]}]}]}]"#;
    checkout.index.answer("/packages/a.json", record);
    checkout.index.answer("/osv/modified_id.csv", "2026-08-21T00:00:00Z,RUSTSEC-2026-0001\n");
    let place = checkout.index.url();
    let [comment, human] = checkout.reports(0, &["--advisories", &place]);
    at_once(&[comment.clone(), human], &["fixes 1 advisory"]);
    assert!(comment.contains(
        "](https://rustsec.org/advisories/RUSTSEC-2026-0001.html) (`CVE-2026-7`) in `a 1.0.0`: reads too far"
    ));
}

#[test]
fn services_that_are_down_are_said_and_a_single_bad_advisory_is_a_notice() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.1")]);
    let reports = checkout.reports(3, &["--advisories", "http://127.0.0.1:1/"]);
    at_once(&reports, &["not verified", "advisories-not-read"]);
    checkout.index.answer("/packages/a.json", r#"[{"id":"RUSTSEC-2026-0001","affected":"odd"}]"#);
    checkout.index.answer("/osv/modified_id.csv", "2026-08-21T00:00:00Z,RUSTSEC-2026-0001\n");
    let place = checkout.index.url();
    let reports = checkout.reports(0, &["--advisories", &place]);
    at_once(&reports, &["1 advisory cannot be read", "RUSTSEC-2026-0001", "advisory-unreadable"]);
}

#[test]
fn what_a_crate_says_of_its_commit_is_compared_with_the_workflow_and_the_version_before() {
    let (named, ran) = ("ab".repeat(20), "cd".repeat(20));
    let info = |dirty: &str| format!(r#"{{"git":{{"sha1":"{named}"{dirty}}},"path_in_vcs":""}}"#);
    let (before, after) = (info(""), info(r#","dirty":true"#));
    // A new script is a warning, so it is asked who published it.
    let checkout =
        bumped(&[(".cargo_vcs_info.json", &before)], &[(".cargo_vcs_info.json", &after), ("build.rs", "fn main() {}")]);
    let workflow = format!(r#"{{"provider":"github","repository":"o/a","run_id":"1","sha":"{ran}"}}"#);
    let versions = format!(r#"{{"versions":[{{"num":"1.0.1","trustpub_data":{workflow}}},{{"num":"1.0.0"}}]}}"#);
    checkout.index.api();
    checkout.index.answer("/api/v1/crates/a/versions", &versions);
    let [comment, human] = checkout.reports(0, &["--deep", "--publishers"]);
    at_once(&[comment.clone(), human], &["crate-commit-differs", &named[..12], &ran[..12]]);
    assert!(comment.contains("was packed with changes that are in no commit, unlike the version before"), "{comment}");
}

/// A new crate, for which the registry's web API is asked.
fn asked(versions: &str) -> Checkout {
    let checkout = Checkout::bumped(&[registry("a", "1.1.0")], &[registry("a", "1.0.0")]);
    checkout.index.api();
    checkout.index.answer("/api/v1/crates/a/versions", versions);
    checkout
}

#[test]
fn a_publisher_that_changed_is_a_point_where_something_else_is_one() {
    // A version that goes back is a warning, so it is asked who published it.
    let checkout = asked(
        r#"{"versions":[{"num":"1.0.0","published_by":{"id":2,"login":"mal"}},{"num":"1.1.0","published_by":{"id":1,"login":"ann"}}]}"#,
    );
    let reports = checkout.reports(0, &["--publishers"]);
    at_once(
        &reports,
        &["crate-downgraded", "published by `mal`, who published none of the 1 versions", "crate-publisher-changed"],
    );
    checkout.index.forget();
    checkout.reports(0, &["--publishers=false"]);
    assert!(checkout.index.asked().iter().all(|path| !path.contains("/api/")), "{:?}", checkout.index.asked());
}

#[test]
fn a_web_api_that_fails_changes_nothing_else() {
    let checkout = asked("<html>");
    let run = checkout.review(&["--publishers", "--format", "markdown"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("publishers (1 of 1 crates: the answer cannot be read"), "{}", run.stdout);
    let routine = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.1")]);
    routine.index.api();
    let [comment, _] = routine.reports(0, &["--publishers"]);
    assert!(comment.contains("✅") && routine.index.asked().iter().all(|path| path == "/1/a"), "{comment}");
}

#[test]
fn a_service_that_the_configuration_switches_off_is_said() {
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    checkout.write(".github/cargo2-bot.yml", "switched-off:\n  archives: no room\n  advisories: another job\n");
    checkout.commit();
    checkout.publish(&[registry("a", "1.0.0"), registry("a", "1.0.1")]);
    checkout.bump(&[registry("a", "1.0.1")]);
    let place = checkout.index.url();
    let [comment, _] = checkout.reports(0, &["--deep", "--advisories", &place]);
    for part in ["archives (switched off: no room)", "advisories (switched off: another job)", "✅"] {
        assert!(comment.contains(part), "{part}: {comment}");
    }
    assert!(checkout.index.asked().iter().all(|path| path == "/1/a"));
}

/// The archives of cargo's cache that every machine has which built this project, by name and version: those of its own lock. With
/// `CARGO2_BOT_LONG=1` all that are there, whatever else was built or installed.
fn cached() -> BTreeMap<(String, String), PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/cache")).ok());
    let files =
        registries.into_iter().flatten().flatten().filter_map(|registry| std::fs::read_dir(registry.path()).ok());
    let lock: cargo_lock::Lockfile = include_str!("../../../Cargo.lock").parse().unwrap();
    let own: BTreeSet<_> = lock.packages.into_iter().map(|p| (p.name.to_string(), p.version.to_string())).collect();
    let all = std::env::var_os("CARGO2_BOT_LONG").is_some();
    let mut out = BTreeMap::new();
    for file in files.flatten().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".crate") else { continue };
        let digit = |at: &(usize, &str)| stem[at.0 + 1..].starts_with(|c: char| c.is_ascii_digit());
        let Some((at, _)) = stem.match_indices('-').find(digit) else { continue };
        let key = (stem[..at].to_owned(), stem[at + 1..].to_owned());
        if all || own.contains(&key) {
            out.insert(key, file.path());
        }
    }
    out
}

/// The crates of a lock that are in cargo's cache, by name and version.
fn crates(lock: &Path, cached: &BTreeMap<(String, String), PathBuf>) -> BTreeSet<(String, String)> {
    let text = std::fs::read_to_string(lock).unwrap();
    let lock: cargo_lock::Lockfile = text.parse().unwrap();
    let packages = lock.packages.into_iter().filter(|package| package.checksum.is_some());
    let named = packages.map(|package| (package.name.to_string(), package.version.to_string()));
    named.filter(|key| cached.contains_key(key)).collect()
}

/// An upstream, and the names and versions of its lock's crates before and after.
type Bump = (String, Vec<(String, String)>, Vec<(String, String)>);

/// Up to a dozen real bumps: locks of one upstream, as far as both sides are in cargo's cache.
fn bumps(corpus: &Path, cached: &BTreeMap<(String, String), PathBuf>) -> Vec<Bump> {
    let mut by_upstream: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in std::fs::read_dir(corpus.join("locks")).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        by_upstream.entry(name.split('@').next().unwrap().to_owned()).or_default().push(file.path());
    }
    let mut out = Vec::new();
    for (upstream, mut locks) in by_upstream {
        locks.sort();
        for two in locks.windows(2) {
            let (mut a, mut b) = (crates(&two[0], cached), crates(&two[1], cached));
            // What is in the cache on one side only would look new or gone.
            let names = |of: &BTreeSet<(String, String)>| -> BTreeSet<String> {
                of.iter().map(|(name, _)| name.clone()).collect()
            };
            let both: BTreeSet<String> = names(&a).intersection(&names(&b)).cloned().collect();
            [&mut a, &mut b].into_iter().for_each(|side| side.retain(|(name, _)| both.contains(name)));
            let order = |set: &BTreeSet<(String, String)>| -> Vec<(String, String)> { set.iter().cloned().collect() };
            // Which of two locks is the newer one is not said: most crates go up.
            let ups = |a: &BTreeSet<(String, String)>, b: &BTreeSet<(String, String)>| {
                let newer = |(name, version): &&(String, String)| {
                    let version = semver(version);
                    a.iter().any(|(known, old)| known == name && semver(old) < version)
                };
                b.difference(a).filter(newer).count()
            };
            let (up, down) = (ups(&a, &b), ups(&b, &a));
            if up > 0 && up >= down {
                out.push((upstream.clone(), order(&a), order(&b)));
            } else if down > 0 {
                out.push((upstream.clone(), order(&b), order(&a)));
            }
        }
    }
    // A dozen of all sizes, the largest among them.
    out.sort_by_key(|(_, a, b)| std::cmp::Reverse(a.iter().filter(|key| !b.contains(key)).count()));
    let step = out.len().div_ceil(12).max(1);
    out.into_iter().step_by(step).collect()
}

/// The numbers of a version.
fn semver(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

#[test]
fn real_archives_add_few_lines_and_none_to_a_routine_comment() {
    let (Some(corpus), cached) = (corpus(), cached()) else { return println!("skipped: no corpus") };
    let bumps = bumps(&corpus, &cached);
    if bumps.len() < 3 {
        return println!("skipped: {} archives in cargo's cache are too few", cached.len());
    }
    let (mut added, mut rules) = (Vec::new(), BTreeMap::new());
    for (upstream, before, after) in bumps {
        let checkout = Checkout::new(&[]);
        let mut bytes = 0;
        let mut krate = |key: &(String, String)| -> Crate {
            let archive = std::fs::read(&cached[key]).unwrap();
            let sum: String = sha2::Sha256::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
            bytes += archive.len();
            checkout.index.archive(&key.0, &key.1, archive);
            with_sha(&key.0, &key.1, &sum)
        };
        let [old, new] = [before, after].map(|list| list.iter().map(&mut krate).collect::<Vec<_>>());
        // Each crate has a history.
        let names: BTreeSet<&String> = old.iter().chain(&new).map(|krate| &krate.name).collect();
        for (name, number) in names.into_iter().flat_map(|name| (0..5).map(move |number| (name, number))) {
            checkout.index.publish(name, &format!("0.0.0-{number}"), &"ab".repeat(32));
        }
        checkout.publish(&[old.clone(), new.clone()].concat());
        checkout.bump(&old);
        checkout.commit();
        checkout.bump(&new);
        let lines = |args: &[&str]| {
            let run = checkout.review(&[&["--format", "markdown"], args].concat());
            assert!(run.code == Some(0), "{upstream}: {}{}", run.stdout, run.stderr);
            (unfolded(&run.stdout), run.stdout)
        };
        let start = Instant::now();
        let (deep, whole) = lines(&["--deep"]);
        let seconds = start.elapsed().as_secs_f32();
        let (plain, without) = lines(&["--deep=false"]);
        for rule in
            ["crate-build-script", "crate-odd-files", "crate-license", "crate-grew", "crate-gained-dependencies"]
        {
            *rules.entry(rule).or_insert(0) += whole.matches(&format!("`{rule}`")).count();
        }
        println!(
            "{upstream}: {} + {} crates, {} KiB, {seconds:.2} s; unfolded lines {plain} → {deep}, bytes {} → {}",
            old.len(),
            new.len(),
            bytes >> 10,
            without.len(),
            whole.len()
        );
        if let Some(folder) = std::env::var_os("CARGO2_BOT_COMMENTS") {
            std::fs::write(Path::new(&folder).join(format!("{upstream}-{}.md", new.len())), &whole).unwrap();
        }
        assert!(!whole.contains("\n### ✅ ") || deep <= plain, "{upstream}: {plain} → {deep}\n{whole}");
        added.push(deep.saturating_sub(plain));
    }
    added.sort_unstable();
    let at = |part: usize| added[(added.len() - 1) * part / 100];
    println!("{} bumps: added lines median {}, 90th percentile {}; {rules:?}", added.len(), at(50), at(90));
    // What has to be read is a row, and a point where a rule says so; most of what changes is told in the lines that are there.
    assert!(at(50) == 0 && at(90) <= 6, "{added:?}");
}

#[test]
fn an_archive_is_compared_with_the_block_whatever_the_index_says() {
    let checkout = bumped(&[], &[]);
    let other = sum_of(&packed(&checkout, "a", "1.0.1", LICENCE, &[("src/lib.rs", "evil")]));
    let reports = checkout.reports(3, &["--deep"]);
    at_once(&reports, &["`a 1.0.1` is not verified: its archive could not be read", &other[..12]]);
    assert!(support::run(&["explain", "crate-not-verified"]).stdout.contains("archive"));
}
