//! Changes in the shape of real attacks: what matters stands in the first ten lines of the report.

use super::archives::{Tar, gzip};
use super::checkout::{Checkout, Crate, Place, at_once, git, lock, registry, tool, with_sha};
use super::checkout::{LOCK, TOOL};
use super::support::index::Published;
use super::support::sha;
use cargo2_bot::config::Date;
use sha2::Digest as _;
use std::time::{SystemTime, UNIX_EPOCH};

const MAIN: &str = "fn main() {}\n";

const REPO: &str = "https://git.example/a";

/// Some time ago, as an index writes it.
fn hours_ago(hours: u64) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - hours * 3_600;
    let (h, m, s) = (time / 3_600 % 24, time / 60 % 60, time % 60);
    format!("{}T{h:02}:{m:02}:{s:02}Z", Date::of_unix(time))
}

/// A crate with an archive in the index, and its entry in lists. `more` is what its manifest says besides its name.
pub(super) fn packed(checkout: &Checkout, name: &str, version: &str, more: &str, files: &[(&str, &str)]) -> Crate {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n{more}\n");
    let mut tar = Tar::new().file(&format!("{name}-{version}/Cargo.toml"), manifest.as_bytes());
    for (file, text) in files {
        tar = tar.file(&format!("{name}-{version}/{file}"), text.as_bytes());
    }
    let bytes = gzip(&tar.end());
    let sum: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    checkout.index.archive(name, version, bytes);
    with_sha(name, version, &sum)
}

/// The checksum of a crate of the registry.
pub(super) fn sum_of(krate: &Crate) -> String {
    match &krate.from {
        Place::Registry(sum) => sum.clone(),
        Place::Git(..) => String::new(),
    }
}

#[test]
fn a_near_name_with_a_build_script_in_a_patch_release_of_today() {
    let checkout = Checkout::new(&[]);
    let old = packed(&checkout, "arrayref", "0.3.7", "license = \"MIT\"", &[("src/lib.rs", MAIN)]);
    let new = packed(&checkout, "arrayref", "0.3.8", "license = \"MIT\"", &[("src/lib.rs", MAIN)]);
    let near =
        packed(&checkout, "arrayreff", "0.1.0", "license = \"MIT\"\nbuild = \"build.rs\"", &[("build.rs", MAIN)]);
    let (today, before) = (hours_ago(5), "2020-01-02T03:04:05Z");
    for version in ["0.3.5", "0.3.6", "0.3.7"] {
        let checksum = if version == "0.3.7" { sum_of(&old) } else { sha("arrayref", version) };
        let published = Published { version, checksum: &checksum, yanked: true, time: before, needs: &[] };
        checkout.index.publish_version("arrayref", &published);
    }
    let bumped =
        Published { version: "0.3.8", checksum: &sum_of(&new), yanked: false, time: &today, needs: &["arrayreff"] };
    checkout.index.publish_version("arrayref", &bumped);
    let first = Published { version: "0.1.0", checksum: &sum_of(&near), yanked: false, time: &today, needs: &[] };
    checkout.index.publish_version("arrayreff", &first);
    checkout.bump(&[old]);
    checkout.commit();
    checkout.bump(&[new, near]);
    let reports = checkout.reports(3, &["--deep"]);
    at_once(
        &reports,
        &[
            "`arrayref`",
            "`arrayreff`",
            "`arrayref 0.3.8` was published on",
            "less than a day ago",
            "older releases are yanked",
        ],
    );
    at_once(&reports, &["the new crate `arrayreff` has a character more than `arrayref`", "build script"]);
    at_once(&reports[..1], &["crate-near-name", "crate-build-script", "crate-gained-dependencies", "release-young"]);
    // Without the archives, all that the index knows is reports still.
    let reports = checkout.reports(3, &[]);
    at_once(&reports, &["older releases are yanked", "the new crate `arrayreff` has a character more than `arrayref`"]);
}

#[test]
fn a_checksum_that_is_swapped_in_lock_and_block() {
    let swapped = with_sha("a", "1.0.0", &"ab".repeat(32));
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[swapped]);
    let reports = checkout.reports(3, &[]);
    at_once(&reports, &["Do not merge yet: `a`", "`a 1.0.0` has another checksum at the same version", "abababababab"]);
    at_once(
        &reports,
        &[
            "crate-checksum-swapped",
            "crate-checksum-differs",
            "the checksum of `a 1.0.0` differs from the one in the index",
        ],
    );
}

#[test]
fn a_checksum_that_is_swapped_in_a_bump() {
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    checkout.publish(&[registry("a", "1.0.0"), registry("a", "1.0.1")]);
    checkout.bump(&[with_sha("a", "1.0.1", &"ab".repeat(32))]);
    at_once(
        &checkout.reports(3, &[]),
        &["the checksum of `a 1.0.1` differs from the one in the index", "crate-checksum-differs"],
    );
}

#[test]
fn a_checksum_that_is_swapped_in_the_block_alone() {
    let (old, new) = ([registry("a", "1.0.0")], [registry("a", "1.0.1")]);
    let checkout = Checkout::bumped(&old, &new);
    checkout.write(TOOL, &tool(&[with_sha("a", "1.0.1", &"ab".repeat(32))]));
    at_once(&checkout.reports(3, &[]), &["The crate list of `bluefin/tool.bst` does not match Cargo.lock", "a 1.0.1"]);
}

#[test]
fn a_checksum_that_is_swapped_where_nothing_moved() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.0")]);
    checkout.write(TOOL, &tool(&[with_sha("a", "1.0.0", &"ab".repeat(32))]));
    at_once(&checkout.reports(3, &[]), &["The crate list of `bluefin/tool.bst` does not match Cargo.lock", "a 1.0.0"]);
}

#[test]
fn a_crate_that_comes_from_git_at_the_same_version() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[git("a", "1.0.0", REPO, 'c', None)]);
    let words = ["`a 1.0.0` comes from git instead of the registry at the same version", "crate-to-git", REPO];
    at_once(&checkout.reports(3, &[]), &words);
}

#[test]
fn a_commit_that_moves_under_the_same_tag() {
    let side = |commit| [git("a", "1.0.0", REPO, commit, Some("v1"))];
    let checkout = Checkout::bumped(&side('c'), &side('d'));
    let words = ["the tag `v1` of `a 1.0.0` names another commit", "crate-tag-moved", "cccccccccccc", "dddddddddddd"];
    at_once(&checkout.reports(3, &[]), &words);
}

#[test]
fn another_repository_for_the_same_crate() {
    let side = |repo| [git("a", "1.0.0", repo, 'c', None)];
    let checkout = Checkout::bumped(&side(REPO), &side("https://git.example/b"));
    at_once(&checkout.reports(3, &[]), &["`a 1.0.0` comes from another repository", REPO, "https://git.example/b"]);
}

#[test]
fn a_crate_from_two_sources() {
    let both = [registry("a", "1.0.0"), git("a", "1.0.0", REPO, 'c', None)];
    let checkout = Checkout::bumped(&both[..1], &both);
    at_once(&checkout.reports(3, &[]), &["a 1.0.0", "crate-two-sources", "comes from 2 sources"]);
}

/// A database with one advisory on the crate `evil`.
fn database(malicious: bool) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("crates/evil");
    let (more, title) = match malicious {
        true => ("categories = [\"malicious\"]\n", "`evil` was removed for malicious code"),
        false => ("", "Use after free in `evil`"),
    };
    let text = format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"evil\"\ndate = \"2026-01-31\"\n{more}\n[versions]\npatched = []\nunaffected = [\"< 1.0.1\"]\n```\n\n# {title}\n\nWords.\n"
    );
    #[allow(clippy::disallowed_methods, reason = "tests make their own files")]
    {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("RUSTSEC-2026-0001.md"), text).unwrap();
    }
    dir
}

#[test]
fn a_crate_that_is_known_to_do_harm() {
    let checkout = Checkout::bumped(&[registry("b", "1.0.0")], &[registry("b", "1.0.0"), registry("evil", "1.0.1")]);
    let folder = database(true);
    let reports = checkout.reports(3, &["--advisories", folder.path().to_str().unwrap()]);
    at_once(&reports, &["`evil 1.0.1` is known to be malicious", "crate-malicious", "RUSTSEC-2026-0001"]);
}

#[test]
fn a_crate_that_is_known_to_do_harm_and_was_there_before() {
    let evil = registry("evil", "1.0.1");
    let checkout = Checkout::bumped(&[registry("b", "1.0.0"), evil.clone()], &[registry("b", "1.0.1"), evil]);
    let folder = database(true);
    let reports = checkout.reports(3, &["--advisories", folder.path().to_str().unwrap()]);
    at_once(&reports, &["`evil 1.0.1` is known to be malicious", "crate-malicious", "RUSTSEC-2026-0001"]);
}

#[test]
fn a_vulnerability_is_an_error_where_the_bump_brings_it_only() {
    let folder = database(false);
    let args = ["--advisories", folder.path().to_str().unwrap()];
    let checkout = Checkout::bumped(&[registry("evil", "1.0.0")], &[registry("evil", "1.0.1")]);
    at_once(&checkout.reports(3, &args), &["`evil 1.0.1` is affected by `RUSTSEC-2026-0001`", "Use after free"]);
    let checkout = Checkout::bumped(&[registry("evil", "1.0.1")], &[registry("evil", "1.0.2")]);
    at_once(&checkout.reports(0, &args), &["is still affected by `RUSTSEC-2026-0001`"]);
}

#[test]
fn an_advisory_database_that_is_not_one() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.1")]);
    let empty = tempfile::tempdir().unwrap();
    let reports = checkout.reports(3, &["--advisories", empty.path().to_str().unwrap()]);
    at_once(&reports, &["not checked against the security advisories", "advisories-not-read"]);
}

#[test]
fn a_licence_that_is_gone() {
    let checkout = Checkout::new(&[]);
    let old = packed(&checkout, "a", "1.0.0", "license = \"MIT\"", &[("src/lib.rs", MAIN)]);
    let new = packed(&checkout, "a", "1.0.1", "", &[("src/lib.rs", MAIN)]);
    checkout.publish(&[old.clone(), new.clone()]);
    checkout.bump(&[old]);
    checkout.commit();
    checkout.bump(&[new]);
    // A warning: the reviewer decides.
    let reports = checkout.reports(0, &["--deep"]);
    at_once(&reports, &["look at `a`", "`a 1.0.1` no longer names a licence", "`MIT`", "crate-license"]);
}

#[test]
fn an_archive_that_is_not_the_one_of_the_block() {
    let checkout = Checkout::new(&[]);
    let old = packed(&checkout, "a", "1.0.0", "license = \"MIT\"", &[]);
    let new = packed(&checkout, "a", "1.0.1", "license = \"MIT\"", &[]);
    checkout.publish(&[old.clone(), new.clone()]);
    checkout.bump(&[old]);
    checkout.commit();
    packed(&checkout, "a", "1.0.1", "license = \"MIT\"", &[("build.rs", MAIN)]);
    checkout.bump(&[new]);
    at_once(&checkout.reports(3, &["--deep"]), &["`a 1.0.1`", "not verified", "sha256"]);
}

#[test]
fn a_crate_that_the_index_does_not_have() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.0")]);
    let new = [registry("a", "1.0.1"), registry("ghost", "0.1.0")];
    checkout.write(LOCK, &lock(&new));
    checkout.write(TOOL, &tool(&new));
    let reports = checkout.reports(3, &[]);
    at_once(&reports, &["crate-not-in-index", "`a 1.0.1` is not in the registry's index", "`ghost 0.1.0` is not in"]);
}
